import re

from servers import wait_until


def attempts(run):
    return re.findall(r"attempt \d+ was called off: (.*)", run.log())


def run(case):
    case.make_reference()
    run = case.start()
    run.wait_phase("ready")
    shadow = case.superuser("SELECT c.oid::regclass FROM pg_class c WHERE c.relname = 't' AND c.relnamespace::regnamespace::text "
                            "LIKE 'pgwraith\\_new%'")
    vacuum, dump = case.session("postgres"), case.session("postgres")
    vacuum.run(f"BEGIN; LOCK TABLE {shadow} IN SHARE UPDATE EXCLUSIVE MODE")
    dump.run(f"BEGIN; LOCK TABLE {shadow} IN ACCESS SHARE MODE")
    case.pgwraith("cutover")
    wait_until("the vacuum to be in the way", lambda: attempts(run))
    vacuum.run("COMMIT")
    so_far = len(attempts(run))
    wait_until("the dump to be in the way", lambda: len(attempts(run)) >= so_far + 2, 30)
    dump.run("COMMIT")
    case.expect_exit(run, 0)
    case.finish_success(run)
    case.check(all(f"{shadow} is held by pid" in line and "postgres" in line and "others waited 0.0 ms" in line
                   for line in attempts(run)), f"each names the shadow and who holds it, and nobody waited: {attempts(run)}")
