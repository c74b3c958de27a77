"""What the tests share: this course, small copies of it, and the graded bank of answers."""

import os
import shutil
import subprocess
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from playwright.sync_api import Browser

from grader import answers, bank, bar, cells, nbgrader_run
from grader.contract import CONTRACT
from grader.course import ASSIGNMENT, Course
from tests import chromium

COURSE = Course(Path(__file__).resolve().parent.parent)


def run_course(course: Course, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the command `course ...` as a person would."""
    return subprocess.run(
        [str(Path(sys.executable).parent / "course"), *arguments],
        cwd=course.root,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "100", **env},
    )


def hand_in(course: Course, student: str, name: str, notebook: NotebookNode | str) -> Path:
    """Put a notebook, or any text in its place, into submitted/; returns where it is."""
    path = course.submitted / student / ASSIGNMENT / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(notebook, str):
        path.write_text(notebook, encoding="utf-8")
    else:
        nbformat.write(notebook, path)
    return path


def filled_in(course: Course, name: str, **given: str) -> NotebookNode:
    """The released notebook with the reference solution, but for the cells in `given`."""
    released = cells.read_notebook(course.release / f"{name}.ipynb")
    return answers.fill_in(course, released, name, given)


@pytest.fixture(scope="session")
def course() -> Course:
    """This course itself; tests only read it."""
    return COURSE


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course of 1-complexity alone, with its release, made once.

    It lacks the cells that measure and plot, which take most of the notebook's time.
    """
    small = Course(tmp_path_factory.mktemp("released"))
    small.source.mkdir(parents=True)
    for path in COURSE.handouts():
        shutil.copy(path, small.source)
    notebook = cells.read_notebook(COURSE.source / "1-complexity.ipynb")
    notebook.cells = [c for c in notebook.cells if c.id not in ("measure-steps", "plot-steps")]
    nbformat.write(notebook, small.source / "1-complexity.ipynb")
    for path in (COURSE.config, COURSE.requirements):
        shutil.copy(path, small.root)
    nbgrader_run.generate(small, with_gradebook=False)
    return small


@pytest.fixture
def small_course(released: Course, tmp_path: Path) -> Course:
    """A copy of the small course that a test may change."""
    return copy_of(released, tmp_path / "small")


def copy_of(course: Course, root: Path) -> Course:
    """A copy of a course."""
    shutil.copytree(course.root, root)
    return Course(root)


@pytest.fixture(scope="session")
def graded_bank(request: pytest.FixtureRequest) -> dict[str, bank.Graded]:
    """Every answer of the bank, graded once.

    4-svhn takes as long as all other tests together. Most wrong answers to it are run up to the
    last test that must take points off, `last_test`; `course answers` runs all to the end.
    """
    every = answers.read_all(COURSE)
    fillers = {answer.id: answers.filler(COURSE, answer) for answer in every}
    until = {answer.id: test for answer in every if (test := last_test(answer))}
    # Shown as it goes, for it takes minutes.
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\ngrading {len(fillers)} answers")
        # One of pytest-xdist's workers has a core to itself, and leaves the others theirs.
        jobs = 1 if os.environ.get("PYTEST_XDIST_WORKER") else None
        with bank.Bench(COURSE, CONTRACT, jobs) as bench, bar.shown("answers", len(every)) as show:
            return bench.grade(fillers, show, until=until)


def last_test(answer: answers.Answer) -> str | None:
    """The test cell where graded_bank ends this answer; None if it is run to the end."""
    is_run_whole = zlib.crc32(answer.id.encode()) % 8 == 0
    if answer.kind != "wrong" or answer.notebook != "4-svhn" or is_run_whole:
        return None
    full = answers.full_scores(answer.notebook)
    return [test for test in full if answer.scores.get(test) != full[test]][-1]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a file: Playwright's event loop must not run on while other files are tested."""
    if chromium.program() is None:
        pytest.skip(chromium.MISSING)
    with chromium.started() as started:
        yield started
