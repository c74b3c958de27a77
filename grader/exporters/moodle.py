"""Points for Moodle: its grading worksheet filled in, or a CSV file for Grades > Import.

The worksheet is what "Download grading worksheet" of an assignment gives (mod/assign/
gradingtable.php; mod/assign/feedback/offline/ reads it again). It needs the columns Identifier,
Grade and Last modified (grade), and finds a student by the number in Identifier. A line without
a grade changes nothing in Moodle.

Without a worksheet, the file is one for grade/import/csv, where a person says which column of
the file is which in Moodle.
"""

import re
from pathlib import Path

from traitlets import Bool, Unicode

from grader.basics import csv_files
from grader.basics.csv_files import harmless
from grader.basics.errors import UserError
from grader.exporters.results import Exporter, Finder, Result, Results, as_number, number
from grader.rosters.owner import Owner

_NAMES = ("full name", "first name", "last name", "email address", "username")


class MoodleExporter(Exporter):
    """Writes moodle.csv. With a grading worksheet as template, that is filled in."""

    file = "moodle.csv"
    grade_column = Unicode("Grade", help="title of the column for the points").tag(config=True)
    comment_column = Unicode(
        "Feedback comments", help="title of the column for the points of each notebook"
    ).tag(config=True)
    comments = Bool(False, help="write the points of each notebook into the comments").tag(
        config=True
    )

    def write(self, target: Path, results: Results) -> set[str]:
        """Write the file; returns the students whose points are in it."""
        if self.template:
            return self._fill_in(target, results)
        header = ["Username", "First name", "Last name", "Email address", results.assignment]
        rows = [[*header, *([self.comment_column] if self.comments else [])]]
        for result in results.final():
            about = (result.student, result.first, result.last, result.email)
            comment = [_comment(result)] if self.comments else []
            points = number(result.points or 0.0)
            rows.append([*(harmless(cell) for cell in about), points, *comment])
        csv_files.write(target, rows)
        return {result.student for result in results.final()}

    def _fill_in(self, target: Path, results: Results) -> set[str]:
        sheet = csv_files.read(Path(self.template))
        header = sheet.rows[0] if sheet.rows else []
        titles = [title.strip().casefold() for title in header]
        grade = self._place(titles, self.grade_column)
        comment = self._place(titles, self.comment_column) if self.comments else None
        find = Finder(results, self.roster_or_none())
        rows = [header]
        matched: set[str] = set()
        body = [row + [""] * (len(header) - len(row)) for row in sheet.rows[1:]]
        for line, row in zip(sheet.lines[1:], body, strict=True):
            about = dict(zip(titles, row, strict=False))
            for key in about.keys() & {"identifier", "username", "id number"}:
                about[key] = csv_files.identifier(about[key], f"{self.template}, line {line}")
            filled = [
                harmless(cell) if title in _NAMES else cell
                for title, cell in zip(titles, row, strict=False)
            ]
            rows.append(filled)
            result = results.of.get(find.find(_owner(about, row), _keys(about)) or "")
            if result is None or result.points is None or result.student in matched:
                continue
            if about.get("grade can be changed", "").strip().casefold() == "no":
                self.log.warning("%s: Moodle has locked this grade; left as it is", result.student)
                self.told_of.add(result.student)
                continue
            matched.add(result.student)
            most = as_number(about.get("maximum grade", ""))
            filled[grade] = self.scaled(result.points, results.most, most)
            if comment is not None:
                filled[comment] = _comment(result)
        csv_files.write(target, rows, sheet.delimiter)
        return matched

    def _place(self, titles: list[str], title: str) -> int:
        if title.casefold() in titles:
            return titles.index(title.casefold())
        raise UserError(
            f"{self.template} has no column {title}. Download the grading worksheet in English, "
            "or name the columns as they are: --MoodleExporter.grade_column=..., "
            "--MoodleExporter.comment_column=..."
        )


def _owner(about: dict[str, str], row: list[str]) -> Owner:
    # "Participant 123456"; the first column, whatever its title is in the site's language.
    identifier = about.get("identifier", row[0])
    digits = re.search(r"(\d+)\s*$", identifier)
    first_last = f"{about.get('first name', '')} {about.get('last name', '')}".strip()
    return Owner("moodle", about.get("full name", first_last), digits[1] if digits else "")


def _keys(about: dict[str, str]) -> list[str]:
    return [about.get(key, "") for key in ("username", "id number", "email address")]


def _comment(result: Result) -> str:
    return harmless("; ".join(result.notebooks))
