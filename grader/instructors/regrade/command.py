"""Grade submissions by the tests as they are now: show what changes, and write it when told to."""

import logging
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from grader.basics import system, terminal
from grader.basics.errors import UserError
from grader.basics.scratch import scratch
from grader.basics.words import counted
from grader.course import fingerprint
from grader.course.directory import Course, put_tools_on_path
from grader.course.editions import Editions
from grader.course.gradebook_file import check_version_of_file
from grader.course.lock import alone
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import Run
from grader.instructors.endings import ATTENTION, DONE, FAULT, plain_errors
from grader.instructors.feedback.make import make_feedback
from grader.instructors.grading import autograde, command
from grader.instructors.grading.autograde import Done, Task
from grader.instructors.grading.progress import Progress
from grader.instructors.regrade import compare, show
from grader.instructors.regrade.compare import Book, Change
from grader.instructors.regrade.shadow import Shadow, back_up, check_is_there, copy_gradebook
from grader.nbgrader_app.session import NbgraderSession
from grader.submissions import submission

LOG = logging.getLogger("grader.instructors.regrade")
UNKNOWN = "graded when it was not yet noted what was handed in; taken as unchanged"


@dataclass(frozen=True)
class Options:
    """What to grade again and how; see the command line."""

    notebooks: Sequence[str] = ()
    students: Sequence[str] = ()
    write: bool = False
    csv: Path | None = None
    jobs: int = 0
    unsafe: bool = False
    feedback: bool = True
    cluster: str = ""
    tls: Path | None = None
    insecure: bool = False


@dataclass
class _Preview:
    """A regrade that was tried out on a copy of the gradebook."""

    shadow: Shadow
    made_from: str  # fingerprint of the assignment
    before: Book = field(default_factory=Book)
    after: Book = field(default_factory=Book)
    done: list[Done] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    others: dict[str, list[Task]] = field(default_factory=lambda: defaultdict(list))

    @property
    def graded(self) -> list[Done]:
        """What was graded; the rest is a fault of the machine."""
        return [done for done in self.done if not done.fault]

    @property
    def faults(self) -> list[Done]:
        """What the machine failed at."""
        return [done for done in self.done if done.fault]


class _Kept(Progress):
    """Keeps what is done, for it is shown before it is written."""

    def __init__(self, notebooks: Iterable[str], unchanged: int, jobs: int) -> None:
        super().__init__(notebooks, unchanged, jobs)
        self.done: list[Done] = []

    def advance(self, done: Done) -> None:
        """Count and keep a notebook that is over."""
        self.done.append(done)
        super().advance(done)


def run(course: Course, options: Options) -> int:
    """Show what grading by the tests as they are now changes, and write it when told to.

    Returns 0 if nothing is left to do, 1 if points would change and nothing was written, or
    something needs attention, and 3 if the machine failed. Raises UserError for what a person
    must mend first.
    """
    put_tools_on_path()
    if options.csv is not None and not options.csv.absolute().parent.is_dir():
        raise UserError(f"There is no directory {options.csv.absolute().parent} for the CSV.")
    csv = None if options.csv is None else options.csv.absolute()  # grading changes directory
    there = command.students_of(course)
    chosen = command.Options(
        students=command.chosen(options.students, there, "student in submitted/"),
        notebooks=command.chosen(options.notebooks, course.names(), "notebook"),
        jobs=options.jobs or system.notebooks_at_a_time(),
        unsafe=options.unsafe,
        cluster=options.cluster,
        tls=options.tls,
        insecure=options.insecure,
    )
    chosen, left = command.without_foreign(course, chosen)
    out = terminal.console()
    for line in left:
        out.print(escape(line), soft_wrap=True)
    with alone(course), plain_errors(), scratch() as temporary:
        preview = _try_out(course, temporary, chosen)
        _show(out, preview, chosen)
        if csv is not None:
            show.write_csv(csv, preview.changes)
            out.print(f"All changes: {escape(course.show(csv))}", soft_wrap=True)
        if not preview.graded:
            return FAULT if preview.faults else DONE
        if not options.write and not (preview.changes and _agreed()):
            out.print(
                "Nothing is written. To write it, and to make the feedback: course regrade --write"
            )
            return _code(preview, written=False)
        problems = _write(course, out, preview, chosen, feedback=options.feedback)
        return max(_code(preview, written=True), ATTENTION if problems else DONE)


def _code(preview: _Preview, *, written: bool) -> int:
    if preview.faults:
        return FAULT
    return ATTENTION if preview.changes and not written else DONE


