"""How an instructor's step ends: exit codes, and what a person or the machine must mend first."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DatabaseError

from grader.basics.errors import ResourceError, UserError
from grader.gradebook.database_errors import as_grader_error

DONE, ATTENTION, FAULT = 0, 1, 3  # exit codes; 2 is for what a person must mend first
_OF_MACHINE = (errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EIO)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Say in one sentence what a person must mend first, or what the machine lacks."""
    try:
        yield
    except DatabaseError as error:  # nbgrader's own use of the gradebook
        raise as_grader_error("The gradebook", error) from None
    except OSError as error:
        if error.errno in _OF_MACHINE:  # a write that fails does not always name its file
            raise _machine_error(error.filename or "writing", error.strerror) from None
        if error.errno is None or error.filename is None:
            raise
        raise UserError(
            f"{error.filename}: {error.strerror}. Mend that and run this again; what is graded "
            "is recorded."
        ) from None


def _machine_error(where: str, what: str | None) -> ResourceError:
    return ResourceError(
        f"{where}: {what}. Free some of the disk or of the memory and run this again; what is "
        "graded is recorded."
    )
