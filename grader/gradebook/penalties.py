"""What notebooks lose for being late: nbgrader's plugin is asked, from the points as they are.

nbgrader asks it once, when a notebook is graded. The points that a person gives come later, so
whatever shows or exports totals asks again.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import sqlalchemy as sa
from nbgrader import api

from grader.gradebook.lateness import seconds_late
from grader.gradebook.queries import of_assignment

_ASSIGNMENT, _SUBMISSION = api.Assignment.__table__, api.SubmittedAssignment.__table__
_NOTEBOOK = api.SubmittedNotebook.__table__
_SET = sa.update(_NOTEBOOK).where(_NOTEBOOK.c.id == sa.bindparam("row"))


class _Late(NamedTuple):
    """What one notebook loses now; `noted` is what the gradebook holds of that."""

    row: str
    student: str
    notebook: str
    penalty: float
    noted: float


def penalty(plugin: Any, student: str, points: float, seconds: float) -> float | None:
    """What a notebook with these points loses, between nothing and all; None for no penalty."""
    if plugin is None or seconds <= 0:
        return None
    asked: float | None = plugin.late_submission_penalty(student, points, seconds)
    return None if asked is None else max(0.0, min(asked, points))


def read(connection: Any, assignment: str, plugin: Any) -> dict[tuple[str, str], float]:
    """What each late notebook of a class loses, by student and notebook; in one query."""
    found = _late(connection, assignment, plugin)
    return {(each.student, each.notebook): each.penalty for each in found}


def renew(connection: Any, assignment: str, plugin: Any, student: str | None = None) -> None:
    """Write what the notebooks of a student, or of all, lose now, where the gradebook differs."""
    changed = [
        {"row": each.row, "late_submission_penalty": each.penalty}
        for each in _late(connection, assignment, plugin, student)
        if each.penalty != each.noted
    ]
    if changed:
        connection.execute(_SET, changed)


def _late(
    connection: Any, assignment: str, plugin: Any, student: str | None = None
) -> Iterator[_Late]:
    """The notebooks of late submissions, and those that the gradebook takes for late."""
    asked = (
        sa.select(
            _NOTEBOOK.c.id,
            _SUBMISSION.c.student_id,
            api.Notebook.name,
            _NOTEBOOK.c.late_submission_penalty,
            _SUBMISSION.c.timestamp,
            _ASSIGNMENT.c.duedate,
            _SUBMISSION.c.extension,
            sa.func.sum(api.Grade.score),
        )
        .select_from(api.SubmittedNotebook)
        .outerjoin(api.Grade, api.Grade.notebook_id == _NOTEBOOK.c.id)
    )
    asked = of_assignment(asked, assignment).where(
        sa.or_(
            _NOTEBOOK.c.late_submission_penalty.is_not(None),
            _SUBMISSION.c.timestamp > _ASSIGNMENT.c.duedate,
            _SUBMISSION.c.extension.is_not(None),  # which may be negative
        )
    )
    if student is not None:
        asked = asked.where(_SUBMISSION.c.student_id == student)
    # In one order always, for the plugin is a person's program.
    in_order = (_SUBMISSION.c.student_id, api.Notebook.name)
    columns = list(asked.selected_columns)[:-1]
    rows = connection.execute(asked.group_by(*columns).order_by(*in_order)).all()
    for row, owner, notebook, noted, time, due, extension, total in rows:
        points = float(total or 0)
        late = seconds_late(time, due, extension)
        # Where there are no points, nothing can be lost.
        now = penalty(plugin, owner, points, late) if points else None
        yield _Late(row, owner, notebook, now or 0.0, noted or 0.0)
