import json
import re
import socket

from servers import free_port

# In what state things are, in the words of the messages.
STATE = r"state is kept|nothing was (changed|touched)|as it was|new shape|nothing of it|is gone"
FIELDS = {"time", "level", "table", "phase", "message"}


def lines_of(case, output):
    """Every line of a log that is JSON; standard output has none in these cases."""
    wrong = [line for line in output.split("\n") if line and not line.startswith("{")]
    case.check(not wrong, f"all of it is JSON: {wrong}")
    lines = [json.loads(line) for line in output.split("\n") if line]
    for line in lines:
        case.check(FIELDS <= line.keys(), f"each line has the same fields: {line}")
        case.check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"]), f"time: {line}")
    return lines


def last(case, output, code, *texts):
    line = lines_of(case, output)[-1]
    whole = line["message"] + " " + line["hint"]
    case.check(line["level"] == "error" and line["exit_status"] == str(code), f"the last line: {line}")
    case.check(line["hint"] and re.search(STATE, whole, re.IGNORECASE), f"it says the state of things: {line}")
    case.says(whole, *texts)
    return line


def ended(case, code, *texts, **overrides):
    case.write_config(**overrides)
    run = case.start()
    case.expect_exit(run, code)
    return last(case, run.log(), code, *texts)


def knows_its_phase_while_it_connects(case, settings):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        config = case.write_config("silent.yaml", **settings, connection=f"host=127.0.0.1 port={silent.getsockname()[1]} dbname=x user=x")
        run = case.start(config)
        status = run.wait_status("it to connect", lambda now: now["waits"] == "server")
        case.check(status["phase"] == "ready" and status["headline"] == "connecting to the server (phase ready)", status)
        case.says(case.pgwraith("cutover", config=config)[1], "in phase ready, connecting to the server")
        case.says(case.pgwraith("postpone", config=config)[1], "postponed")
        run.stop()


def waits_for_its_database(case):
    """Who has begun tries again where who begins is refused at once: a password that is changed, a name that is taken away."""
    case.write_config(cutover={"mode": "manual"})
    run = case.start()
    run.wait_phase("ready")
    name, away = f'"{case.database}"', f'"{case.database}_away"'
    case.server.psql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false;"
                     f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '{case.database}';"
                     f"ALTER DATABASE {name} RENAME TO {away}")
    run.wait_status("the outage", lambda now: now["outage"] and "does not exist" in now["outage"]["why"], 60)
    case.server.psql(f"ALTER DATABASE {away} RENAME TO {name}; ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    run.wait_status("it to go on", lambda now: not now["outage"] and now["phase"] == "ready", 60)
    run.stop()


def lost_its_server(case):
    """Its sessions are killed and it may not come back; the server is away; it goes away while the swap commits."""
    settings = {"cutover": {"mode": "manual"}, "reconnect": {"give_up_after": "1s"}}
    case.write_config(**settings)
    run = case.start()
    run.wait_phase("ready")
    case.superuser(f'REVOKE CONNECT ON DATABASE "{case.database}" FROM PUBLIC, migrator')
    case.superuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'migrator' AND datname = current_database()")
    case.expect_exit(run, 4)
    last(case, run.log(), 4, "permission denied for database", "slot keeps WAL")
    case.superuser(f'GRANT CONNECT ON DATABASE "{case.database}" TO PUBLIC, migrator')
    knows_its_phase_while_it_connects(case, settings)
    waits_for_its_database(case)

    case.write_config(**settings)
    run = case.start()
    run.wait_phase("ready")
    case._proxy.cut()
    case.expect_exit(run, 4)
    last(case, run.log(), 4, "gave up after 1s", "slot keeps WAL")
    case._proxy.fix()

    trap = case._proxy.trap("cutover", "answer lost")
    trap.cut_all = True
    run = case.start()
    run.wait_phase("ready")
    run.post("/cutover")
    trap.wait()
    case.expect_exit(run, 6)
    last(case, run.log(), 6, "connection was lost while the cutover committed", "has been swapped, or it is as it was",
         "pg_xact_status", "`pgwraith run` finds out by itself")
    case._proxy.fix()
    run = case.start()
    case.expect_exit(run, 0)
    case.says(run.log(), "the cutover had committed")


def run(case):
    good = case._proxy.conninfo(case.database)
    ended(case, 3, "Connection refused", "Check `connection`", connection=f"host=127.0.0.1 port={free_port()} user=migrator dbname=x")
    secret = ended(case, 3, "nobody.*does not exist", connection=good.replace("user=migrator", "user=nobody password=hidden_word"))
    case.check("hidden_word" not in json.dumps(secret), "no password")
    ended(case, 3, "no_such_database.*does not exist", "Check `connection`", connection=case._proxy.conninfo("no_such_database"))
    code, output = case.pgwraith("plan")
    case.check(code == 3, f"plan is refused at once as well: {code} {output}")
    case.says(output, "no_such_database.*does not exist", "Check `connection`")
    ended(case, 3, "there is no table", table="public.missing")
    # Several lines in one message.
    line = ended(case, 3, "cannot be migrated:\n", "pgwraith plan", hooks={"ready": ["./missing"]})
    case.check(line["message"].count("\n") >= 2, f"lines: {line}")
    ended(case, 3, "Nothing was changed", sql="ALTER TABLE t ALTER COLUMN n TYPE no_such_type")

    case.write_config()
    run = case.start()
    case.wait_held(run)
    run.stop()
    last(case, run.log(), 4, "stopped on request", "same command carries on")
    case.check(any(line["phase"] == "copy" and line["table"] == "public.t" for line in lines_of(case, run.log())), "fields")
    case.superuser("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()")
    ended(case, 4, "slot", "abort")
    case.pgwraith("abort")
    case.release_copy()

    # What the change cannot do to the rows.
    ended(case, 4, "does not fit", "abort", sql="ALTER TABLE t ALTER COLUMN n TYPE smallint USING (n * 1000)::smallint")
    case.pgwraith("abort")

    case.write_config(cutover={"mode": "manual"})
    run = case.start()
    run.wait_phase("ready")
    run.post("/abort")
    case.expect_exit(run, 5)
    last(case, run.log(), 5, "aborted")

    # A file that cannot be read; then as text.
    case.write_config(copy={"workers": 0})
    code, output = case.pgwraith("run", "--log-format", "json")
    case.check(code == 2, f"exit {code}")
    last(case, output, 2, "copy.workers", "nothing was touched")
    code, output = case.pgwraith("run", "--log-format", "text")
    case.check(code == 2 and re.search(r"\Apgwraith: .*copy\.workers.*\nhint: .*nothing was touched", output, re.DOTALL), output)
    case.check_clean()
    lost_its_server(case)
