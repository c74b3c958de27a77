"""Reads what the gradebook knows of a class, and changes nothing in it."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

import sqlalchemy as sa
from nbgrader import api
from sqlalchemy.orm import Session

from grader.basics.errors import UserError
from grader.course import assignment as assignments
from grader.course import gradebook_file
from grader.course.directory import Course
from grader.gradebook import penalties, runs
from grader.gradebook.database_errors import as_grader_error
from grader.gradebook.lateness import seconds_late
from grader.gradebook.queries import of_assignment
from grader.gradebook.runs import Run

# "not yet": there is no score, and nothing says that the notebook is missing.
State = Literal["graded", "missing", "unreadable", "failed", "not yet"]
FIRST = "Nothing is graded yet. Put the students' work into submitted/ and run: course grade"


@dataclass(frozen=True)
class Cell:
    """A cell with points: a test, or an answer that a person grades."""

    notebook: str
    name: str
    possible: float
    is_test: bool


@dataclass(frozen=True)
class Mark:
    """What a student has for one cell; `waits`: a person has to look at it."""

    points: float
    waits: bool


@dataclass(frozen=True)
class HandIn:
    """When a student handed in, and how late; `penalty` is not taken off the points."""

    timestamp: datetime | None
    seconds_late: float
    penalty: float


@dataclass(frozen=True)
class Facts:
    """The class as the gradebook has it. `notebooks` are those that anybody's work is there of."""

    students: list[str]
    notebooks: list[str]
    cells: list[Cell]
    marks: dict[tuple[str, str, str], Mark]  # by student, notebook, cell
    states: dict[tuple[str, str], State]  # by student and notebook
    runs: dict[tuple[str, str], Run]
    hand_ins: dict[str, HandIn]

    def cells_of(self, notebook: str) -> list[Cell]:
        """The cells with points of one notebook, in its order."""
        return [cell for cell in self.cells if cell.notebook == notebook]

    def possible(self, notebook: str) -> float:
        """The points that a notebook has."""
        return sum(cell.possible for cell in self.cells_of(notebook))

    def graded(self, notebook: str) -> list[str]:
        """The students whose notebook is graded."""
        return [name for name in self.students if self.states[name, notebook] == "graded"]

    def points(self, student: str, notebook: str) -> float:
        """What a student has in a notebook so far."""
        cells = self.cells_of(notebook)
        return sum(self.marks[student, notebook, cell.name].points for cell in cells)


def read(course: Course, db_url: str, late_penalty: Any = None) -> Facts:
    """What the gradebook holds; raises UserError if there is none, or nothing in it.

    The penalties are worked out by nbgrader's plugin `late_penalty`; without one, nobody loses any.
    """
    with _opened(course, db_url) as session:
        assignment = session.scalar(sa.select(api.Assignment).filter_by(name=course.assignment))
        if assignment is None:
            raise UserError(FIRST)
        all_cells = _cells(course, session, assignment.id)
        marks = _marks(session, course.assignment)
        hand_ins = _hand_ins(session, assignment, late_penalty)
        outcomes = runs.read_runs(session.connection(), course.assignment)
        students = set(session.scalars(sa.select(api.Student.id)))
    students |= {student for student, _ in outcomes}
    names = [n for n in course.names() if any(cell.notebook == n for cell in all_cells)]
    states = {
        (student, notebook): _state(course, student, notebook, outcomes, marks, all_cells)
        for student in students
        for notebook in names
    }
    known = [n for n in names if any(states[s, n] not in ("not yet", "missing") for s in students)]
    if not known:
        raise UserError(FIRST)
    return Facts(
        sorted(students),
        known,
        [cell for cell in all_cells if cell.notebook in known],
        marks,
        states,
        {key: run for key, run in outcomes.items() if key[1] in known},
        hand_ins,
    )


