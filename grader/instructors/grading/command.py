"""Grade what is new in submitted/, give feedback, and show the table."""

import logging
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.basics import stop_points, system, words
from grader.basics.errors import UserError
from grader.basics.scratch import scratch
from grader.basics.terminal import LogFormatter, say
from grader.course import assignment, fingerprint, notebook_data, release_diff
from grader.course.directory import Course, put_tools_on_path
from grader.course.editions import Editions
from grader.course.lock import alone
from grader.course.notebook_data import DataSet
from grader.engine.cluster.pool import Cluster, ClusterPool
from grader.engine.execution.pool import LocalExecutors, Pool
from grader.gradebook import totals
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import Run
from grader.instructors.endings import ATTENTION, DONE, FAULT, plain_errors
from grader.instructors.feedback import render
from grader.instructors.feedback.make import make_feedback
from grader.instructors.grading import autograde, table
from grader.instructors.grading.autograde import Autograder, Done, Task
from grader.instructors.grading.order import longest_first, quickest_until
from grader.instructors.grading.progress import Progress
from grader.nbgrader_app.session import NbgraderSession
from grader.submissions import submission

LOG = "grading.log"
# Workers have what else notebooks may see from this process (SandboxProvisioner.environment).
ENVIRONMENT = {"NBGRADER_EXECUTION": "autograde"}


@dataclass(frozen=True)
class Options:
    """What to grade and how; see the command line. `jobs`: notebooks at a time here; `cluster`,
    `tls` and `insecure` stand for the settings of Cluster.
    """

    students: Sequence[str] = ()
    notebooks: Sequence[str] = ()
    force: bool = False
    jobs: int = 0
    unsafe: bool = False
    feedback: bool = True
    cluster: str = ""
    tls: Path | None = None
    insecure: bool = False


@dataclass
class _Report:
    """What a run has to tell."""

    progress: Progress
    runs: dict[tuple[str, str], Run]
    faults: list[str]
    problems: list[str]


def run(course: Course, options: Options) -> int:
    """Grade submissions that are new or changed; print the table.

    Returns 0 if everything is graded, 1 if something needs attention, 3 if the machine failed
    and grading again may help. Raises UserError for what a person must mend first.
    """
    put_tools_on_path()
    there = students_of(course)
    if not there:
        raise UserError(
            f"{course.show(course.submitted)}/ holds no work. Put notebooks into "
            f"{course.show(course.submission('STUDENT'))}/, or make an example class: course class"
        )
    options = replace(
        options,
        students=chosen(options.students, there, "student in submitted/"),
        notebooks=chosen(options.notebooks, course.names(), "notebook"),
        jobs=options.jobs or system.notebooks_at_a_time(),
    )
    with alone(course), plain_errors(), scratch():
        stock = NbgraderSession(course)
        with log(
            course
        ):  # after NbgraderSession, for nbgrader closes all logs when it sets up its own
            report = _run(course, stock, options)
        rows = table.rows(there, course.names(), report.runs, totals.totals(stock))
    problems = [*report.faults, *report.problems]
    table.show(course, rows, problems, gradebook=stock.gradebook_shown)
    told = [*problems, *(each for row in rows for each in row.problems)]
    report.progress.show_summary(len(told))
    if report.faults:
        return FAULT
    return ATTENTION if report.problems or any(row.problems for row in rows) else DONE


def _run(course: Course, stock: NbgraderSession, options: Options) -> _Report:
    """Grade, and give feedback."""
    options, left = without_foreign(course, options)
    recorder = Recorder(stock.db_url, stock.course_id, stock.late_penalty())
    try:
        tasks, unchanged = plan(course, recorder, options, course)
        cluster = _cluster(stock, options).address
        where = f"by the cluster at {cluster}" if cluster else ""
        progress = Progress((task.notebook for task in tasks), unchanged, options.jobs, where)
        faults = grade_tasks(course, stock, recorder, tasks, options, progress)
        recorder.renew_penalties(course.assignment)
        problems = [*left, *_misplaced(course)]
        if options.feedback:
            failed = make_feedback(course, stock, recorder, options.students, options.jobs)
            problems += failed.values()
        return _Report(progress, recorder.runs(course.assignment), faults, problems)
    finally:
        recorder.close()


