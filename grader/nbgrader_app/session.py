"""nbgrader as a library, with this course's configuration."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from nbgrader import api
from nbgrader.apps import AutogradeApp
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import AssignLatePenalties
from traitlets import TraitError
from traitlets.config import Configurable
from traitlets.config.loader import LazyConfigValue

from grader.basics.errors import UserError
from grader.basics.terminal import LogFormatter
from grader.course import gradebook_file as gradebook
from grader.course.directory import Course
from grader.engine.execution.run_notebook import SandboxedExecute
from grader.engine.kernels.provisioner import SandboxProvisioner
from grader.engine.sandbox import walls
from grader.notebooks import imports, regions

LOG = ".nbgrader.log"
_MOST_LOG = 2_000_000  # bytes of the log of a process that runs for long


class KeepsCause:
    """Remembers the error that nbgrader's converters put only into their log."""

    cause: Exception | None = None

    def init_assignment(self, *arguments: Any) -> None:
        """As nbgrader does."""
        with self._kept():
            super().init_assignment(*arguments)  # type: ignore[misc]

    def convert_single_notebook(self, *arguments: Any) -> None:
        """As nbgrader does."""
        with self._kept():
            super().convert_single_notebook(*arguments)  # type: ignore[misc]

    @contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            self.cause = error
            raise


class _Generate(KeepsCause, GenerateAssignment):  # type: ignore[misc]
    pass


def late_penalty(parent: Configurable) -> Any:
    """The plugin for late submissions that the configuration of `parent` names."""
    step = AssignLatePenalties(parent=parent)
    step.init_plugin()
    return step.plugin_inst


