"""One run at a time may change what the course directory holds."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from grader.course import Course, CourseError


@contextmanager
def alone(course: Course) -> Iterator[None]:
    """Keep a second run out; the lock goes with the process, however that ends."""
    directory = os.open(course.root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CourseError(
                "Another run is grading this course, or collecting. Wait until it ends."
            ) from None
        except OSError as error:
            # NFS locks no directory, and SQLite's own locks cannot be trusted there either.
            raise CourseError(
                f"{course.root} cannot be locked ({error.strerror}), so two runs could disturb "
                "each other. Move the course to a disk of this machine."
            ) from None
        yield
    finally:
        os.close(directory)
