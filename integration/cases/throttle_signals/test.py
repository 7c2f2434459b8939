from servers import wait_until


def run(case):
    case.make_reference()
    run = case.start()
    # The signals were read before the copy began: on a server with room it does not begin with a single worker.
    first = run.wait_phase("copy")
    case.check(first["workers_allowed"] > 1, f"more than one from the first moment on: {first['workers_allowed']}")
    case.wait_held(run)

    def signal(status, name):
        return next((one for one in status["signals"] if one["name"] == name), {})

    def change(*assignments):
        case.succeeds("set", *assignments)

    def holds(name, text, value=True):
        status = run.wait_status(f"{name} to hold ({text})",
                                 lambda now: signal(now, name).get("holds") and text in (now["throttled"] or ""))
        one = signal(status, name)
        case.check(one["why"] == status["throttled"] and one["since_ms"] >= 0, f"the list has it too: {one}")
        if value:
            case.check(one["value"] > one["limit"] * 0.8 or one["limit"] == 0, f"value beyond its limit: {one}")

    def lets_go(name):
        status = run.wait_status(f"{name} to let go", lambda now: not now["throttled"])
        case.check(not signal(status, name).get("holds"), f"{name} does not hold: {status['signals']}")

    # Workers: all of them on a server that has room.
    status = run.wait_status("all workers", lambda now: now["workers_allowed"] == 4)
    case.check(status["commit_latency_ms"] > 0, f"a commit takes some time: {status['commit_latency_ms']}")
    case.check({one["name"] for one in status["signals"]} == {"replica_lag", "commit_latency", "retained_wal"},
               f"signals without a limit are not listed: {status['signals']}")

    commit_latency(case, change, holds, lets_go)
    slots(case, change, holds, lets_go)
    sessions(case, run, change, holds, lets_go)

    change("throttle.max_wal_rate=1MiB")
    writer = case.session("postgres")
    writer.send("SELECT max(pg_logical_emit_message(false, 'ballast', repeat('x', 200000))::text || pg_sleep(0.05)) "
                "FROM generate_series(1, 60)")
    holds("wal_rate", "of WAL a second (limit 1 MiB)")
    writer.answer()
    lets_go("wal_rate")
    change("throttle.max_wal_rate=off")

    server_wide(case, run, change, holds, lets_go)

    change("throttle.query=SELECT count(*) FROM late_jobs", "throttle.query_limit=1")
    case.psql("INSERT INTO late_jobs SELECT generate_series(1, 3)")
    holds("query", "throttle.query answers 3 (limit 1)")
    change("throttle.query=SELECT count(*) > 3 FROM late_jobs")
    lets_go("query")
    for wrong, text in [("SELECT n FROM no_such_table", "does not exist"), ("DELETE FROM late_jobs RETURNING 1", "read-only"),
                        ("SELECT NULL::int", "gives NULL"), ("SELECT 1; SELECT 2", "multiple commands")]:
        change("throttle.query=" + wrong)
        holds("query", text, value=False)
    case.check(case.psql("SELECT count(*) FROM late_jobs") == "3", "the query changed nothing")
    change("throttle.query=")
    lets_go("query")

    flag = case.dir / "stop"
    change("throttle.flag_file=stop")
    flag.touch()
    holds("flag_file", f"the file {flag} is there", value=False)
    flag.unlink()
    lets_go("flag_file")

    # An hour that is far from now, and lasts one minute.
    later = case.later_hours()
    change(f"throttle.hours={later}")
    holds("hours", f"{later} is in ", value=False)
    change("throttle.hours=00:00-24:00 Asia/Tokyo")
    lets_go("hours")
    change("throttle.hours=00:00-24:00 Mars/Olympus")
    holds("hours", "knows no time zone Mars/Olympus", value=False)
    change("throttle.hours=")
    lets_go("hours")

    together(case, run, change)
    case.release_copy()
    case.expect_exit(run, 0)
    case.finish_success(run, [])
    log = run.log()
    case.check(log.count("waiting: the file ") == 1, "a pause is said once")
    case.says(log, r"going on after [\d.]+m?s \(flag_file no longer holds\)")


def commit_latency(case, change, holds, lets_go):
    """Each commit takes a tenth of a second, as on a disk that has too much to do."""
    change("throttle.max_commit_latency=90ms")
    for setting in ("commit_siblings = 0", "commit_delay = 100000"):
        case.superuser(f"ALTER SYSTEM SET {setting}")
    case.superuser("SELECT pg_reload_conf()")
    holds("commit_latency", "a commit takes ")
    case.superuser("ALTER SYSTEM RESET commit_delay")
    case.superuser("SELECT pg_reload_conf()")
    lets_go("commit_latency")
    change("throttle.max_commit_latency=20s")


def slots(case, change, holds, lets_go):
    """A slot that nobody reads, of another database."""
    case.psql("SELECT pg_create_logical_replication_slot('consumer', 'pgoutput')", "postgres", "postgres")
    case.superuser("SELECT count(pg_logical_emit_message(false, 'ballast', repeat('x', 1000000))) FROM generate_series(1, 3)")
    change("throttle.max_slot_lag=1MiB")
    holds("slot_lag_bytes", "the consumer of slot consumer is ")
    change("throttle.ignore_slots=consumer")
    lets_go("slot_lag_bytes")
    change("throttle.ignore_slots=", "throttle.max_slot_lag=1s")
    holds("slot_lag", "the consumer of slot consumer is ")
    case.psql("SELECT pg_drop_replication_slot('consumer')", "postgres", "postgres")
    lets_go("slot_lag")
    change("throttle.max_slot_lag=off")


