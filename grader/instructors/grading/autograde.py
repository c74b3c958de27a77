"""The steps of grading a notebook: read, prepare, execute, score, record."""

import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from nbformat import NotebookNode

from grader.basics import atomic, stop_points
from grader.basics.errors import UserError
from grader.course import fingerprint
from grader.course.directory import Course
from grader.course.editions import Editions
from grader.engine.cluster.pool import ClusterPool
from grader.engine.execution import bundle
from grader.engine.execution.bundle import Result
from grader.engine.execution.pool import Pool
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import Outcome
from grader.notebooks import untrusted
from grader.notebooks.source import Layout, SourceNotebook, read_layout
from grader.scoring import first_error
from grader.scoring.verdict import outcome_of
from grader.submissions import copies, match_files, prepare, submission
from grader.submissions.prepare import Prepared
from grader.submissions.submission import Submission

_LONGEST_PATH = 300  # characters that are shown
LOG = logging.getLogger("grader.instructors.grading.autograde")


@dataclass(frozen=True)
class Task:
    """One notebook of one student. Its content is read again when its turn comes, for a class need
    not be in memory at once.
    """

    student: str
    notebook: str
    timestamp: datetime | None
    fingerprint: str
    work: str  # the fingerprint of what was handed in, without what grades it
    content: str  # the same of the notebook alone, without other files and the time
    handed_in: Submission

    @property
    def key(self) -> tuple[str, str]:
        """How the gradebook's rows are found."""
        return self.student, self.notebook

    def __str__(self) -> str:
        return f"{self.student}, {self.notebook}"


@dataclass
class _Work:
    task: Task
    prepared: Prepared
    source: SourceNotebook
    language: str
    started: float
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Done:
    """A task that is over: the outcome, and whether it was written to the gradebook."""

    task: Task
    outcome: Outcome
    fault: str = ""


def read_task(
    course: Course,
    environment: str,
    student: str,
    notebook: str,
    editions: Editions,
    handed_in: Submission | None = None,
) -> Task:
    """Read what a student handed in for a notebook, without following a link.

    `environment` is the fingerprint of what grades it, in every language.
    """
    handed_in = handed_in or submission.find_submission(course, student, submission.marks(course))
    file = handed_in.file(notebook)
    content, trouble = handed_in.content(file)
    names = "\n".join(handed_in.names)  # other files are told of, too
    others = [
        fingerprint.of_texts(copy) for _, copy in handed_in.copies(notebook, editions.handouts(""))
    ]
    time = handed_in.time
    there = "there" if content is not None else ""
    own = (content or b"", there, trouble)
    work: list[str | bytes] = [*own, names, time.written, *others]
    language = editions.language_of(notebook, content)
    made_from = fingerprint.of_texts(*work, environment, *editions.made_from(language))
    prints = (made_from, fingerprint.of_texts(*work), fingerprint.of_texts(*own))
    return Task(student, notebook, time.utc, *prints, handed_in)


