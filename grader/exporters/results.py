"""What the exporters share: who has which points, which of them are final, and whose row it is.

The rule: points are exported where the gradebook has nothing that waits for a person, or could not
be graded. A grade that may still change is left out, and told of. What was handed in since the last
`course grade` is not in the gradebook yet.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from dateutil.tz import tzlocal
from nbgrader import api
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Unicode

from grader.basics.errors import GraderError, UserError
from grader.basics.words import listed
from grader.gradebook import totals
from grader.gradebook.totals import SubmittedPoints
from grader.nbgrader_app.session import late_penalty
from grader.rosters import roster
from grader.rosters.owner import Owner
from grader.rosters.roster import Roster, Unknown

SHOWN = 10
WAITS = "an answer waits for a person"
NOT_GRADED = "a notebook could not be graded"


@dataclass(frozen=True)
class Result:
    """A student's points; None where they are not final."""

    student: str
    first: str
    last: str
    email: str
    points: float | None
    why: str = ""  # why there are none
    notebooks: tuple[str, ...] = ()  # "2-tanh 28/30"

    @property
    def name(self) -> str:
        """First and last name, as far as the gradebook knows them."""
        return f"{self.first} {self.last}".strip()


@dataclass(frozen=True)
class Results:
    """The points of a class in one assignment."""

    assignment: str
    most: float
    of: Mapping[str, Result]

    def final(self) -> list[Result]:
        """Those whose points are final."""
        return [result for result in self.of.values() if result.points is not None]


class Exporter(ExportPlugin):  # type: ignore[misc]
    """An exporter for a learning platform; `write` makes the file."""

    roster = Unicode(
        "", help="CSV file that tells the platform's students from the gradebook's"
    ).tag(config=True)
    template = Unicode("", help="CSV file from the platform that is to be filled in").tag(
        config=True
    )
    scale = Bool(
        False, help="scale the points to what the platform gives at most, where it says so"
    ).tag(config=True)
    missing_is_zero = Bool(
        False, help="0 points for students who handed in nothing; else their grade is left as it is"
    ).tag(config=True)

    file = "grades.csv"

    def export(self, gradebook: Any) -> None:
        """Write the file; tell who is not in it, and why."""
        self.told_of: set[str] = set()  # students of whom `write` said why they are left out
        try:
            results = self._results(gradebook)
            if not results.of:
                raise UserError("The gradebook has none of these students.")
            target = Path(self.to or self.file)
            matched = self.write(target, results)
        except GraderError as error:
            self._fail(str(error))
        except OSError as error:
            self._fail(f"{error.filename}: {error.strerror}.")
        self._tell(target, results, matched)

    def write(self, target: Path, results: Results) -> set[str]:
        """Write the file; returns the students whose points are in it."""
        raise NotImplementedError

    def _fail(self, message: str) -> None:
        self.log.error(message)
        sys.exit(1)

    def _results(self, gradebook: Any) -> Results:
        names = [assignment.name for assignment in gradebook.assignments]
        asked = [str(name) for name in self.assignment]
        if missing := [name for name in asked if name not in names]:
            raise UserError(f"The gradebook has no assignment {missing[0]}.")
        chosen = asked or names
        if len(chosen) != 1:
            raise UserError(
                f"Export one assignment at a time: --assignment={chosen[0]}"
                if chosen
                else "The gradebook has no assignment yet. Grade first: course grade"
            )
        assignment = gradebook.find_assignment(chosen[0])
        most = {notebook.name: float(notebook.max_score) for notebook in assignment.notebooks}
        handed_in: dict[str, list[SubmittedPoints]] = defaultdict(list)
        late = late_penalty(self)
        for each in totals.submitted_points(gradebook.db, assignment.name, late):
            handed_in[each.student].append(each)
        only = {str(name) for name in self.student}
        students = sa.select(
            api.Student.id, api.Student.first_name, api.Student.last_name, api.Student.email
        )
        of = {
            about[0]: self._result(about, handed_in.get(about[0]), most)
            for about in gradebook.db.execute(students)
            if not only or about[0] in only
        }
        return Results(assignment.name, float(assignment.max_score), dict(sorted(of.items())))

    def _result(
        self, student: Any, handed_in: Sequence[SubmittedPoints] | None, most: Mapping[str, float]
    ) -> Result:
        id_, first, last, email = student
        about = (id_, first or "", last or "", email or "")
        if handed_in is None:
            if self.missing_is_zero:
                return Result(*about, 0.0)
            return Result(*about, None, "handed in nothing")
        if any(each.waits for each in handed_in):
            ungraded = any(each.ungraded for each in handed_in)
            return Result(*about, None, NOT_GRADED if ungraded else WAITS)
        # As nbgrader's own exporter takes off what late submissions lose.
        points = sum(each.points for each in handed_in) - sum(each.penalty for each in handed_in)
        notebooks = tuple(
            f"{each.notebook} {number(each.points)}/{number(most[each.notebook])}"
            for each in sorted(handed_in, key=lambda one: one.notebook)
        )
        return Result(*about, max(0.0, points), "", notebooks)

    def _tell(self, target: Path, results: Results, matched: set[str]) -> None:
        self.log.info("%s: points of %d students", target, len(matched))
        reasons: dict[str, list[str]] = {}
        for result in results.of.values():
            if result.student not in matched | self.told_of:
                why = result.why or "has points, but no line of the platform's is theirs"
                reasons.setdefault(why, []).append(result.student)
        for why, students in reasons.items():
            names = listed(students, SHOWN)
            self.log.warning("left out, %s: %s (%d)", why, names, len(students))

    def roster_or_none(self) -> Roster | None:
        """The roster, if one is given."""
        return roster.read(Path(self.roster), tzlocal()) if self.roster else None

    def scaled(self, points: float, most_here: float, most_there: float | None) -> str:
        """Points as the platform takes them; raises UserError for more than it does."""
        if most_there is None or most_there == most_here:
            return number(points)
        if self.scale and most_here:
            return number(points * most_there / most_here)
        if points > most_there:
            raise UserError(
                f"The platform gives at most {number(most_there)} points, the gradebook "
                f"{number(most_here)}. Set the platform's to {number(most_here)}, or scale: "
                f"--{type(self).__name__}.scale=True"
            )
        return number(points)