class NbgraderSession:
    """nbgrader with the course's configuration; its log goes to the file .nbgrader.log."""

    def __init__(self, course: Course, *, new_log: bool = True, for_long: bool = False) -> None:
        """`for_long`: whether the log is of a process that runs for a term, and must not grow."""
        self.course = course
        # nbgrader's own way of adding rows makes SQLAlchemy warn; the rows are right.
        warnings.filterwarnings("ignore", category=sa.exc.SAWarning)
        os.chdir(course.root)  # nbgrader reads nbgrader_config.py in the current directory
        self._app = AutogradeApp(raise_config_file_errors=True)
        try:
            self._app.initialize([f"--course-dir={course.root}"])
        except Exception as error:
            raise UserError(f"nbgrader's configuration cannot be loaded: {error}") from None
        regions.use(self._app.config)
        self._coursedir = self._app.coursedir
        gradebook.check(course, self.db_url)
        self._log_to_file("w" if new_log else "a", most=_MOST_LOG if for_long else 0)

    def use(self, path: Path) -> None:
        """Take another gradebook, a file, in the place of the one that is configured."""
        self._coursedir.db_url = f"sqlite:///{path}"

    @property
    def app(self) -> Any:
        """nbgrader's application, which its converters take for their parent."""
        return self._app

    @property
    def coursedir(self) -> Any:
        """Where nbgrader finds the course."""
        return self._coursedir

    @property
    def db_url(self) -> str:
        """Where the gradebook is, as SQLAlchemy writes it."""
        return str(self._coursedir.db_url)

    @property
    def gradebook_file(self) -> Path | None:
        """The gradebook's file, there or not; None if it is in another kind of database."""
        return gradebook.file_of(self.course, self.db_url)

    @property
    def gradebook_shown(self) -> str:
        """How a message names the gradebook."""
        return gradebook.shown(self.course, self.db_url)

    def exposed(self, readable: Iterable[str]) -> tuple[str, str] | None:
        """What notebooks could read that they must not, in words, and the path that shows it.

        `readable` are the paths that the configuration lets them read. None if all is well.
        """
        gradebook_file = [self.gradebook_file] if self.gradebook_file else []
        for path in [*self.course.private, *gradebook_file]:
            if shown := walls.covering(str(path), readable):
                what = "the course" if path == self.course.root else self.course.show(path)
                return what, shown
        return None

    @property
    def config(self) -> Any:
        """All that the configuration says, as traitlets' Config."""
        return self._app.config

    @property
    def course_id(self) -> str:
        """The name of the course in the gradebook."""
        return str(self._coursedir.course_id)

    def late_penalty(self) -> Any:
        """The plugin for late submissions that is configured."""
        return late_penalty(self._app)

    def settings(self, notebooks: Collection[str] | None = None) -> dict[str, dict[str, Any]]:
        """What the configuration says to the steps that run in workers, as plain data.

        Their kernels are warm with what the notebooks import: those in `notebooks`, or all of the
        assignment. Raises UserError for a setting that cannot be.
        """
        config = self._app.config
        each = imports.of_each(self.course.source, notebooks).values()
        imported = list(imports.together(each).modules)
        # Of what some import and others do not, these others need nothing.
        of_some = {
            name
            for name in imported
            if any(one.modules and name not in one.modules for one in each)
        }
        try:
            provisioner = SandboxProvisioner(config=config, imports=imported)
            made: list[Configurable] = [SandboxedExecute(config=config), provisioner]
        except TraitError as error:
            raise UserError(f"nbgrader_config.py: {error}") from None
        found: dict[str, dict[str, Any]] = {}
        for step in made:
            for section in type(step).section_names():
                for name, value in config.get(section, {}).items():
                    # c.X.y.append(...) is no value yet.
                    lazy = isinstance(value, LazyConfigValue)
                    plain = getattr(step, name, None) if lazy else value
                    found.setdefault(section, {})[name] = plain
        warm = list(provisioner.warm)
        of_provisioner = found.setdefault(SandboxProvisioner.__name__, {})
        of_provisioner["warm"] = warm
        of_provisioner.setdefault("common", [name for name in warm if name not in of_some])
        return found

    def _log_to_file(self, mode: str, most: int) -> None:
        log = self._app.log
        for handler in list(log.handlers):
            log.removeHandler(handler)
        handler = RotatingFileHandler(
            self.course.logs / LOG,
            mode="a" if most else mode,
            maxBytes=most,
            backupCount=1 if most else 0,
            delay=True,
            encoding="utf-8",
        )
        handler.setFormatter(LogFormatter("[%(levelname)s] %(message)s"))
        log.addHandler(handler)
        log.propagate = False

    def gradebook(self) -> Any:
        """nbgrader's gradebook, opened; close it, as a context does."""
        return api.Gradebook(self.db_url, self._coursedir.course_id)

    @contextmanager
    def chosen(self, **attributes: str) -> Iterator[None]:
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
        Raises UserError if nbgrader refuses.
        """
        made = Path(tempfile.mkdtemp(prefix="course-release-"))
        attributes = {"assignment_id": self.course.assignment, "release_directory": str(made)}
        with self.chosen(**attributes):
            converter = _Generate(coursedir=self._coursedir, parent=self._app)
            converter.force = True
            try:
                converter.start()
            except NbGraderException as error:
                shutil.rmtree(made)
                message = str(converter.cause or error)
                if "submissions associated" in message:
                    if "add or remove cells" in message:
                        raise UserError(
                            f"{message}. To see what grading by the changed exercise would "
                            "change, and then to do it: course regrade"
                        ) from None
                    raise UserError(
                        f"{message}. To grade by the changed exercise, move the gradebook "
                        f"({self.gradebook_shown}), autograded/ and feedback/ away; everything "
                        "will be graded anew."
                    ) from None
                shown = self.course.show(self.course.source)
                if "schema version" in message:
                    raise UserError(
                        f"{shown} holds a notebook with nbgrader's metadata of an older version "
                        f"({message}). Back it up, and bring it up to date: nbgrader update {shown}"
                    ) from None
                raise UserError(f"nbgrader cannot read {shown}: {message}") from None
        return made / self.course.assignment

    def knows_assignment(self) -> bool:
        """Whether the gradebook knows the assignment."""
        with self.gradebook() as book:
            try:
                book.find_assignment(self.course.assignment)
            except api.MissingEntry:
                return False
            return True
