"""Grade what is new in submitted/: autograde, give feedback, and show the table."""

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from grader import cells, record, release, table
from grader.contract import CONTRACT
from grader.course import ASSIGNMENT, Course, CourseError, put_tools_on_path
from grader.record import Record, Run
from grader.stock import NotGraded, Stock


def run(
    course: Course, students: list[str] | None, notebooks: list[str] | None, force: bool
) -> int:
    """Grade submissions that are new or changed, or all with `force`; print the table.

    Returns 0 if everything is graded, 1 if something needs attention.
    """
    put_tools_on_path()
    there = students_of(course)
    if not there:
        raise CourseError(
            f"submitted/ holds no work. Put notebooks into submitted/STUDENT/{ASSIGNMENT}/, "
            "or make an example class: course class"
        )
    chosen = _chosen(students, there, "student in submitted/")
    wanted = _chosen(notebooks, course.names(), "notebook")
    with _alone(course), _gradebook_errors():
        stock = Stock(course)
        kept = Record(stock.db_url)
        try:
            _learn_assignment(course, stock, kept)
            _grade(course, stock, kept, chosen, wanted, force)
            attention = _misplaced(course) + _give_feedback(course, stock, kept, chosen)
            rows = table.rows(there, course.names(), kept.runs(), stock.scores())
        finally:
            kept.close()
    table.show(course, rows, attention)
    return 1 if attention or any(row.problems for row in rows) else 0


@contextmanager
def _gradebook_errors() -> Iterator[None]:
    """Say in one sentence that the gradebook could not be read or written."""
    try:
        yield
    except DatabaseError as error:
        raise CourseError(
            f"The gradebook cannot be used ({error.orig}). If another program has it open, close "
            "that; if it is damaged, move gradebook.db away: everything will be graded anew."
        ) from None


def students_of(course: Course) -> list[str]:
    """The students who handed something in, sorted."""
    if not course.submitted.is_dir():
        return []
    return sorted(path.parent.name for path in course.submitted.glob(f"[!.]*/{ASSIGNMENT}/"))


def _misplaced(course: Course) -> list[str]:
    """What lies in submitted/ where it is not looked for."""
    return [
        f"{course.show(path)} has no folder {ASSIGNMENT}; the notebooks belong there."
        for path in sorted(course.submitted.glob("[!.]*"))
        if not (path / ASSIGNMENT).is_dir()
    ]


def _chosen(asked: list[str] | None, there: list[str], what: str) -> list[str]:
    for name in asked or []:
        if name not in there:
            raise CourseError(f"There is no {what} named {name}. There are: {', '.join(there)}")
    return [name for name in there if not asked or name in asked]


@contextmanager
def _alone(course: Course) -> Iterator[None]:
    """Keep a second run out; the lock goes with the process, however that ends."""
    directory = os.open(course.root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError("Another run is grading this course. Wait until it ends.") from None
        yield
    finally:
        os.close(directory)


def _learn_assignment(course: Course, stock: Stock, kept: Record) -> None:
    """Make the assignment known to the gradebook, unless it knows it as it is now."""
    fingerprint = record.fingerprint_of_assignment(course)
    if kept.made("assignment") == fingerprint and stock.knows_assignment():
        return
    made = stock.learn_assignment()
    try:
        if release.differences(made, course.release):
            print(
                "release/ is not what source/ makes; students may have other tests. "
                "Make it anew: course release"
            )
    finally:
        shutil.rmtree(made.parent)
    kept.write_made("assignment", fingerprint)


def _grade(
    course: Course,
    stock: Stock,
    kept: Record,
    students: list[str],
    notebooks: list[str],
    force: bool,
) -> None:
    done = kept.runs()
    for student in students:
        for notebook in notebooks:
            fingerprint = record.fingerprint_of_work(course, student, notebook)
            last = done.get((student, notebook))
            if not force and last and last.is_final and last.fingerprint == fingerprint:
                continue
            started = Run(student, notebook, fingerprint, record.STARTED)
            # Before the old scores go, so that a run that is stopped here is finished later.
            kept.write(started)
            stock.clear(student, notebook)
            clock = time.monotonic()
            status, reason = _grade_one(course, stock, student, notebook)
            seconds = time.monotonic() - clock
            kept.write(replace(started, status=status, reason=reason, seconds=seconds))
            print(f"{student}, {notebook}: {status} ({seconds:.1f} s)", flush=True)


def _grade_one(course: Course, stock: Stock, student: str, notebook: str) -> tuple[str, str]:
    """Grade one notebook; returns the status and, where something went wrong, the reason."""
    directory = course.submitted / student / ASSIGNMENT
    if not (directory / f"{notebook}.ipynb").is_file():
        stock.give_nothing(student, notebook)
        return record.MISSING, _look_alike(directory, notebook)
    if notebook == "4-svhn":
        _check_data(course)
    try:
        stock.autograde(student, notebook)
    except NotGraded as error:
        stock.clear(student, notebook)
        return record.UNREADABLE if error.is_of_file else record.FAILED, str(error)
    return record.GRADED, _deleted(directory / f"{notebook}.ipynb", notebook)


def _deleted(path: Path, notebook: str) -> str:
    """Which graded cells a notebook lacks: they get no score, and wait for a person."""
    there = cells.by_grade_id(cells.read_notebook(path))
    lacking = [
        cell.grade_id
        for cell in CONTRACT.get(notebook, ())
        if cell.kind != "solution" and cell.grade_id not in there
    ]
    if not lacking:
        return ""
    return (
        f"Deleted, so without a score: {', '.join(lacking)}. "
        "Ask for the work in a fresh copy of the notebook."
    )


def _look_alike(directory: Path, notebook: str) -> str:
    """A hint where a missing notebook seems to be there under another name."""
    others = [
        path.name
        for path in sorted(directory.glob("*.ipynb"))
        if path.name.startswith(notebook[0]) and path.stem not in CONTRACT
    ]
    if not others:
        return ""
    return f'There is "{others[0]}" in its place; if that is it, name it {notebook}.ipynb.'


def _check_data(course: Course) -> None:
    directory = Path(os.environ.get("SVHN_DIR", ""))  # set by nbgrader_config.py
    for name in ("train_32x32.mat", "test_32x32.mat"):
        if not (directory / name).is_file():
            raise CourseError(
                f"{course.show(directory)} has no {name}, which 4-svhn needs. Draw it: make data"
            )


def _give_feedback(course: Course, stock: Stock, kept: Record, students: list[str]) -> list[str]:
    """Make the feedback that is not up to date; returns what could not be made and why.

    Points and comments that a person gave since the last run make it out of date, too.
    """
    problems = []
    runs = kept.runs()
    for student in students:
        state = [
            (run.notebook, run.fingerprint, run.status)
            for run in sorted(runs.values(), key=lambda run: run.notebook)
            if run.student == student
        ]
        text = repr(state) + stock.grades_as_text(student)
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        pages = {
            course.feedback / student / ASSIGNMENT / f"{notebook}.html"
            for notebook, _, status in state
            if status == record.GRADED
        }
        what = f"feedback/{student}"
        if kept.made(what) == fingerprint and all(page.is_file() for page in pages):
            continue
        try:
            stock.make_feedback(student)
        except NotGraded as error:
            problems.append(f"feedback of {student}: {error}")
        else:
            kept.write_made(what, fingerprint)
    return problems
