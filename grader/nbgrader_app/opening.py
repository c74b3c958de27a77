"""Find a course and its assignments, by nbgrader's own configuration."""

import logging
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nbgrader.apps import NbGrader
from traitlets import TraitError

from grader.basics.errors import UserError
from grader.basics.words import listed
from grader.course.directory import CONFIG, Course, Places, find_root

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
    root = find_root(start)
    directory = _course_directory(root)
    places = Places(
        **{
            step: str(getattr(directory, f"{step}_directory"))
            for step in ("source", "release", "submitted", "autograded", "feedback")
        }
    )
    source = root / places.source
    with_notebooks = {path.parent.name for path in source.glob("[!.]*/*.ipynb")}
    # One that is begun has no notebook yet.
    names = sorted(with_notebooks or {path.name for path in source.glob("[!.]*/")})
    if not names:
        raise UserError(
            f"{source} holds no assignment. A teacher notebook lies in it as "
            f"{places.source}/ASSIGNMENT/NOTEBOOK.ipynb."
        )
    others = {name: tuple(other for other in names if other != name) for name in names}
    return [Course(root, name, places, others[name]) for name in names]


def chosen(courses: Sequence[Course], name: str) -> Course:
    """The one whose assignment has a name; raises UserError if there is none."""
    for course in courses:
        if course.assignment == name:
            return course
    there = listed([course.assignment for course in courses], 10)
    raise UserError(f"There is no assignment {name}. There are: {there}")


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
