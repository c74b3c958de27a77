"""What tests read from a gradebook, and write into it as a person does with the formgrader."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from grader.course.directory import Course

_OF_STUDENTS = """
    FROM submitted_notebook s JOIN notebook n ON n.id = s.notebook_id
    JOIN submitted_assignment a ON a.id = s.assignment_id"""
# All that is kept of submissions, without ids and times. The rows of grade, comment and
# submitted_notebook begin with the student and the notebook; a cell's name comes third.
TABLES = {
    "grade": f"""SELECT a.student_id, n.name, b.name, g.auto_score, g.manual_score,
        g.extra_credit, g.needs_manual_grade, b.type {_OF_STUDENTS}
        JOIN grade g ON g.notebook_id = s.id JOIN base_cell b ON b.id = g.cell_id""",
    "comment": f"""SELECT a.student_id, n.name, b.name, c.auto_comment, c.manual_comment, b.type
        {_OF_STUDENTS}
        JOIN comment c ON c.notebook_id = s.id JOIN base_cell b ON b.id = c.cell_id""",
    "submitted_notebook": f"""SELECT a.student_id, n.name, s.flagged, s.late_submission_penalty
        {_OF_STUDENTS}""",
    "submitted_assignment": """SELECT a.student_id, h.name, a.timestamp, a.extension
        FROM submitted_assignment a JOIN assignment h ON h.id = a.assignment_id""",
    "student": "SELECT * FROM student",
    "course": "SELECT * FROM course",
}
# What this grader keeps beside it, and nbgrader's version of the tables.
_OWN = {
    "course_run": """SELECT student, notebook, fingerprint, status, reason, tier, notes, details,
        attention FROM course_run""",
    "alembic_version": "SELECT * FROM alembic_version",
}


def query(gradebook: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows of a query, sorted; or what it changes is written."""
    with closing(sqlite3.connect(gradebook)) as database, database:
        return sorted(database.execute(sql, values).fetchall(), key=repr)


def of_nbgrader(gradebook: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What nbgrader keeps of submissions, by table."""
    return {table: query(gradebook, sql) for table, sql in TABLES.items()}


def rows(course: Course) -> dict[str, list[Any]]:
    """What a course's gradebook keeps of submissions, by table."""
    own = {table: query(course.gradebook, sql) for table, sql in _OWN.items()}
    return {**of_nbgrader(course.gradebook), **own}


def scores(course: Course, student: str) -> dict[str, float | None]:
    """A student's automatic scores, by cell."""
    return {row[2]: row[3] for row in rows(course)["grade"] if row[0] == student}


def give(course: Course, student: str, cell: str, **values: object) -> None:
    """What the formgrader does when a person gives points or writes a comment."""
    table = "comment" if "manual_comment" in values else "grade"
    with closing(sqlite3.connect(course.gradebook)) as database, database:
        done = database.execute(
            f"""UPDATE {table} SET {", ".join(f"{name} = :{name}" for name in values)} WHERE id IN (
                SELECT g.id {_OF_STUDENTS} JOIN {table} g ON g.notebook_id = s.id
                JOIN base_cell b ON b.id = g.cell_id
                WHERE a.student_id = :student AND b.name = :cell)""",
            {**values, "student": student, "cell": cell},
        )
        assert done.rowcount == 1
