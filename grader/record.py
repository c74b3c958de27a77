"""What has been done, kept in the gradebook: a notebook is graded when its row says so."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from grader.course import ASSIGNMENT, Course, is_litter

# Statuses of a run. Only the first three are final for the same fingerprint.
GRADED = "graded"
MISSING = "missing"  # not handed in: 0 points
UNREADABLE = "unreadable"  # a fault of the file; no score until it changes
FAILED = "failed"  # perhaps a fault of the machine: tried again by the next run
STARTED = "started"  # a run that was stopped leaves this

_metadata = sa.MetaData()
_runs = sa.Table(
    "course_run",
    _metadata,
    sa.Column("student", sa.String(128), primary_key=True),
    sa.Column("notebook", sa.String(128), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
)
_made = sa.Table(
    "course_made",
    _metadata,
    sa.Column("what", sa.String(256), primary_key=True),
    sa.Column("fingerprint", sa.String(64), nullable=False),
)


@dataclass(frozen=True)
class Run:
    """How grading one notebook of one student went; `reason` says what went wrong, if so."""

    student: str
    notebook: str
    fingerprint: str
    status: str
    reason: str = ""
    seconds: float = 0.0

    @property
    def is_final(self) -> bool:
        """Whether grading the same files again would not help."""
        return self.status in (GRADED, MISSING, UNREADABLE)


class Record:
    """The two tables of this course in nbgrader's gradebook.

    The gradebook must exist: nbgrader takes a database with any table for a whole one.
    """

    def __init__(self, db_url: str) -> None:
        self._engine = sa.create_engine(db_url)
        _metadata.create_all(self._engine)

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()

    def runs(self) -> dict[tuple[str, str], Run]:
        """Every run by student and notebook."""
        with self._engine.connect() as connection:
            rows = connection.execute(sa.select(_runs))
            return {(row.student, row.notebook): Run(**row._mapping) for row in rows}

    def write(self, run: Run) -> None:
        """Put `run` in the place of the last one of the same notebook."""
        values = {name: getattr(run, name) for name in _runs.columns.keys()}  # noqa: SIM118
        with self._engine.begin() as connection:
            connection.execute(
                _runs.delete().where(
                    _runs.c.student == run.student, _runs.c.notebook == run.notebook
                )
            )
            connection.execute(_runs.insert().values(values))

    def made(self, what: str) -> str | None:
        """The fingerprint of what `what` was last made from."""
        with self._engine.connect() as connection:
            return connection.scalar(sa.select(_made.c.fingerprint).where(_made.c.what == what))

    def write_made(self, what: str, fingerprint: str) -> None:
        """Note what `what` has been made from."""
        with self._engine.begin() as connection:
            connection.execute(_made.delete().where(_made.c.what == what))
            connection.execute(_made.insert().values(what=what, fingerprint=fingerprint))


def fingerprint_of_assignment(course: Course) -> str:
    """Of everything that the gradebook's picture of the assignment is made from."""
    return _fingerprint(course, [*course.notebooks(), *course.handouts(), course.config])


def fingerprint_of_work(course: Course, student: str, notebook: str) -> str:
    """Of everything that a score depends on: the work, its tests, and the environment."""
    directory = course.submitted / student / ASSIGNMENT
    others = [
        path
        for path in sorted(directory.rglob("*"))
        if path.is_file() and path.suffix != ".ipynb" and not is_litter(path)
    ]
    name = f"{notebook}.ipynb"
    return _fingerprint(
        course,
        [
            directory / name,
            *others,
            course.source / name,
            *course.handouts(),
            course.config,
            course.requirements,
        ],
    )


def _fingerprint(course: Course, paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        content = path.read_bytes() if path.is_file() else b"missing"
        total.update(course.show(path).encode() + b"\0" + hashlib.sha256(content).digest())
    return total.hexdigest()