def server_wide(case, run, change, holds, lets_go):
    change("throttle.max_forced_checkpoints=1")
    run.wait_status("checkpoints to be counted", lambda now: any(
        one["name"] == "forced_checkpoints" and one["value"] is not None for one in now["signals"]))
    case.superuser("CHECKPOINT")
    case.superuser("CHECKPOINT")
    holds("forced_checkpoints", "2 checkpoints were forced within the last 5m")
    change("throttle.max_forced_checkpoints=2")
    lets_go("forced_checkpoints")
    change("throttle.max_forced_checkpoints=off")
    change("throttle.max_wal_directory=1MiB")
    holds("wal_directory", "permission denied", value=False)
    case.superuser("GRANT pg_monitor TO migrator")
    holds("wal_directory", "the server's pg_wal holds ")
    change("throttle.max_database_size=1MiB")  # further beyond its limit or not: the worst is named
    change("throttle.max_wal_directory=off")
    holds("database_size", "this database takes ")
    change("throttle.max_database_size=1GiB")
    lets_go("database_size")
    case.superuser("REVOKE pg_monitor FROM migrator")
    change("throttle.max_database_size=off")


def sessions(case, run, change, holds, lets_go):
    first, second = case.session(), case.session()
    change("throttle.max_active_sessions=1")
    first.send("SELECT pg_sleep(600)")
    holds("active_sessions", "GRANT pg_monitor TO", value=False)
    case.superuser("GRANT pg_monitor TO migrator")
    # At the limit there is no room for more than one worker; beyond it for none.
    run.wait_status("workers to be shed", lambda now: now["workers_allowed"] == 1 and not now["throttled"])
    second.send("SELECT pg_sleep(600)")
    holds("active_sessions", "2 sessions are active (limit 1)")
    case.superuser("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(600)%'")
    lets_go("active_sessions")
    change("throttle.max_active_sessions=off", "throttle.max_lock_waiters=0")
    run.wait_status("workers to come back", lambda now: now["workers_allowed"] == 4)
    case.superuser("REVOKE pg_monitor FROM migrator")

    holder, waiter = case.session("migrator"), case.session("migrator")
    holder.run("BEGIN")
    holder.run("LOCK TABLE locked")
    waiter.send("SELECT count(*) FROM locked")
    holds("lock_waiters", "1 sessions wait for a lock (limit 0)")
    holder.run("ROLLBACK")
    waiter.answer()
    lets_go("lock_waiters")
    change("throttle.max_lock_waiters=off")


def together(case, run, change):
    """Several at once: the worst is named, and the gate opens when all are back."""
    units = {"commit_latency": "ms", "lock_waiters": "sessions", "query": ""}
    signals = lambda status: {one["name"]: one for one in status["signals"]}
    over = lambda status: {name for name, one in signals(status).items() if one["holds"]}

    def worst_is(name, *others):
        status = run.wait_status(f"{name} to be the worst of {(name, *others)}", lambda now: over(now) == {name, *others} and
                                 signals(now)[name]["why"] == now["throttled"])
        for one in (signals(status)[each] for each in (name, *others)):
            case.check(one["value"] > one["limit"] * 0.8 and one["unit"] == units[one["name"]] and one["since_ms"] >= 0 and one["why"],
                       f"value, limit, unit, since when, why: {one}")
        return status

    queue = lambda length: case.psql(f"DELETE FROM late_jobs; INSERT INTO late_jobs SELECT generate_series(1, {length})")
    queue(0)
    change("throttle.query=SELECT count(*) FROM late_jobs", "throttle.query_limit=10", "throttle.max_lock_waiters=1")
    holder, waiters = case.session("migrator"), [case.session("migrator") for _ in range(3)]
    holder.run("BEGIN")
    holder.run("LOCK TABLE locked")
    for waiter in waiters:
        waiter.send("SELECT count(*) FROM locked")
    before = signals(worst_is("lock_waiters"))["lock_waiters"]
    queue(15)
    worst_is("lock_waiters", "query")
    queue(100)
    status = worst_is("query", "lock_waiters")
    case.check(signals(status)["lock_waiters"]["since_ms"] > before["since_ms"], "it has held since it began")
    shown = case.succeeds("status")
    for text in ("throttle.query answers 100", "lock_waiters 3 sessions of 1 sessions: holds for", "query 100 of 10: holds for"):
        case.check(text in shown, f"status has each: {shown}")

    load = saturate(case, run, change)
    run.wait_status("commits to be too slow, too", lambda now: over(now) == set(units))
    queue(0)
    run.wait_status("the query to be back", lambda now: over(now) == {"commit_latency", "lock_waiters"})
    holder.run("ROLLBACK")
    for waiter in waiters:
        waiter.answer()
    status = run.wait_status("commits to be what is left", lambda now: over(now) == {"commit_latency"})
    case.says(status["throttled"], r"a commit takes \d+ms \(limit")
    case.stop_workload(load)
    run.wait_status("the gate to open", lambda now: not over(now) and not now["throttled"])
    case.says(run.log(), r"going on after [\d.ms]+ \(commit_latency no longer holds\)")


def saturate(case, run, change):
    """Clients that commit without a pause; the limit is half of what a commit takes then."""
    latency = lambda: run.status()["commit_latency_ms"]
    quiet = latency()
    load = case.workload([case.folder / "commit.sql"], clients=200, rate=None, name="commits")
    busy = wait_until("commits to take longer", lambda: max(0, latency() - 3 * quiet), pause=0.25) + 3 * quiet
    case.notes.append(f"commit {quiet:.1f} ms, under load {busy:.1f} ms")
    change(f"throttle.max_commit_latency={max(1, round(busy / 2))}ms")
    return load
