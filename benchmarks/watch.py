"""Measures the seconds from Submit to feedback with `course watch` and nbgrader's exchange.

So many students at once hand in by nbgrader's own step, as its Assignment List does, and each time
is taken from the beginning of that until all pages of the submission are in the exchange. Prints
the median and the worst, by the number of students at once.

    python benchmarks/watch.py --at-once 1 10 50 --of 100 --notebooks 1-complexity
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from statistics import median

import nbformat
import psutil
from nbgrader.apps import NbGrader
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.exchange_factory import ExchangeFactory
from nbgrader.utils import notebook_hash
from traitlets.config import Config

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grader.course.directory import Course
from grader.nbgrader_app import commands
from tests.courses import ASSIGNMENT, COURSE, filled_in
from tests.instructors.watch.watching import COURSE_ID, Watching, watching, with_exchange
from tests.running import temporary_directory

PATIENCE = 3600.0
_SPARE = 0.02  # seconds between two looks for pages


def course_of(names: list[str], root: Path) -> Course:
    """A course of some of the notebooks, with its release."""
    course = Course(root, ASSIGNMENT)
    course.source.mkdir(parents=True)
    for path in [*COURSE.handouts(), *(COURSE.source / f"{name}.ipynb" for name in names)]:
        shutil.copy(path, course.source)
    for path in (COURSE.config, COURSE.requirements):
        shutil.copy(path, course.root)
    commands.generate(course, with_gradebook=False)
    return course


class Class:
    """Students who hand in the same solved notebooks."""

    def __init__(self, course: Course, exchange: Path, root: Path) -> None:
        self._course, self._exchange, self._root = course, exchange, root
        self._numbers = count(1)
        folder = root / ASSIGNMENT
        folder.mkdir()
        for name in course.names():
            nbformat.write(filled_in(course, name), folder / f"{name}.ipynb")

    def submit(self, number: int) -> tuple[float, list[Path]]:
        """One student hands in; when that began, and where the pages will be."""
        config = Config()
        config.Exchange.root = str(self._exchange)
        config.Exchange.cache = str(self._root / f"cache-{number}")
        config.CourseDirectory.course_id = COURSE_ID
        config.CourseDirectory.root = str(self._root)
        config.CourseDirectory.assignment_id = ASSIGNMENT
        config.CourseDirectory.student_id = f"student-{number:04}"
        began = time.monotonic()
        step = ExchangeFactory(config=config).Submit(
            coursedir=CourseDirectory(config=config),
            authenticator=Authenticator(config=config),
            config=config,
        )
        step.src_path = str(self._root / ASSIGNMENT)
        step.init_src = lambda: None  # it looks in the current directory, which threads share
        step.start()
        (secret,) = Path(config.Exchange.cache).glob("*/*/submission_secret.txt")
        names = [notebook_hash(secret=secret.read_text(), notebook_id=name) for name in self._names]
        feedback = self._exchange / COURSE_ID / "feedback"
        return began, [feedback / f"{name}.html" for name in names]

    @property
    def _names(self) -> list[str]:
        return self._course.names()

    def round(self, at_once: int) -> list[float]:
        """So many hand in at once; the seconds until each has all pages."""
        numbers = [next(self._numbers) for _ in range(at_once)]
        with ThreadPoolExecutor(at_once) as threads:
            waiting = list(threads.map(self.submit, numbers))
        found: list[float] = []
        deadline = time.monotonic() + PATIENCE
        while waiting:
            assert time.monotonic() < deadline, "no page within an hour"
            now = time.monotonic()
            left = []
            for began, pages in waiting:
                if all(page.is_file() for page in pages):
                    found.append(now - began)
                else:
                    left.append((began, pages))
            waiting = left
            time.sleep(_SPARE)
        return found


def measure(class_: Class, watch: Watching, at_once: int, of: int) -> None:
    """Print a line of the table."""
    family = [watch.process.pid]
    seconds: list[float] = []
    while len(seconds) < of:
        seconds += class_.round(at_once)
    memory = sum(psutil.Process(pid).memory_info().rss for pid in family if psutil.pid_exists(pid))
    print(
        f"{at_once:>7}{len(seconds):>13}{median(seconds):>10.1f}{max(seconds):>9.1f}"
        f"{memory / 1e6:>14.0f}",
        flush=True,
    )


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--at-once", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--of", type=int, default=100, help="submissions for each number at once")
    parser.add_argument("--notebooks", nargs="+", default=COURSE.names(), metavar="NAME")
    options = parser.parse_args()
    os.environ.setdefault("SVHN_DIR", str(COURSE.root / "data" / "synthetic"))
    NbGrader()  # for the defaults that its parts share
    with tempfile.TemporaryDirectory() as made, temporary_directory() as temporary:
        root = Path(made)
        course = course_of(options.notebooks, root / "course")
        with_exchange(course, root / "exchange")
        (root / "student").mkdir()
        class_ = Class(course, root / "exchange", root / "student")
        with watching(course, temporary, "--exchange", "--release") as watch:
            print(f"{', '.join(options.notebooks)}; load before: {psutil.getloadavg()[0]:.1f}")
            print("at once  submissions    median    worst  MB of watch")
            for at_once in options.at_once:
                measure(class_, watch, at_once, options.of)
    return 0


if __name__ == "__main__":
    sys.exit(main())
