from readers import swaps_beside_readers


def run(case):
    swaps_beside_readers(case, "t")
