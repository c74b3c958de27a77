"""Find a course and its assignments, by nbgrader's own configuration."""

import logging
import os
from dataclasses import fields
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGrader
from traitlets import TraitError

from grader.basics.errors import UserError
from grader.course.directory import CONFIG, Course, Places, assignments_in, each_of, find_root

_STRUCTURE = os.path.join("{nbgrader_step}", "{student_id}", "{assignment_id}")


class _Reader(NbGrader):  # type: ignore[misc]
    """nbgrader's way of loading its configuration, and nothing else."""

    name = "nbgrader"
    description = ""


def open_courses(start: Path | None = None) -> list[Course]:
    """The course that `start` (the current directory by default) lies in, for each assignment.

    Raises UserError if there is no course, if its configuration cannot be loaded, or if it has no
    assignment with a notebook.
    """
    root, places = _found(start)
    names = assignments_in(root / places.source)
    if not names:
        raise UserError(
            f"{root / places.source} holds no assignment. A teacher notebook lies in it as "
            f"{places.source}/ASSIGNMENT/NOTEBOOK.ipynb. To make a small one: course new NAME"
        )
    return each_of(root, names, places)


def open_for(assignment: str, start: Path | None = None) -> Course:
    """The course that `start` lies in, for an assignment that need not be there yet.

    Raises UserError if there is no course, or if its configuration cannot be loaded.
    """
    root, places = _found(start)
    others = (name for name in assignments_in(root / places.source) if name != assignment)
    return Course(root, assignment, places, tuple(others))


def _found(start: Path | None) -> tuple[Path, Places]:
    """Where the course is that `start` lies in, and where it keeps what."""
    root = find_root(start)
    directory = _course_directory(root)
    steps = (step.name for step in fields(Places))
    return root, Places(**{step: str(getattr(directory, f"{step}_directory")) for step in steps})


def _course_directory(root: Path) -> Any:
    """nbgrader's CourseDirectory, as configured; raises UserError for what cannot be used."""
    here = Path.cwd()
    os.chdir(root)  # nbgrader reads the configuration in the current directory
    try:
        app = _Reader(raise_config_file_errors=True, log_level=logging.ERROR)
        app.initialize([f"--CourseDirectory.root={root}"])
    except (Exception, SystemExit) as error:
        raise UserError(f"nbgrader's configuration cannot be loaded: {error}") from None
    finally:
        os.chdir(here)
    try:
        structure = str(app.coursedir.directory_structure)
    except TraitError as error:
        raise UserError(f"{CONFIG}: {error}") from None
    if os.path.normpath(structure) != _STRUCTURE:
        raise UserError(
            f"c.CourseDirectory.directory_structure is {structure}, but course knows only "
            f"nbgrader's own, {_STRUCTURE}. Take that line out of {CONFIG}."
        )
    return app.coursedir
