#!/usr/bin/env python3
"""Makes docs/page.png and docs/page-phone.png: the page in a browser while a table is migrated.

    integration/page_pictures.py [SECONDS]     of copying before the pictures, default 75

A server of its own with a standby, clients that write, a copy that is held back once. PGWRAITH_PROGRAM is the program,
default build/release/pgwraith.
"""

import json
import os
import pathlib
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE / "lib"))

from browser import Browser  # noqa: E402
from program import Run  # noqa: E402
from servers import REPO, Scratch, wait_until  # noqa: E402
from web import listening  # noqa: E402
from workload import Workload  # noqa: E402

PROGRAM = os.environ.get("PGWRAITH_PROGRAM", str(REPO / "build/release/pgwraith"))
ROWS = 2_000_000
SCHEMA = f"""
CREATE TABLE orders (id integer PRIMARY KEY, customer integer NOT NULL, amount integer NOT NULL, note text);
INSERT INTO orders SELECT i, i % 10000, i % 997, repeat('n', 60) FROM generate_series(1, {ROWS}) AS i;
ALTER TABLE orders OWNER TO migrator;
GRANT ALL ON orders TO app;
"""
CLIENTS = f"""\\set id random(1, {ROWS})
UPDATE orders SET amount = amount + 1 WHERE id = :id;
"""


def main():
    if len(sys.argv) > 2 or not all(argument.isdigit() for argument in sys.argv[1:]):
        sys.exit("usage: integration/page_pictures.py [SECONDS]")
    seconds = int(sys.argv[1]) if len(sys.argv) == 2 else 75
    with Scratch() as scratch:
        server = scratch.server()
        server.psql("CREATE DATABASE shop OWNER migrator")
        server.psql(SCHEMA, "shop")
        server.psql("GRANT pg_monitor TO migrator")
        standby = server.standby()
        directory = scratch.path / "run"
        directory.mkdir()
        (directory / "clients.sql").write_text(CLIENTS)
        load = Workload(server, "shop", directory, [directory / "clients.sql"], clients=4, rate=200)
        # As slow as a table of a hundred times the size.
        settings = {"connection": server.uri("shop", "migrator"), "table": "public.orders",
                    "sql": "ALTER TABLE orders ALTER id TYPE bigint, ALTER amount TYPE bigint",
                    "state_dir": str(directory / "state"), "strategy": "shadow",
                    "copy": {"chunk_max_bytes": f"{max(8, 220_000 // seconds // 3)}KiB"}, "throttle": {"idle_ratio": 10, "max_replica_lag": "2s"},
                    "cutover": {"mode": "manual"}, "control": {"listen": "127.0.0.1:0", "page": True}}
        config = directory / "change.yaml"
        config.write_text("".join(f"{key}: {json.dumps(value)}\n" for key, value in settings.items()))
        run = Run(PROGRAM, config, directory / "state", directory / "run.log")
        try:
            run.wait_phase("copy")
            take(run, seconds, standby)
        finally:
            run.kill()
            load.kill()


def take(run, seconds, standby):
    browser = Browser(1180, 900)
    try:
        browser.open(listening(run))
        browser.wait_text("#headline", "copying")
        time.sleep(seconds / 2)
        # A standby that falls behind holds the copy for a while.
        standby.psql("SELECT pg_wal_replay_pause()")
        run.wait_status("the copy to be held", lambda now: now["throttled"])
        time.sleep(4)
        standby.psql("SELECT pg_wal_replay_resume()")
        run.wait_status("the copy to go on", lambda now: not now["throttled"])
        time.sleep(seconds / 2)
        docs = REPO / "docs"
        for name, width, height, phone in (("page", 1000, 940, False), ("page-phone", 390, 844, True)):
            browser.emulate(width, height, scale=2 if phone else 1, mobile=phone, dark=phone)
            wait_until("the plots in their new size", lambda: browser.run(
                "return [...document.querySelectorAll('.canvas')].every((c) => Math.abs(c.firstChild.clientWidth - c.clientWidth) < 2)"))
            time.sleep(1.2)  # one more event
            browser.picture(docs / f"{name}.png")
            print(f"docs/{name}.png", (docs / f"{name}.png").stat().st_size // 1024, "KiB")
    finally:
        browser.close()


if __name__ == "__main__":
    main()
