"""`course grade` as a running process that tests may kill, and what it leaves behind."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path
from typing import Any

import psutil

from grader.course.directory import Course
from tests.courses import ASSIGNMENT

PROGRAM = str(Path(sys.executable).parent / "course")
PATIENCE = 120.0  # seconds after which something that must happen counts as not happening
_GRADED = re.compile(r"\[\d+/\d+")  # a line of progress

# The workers and their fork server are the grader's children; below that, each is the parent of the
# next.
KINDS = ("grader", "worker", "fork server", "init", "kernel")
_WORDS = {"worker": "spawn_main", "fork server": "grader.engine.kernels.forkserver"}


def eventually(what: str, there: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait until `there` gives something true; returns that."""
    deadline = time.monotonic() + seconds
    while not (found := there()):
        assert time.monotonic() < deadline, f"not within {seconds:g} seconds: {what}"
        time.sleep(0.02)
    return found


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """A directory with a name so short that the sockets of kernels can be in it."""
    path = Path(tempfile.mkdtemp(prefix="t-", dir="/tmp"))
    try:
        yield path
    finally:
        for process in survivors(path):  # of a test that failed
            with suppress(psutil.Error):
                process.kill()
        for made in (path, stops(path), *map(Path, mark(path).values())):
            shutil.rmtree(made, ignore_errors=True)


@dataclass
class Grading:
    """A `course grade` that is under way."""

    course: Course
    temporary: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _readers: list[threading.Thread] = field(default_factory=list)

    @classmethod
    def start(
        cls,
        course: Course,
        temporary: Path,
        *arguments: str,
        before: tuple[str, ...] = (),
        stop_at: str = "",
    ) -> "Grading":
        """Start it, two notebooks at a time; `before` are words of a command to run it by.

        `stop_at` is the first point (see grader.basics.stop_points) at which a process of it stops.
        """
        command = [*before, PROGRAM, "grade", "--jobs", "2", *arguments]
        process = started(course, temporary, command, stop_at, stderr=subprocess.PIPE)
        grading = cls(course, temporary, process)
        for stream, lines in ((process.stdout, grading.lines), (process.stderr, grading.errors)):
            reader = threading.Thread(target=lambda s=stream, to=lines: to.extend(s), daemon=True)
            reader.start()
            grading._readers.append(reader)
        return grading

    @property
    def count(self) -> int:
        """How many notebooks it has told to be over."""
        return sum(_GRADED.match(line) is not None for line in list(self.lines))

    @property
    def is_over(self) -> bool:
        return self.process.poll() is not None

    def finish(self) -> int:
        """Wait for its end; returns the exit code."""
        code = self.process.wait(PATIENCE)
        for reader in self._readers:  # the streams end with the last process that has them
            reader.join(PATIENCE)
        return code

    @property
    def executes(self) -> bool:
        """Whether a worker has a notebook in hand; before, kernels are those of the self-test."""
        # Not Path.glob, which fails when the directory of the run goes away under it.
        return bool(glob(f"{self.temporary}/course-run-*/course-bundle-*"))

    def of_kind(self, kind: str) -> list[psutil.Process]:
        """Its processes of a kind that are there now."""
        return below(psutil.Process(self.process.pid), kind)

    def stop_at(self, point: str) -> None:
        """Let the next process that comes to a point stop there."""
        (stops(self.temporary) / point).touch()

    def stopped(self, kind: str) -> psutil.Process:
        """Wait until a process has stopped at the point that was asked for, and give it."""
        asked = stops(self.temporary)
        eventually("a stop", lambda: not any(asked.iterdir()) or self.is_over)
        found = eventually(f"a {kind}", lambda: stopped(self.of_kind(kind)) or self.is_over)
        assert not self.is_over, "".join([*self.lines, *self.errors])
        process: psutil.Process = found[0]
        return process

    def leaves_no_process(self) -> None:
        """Wait until nothing of it is alive."""
        eventually("the end of all its processes", lambda: not survivors(self.temporary), 30)


