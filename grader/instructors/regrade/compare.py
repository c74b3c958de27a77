"""Compare two gradebooks of the same class, cell by cell: what changes, and for whom."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader import api

from grader.gradebook.queries import of_assignment
from grader.notebooks import cells

_ADDRESS = re.compile(r"0x[0-9a-f]{6,}")  # of an object: another one each time


@dataclass(frozen=True)
class Points:
    """What one student has for one cell: the points that count, and those they are made of."""

    points: float
    most: float
    auto: float | None
    manual: float | None


@dataclass
class Book:
    """What a gradebook holds of the class, by (student, notebook, cell) and so on.

    `tests`: the text and the points of each cell of the teacher's, by (notebook, cell).
    """

    points: dict[tuple[str, str, str], Points] = field(default_factory=dict)
    penalties: dict[tuple[str, str], float] = field(default_factory=dict)
    tests: dict[tuple[str, str], tuple[str, float]] = field(default_factory=dict)

    def totals(self) -> dict[str, float]:
        """The points of each student, less what lateness costs, as nbgrader exports them."""
        sums: dict[str, float] = defaultdict(float)
        for (student, *_), cell in self.points.items():
            sums[student] += cell.points
        for (student, _), penalty in self.penalties.items():
            sums[student] -= penalty
        return {student: max(0.0, total) for student, total in sums.items()}


@dataclass(frozen=True)
class Change:
    """One cell of one student; no old or new points where the cell was or will not be there.

    `message`: what the student will read, if that is not what it was.
    """

    student: str
    notebook: str
    cell: str
    old: Points | None
    new: Points | None
    totals: tuple[float, float]
    message: str | None

    @property
    def difference(self) -> float:
        """By how many points the cell rises."""
        return (self.new.points if self.new else 0.0) - (self.old.points if self.old else 0.0)

    @property
    def is_overruled(self) -> bool:
        """Whether the tests say otherwise than before, and points by hand stay all the same."""
        if self.old is None or self.new is None or self.new.manual is None:
            return False
        return self.old.auto != self.new.auto


def read(db_url: str, assignment: str) -> Book:
    """Read what a gradebook holds of the class for an assignment."""
    engine = sa.create_engine(db_url)
    book = Book()
    try:
        with engine.connect() as connection:
            for row in connection.execute(_grades(assignment)):
                book.points[row[:3]] = Points(*row[3:])
            for student, notebook, penalty in connection.execute(_penalties(assignment)).all():
                book.penalties[student, notebook] = penalty or 0.0
            for notebook, cell, source, most in connection.execute(_tests(assignment)).all():
                book.tests[notebook, cell] = (source or "", most)
    finally:
        engine.dispose()
    return book


def _most() -> sa.ColumnElement[float]:
    return sa.func.coalesce(
        api.GradeCell.__table__.c.max_score, api.TaskCell.__table__.c.max_score, 0.0
    )


def _grades(assignment: str) -> sa.Select[Any]:
    grade, base, graded, task = (
        row.__table__ for row in (api.Grade, api.BaseCell, api.GradeCell, api.TaskCell)
    )
    query = (
        sa.select(
            api.SubmittedAssignment.student_id,
            api.Notebook.name,
            base.c.name,
            api.Grade.score,
            _most(),
            grade.c.auto_score,
            grade.c.manual_score,
        )
        .select_from(grade)
        .join(base, base.c.id == grade.c.cell_id)
        .outerjoin(graded, graded.c.id == base.c.id)
        .outerjoin(task, task.c.id == base.c.id)
        .join(api.SubmittedNotebook, api.SubmittedNotebook.id == grade.c.notebook_id)
    )
    return of_assignment(query, assignment)


def _penalties(assignment: str) -> sa.Select[Any]:
    query = sa.select(
        api.SubmittedAssignment.student_id,
        api.Notebook.name,
        api.SubmittedNotebook.late_submission_penalty,
    ).select_from(api.SubmittedNotebook)
    return of_assignment(query, assignment)


def _tests(assignment: str) -> sa.Select[Any]:
    base, graded, task = (row.__table__ for row in (api.BaseCell, api.GradeCell, api.TaskCell))
    points = (
        sa.select(base.c.notebook_id, base.c.name, _most().label("most"))
        .outerjoin(graded, graded.c.id == base.c.id)
        .outerjoin(task, task.c.id == base.c.id)
        .where(base.c.type.in_(("GradeCell", "TaskCell")))
        .subquery()
    )
    return (
        sa.select(
            api.Notebook.name,
            api.SourceCell.name,
            api.SourceCell.source,
            sa.func.coalesce(points.c.most, 0.0),
        )
        .select_from(api.SourceCell)
        .join(api.Notebook, api.Notebook.id == api.SourceCell.notebook_id)
        .join(api.Assignment, api.Assignment.id == api.Notebook.assignment_id)
        .outerjoin(
            points,
            sa.and_(points.c.notebook_id == api.Notebook.id, points.c.name == api.SourceCell.name),
        )
        .where(api.Assignment.name == assignment)
    )


def compare(
    before: Book,
    after: Book,
    regraded: Iterable[tuple[str, str]],
    messages: Mapping[tuple[str, str, str], str],
) -> list[Change]:
    """What changes for each cell of the notebooks that were regraded.

    `messages`: what the student will read of a cell, where it is not what it was.
    """
    old, new = before.totals(), after.totals()
    chosen = set(regraded)
    changes = []
    for key in sorted(before.points.keys() | after.points.keys()):
        student, notebook, cell = key
        if (student, notebook) in chosen:
            totals = (old.get(student, 0.0), new.get(student, 0.0))
            message = messages.get(key)
            then, now = before.points.get(key), after.points.get(key)
            if then != now or message is not None:
                changes.append(Change(student, notebook, cell, then, now, totals, message))
    return changes


def messages(old: Path, new: Path) -> dict[str, str]:
    """What the tests of an executed notebook say now, where that is not what they said."""
    then, now = _said(old), _said(new)
    if not then or not now:  # nothing to compare with; the points tell
        return {}
    return {
        cell: text
        for cell, text in now.items()
        if _ADDRESS.sub("", text) != _ADDRESS.sub("", then.get(cell, ""))
    }


def _said(path: Path) -> dict[str, str]:
    """What each test of an executed notebook printed, and with what message it failed."""
    found = {}
    with suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        for cell in json.loads(path.read_bytes())["cells"]:
            if cells.is_test(cell):
                outputs = cell.get("outputs", [])
                # What is printed comes in pieces, cut anew each time.
                said = ["".join(out["text"]) for out in outputs if out["output_type"] == "stream"]
                said += [out["evalue"] for out in outputs if out["output_type"] == "error"]
                found[cells.about(cell)["grade_id"]] = "".join(said).strip()
    return found
