"""Attempts: what students handed in that was graded as it arrived, for a limit on these in an hour.

They are in the gradebook, so that the limit holds over a restart, and so that a page says the same
whenever it is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.gradebook import one_assignment

WINDOW = timedelta(hours=1)

_metadata = sa.MetaData()
_attempts = sa.Table(
    "course_attempt",
    _metadata,
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("at", sa.Float, primary_key=True),  # seconds since 1970
    sa.Column("work", sa.String(64), nullable=False),
    sa.Column("most", sa.Integer, nullable=False),
)
TABLES = (_attempts,)


@dataclass(frozen=True)
class Attempt:
    """One submission of a student's that was taken up to be graded.

    `work` is the fingerprint of what was handed in; `most` is how many are graded in an hour, as
    was set at that time; `times` are those of this one and of the ones before it.
    """

    student: str
    work: str
    most: int
    times: tuple[datetime, ...]

    @property
    def count(self) -> int:
        """The how many-th it is within an hour."""
        return sum(time > self.times[-1] - WINDOW for time in self.times)

    @property
    def next(self) -> datetime:
        """When the next one can be graded."""
        return next_one(self.times, self.most)


def make_table(connection: sa.Connection) -> None:
    """Make the table, unless it is there, or carry over an older one that names no assignment."""
    one_assignment.carry_over(connection, _metadata)
    _metadata.create_all(connection)


def read_last(
    connection: sa.Connection, assignment: str, student: str | None = None
) -> dict[str, Attempt]:
    """The last attempt by student, of one student or of all; none in stock nbgrader's gradebook."""
    if "assignment" not in one_assignment.columns_of(connection, _attempts):
        return {}
    asked = sa.select(_attempts).where(_attempts.c.assignment == assignment)
    asked = asked.order_by(_attempts.c.student, _attempts.c.at)
    if student is not None:
        asked = asked.where(_attempts.c.student == student)
    by_student: dict[str, list[Mapping[Any, Any]]] = {}
    for row in connection.execute(asked).mappings():
        by_student.setdefault(row["student"], []).append(row)
    return {name: _last(rows) for name, rows in by_student.items()}


def write(
    session: Session, assignment: str, student: str, at: datetime, work: str, most: int
) -> None:
    """Note an attempt, unless it is the last one once more; forget what no limit asks for."""
    last = read_last(session.connection(), assignment, student).get(student)
    if last is not None and last.work == work:
        return
    if last is not None and at <= last.times[-1]:  # the clock was set back
        at = last.times[-1] + timedelta(milliseconds=1)
    old = sa.delete(_attempts).filter_by(assignment=assignment, student=student)
    session.execute(old.where(_attempts.c.at < (at - 2 * WINDOW).timestamp()))
    row = {"assignment": assignment, "student": student, "at": at.timestamp()}
    session.execute(sa.insert(_attempts).values(**row, work=work, most=most))


def _last(rows: Sequence[Mapping[Any, Any]]) -> Attempt:
    """The last of a student's attempts, which are in their order."""
    times = tuple(datetime.fromtimestamp(row["at"], UTC) for row in rows)
    return Attempt(rows[-1]["student"], rows[-1]["work"], rows[-1]["most"], times)


def next_one(times: Sequence[datetime], most: int) -> datetime:
    """When another attempt can be graded, after those at `times`, in their order."""
    if len(times) < most:
        return times[-1]
    return max(times[-1], times[-most] + WINDOW)
