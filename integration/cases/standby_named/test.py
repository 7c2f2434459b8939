def run(case):
    leaf = case.server.standby().standby("leaf")
    way = f"host={leaf.host} port={leaf.port} user=migrator dbname=postgres password=topsecret"
    name = f"{leaf.host}:{leaf.port}"
    case.superuser("GRANT pg_monitor TO migrator")
    case.make_reference()

    for wrong, text in ((way.replace("user=migrator", "user=nobody_there"), 'role "nobody_there" does not exist'),
                        (case.server.conninfo(user="migrator") + " password=topsecret", "it is not a standby"),
                        ("topsecret", "libpq does not understand")):
        case.write_config(throttle={"replicas": [wrong]})
        code, output = case.pgwraith("plan")
        case.check(code == 3, f"plan exits 3, not {code}: {output}")
        case.says(output, "throttle.replicas: .* cannot be asked how far it is: .*" + text)

    case.write_config(throttle={"replicas": [way]})
    run = case.start()
    case.wait_held(run)
    status = run.wait_status("the signal", lambda now: any(one["name"] == "named_replicas" for one in now["signals"]))
    case.check(not status["throttled"], f"one that follows holds nothing: {status['throttled']}")

    def change(*assignments):
        case.succeeds("set", *assignments)

    def holds(text):
        run.wait_status(f"the copy to wait ({text})", lambda now: text in (now["throttled"] or ""))

    def goes_on():
        run.wait_status("the copy to go on", lambda now: not now["throttled"])

    leaf.psql("ALTER SYSTEM SET recovery_min_apply_delay = '1h'")
    leaf.psql("SELECT pg_reload_conf()")
    case.psql("SELECT pg_current_xact_id()")  # a commit, which is what is delayed
    holds(f"replica {name} is ")
    change(f"throttle.ignore_replicas=standby, {name}")
    goes_on()
    change("throttle.ignore_replicas=standby")
    holds(f"replica {name} is ")
    leaf.psql("ALTER SYSTEM RESET recovery_min_apply_delay")
    leaf.psql("SELECT pg_reload_conf()")
    goes_on()
    leaf.stop()
    holds(f"replica {name} cannot be asked how far it is: ")
    change(f"throttle.replicas={way}; {way} connect_timeout=3")
    change("throttle.replicas=" + way)
    holds(f"replica {name} cannot be asked how far it is: ")
    leaf._run()
    goes_on()
    leaf.stop()
    holds(f"replica {name} cannot be asked how far it is: ")
    change("throttle.replicas=")
    goes_on()
    case.release_copy()
    case.expect_exit(run, 0)
    case.finish_success(run, [])
    said = [line for line in run.log().splitlines() if "topsecret" in line and not line.startswith("--- pgwraith set")]
    case.check(not said, f"no password is in the log: {said}")
    case.check("password=***" in run.log(), "the settings are said")
