"""The table that a person fills in: explanations.csv, written for and read from spreadsheets.

A row with a student is one answer. A row without one is its whole group: what it says holds for
each student of the group whose own row says nothing else.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import CourseError
from grader.explanations.group import Group
from grader.explanations.read import Answer, Exercise

NAME = "explanations.csv"
_NEEDED = ("notebook", "exercise", "group", "student", "points", "comment", "fingerprint")
_SHOWN = ("points now", "comment now", "answer begins")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets compute
_BEGINNING = 80


@dataclass(frozen=True)
class Row:
    """A row as a person left it; `line` is where it stands in the file."""

    line: int
    notebook: str
    exercise: str
    group: str
    student: str
    points: str
    comment: str
    fingerprint: str

    @property
    def decides(self) -> bool:
        """Whether a person wrote something into it."""
        return bool(self.points or self.comment)


def write(path: Path, groups: Iterable[tuple[Exercise, Sequence[Group]]]) -> None:
    """Write the table, ready to be filled in."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow([*_NEEDED, *_SHOWN])
    for exercise, own in groups:
        for group in own:
            start = [exercise.notebook, exercise.cell, group.label]
            count = len(group.answers)
            table.writerow([*start, "", "", "", "", "", "", f"all {count} of group {group.label}"])
            for answer in group.answers:
                table.writerow([*start, *_cells(answer)])
    # With the mark at the start, without which Excel shows Korean as something else.
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")


def _cells(answer: Answer) -> list[str]:
    standing = answer.standing
    points = "" if standing.points is None else f"{standing.points:g}"
    begins = " ".join(answer.said.split())[:_BEGINNING]
    shown = [_inert(standing.comment), _inert(begins)]
    return [_inert(answer.student), "", "", answer.fingerprint, points, *shown]


def _inert(text: str) -> str:
    """The text so that a spreadsheet does not compute it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def read(path: Path) -> list[Row]:
    """The rows of a table, in the forms in which spreadsheets write it.

    Raises CourseError if it is none.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise CourseError(f"{path} is missing. Write it: course explanations") from None
    except UnicodeDecodeError:
        raise CourseError(
            f'{path} is not in UTF-8. In the spreadsheet, save it as "CSV UTF-8".'
        ) from None
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    table = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        names = [(name or "").strip().lower() for name in table.fieldnames or ()]
        if lacks := [name for name in _NEEDED if name not in names]:
            raise CourseError(
                f"{path} has no column {', '.join(lacks)}. Keep the first line as it was written."
            )
        table.fieldnames = names
        rows = []
        for values in table:
            given = [(values.get(name) or "").strip() for name in _NEEDED]
            if any(given):
                rows.append(_row(table.line_num, given))
    except csv.Error as error:
        raise CourseError(f"{path}, line {table.line_num}: {error}") from None
    return rows


def _row(line: int, given: Sequence[str]) -> Row:
    notebook, exercise, group, student, points, comment, fingerprint = given
    if student[1:].startswith(_FORMULA):
        student = student.removeprefix("'")
    return Row(line, notebook, exercise, group, student, points, comment, fingerprint)
