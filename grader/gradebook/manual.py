"""Points and comments that a person gives: read and written as nbgrader's formgrader does."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from nbgrader import api
from sqlalchemy.orm import Session

from grader.gradebook import runs
from grader.gradebook.queries import of_assignment

_PREFIX = "explanation/"


@dataclass(frozen=True)
class ManualGrade:
    """What the gradebook holds of one answer that a person grades.

    `points` and `comment` are a person's; `auto` are the points that no person gave (0 where
    nothing was written). `answer` is the fingerprint of the text that the points were given for,
    where `write` gave them. `grade_id` and `comment_id` are the rows; a test has no comment.
    """

    student: str
    notebook: str
    cell: str
    most: float
    points: float | None
    auto: float | None
    waits: bool
    comment: str
    answer: str
    grade_id: str
    comment_id: str | None

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is the answer to, and whose."""
        return self.notebook, self.cell, self.student


@dataclass(frozen=True)
class ManualGradeChange:
    """What to write for one answer, whose fingerprint is `answer`; None leaves what is there."""

    standing: ManualGrade
    answer: str
    points: float | None = None
    comment: str | None = None


def read(session: Session, assignment: str) -> list[ManualGrade]:
    """What the gradebook holds of all answers that a person grades, sorted.

    They are the cells that are graded and are a solution, too; nbgrader keeps those twice. A test
    is one where a person gave points for work that is gone, for the formgrader cannot show it.
    """
    graded, solved = api.GradeCell.__table__, sa.orm.aliased(api.BaseCell)
    query = (
        sa.select(
            api.SubmittedAssignment.student_id,
            api.Notebook.name,
            api.BaseCell.name,
            graded.c.max_score,
            api.Grade.manual_score,
            api.Grade.auto_score,
            api.Grade.needs_manual_grade,
            sa.func.coalesce(api.Comment.manual_comment, ""),
            api.Grade.id,
            api.Comment.id,
        )
        .select_from(api.Grade)
        .join(graded, graded.c.id == api.Grade.cell_id)
        .join(api.BaseCell, api.BaseCell.id == graded.c.id)
        .outerjoin(
            solved,
            sa.and_(
                solved.notebook_id == api.BaseCell.notebook_id,
                solved.name == api.BaseCell.name,
                solved.type == "SolutionCell",
            ),
        )
        .outerjoin(
            api.Comment,
            sa.and_(
                api.Comment.cell_id == solved.id, api.Comment.notebook_id == api.Grade.notebook_id
            ),
        )
        .join(api.SubmittedNotebook, api.SubmittedNotebook.id == api.Grade.notebook_id)
        .where(
            sa.or_(
                solved.id.is_not(None),
                sa.and_(
                    api.Grade.manual_score.is_not(None),
                    runs.is_gone(assignment, api.SubmittedAssignment.student_id, api.Notebook.name),
                ),
            )
        )
    )
    given_for = runs.read_made_like(session.connection(), assignment, _PREFIX)
    found = []
    for *values, comment, grade_id, comment_id in session.execute(of_assignment(query, assignment)):
        student, notebook, cell, most, points, auto, waits = values
        answer = given_for.get(_row(notebook, cell, student), "")
        found.append(
            ManualGrade(
                *(student, notebook, cell),
                *(most, points, auto, waits),
                *(comment, answer, grade_id, comment_id),
            )
        )
    return sorted(found, key=lambda standing: standing.key)


def waiting_tasks(session: Session, assignment: str) -> dict[tuple[str, str], int]:
    """How many of each task cell wait for a person, by notebook and cell.

    What answers a task may stand anywhere in the notebook, so there is no text to show.
    """
    task, cell = api.TaskCell.__table__, api.BaseCell.__table__
    query = (
        sa.select(api.Notebook.name, cell.c.name, sa.func.count())
        .select_from(api.Grade)
        .join(task, task.c.id == api.Grade.cell_id)
        .join(cell, cell.c.id == task.c.id)
        .join(api.SubmittedNotebook, api.SubmittedNotebook.id == api.Grade.notebook_id)
        .where(api.Grade.needs_manual_grade)
        .group_by(api.Notebook.name, cell.c.name)
        .order_by(api.Notebook.name, cell.c.name)
    )
    found = session.execute(of_assignment(query, assignment))
    return {(notebook, name): count for notebook, name, count in found}


def write(session: Session, assignment: str, gifts: Iterable[ManualGradeChange]) -> None:
    """Write points and comments; an answer that gets points, or gets them again, waits no more."""
    for gift in gifts:
        standing = gift.standing
        if gift.points is not None:
            values = {"manual_score": gift.points, "needs_manual_grade": False}
            session.execute(sa.update(api.Grade).filter_by(id=standing.grade_id).values(**values))
            row = _row(standing.notebook, standing.cell, standing.student)
            runs.write_made(session, assignment, row, gift.answer)
        if gift.comment is not None and standing.comment_id is not None:
            session.execute(
                sa.update(api.Comment)
                .filter_by(id=standing.comment_id)
                .values(manual_comment=gift.comment)
            )


def _row(notebook: str, cell: str, student: str) -> str:
    return f"{_PREFIX}{notebook}/{cell}/{student}"
