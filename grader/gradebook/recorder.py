"""Write the outcome of one notebook of one student into the gradebook, whole or not at all.

What nbgrader writes in dozens of commits (Autograde.init_assignment, SaveAutoGrades,
AssignLatePenalties) and this engine's own row are one transaction. The old scores are replaced
in the same transaction that records the new outcome; until then the row keeps the old
fingerprint. So at any moment the row says truly which work the scores belong to, and a run that
was killed is seen as not done.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader import api
from sqlalchemy.orm import Session

from grader.basics import stop_points
from grader.course import gradebook_file
from grader.course.directory import Course
from grader.gradebook import (
    attempts,
    migrate,
    one_writer,
    penalties,
    restarts,
    runs,
    student_view,
    submitted,
)
from grader.gradebook import manual as manual_grades
from grader.gradebook.attempts import Attempt
from grader.gradebook.database_errors import plain_errors
from grader.gradebook.lateness import Due, read_due
from grader.gradebook.manual import ManualGrade, ManualGradeChange
from grader.gradebook.runs import Outcome, Run
from grader.gradebook.student_view import NotebookFacts
from grader.gradebook.submitted import NotebookRow
from grader.notebooks.source import NO_LAYOUT, Layout, SourceNotebook, source_notebook

# The tables themselves: nbgrader's classes ask for much more than is needed here.
_CELL, _NOTEBOOK = api.BaseCell.__table__, api.SubmittedNotebook.__table__
_GRADE, _COMMENT = api.Grade.__table__, api.Comment.__table__
# Made once: to make a statement takes longer than to run it, and these run for each notebook.
_GRADES, _COMMENTS = (
    sa.select(table.c.id, _CELL.c.name, *columns)
    .join_from(table, _CELL, table.c.cell_id == _CELL.c.id)
    .where(table.c.notebook_id == sa.bindparam("notebook"))
    for table, columns in (
        (_GRADE, (_GRADE.c.manual_score, _GRADE.c.needs_manual_grade)),
        (_COMMENT, ()),
    )
)
_SET_GRADES, _SET_COMMENTS, _SET_NOTEBOOK = (
    sa.update(table).where(table.c.id == sa.bindparam("row"))
    for table in (_GRADE, _COMMENT, _NOTEBOOK)
)
_ADVISORY = 0x636F75727365  # "course", a number that others who lock in this database do not take


class Recorder:
    """The one writer of scores.

    `late_penalty` is nbgrader's plugin for late submissions, if one is to be asked. `patience`
    is how many seconds to wait for another program that writes to the gradebook, `restart` how
    many for a server that goes away: to install a new PostgreSQL takes a while.
    """

    def __init__(
        self,
        db_url: str,
        course_id: str,
        late_penalty: Any = None,
        patience: float = 10,
        restart: float = 60,
    ) -> None:
        url = sa.make_url(db_url)
        self._is_sqlite = url.get_backend_name() == "sqlite"
        self._is_postgresql = url.get_backend_name() == "postgresql"
        self._patience = patience
        if self._is_sqlite:
            url = url.update_query_dict({"timeout": str(patience)})
        self._name = Path(url.database or "").name
        self._url, self._course_id, self._late_penalty = url, course_id, late_penalty
        self._sources: dict[tuple[Any, ...], SourceNotebook] = {}
        self._engine = gradebook_file.engine_of(url)
        if not self._is_sqlite:
            restarts.outlast(self._engine, restart)
        # nbgrader first: it takes a database with any table for a whole one.
        with self.alone():
            with self._plain_errors():
                self._make_gradebook()
            with self._transaction() as session:
                runs.make_tables(session.connection())
                attempts.make_table(session.connection())
                runs.make_indexes(session.connection())

    def close(self) -> None:
        """Close the connection."""
        self._engine.dispose()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep others out who make tables, or tell the gradebook of the assignment, meanwhile.

        A gradebook on a server may be that of several course directories, each with a lock of its
        own; to one that is a file the lock of its course is enough.
        """
        if not self._is_postgresql:
            yield
            return
        with self._plain_errors(), self._engine.connect() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY)))
            yield

    def runs(self, assignment: str) -> dict[tuple[str, str], Run]:
        """The last outcomes of an assignment, by student and notebook."""
        with self._plain_errors(), self._engine.connect() as connection:
            return runs.read_runs(connection, assignment)

    def runs_of(self, assignment: str, student: str) -> dict[tuple[str, str], Run]:
        """The same of one student, without reading those of the class."""
        with self._plain_errors(), self._engine.connect() as connection:
            own = runs.read_runs_of(connection, assignment, student)
            return {(student, notebook): run for notebook, run in own.items()}

    def due(self, assignment: str) -> Due:
        """When the assignment is due, for each student."""
        with self._plain_errors(), self._engine.connect() as connection:
            return read_due(connection, assignment)

    def attempts(self, assignment: str, student: str | None = None) -> dict[str, Attempt]:
        """The last attempt by student, of one student or of all."""
        with self._plain_errors(), self._engine.connect() as connection:
            return attempts.read_last(connection, assignment, student)

    def write_attempt(
        self, assignment: str, student: str, at: datetime, work: str, most: int
    ) -> None:
        """Note that what a student handed in is taken up; the same once more is one attempt."""
        with self._transaction() as session:
            attempts.write(session, assignment, student, at, work, most)

    def made(self, assignment: str, what: str) -> str | None:
        """The fingerprint of what `what`, such as the release, was last made from."""
        with self._plain_errors(), self._engine.connect() as connection:
            return runs.read_made(connection, assignment, what)

    def made_like(self, assignment: str, prefix: str) -> dict[str, str]:
        """The same for all whose names begin so, such as the pages of feedback."""
        with self._plain_errors(), self._engine.connect() as connection:
            return runs.read_made_like(connection, assignment, prefix)

    def made_below(self, assignment: str, prefix: str) -> dict[str, str]:
        """The same, by what follows the prefix, such as the student whose pages they are."""
        made = self.made_like(assignment, prefix).items()
        return {what.removeprefix(prefix): fingerprint for what, fingerprint in made}

    def write_made(self, assignment: str, what: str, fingerprint: str) -> None:
        """Note what `what` has been made from."""
        with self._transaction() as session:
            runs.write_made(session, assignment, what, fingerprint)

    def class_facts(
        self, assignment: str, known: Mapping[tuple[str, str], Run]
    ) -> Iterator[tuple[str, dict[str, NotebookFacts]]]:
        """What a page tells of the gradebook, of each student; `known` are all runs."""
        with self._plain_errors(), self._engine.connect() as connection:
            yield from student_view.read_class(connection, assignment, known)

    def student_facts(
        self, assignment: str, student: str, known: Mapping[tuple[str, str], Run]
    ) -> dict[str, NotebookFacts]:
        """The same of one student, without reading the rows of the class."""
        with self._plain_errors(), self._engine.connect() as connection:
            return student_view.read_student(connection, assignment, student, known)

    def refit(self, course: Course) -> None:
        """Give the gradebook the cells that the source has now; what a person gave is never lost.

        Raises UserError if it would be.
        """
        with self.alone(), self._transaction() as session:
            migrate.refit(session, course)

    def source(
        self,
        assignment: str,
        notebook: str,
        layout: Layout = NO_LAYOUT,
    ) -> SourceNotebook:
        """What the gradebook knows of the teacher's notebook; asked once."""
        key = (assignment, notebook, layout)
        if key not in self._sources:
            try:
                with self._plain_errors(), self._gradebook() as gradebook:
                    self._sources[key] = source_notebook(gradebook, assignment, notebook, layout)
            except api.MissingEntry:
                raise submitted.unknown(f"the notebook {notebook} of {assignment}") from None
        return self._sources[key]

    def record(self, outcome: Outcome) -> None:
        """Put `outcome` in the place of the last one; a person's points and comments stay.

        To do the same once more changes nothing, also where nobody knows whether it was done: so a
        server that is restarted in the middle of it costs nothing.
        """
        with self._plain_errors():
            try:
                self._record(outcome)
            except sa.exc.DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                self._record(outcome)
        stop_points.here("recorded")

    def _record(self, outcome: Outcome) -> None:
        with self._locked() as session:
            stop_points.here("record-begun")
            row = submitted.notebook_row(session.connection(), outcome)
            _write_cells(session, row, outcome)
            penalty = self._penalty(session, row, outcome)
            session.execute(_SET_NOTEBOOK, {"row": row.id, "late_submission_penalty": penalty})
            runs.write_run(session, outcome)
            stop_points.here("record-written")

    def standings(self, assignment: str) -> list[ManualGrade]:
        """What the gradebook holds of the answers that a person grades."""
        with self._plain_errors(), Session(self._engine) as session:
            return manual_grades.read(session, assignment)

    def waiting_tasks(self, assignment: str) -> dict[tuple[str, str], int]:
        """How many of each task cell wait for a person, by notebook and cell."""
        with self._plain_errors(), Session(self._engine) as session:
            return manual_grades.waiting_tasks(session, assignment)

    def update_manual_grades(
        self, assignment: str, choose: Callable[[list[ManualGrade]], Iterable[ManualGradeChange]]
    ) -> None:
        """Write the points and comments that `choose` makes of what is there; all or none.

        Nobody else writes in between; if `choose` raises, nothing is written.
        """
        with self._transaction() as session:
            chosen = list(choose(manual_grades.read(session, assignment)))
            manual_grades.write(session, assignment, chosen)
            if chosen and self._late_penalty is not None:
                penalties.renew(session, assignment, self._late_penalty)

    def renew_penalties(self, assignment: str, student: str | None = None) -> None:
        """Work out anew what late notebooks lose, of one student or of all.

        A person gives points in the formgrader, and dates and extensions in nbgrader, when the
        notebooks are graded already; so this comes before whatever shows totals.
        """
        if self._late_penalty is None:
            return
        with self._transaction() as session:
            penalties.renew(session, assignment, self._late_penalty, student)

    def _penalty(self, session: Session, row: NotebookRow, outcome: Outcome) -> float | None:
        if self._late_penalty is None or row.seconds_late <= 0:
            return None
        total = sa.select(sa.func.sum(api.Grade.score)).where(api.Grade.notebook_id == row.id)
        points = session.scalar(total) or 0.0
        # Of work that is gone, there are only the points that a person gave.
        if outcome.status != "graded" and not points:
            return None
        return penalties.penalty(self._late_penalty, outcome.student, points, row.seconds_late)

    def _make_gradebook(self) -> None:
        """Let nbgrader make the gradebook, whole or not at all.

        One that was left half made would never get its version, for nbgrader takes it for whole.
        """
        if not self._is_sqlite or not self._url.database or Path(self._url.database).exists():
            gradebook_file.check_version(self._engine, self._name)  # before anything is written
            if self._is_postgresql:
                gradebook_file.note_version(self._engine)
            with self._gradebook():
                return
        new = Path(f"{self._url.database}.new")
        new.unlink(missing_ok=True)
        url = self._url.set(database=str(new))
        with gradebook_file.opened(url) as engine:
            gradebook_file.note_version(engine)
        with api.Gradebook(url, self._course_id):
            pass
        stop_points.here("gradebook-new")
        new.replace(self._url.database)

    def _gradebook(self) -> Any:
        # Without a course, nbgrader would write a row for a course of its own.
        return api.Gradebook(self._url, self._course_id)

    @contextmanager
    def _transaction(self) -> Iterator[Session]:
        with self._plain_errors(), self._locked() as session:
            yield session

    @contextmanager
    def _locked(self) -> Iterator[Session]:
        """A transaction in which nobody else writes; it raises the database's own errors."""
        with Session(self._engine) as session, session.begin():
            one_writer.lock(session.connection(), self._patience)
            yield session

    def _plain_errors(self) -> AbstractContextManager[None]:
        return plain_errors(f"The gradebook {self._name}")


