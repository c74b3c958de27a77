"""The student kit: modules that ship with an assignment, written into it and never edited there.

checks.py is what the check cells use; handin.py and handin_cells.py tell students what is missing
before they hand in. All three run on students' machines, without this tool. What differs from one
assignment to another is not in them, but in handin.json (see handin_table).
"""

import shutil
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from grader.authors.exercises import handin_table
from grader.basics import atomic
from grader.basics.terminal import say
from grader.course.directory import Course
from grader.course.release_diff import first_difference

MASTER = Path(__file__).parent / "kit"


class State(Enum):
    """How a file of the assignment stands to the kit's file of the same name."""

    EQUAL = "equal"
    MISSING = "missing"
    CHANGED = "changed"
    OTHER = "other"  # a file of the teacher's own: its first line is another one


@dataclass(frozen=True)
class Copy:
    """The place of a file of the kit in an assignment, and what is there."""

    master: Path
    path: Path
    state: State

    def difference(self) -> str:
        """Where the two differ first: " (first in line 7)"."""
        return first_difference(self.master, self.path)


def copies(course: Course) -> list[Copy]:
    """The files of the kit, and how the assignment's copies stand to them."""
    masters = sorted(MASTER.glob("*.py"))
    return [
        Copy(master, course.source / master.name, _state(master, course.source / master.name))
        for master in masters
    ]


def is_in(course: Course, name: str) -> bool:
    """Whether the assignment has a file of the kit as this tool has it."""
    return (MASTER / name).is_file() and _state(MASTER / name, course.source / name) is State.EQUAL


def _state(master: Path, path: Path) -> State:
    if not path.is_file():
        return State.MISSING
    ours = master.read_text(encoding="utf-8")
    theirs = path.read_text(encoding="utf-8", errors="replace")
    if ours == theirs:
        return State.EQUAL
    return State.CHANGED if _first_line(ours) == _first_line(theirs) else State.OTHER


def _first_line(text: str) -> str:
    return text.lstrip("\ufeff").partition("\n")[0].strip()


def run(course: Course, *, check: bool, replace: bool) -> int:
    """Write the kit into the assignment; with `check`, only say what differs.

    A copy that was changed is left as it is, unless `replace`: then what was there is kept in
    backups/. Returns 1 if anything differs in the end.
    """
    left = 0
    for copy in copies(course):
        shown = course.show(copy.path)
        if copy.state is State.EQUAL:
            continue
        if copy.state is State.OTHER:
            say(f"kit: {shown} is no file of the kit. Rename it to have the kit's.")
            left += 1
        elif check or (copy.state is State.CHANGED and not replace):
            left += 1
            if copy.state is State.MISSING:
                say(f"kit: {shown} is missing. To write it: course kit")
            else:
                say(
                    f"kit: {shown} is not as this tool has it{copy.difference()}, and is left as "
                    "it is. To take the tool's: course kit --replace"
                )
        else:
            kept = _keep(course, copy.path) if copy.state is State.CHANGED else None
            atomic.write_text(copy.path, copy.master.read_text(encoding="utf-8"))
            say(f"kit: {shown} written" + (f"; what was there is in {kept}" if kept else ""))
    if not check and handin_table.write(course):
        say(f"kit: {course.show(course.source / handin_table.NAME)} written")
    if not left:
        say(f"kit: {course.show(course.source)} has the kit of this tool")
    return 1 if left else 0


def write_missing(course: Course) -> None:
    """Write the files that the assignment lacks, and their table."""
    for copy in copies(course):
        if copy.state is State.MISSING:
            shutil.copyfile(copy.master, copy.path)
    handin_table.write(course)


def _keep(course: Course, path: Path) -> str:
    """Copy a file into backups/, beside what was kept there before; returns its name there."""
    folder = course.backups / "kit" / course.assignment
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while (kept := folder / f"{path.stem}-{number}{path.suffix}").exists():
        number += 1
    shutil.copyfile(path, kept)
    return course.show(kept)
