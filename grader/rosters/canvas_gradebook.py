"""The gradebook that Canvas exports: which of its lines are about students, in any language.

Canvas translates "Points Possible" and the test student's name with the person who exports. What it
does not translate: the line of the points begins with four blanks and has no ID, and the test
student has no SIS ID and a login that Canvas drew, 40 figures of base 16 (Canvas:
lib/gradebook_exporter.rb, app/models/course.rb).
"""

import re
from collections.abc import Sequence

_DRAWN = re.compile(r"(?=.*[a-f])(?=.*\d)[0-9a-f]{10,}", re.IGNORECASE)
_ALL_DRAWN = 40
_TEST = "student, test"
_NAMES = {"student", "lastname"}


def is_gradebook(titles: Sequence[str]) -> bool:
    """Whether these titles of columns, in small letters, are those of Canvas's gradebook."""
    return bool(_NAMES & set(titles[:1])) and {"id", "section"} <= set(titles)


class Lines:
    """The lines of a gradebook below its titles."""

    def __init__(self, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        self._at = {title: titles.index(title) for title in titles}
        self.points = next((row for row in rows if self._is_points(row)), None)
        students = [row for row in rows if self._is_person(row)]
        without = [row for row in students if not self._of(row, "sis user id")]
        is_alone = len(without) == 1 < len(students)
        self._only_without = without[0] if is_alone else None

    def is_student(self, row: Sequence[str]) -> bool:
        """Whether the line, one of those given, is about a student of the class."""
        if not self._is_person(row):
            return False
        login = self._of(row, "sis login id")
        if self._of(row, "sis user id") or not _DRAWN.fullmatch(login):
            name = self._of(row, "student"), self._of(row, "lastname"), self._of(row, "firstname")
            return ", ".join(filter(None, name)).casefold() != _TEST
        # Shorter ones are some people's own, so only where everybody else has a SIS ID.
        return not (len(login) == _ALL_DRAWN or row is self._only_without)

    def _is_person(self, row: Sequence[str]) -> bool:
        return bool(row) and bool(row[0].strip()) and not self._is_points(row)

    def _is_points(self, row: Sequence[str]) -> bool:
        if not row or not row[0].strip() or self._of(row, "id"):
            return False
        about = ("sis user id", "sis login id", "section")
        return row[0][0].isspace() or not any(self._of(row, title) for title in about)

    def _of(self, row: Sequence[str], title: str) -> str:
        at = self._at.get(title)
        return row[at].strip() if at is not None and at < len(row) else ""