class Finder:
    """Finds the student of the gradebook that a line of a platform's file is about."""

    def __init__(self, results: Results, known: Roster | None) -> None:
        self._known, self._of = known, results.of
        self._by_key = _unique((one.student.casefold(), one.student) for one in results.of.values())
        self._by_number = _unique(
            (one.student.rsplit("_", 1)[1], one.student)
            for one in results.of.values()
            if "_" in one.student
        )
        self._by_name = _unique(
            (roster.plain(one.name), one.student) for one in results.of.values() if one.name
        )

    def find(self, owner: Owner, keys: Iterable[str]) -> str | None:
        """By the roster if there is one; else by login, address, number or name, if unique."""
        if self._known is not None:
            try:
                student = self._known.find(owner).id
            except Unknown:
                return None
            return student if student in self._of else None
        for key in keys:
            if found := self._by_key.get(key.strip().casefold()):
                return found
        found = self._by_number.get(owner.number)
        if found and _is_named(found, owner):
            return found
        # Moodle's numbers are other ones in each assignment, so they are nobody's own.
        if owner.scheme == "canvas" and (found := self._by_key.get(owner.number)):
            return found
        return self._by_name.get(_plain(owner))


def _is_named(student: str, owner: Owner) -> bool:
    """Whether `course collect` would give the owner this name without a roster: NAME_NUMBER.

    The number alone says little: an own student_1 is not Moodle's Participant 1.
    """
    name = roster.plain(student.rpartition("_")[0])
    return name == "participant" or name in roster.turned(owner.name)  # the first: blind marking


def _plain(owner: Owner) -> str:
    last, comma, first = owner.name.partition(",")  # Canvas's sortable name
    return roster.plain(f"{first}{last}" if comma else owner.name)


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    twice = set()
    for key, student in pairs:
        if found.setdefault(key, student) != student:
            twice.add(key)
    return {key: student for key, student in found.items() if key and key not in twice}


def number(value: float) -> str:
    """A number with at most two decimals, as gradebooks show it."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def as_number(text: str) -> float | None:
    """A number in a cell, with a point or a comma; with both, the last one begins the decimals."""
    text = re.sub(r"\s", "", text)
    if "," in text and "." in text:
        text = text.replace("," if text.rfind(",") < text.rfind(".") else ".", "")
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
