import os
import shutil
import stat
import subprocess

from servers import PATIENCE, server_user


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def check_closed(case, directory):
    """Whoever is not the owner reads and changes nothing."""
    for folder, folders, files in os.walk(directory):
        wrong = [f"{name} {mode(os.path.join(folder, name)):o}" for name in folders + files if mode(os.path.join(folder, name)) & 0o077]
        case.check(not wrong, f"closed to others in {folder}: {wrong}")


def migrate(case, directory, umask=0o022):
    config = case.write_config(state_dir=str(directory))
    old = os.umask(umask)
    run = case.start(config, directory)
    os.umask(old)
    case.wait_held(run)
    case.psql("UPDATE t SET n = n + 1 WHERE id < 500", "app")
    check_closed(case, directory)
    return config, run


def abort_where_nothing_may_be_written(case, directory, config):
    """As in a container that mounts the volume to be read only. What cannot be removed in the end is not begun."""
    words = [case.program, "abort", str(config)]
    if os.geteuid() == 0:  # whom no mode stops
        script = 'mount --bind "$0" "$0"; mount -o remount,ro,bind "$0"; exec "$@"'
        words = ["unshare", "--mount", "sh", "-ec", script, str(directory), *words]
    directory.chmod(0o500)
    done = subprocess.run(words, capture_output=True, text=True, timeout=30 * PATIENCE, check=False)
    directory.chmod(0o700)
    case.check(done.returncode == 4, f"abort exits 4, not {done.returncode}: {done.stdout}{done.stderr}")
    case.says(done.stderr, "cannot be removed by this user", "Nothing was dropped")
    slots = case.superuser("SELECT count(*) FROM pg_replication_slots WHERE database = current_database()")
    case.check(slots == "1" and not done.stdout, f"nothing was dropped: {slots} slots; {done.stdout}")


def run(case):
    # Nothing there: ours, and gone with the migration. A umask says nothing.
    config, run = migrate(case, case.dir / "new" / "state", 0)
    case.check(mode(case.dir / "new" / "state") == 0o700, "made with 0700")
    run.stop()
    code, output = case.pgwraith("abort", config=config)
    case.check(code == 0 and not (case.dir / "new" / "state").exists(), f"abort removes what was made: {output}")

    # There before, open to others: closed, and left by abort.
    there = case.dir / "there"
    there.mkdir(0o755)
    there.chmod(0o755)
    config, run = migrate(case, there)
    case.check(mode(there) == 0o700, "an open directory is closed")
    case.says(run.log(), "was open to other users .mode 0755.: it is closed now")
    code, output = case.pgwraith("abort", config=config)
    case.check(code == 0 and run.wait() == 5, f"abort of a running one: {code} {output}")
    case.check(there.is_dir() and not os.listdir(there), f"left, and empty: {os.listdir(there)}")

    # A state of an older version, open to others, is closed when it is opened.
    config, run = migrate(case, there)
    run.stop()
    for folder, _, files in os.walk(there):
        os.chmod(folder, 0o755)
        for name in files:
            os.chmod(os.path.join(folder, name), 0o644)
    again = case.start(config, there)
    case.wait_held(again)
    check_closed(case, there)
    again.stop()
    abort_where_nothing_may_be_written(case, there, config)
    case.pgwraith("abort", config=config)

    # Other people's files beside it: not ours to close.
    (there / "app.sock.txt").write_text("theirs")
    there.chmod(0o755)
    for command in ("plan", "run"):
        code, output = case.pgwraith(command, config=config)
        case.check(code == 2, f"{command} exits 2, not {code}: {output}")
        case.says(output, "open to other users", "app.sock.txt", "chmod 700")
    case.check(mode(there) == 0o755, "left as it is")
    (there / "app.sock.txt").unlink()

    # Links are not followed.
    for name in ("store", "owner.json"):
        target = case.dir / f"target-{name}"
        target.mkdir() if name == "store" else target.write_text("theirs")
        there.chmod(0o700)
        (there / name).symlink_to(target)
        code, output = case.pgwraith("run", config=config)
        case.check(code in (2, 4), f"{name} is a link: {code} {output}")
        case.check(name == "store" and not os.listdir(target) or name != "store" and target.read_text() == "theirs", "left alone")
        (there / name).unlink()
        for left in os.listdir(there):
            shutil.rmtree(there / left) if (there / left).is_dir() else (there / left).unlink()

    if server_user():
        case.release_copy()
        volume(case)


def volume(case):
    """As a container sees one: root's, open to all, and the process is somebody who may not change that."""
    user = server_user()
    path = case.scratch.new_dir("volume")
    os.chown(path, 0, 0)
    path.chmod(0o777)
    config = case.write_config(state_dir=str(path))
    config.chmod(0o644)
    argv = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", case.program]
    run = subprocess.Popen([*argv, "run", str(config)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/")
    case.closing(run).close = run.kill
    status = [*argv, "status", str(config)]

    def ready():
        done = subprocess.run(status, capture_output=True, text=True, cwd="/", timeout=30)
        return done.returncode == 0 and "ready" in done.stdout

    from servers import wait_until
    wait_until("the migration in a volume to be ready", ready, 60)
    check_closed(case, path)
    case.check(mode(path) == 0o777, "the volume itself is left as it is")
    done = subprocess.run([*argv, "cutover", str(config)], capture_output=True, text=True, cwd="/", timeout=60 * PATIENCE)
    case.check(done.returncode == 0, f"cutover: {done}")
    output, _ = run.communicate(timeout=60 * PATIENCE)
    case.check(run.returncode == 0, f"exit {run.returncode}: {output}")
    check_closed(case, path)
    case.check(path.is_dir(), "the volume stays")

    # A directory of another ordinary user's is nobody's business.
    path.chmod(0o777)
    os.chown(path, 12345, 12345)
    done = subprocess.run([*argv, "plan", str(config)], capture_output=True, text=True, cwd="/", timeout=60)
    case.check(done.returncode == 2 and "belongs to another user" in done.stderr, f"refused: {done}")
