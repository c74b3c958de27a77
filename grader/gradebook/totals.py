"""The points of each notebook, as the gradebook has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from nbgrader import api

from grader.gradebook import penalties
from grader.gradebook.queries import of_assignment
from grader.nbgrader_app.session import NbgraderSession


@dataclass(frozen=True)
class Score:
    """The points of one student's notebook, and how many of its cells wait for a person.

    `kept` are points that a person gave and that wait again, `kept_waiting` their cells.
    """

    points: float
    waiting: int
    kept: float = 0.0
    kept_waiting: int = 0


def totals(session: NbgraderSession) -> dict[tuple[str, str], Score]:
    """What the gradebook holds, by student and notebook."""
    waits = sa.cast(api.Grade.needs_manual_grade, sa.Integer)
    kept = sa.case((api.Grade.manual_score.is_not(None), waits), else_=0)
    query = (
        sa.select(
            api.SubmittedAssignment.student_id,
            api.Notebook.name,
            sa.func.sum(api.Grade.score),
            sa.func.sum(waits),
            sa.func.sum(api.Grade.manual_score * waits),
            sa.func.sum(kept),
        )
        .select_from(api.Grade)
        .join(api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id)
        .group_by(api.SubmittedAssignment.student_id, api.Notebook.name)
    )
    with session.gradebook() as book:
        return {
            (student, notebook): Score(
                float(points or 0), int(waiting or 0), float(kept or 0), int(kept_waiting or 0)
            )
            for student, notebook, points, waiting, kept, kept_waiting in book.db.execute(
                of_assignment(query, session.course.assignment)
            )
        }


@dataclass(frozen=True)
class SubmittedPoints:
    """The points of one student's notebook, what it loses for being late, and what is not final.

    `waits`: a cell waits for a person; `ungraded`: one of these is a test, which has no points only
    where its notebook could not be graded.
    """

    student: str
    notebook: str
    points: float
    penalty: float
    waits: bool
    ungraded: bool


def submitted_points(session: Any, assignment: str, late_penalty: Any) -> Iterator[SubmittedPoints]:
    """Those of every submission to an assignment, in two queries; `session` is of SQLAlchemy's.

    The penalties are worked out by nbgrader's plugin `late_penalty` from the points as they are.
    """
    lost = penalties.read(session, assignment, late_penalty)
    test, notebook = api.GradeCell.__table__, api.SubmittedNotebook
    waits = sa.cast(api.Grade.needs_manual_grade, sa.Integer)
    by_test = sa.and_(api.Grade.manual_score.is_(None), test.c.cell_type == "code")
    asked = (
        sa.select(
            api.SubmittedAssignment.student_id,
            api.Notebook.name,
            sa.func.sum(api.Grade.score),
            sa.func.sum(waits),
            sa.func.sum(sa.case((by_test, waits), else_=0)),
        )
        .select_from(notebook)
        .outerjoin(api.Grade, api.Grade.notebook_id == notebook.id)
        .outerjoin(test, test.c.id == api.Grade.cell_id)
        .group_by(api.SubmittedAssignment.student_id, api.Notebook.name)
    )
    for student, name, points, waiting, ungraded in session.execute(
        of_assignment(asked, assignment)
    ):
        penalty = lost.get((student, name), 0.0)
        yield SubmittedPoints(
            student, name, float(points or 0), penalty, bool(waiting), bool(ungraded)
        )
