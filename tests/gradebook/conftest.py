"""A gradebook that knows an assignment of two notebooks, and no student."""

import shutil
from pathlib import Path

import pytest
from nbgrader import api

from grader.course.directory import put_tools_on_path
from tests.gradebook.recording import COURSE_ID, DUE, HOMEWORK, url


@pytest.fixture(scope="module")
def new_gradebook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    put_tools_on_path()
    path = tmp_path_factory.mktemp("new") / "gradebook.db"
    with api.Gradebook(url(path), COURSE_ID) as gradebook:
        gradebook.add_assignment(HOMEWORK, duedate=DUE)
        for name in ("first", "second"):
            gradebook.add_notebook(name, HOMEWORK)
            where = (name, HOMEWORK)
            gradebook.add_solution_cell("code", *where)
            gradebook.add_grade_cell("test", *where, max_score=5, cell_type="code")
            gradebook.add_solution_cell("answer", *where)
            gradebook.add_grade_cell("answer", *where, max_score=5, cell_type="markdown")
            gradebook.add_task_cell("task", *where, max_score=2, cell_type="markdown")
            gradebook.add_source_cell("test", *where, cell_type="code", source="check()")
    return path


@pytest.fixture
def path(new_gradebook: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(new_gradebook, tmp_path))
