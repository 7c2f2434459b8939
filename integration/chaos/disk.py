"""state_dir on a small file system that fills, or on a disk that fails; a store that is damaged, missing or not ours."""

import os
import pathlib
import shutil
import signal
import subprocess

from chaos import Skip, send
from servers import wait_until

# Without the verifier: what was lost must show.
BARE = {"verify": "off", "reconnect": {"give_up_after": "2m"}}
SMALL = {"cutover": {"mode": "manual"}, "reconnect": {"give_up_after": "2m"}}


class SmallDisk:
    """A tmpfs of its own; Skip when the machine does not allow mounts."""

    def __init__(self, path, size="24m"):
        self.path = pathlib.Path(path)
        self.path.mkdir()
        if os.geteuid() != 0:
            raise Skip("mounting a small file system needs root")
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.path)],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Skip("mount: " + done.stderr.strip())

    def fill(self, run):
        """To the last byte, the room that the store has made ahead for its files included."""
        if not run.exited():
            send(run.process.pid, signal.SIGSTOP)  # no file grows meanwhile
        try:
            for path in self.path.glob("state/store/*"):
                os.truncate(path, path.stat().st_size)
            with open(self.path / "filler", "ab", buffering=0) as filler:
                for size in (1 << 20, 4096, 256):
                    try:
                        while True:
                            filler.write(b"x" * size)
                    except OSError:
                        pass
        finally:
            run.signal(signal.SIGCONT)

    def free_bytes(self):
        stat = os.statvfs(self.path)
        return stat.f_bavail * stat.f_frsize

    def make_room(self):
        (self.path / "filler").unlink(missing_ok=True)

    def close(self):
        subprocess.run(["umount", "-l", str(self.path)], check=False)


def _confirmed(case):
    return case.superuser(f"SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE database = '{case.database}'")


def _is_behind(case):
    """More changes than the program has read, by so much that they would not fit on the small disk anyway."""
    return case.superuser("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), confirmed_flush_lsn) > 30000000 "
                          f"FROM pg_replication_slots WHERE database = '{case.database}'") == "t"


def _change_everything(case):
    case.psql("BEGIN; UPDATE t SET a = a + 1; UPDATE twin SET a = a + 1; COMMIT", "app")


def _start(case):
    disk = case.closing(SmallDisk(case.dir / "disk"))
    case.write_config(state_dir=str(disk.path / "state"))
    return disk, case.start(state_dir=disk.path / "state")


def _fill_when_ready(case):
    """It could never end by itself: the cutover waits for a command."""
    disk, run = _start(case)
    run.wait_phase("ready", 60)
    _fill(case, disk, run)
    return disk, run


def _fill(case, disk, run):
    """Until the program complains."""
    disk.fill(run)

    def complains():
        _change_everything(case)
        if disk.free_bytes() > 0:
            disk.fill(run)
        return "No space left" in run.log() or run.exited()
    wait_until("the program to say that the disk is full", complains, 90)
    case.says(run.log(), "no space left", "state_dir")


def _end(case, disk, run, start_again):
    disk.make_room()
    if start_again:
        run = case.start(state_dir=disk.path / "state")
    run.wait_phase("ready", 60)
    _change_everything(case)
    code, output = case.pgwraith("cutover")
    case.check(code == 0, f"cutover exits 0, not {code}: {output}")
    case.expect_exit(run, 0, 90)
    case.judge()


def full_disk_mended(case):
    disk, run = _fill_when_ready(case)
    stuck = _confirmed(case)
    for _ in range(3):
        _change_everything(case)
    case.check(case.superuser(f"SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '{_confirmed(case)}') > 0") == "t",
               f"what does not fit on the disk is not acknowledged (the slot stood at {stuck})")
    case.check(not run.exited(), f"it waits for room: exit {run.process.returncode}\n{run.log()[-2500:]}")
    _end(case, disk, run, False)


