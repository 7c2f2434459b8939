import re

from servers import wait_until


def limit(case, number):
    case.superuser(f"ALTER ROLE migrator CONNECTION LIMIT {number}")


def needed(case):
    """What plan says: with these workers, and with one of each."""
    limit(case, 5)
    code, output = case.pgwraith("plan")
    case.check(code == 3, f"plan exits 3, not {code}: {output}")
    found = re.search(r"leaves 5 connections .*needs (\d+), and (\d+) with one worker", output)
    case.check(found, output)
    return map(int, found.groups())


def run(case):
    case.make_reference()
    config = case.write_config(copy={"workers": 4}, apply={"workers": 4}, reconnect={"give_up_after": "1s"})
    wanted, least = needed(case)
    code, output = case.pgwraith("run")
    case.check(code == 3, f"run refuses too: {code} {output}")
    # Of the database, and of the server with its reserved slots, alike.
    limit(case, -1)
    case.superuser(f'ALTER DATABASE "{case.database}" CONNECTION LIMIT 4')
    code, output = case.pgwraith("plan")
    case.check(code == 3, output)
    case.says(output, f"CONNECTION LIMIT of database {case.database} leaves 4 connections", f"ALTER DATABASE {case.database} CONNECTION LIMIT {wanted}")
    case.superuser(f'ALTER DATABASE "{case.database}" CONNECTION LIMIT -1')
    limit(case, 1)
    code, output = case.pgwraith("plan")
    case.check(code == 3, output)
    limit(case, 0)
    code, output = case.pgwraith("plan")
    case.check(code == 3, output)
    case.says(output, "too many connections for role", "CONNECTION LIMIT")

    # Exactly as many as it says are enough, and with no more than these it gets to the end.
    limit(case, least)
    code, output = case.pgwraith("plan")
    case.check(code == 0, output)
    case.says(output, f"leaves {least} connections", f"would use {wanted}")
    load = case.workload()
    run = case.start(config)
    run.wait_status("a part of the copy", lambda now: now["phase"] == "copy" and now["rows_copied"] > 0)
    # All of them are taken: longer than an outage would be borne.
    case.superuser("ALTER ROLE migrator CONNECTION LIMIT 0; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'migrator'")
    case.release_copy()
    wait_until("it to wait", lambda: run.log().count("too many connections for role") >= 3, 30)
    case.check(not run.exited(), "it waits")
    limit(case, least)
    case.expect_exit(run, 0)
    case.check("gave up" not in run.log(), "no outage")
    case.finish_success(run, [load])
