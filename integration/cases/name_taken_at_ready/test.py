TAKEN = [("INDEX t_n_idx ON other (n)", "INDEX t_n_idx", "the name t_n_idx is taken in schema public by another index"),
         ("SEQUENCE t_s_seq", "SEQUENCE t_s_seq", "the name t_s_seq is taken in schema public by another sequence"),
         ("STATISTICS t_stats ON n, m FROM other", "STATISTICS t_stats", "the name t_stats is taken .* by another statistics")]


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    for position, (what, name, says) in enumerate(TAKEN):
        case.psql(f"CREATE {what}")
        if position == 0:
            case.pgwraith("cutover")
        else:
            run = case.start()
        case.expect_exit(run, 4)
        case.says(run.log(), says, "nothing was swapped, the live table is untouched")
        case.check(not case.old_schemas(), "nothing was begun")
        case.psql(f"DROP {name}")
    run = case.start()
    case.expect_exit(run, 0)
    case.finish_success(run, [])
