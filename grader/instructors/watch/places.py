"""The places where work arrives, and what lies in them."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from grader.course.directory import Course
from grader.instructors.grading.command import can_be_recorded
from grader.instructors.watch.arrivals import Seen
from grader.rosters.owner import Scheme
from grader.submissions import exchange

_SECRET = 128  # characters of submission_secret.txt, which nbgrader submit writes last but one
_OPEN = 0o777  # the mode that it gives the folder last


@dataclass(frozen=True)
class Place:
    """A directory in which work arrives; `scan` gives what may have arrived, by name."""

    directory: Path
    name: str  # as a person calls it
    assignment: str

    def scan(self) -> dict[str, Seen]:
        """Look; raises OSError if the place cannot be read."""
        raise NotImplementedError


class Submitted(Place):
    """submitted/: a folder for each student."""

    def scan(self) -> dict[str, Seen]:
        """The folders of the students."""
        found = {}
        for entry in os.scandir(self.directory):
            if entry.name.startswith(".") or not can_be_recorded(entry.name):
                continue
            if seen := self.look(entry.name):
                found[entry.name] = seen
        return found

    def look(self, student: str) -> Seen | None:
        """A student's folder; None if it is not there, or empty."""
        with suppress(OSError):
            return _folder(str(self.directory / student / self.assignment))
        return None


@dataclass(frozen=True)
class Source(Place):
    """A place that `course collect` reads."""

    scheme: Scheme | None = None
    by_entry: bool = True  # whether the folder is one source, of which some entries are collected

    def remark(self, name: str) -> str:
        """Why an entry is not to be collected; "" if it is."""
        return ""


class Folder(Source):
    """A folder with an entry for each student, named for the student or as a platform does.

    What lies in an entry is that student's, whatever it is called: else one could hand in for all.
    """

    def scan(self) -> dict[str, Seen]:
        """Its entries."""
        found = {}
        for entry in _entries(self.directory):
            with suppress(OSError):
                found[entry.name] = _entry(entry)
        return found


class Drop(Source):
    """A folder in which archives are put, each to be collected by itself."""

    def scan(self) -> dict[str, Seen]:
        """The archives."""
        found = {}
        for entry in _entries(self.directory):
            with suppress(OSError):
                if entry.name.lower().endswith(".zip") and entry.is_file():
                    found[entry.name] = _entry(entry)
        return found


@dataclass(frozen=True)
class Inbound(Source):
    """What students handed in by nbgrader's exchange.

    `nbgrader submit` copies the folder under its own name, writes timestamp.txt, then
    submission_secret.txt, sets the modes of the files, and at last that of the folder. So a folder
    with a whole secret and that mode is complete; one without, of another program's, is when
    nothing in it changes any more. Into a complete one nbgrader never writes again, and there are
    thousands of them at the end of a term: they are not looked into again.
    """

    check_owner: bool = True
    _complete: dict[str, Seen] = field(default_factory=dict, compare=False)

    def scan(self) -> dict[str, Seen]:
        """The submissions to this assignment."""
        found = {}
        for entry in _entries(self.directory):
            if entry.name in self._complete:
                found[entry.name] = self._complete[entry.name]
            elif f"+{self.assignment}+" in entry.name and entry.is_dir(follow_symlinks=False):
                with suppress(OSError):
                    complete = _is_submitted(entry.path)  # before it is looked into
                    found[entry.name] = _folder(entry.path, complete=complete)
        self._complete.clear()
        self._complete.update({name: seen for name, seen in found.items() if seen.complete})
        return found

    def remark(self, name: str) -> str:
        """Whether the folder is of another account than the student that it names."""
        if not self.check_owner:
            return ""
        owner, student = _owner(self.directory / name), name.split("+")[0]
        if owner == student:
            return ""
        return (
            f"{name} says that it is of {student}, but belongs to the account {owner}, so it is "
            "not collected. Where all accounts share one, as in containers: "
            "c.ExchangeCollect.check_owner = False"
        )


def _entries(directory: Path) -> Iterator[os.DirEntry[str]]:
    return (entry for entry in os.scandir(directory) if not entry.name.startswith("."))


def _entry(entry: os.DirEntry[str]) -> Seen:
    if entry.is_dir(follow_symlinks=False):
        return _folder(entry.path)
    about = entry.stat(follow_symlinks=False)
    return Seen(_mark(entry.name, about), about.st_ctime)


def _folder(path: str, *, complete: bool = False) -> Seen:
    """A folder with all below it; raises FileNotFoundError if there is none with a file in it."""
    marks: list[tuple[object, ...]] = []
    has_file = False
    changed = os.stat(path, follow_symlinks=False).st_ctime

    def look(directory: str) -> None:
        nonlocal changed, has_file
        for entry in os.scandir(directory):
            if entry.name.startswith("."):  # being written under another name, or a program's own
                continue
            with suppress(FileNotFoundError):
                about = entry.stat(follow_symlinks=False)
                marks.append(_mark(os.path.relpath(entry.path, path), about))
                changed = max(changed, about.st_ctime)
                if stat.S_ISDIR(about.st_mode):
                    with suppress(OSError):
                        look(entry.path)
                else:
                    has_file = True

    look(path)
    if not has_file:
        raise FileNotFoundError(path)
    return Seen(tuple(sorted(marks, key=str)), changed, complete)


def _mark(name: str, about: os.stat_result) -> tuple[object, ...]:
    is_dir = stat.S_ISDIR(about.st_mode)
    return (
        (name, about.st_ino) if is_dir else (name, about.st_ino, about.st_size, about.st_mtime_ns)
    )


def _is_submitted(path: str) -> bool:
    """Whether nbgrader submit has done all that it does with a folder."""
    secret = os.path.join(path, exchange.SECRET)
    with suppress(OSError):
        whole = os.stat(secret, follow_symlinks=False).st_size >= _SECRET
        return whole and stat.S_IMODE(os.stat(path).st_mode) & _OPEN == _OPEN
    return False


def _owner(path: Path) -> str:
    with suppress(KeyError, OSError):
        return path.owner()
    return "nobody knows"


def submitted(course: Course) -> Submitted:
    """Where `course grade` looks."""
    return Submitted(course.submitted, course.show(course.submitted), course.assignment)
