"""Make the pages that students get back, where they are not up to date, some students at a time."""

import logging
import multiprocessing
import os
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from grader.basics import startup, stop_points, system
from grader.course import fingerprint
from grader.course.directory import Course, put_tools_on_path
from grader.engine.execution.pool import Pool, begin_worker
from grader.gradebook.attempts import Attempt
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import GONE, Run
from grader.gradebook.student_view import NotebookFacts
from grader.instructors.feedback import render
from grader.instructors.feedback.render import NoFeedback
from grader.nbgrader_app.session import NbgraderSession
from grader.submissions import exchange

LOG = logging.getLogger("grader.instructors.feedback")
PAGES = "feedback/"  # then the student: what the gradebook notes of pages that are made
_FEW = 20  # for so few, starting processes takes longer than it saves

_stock: NbgraderSession | None = None  # of a worker process


@dataclass(frozen=True)
class _Pages:
    """The pages of one student, `hindered` of them of notebooks that could not be graded."""

    student: str
    hindered: tuple[str, ...]
    made_from: str


def make_feedback(
    course: Course, stock: NbgraderSession, recorder: Recorder, students: Sequence[str], jobs: int
) -> dict[str, str]:
    """Make the pages that are not up to date; returns why not, by the student, where that failed.

    Points and comments that a person gave since the last run make them out of date, too.
    """
    problems = {}
    stale = list(_stale(course, stock, recorder, students))
    for pages, problem in _made(course, stock, stale, jobs):
        if problem:
            problems[pages.student] = f"feedback of {pages.student}: {problem}"
        else:
            stop_points.here("pages-made")
            recorder.write_made(course.assignment, f"{PAGES}{pages.student}", pages.made_from)
        LOG.info("[%s] feedback %s", pages.student, problem or "made")
    return problems


def _stale(
    course: Course, stock: NbgraderSession, recorder: Recorder, students: Sequence[str]
) -> Iterator[_Pages]:
    """The pages that are not up to date."""
    name = course.assignment
    is_one = len(students) == 1  # as work arrives; for a class, the queries are the same for all
    facts = _facts_of(recorder, name, students) if is_one else _facts_of_class(recorder, name)
    style = render.style_fingerprint(stock)
    shown_to = render.levels(stock, recorder)
    made = (
        {student: recorder.made(name, f"{PAGES}{student}") for student in students}
        if is_one
        else recorder.made_below(name, PAGES)
    )
    for student in students:
        own, *state = facts.get(student, _Facts())
        shown = repr([(run.notebook, run.fingerprint, run.status) for run in own])
        made_from = fingerprint.of_texts(style, shown, *state, shown_to(student))
        directory = course.pages(student)
        hindered = [run for run in own if _tells_why(run)]
        wanted = [run for run in own if run.status == "graded"] + hindered
        is_there = all((directory / f"{run.notebook}.html").is_file() for run in wanted) and (
            not wanted or exchange.is_passed_on(course, student)
        )
        if made.get(student) != made_from or not is_there:
            yield _Pages(student, tuple(run.notebook for run in hindered), made_from)


class _Facts(NamedTuple):
    """What a student's pages are made from: runs, and fingerprints of all else in the gradebook."""

    runs: Sequence[Run] = ()
    grades: str = ""
    attempt: str = ""


def _facts_of(recorder: Recorder, assignment: str, students: Sequence[str]) -> dict[str, _Facts]:
    """Those of some students, without reading the rows of the class."""
    found = {}
    for student in students:
        runs = recorder.runs_of(assignment, student)
        facts = recorder.student_facts(assignment, student, runs)
        attempt = recorder.attempts(assignment, student).get(student)
        found[student] = _of(runs.values(), facts, attempt)
    return found


def _facts_of_class(recorder: Recorder, assignment: str) -> dict[str, _Facts]:
    """Those of all who handed in."""
    all_runs, attempts = recorder.runs(assignment), recorder.attempts(assignment)
    by_student: dict[str, list[Run]] = defaultdict(list)
    for run in all_runs.values():
        by_student[run.student].append(run)
    found = {name: _of(runs, {}, attempts.get(name)) for name, runs in by_student.items()}
    for student, facts in recorder.class_facts(assignment, all_runs):
        found[student] = _of(by_student.get(student, ()), facts, attempts.get(student))
    return found


def _of(runs: Iterable[Run], facts: Mapping[str, NotebookFacts], attempt: Attempt | None) -> _Facts:
    in_order = sorted(runs, key=lambda run: run.notebook)
    grades = fingerprint.of_texts(repr(sorted(facts.items()))) if facts else ""
    return _Facts(in_order, grades, repr(attempt) if attempt else "")


def _tells_why(run: Run) -> bool:
    """Whether a notebook that was not graded has a page, which says what hindered it."""
    return run.status in GONE and bool(run.reason)


def _made(
    course: Course, stock: NbgraderSession, stale: Sequence[_Pages], jobs: int
) -> Iterator[tuple[_Pages, str]]:
    """Make pages, in this process or in some; gives with each why it was not made, if so."""
    # More than there are cores would gain nothing: who makes pages never waits.
    if len(stale) <= _FEW or jobs == 1:
        yield from ((pages, _make(stock, pages)) for pages in stale)
        return
    pool: Pool[_Pages] = Pool(min(jobs, system.cores()), partial(_executor, course))
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
