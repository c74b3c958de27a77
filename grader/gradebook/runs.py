"""What the gradebook keeps beside nbgrader's rows: the last outcome of each notebook."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from grader.basics import words
from grader.gradebook import one_assignment
from grader.scoring.score import CellScore

Status = Literal["graded", "missing", "unreadable", "failed"]
FINAL = ("graded", "missing", "unreadable")  # a failure may be the machine's: it is tried again
GONE = ("missing", "unreadable")  # there is nothing that a person could look at

_metadata = sa.MetaData()
_runs = sa.Table(
    "course_run",
    _metadata,
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("notebook", sa.String(128), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    # Older gradebooks lack the columns from here on; the defaults fill the rows they hold.
    sa.Column("tier", sa.Text, nullable=False, server_default=""),
    sa.Column("notes", sa.Text, nullable=False, server_default="[]"),
    sa.Column("details", sa.Text, nullable=False, server_default="{}"),
    sa.Column("attention", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("work", sa.String(64), nullable=False, server_default=""),
    sa.Column("content", sa.String(64), nullable=False, server_default=""),
)
_made = sa.Table(
    "course_made",
    _metadata,
    sa.Column("assignment", sa.String(128), primary_key=True),
    sa.Column("what", sa.String(256), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
)
TABLES = (_runs, _made)
# Made once: to make a statement takes longer than to run it, and these run for each notebook.
_own = sa.and_(
    *(_runs.c[name] == sa.bindparam(name) for name in ("assignment", "student", "notebook"))
)
_BEFORE = sa.select(_runs.c.status, _runs.c.work, _runs.c.content).where(_own)
_FORGET, _NOTE = sa.delete(_runs).where(_own), sa.insert(_runs)
# Without these, whatever asks for one student's rows reads those of the whole class: this grader,
# nbgrader's own export and its formgrader.
_INDEXES = {
    "course_grade_notebook": "grade (notebook_id)",
    "course_comment_notebook": "comment (notebook_id)",
    "course_submitted_notebook": "submitted_notebook (assignment_id)",
    "course_submitted_student": "submitted_assignment (student_id)",
}


@dataclass(frozen=True)
class Outcome:
    """How grading one notebook of one student ended.

    `reason` tells the instructor what went wrong, `notes` tell the student what was done to the
    notebook, `comments` are nbgrader's automatic ones by cell, `tier` says how it was sandboxed.
    `attention`: whether a person should look at it, beside what the scores say. `work` is the
    fingerprint of what was handed in alone, `content` that of the notebook without the other files
    and the time; both are empty where that is not known.
    """

    student: str
    assignment: str
    notebook: str
    fingerprint: str
    status: Status
    timestamp: datetime | None = None
    reason: str = ""
    notes: Sequence[str] = ()
    scores: Sequence[CellScore] = ()
    comments: Mapping[str, str] = field(default_factory=dict)
    tier: str = ""
    seconds: float = 0.0
    attention: bool = False
    work: str = ""
    content: str = ""


@dataclass(frozen=True)
class Run:
    """What the gradebook keeps of the last outcome of a notebook, beside nbgrader's rows.

    `details` says by cell what other than its test decided its score.
    """

    student: str
    notebook: str
    fingerprint: str
    status: str
    reason: str
    seconds: float
    tier: str
    notes: tuple[str, ...]
    details: dict[str, str]
    attention: bool
    work: str
    content: str

    @property
    def how_gone(self) -> str:
        """Why a person cannot look at work that was there before; "" where that is not so."""
        said = {"missing": "not handed in any more", "unreadable": "cannot be read any more"}
        return said.get(self.status, "")

    @property
    def is_final(self) -> bool:
        """Whether grading the same files again would not help."""
        return self.status in FINAL


def make_tables(connection: sa.Connection) -> None:
    """Make this engine's tables, or give older ones the columns that they lack."""
    one_assignment.carry_over(connection, _metadata)
    _metadata.create_all(connection)
    there = {column["name"] for column in sa.inspect(connection).get_columns(_runs.name)}
    for column in _runs.columns:
        if column.name not in there:
            definition = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
            connection.execute(sa.text(f"ALTER TABLE {_runs.name} ADD COLUMN {definition}"))


def make_indexes(connection: sa.Connection) -> None:
    """Let the rows of one student be found without reading those of the class."""
    for name, columns in _INDEXES.items():
        connection.execute(sa.text(f"CREATE INDEX IF NOT EXISTS {name} ON {columns}"))


def read_runs(connection: sa.Connection, assignment: str) -> dict[tuple[str, str], Run]:
    """The last outcomes of an assignment, by student and notebook; none in stock nbgrader's."""
    runs = map(_run, _rows(connection, assignment))
    return {(run.student, run.notebook): run for run in runs}


