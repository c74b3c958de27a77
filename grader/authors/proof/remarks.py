"""What the authors of a course decided about single messages and thresholds, each with the reason.

A program cannot see that a comparison only chooses a message, or that a narrow margin is as wide
as it can be. The file that c.Proof.remarks names says so, in tables of these kinds:

    [[message]]      a text that looks like a message and is none, or cannot be reached
    [[threshold]]    a comparison that looks like a threshold and is none
    [[bounded]]      what has a largest value: its margin is how far it stays from that
    [[narrow]]       a narrow margin that stays
    [[section]]      what stands at the end of the page of margins
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grader.authors.proof import settings
from grader.basics import toml_files
from grader.basics.errors import UserError
from grader.course.directory import Course

# The keys of each kind of table.
_KEYS = {
    "message": ("cell", "begins", "reason"),
    "threshold": ("cell", "function", "compared", "reason"),
    "bounded": ("cell", "function", "compared", "reason"),
    "narrow": ("cell", "threshold", "reason"),
    "section": ("title", "text", "table_of", "below", "closing"),
}


@dataclass(frozen=True)
class Section:
    """A section of the page of margins: a text, a table of another page, and a closing sentence.

    `table_of` is the page, relative to the course, and `below` the heading of the table.
    """

    title: str
    text: str
    table_of: str
    below: str
    closing: str


@dataclass(frozen=True)
class Remarks:
    """The reasons, by what they are about."""

    messages: Mapping[tuple[str, str], str] = field(default_factory=dict)
    thresholds: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    bounded: Mapping[tuple[str, str, str], str] = field(default_factory=dict)
    narrow: Mapping[tuple[str, str], str] = field(default_factory=dict)
    sections: Sequence[Section] = ()


NO_REMARKS = Remarks()


def of_course(course: Course) -> Remarks:
    """The remarks of a course; raises UserError that says what is wrong with their file."""
    name = settings.read(course).remarks
    if not name:
        return NO_REMARKS
    path = course.root / name
    if not path.is_file():
        raise UserError(f"{name}, which c.Proof.remarks names, is missing.")
    content = toml_files.read(path, name)
    for kind in content:
        if kind not in _KEYS:
            raise UserError(f"{name}: there is no table [[{kind}]]. There are: {', '.join(_KEYS)}")
    found = {kind: _entries(content.get(kind, []), kind, name) for kind in _KEYS}
    return Remarks(
        {(each["cell"], each["begins"]): each["reason"] for each in found["message"]},
        _of_comparisons(found["threshold"]),
        _of_comparisons(found["bounded"]),
        {(each["cell"], each["threshold"]): each["reason"] for each in found["narrow"]},
        [Section(**each) for each in found["section"]],
    )


def _of_comparisons(entries: list[dict[str, str]]) -> dict[tuple[str, str, str], str]:
    return {(each["cell"], each["function"], each["compared"]): each["reason"] for each in entries}


def _entries(given: Any, kind: str, name: str) -> list[dict[str, str]]:
    if not isinstance(given, list):
        raise UserError(f"{name}: write each {kind} below a line [[{kind}]].")
    for number, entry in enumerate(given, 1):
        is_whole = isinstance(entry, dict) and set(entry) == set(_KEYS[kind])
        if not is_whole or not all(isinstance(value, str) for value in entry.values()):
            keys = ", ".join(_KEYS[kind])
            raise UserError(f"{name}, {kind} {number}: it needs the texts {keys}, and no more.")
    return given
