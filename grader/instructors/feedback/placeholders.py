"""Empty notebooks in the place of those that could not be graded: their pages say why."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat

from grader.course.directory import Course


@contextmanager
def autograded(course: Course, student: str, hindered: Sequence[str]) -> Iterator[Path]:
    """A directory like autograded/ that has a notebook, if an empty one, for each page to make.

    It is autograded/ itself where all could be graded, and otherwise lasts as long as the context.
    """
    if not hindered:
        yield course.autograded
        return
    with tempfile.TemporaryDirectory(prefix="course-pages-") as made:
        directory = Path(made, student, course.assignment)
        directory.mkdir(parents=True)
        for path in (course.autograded / student / course.assignment).glob("*.ipynb"):
            shutil.copyfile(path, directory / path.name)
        for name in hindered:
            nbformat.write(nbformat.v4.new_notebook(), os.fspath(directory / f"{name}.ipynb"))
        yield Path(made)