def _agreed() -> bool:
    """Whether the person at a terminal, if there is one, wants it written."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        return input("Write this to the gradebook? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _try_out(course: Course, temporary: Path, options: command.Options) -> _Preview:
    """Grade again into a copy of the gradebook; the course itself is only read."""
    own = temporary / "regrade"
    own.mkdir(mode=0o700)  # it will hold grades
    shadow = Shadow(course.root, course.assignment, course.places, own=own)
    stock = NbgraderSession(shadow)
    check_is_there(stock)
    preview = _Preview(shadow, fingerprint.of_assignment(course))
    copy_gradebook(stock, shadow.gradebook)
    check_version_of_file(shadow.gradebook, stock.gradebook_shown)
    stock.use(shadow.gradebook)
    with command.log(shadow):
        recorder = Recorder(stock.db_url, stock.course_id, stock.late_penalty())
        try:
            # What is shown is what the tests change, and not what else a penalty would follow.
            recorder.renew_penalties(course.assignment)
            preview.before = compare.read(stock.db_url, course.assignment)
            stale, unchanged = command.plan(shadow, recorder, options, course)
            tasks = _regrades(stale, recorder.runs(course.assignment), preview)
            if not tasks:
                return preview
            recorder.refit(shadow)
            progress = _Kept((task.notebook for task in tasks), unchanged, options.jobs)
            command.grade_tasks(shadow, stock, recorder, tasks, options, progress)
        finally:
            recorder.close()
    preview.done = progress.done
    preview.after = compare.read(stock.db_url, course.assignment)
    keys = [done.task.key for done in preview.graded]
    messages = {
        (*key, cell): text
        for key in keys
        for cell, text in compare.messages(course.executed(*key), shadow.executed(*key)).items()
    }
    preview.changes = compare.compare(preview.before, preview.after, keys, messages)
    return preview


def _regrades(
    stale: Sequence[Task], runs: dict[tuple[str, str], Run], preview: _Preview
) -> list[Task]:
    """Of what is out of date, that of which only the grading changed; the rest is for `grade`."""
    tasks = []
    for task in stale:
        run = runs.get(task.key)
        if run is None or not run.is_final:
            preview.others["not graded yet"].append(task)
        elif run.work and run.work != task.work:
            preview.others["handed in again since"].append(task)
        else:
            tasks.append(task)
            if not run.work:
                preview.others[UNKNOWN].append(task)
    return tasks


def _show(out: Console, preview: _Preview, options: command.Options) -> None:
    if preview.done:
        out.print()
        show.show_tests(out, preview.before, preview.after, options.notebooks)
        show.show_changes(out, preview.changes, len(preview.graded))
        show.show_penalties(out, preview.before, preview.after)
    else:
        out.print("Nothing to grade again: what was graded was graded by the tests as they are.")
    for done in preview.faults:
        text = f"{done.task}: not graded, for the machine failed ({done.fault}). Try again."
        out.print(escape(text), soft_wrap=True)
    for why, tasks in preview.others.items():
        count = counted(len(tasks), "notebook")
        then = "" if why is UNKNOWN else " That is no regrade: course grade"
        which = show.names([str(task) for task in tasks], "; ")
        out.print(escape(f"{count} {why}: {which}.{then}"), soft_wrap=True)


def _write(
    course: Course, out: Console, preview: _Preview, options: command.Options, *, feedback: bool
) -> list[str]:
    """Write what the preview graded, and make the pages; returns what needs attention."""
    if fingerprint.of_assignment(course) != preview.made_from:
        raise UserError("source/ was changed meanwhile. Nothing is written; run this again.")
    stock = NbgraderSession(course)
    copy = back_up(course, stock)
    problems: list[str] = []
    written: list[Done] = []
    with command.log(course):
        recorder = Recorder(stock.db_url, stock.course_id, stock.late_penalty())
        try:
            recorder.refit(course)
            command.learn_assignment(course, stock, recorder)
            now = _Now(course)
            for done in preview.graded:
                if _put(now, preview, recorder, done):
                    written.append(done)
                else:
                    problems.append(
                        f"{done.task}: handed in again meanwhile; left to: course grade"
                    )
            recorder.renew_penalties(course.assignment)
            if feedback:
                students = sorted({done.task.student for done in written})
                failed = make_feedback(course, stock, recorder, students, options.jobs)
                problems += failed.values()
        finally:
            recorder.close()
    problems += _differing(stock, preview, written)
    count = sum(bool(change.difference) for change in preview.changes)
    notebooks = counted(len(written), "notebook")
    out.print(f"Written: {counted(count, 'change')} of points in {notebooks}.")
    for problem in problems:
        out.print(escape(problem), soft_wrap=True)
    out.print(escape(_way_back(course, stock, copy)), soft_wrap=True)
    return problems


def _way_back(course: Course, stock: NbgraderSession, copy: Path) -> str:
    """Where the gradebook is as it was, and how to have it so again."""
    shown = course.show(copy)
    steps = (
        "and: course regrade --write"  # what a person gave is there still
        if stock.gradebook_file is None
        else f"cp {shown} {stock.gradebook_shown}, and: course grade --force"
    )
    return f"The gradebook as it was: {shown}. To go back: put source/ back as it was, {steps}"


class _Now:
    """Reads what is handed in now; what it is graded with is read once."""

    def __init__(self, course: Course) -> None:
        self.course = course
        self._marks = submission.marks(course)
        self._editions = Editions(course)
        self._environment = cache(partial(fingerprint.of_environment, course))

    def task(self, student: str, notebook: str) -> Task:
        handed_in = submission.find_submission(self.course, student, self._marks)
        environment = self._environment(notebook)
        return autograde.read_task(
            self.course, environment, student, notebook, self._editions, handed_in
        )


def _put(now: _Now, preview: _Preview, recorder: Recorder, done: Done) -> bool:
    """Write one result, if it still belongs to what is handed in."""
    task = now.task(done.task.student, done.task.notebook)
    if task.fingerprint != done.task.fingerprint:  # not the whole: that one is of the shadow
        return False
    executed = preview.shadow.executed(*task.key)
    text = executed.read_text(encoding="utf-8") if executed.is_file() else None
    autograde.put_in_place(now.course, task, text)
    recorder.record(done.outcome)
    LOG.info("[%s] regraded: %s", task, done.outcome.status)
    return True


def _differing(stock: NbgraderSession, preview: _Preview, written: Sequence[Done]) -> list[str]:
    """Points that are not those of the preview: a person gave some meanwhile."""
    now = compare.read(stock.db_url, preview.shadow.assignment)
    keys = [done.task.key for done in written]
    return [
        f"{change.student}, {change.notebook}, {change.cell}: a person gave points meanwhile; they "
        f"stay ({change.new.points:g})"
        for change in compare.compare(preview.after, now, keys, {})
        if change.new is not None and change.difference
    ]
