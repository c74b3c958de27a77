"""One temporary directory for all that a run makes, removed even if the run is killed."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "course-run-"


@contextmanager
def scratch() -> Iterator[Path]:
    """A new temporary directory, the default one for this process while it lasts.

    Removes those of runs that ended without doing so: nobody holds a lock on them.
    """
    usual = tempfile.gettempdir()
    _remove_old(Path(usual))
    directory, lock = _new()
    tempfile.tempdir = str(directory)
    try:
        yield directory
    finally:
        tempfile.tempdir = usual
        shutil.rmtree(directory, ignore_errors=True)
        os.close(lock)


def _new() -> tuple[Path, int]:
    while True:
        directory = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            lock = os.open(directory, os.O_RDONLY)
        except FileNotFoundError:  # another run took it for an old one
            continue
        fcntl.flock(lock, fcntl.LOCK_EX)
        if directory.exists():  # no other run took it for an old one before it was locked
            directory.chmod(0o711)  # a learner's account has directories of its own in it
            return directory, lock
        os.close(lock)


def _remove_old(where: Path) -> None:
    for path in where.glob(f"{_PREFIX}*"):
        with suppress(OSError):  # another account's, or gone meanwhile
            lock = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path, ignore_errors=True)
            finally:
                os.close(lock)
