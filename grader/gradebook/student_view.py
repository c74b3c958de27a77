"""What the gradebook says of one student's notebooks: all that a page of feedback tells of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from nbgrader import api

from grader.basics.words import for_student
from grader.gradebook import runs
from grader.gradebook.queries import of_assignment
from grader.scoring.score import NO_RESPONSE

_AT_ONCE = 1000  # rows that are read from the database at once
# The tables themselves: nbgrader's classes ask again for each name and maximum of a cell.
_SUBMISSION, _CELL = api.SubmittedAssignment.__table__, api.BaseCell.__table__
_GRADE, _COMMENT = api.Grade.__table__, api.Comment.__table__
_TEST, _TASK = api.GradeCell.__table__, api.TaskCell.__table__


@dataclass(frozen=True)
class CellGrade:
    """The points of a graded cell.

    `by_person`: a person gave them; `waits`: one still has to; `scored`: it has any.
    """

    points: float
    max_points: float
    extra: float
    by_person: bool
    waits: bool
    scored: bool


@dataclass(frozen=True)
class NotebookFacts:
    """One notebook: `status` as the engine recorded it, "" where stock nbgrader graded.

    `comments` are a person's, by cell; `unanswered` are the cells left as they were; `why` tells
    by cell what other than its test decided its points.
    """

    notebook: str
    status: str = ""
    reason: str = ""
    noted: bool = False
    why: Mapping[str, str] = field(default_factory=dict)
    grades: Mapping[str, CellGrade] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    unanswered: tuple[str, ...] = ()
    penalty: float = 0.0

    @property
    def points(self) -> float:
        """The points, less what was taken off for being late."""
        return sum(grade.points for grade in self.grades.values()) - self.penalty

    @property
    def max_points(self) -> float:
        """The points that can be had."""
        return sum(grade.max_points for grade in self.grades.values())

    @property
    def is_graded(self) -> bool:
        """Whether it has points; of stock nbgrader's work, the gradebook says no more."""
        scored = any(grade.scored for grade in self.grades.values())
        return self.status == "graded" or (not self.status and scored)

    @property
    def hindrance(self) -> str:
        """Why it could not be graded, told to its student; "" where nothing hindered it."""
        if self.status not in runs.GONE:
            return ""
        return for_student(self.reason)

    @property
    def waiting(self) -> float:
        """The points that wait for a person."""
        waits = (each for each in self.grades.values() if each.waits and not each.by_person)
        return sum(grade.max_points for grade in waits)


def read(gradebook: Any, assignment: str, student: str) -> dict[str, NotebookFacts]:
    """The facts on all notebooks of a student's submission, by name; none without one."""
    connection = gradebook.db.connection()
    own = runs.read_runs_of(connection, assignment, student)
    known = {(student, name): run for name, run in own.items()}
    return read_student(connection, assignment, student, known)


def read_student(
    connection: sa.Connection,
    assignment: str,
    student: str,
    known: Mapping[tuple[str, str], runs.Run],
) -> dict[str, NotebookFacts]:
    """The same, where the runs are known."""
    return dict(_read(connection, assignment, known, student)).get(student, {})


def read_class(
    connection: sa.Connection, assignment: str, known: Mapping[tuple[str, str], runs.Run]
) -> Iterator[tuple[str, dict[str, NotebookFacts]]]:
    """The same of every student with a submission, one after the other; `known` are all runs.

    It takes three queries, however large the class is, and only one student is in memory.
    """
    return _read(connection, assignment, known, None)


def _read(
    connection: sa.Connection,
    assignment: str,
    known: Mapping[tuple[str, str], runs.Run],
    student: str | None,
) -> Iterator[tuple[str, dict[str, NotebookFacts]]]:
    def rows(*columns: Any, of: sa.Table | None = None) -> Iterator[Any]:
        asked = sa.select(_SUBMISSION.c.student_id, api.Notebook.name, *columns)
        asked = asked.select_from(api.SubmittedNotebook)
        if of is not None:
            asked = asked.join(of, of.c.notebook_id == api.SubmittedNotebook.id)
            asked = asked.join(_CELL, _CELL.c.id == of.c.cell_id)
            asked = asked.outerjoin(_TEST, _TEST.c.id == _CELL.c.id)
            asked = asked.outerjoin(_TASK, _TASK.c.id == _CELL.c.id)
        asked = of_assignment(asked, assignment)
        if student is not None:
            asked = asked.where(_SUBMISSION.c.student_id == student)
        # By student, so that the rows of one come together from each query.
        found = connection.execute(
            asked.order_by(_SUBMISSION.c.student_id),
            execution_options={"yield_per": _AT_ONCE},
        )
        return groupby(found, key=itemgetter(0))

    most = sa.func.coalesce(_TEST.c.max_score, _TASK.c.max_score, 0.0)
    own = (_GRADE.c.auto_score, _GRADE.c.manual_score, _GRADE.c.extra_credit)
    grades = _OfStudent(rows(_CELL.c.name, most, *own, _GRADE.c.needs_manual_grade, of=_GRADE))
    comments = _OfStudent(
        rows(_CELL.c.name, _COMMENT.c.auto_comment, _COMMENT.c.manual_comment, of=_COMMENT)
    )
    for name, notebooks in rows(api.SubmittedNotebook.late_submission_penalty):
        graded, commented = grades.take(name), comments.take(name)
        yield (
            name,
            {
                notebook: _facts(
                    notebook,
                    float(penalty or 0),
                    known.get((name, notebook)),
                    graded.get(notebook, []),
                    commented.get(notebook, []),
                )
                for _, notebook, penalty in sorted(notebooks, key=itemgetter(1))
            },
        )


class _OfStudent:
    """Takes from rows that are sorted by student those of one after the other, by notebook."""

    def __init__(self, groups: Iterator[tuple[str, Iterator[Any]]]) -> None:
        self._groups = groups
        self._next = next(groups, None)

    def take(self, student: str) -> dict[str, list[Any]]:
        """The rows of a student, sorted; none where the next ones are another's."""
        if self._next is None or self._next[0] != student:
            return {}
        found: dict[str, list[Any]] = {}
        for _, notebook, *row in sorted(self._next[1], key=itemgetter(1, 2)):
            found.setdefault(notebook, []).append(row)
        self._next = next(self._groups, None)
        return found


def _facts(
    name: str, penalty: float, run: runs.Run | None, grades: list[Any], comments: list[Any]
) -> NotebookFacts:
    graded = {cell: _grade(*row) for cell, *row in grades}
    has = sum(each.points for each in graded.values())
    return NotebookFacts(
        notebook=name,
        status=run.status if run else "",
        reason=run.reason if run else "",
        noted=run is not None and bool(run.notes or run.reason),
        why=run.details if run else {},
        grades=graded,
        comments={cell: said for cell, _, said in comments if (said or "").strip()},
        # Sorted, like all of it: pages are made anew where the text of this differs.
        unanswered=tuple(cell for cell, auto, _ in comments if auto == NO_RESPONSE),
        # A person may have taken points away since it was worked out.
        penalty=max(0.0, min(penalty, has)),
    )


def _grade(
    most: float, auto: float | None, manual: float | None, extra: float | None, waits: bool
) -> CellGrade:
    # As nbgrader's Grade.score.
    base = manual if manual is not None else auto
    return CellGrade(
        points=0.0 if base is None else float(base + (extra or 0)),
        max_points=float(most),
        extra=float(extra or 0),
        by_person=manual is not None,
        waits=bool(waits),
        scored=base is not None,
    )
