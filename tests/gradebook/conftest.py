"""A gradebook that knows an assignment of two notebooks, and no student."""

import shutil
from pathlib import Path

import pytest
from nbgrader import api

from grader.course.directory import put_tools_on_path
from tests.gradebook.recording import COURSE_ID, add_assignment, url


@pytest.fixture(scope="session")
def new_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    put_tools_on_path()
    path = tmp_path_factory.mktemp("new") / "gradebook.db"
    with api.Gradebook(url(path), COURSE_ID) as gradebook:
        add_assignment(gradebook)
    return path


@pytest.fixture
def path(new_gradebook: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(new_gradebook, tmp_path))
