"""Run nbgrader's own commands in a course directory, as a person would."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from shutil import copy2, copytree, ignore_patterns

from grader.basics import config_file, startup
from grader.basics.errors import UserError
from grader.course.directory import ASIDE, CONFIG, LEFT_BEHIND, Course, Places, put_tools_on_path

PYTHON = sys.executable
# Without it, nbgrader goes on with its own defaults where nbgrader_config.py has a mistake.
CAREFUL = {"TRAITLETS_APPLICATION_RAISE_CONFIG_FILE_ERROR": "1"}
_BESIDE = (CONFIG, "autotests.yml")
# By where the file is: a copy of the whole course has places of its own again.
_OWN_PLACES = f"""
own = get_config().CourseDirectory
own.root = __import__("os").path.dirname(__file__)
own.db_url = f"sqlite:///{{own.root}}/gradebook.db"
for step, folder in {asdict(Places())}.items():
    own[f"{{step}}_directory"] = folder
"""
LITTER = ignore_patterns(*LEFT_BEHIND)


@contextmanager
def temporary_course(course: Course) -> Iterator[Course]:
    """A course with a copy of the source and the configuration, gone at the end.

    Its configuration names its own folders and gradebook, wherever the real ones are.
    """
    own = filter(Path.is_file, config_file.own(course.config))
    files = {os.path.relpath(path, course.root): path for path in own}
    files |= {name: course.root / name for name in _BESIDE if (course.root / name).is_file()}
    with tempfile.TemporaryDirectory(prefix="course-") as directory:
        # Deep enough for what the configuration loads from above the course: "../shared.py".
        above = max(Path(name).parts.count(os.pardir) for name in (*files, ""))
        root = Path(directory).resolve().joinpath(*["above"] * above, "course")
        copy = Course(root, course.assignment)
        copytree(course.source, copy.source, ignore=ignore_patterns(*LEFT_BEHIND, *ASIDE))
        beside = [path for path in course.source.parent.iterdir() if path.is_file()]
        for path in beside:  # such as the header that nbgrader puts above each notebook
            copy2(path, copy.source.parent)
        for name, path in files.items():
            place = Path(os.path.normpath(copy.root / name))
            place.parent.mkdir(parents=True, exist_ok=True)
            copy2(path, place)
        with copy.config.open("a", encoding="utf-8") as config:
            config.write(_OWN_PLACES)
        yield copy


def nbgrader(course: Course, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run `nbgrader ...` in the course; returns what it said.

    Raises UserError with its last error lines if it fails.
    """
    done = subprocess.run(
        command(*arguments),
        check=False,
        cwd=course.root,
        env={**os.environ, **CAREFUL, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode != 0:
        raise UserError(f"nbgrader {' '.join(arguments)} failed:\n{told(done.stdout)}")
    return done.stdout


def command(*arguments: str) -> list[str]:
    """The command line of `nbgrader ...` in this environment, which starts a second sooner."""
    put_tools_on_path()
    return [PYTHON, "-c", startup.program("nbgrader.apps.nbgraderapp", "main"), *arguments]


def told(log: str, lines: int = 12) -> str:
    """The last errors of a log of nbgrader's, or its last lines."""
    errors = [line for line in log.splitlines() if " ERROR]" in line or "Error:" in line]
    return "\n".join((errors or log.splitlines())[-lines:])


def generate(course: Course, *, with_gradebook: bool) -> None:
    """Make the student version of the assignment with `nbgrader generate_assignment`.

    `with_gradebook` writes the assignment into gradebook.db in the course directory, too.
    """
    if with_gradebook:
        _begin_gradebook(course)
    gradebook = [] if with_gradebook else ["--no-db"]
    nbgrader(course, "generate_assignment", course.assignment, "--force", *gradebook)


def _begin_gradebook(course: Course) -> None:
    """Note the version of its tables: nbgrader, which makes them, needs seconds to learn it."""
    import sqlalchemy as sa

    from grader.course import gradebook_file

    with gradebook_file.opened(sa.make_url(f"sqlite:///{course.gradebook}")) as engine:
        gradebook_file.note_version(engine)
