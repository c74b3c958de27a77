"""When a submission is due, and how late it is, as nbgrader's SubmittedAssignment says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from nbgrader import api

_ASSIGNMENT, _SUBMISSION = api.Assignment.__table__, api.SubmittedAssignment.__table__


@dataclass(frozen=True)
class Due:
    """When an assignment is due, with the students who have an extension; None for at no time."""

    date: datetime | None = None
    extensions: Mapping[str, timedelta] = field(default_factory=dict)

    def of(self, student: str) -> datetime | None:
        """When it is due for a student."""
        extension = self.extensions.get(student)
        return self.date + extension if self.date and extension else self.date

    def all(self) -> list[datetime]:
        """All times at which it is due for somebody, in their order."""
        if self.date is None:
            return []
        return sorted({self.date, *(self.date + each for each in self.extensions.values())})


def read_due(connection: sa.Connection, assignment: str) -> Due:
    """What the gradebook says; nbgrader keeps times in UTC, without saying so."""
    asked = sa.select(_ASSIGNMENT.c.id, _ASSIGNMENT.c.duedate)
    row = connection.execute(asked.where(_ASSIGNMENT.c.name == assignment)).one_or_none()
    if row is None or row.duedate is None:
        return Due()
    more = sa.select(_SUBMISSION.c.student_id, _SUBMISSION.c.extension)
    more = more.where(_SUBMISSION.c.assignment_id == row.id, _SUBMISSION.c.extension.is_not(None))
    extensions = {row.student_id: row.extension for row in connection.execute(more)}
    return Due(row.duedate.replace(tzinfo=UTC), extensions)


def seconds_late(
    timestamp: datetime | None, due: datetime | None, extension: timedelta | None
) -> float:
    """The seconds after the due date with its extension; 0 where there is none to be late for.

    nbgrader fails on an extension where there is no due date to extend.
    """
    if timestamp is None or due is None:
        return 0.0
    return max(0.0, (timestamp - due - (extension or timedelta())).total_seconds())
