"""A course to collect into, and where the archive lies."""

import shutil
from pathlib import Path

import pytest

from grader.course.directory import Course
from tests.courses import ASSIGNMENT, COURSE


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The exercises of this course, and no work of students."""
    empty = Course(tmp_path / "course", ASSIGNMENT)
    empty.root.mkdir()
    shutil.copy(COURSE.config, empty.root)
    shutil.copytree(COURSE.source, empty.source)
    return empty


@pytest.fixture
def zip_(tmp_path: Path) -> Path:
    """Where an archive of submissions may be made."""
    return tmp_path / "submissions.zip"
