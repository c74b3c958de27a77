"""How late a submission is, as nbgrader's SubmittedAssignment.total_seconds_late says it."""

from datetime import datetime, timedelta


def seconds_late(
    timestamp: datetime | None, due: datetime | None, extension: timedelta | None
) -> float:
    """The seconds after the due date with its extension; 0 where there is none to be late for.

    nbgrader fails on an extension where there is no due date to extend.
    """
    if timestamp is None or due is None:
        return 0.0
    return max(0.0, (timestamp - due - (extension or timedelta())).total_seconds())