class Autograder:
    """Grades tasks with a pool of workers; this process alone writes the results."""

    def __init__(
        self,
        course: Course,
        recorder: Recorder,
        pool: "Pool[tuple[str, str]] | ClusterPool[tuple[str, str]] | None",
        config: Mapping[str, Any],
        environment: Mapping[str, str],
        editions: Editions,
    ) -> None:
        """Without a pool, the one who calls `begin` and `finish` has the notebooks run."""
        self._course, self._recorder, self._pool = course, recorder, pool
        self._under_way: dict[tuple[str, str], _Work] = {}
        self._config, self._environment = config, environment
        self._editions = editions
        self._handouts = editions.handouts("")
        self._layouts: dict[str, Layout] = {}
        self._timings = os.environ.get("COURSE_TIMINGS")

    def grade(self, tasks: Iterable[Task]) -> Iterator[Done]:
        """Grade all tasks; gives each when it is recorded.

        Raises UserError if the engine cannot run here, and UserError or ResourceError if the
        gradebook cannot be written. What was recorded before stays.
        """
        assert self._pool is not None
        over: list[Done] = []  # those that need no kernel

        def work() -> Iterator[tuple[tuple[str, str], bytes]]:
            for task in tasks:
                begun = self.begin(task)
                if isinstance(begun, Done):
                    over.append(begun)
                else:
                    yield task.key, begun

        for key, result in self._pool.run(work()):
            yield from _taken(over)
            yield self.finish(key, result)
        yield from _taken(over)

    def begin(self, task: Task) -> bytes | Done:
        """Read and prepare a notebook: what a worker executes, or Done where nothing is to run."""
        started = time.monotonic()
        item = self._begin(task, started)
        if isinstance(item, Outcome):
            return self._end(task, item, None)
        self._under_way[task.key] = item
        packed = bundle.pack(
            item.prepared.notebook,
            self._editions.handouts(item.language),
            self._config,
            self._environment,
        )
        item.seconds["prepare"] = time.monotonic() - started
        LOG.info("[%s] begins", task)
        return packed

    def finish(self, key: tuple[str, str], result: Result) -> Done:
        """Record what became of a notebook that was begun.

        Raises as `grade` does; then it can be called again, once what it says is mended.
        """
        done = self._finish(self._under_way[key], result)
        del self._under_way[key]
        return done

    def _begin(self, task: Task, started: float) -> _Work | Outcome:
        """Read and prepare a notebook; an outcome if there is nothing to run."""
        file = task.handed_in.file(task.notebook)
        content, trouble = task.handed_in.content(file)
        if content is None and not trouble:
            near = task.handed_in.doubt(task.notebook, self._handouts)
            return _outcome(self._course, task, "missing", reason=near, attention=bool(near))
        try:
            if content is None:
                raise untrusted.Unreadable(trouble)
            submitted = untrusted.parse(content)
        except untrusted.Unreadable as error:
            return _outcome(self._course, task, "unreadable", reason=str(error))
        if other := task.handed_in.other_notebook(task.notebook, submitted):
            return _outcome(self._course, task, "missing", reason=other, attention=True)
        teachers = self._recorder.source(
            self._course.assignment, task.notebook, self._read(task.notebook)
        )
        language = self._editions.language_of(task.notebook, content)
        source = self._editions.source(teachers, language)
        prepared = prepare.prepare(submitted, source, language)
        notes = prepared.notes + task.handed_in.notes(task.notebook, self._handouts)
        if encoding := submitted.metadata.get(untrusted.READ_AS):
            notes += (f"The file was not in UTF-8; it was read as {encoding}. Save it as UTF-8.",)
        doubts = prepared.doubts + self._copies(task, submitted, source, teachers)
        doubts += self._beside(task, source)
        if task.handed_in.time.doubt:
            doubts += (task.handed_in.time.doubt,)
        prepared = replace(prepared, notes=notes, doubts=doubts)
        return _Work(task, prepared, source, language, started)

    def _copies(
        self, task: Task, graded: NotebookNode, source: SourceNotebook, teachers: SourceNotebook
    ) -> tuple[str, ...]:
        """What to say of other files that are the same notebook, with answers of their own.

        `source` is in the language of the graded one, `teachers` in the course's own.
        """
        said = []
        for file, content in task.handed_in.copies(task.notebook, self._handouts):
            with suppress(untrusted.Unreadable):
                copy = untrusted.parse(content)
                if match_files.by_content(copy, task.handed_in.known) != task.notebook:
                    continue
                language = self._editions.language_of(task.notebook, content)
                its_source = self._editions.source(teachers, language)
                said.append(
                    copies.doubt(
                        copies.answers(graded, source),
                        task.handed_in.file(task.notebook),
                        copies.answers(copy, its_source),
                        file,
                        task.notebook,
                    )
                )
        return tuple(filter(None, said))

    def _beside(self, task: Task, source: SourceNotebook) -> tuple[str, ...]:
        """What to say of pictures and documents beside a notebook with an answer for a person."""
        found = task.handed_in.documents(task.notebook, self._handouts)
        if not found or not any(cell.grade and cell.solution for cell in source.cells):
            return ()
        shown = ", ".join(match_files.shown(path, _LONGEST_PATH) for path in found[:3]) + (
            " and more" if found[3:] else ""
        )
        return (f"Handed in beside the notebook, and perhaps part of an answer: {shown}.",)

    def _finish(self, work: _Work, result: Result) -> Done:
        """Score, write and record what came back."""
        task = work.task
        if result.refused:
            raise UserError(result.refused)
        if result.notebook is None:
            LOG.error("[%s] fault of the machine: %s", task, result.fault)
            reason = f"The machine failed, not the notebook: {result.fault}. Grade it again."
            failed = _outcome(self._course, task, "failed", reason=reason)
            return self._end(task, failed, None, fault=result.fault)
        clock = time.monotonic()
        prepared = work.prepared
        handouts = self._editions.handouts(work.language)
        judged = outcome_of(result, work.source, prepared.notes, prepared.doubts, handouts)
        if stopped := first_error.of_graded(result.notebook, judged["scores"]):
            judged["reason"] = " ".join(filter(None, [judged["reason"], stopped.told]))
            judged["attention"] = True
        outcome = _outcome(self._course, task, **judged)
        work.seconds |= {**result.seconds, "score": time.monotonic() - clock}
        clock = time.monotonic()
        done = self._end(task, outcome, result.notebook)
        work.seconds |= {
            "record": time.monotonic() - clock,
            "total": time.monotonic() - work.started,
        }
        self._tell_seconds(task, work.seconds)
        return done

    def _end(
        self, task: Task, outcome: Outcome, executed: NotebookNode | None, fault: str = ""
    ) -> Done:
        """Write the executed notebook, then the row that says that it is done."""
        last = self._recorder.runs(self._course.assignment).get(task.key) if fault else None
        if last is not None and last.is_final and last.fingerprint == task.fingerprint:
            return Done(task, outcome, fault)  # a grade of the same work is better than none
        # As nbformat writes it, but in one line, and neither copied nor checked once more.
        text = None if executed is None else json.dumps(executed, ensure_ascii=False)
        stop_points.here("work-handed-back")
        put_in_place(self._course, task, text)
        stop_points.here("notebook-in-place")
        self._recorder.record(outcome)
        LOG.info(
            "[%s] %s (%s sandbox) %s", task, outcome.status, outcome.tier or "no", outcome.reason
        )
        for note in outcome.notes:
            LOG.info("[%s] note: %s", task, note)
        return Done(task, outcome, fault)

    def _read(self, notebook: str) -> Layout:
        """What only the source knows: the order of the cells, and the texts of its prose."""
        if notebook not in self._layouts:
            path = self._course.source / f"{notebook}.ipynb"
            self._layouts[notebook] = read_layout(path)
        return self._layouts[notebook]

    def _tell_seconds(self, task: Task, seconds: Mapping[str, float]) -> None:
        """For benchmarks: where the time of a notebook went."""
        if self._timings:
            line = {"student": task.student, "notebook": task.notebook, **seconds}
            with open(self._timings, "a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")


def _taken(items: list[Done]) -> Iterator[Done]:
    while items:
        yield items.pop(0)


def _outcome(course: Course, task: Task, status: Any, **about: Any) -> Outcome:
    return Outcome(
        student=task.student,
        assignment=course.assignment,
        notebook=task.notebook,
        fingerprint=task.fingerprint,
        work=task.work,
        content=task.content,
        timestamp=task.timestamp,
        status=status,
        **about,
    )


def put_in_place(course: Course, task: Task, executed: str | None) -> None:
    """Put the text of an executed notebook, or none, in the place of the last one."""
    path = course.executed(task.student, task.notebook)
    if executed is None:
        path.unlink(missing_ok=True)
    else:
        atomic.write_text(path, executed, read_only=True)  # as nbgrader does
    page = course.pages(task.student) / f"{task.notebook}.html"
    page.unlink(missing_ok=True)  # it tells of the old work
