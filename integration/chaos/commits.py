"""The network breaks exactly between a COMMIT and its answer, or just before the server sees it."""

import signal

from chaos import Stopped, send
from proxy import Proxy
from servers import wait_until

# Without the verifier: a chunk or a batch twice, or not at all, must show.
BARE = {"verify": "off", "copy": {"chunk_max_bytes": "32KiB"}, "throttle": {"idle_ratio": 0.2}, "reconnect": {"give_up_after": "2m"}}
OUTCOMES = {"answer lost": "it committed", "never sent": "it did not commit and is copied again"}


def _proxied(case, **settings):
    proxy = case.closing(Proxy(case.server))
    case.write_config(connection=proxy.conninfo(case.database), **settings)
    return proxy


def _frozen(case, stopped):
    """Before COMMIT is passed on its backend is stopped: COMMIT is with the server, and not yet read."""
    def freeze(name):
        pid = int(case.superuser(f"SELECT pid FROM pg_stat_activity WHERE application_name = '{name}'"))
        send(pid, signal.SIGSTOP)
        stopped.append(pid)
    return freeze


def _copied_once(case, run):
    rows = max((status["rows_copied"] for status in run.seen), default=0)
    case.check(rows <= 8000 * 1.3, f"no chunk is counted twice: {rows} rows copied")


def chunk(how):
    def test(case):
        proxy = _proxied(case)
        load = case.clients()
        trap = proxy.trap("copy", how, number=4)
        run = case.start()
        trap.wait()
        case.expect_exit(run, 0, 60)
        case.says(run.log(), "the chunk of blocks [0-9]+ to [0-9]+ was under way: " + OUTCOMES[how])
        _copied_once(case, run)
        case.judge(load)
    return test


def chunk_unread(case):
    """The program asks while the server has not even read COMMIT: it must wait until that is decided."""
    proxy, stopped = _proxied(case), case.closing(Stopped())
    load = case.clients()
    trap = proxy.trap("copy", "unread", number=4, before=_frozen(case, stopped))
    run = case.start()
    trap.wait()
    wait_until("the program to ask again and again", lambda: case.superuser(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgwraith settle%' "
        f"AND datname = '{case.database}' AND query LIKE '%pg_xact_status%' AND state_change > backend_start + interval '0.5 s'") != "0", 30)
    case.check("was under way" not in run.log(), "nothing is concluded while the transaction is in progress")
    stopped.close()
    case.expect_exit(run, 0, 60)
    case.says(run.log(), "was under way: it (committed|did not commit)")
    _copied_once(case, run)
    case.judge(load)


def batch(how):
    def test(case):
        proxy = _proxied(case, cutover={"mode": "manual"})
        load = case.clients()
        run = case.start()
        run.wait_phase("ready", 60)
        trap = proxy.trap("apply", how)
        trap.wait()
        run.wait_status("the stream to be followed again", lambda now: now["reconnects"] >= 1 and now["phase"] == "ready", 60)
        case.check(not run.exited(), "it goes on in the same process")
        code, output = case.pgwraith("cutover")
        case.check(code == 0, f"cutover exits 0, not {code}: {output}")
        case.expect_exit(run, 0, 60)
        case.judge(load)
    return test


def swap(how, cut_all=False):
    def test(case):
        proxy = _proxied(case)
        load = case.clients()
        trap = proxy.trap("cutover", how)
        trap.cut_all = cut_all
        run = case.start()
        trap.wait()
        if cut_all:
            # Found out only when there is somebody to ask.
            wait_until("the program to try again", lambda: "trying again" in run.log() or "asking the server" in run.log() or run.exited(), 40)
            case.check(not run.exited(), f"it waits for the network: exit {run.process.returncode}\n{run.log()[-2500:]}")
            proxy.fix()
        case.expect_exit(run, 0, 60)
        swapped = len([line for line in run.log().splitlines() if "swapped: others" in line or "the cutover had committed" in line])
        case.check(swapped == 1, f"swapped once, not {swapped} times\n{run.log()[-3000:]}")
        if how == "never sent" and not cut_all:
            case.says(run.log(), "called off: its connection was lost; the server rolled it back")
        case.judge(load)
    return test


def swap_unread(case):
    proxy, stopped = _proxied(case, cutover={"max_blocked": "5s"}), case.closing(Stopped())
    load = case.clients()
    trap = proxy.trap("cutover", "unread", before=_frozen(case, stopped))
    run = case.start()
    trap.wait()
    wait_until("the program to ask again and again", lambda: case.superuser(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgwraith outcome%' "
        f"AND datname = '{case.database}' AND query LIKE '%pg_xact_status%' AND state_change > backend_start + interval '0.5 s'") != "0", 30)
    case.check(not run.exited() and "swapped" not in run.log(), "nothing is concluded while the transaction is in progress")
    stopped.close()
    case.expect_exit(run, 0, 60)
    case.judge(load)


def swap_unknown(case):
    """Nobody can be asked any more: that, and how to find out, is the answer. The next run finds out."""
    proxy = _proxied(case, reconnect={"give_up_after": "2s"})
    load = case.clients()
    trap = proxy.trap("cutover", "answer lost")
    trap.cut_all = True
    run = case.start()
    trap.wait()
    case.expect_exit(run, 6, 60)
    case.says(run.log(), "cannot be asked", "pg_xact_status\\('[0-9]+'::xid8\\)")
    run = case.start()
    code = run.wait(30)
    case.check(code == 6, f"still unknown, exit 6, not {code}: {run.log()[-2000:]}")
    case.check(case.state_dir.exists(), "the state is kept")
    proxy.fix()
    run = case.run_to_end()
    case.says(run.log(), "the cutover had committed")
    case.judge(load)


def swap_then_abort(case):
    """Told to abort between the swap's COMMIT and its answer: too late, and what is left is cleared up."""
    proxy = _proxied(case)
    load = case.clients()
    trap = proxy.trap("cutover", "answer lost")
    trap.cut_all = True
    run = case.start()
    trap.wait()
    code, answer = run.post("/abort")
    case.check(code == 202, f"/abort answers 202, not {code}: {answer}")
    proxy.fix()
    case.expect_exit(run, 0, 60)
    case.says(run.log(), "the abort comes too late: the table has its new shape")
    case.judge(load)


def tests(quick):
    del quick
    options = {"settings": BARE}
    result = [(f"commit of a chunk, {how}", chunk(how), options) for how in OUTCOMES]
    result += [(f"commit of a batch, {how}", batch(how), options) for how in OUTCOMES]
    result += [(f"commit of the swap, {how}", swap(how), options) for how in OUTCOMES]
    result += [(f"commit of the swap, {how}, all cut", swap(how, True), options) for how in OUTCOMES]
    return result + [
        ("commit of a chunk, unread", chunk_unread, options),
        ("commit of the swap, unread", swap_unread, options),
        ("commit of the swap, then abort", swap_then_abort, options),
        ("commit of the swap, nobody to ask", swap_unknown, options),
    ]