def started(
    course: Course, temporary: Path, command: Sequence[str], stop_at: str, *, stderr: int
) -> subprocess.Popen[str]:
    """Run a command in a course; all that it starts is marked, to be found."""
    stops(temporary).mkdir(exist_ok=True)
    if stop_at:
        (stops(temporary) / stop_at).touch()
    return subprocess.Popen(
        command,
        cwd=course.root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        env={
            **os.environ,
            "COLUMNS": "100",
            "TMPDIR": str(temporary),
            "COURSE_STOP_AT": str(stops(temporary)),
            **mark(temporary),
        },
    )


def survivors(temporary: Path) -> list[psutil.Process]:
    """What is alive of the runs with this directory, whoever is the parent now."""
    marked = mark(temporary).items()
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if marked <= process.environ().items() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def below(process: psutil.Process, kind: str, its: str = "grader") -> list[psutil.Process]:
    """The processes of a kind that one has below it now, itself of the kind `its`.

    Of a worker, these are the fork server and the init processes that it has descriptors of, and
    what is below these.
    """
    if kind == its:
        return [process]
    own = _has_descriptors_of(process) if its == "worker" else None
    grader = process.parent() if its == "worker" else process
    found = [] if grader is None else [grader]
    for level in (kind,) if kind == "worker" else KINDS[2 : KINDS.index(kind) + 1]:
        found = [child for parent in found for child in _children(parent, level)]
        if own is not None and level in ("fork server", "init"):
            found = [each for each in found if each.pid in own]
    return found


def _has_descriptors_of(process: psutil.Process) -> set[int]:
    """The processes that one has descriptors of."""
    found: set[int] = set()
    for path in Path(f"/proc/{process.pid}/fdinfo").glob("*"):
        with suppress(OSError):  # closed meanwhile
            found |= {int(pid) for pid in re.findall(r"^Pid:\t(\d+)", path.read_text(), re.M)}
    return found


def stopped(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that have stopped."""
    found = []
    for process in processes:
        with suppress(psutil.Error):
            if process.status() == psutil.STATUS_STOPPED:
                found.append(process)
    return found


def stops(temporary: Path) -> Path:
    """The directory with a file for each point at which the next process stops."""
    return Path(f"{temporary}-stops")


def mark(temporary: Path) -> dict[str, str]:
    """What is in the environment of each process of a run, also of those that get a clean one."""
    return {"XDG_CACHE_HOME": f"{temporary}-cache"}


def _children(parent: psutil.Process, level: str) -> list[psutil.Process]:
    found = []
    with suppress(psutil.Error):
        for child in parent.children():
            with suppress(psutil.Error):
                if _WORDS.get(level, "") in " ".join(child.cmdline()):
                    found.append(child)
    return found


def kill_one(grading: Grading, chance: random.Random) -> str:
    """Kill a process that is there now, of any kind; returns which, "" if the run is over."""
    kinds = list(KINDS)
    chance.shuffle(kinds)
    for kind in kinds:
        found = [] if grading.is_over else grading.of_kind(kind)
        if found:
            with suppress(psutil.NoSuchProcess):
                chance.choice(found).kill()
                return kind
    assert grading.is_over
    return ""


def autograded(course: Course) -> dict[str, Any]:
    """The executed notebooks, by student and name."""
    paths = course.autograded.glob(f"*/{ASSIGNMENT}/*.ipynb")
    return {str(path.relative_to(course.autograded)): _read(path) for path in paths}


def _read(path: Path) -> Any:
    """A notebook, with what it printed in one piece: where it is cut depends on the clock."""
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        printed: dict[str, str] = {}
        others = []
        for output in cell.get("outputs", []):
            if output["output_type"] == "stream":
                text = "".join(output["text"])
                printed[output["name"]] = printed.get(output["name"], "") + text
            else:
                others.append(output)
        if "outputs" in cell:
            cell["outputs"] = [dict(sorted(printed.items())), *others]
    return notebook


def pages(course: Course) -> list[str]:
    """The names of the pages of feedback, for none of them is the same twice."""
    return sorted(str(p.relative_to(course.feedback)) for p in course.feedback.rglob("*.html"))