def full_disk_in_the_copy(case):
    """Twice: opening the store again makes room, until the changes have filled that too."""
    case.hold_copy(20)
    disk, run = _start(case)
    case.wait_held(run)
    for times in (1, 2):
        case.hold_copy(20)  # some more chunks meet the full disk, and not all
        def complains():
            disk.fill(run)
            if not _is_behind(case):
                case.psql("BEGIN; INSERT INTO t (id) SELECT i FROM generate_series(1000001, 1050000) AS i; "
                          "DELETE FROM t WHERE id > 1000000; COMMIT", "app")
            return run.log().count("No space left") >= times or run.exited()
        wait_until(f"the program to say {times} times that the disk is full", complains, 60)
        case.check(not run.exited(), f"it waits for room: exit {run.process.returncode}\n{run.log()[-2500:]}")
    status = run.wait_status("an answer", lambda now: True)
    case.check(status["phase"] in ("prepare", "copy") and status["rows_copied"] < 8000, f"it is in the copy still: {status}")
    _change_everything(case)
    disk.make_room()
    case.release_copy()
    run.wait_status("the copy to go on", lambda now: now["phase"] != "prepare" and now["rows_copied"] > status["rows_copied"], 60)
    _end(case, disk, run, False)
    case.notes.append(f"{status['rows_copied']} rows were copied before, with {run.log().count('No space left')} complaints")


def full_disk_killed(case):
    """Whatever was acknowledged while the disk was full must be there afterwards."""
    disk, run = _fill_when_ready(case)
    _change_everything(case)
    run.kill()
    _end(case, disk, run, True)


def full_disk_stays(case):
    disk, run = _fill_when_ready(case)

    def gave_up():
        # Opening the store again makes room: what the log held is in tables then.
        disk.fill(run)
        if not run.exited():
            _change_everything(case)
        return run.exited()
    wait_until("the program to give up", gave_up, 60)
    case.expect_exit(run, 4, 60)
    case.says(run.log(), "gave up after 2s", "state_dir")
    _end(case, disk, run, True)


# -- fsync fails

