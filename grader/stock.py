"""Stock nbgrader in this process: what it knows, autograding, feedback, and its scores."""

import glob
import json
import logging
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbclient.exceptions import DeadKernelError
from nbformat.reader import NotJSONError
from nbgrader import api
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde, GenerateAssignment, GenerateFeedback
from nbgrader.converters.base import NbGraderException
from nbgrader.nbgraderformat import SchemaTooNewError, SchemaTooOldError, ValidationError
from nbgrader.preprocessors.execute import UnresponsiveKernelError

from grader.course import ASSIGNMENT, Course, CourseError

LOG = ".nbgrader.log"


class NotGraded(Exception):
    """nbgrader could not grade a notebook; the message is one sentence on why.

    `is_of_file` says whether the same file would fail again.
    """

    def __init__(self, reason: str, *, is_of_file: bool) -> None:
        super().__init__(reason)
        self.is_of_file = is_of_file


@dataclass(frozen=True)
class Score:
    """The points of one student's notebook, and how many of its cells wait for a person."""

    points: float
    waiting: int


class _KeepsCause:
    """Remembers the error that nbgrader's converters put only into their log."""

    cause: Exception | None = None

    def init_assignment(self, *arguments: Any) -> None:
        with self._kept():
            super().init_assignment(*arguments)  # type: ignore[misc]

    def convert_single_notebook(self, *arguments: Any) -> None:
        with self._kept():
            super().convert_single_notebook(*arguments)  # type: ignore[misc]

    @contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.cause = error
            raise


class _Generate(_KeepsCause, GenerateAssignment):  # type: ignore[misc]
    pass


class _Autograde(_KeepsCause, Autograde):  # type: ignore[misc]
    pass


class _Feedback(_KeepsCause, GenerateFeedback):  # type: ignore[misc]
    pass


