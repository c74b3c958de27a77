"""The table that a person fills in: explanations.csv, written for and read from spreadsheets.

A row with a student is one answer. A row without one is its whole group: what it says holds for
each student of the group whose own row says nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.basics import csv_files
from grader.basics.csv_files import harmless, unguarded
from grader.basics.errors import UserError
from grader.basics.words import meant, visible
from grader.instructors.explanations.answers import Answer, Exercise
from grader.instructors.explanations.group import Group

NAME = "explanations.csv"
_NEEDED = ("notebook", "exercise", "group", "student", "points", "comment", "fingerprint")
_SHOWN = ("points now", "comment now", "answer begins")
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
    rows: list[list[str]] = [[*_NEEDED, *_SHOWN]]
    for exercise, own in groups:
        for group in own:
            start = [exercise.notebook, exercise.cell, group.label]
            count = len(group.answers)
            rows.append([*start, "", "", "", "", "", "", f"all {count} of group {group.label}"])
            rows += ([*start, *_cells(answer)] for answer in group.answers)
    csv_files.write(path, rows, marked=True)


def _cells(answer: Answer) -> list[str]:
    standing = answer.standing
    points = "" if standing.points is None else f"{standing.points:g}"
    begins = visible(" ".join(answer.said.split())[:_BEGINNING])
    shown = [harmless(visible(standing.comment)), harmless(begins)]
    return [harmless(visible(answer.student)), "", "", answer.fingerprint, points, *shown]


def read(path: Path) -> list[Row]:
    """The rows of a table, in the forms in which spreadsheets write it.

    Raises UserError if it is none.
    """
    if not path.exists():
        raise UserError(f"{path} is missing. Write it: course explanations")
    sheet = csv_files.read(path)
    titles = [title.strip().lower() for title in sheet.rows[0]] if sheet.rows else []
    if lacks := [name for name in _NEEDED if name not in titles]:
        raise UserError(
            f"{path} has no column {', '.join(lacks)}. Keep the first line as it was written."
        )
    places = [titles.index(name) for name in _NEEDED]
    rows = []
    for line, cells in zip(sheet.lines[1:], sheet.rows[1:], strict=True):
        if len(cells) > len(titles):
            # A comma that was typed, as in 1,5, makes two cells: other points, half a comment.
            raise UserError(
                f"{path}, line {line}: it has more cells than the first line. A cell with a "
                f"{sheet.separator} in it must stand in quotation marks."
            )
        cells += [""] * (len(titles) - len(cells))
        notebook, exercise, group, student, *rest = (cells[at].strip() for at in places)
        rows.append(Row(line, notebook, exercise, group, meant(unguarded(student)), *rest))
    return rows