@contextmanager
def log(course: Course) -> Iterator[None]:
    """Write what happens to every notebook to the file grading.log."""
    path = course.logs / course.made(LOG).name
    handler = logging.FileHandler(path, mode="w", encoding="utf-8", delay=True, errors="replace")
    with logged(handler):
        yield


@contextmanager
def logged(handler: logging.Handler) -> Iterator[None]:
    """Let a handler have all that is logged, as long as the context lasts; then close it."""
    handler.setFormatter(LogFormatter("%(asctime)s %(levelname)s %(message)s"))
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
    names = (path.parent.name for path in course.submitted.glob(f"[!.]*/{course.assignment}/"))
    return sorted(name for name in names if can_be_recorded(name))


def can_be_recorded(name: str) -> bool:
    """Whether a folder's name is one that the gradebook can hold and nbgrader leaves as it is."""
    return name == name.strip() and name == words.valid(name)


def _misplaced(course: Course) -> list[str]:
    """What lies in submitted/ where it is not looked for."""
    found = []
    for path in sorted(course.submitted.iterdir()):
        shown = words.valid(course.show(path))
        if path.name.startswith("."):
            if path.is_dir() and not submission.is_litter(path.name):
                found.append(
                    f"{shown} begins with a dot, so nothing in it is graded. If it is a student's, "
                    "rename the folder; if not, remove it."
                )
        elif not (path / course.assignment).is_dir():
            if any((path / other).is_dir() for other in course.others):
                continue  # who hands in one assignment need not hand in another
            found.append(f"{shown} has no folder {course.assignment}; the notebooks belong there.")
        elif not can_be_recorded(path.name):
            found.append(
                f"{shown}: a student's name must be valid text without spaces at its ends. "
                "Rename the folder."
            )
    return found


def chosen(asked: Sequence[str], there: list[str], what: str) -> list[str]:
    """Those of `there` that were asked for, all of them by default."""
    for name in asked:
        if name not in there:
            raise UserError(f"There is no {what} named {name}. There are: {', '.join(there)}")
    return [name for name in there if not asked or name in asked]


def without_foreign(course: Course, options: Options) -> tuple[Options, list[str]]:
    """The options without notebooks that are not in Python, and what to say of these.

    Raises UserError if none is left.
    """
    notebooks, left = in_python(course, options.notebooks)
    if left and not notebooks:
        raise UserError(" ".join(left))
    return replace(options, notebooks=notebooks), left


def in_python(course: Course, notebooks: Iterable[str]) -> tuple[list[str], list[str]]:
    """Those of the notebooks that the engine runs, and what to say of each of the others."""
    languages = {name: assignment.foreign_language(course, name) for name in notebooks}
    left = [
        f"{name}.ipynb is in {language}, and the engine runs Python only: it is not graded. Stock "
        f"nbgrader grades it: COURSE_STOCK=1 nbgrader autograde {course.assignment} "
        f"--notebook={name}"
        for name, language in languages.items()
        if language
    ]
    return [name for name, language in languages.items() if not language], left


def learn_assignment(course: Course, stock: NbgraderSession, recorder: Recorder) -> None:
    """Make the assignment known to the gradebook, unless it knows it as it is now."""
    made_from = fingerprint.of_assignment(course)
    with recorder.alone():
        if recorder.made(course.assignment, "assignment") == made_from and stock.knows_assignment():
            return
        made = stock.learn_assignment()
        try:
            if course.release.is_dir() and release_diff.differences(made, course.release):
                say(
                    "release/ is not what source/ makes; students may have other tests. "
                    "Make it anew: course release"
                )
        finally:
            shutil.rmtree(made.parent)
        stop_points.here("assignment-learned")
        recorder.write_made(course.assignment, "assignment", made_from)


