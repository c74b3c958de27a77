"""Who is in the class: a CSV file that tells a platform's names from those in the gradebook.

Read are own tables, the gradebook that Canvas exports (Canvas: lib/gradebook_exporter.rb), and
Moodle's list of participants and grading worksheet (Moodle: mod/assign/gradingtable.php,
mod/assign/feedback/offline/).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path

from grader.basics import csv_files
from grader.basics.errors import UserError
from grader.basics.times import NotPlain, plain_time
from grader.rosters import canvas_gradebook
from grader.rosters.owner import Owner, safe_id

# The columns by the names that they have in own tables, in Canvas and in Moodle.
COLUMNS = {
    "student": ("student_id", "student id", "id in gradebook"),
    "login": ("login", "username", "user name", "sis login id"),
    "sis": ("id number", "sis user id", "sis_id", "sid", "orgdefinedid"),
    "email": ("email", "email address", "e-mail"),
    "name": ("name", "full name", "student"),
    "first": ("first name", "first_name", "firstname"),
    "last": ("last name", "last_name", "lastname", "surname"),
    "moodle": ("moodle_id", "moodle id", "identifier"),
    "canvas": ("canvas_id", "canvas id"),
    "submitted": ("submitted", "last modified (submission)"),
}
_IDENTIFIERS = ("student", "login", "sis", "moodle", "canvas", "name")
_EXPECTED = "student_id, and any of name, email, login, moodle_id, canvas_id, submitted"
_SHORT = (
    "is not in the roster, but {} is: if a spreadsheet program took away the zeros at the start, "
    "set the format of that column to text and type or export the numbers anew"
)


class Unknown(Exception):
    """No student of the roster, or not just one; the message says why, after the owner.

    `may_be`: the students that could be meant.
    """

    def __init__(self, why: str, may_be: Iterable["Student"] = ()) -> None:
        super().__init__(why)
        self.may_be = {student.id for student in may_be}


@dataclass(frozen=True)
class Student:
    """A line of the roster. `keys` are other names that mean this student alone."""

    id: str
    names: frozenset[str]
    keys: frozenset[str]
    moodle: str = ""
    canvas: str = ""
    submitted: datetime | None = None


class Roster:
    """The students of a class, found by what a platform says of them."""

    def __init__(self, students: Iterable[Student]) -> None:
        self.students = list(students)
        self._by_name: defaultdict[str, list[Student]] = defaultdict(list)
        self._by_key: defaultdict[str, list[Student]] = defaultdict(list)
        self._by_number: defaultdict[tuple[str, str], list[Student]] = defaultdict(list)
        for student in self.students:
            self._by_number["moodle", student.moodle].append(student)
            self._by_number["canvas", student.canvas].append(student)
            for name in student.names:
                self._by_name[name].append(student)
            for key in student.keys:
                self._by_key[key].append(student)

    def of_canvas(self, numbers: Iterable[str]) -> set[str]:
        """The students who have one of these numbers in Canvas."""
        return {one.id for number in numbers for one in self._by_number.get(("canvas", number), ())}

    def find(self, owner: Owner) -> Student:
        """The student that is meant; raises Unknown."""
        number = owner.number if owner.scheme in ("moodle", "canvas") else ""
        if number:
            known = self._by_number[owner.scheme, number]
            if known:
                return _only(known, f"the number {number}")
        else:
            for names in ((owner.name,), owner.keys):
                if known := self._with_key(names):
                    return _only(known, f'"{owner.name}"')
        of_name = named = self._by_name[plain(owner.name)]
        if number and named:
            # A line with another number is somebody else of the same name.
            named = [one for one in named if not getattr(one, owner.scheme)]
        if not named:
            if short := self._with_key(key.lstrip("0") for key in (owner.name, *owner.keys)):
                raise Unknown(_SHORT.format(short[0].id), short)
            raise Unknown("is not in the roster", of_name)
        return _only(named, f'the name "{owner.name}"')

    def _with_key(self, names: Iterable[str]) -> list[Student]:
        """The students who have one of these names for themselves, each once."""
        found = (one for name in names for one in self._by_key.get(name.casefold(), ()))
        return list({student.id: student for student in found}.values())


def _only(students: list[Student], what: str) -> Student:
    if len(students) > 1:
        raise Unknown(
            f"may be several: {len(students)} lines of the roster have {what}; give their "
            "numbers, too",
            students,
        )
    return students[0]


def read(path: Path, zone: tzinfo) -> Roster:
    """The roster in a CSV file; `zone` is that of its times. Raises UserError."""
    sheet = csv_files.read(path)
    if len(sheet.rows) < 2:
        raise UserError(f"{path} has no line with a student. Its columns should be {_EXPECTED}.")
    places = _places(sheet.rows[0])
    titles = _titles(sheet.rows[0])
    lines = (
        canvas_gradebook.Lines(titles, sheet.rows[1:])
        if canvas_gradebook.is_gradebook(titles)
        else None
    )
    students: dict[str, Student] = {}
    for number, row in zip(sheet.lines[1:], sheet.rows[1:], strict=True):
        if lines is not None and not lines.is_student(row):
            continue
        # Composed, as the names in an archive are; macOS writes its letters in parts.
        row = [unicodedata.normalize("NFC", cell.strip()) for cell in row]
        cells = {what: row[at] for what, at in places.items() if at < len(row)}
        if not any(cells.values()):
            continue
        for what in cells.keys() & _IDENTIFIERS:
            # Brightspace writes #2026001.
            cell = csv_files.identifier(cells[what], f"{path}, line {number}")
            cells[what] = cell.removeprefix("#")
        if "student" in places and not cells.get("student"):
            raise UserError(f"{path}, line {number}: there is no student_id.")
        student = _student(cells, f"{path}, line {number}", zone)
        if student.id in students:
            raise UserError(f"{path}, line {number}: {student.id} is there twice.")
        students[student.id] = student
    return Roster(students.values())


def _titles(header: list[str]) -> list[str]:
    return [title.strip().casefold() for title in header]


def _places(header: list[str]) -> dict[str, int]:
    titles = _titles(header)
    places = {
        what: titles.index(name)
        for what, names in COLUMNS.items()
        for name in names[::-1]  # the first one that is there counts
        if name in titles
    }
    if "id" in titles:  # Canvas has a number there, own tables what the gradebook says
        places["canvas" if canvas_gradebook.is_gradebook(titles) else "student"] = titles.index(
            "id"
        )
    if not places.keys() & {"student", "login", "sis", "email", "name", "moodle"}:
        raise UserError(
            f"The roster has no column that is known (it has {', '.join(header)[:200]}). "
            f"Name its columns {_EXPECTED}."
        )
    return places


def _student(cells: dict[str, str], where: str, zone: tzinfo) -> Student:
    number = re.sub(r"\D", "", cells.get("moodle", ""))  # "Participant 123456"
    given = cells.get("student") or cells.get("login") or cells.get("sis") or cells.get("email")
    first, last = cells.get("first", ""), cells.get("last", "")
    name = cells.get("name") or f"{first} {last}".strip()
    any_number = cells.get("canvas") or number
    id_ = given or safe_id(f"{name or 'Participant'}_{any_number}" if any_number else name)
    if given and safe_id(given) != given:
        raise UserError(
            f'{where}: "{given}" cannot name a folder. Use letters, digits, and . _ @ + - inside.'
        )
    keys = {cells.get(what, "").casefold() for what in ("login", "sis", "email")} | {id_.casefold()}
    return Student(
        id_,
        frozenset(turned(name) | turned(f"{first} {last}")),
        frozenset(keys - {""}),
        number,
        cells.get("canvas", ""),
        _time(cells.get("submitted", ""), where, zone),
    )


def turned(name: str) -> set[str]:
    """A name in each order in which its words can be turned around: family name last, or first."""
    words = name.replace(",", " ").split()
    return {plain("".join(words[at:] + words[:at])) for at in range(len(words))} - {""}


def plain(name: str) -> str:
    """A name without what platforms change: capitals, blanks, marks of punctuation."""
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(sign for sign in name if sign.isalnum())


def _time(text: str, where: str, zone: tzinfo) -> datetime | None:
    """The time in a cell; none, where no figure is in it. Raises UserError if it is not plain.

    A wrong time would make work late, or an older version the newest. `zone` is that of a time
    which names none.
    """
    if not any(sign.isdigit() for sign in text):
        return None
    try:
        time = plain_time(text)
    except NotPlain as error:
        raise UserError(f"{where}: {error}") from None
    return time if time.tzinfo else time.replace(tzinfo=zone)