class FailingDisk:
    """While `on`, every fsync below state_dir fails, and what was not synced before is lost."""

    def __init__(self, case):
        library = case.dir / "failing_fsync.so"
        source = pathlib.Path(__file__).resolve().parents[1] / "lib" / "failing_fsync.c"
        done = subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"],
                              capture_output=True, text=True)
        if done.returncode != 0:
            raise Skip("cc: " + done.stderr.strip())
        self._switch = case.dir / "fsync-fails"
        case.env = {**case.env, "LD_PRELOAD": str(library), "FAILING_FSYNC_BELOW": str(case.state_dir.resolve()),
                    "FAILING_FSYNC_WHILE": str(self._switch),
                    # The sanitizer's own library would like to be the first.
                    "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}

    def fail(self):
        self._switch.touch()

    def fix(self):
        self._switch.unlink(missing_ok=True)


def fsync_fails(phase, times):
    """Again and again, under load; the same process sees the end."""
    def test(case):
        disk = FailingDisk(case)
        if phase == "copy":
            case.slow_in("copy", 0.002)
        case.write_config(cutover={"mode": "manual"}, throttle={"idle_ratio": 8.0}, copy={"chunk_max_bytes": "8KiB"})
        load = case.clients(rate=100)
        run = case.start()
        if phase == "copy":
            run.wait_status("rows", lambda now: now["phase"] == "copy" and now["rows_copied"] > 0)
        else:
            run.wait_phase("ready", 60)
        for turn in range(times):
            # A write that fails, or the opening again after one: whichever the failure meets.
            complaints = run.log().count("store under state_dir could not")
            disk.fail()
            wait_until("the program to complain",
                       lambda: run.log().count("store under state_dir could not") > complaints or run.exited(), 30)
            case.check(not run.exited(), f"it waits for the disk: exit {run.process.returncode}\n{run.log()[-2500:]}")
            stood = _confirmed(case)
            load.wait_progress()
            case.check(_confirmed(case) == stood, f"nothing is acknowledged while nothing is durable: {stood}, now {_confirmed(case)}")
            disk.fix()
            before = wait_until("the slot to move again", lambda: _confirmed(case) != stood or run.exited(), 60)
            case.check(before and not run.exited(), f"it goes on: exit {run.process.returncode}\n{run.log()[-2500:]}")
        case.says(run.log(), "make its writes durable", "input/output error")
        if phase == "copy":
            case.check(run.status()["phase"] in ("prepare", "copy"), f"all of that in the copy: {run.status()}")
            case.let_go()
        run.wait_phase("ready", 120)
        code, output = case.pgwraith("cutover")
        case.check(code == 0, f"cutover exits 0, not {code}: {output}")
        case.expect_exit(run, 0, 60)
        case.judge(load)
        case.notes.append(f"{times} failures")
    return test


def fsync_fails_for_good(case):
    disk = FailingDisk(case)
    load = case.clients(rate=100)
    case.slow_in("copy", 0.002)
    case.write_config(reconnect={"give_up_after": "2s"}, throttle={"idle_ratio": 8.0}, copy={"chunk_max_bytes": "8KiB"})
    run = case.start()
    run.wait_status("rows", lambda now: now["phase"] == "copy" and now["rows_copied"] > 0)
    disk.fail()
    case.expect_exit(run, 4, 60)
    case.says(run.log(), "gave up after 2s", "store under state_dir could not", "input/output error", "the state is kept")
    run = case.start()
    case.expect_exit(run, 4, 60)
    case.says(run.log(), "store under state_dir could not", "input/output error")
    disk.fix()
    case.let_go()
    run = case.run_to_end()
    case.says(run.log(), "carrying on")
    case.judge(load)


def fsync_fails_killed(case):
    """What was acknowledged before the disk failed is found by the process that comes after."""
    disk = FailingDisk(case)
    load = case.clients(rate=100)
    case.write_config(cutover={"mode": "manual"})
    run = case.start()
    run.wait_phase("ready", 60)
    disk.fail()
    wait_until("the program to complain", lambda: "durable" in run.log() or run.exited(), 30)
    load.wait_progress()
    run.kill()
    disk.fix()
    case.write_config()
    run = case.run_to_end()
    case.judge(load)


# -- stores that cannot be used

def _stopped(case):
    case.must_crash("chunk.done:4")
    store = case.state_dir / "store"
    case.check(store.is_dir(), f"the store is in {store}")
    return store


def _refuses(case, *says, codes=(2, 3, 4)):
    before = case.shadow()
    run = case.start()
    code = run.wait(30)
    case.check(code in codes, f"a clear refusal, not exit {code}: {run.log()[-2000:]}")
    case.says(run.log(), *says)
    case.check(before and case.shadow() == before, "the shadow table is as it was")


def _damage(pattern, spoil):
    def test(case):
        store = _stopped(case)
        saved = case.dir / "saved"
        shutil.copytree(store, saved)
        files = sorted(store.glob(pattern))
        case.check(files, f"there is a file {pattern}: {sorted(p.name for p in store.iterdir())}")
        for path in files:
            spoil(path)
        _refuses(case, "damaged|cannot be read|not a store|version|is not", codes=(4,))
        shutil.rmtree(store)
        shutil.copytree(saved, store)
        run = case.run_to_end()
        case.says(run.log(), "carrying on|were copied earlier")
        case.judge()
    return test


def _garbage(path):
    path.write_bytes(os.urandom(max(64, path.stat().st_size)))


def missing(case):
    shutil.rmtree(_stopped(case).parent)
    _refuses(case, "earlier migration", "state directory is not here", "pgwraith abort", codes=(3, 4))
    case.judge_abort()


def foreign(case):
    store = _stopped(case)
    shutil.rmtree(store)
    store.mkdir()
    (store / "letters").write_text("somebody's own")
    _refuses(case, "state|store", codes=(2, 3, 4))
    case.check((store / "letters").read_text() == "somebody's own", "a foreign file is left alone")
    shutil.rmtree(store.parent)
    case.judge_abort()


def aborted_when_damaged(case):
    store = _stopped(case)
    for path in store.glob("MANIFEST*"):
        _garbage(path)
    case.judge_abort()


def tests(quick):
    del quick
    return [
        ("disk full, then room again", full_disk_mended, {"settings": SMALL, "timeout": 150}),
        ("disk full in the copy", full_disk_in_the_copy,
         {"settings": {**SMALL, "verify": "off", "copy": {"workers": 1, "chunk_max_bytes": "8KiB"}},
          "timeout": 150}),
        ("disk full, killed", full_disk_killed, {"settings": SMALL, "timeout": 150}),
        ("disk full for good", full_disk_stays,
         {"settings": {**SMALL, "reconnect": {"give_up_after": "2s"}}, "timeout": 150}),
        ("fsync fails in the copy", fsync_fails("copy", 3), {"settings": BARE, "timeout": 150}),
        ("fsync fails when caught up", fsync_fails("ready", 3), {"settings": BARE, "timeout": 150}),
        ("fsync fails, killed", fsync_fails_killed, {"settings": BARE}),
        ("fsync fails for good", fsync_fails_for_good, {"settings": BARE}),
        ("store: manifest damaged", _damage("MANIFEST*", _garbage), {}),
        ("store: CURRENT lost", _damage("CURRENT", pathlib.Path.unlink), {}),
        ("store: format of another version", _damage("*[fF][oO][rR][mM][aA][tT]*", lambda path: path.write_text("9999\n")), {}),
        ("store: missing", missing, {}),
        ("store: foreign", foreign, {}),
        ("store: abort of a damaged one", aborted_when_damaged, {}),
    ]
