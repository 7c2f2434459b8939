from readers import swaps_beside_readers


def run(case):
    run = swaps_beside_readers(case, "p")
    case.check(run.log().count("was called off") <= 1, "it swaps")
