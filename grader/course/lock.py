"""One run at a time may change what the course directory holds.

A run locks the directory. `course watch`, which may run for a term, locks it only while it has work
in hand; who comes meanwhile waits at the door, a lock on the configuration's file, and has the next
turn.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.basics.errors import UserError
from grader.basics.terminal import say
from grader.course.directory import Course

try:
    import fcntl
except ModuleNotFoundError:  # Windows, where nothing is graded: no run is to be kept out
    _LOCKS = False
else:
    _LOCKS = True

_WATCH = ".course-watch"  # locked by `course watch` as long as it runs
_RETRY_SECONDS = 0.05  # who only looks at a lock holds it for far less


@contextmanager
def alone(course: Course) -> Iterator[None]:
    """Keep a second run out; the lock goes with the process, however that ends.

    Where `course watch` looks after the course, waits for whoever has it; raises UserError where
    that is another run, and nobody watches.
    """
    if not _LOCKS:
        yield
        return
    directory = os.open(course.root, os.O_RDONLY)
    try:
        try:
            _lock(directory)
        except BlockingIOError:
            if not any(map(_is_locked, course.root.glob(f"{_WATCH}*"))):
                raise UserError(
                    "Another run is grading this course, or collecting. Wait until it ends."
                ) from None
            say(  # nobody can say which of them it is
                "course watch, or another run, has the course; "
                "this begins when it has finished what it has in hand."
            )
            with _door(course):
                fcntl.flock(directory, fcntl.LOCK_EX)
        except OSError as error:
            # NFS locks no directory, and SQLite's own locks cannot be trusted there either.
            raise UserError(
                f"{course.root} cannot be locked ({error.strerror}), so two runs could disturb "
                "each other. Move the course to a disk of this machine."
            ) from None
        yield
    finally:
        os.close(directory)


@contextmanager
def turn(course: Course) -> Iterator[bool]:
    """For `course watch`: the lock, if nobody has it or waits for it; gives whether."""
    directory = os.open(course.root, os.O_RDONLY)
    try:
        yield not somebody_waits(course) and _try(directory, fcntl.LOCK_EX)
    finally:
        os.close(directory)


def somebody_waits(course: Course) -> bool:
    """Whether a run waits for `course watch` to give up its turn."""
    with _opened(course.config) as door:
        return not _try(door, fcntl.LOCK_SH)  # two who look are none who waits


@contextmanager
def watching(course: Course) -> Iterator[None]:
    """Be the one `course watch` of an assignment; raises UserError where there is one."""
    path = course.made(_WATCH)
    path.touch()
    with _opened(path) as file:
        try:
            _lock(file)
        except BlockingIOError:
            raise UserError(
                f"Another course watch looks after {course.assignment}. What it does: "
                "course watch --status"
            ) from None
        yield


def is_watched(course: Course) -> bool:
    """Whether a `course watch` looks after the assignment."""
    return _is_locked(course.made(_WATCH))


def _is_locked(path: Path) -> bool:
    if not _LOCKS or not path.is_file():
        return False
    with _opened(path) as file:
        return not _try(file, fcntl.LOCK_SH)


@contextmanager
def _door(course: Course) -> Iterator[None]:
    with _opened(course.config) as door:
        fcntl.flock(door, fcntl.LOCK_EX)
        yield


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _try(descriptor: int, how: int) -> bool:
    """Lock something, if that can be had now; gives whether."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


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


def _lock(descriptor: int) -> None:
    """Take the lock; a second time if it is taken, for that may be somebody's look at it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(_RETRY_SECONDS)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