def plan(
    course: Course, recorder: Recorder, options: Options, results: Course
) -> tuple[list[Task], int]:
    """What there is to grade, and how many notebooks are graded already.

    One whose executed notebook is gone from `results`, a course, is graded again: the pages and the
    formgrader need it.
    """
    runs = recorder.runs(course.assignment)
    tasks = []
    unchanged = 0
    marks = submission.marks(course)
    handed_in = {name: submission.find_submission(course, name, marks) for name in options.students}
    editions = Editions(course)
    for notebook in options.notebooks:
        environment = fingerprint.of_environment(course, notebook)
        for student in options.students:
            task = autograde.read_task(
                course, environment, student, notebook, editions, handed_in[student]
            )
            last = runs.get(task.key)
            if (
                not options.force
                and last
                and last.is_final
                and last.fingerprint == task.fingerprint
                and is_kept(results, last)
            ):
                unchanged += 1
            else:
                tasks.append(task)
    return longest_first(course, tasks, runs), unchanged


def is_kept(results: Course, run: Run) -> bool:
    """Whether the executed notebook of a run is there, if it has one."""
    return run.status != "graded" or results.executed(run.student, run.notebook).is_file()


def grade_tasks(
    course: Course,
    stock: NbgraderSession,
    recorder: Recorder,
    tasks: list[Task],
    options: Options,
    progress: Progress,
) -> list[str]:
    """Grade the tasks; returns the faults of the machine that are left."""
    names = {task.notebook for task in tasks}
    check_data(course, notebook_data.of_config(stock.config), names)
    settings = engine_settings(course, stock, names, unsafe=options.unsafe)
    pool = _pool(_cluster(stock, options), settings, options.jobs, len(tasks))
    faults = []
    try:
        if tasks:
            pool.start()  # the workers import while the assignment is read
        learn_assignment(course, stock, recorder)
        with progress:
            grader = Autograder(course, recorder, pool, settings, ENVIRONMENT, Editions(course))
            for done in grader.grade(quickest_until(lambda: pool.is_ready, tasks)):
                progress.advance(done)
                if done.fault:
                    faults.append(_fault(done))
        pool.close()
    except BaseException:
        pool.kill()
        raise
    return faults


def engine_settings(
    course: Course,
    stock: NbgraderSession,
    notebooks: Collection[str] | None = None,
    *,
    unsafe: bool = False,
) -> dict[str, dict[str, Any]]:
    """What the configuration says to the workers, which are to be warm for these notebooks, or all.

    Raises UserError for a setting that cannot be, before anything is graded.
    """
    render.check_policy(stock)
    settings = stock.settings(notebooks)
    provisioner = settings.setdefault("SandboxProvisioner", {})
    if exposed := stock.exposed(provisioner.get("readable", ())):
        what, shown = exposed
        raise UserError(
            f"Notebooks may read {shown}, and so {what}: they would find solutions, students' work "
            f"or grades there. Move {what}, or what shows it (the Python environment, or the data "
            "in nbgrader_config.py)."
        )
    if unsafe:
        provisioner["unsafe"] = True
    return settings


def _cluster(stock: NbgraderSession, options: Options) -> Cluster:
    """The settings of the cluster; its address is empty where none is to grade."""
    cluster = Cluster(config=stock.config)
    cluster.address = options.cluster or cluster.address
    cluster.tls = str(options.tls or cluster.tls)
    cluster.insecure = cluster.insecure or options.insecure
    return cluster


def _pool(
    cluster: Cluster, settings: dict[str, dict[str, Any]], jobs: int, tasks: int
) -> "Pool[tuple[str, str]] | ClusterPool[tuple[str, str]]":
    """What runs the notebooks: a cluster where one is named, or processes of this machine."""
    if cluster.address:
        return ClusterPool(cluster, settings)
    settings["SandboxProvisioner"].setdefault("threads", max(1, system.cores() // jobs))
    return Pool(max(1, min(jobs, tasks)), LocalExecutors(settings))


def _fault(done: Done) -> str:
    return (
        f"{done.task}: not graded, for the machine failed ({done.fault}). Run `course grade` again."
    )


def check_data(course: Course, sets: Iterable[DataSet], notebooks: Iterable[str]) -> None:
    """Raise UserError if a file is missing that one of the notebooks reads."""
    for data in notebook_data.read_by(sets, notebooks):
        if missing := data.missing(course):
            todo = f" To do: {data.make}" if data.make else ""
            raise UserError(f"Nothing is graded, for {missing}.{todo}")
