"""One run at a time may change what the course directory holds."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from grader.basics.errors import UserError
from grader.basics.terminal import say
from grader.course.directory import Course

try:
    import fcntl
except ModuleNotFoundError:  # Windows, where nothing is graded: no run is to be kept out
    _LOCKS = False
else:
    _LOCKS = True

_RETRY_SECONDS = 0.05  # `is_taken` holds the lock for far less


@contextmanager
def alone(course: Course) -> Iterator[None]:
    """Keep a second run out; the lock goes with the process, however that ends."""
    if not _LOCKS:
        yield
        return
    directory = os.open(course.root, os.O_RDONLY)
    try:
        try:
            _lock(directory)
        except BlockingIOError:
            raise UserError(
                "Another run is grading this course, or collecting. Wait until it ends."
            ) from None
        except OSError as error:
            # NFS locks no directory, and SQLite's own locks cannot be trusted there either.
            raise UserError(
                f"{course.root} cannot be locked ({error.strerror}), so two runs could disturb "
                "each other. Move the course to a disk of this machine."
            ) from None
        yield
    finally:
        os.close(directory)


def warn_if_locked(course: Course) -> None:
    """Say, for what only reads, that a run is at work, so that it shows a part of the class."""
    if is_taken(course):
        say(
            "A run is grading this course now, or collecting: what follows is of what it has done "
            "so far. Run this again when it has ended.",
            error=True,
        )


def is_taken(course: Course) -> bool:
    """Whether another run holds the lock now; does not wait."""
    if not _LOCKS:
        return False
    directory = os.open(course.root, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:  # where nothing can be locked, no run is at work
        return False
    finally:
        os.close(directory)
    return False


def _lock(directory: int) -> None:
    """Take the lock; a second time if it is taken, for that may be somebody's look at it."""
    try:
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(_RETRY_SECONDS)
        fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
