"""A small course with things in it and around it that hostile submissions would like to reach.

All of it is the test's own: a directory with canaries, servers, a process, a secret variable.
Whatever a broken defence lets through hits only these.
"""

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from grader.course.directory import Course
from tests.courses import copy_of

# Small, so that it takes little to reach them.
MEMORY, PROCESSES, DISK, FILES = 400 << 20, 48, 20 << 20, 500
CELL_SECONDS, NOTEBOOK_SECONDS, CELL_OUTPUT, NOTEBOOK_OUTPUT = 5, 25, 100_000, 400_000

LIMITS = f"""
c.SandboxProvisioner.memory = {MEMORY}
c.SandboxProvisioner.processes = {PROCESSES}
c.SandboxProvisioner.disk = {DISK}
c.SandboxProvisioner.files = {FILES}
c.SandboxProvisioner.seconds = 90
c.SandboxProvisioner.cell_output = {CELL_OUTPUT}
c.SandboxedExecute.timeout = {CELL_SECONDS}
c.SandboxedExecute.notebook_seconds = {NOTEBOOK_SECONDS}
c.SandboxedExecute.notebook_output = {NOTEBOOK_OUTPUT}
"""


@dataclass
class World:
    """The course, and what must not be reached.

    `mark` is a word that stands in the environment of every process of the run; `secret` is
    the value of a variable of the grader's.
    """

    base: Path
    course: Course
    tcp: int
    udp: int
    canary: psutil.Process
    mark: str = field(default_factory=lambda: f"mark-{secrets.token_hex(8)}")
    secret: str = field(default_factory=lambda: f"secret-{secrets.token_hex(8)}")
    called: list[str] = field(default_factory=list)

    @property
    def outside(self) -> Path:
        """A directory of the machine's, open to everybody."""
        return self.base / "outside"

    @property
    def temporary(self) -> Path:
        """The temporary directory of the run."""
        return self.base / "t"

    def header(self) -> str:
        """What a hostile submission knows of this world, as Python."""
        return (
            f"ROOT, OUTSIDE = {str(self.course.root)!r}, {str(self.outside)!r}\n"
            f"TCP, UDP, CANARY, MARK = {self.tcp}, {self.udp}, {self.canary.pid}, {self.mark!r}\n"
        )

    def environment(self, tier: str) -> dict[str, str]:
        """The variables of a run."""
        libraries = f"{self.base}/{self.mark}"  # nothing is there; passed on to all processes
        return {
            **os.environ,
            "COLUMNS": "100",
            "COURSE_TIER": tier,
            "COURSE_TEST_SECRET": self.secret,
            "TMPDIR": str(self.temporary),
            "LD_LIBRARY_PATH": os.pathsep.join(
                [*filter(None, [os.environ.get("LD_LIBRARY_PATH")]), libraries]
            ),
        }

    def run(
        self, tier: str, *options: str, program: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run `course grade`, two notebooks at a time; `program` is another way to call it."""
        command = program or (str(Path(sys.executable).parent / "course"),)
        self._before = set(psutil.pids())
        self._state = self._hashes()
        return subprocess.run(
            [*command, "grade", "--jobs", "2", *options],
            cwd=self.course.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            env=self.environment(tier),
            umask=0,  # so that no file is safe by its mode alone
            timeout=600,
        )

    def harm(self) -> list[str]:
        """What the run did outside of itself; called once after it, for it cleans up, too."""
        found = [f"a server was called: {what}" for what in self.called]
        deadline = time.monotonic() + 60
        while (left := self._survivors()) and time.monotonic() < deadline:
            time.sleep(0.1)
        for process in left:
            with suppress(psutil.Error):
                found.append(f"survived: {' '.join(process.cmdline())[:100]}")
                process.kill()
        if not self.canary.is_running() or self.canary.status() == psutil.STATUS_ZOMBIE:
            found.append("the canary process is dead")
        after = self._hashes()
        changed = {path for path, _ in self._state.items() ^ after.items()}
        found += [f"changed: {path}" for path in sorted(changed)]
        found += [f"left behind: {path}" for path in sorted(self.temporary.iterdir())]
        for place in ("/tmp", "/var/tmp", "/dev/shm"):
            for path in Path(place).glob(f"*{self.mark}*"):
                found.append(f"left behind: {path}")
                path.unlink()
        return found

    def _survivors(self) -> list[psutil.Process]:
        found = []
        for pid in set(psutil.pids()) - self._before:
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                told = [*process.cmdline(), *process.environ().values()]
                is_ours = any(self.mark in text for text in told)
                if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def _hashes(self) -> dict[str, str]:
        """What is in source/, in submitted/ and outside: kind, mode and content of everything."""
        found = {}
        for top in (self.course.root / "source", self.course.submitted, self.outside):
            for path in sorted(top.rglob("*")):
                status = path.lstat()
                content = os.readlink(path) if path.is_symlink() else ""
                if path.is_file() and not path.is_symlink() and status.st_size < 1 << 20:
                    content = hashlib.sha256(path.read_bytes()).hexdigest()
                shown = f"{status.st_mode:o} {status.st_size} {content}"
                found[str(path.relative_to(self.base))] = shown
        return found


@contextmanager
def world(released: Course, settings: str = "") -> Iterator[World]:
    """A world of its own, gone at the end; `settings` are added to nbgrader_config.py."""
    base = Path(tempfile.mkdtemp(prefix="h-", dir="/tmp"))  # short: sockets have paths, too
    base.chmod(0o755)
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX) as local,
        socket.socket(socket.AF_UNIX) as abstract,
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1200)"]) as canary,
    ):
        udp.bind(("127.0.0.1", 0))
        made = World(
            base,
            copy_of(released, base / "course"),
            tcp.getsockname()[1],
            udp.getsockname()[1],
            psutil.Process(canary.pid),
        )
        made.temporary.mkdir()
        made.temporary.chmod(0o777)
        made.outside.mkdir()
        made.outside.chmod(0o777)
        for name in ("read-me", "change-me", "delete-me"):
            (made.outside / name).write_text(f"canary {made.secret}")
            (made.outside / name).chmod(0o666)
        local.bind(str(made.outside / "socket"))
        (made.outside / "socket").chmod(0o777)
        abstract.bind(f"\0{made.mark}")
        for server in (local, abstract):
            server.listen()
        servers = {"TCP": tcp, "UDP": udp, "Unix socket": local, "abstract socket": abstract}
        over = threading.Event()
        listeners = [
            threading.Thread(target=_listen, args=(server, name, made.called, over))
            for name, server in servers.items()
        ]
        for listener in listeners:
            listener.start()
        with (made.course.root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
            config.write(LIMITS + settings)
        try:
            yield made
        finally:
            over.set()
            for listener in listeners:
                listener.join()
            canary.kill()
            shutil.rmtree(base, ignore_errors=True)


def _listen(server: socket.socket, name: str, called: list[str], over: threading.Event) -> None:
    server.settimeout(0.1)
    while not over.is_set():
        with suppress(TimeoutError):
            if name == "UDP":
                server.recv(100)
            else:
                server.accept()[0].close()
            called.append(name)
