"""The points of each notebook, as the gradebook has them."""

from dataclasses import dataclass

import sqlalchemy as sa
from nbgrader import api

from grader.course.directory import ASSIGNMENT
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
                of_assignment(query, ASSIGNMENT)
            )
        }
