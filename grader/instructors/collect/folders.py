"""Read a directory of submissions, without following links and within limits."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from grader.instructors.collect.archives import (
    LIMITS,
    Budget,
    Contents,
    Entry,
    Limits,
    Refused,
    is_junk,
    printable,
    refuse_large,
    safe_path,
)
from grader.notebooks import untrusted


def contents(root: Path, limits: Limits = LIMITS, only: frozenset[str] | None = None) -> Contents:
    """The files below `root`, or below those of its entries that `only` names.

    Raises Refused if there are too many, or it cannot be read.
    """
    found = Contents()
    _look(root, root, found, limits, only)
    return found


def _look(
    directory: Path,
    root: Path,
    found: Contents,
    limits: Limits,
    only: frozenset[str] | None = None,
) -> None:
    try:
        entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
        entries = [entry for entry in entries if only is None or entry.name in only]
    except OSError as error:
        name = directory.relative_to(root).as_posix()
        if directory == root:
            raise Refused(f"it cannot be read: {error.strerror}") from None
        found.refused.append((printable(name), f"it cannot be read: {error.strerror}"))
        return
    for entry in entries:
        path = Path(entry.path)
        name = path.relative_to(root).as_posix()
        try:
            parts = safe_path(name, limits)
            if is_junk(parts):
                continue
            if entry.is_symlink():
                raise Refused("it is a symbolic link")
            if entry.is_dir(follow_symlinks=False):
                _look(path, root, found, limits)
                continue
            if not entry.is_file(follow_symlinks=False):
                raise Refused("it is not a plain file")
            about = entry.stat(follow_symlinks=False)
        except Refused as refusal:
            found.refused.append((printable(name), str(refusal)))
            continue
        except OSError as error:
            found.refused.append((printable(name), f"it cannot be read: {error.strerror}"))
            continue
        time = datetime.fromtimestamp(about.st_mtime, UTC)
        found.entries.append(Entry(parts, about.st_size, time, _reader(path, root, limits)))
        if len(found.entries) > limits.entries:
            raise Refused(f"it holds more than {limits.entries} files")


def _reader(path: Path, root: Path, limits: Limits) -> Callable[[Budget], bytes]:
    def read(budget: Budget) -> bytes:
        try:
            size = path.lstat().st_size
            refuse_large(size, limits)
            budget.ask(size)
            # Looks at every directory on the way again, for one may be a link by now.
            data = untrusted.read_bytes(path, root, limits.file_bytes)
        except OSError as error:
            raise Refused(f"it cannot be read: {error.strerror}") from None
        except untrusted.Unreadable as error:
            raise Refused(str(error)) from None
        budget.spend(len(data))
        return data

    return read
