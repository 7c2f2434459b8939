"""A container without an engine: namespaces, a read-only root, a user id that has no name, the program as process 1."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from servers import PATIENCE, HarnessError, wait_until

# $1: an empty directory, $2: what is mounted there as /state, $3: ro or rw, $4: files for its root, $5: the program,
# $6: the user; then the words.
# Only a directory of the machine's own is mounted writable; the user could write nowhere else anyhow.
MAKE_ROOT = r"""
set -e
root=$1 state=$2 mode=$3 files=$4 program=$5 user=$6
shift 6
mount -t tmpfs -o mode=755 tmpfs "$root"
for one in usr etc dev; do
    mkdir "$root/$one"
    mount --rbind "/$one" "$root/$one"
done
for one in bin lib lib64 sbin; do ln -s "usr/$one" "$root/$one"; done
mkdir "$root/proc" "$root/state" "$root/opt"
mount -t proc proc "$root/proc"
mount --bind "$state" "$root/state"
mount -o "remount,$mode,bind" "$root/state"
cp -r "$files/." "$root/"
touch "$root/opt/pgwraith"
mount --bind "$program" "$root/opt/pgwraith"
mount -o remount,ro,bind "$root"
exec setpriv --no-new-privs --bounding-set -all,+setuid,+setgid,+sys_chroot \
    /usr/sbin/chroot --userspec="$user" --groups=10001 "$root" "$@"
"""
USER = 1000680000  # as OpenShift gives them: any number, in group 0
PATH = "/opt:/usr/bin:/bin"


def possible():
    """Empty, or why there can be no such container on this machine."""
    if os.geteuid() != 0:
        return "only root can make namespaces with several users"
    tried = subprocess.run(["unshare", "--mount", "--pid", "--fork", "mount", "-t", "tmpfs", "tmpfs", "/mnt"],
                           capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"no namespaces here: {tried.stderr.strip()}"


class Container:
    """`files`: paths and texts. `user`: who runs it, in group 0. `volume`: another one's, which this one may only read."""

    def __init__(self, case, program, files, user=USER, volume=None):
        self.user, self.mode = user, "ro" if volume else "rw"
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="container.", dir=case.dir))
        self.directory.chmod(0o755)
        self.root, self.files = self.directory / "root", self.directory / "files"
        self.state = volume or self.directory / "state"
        for path in (self.root, self.files):
            path.mkdir()
        if not volume:
            # What it looks like when Kubernetes has given it to a group (fsGroup).
            self.state.mkdir()
            os.chown(self.state, 0, 10001)
            self.state.chmod(0o2775)
        for name, text in files.items():
            self.write(name, text)
        self.program = program
        self.log_path = self.directory / "log"
        self.process = None
        self.environment = {}

    def write(self, name, text):
        """A file of its root, from the next start on."""
        path = self.files / name.lstrip("/")
        path.parent.mkdir(exist_ok=True)
        path.parent.chmod(0o755)
        path.write_text(text)
        path.chmod(0o644)

    def start(self, words, environment):
        self.root.mkdir(exist_ok=True)
        self.environment = {"PATH": PATH, **environment}
        log = open(self.log_path, "a", encoding="utf-8")
        self._begin = log.tell()
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", MAKE_ROOT, "sh", str(self.root), str(self.state),
             self.mode, str(self.files), str(self.program), f"{self.user}:0", *words],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=self.environment)

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as text:
            text.seek(self._begin)
            return text.read()

    def first(self):
        """Process 1, as this machine numbers it."""
        return wait_until("the container's first process", self._child, 10)

    def _child(self):
        if self.process.poll() is not None:
            raise HarnessError(f"the container has ended: {self.process.returncode}\n{self.log()}")
        for status in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = status.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == self.process.pid:
                return status.parent.name
        return None

    def run(self, words, timeout=30):
        """As `docker exec` does it: exit status and output."""
        done = subprocess.run(["nsenter", "--target", self.first(), "--mount", "--pid", "--root", "--wd=/", "setpriv",
                               f"--reuid={self.user}", "--regid=0", "--groups=10001", *words],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, text=True,
                              timeout=timeout * PATIENCE, env=self.environment)
        return done.returncode, done.stdout

    def signal(self, number=signal.SIGTERM):
        os.kill(int(self.first()), number)

    def wait(self, timeout=30):
        try:
            return self.process.wait(timeout * PATIENCE)
        except subprocess.TimeoutExpired:
            raise HarnessError(f"the container did not end\n{self.log()[-3000:]}") from None

    def like_a_new_mount(self):
        """What a volume's files become when it is given to the group once more (fsGroupChangePolicy: Always)."""
        for path in [self.state, *self.state.rglob("*")]:
            if path.is_symlink():
                continue
            os.chown(path, -1, 10001)
            path.chmod(path.stat().st_mode | (0o2070 if path.is_dir() else 0o060))

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.root, ignore_errors=True)
