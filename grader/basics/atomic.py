"""Write a file whole or not at all, whatever happens meanwhile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write(path: Path, data: bytes, *, read_only: bool = False) -> None:
    """Put `data` into the file `path`, in the place of what it held; makes its directory.

    Raises OSError with the name of the file; the old content is then unchanged.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        with named(path):
            _write(new, path, data, read_only=read_only)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise


@contextmanager
def named(path: Path) -> Iterator[None]:
    """Let an error name the file: a full disk is found out by a write, whose error names none."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def write_text(path: Path, text: str, *, read_only: bool = False) -> None:
    """The same with a text, in UTF-8; halves of characters become question marks."""
    write(path, text.encode("utf-8", errors="replace"), read_only=read_only)


def _write(new: Path, path: Path, data: bytes, *, read_only: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new.unlink(missing_ok=True)  # of a run that was killed; it may be read-only
    with new.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())  # or after a power cut the name could be of an empty file
    if read_only:
        new.chmod(0o444)
    new.replace(path)