@contextmanager
def _opened(course: Course, db_url: str) -> Iterator[Session]:
    url, name = sa.make_url(db_url), gradebook_file.shown(course, db_url)
    if (path := gradebook_file.file_of(course, db_url)) is not None:
        if not path.is_file():
            raise UserError(f"There is no gradebook {name}. {FIRST}")
        # So that SQLite itself refuses to write.
        url = sa.make_url(f"sqlite:///file:{quote(str(path))}?mode=ro&uri=true")
    engine = gradebook_file.engine_of(url)
    try:
        gradebook_file.check_version(engine, name)
        with Session(engine) as session:
            yield session
    except sa.exc.DatabaseError as error:
        if path is None:
            raise as_grader_error(f"The gradebook {name}", error) from None
        raise UserError(
            f"The gradebook {name} cannot be read ({error.orig}). If another program has it open, "
            "close that; if a run was stopped, finish it: course grade"
        ) from None
    finally:
        engine.dispose()


def _cells(course: Course, session: Session, assignment_id: str) -> list[Cell]:
    """The cells with points, in the order of the exercises."""
    by_person = {
        (cell.notebook_id, cell.name) for cell in session.scalars(sa.select(api.SolutionCell))
    }
    found = []
    for row in (api.GradeCell, api.TaskCell):
        asked = sa.select(row, api.Notebook.name).join(
            api.Notebook, api.Notebook.id == row.notebook_id
        )
        for cell, notebook in session.execute(
            asked.where(api.Notebook.assignment_id == assignment_id)
        ):
            is_test = row is api.GradeCell and (cell.notebook_id, cell.name) not in by_person
            found.append(Cell(notebook, cell.name, float(cell.max_score or 0), is_test))
    order = {
        (notebook, cell.grade_id): number
        for notebook, cells in assignments.read(course).items()
        for number, cell in enumerate(cells)
    }
    last = len(order)
    return sorted(found, key=lambda c: (c.notebook, order.get((c.notebook, c.name), last), c.name))


def _marks(session: Session, assignment: str) -> dict[tuple[str, str, str], Mark]:
    asked = (
        sa.select(
            api.SubmittedAssignment.student_id,
            api.Notebook.name,
            api.BaseCell.name,
            api.Grade.score,
            api.Grade.needs_manual_grade,
        )
        .select_from(api.Grade)
        .join(api.BaseCell, api.BaseCell.id == api.Grade.cell_id)
        .join(api.SubmittedNotebook, api.SubmittedNotebook.id == api.Grade.notebook_id)
    )
    asked = of_assignment(asked, assignment)
    return {
        (student, notebook, cell): Mark(float(points or 0), bool(waits))
        for student, notebook, cell, points, waits in session.execute(asked)
    }


def _hand_ins(session: Session, assignment: Any, late_penalty: Any) -> dict[str, HandIn]:
    lost: dict[str, float] = defaultdict(float)
    for (student, _), penalty in penalties.read(session, assignment.name, late_penalty).items():
        lost[student] += penalty
    row = api.SubmittedAssignment.__table__
    asked = sa.select(row.c.student_id, row.c.timestamp, row.c.extension)
    return {
        student: HandIn(
            timestamp,
            seconds_late(timestamp, assignment.duedate, extension),
            lost.get(student, 0.0),
        )
        for student, timestamp, extension in session.execute(
            asked.where(row.c.assignment_id == assignment.id)
        )
    }


def _state(
    course: Course,
    student: str,
    notebook: str,
    outcomes: dict[tuple[str, str], Run],
    marks: dict[tuple[str, str, str], Mark],
    cells: list[Cell],
) -> State:
    run = outcomes.get((student, notebook))
    names = [cell.name for cell in cells if cell.notebook == notebook]
    scored = all((student, notebook, name) in marks for name in names)
    if run is not None:
        if run.status == "graded" and not scored:
            return "not yet"
        return run.status  # type: ignore[return-value]  # what the gradebook holds is a Status
    if not scored:
        return "not yet"
    return "graded" if course.executed(student, notebook).is_file() else "missing"
