"""Make the pages that students get back, where they are not up to date, some students at a time."""

import logging
import multiprocessing
import os
import tempfile
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial

from grader import fingerprint
from grader.course import ASSIGNMENT, Course, put_tools_on_path
from grader.engine.pool import begin_worker
from grader.engine.recorder import Recorder
from grader.engine.runs import Run
from grader.feedback import exchange
from grader.stock import NoFeedback, Stock

LOG = logging.getLogger("grader.feedback")
_FEW = 4  # for so few, starting processes takes longer than it saves

_stock: Stock | None = None  # of a worker process


def make_feedback(
    course: Course, stock: Stock, recorder: Recorder, students: Sequence[str], jobs: int
) -> list[str]:
    """Make the pages that are not up to date; returns what could not be made and why.

    Points and comments that a person gave since the last run make them out of date, too.
    """
    problems = []
    stale = dict(_stale(course, stock, recorder, students))
    with _maker(course, stock, len(stale), jobs) as make:
        for student, problem in zip(stale, make(stale), strict=True):
            if problem:
                problems.append(f"feedback of {student}: {problem}")
            else:
                recorder.write_made(_row(student), stale[student])
            LOG.info("[%s] feedback %s", student, problem or "made")
    return problems


def _stale(
    course: Course, stock: Stock, recorder: Recorder, students: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """The students whose pages are not up to date, and the fingerprints of the new ones."""
    runs: dict[str, list[Run]] = defaultdict(list)
    for run in sorted(recorder.runs().values(), key=lambda run: run.notebook):
        runs[run.student].append(run)
    look = stock.look_of_feedback()
    for student in students:
        own = runs[student]
        state = repr([(run.notebook, run.fingerprint, run.status) for run in own])
        made_from = fingerprint.of_texts(look, state, stock.grades_as_text(student))
        directory = course.feedback / student / ASSIGNMENT
        pages = [directory / f"{run.notebook}.html" for run in own if run.status == "graded"]
        is_there = all(page.is_file() for page in pages) and (
            not pages or exchange.is_passed_on(course, student)
        )
        if recorder.made(_row(student)) != made_from or not is_there:
            yield student, made_from


def _row(student: str) -> str:
    return f"feedback/{student}"


@contextmanager
def _maker(
    course: Course, stock: Stock, count: int, jobs: int
) -> Iterator[Callable[[Iterable[str]], Iterable[str]]]:
    """What makes the pages of students: this process, or some."""
    if count <= _FEW or jobs == 1:
        yield partial(map, partial(_make, stock))
        return
    context = multiprocessing.get_context("spawn")
    begin = partial(_begin_worker, course, os.getpid(), tempfile.gettempdir())
    with ProcessPoolExecutor(jobs, context, begin) as pool:
        yield partial(_make_in, pool, stock)


def _make_in(pool: ProcessPoolExecutor, stock: Stock, students: Iterable[str]) -> Iterator[str]:
    """Make pages in the processes of the pool, or here, should one of them die."""
    left = deque(students)
    try:
        for problem in pool.map(_make_in_worker, tuple(left)):
            yield problem
            left.popleft()
    except BrokenExecutor:
        yield from (_make(stock, student) for student in left)


def _begin_worker(course: Course, parent: int, temporary: str) -> None:
    global _stock
    begin_worker(parent, temporary)
    put_tools_on_path()
    _stock = Stock(course, new_log=False)


def _make_in_worker(student: str) -> str:
    assert _stock is not None
    return _make(_stock, student)


def _make(stock: Stock, student: str) -> str:
    """Make a student's pages; returns why not, if so."""
    try:
        stock.make_feedback(student)
    except NoFeedback as error:
        return str(error)
    return ""
