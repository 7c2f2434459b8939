import socket


def run(case):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.settimeout(60)
        config = case.write_config(connection=f"host=127.0.0.1 port={silent.getsockname()[1]} dbname=x user=x")
        first = case.start(config)
        connection, _ = silent.accept()
        with connection:
            took = first.stop(within=5.0)
    case.notes.append(f"stopped in {took:.2f} s")
    case.says(first.log(), "nothing had begun")
    case.check(not (case.state_dir / "store").exists(), "no store")
