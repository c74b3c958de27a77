"""Make the pages that students get back, where they are not up to date, some students at a time."""

import logging
import multiprocessing
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

from grader.basics import startup, stop_points
from grader.course import fingerprint
from grader.course.directory import Course, put_tools_on_path
from grader.engine.execution.pool import Pool, begin_worker
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import GONE, Run
from grader.instructors.feedback import render
from grader.instructors.feedback.render import NoFeedback
from grader.nbgrader_app.session import NbgraderSession
from grader.submissions import exchange

LOG = logging.getLogger("grader.instructors.feedback")
_FEW = 4  # for so few, starting processes takes longer than it saves

_stock: NbgraderSession | None = None  # of a worker process


@dataclass(frozen=True)
class _Pages:
    """The pages of one student, `hindered` of them of notebooks that could not be graded."""

    student: str
    hindered: tuple[str, ...]
    made_from: str


def make_feedback(
    course: Course, stock: NbgraderSession, recorder: Recorder, students: Sequence[str], jobs: int
) -> list[str]:
    """Make the pages that are not up to date; returns what could not be made and why.

    Points and comments that a person gave since the last run make them out of date, too.
    """
    problems = []
    stale = list(_stale(course, stock, recorder, students))
    for pages, problem in _made(course, stock, stale, jobs):
        if problem:
            problems.append(f"feedback of {pages.student}: {problem}")
        else:
            stop_points.here("pages-made")
            recorder.write_made(course.assignment, _row(pages.student), pages.made_from)
        LOG.info("[%s] feedback %s", pages.student, problem or "made")
    return problems


def _stale(
    course: Course, stock: NbgraderSession, recorder: Recorder, students: Sequence[str]
) -> Iterator[_Pages]:
    """The pages that are not up to date."""
    all_runs = recorder.runs(course.assignment)
    by_student: dict[str, list[Run]] = defaultdict(list)
    for run in sorted(all_runs.values(), key=lambda run: run.notebook):
        by_student[run.student].append(run)
    style = render.style_fingerprint(stock)
    grades = dict(_grades(recorder, course.assignment, all_runs))
    made = recorder.made_like(course.assignment, _row(""))
    for student in students:
        own = by_student[student]
        state = repr([(run.notebook, run.fingerprint, run.status) for run in own])
        made_from = fingerprint.of_texts(style, state, grades.get(student, ""))
        directory = course.pages(student)
        hindered = [run for run in own if _tells_why(run)]
        wanted = [run for run in own if run.status == "graded"] + hindered
        is_there = all((directory / f"{run.notebook}.html").is_file() for run in wanted) and (
            not wanted or exchange.is_passed_on(course, student)
        )
        if made.get(_row(student)) != made_from or not is_there:
            yield _Pages(student, tuple(run.notebook for run in hindered), made_from)


def _grades(
    recorder: Recorder, assignment: str, all_runs: Mapping[tuple[str, str], Run]
) -> Iterator[tuple[str, str]]:
    """By student, a fingerprint of all that their pages show of nbgrader's gradebook."""
    for student, facts in recorder.class_facts(assignment, all_runs):
        yield student, fingerprint.of_texts(repr(sorted(facts.items())))


def _tells_why(run: Run) -> bool:
    """Whether a notebook that was not graded has a page, which says what hindered it."""
    return run.status in GONE and bool(run.reason)


def _row(student: str) -> str:
    return f"feedback/{student}"


def _made(
    course: Course, stock: NbgraderSession, stale: Sequence[_Pages], jobs: int
) -> Iterator[tuple[_Pages, str]]:
    """Make pages, in this process or in some; gives with each why it was not made, if so."""
    if len(stale) <= _FEW or jobs == 1:
        yield from ((pages, _make(stock, pages)) for pages in stale)
        return
    pool: Pool[_Pages] = Pool(jobs, partial(_executor, course))
    try:
        for pages, problem in pool.map(_make_in_worker, ((pages, pages) for pages in stale)):
            died = "the process that made it died, three times"
            yield pages, died if problem is None else problem
        pool.close()
    except BaseException:
        pool.kill()
        raise


def _executor(course: Course, jobs: int) -> Executor:
    context = multiprocessing.get_context("spawn")
    own = (course, os.getpid(), tempfile.gettempdir())
    begin = partial(startup.begin, __name__, _begin_worker.__name__, *own)
    return ProcessPoolExecutor(jobs, context, begin)


def _begin_worker(course: Course, parent: int, temporary: str) -> None:
    global _stock
    begin_worker(parent, temporary)
    put_tools_on_path()
    _stock = NbgraderSession(course, new_log=False)


def _make_in_worker(pages: _Pages) -> str:
    assert _stock is not None
    return _make(_stock, pages)


def _make(stock: NbgraderSession, pages: _Pages) -> str:
    """Make a student's pages; returns why not, if so."""
    try:
        render.pages(stock, pages.student, pages.hindered)
    except NoFeedback as error:
        return str(error)
    return ""
