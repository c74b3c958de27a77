"""Grade what is new in submitted/, give feedback, and show the table."""

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from grader import autograde, fingerprint, release, table
from grader.autograde import Autograder, Done, Task
from grader.contract import CONTRACT
from grader.course import ASSIGNMENT, Course, CourseError, put_tools_on_path
from grader.engine.pool import Pool
from grader.engine.recorder import Recorder, RecorderError
from grader.engine.runs import Run
from grader.engine.scratch import scratch
from grader.engine.warm import EngineError
from grader.feedback import make_feedback
from grader.progress import Progress
from grader.stock import Stock

LOG = "grading.log"
DONE, ATTENTION, FAULT = 0, 1, 3  # exit codes; 2 is for what a person must mend first


def run(
    course: Course,
    students: list[str] | None,
    notebooks: list[str] | None,
    *,
    force: bool,
    jobs: int | None = None,
    unsafe: bool = False,
    feedback: bool = True,
) -> int:
    """Grade submissions that are new or changed, or all with `force`; print the table.

    `jobs` notebooks at a time (default: one for each core); without `feedback`, the pages are
    left to a later run. Returns 0 if everything is graded,
    1 if something needs attention, 3 if the machine failed and grading again may help.
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
    jobs = max(1, jobs or len(os.sched_getaffinity(0)))
    with _alone(course), _plain_errors(), scratch():
        stock = Stock(course)
        with _log(course):  # after Stock, for nbgrader closes all logs when it sets up its own
            faults, problems, runs, progress = _run(
                course,
                stock,
                chosen,
                wanted,
                force=force,
                jobs=jobs,
                unsafe=unsafe,
                feedback=feedback,
            )
        rows = table.rows(there, course.names(), runs, stock.scores())
    table.show(course, rows, [*faults, *problems])
    progress.show_summary(runs)
    if faults:
        return FAULT
    return ATTENTION if problems or any(row.problems for row in rows) else DONE


def _run(
    course: Course,
    stock: Stock,
    students: list[str],
    notebooks: list[str],
    *,
    force: bool,
    jobs: int,
    unsafe: bool,
    feedback: bool,
) -> tuple[list[str], list[str], dict[tuple[str, str], Run], Progress]:
    """Grade and give feedback; returns faults of the machine, other problems, and what was done."""
    recorder = Recorder(stock.db_url, stock.course_id, stock.late_penalty())
    try:
        _learn_assignment(course, stock, recorder)
        tasks, unchanged = _plan(course, recorder, students, notebooks, force)
        progress = Progress(len(tasks), unchanged, jobs)
        faults = _grade(course, stock, recorder, tasks, jobs, unsafe, progress)
        problems = _misplaced(course)
        if feedback:
            problems += make_feedback(course, stock, recorder, students, jobs)
        return faults, problems, recorder.runs(), progress
    finally:
        recorder.close()


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Say in one sentence what a person must mend first."""
    try:
        yield
    except (RecorderError, EngineError) as error:
        raise CourseError(str(error)) from None
    except DatabaseError as error:  # nbgrader's own use of the gradebook
        raise CourseError(
            f"The gradebook cannot be used ({error.orig}). If another program has it open, close "
            "that; if it is damaged, move gradebook.db away: everything will be graded anew."
        ) from None
    except OSError as error:
        if error.errno is None or error.filename is None:
            raise
        raise CourseError(
            f"{error.filename}: {error.strerror}. Mend that and run this again; what is graded "
            "is recorded."
        ) from None


@contextmanager
def _log(course: Course) -> Iterator[None]:
    """Write what happens to every notebook to the file grading.log."""
    handler = logging.FileHandler(course.root / LOG, mode="w", encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("grader")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()


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


def _learn_assignment(course: Course, stock: Stock, recorder: Recorder) -> None:
    """Make the assignment known to the gradebook, unless it knows it as it is now."""
    made_from = fingerprint.of_assignment(course)
    if recorder.made("assignment") == made_from and stock.knows_assignment():
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
    recorder.write_made("assignment", made_from)


def _plan(
    course: Course, recorder: Recorder, students: list[str], notebooks: list[str], force: bool
) -> tuple[list[Task], int]:
    """What there is to grade, and how many notebooks are graded already.

    Those that take long come first, so that at the end no worker waits for another.
    """
    runs = recorder.runs()
    tasks = []
    unchanged = 0
    for notebook in notebooks:
        environment = fingerprint.of_environment(course, notebook)
        for student in students:
            task = autograde.read_task(course, environment, student, notebook)
            last = runs.get(task.key)
            if not force and last and last.is_final and last.fingerprint == task.fingerprint:
                unchanged += 1
            else:
                tasks.append(task)
    weights = {notebook: _weight(notebook, runs) for notebook in notebooks}
    tasks.sort(key=lambda task: -weights[task.notebook])
    return tasks, unchanged


def _weight(notebook: str, runs: dict[tuple[str, str], Run]) -> float:
    """About how long a notebook takes: as it did before, or by the number of its cells."""
    known = [run.seconds for run in runs.values() if run.notebook == notebook and run.seconds]
    return sum(known) / len(known) if known else float(len(CONTRACT.get(notebook, ())))


def _grade(
    course: Course,
    stock: Stock,
    recorder: Recorder,
    tasks: list[Task],
    jobs: int,
    unsafe: bool,
    progress: Progress,
) -> list[str]:
    """Grade the tasks; returns the faults of the machine that are left."""
    if any(task.notebook == "4-svhn" for task in tasks):
        _check_data(course)
    settings = stock.settings()
    provisioner = settings.setdefault("SandboxProvisioner", {})
    provisioner.setdefault("threads", max(1, len(os.sched_getaffinity(0)) // jobs))
    if unsafe:
        provisioner["unsafe"] = True
    environment = {"NBGRADER_EXECUTION": "autograde", "SVHN_DIR": os.environ.get("SVHN_DIR", "")}
    pool: Pool[tuple[str, str]] = Pool(min(jobs, max(1, len(tasks))))
    faults = []
    try:
        with progress:
            grader = Autograder(course, recorder, pool, settings, environment)
            for done in grader.grade(tasks):
                progress.advance(done)
                if done.fault:
                    faults.append(_fault(done))
        pool.close()
    except BaseException:
        pool.kill()
        raise
    return faults


def _fault(done: Done) -> str:
    return (
        f"{done.task}: not graded, for the machine failed ({done.fault}). Run `course grade` again."
    )


def _check_data(course: Course) -> None:
    directory = Path(os.environ.get("SVHN_DIR", ""))  # set by nbgrader_config.py
    for name in ("train_32x32.mat", "test_32x32.mat"):
        if not (directory / name).is_file():
            raise CourseError(
                f"{course.show(directory)} has no {name}, which 4-svhn needs. Draw it: make data"
            )