def read_runs_of(connection: sa.Connection, assignment: str, student: str) -> dict[str, Run]:
    """The last outcomes of a student, by notebook; none in a gradebook of stock nbgrader's."""
    runs = map(_run, _rows(connection, assignment, student))
    return {run.notebook: run for run in runs}


def _rows(
    connection: sa.Connection, assignment: str, student: str | None = None
) -> Iterable[sa.Row[Any]]:
    """The rows of an assignment, of one student or of all; an older table is left as it is."""
    there = one_assignment.columns_of(connection, _runs)
    if not there:
        return []
    names = [each.name for each in fields(Run)]
    asked = sa.select(*(_runs.c[name] if name in there else _default(name) for name in names))
    if student is not None:
        asked = asked.where(_runs.c.student == student)
    if "assignment" in there:
        return connection.execute(asked.where(_runs.c.assignment == assignment))
    rows = connection.execute(asked).all()
    return one_assignment.of_assignment(connection, rows, assignment)


def _default(name: str) -> sa.ColumnElement[Any]:
    """What a column holds in the rows of a table that lacks it."""
    default: Any = _runs.c[name].server_default
    given = sa.literal(default.arg) if isinstance(default.arg, str) else default.arg
    found: sa.ColumnElement[Any] = given.label(name)
    return found


def _run(row: Any) -> Run:
    known = row._asdict()
    known["notes"], known["details"] = tuple(json.loads(row.notes)), json.loads(row.details)
    return Run(**known)


def is_same_work(session: Session, outcome: Outcome) -> bool:
    """Whether the recorded outcome of the notebook is of the same work, for a person who read it.

    Other files, and a later time of handing in, make it no other work. Where the work is gone, it
    is the same only if it was gone before, for then a person has been told.
    """
    before = session.execute(_BEFORE, _key(outcome)).one_or_none()
    if before is None:
        return False
    same_content = bool(outcome.content) and outcome.content == before.content
    if before.status in GONE or outcome.status in GONE:
        return same_content and outcome.status == before.status
    # An older gradebook knows of the whole work only.
    return same_content or (bool(outcome.work) and outcome.work == before.work)


def is_gone(assignment: str, student: Any, notebook: Any) -> sa.ColumnElement[bool]:
    """For queries: whether the work of a notebook, given as columns, is gone."""
    own = sa.and_(
        _runs.c.assignment == assignment, _runs.c.student == student, _runs.c.notebook == notebook
    )
    return sa.exists().where(own, _runs.c.status.in_(GONE))


def read_made(connection: sa.Connection, assignment: str, what: str) -> str | None:
    """The fingerprint of what `what`, of an assignment, was last made from."""
    asked = sa.select(_made.c.fingerprint).filter_by(assignment=assignment, what=what)
    made: str | None = connection.scalar(asked)
    return made


def read_made_like(connection: sa.Connection, assignment: str, prefix: str) -> dict[str, str]:
    """The fingerprints of all of an assignment that begins with `prefix`."""
    query = sa.select(_made.c.what, _made.c.fingerprint).filter_by(assignment=assignment)
    query = query.where(_made.c.what.startswith(prefix, autoescape=True))
    return {row.what: row.fingerprint for row in connection.execute(query)}


def write_made(session: Session, assignment: str, what: str, fingerprint: str) -> None:
    """Note what `what`, of an assignment, has been made from."""
    key = {"assignment": assignment, "what": what}
    session.execute(sa.delete(_made).filter_by(**key))
    session.execute(sa.insert(_made).values(**key, fingerprint=fingerprint))


def write_run(session: Session, outcome: Outcome) -> None:
    """Put the outcome in the place of the last one of the same notebook."""
    key = _key(outcome)
    attention = outcome.attention or outcome.status in ("unreadable", "failed")
    values = {
        "fingerprint": outcome.fingerprint,
        "status": outcome.status,
        "reason": words.valid(outcome.reason).replace("\0", "?"),  # PostgreSQL holds no NUL
        "seconds": outcome.seconds,
        "tier": outcome.tier,
        "notes": json.dumps(list(outcome.notes)),
        "details": json.dumps({score.name: score.why for score in outcome.scores if score.why}),
        "attention": attention or any(score.needs_attention for score in outcome.scores),
        "work": outcome.work,
        "content": outcome.content,
    }
    session.execute(_FORGET, key)
    session.execute(_NOTE, [key | values])


def _key(outcome: Outcome) -> dict[str, str]:
    return {
        "assignment": outcome.assignment,
        "student": outcome.student,
        "notebook": outcome.notebook,
    }
