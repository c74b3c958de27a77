"""Points for Canvas: a CSV file for Grades > Import.

The format is that of lib/gradebook_exporter.rb and lib/gradebook_importer.rb in Canvas: columns
about the student up to Section, then one for each assignment with the title "NAME (NUMBER)", and
a line "Points Possible". Canvas finds a student by ID, then by SIS User ID, SIS Login ID or name.
Students without a line, and assignments without a column, keep what they have.
"""

import re
from pathlib import Path

from traitlets import Unicode

from grader.basics import csv_files
from grader.basics.csv_files import harmless
from grader.basics.errors import UserError
from grader.exporters.results import Exporter, Finder, Results, as_number
from grader.rosters import canvas_gradebook
from grader.rosters.owner import Owner

_TITLE = re.compile(r"(.*)\s\((\d+)\)")
_NAMES = ("student", "lastname", "firstname")
_POINTS = "    Points Possible"  # with its four blanks, as Canvas writes it


class CanvasExporter(Exporter):
    """Writes canvas.csv. With the gradebook that Canvas exports as template, its ids are used."""

    file = "canvas.csv"
    column = Unicode(
        "", help="title of the assignment in Canvas (default: its name in the gradebook)"
    ).tag(config=True)

    def write(self, target: Path, results: Results) -> set[str]:
        """Write the file; returns the students whose points are in it."""
        if self.template:
            return self._fill_in(target, results)
        known = self.roster_or_none()
        numbers = {one.id: one.canvas for one in known.students} if known else {}
        title = self.column or results.assignment
        rows = [
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title],
            [_POINTS, "", "", "", "", self.scaled(results.most, results.most, None)],
        ]
        for result in results.final():
            id_ = numbers.get(result.student, "")
            name = f"{result.last}, {result.first}".strip(", ") or result.student
            points = self.scaled(result.points or 0.0, results.most, None)
            rows.append([harmless(name), id_, "", harmless(result.student), "", points])
        csv_files.write(target, rows)
        return {result.student for result in results.final()}

    def _fill_in(self, target: Path, results: Results) -> set[str]:
        sheet = csv_files.read(Path(self.template))
        header = sheet.rows[0] if sheet.rows else []
        titles = [title.strip().casefold() for title in header]
        if not canvas_gradebook.is_gradebook(titles):
            raise UserError(
                f"{self.template} is no gradebook of Canvas's: its columns are not Student, ID, "
                "..., Section. Export it in Canvas: Grades > Export."
            )
        width = titles.index("section") + 1
        at = self._place(header, width, results.assignment)
        find = Finder(results, self.roster_or_none())
        rows = [[*header[:width], header[at]]]
        body = [row + [""] * (len(header) - len(row)) for row in sheet.rows[1:]]
        lines = canvas_gradebook.Lines(titles, body)
        if lines.points is None:
            raise UserError(
                f"{self.template} has no line with the points possible, which begins with four "
                "blanks. Without it nobody knows how many points Canvas gives at most. Export the "
                "gradebook anew: Grades > Export."
            )
        most = self._most(lines.points[at])
        rows.append([*lines.points[:width], lines.points[at]])
        matched: set[str] = set()
        for line, row in zip(sheet.lines[1:], body, strict=True):
            if not lines.is_student(row):
                continue
            about = dict(zip(titles[:width], row, strict=False))
            for key in about.keys() & {"id", "sis login id", "sis user id"}:
                about[key] = csv_files.identifier(about[key], f"{self.template}, line {line}")
            student = find.find(
                Owner("canvas", _name(about), about["id"]),
                [about.get(key, "") for key in ("sis login id", "sis user id")],
            )
            result = results.of.get(student or "")
            if result is None or result.points is None or result.student in matched:
                continue
            matched.add(result.student)
            safe = [
                harmless(cell) if title in _NAMES else cell
                for title, cell in zip(titles, row[:width], strict=False)
            ]
            rows.append([*safe, self.scaled(result.points, results.most, most)])
        csv_files.write(target, rows, sheet.delimiter)
        return matched

    def _most(self, cell: str) -> float | None:
        """The points that Canvas gives at most; none where it says nothing of them."""
        most = as_number(cell)
        if most is None and any(sign.isdigit() for sign in cell):
            raise UserError(
                f'{self.template}: "{cell.strip()}" is no plain number of points. Write 40.00, say.'
            )
        return most

    def _place(self, header: list[str], width: int, assignment: str) -> int:
        """Where the assignment's column is."""
        wanted = self.column or assignment
        places = [
            at for at, title in enumerate(header) if at >= width and wanted in _readings(title)
        ]
        if len(places) == 1:
            return places[0]
        there = ", ".join(title for title in header[width:] if _TITLE.fullmatch(title))
        found = "more than one column" if places else "no column"
        raise UserError(
            f"{self.template} has {found} {wanted}. Name the one that is meant, with its number: "
            f'--CanvasExporter.column="..." (there are: {there[:500]})'
        )


def _readings(title: str) -> tuple[str, ...]:
    """A title as it stands, its name alone, and its number alone."""
    match = _TITLE.fullmatch(title)
    return (title, *match.groups()) if match else (title,)


def _name(about: dict[str, str]) -> str:
    if "student" in about:
        return about["student"]
    return f"{about.get('lastname', '')}, {about.get('firstname', '')}"
