"""A cluster as it is on several machines: each process has a directory of its own."""

import os
import re
import signal
import socket
import subprocess
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from glob import glob
from pathlib import Path

import psutil

from grader.course.directory import Course
from grader.engine.cluster.security import security
from tests.courses import COURSE
from tests.running import PATIENCE, PROGRAM, eventually, mark, stopped, stops

NOTHING: Mapping[str, str] = {}
PAGE = COURSE.root / "docs" / "scale.md"


def block(name: str) -> str:
    """What stands in the page behind the line that says it is tested."""
    found = re.search(
        rf"<!-- tested: {name} -->\n *```\w+\n(.*?)^ *```$",
        PAGE.read_text(),
        re.DOTALL | re.MULTILINE,
    )
    assert found is not None
    return textwrap.dedent(found[1])


def make_certificates(directory: Path) -> Path:
    """Type the commands of docs/scale.md; returns where the certificates are."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block("certificates")],
        cwd=directory,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return directory / "tls"


def files_sent(course: Course) -> int:
    """How often the last run sent files to a worker."""
    return (course.root / "grading.log").read_text().count("bytes of files")


def free_port() -> int:
    """A port that nobody listens at, just now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Machines:
    """A scheduler and workers, all on this computer."""

    def __init__(self, base: Path, tls: Path) -> None:
        self.base, self.tls = base, tls
        self.port = free_port()
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self.scheduler: subprocess.Popen[bytes] | None = None
        stops(base).mkdir(exist_ok=True)

    @property
    def address(self) -> str:
        return f"tls://127.0.0.1:{self.port}"

    def start_scheduler(self) -> None:
        """Start it, or another one in its place."""
        said = "scheduler at "
        times = self.said("scheduler").count(said) if self.scheduler is not None else 0
        own = ["scheduler", "--tls", str(self.tls), "--host", "127.0.0.1", "--port"]
        while True:
            self.scheduler = process = self._start("scheduler", [PROGRAM, *own, str(self.port)])
            eventually(
                "a scheduler",
                lambda: self.said("scheduler").count(said) > times or process.poll() is not None,  # noqa: B023
            )
            if process.poll() is None:
                return
            assert not times, self.said("scheduler")
            self.port = free_port()  # another test was quicker to take that one

    def start_worker(
        self, name: str, *, address: str = "", before: Sequence[str] = (), **environment: str
    ) -> None:
        """Start one that runs a notebook at a time; it tells when it is ready.

        `before` are words of a command to run it by.
        """
        own = ["worker", address or self.address, "--tls", str(self.tls), "--workers", "1"]
        kept = self.directory(name) / "kept"
        self.workers[name] = self._start(
            name, [*before, PROGRAM, *own, "--directory", str(kept)], environment
        )

    def are_ready(self) -> None:
        """Wait until the scheduler has all workers, whether it may use them or not."""
        from distributed import Client

        own = security(self.tls, insecure=False)
        with Client(self.address, security=own, set_as_default=False) as client:
            eventually(
                "all workers",
                lambda: len(client.scheduler_info()["workers"]) == len(self.workers),
            )

    def joined(self, name: str) -> int:
        """How often a worker was ready to join."""
        return self.said(name).count("worker at ")

    def directory(self, name: str) -> Path:
        """Where a process works."""
        path = self.base / name
        path.mkdir(exist_ok=True)
        path.chmod(0o755)
        return path

    def kept(self, name: str) -> list[str]:
        """The hashes of the trees of files that a worker keeps."""
        kept = self.directory(name) / "kept"
        return [path.name for path in kept.iterdir() if path.is_dir()]

    def bundles(self, name: str) -> list[str]:
        """The directories of the notebooks that a worker has in hand.

        They may go away meanwhile, at which Path.rglob would fail.
        """
        return glob(f"{self.directory(name)}/**/course-bundle-*", recursive=True)

    def said(self, name: str) -> str:
        """What a process has printed."""
        return (self.directory(name) / "said").read_text()

    def process_of(self, name: str) -> psutil.Process:
        """The process that runs the notebooks of a worker."""
        keeper = psutil.Process(self.workers[name].pid)
        found: psutil.Process = eventually(f"a process of {name}", keeper.children)[0]
        return found

    def stop_at(self, point: str) -> None:
        """Let the next worker that comes to a point stop there."""
        (stops(self.base) / point).touch()

    def stopped(self) -> tuple[str, psutil.Process]:
        """Wait until a worker has stopped at the point that was asked for; it, and its name."""

        def found() -> list[tuple[str, psutil.Process]]:
            return [
                (name, process)
                for name, keeper in self.workers.items()
                if keeper.poll() is None
                for process in stopped(psutil.Process(keeper.pid).children())
            ]

        name, process = eventually("a worker that stops", found)[0]
        return name, process

    def close(self) -> None:
        """End everything."""
        for process in (*self.workers.values(), self.scheduler):
            if process is not None and process.poll() is None:
                for child in psutil.Process(process.pid).children():
                    with suppress(psutil.Error):
                        child.resume()
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in (*self.workers.values(), self.scheduler):
            if process is not None:
                process.wait(PATIENCE)

    def _start(
        self, name: str, command: list[str], environment: Mapping[str, str] = NOTHING
    ) -> subprocess.Popen[bytes]:
        directory = self.directory(name)
        (directory / "tmp").mkdir(exist_ok=True)
        with (directory / "said").open("ab") as said:
            return subprocess.Popen(
                command,
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={
                    **os.environ,
                    "TMPDIR": str(directory / "tmp"),
                    "COURSE_STOP_AT": str(stops(self.base)),
                    **mark(self.base),
                    **environment,
                },
            )


@contextmanager
def machines(base: Path, tls: Path, *workers: str) -> Iterator[Machines]:
    """A scheduler, and workers with these names, ready."""
    made = Machines(base, tls)
    try:
        made.start_scheduler()
        for name in workers:
            made.start_worker(name)
        made.are_ready()
        yield made
    finally:
        made.close()
