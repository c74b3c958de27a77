"""What the gradebook says of one student's notebooks: all that a page of feedback tells of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from nbgrader import api

from grader.gradebook import runs
from grader.gradebook.queries import of_assignment
from grader.scoring.score import NO_RESPONSE

# How a sentence for the instructor begins that says what a student should do: see
# notebooks/untrusted.py.
_TO_INSTRUCTOR = "ask the student to "


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
        return self.reason.replace(_TO_INSTRUCTOR, "")  # "ask the student to save it" - "save it"

    @property
    def waiting(self) -> float:
        """The points that wait for a person."""
        waits = (each for each in self.grades.values() if each.waits and not each.by_person)
        return sum(grade.max_points for grade in waits)


def read(gradebook: Any, assignment: str, student: str) -> dict[str, NotebookFacts]:
    """The facts on all notebooks of a student's submission, by name; none without one."""
    session = gradebook.db
    known = runs.read_runs_of(session.connection(), student)
    query = sa.select(
        api.SubmittedNotebook.id,
        api.Notebook.name,
        api.SubmittedNotebook.late_submission_penalty,
    ).select_from(api.SubmittedNotebook)
    rows = session.execute(
        of_assignment(query, assignment)
        .where(api.SubmittedAssignment.student_id == student)
        .order_by(api.Notebook.name)
    )
    return {
        name: _facts(session, key, name, float(penalty or 0), known.get(name))
        for key, name, penalty in rows.all()
    }


def _facts(
    session: Any, key: str, name: str, penalty: float, run: runs.Run | None
) -> NotebookFacts:
    grades = session.scalars(sa.select(api.Grade).where(api.Grade.notebook_id == key)).all()
    comments = session.scalars(sa.select(api.Comment).where(api.Comment.notebook_id == key)).all()
    return NotebookFacts(
        notebook=name,
        status=run.status if run else "",
        reason=run.reason if run else "",
        noted=run is not None and bool(run.notes or run.reason),
        why=run.details if run else {},
        grades={grade.name: _grade(grade) for grade in sorted(grades, key=lambda row: row.name)},
        comments={
            comment.name: comment.manual_comment
            for comment in sorted(comments, key=lambda row: row.name)
            if (comment.manual_comment or "").strip()
        },
        # Sorted, like all of it: pages are made anew where the text of this differs.
        unanswered=tuple(sorted(row.name for row in comments if row.auto_comment == NO_RESPONSE)),
        penalty=penalty,
    )


def _grade(row: Any) -> CellGrade:
    return CellGrade(
        points=float(row.score or 0),
        max_points=float(row.max_score or 0),
        extra=float(row.extra_credit or 0),
        by_person=row.manual_score is not None,
        waits=bool(row.needs_manual_grade),
        scored=row.auto_score is not None or row.manual_score is not None,
    )
