"""`course watch` as a running process, and a student who hands in by nbgrader's exchange."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.directory import Course
from grader.instructors.watch import status
from grader.instructors.watch.status import Status
from tests.courses import ASSIGNMENT, filled_in, hand_in
from tests.running import PROGRAM, eventually, started, survivors

NAME = "1-complexity"
COURSE_ID = "deep-learning"


@dataclass
class Watching:
    """A `course watch` that is under way."""

    course: Course
    temporary: Path
    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    @classmethod
    def start(
        cls,
        course: Course,
        temporary: Path,
        *arguments: str,
        before: tuple[str, ...] = (),
        stop_at: str = "",
        of_course: tuple[str, ...] = (),
    ) -> "Watching":
        """Start it, with options `of_course` for all steps; the rest is as for Grading."""
        command = [*before, PROGRAM, *of_course, "watch", "--jobs", "2", *arguments]
        process = started(course, temporary, command, stop_at, stderr=subprocess.STDOUT)
        watching = cls(course, temporary, process)
        assert process.stdout is not None
        reader = threading.Thread(target=watching.lines.extend, args=(process.stdout,), daemon=True)
        reader.start()
        return watching

    @property
    def status(self) -> Status:
        """What it tells."""
        return status.read(self.course) or Status()

    @property
    def troubles(self) -> str:
        return "\n".join(trouble.what for trouble in self.status.troubles)

    def sleeps(self) -> "Watching":
        """Wait until it has nothing to do."""
        eventually(
            f"sleep: {self.status} {self.lines}",
            lambda: self.is_alive and self.status.pid == self.process.pid and self._is_idle(),
        )
        return self

    def _is_idle(self) -> bool:
        told = self.status
        return told.doing.startswith("sleeps") and not (told.queue or told.arriving or told.running)

    @property
    def is_alive(self) -> bool:
        assert self.process.poll() is None, "".join(self.lines)
        return True

    def has_trouble(self, text: str) -> None:
        """Wait for a trouble with this text."""
        eventually(f"the trouble {text!r}", lambda: self.is_alive and text in self.troubles)

    def has_no_trouble(self) -> None:
        eventually("the end of all troubles", lambda: self.is_alive and not self.troubles)

    def kill(self) -> None:
        """As by a power cut; returns when nothing of it is alive."""
        self.process.kill()
        self.process.wait()
        eventually("the end of all its processes", lambda: not survivors(self.temporary), 30)

    def end(self) -> int:
        """As systemd does."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def watching(course: Course, temporary: Path, *arguments: str) -> Iterator[Watching]:
    """A `course watch` that has begun and waits for work, ended at the end."""
    process = Watching.start(course, temporary, *arguments)
    try:
        yield process.sleeps()
    finally:
        process.process.terminate()
        process.process.wait(60)


def submit(course: Course, student: str, **given: str) -> Path:
    """Put the solved notebook, but for some cells, into submitted/."""
    return hand_in(course, student, NAME, filled_in(course, NAME, **given))


def page(course: Course, student: str) -> Path:
    """Where the page of a student is made."""
    return course.feedback / student / ASSIGNMENT / f"{NAME}.html"


def text_of(path: Path) -> str:
    """What a file holds; "" while it is not there."""
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def is_whole(path: Path) -> bool:
    """Whether a page is there, and all of it: nbgrader makes the file, and then fills it."""
    return text_of(path).rstrip().endswith("</html>")


@dataclass
class Student:
    """An account of a student's, which uses nbgrader's exchange by its commands."""

    name: str
    home: Path
    exchange: Path

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True)
        (self.home / "nbgrader_config.py").write_text(
            "c = get_config()\n"
            f"c.CourseDirectory.course_id = {COURSE_ID!r}\n"
            f"c.CourseDirectory.student_id = {self.name!r}\n"
            f"c.Exchange.root = {str(self.exchange)!r}\n"
        )

    def nbgrader(self, *arguments: str) -> None:
        """Run a command of nbgrader's."""
        done = subprocess.run(
            [str(Path(sys.executable).parent / "nbgrader"), *arguments],
            cwd=self.home,
            env={**os.environ, "HOME": str(self.home), "JUPYTER_DATA_DIR": str(self.home / "data")},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def submit(self, course: Course, **given: str) -> None:
        """Hand in the solved notebook, but for some cells."""
        import nbformat

        folder = self.home / ASSIGNMENT
        folder.mkdir(exist_ok=True)
        nbformat.write(filled_in(course, NAME, **given), folder / f"{NAME}.ipynb")
        self.nbgrader("submit", ASSIGNMENT)

    def fetched(self) -> list[str]:
        """The pages that the exchange has for this student, the oldest submission's first."""
        self.nbgrader("fetch_feedback", ASSIGNMENT)
        found = sorted((self.home / ASSIGNMENT / "feedback").glob(f"*/{NAME}.html"))
        return [path.read_text(encoding="utf-8") for path in found]


def with_exchange(course: Course, exchange: Path) -> None:
    """Give a course an exchange, as an administrator does, with the assignment released."""
    configure(
        course, f"c.Exchange.root = {str(exchange)!r}", "c.ExchangeCollect.check_owner = False"
    )
    inbound = exchange / COURSE_ID / "inbound"
    outbound = exchange / COURSE_ID / "outbound" / ASSIGNMENT
    inbound.mkdir(parents=True)
    outbound.mkdir(parents=True)
    for directory in (exchange, inbound):
        directory.chmod(0o777)
    for path in course.release.iterdir():
        (outbound / path.name).write_bytes(path.read_bytes())


def configure(course: Course, *lines: str) -> None:
    """Add lines to the configuration."""
    with course.config.open("a", encoding="utf-8") as file:
        file.writelines(f"\n{line}\n" for line in lines)
