from servers import wait_until


def run(case):
    standby = case.server.standby()
    wait_until("the table on the standby", lambda: standby.psql(
        f"SELECT count(*) FROM pg_database WHERE datname = '{case.database}'") == "1")
    config = case.write_config(connection=standby.uri(case.database, "migrator"))
    for command in ("plan", "run"):
        code, output = case.pgwraith(command, config=config)
        case.check(code == 3, f"{command} exits 3, not {code}: {output}")
        case.says(output, "the server is a standby", "Connect to the primary")