class Stock:
    """nbgrader with the course's configuration; its log goes to the file .nbgrader.log."""

    def __init__(self, course: Course) -> None:
        self.course = course
        # nbgrader's own way of adding rows makes SQLAlchemy warn; the rows are right.
        warnings.filterwarnings("ignore", category=sa.exc.SAWarning)
        os.chdir(course.root)  # nbgrader reads nbgrader_config.py in the current directory
        self._app = AutogradeApp(raise_config_file_errors=True)
        try:
            self._app.initialize([f"--course-dir={course.root}"])
        except Exception as error:
            raise CourseError(f"nbgrader's configuration cannot be loaded: {error}") from None
        self._coursedir = self._app.coursedir
        self._log_to_file()
        # Made by nbgrader before anything else can write to it.
        with self._gradebook():
            pass

    @property
    def db_url(self) -> str:
        """Where the gradebook is, as SQLAlchemy writes it."""
        return str(self._coursedir.db_url)

    def _log_to_file(self) -> None:
        log = self._app.log
        for handler in list(log.handlers):
            log.removeHandler(handler)
        handler = logging.FileHandler(self.course.root / LOG, mode="w", delay=True)
        handler.setFormatter(logging.Formatter("[%(levelname)s] %(message)s"))
        log.addHandler(handler)
        log.propagate = False

    @contextmanager
    def _stderr_to_log(self) -> Iterator[None]:
        """Send standard error, which kernels inherit, to the log: it is not for this terminal."""
        sys.stderr.flush()
        kept = os.dup(2)
        try:
            with (self.course.root / LOG).open("ab") as log:
                os.dup2(log.fileno(), 2)
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)

    def _gradebook(self) -> Any:
        return api.Gradebook(self.db_url, self._coursedir.course_id)

    @contextmanager
    def _chosen(self, **attributes: str) -> Iterator[None]:
        """Set attributes of nbgrader's course directory, and put them back in any case."""
        old = {name: getattr(self._coursedir, name) for name in attributes}
        try:
            for name, value in attributes.items():
                setattr(self._coursedir, name, value)
            yield
        finally:
            for name, value in old.items():
                setattr(self._coursedir, name, value)

    def learn_assignment(self) -> Path:
        """Tell the gradebook what the source says; returns the student version it made.

        The student version is in a temporary directory that the caller removes.
        Raises CourseError if nbgrader refuses.
        """
        made = Path(tempfile.mkdtemp(prefix="course-release-"))
        attributes = {"assignment_id": ASSIGNMENT, "release_directory": str(made)}
        with self._chosen(**attributes):
            converter = _Generate(coursedir=self._coursedir, parent=self._app)
            converter.force = True
            try:
                converter.start()
            except NbGraderException as error:
                shutil.rmtree(made)
                message = str(converter.cause or error)
                if "submissions associated" in message:
                    raise CourseError(
                        f"{message}. To grade by the changed exercise, move gradebook.db, "
                        "autograded/ and feedback/ away; everything will be graded anew."
                    ) from None
                raise CourseError(f"nbgrader cannot read source/: {message}") from None
        return made / ASSIGNMENT

    def knows_assignment(self) -> bool:
        """Whether the gradebook knows the assignment."""
        with self._gradebook() as gradebook:
            try:
                gradebook.find_assignment(ASSIGNMENT)
            except api.MissingEntry:
                return False
            return True

    def clear(self, student: str, notebook: str) -> None:
        """Take back the automatic scores and what was made from them; manual ones stay."""
        with self._gradebook() as gradebook:
            gradebook.update_or_create_student(student)
            gradebook.update_or_create_submission(ASSIGNMENT, student)
            for grade in gradebook.find_submission_notebook(notebook, ASSIGNMENT, student).grades:
                grade.auto_score = None
                grade.needs_manual_grade = True
            gradebook.db.commit()
        for path in (
            self.course.autograded / student / ASSIGNMENT / f"{notebook}.ipynb",
            self.course.feedback / student / ASSIGNMENT / f"{notebook}.html",
        ):
            path.unlink(missing_ok=True)

    def give_nothing(self, student: str, notebook: str) -> None:
        """Give a notebook that was not handed in 0 points, as nbgrader does."""
        with self._gradebook() as gradebook:
            for grade in gradebook.find_submission_notebook(notebook, ASSIGNMENT, student).grades:
                grade.auto_score = 0
                grade.needs_manual_grade = False
            gradebook.db.commit()

    def autograde(self, student: str, notebook: str) -> None:
        """Run one notebook of one student and record its scores; raises NotGraded."""
        attributes = {
            "assignment_id": ASSIGNMENT,
            "student_id": glob.escape(student),
            "notebook_id": glob.escape(notebook),
        }
        with self._chosen(**attributes):
            converter = _Autograde(coursedir=self._coursedir, parent=self._app)
            converter.force = True
            try:
                with self._stderr_to_log():
                    converter.start()
            except NbGraderException as error:
                raise _not_graded(converter.cause or error) from None
            except Exception as error:  # whatever it is, the others go on
                raise _not_graded(error) from None

    def make_feedback(self, student: str) -> None:
        """Make the pages of what was autograded; raises NotGraded."""
        directory = self.course.autograded / student / ASSIGNMENT
        if not list(directory.glob("*.ipynb")):
            shutil.rmtree(self.course.feedback / student / ASSIGNMENT, ignore_errors=True)
            return
        attributes = {"assignment_id": ASSIGNMENT, "student_id": glob.escape(student)}
        with self._chosen(**attributes):
            converter = _Feedback(coursedir=self._coursedir, parent=self._app)
            converter.force = True
            try:
                converter.start()
            except NbGraderException as error:
                raise _not_graded(converter.cause or error) from None

    def scores(self) -> dict[tuple[str, str], Score]:
        """What the gradebook holds, by student and notebook."""
        query = (
            sa.select(
                api.SubmittedAssignment.student_id,
                api.Notebook.name,
                sa.func.sum(api.Grade.score),
                sa.func.sum(sa.cast(api.Grade.needs_manual_grade, sa.Integer)),
            )
            .select_from(api.Grade)
            .join(api.SubmittedNotebook, api.Grade.notebook_id == api.SubmittedNotebook.id)
            .join(
                api.SubmittedAssignment,
                api.SubmittedNotebook.assignment_id == api.SubmittedAssignment.id,
            )
            .join(api.Notebook, api.SubmittedNotebook.notebook_id == api.Notebook.id)
            .join(api.Assignment, api.Notebook.assignment_id == api.Assignment.id)
            .where(api.Assignment.name == ASSIGNMENT)
            .group_by(api.SubmittedAssignment.student_id, api.Notebook.name)
        )
        with self._gradebook() as gradebook:
            return {
                (student, notebook): Score(float(points or 0), int(waiting or 0))
                for student, notebook, points, waiting in gradebook.db.execute(query)
            }

    def grades_as_text(self, student: str) -> str:
        """Everything that a student's feedback shows of the gradebook, as one text."""
        with self._gradebook() as gradebook:
            try:
                submission = gradebook.find_submission(ASSIGNMENT, student)
            except api.MissingEntry:
                return ""
            said = [
                [
                    notebook.name,
                    sorted([grade.name, grade.score, grade.max_score] for grade in notebook.grades),
                    sorted([comment.name, comment.comment or ""] for comment in notebook.comments),
                ]
                for notebook in submission.notebooks
            ]
        return json.dumps(sorted(said))


def _not_graded(error: Exception) -> NotGraded:
    """The reason in one sentence, and whether it lies in the file."""
    text = (str(error).strip().splitlines() or [""])[0]
    if isinstance(error, (NotJSONError, UnicodeDecodeError, json.JSONDecodeError)):
        return NotGraded(
            "The file is broken off or is no notebook; ask the student for it again.",
            is_of_file=True,
        )
    if isinstance(error, (SchemaTooOldError, SchemaTooNewError)):
        return NotGraded(
            "A graded cell was copied or its nbgrader metadata are damaged; "
            "ask for the work in a fresh copy of the released notebook.",
            is_of_file=True,
        )
    if isinstance(error, ValidationError) or type(error).__name__ == "NotebookValidationError":
        return NotGraded(
            f"The notebook's format or nbgrader metadata are damaged ({text[:120]}); "
            "ask for the work in a fresh copy of the released notebook.",
            is_of_file=True,
        )
    if isinstance(error, DeadKernelError):
        return NotGraded(
            "The kernel died while the notebook ran: its code ended the process, or the memory "
            "was used up.",
            is_of_file=False,
        )
    if isinstance(error, UnresponsiveKernelError):
        return NotGraded(
            "A cell ran too long and could not be interrupted; look for a loop without an end.",
            is_of_file=False,
        )
    return NotGraded(
        f"nbgrader stopped with {type(error).__name__}: {text[:160]} (more in {LOG})",
        is_of_file=False,
    )