def _write_cells(session: Session, row: NotebookRow, outcome: Outcome) -> None:
    """The automatic scores and comments, as SaveAutoGrades writes them."""
    points = {score.name: score.points for score in outcome.scores}
    rows = session.execute(_GRADES, {"notebook": row.id}).all()
    if unknown := points.keys() - {name for _, name, *_ in rows}:
        raise submitted.unknown(f"the cells {', '.join(sorted(unknown))} of {outcome.notebook}")
    # nbgrader asks a person again whenever a notebook is graded again. Where the work is the same
    # and only its tests are not, what the person read is still what was handed in. Where it is
    # gone, the points stay, and the person says what becomes of them.
    same_work = runs.is_same_work(session, outcome)
    grades = []
    for id_, name, manual, waited in rows:
        auto = 0.0 if outcome.status == "missing" else points.get(name)
        waits = auto is None if manual is None else waited or not same_work
        grades.append({"row": id_, "auto_score": auto, "needs_manual_grade": waits})
    comments = [
        {"row": id_, "auto_comment": outcome.comments.get(name)}
        for id_, name in session.execute(_COMMENTS, {"notebook": row.id})
    ]
    for statement, changes in ((_SET_GRADES, grades), (_SET_COMMENTS, comments)):
        if changes:
            session.execute(statement, changes)
