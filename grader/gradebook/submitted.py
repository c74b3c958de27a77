"""The row of a submitted notebook; where it is new, made with all of its submission."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from nbgrader import api

from grader.basics.errors import UserError
from grader.gradebook.lateness import seconds_late
from grader.gradebook.runs import Outcome

_ASSIGNMENT, _NOTEBOOK = api.Assignment.__table__, api.Notebook.__table__
_STUDENT, _CELL = api.Student.__table__, api.BaseCell.__table__
_SUBMISSION, _SUBMITTED = api.SubmittedAssignment.__table__, api.SubmittedNotebook.__table__
_HAS_GRADE, _HAS_COMMENT = ("GradeCell", "TaskCell"), ("SolutionCell", "TaskCell")

# Made once: to make a statement takes longer than to run it, and these run for each notebook.
_ITS_ASSIGNMENT = sa.select(_ASSIGNMENT.c.id, _ASSIGNMENT.c.duedate).where(
    _ASSIGNMENT.c.name == sa.bindparam("assignment")
)
_ITS_SOURCES = sa.select(_NOTEBOOK.c.name, _NOTEBOOK.c.id).where(
    _NOTEBOOK.c.assignment_id == sa.bindparam("assignment")
)
_ITS_ROW = sa.select(_SUBMITTED.c.id).where(
    _SUBMITTED.c.notebook_id == sa.bindparam("source"),
    _SUBMITTED.c.assignment_id == sa.bindparam("submission"),
)
_ITS_SUBMISSION = sa.select(
    _SUBMISSION.c.id, _SUBMISSION.c.timestamp, _SUBMISSION.c.extension
).where(
    _SUBMISSION.c.assignment_id == sa.bindparam("assignment"),
    _SUBMISSION.c.student_id == sa.bindparam("student"),
)


@dataclass(frozen=True)
class NotebookRow:
    """The id of a submitted notebook, and how late it was handed in."""

    id: str
    seconds_late: float


def unknown(what: str) -> UserError:
    """What to say where the gradebook does not know something of the source."""
    return UserError(f"The gradebook lacks {what}: run nbgrader generate_assignment again.")


def notebook_row(connection: sa.Connection, outcome: Outcome) -> NotebookRow:
    """The row of the notebook that an outcome is of; raises UserError for what is not known."""
    own = {"assignment": outcome.assignment}
    assignment = connection.execute(_ITS_ASSIGNMENT, own).one_or_none()
    if assignment is None:
        raise unknown(f"the assignment {outcome.assignment}")
    rows = connection.execute(_ITS_SOURCES, {"assignment": assignment.id})
    sources = {row.name: row.id for row in rows}
    if outcome.notebook not in sources:
        raise unknown(f"the notebook {outcome.notebook} of {outcome.assignment}")
    submission, late = _submission(connection, assignment, outcome, list(sources.values()))
    source = sources[outcome.notebook]
    found = connection.scalar(_ITS_ROW, {"source": source, "submission": submission})
    # The teacher may have added the notebook later; nbgrader does not look for that.
    return NotebookRow(found or _add(connection, submission, [source]), late)


def _submission(
    connection: sa.Connection, assignment: Any, outcome: Outcome, sources: list[str]
) -> tuple[str, float]:
    """The id of the submission, made with the rows of all notebooks if new; how late it is."""
    own = {"assignment": assignment.id, "student": outcome.student}
    found = connection.execute(_ITS_SUBMISSION, own).one_or_none()
    # nbgrader, too, keeps the old time where there is none.
    time = outcome.timestamp or (found.timestamp if found else None)
    late = seconds_late(time, assignment.duedate, found.extension if found else None)
    if found is not None:
        if time != found.timestamp:
            changed = sa.update(_SUBMISSION).where(_SUBMISSION.c.id == found.id)
            connection.execute(changed.values(timestamp=time))
        return found.id, late
    there = sa.select(_STUDENT.c.id).where(_STUDENT.c.id == outcome.student)
    if connection.scalar(there) is None:
        connection.execute(sa.insert(_STUDENT).values(id=outcome.student))
    made = {"id": api.new_uuid(), "timestamp": time}
    made |= {"assignment_id": assignment.id, "student_id": outcome.student}
    connection.execute(sa.insert(_SUBMISSION), [made])
    _add(connection, made["id"], sources)
    return made["id"], late


def _add(connection: sa.Connection, submission: str, sources: list[str]) -> str:
    """Add the rows of notebooks to a submission, as nbgrader does; the id of the last one."""
    ids = {source: api.new_uuid() for source in sources}
    made: list[dict[str, str]] = [
        {"id": id_, "notebook_id": source, "assignment_id": submission}
        for source, id_ in ids.items()
    ]
    connection.execute(sa.insert(_SUBMITTED), made)
    asked = sa.select(_CELL.c.id, _CELL.c.notebook_id, _CELL.c.type)
    cells = connection.execute(asked.where(_CELL.c.notebook_id.in_(sources))).all()
    for table, kinds in ((api.Grade.__table__, _HAS_GRADE), (api.Comment.__table__, _HAS_COMMENT)):
        rows = [
            {"id": api.new_uuid(), "cell_id": cell, "notebook_id": ids[source]}
            for cell, source, kind in cells
            if kind in kinds
        ]
        if rows:
            connection.execute(sa.insert(table), rows)
    return made[-1]["id"]
