from sequences_called import attempts
from servers import wait_until


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    idle = case.session()
    idle.run("BEGIN; SELECT nextval('t_id_seq')")
    case.pgwraith("cutover")
    wait_until("two attempts to be called off", lambda: len(attempts(run)) >= 2)
    idle.run("COMMIT")
    case.expect_exit(run, 0)
    case.finish_success(run)
    case.check(all("public.t_id_seq is held by pid" in line and "app" in line and "others waited 0.0 ms" in line
                   for line in attempts(run)), f"it is named, nobody waited: {attempts(run)}")
