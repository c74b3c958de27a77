"""What a cell is to nbgrader, whatever its metadata hold."""

import nbformat
import pytest

from grader.notebooks import cells

FLAGS = {
    "solution": {"grade": False, "solution": True},
    "test": {"grade": True, "solution": False},
    "manual": {"grade": True, "solution": True},
    None: {"grade": False, "solution": False, "locked": True},
}


@pytest.mark.parametrize("kind", FLAGS)
def test_the_kind_is_told_by_the_flags(kind: str | None) -> None:
    about = {"grade_id": "growth", **FLAGS[kind]}
    cell = nbformat.v4.new_code_cell("", metadata={"nbgrader": about})
    assert (cells.grade_id(cell), cells.kind(cell)) == ("growth", kind)
    assert cells.is_test(cell) is (kind == "test")
    prose = nbformat.v4.new_markdown_cell("", metadata={"nbgrader": about})
    assert cells.is_test(prose) is False


@pytest.mark.parametrize("about", [None, "test", ["grade"], 1, {"grade_id": 7}], ids=str)
def test_metadata_that_are_no_table_or_no_name_say_nothing(about: object) -> None:
    cell = nbformat.v4.new_code_cell("", metadata={"nbgrader": about})
    assert cells.grade_id(cell) is None and cells.kind(cell) is None
    assert cells.by_grade_id(nbformat.v4.new_notebook(cells=[cell])) == {}
