"""The form check finds every kind of defect, and --fix mends form and nothing else."""

import json
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from grader.authors.exercises import canonical, form
from grader.course.directory import Course
from grader.notebooks import cells
from tests.contract import CONTRACT
from tests.courses import COURSE

NAME = "1-complexity"
Change = Callable[[NotebookNode], object]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / f"{NAME}.ipynb"


def changed(path: Path, change: Change) -> list[form.Finding]:
    """What the check says of the notebook after `change`."""
    notebook = cells.read_notebook(COURSE.source / path.name)
    change(notebook)
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
    return form.check_notebook(path)


def of(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return cells.by_grade_id(notebook)[grade_id]


def prose(notebook: NotebookNode) -> NotebookNode:
    return next(cell for cell in notebook.cells if "nbgrader" not in cell.metadata)


def given(notebook: NotebookNode) -> NotebookNode:
    return next(
        cell
        for cell in notebook.cells
        if cells.grade_id(cell) and cells.kind(cell) is None and cell.cell_type == "code"
    )


def replace(notebook: NotebookNode, grade_id: str, old: str, new: str) -> None:
    cell = of(notebook, grade_id)
    assert old in cell.source
    cell.source = cell.source.replace(old, new)


def test_the_source_notebooks_have_no_errors(course: Course) -> None:
    assert [str(f) for f in form.check(course) if not f.warning] == []


def test_a_graded_cell_without_points_is_named(small_course: Course) -> None:
    path = small_course.source / "1-complexity.ipynb"
    notebook = cells.read_notebook(path)
    del of(notebook, "test-parameter-count").metadata.nbgrader["points"]
    nbformat.write(notebook, path)
    found = [str(finding) for finding in form.check(small_course, ["1-complexity"])]
    assert any("test-parameter-count: is graded, but worth 0 points" in each for each in found)


# Defects of form, which --fix mends.
FORM: dict[str, tuple[Change, str]] = {
    "outputs": (
        lambda nb: given(nb).outputs.append(nbformat.v4.new_output("stream", text="4.58")),
        "has outputs",
    ),
    "execution count": (lambda nb: given(nb).update(execution_count=3), "an execution count"),
    "kernel of one machine": (
        lambda nb: nb.metadata.kernelspec.update(name="my-env"),
        "metadata of its own (kernelspec)",
    ),
    "language version": (
        lambda nb: nb.metadata.language_info.update(version="3.11"),
        "metadata of its own",
    ),
    "metadata of Colab": (
        lambda nb: nb.metadata.update(colab={"provenance": []}),
        "metadata of its own (colab)",
    ),
    "metadata of a cell": (
        lambda nb: prose(nb).metadata.update(tags=["x"]),
        "metadata of its own (tags)",
    ),
    "a tag that means nothing": (
        lambda nb: of(nb, "measure-steps").metadata.tags.append("x"),
        "metadata of its own (tags)",
    ),
    "nbgrader's checksum": (
        lambda nb: of(nb, "parameter-count").metadata.nbgrader.update(checksum="0" * 32),
        "not in the canonical form",
    ),
    "older schema": (
        lambda nb: of(nb, "parameter-count").metadata.nbgrader.update(schema_version=2),
        "not in the canonical form",
    ),
    "unlocked test": (
        lambda nb: of(nb, "test-parameter-count").metadata.nbgrader.update(locked=False),
        "not in the canonical form",
    ),
    "empty nbgrader metadata": (
        lambda nb: prose(nb).metadata.update(nbgrader={}),
        "not in the canonical form",
    ),
    "id is not grade_id": (
        lambda nb: of(nb, "test-parameter-count").update(id="abc"),
        "has the id 'abc', not its grade_id",
    ),
    "random id": (lambda nb: prose(nb).update(id="1b2c3d4e"), "not words and hyphens"),
    "id in capitals": (lambda nb: prose(nb).update(id="My_Cell"), "not words and hyphens"),
    "same id twice": (lambda nb: nb.cells[2].update(id=nb.cells[0].id), "is there 2 times"),
}


@pytest.mark.parametrize("defect", FORM)
def test_finds_and_fixes(defect: str, path: Path) -> None:
    change, expected = FORM[defect]
    found = changed(path, change)
    assert any(expected in str(finding) for finding in found), found
    notebook = cells.read_notebook(path)
    path.write_text(canonical.text_of(notebook), encoding="utf-8")
    assert [f for f in form.check_notebook(path) if not f.warning] == []
    assert [c.source for c in cells.read_notebook(path).cells] == [c.source for c in notebook.cells]


def test_finds_and_fixes_the_writing(path: Path) -> None:
    notebook = json.loads((COURSE.source / path.name).read_text(encoding="utf-8"))
    path.write_text(json.dumps(notebook, indent=2), encoding="utf-8")
    assert "not written as nbformat writes" in str(form.check_notebook(path)[0])
    fixed = canonical.text_of(cells.read_notebook(path))
    assert fixed == (COURSE.source / path.name).read_text(encoding="utf-8")


def test_finds_and_fixes_an_older_format(path: Path) -> None:
    notebook = json.loads((COURSE.source / path.name).read_text(encoding="utf-8"))
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        del cell["id"]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert "has the format 4.4, not 4.5" in str(form.check_notebook(path)[0])
    path.write_text(canonical.text_of(cells.read_notebook(path)), encoding="utf-8")
    assert [f for f in form.check_notebook(path) if not f.warning] == []


# Defects of content, which only a person can mend.
CONTENT: dict[str, tuple[Change, str]] = {
    "no points": (
        lambda nb: of(nb, "test-parameter-count").metadata.nbgrader.update(points=0),
        "is graded, but worth 0 points",
    ),
    "points of Check": (
        lambda nb: replace(nb, "test-parameter-count", "Check(points=3)", "Check(points=4)"),
        "Check(points=...) says 4, nbgrader's metadata 3",
    ),
    "points of a part": (
        lambda nb: replace(nb, "test-parameter-count", "check.part(1", "check.part(2"),
        "its parts add up to",
    ),
    "no result": (
        lambda nb: replace(nb, "test-parameter-count", "check.result()", "check.points"),
        "does not end with check.result()",
    ),
    "no Python": (
        lambda nb: replace(nb, "test-parameter-count", "check.result()", "check.result("),
        "is no Python",
    ),
    "no hidden tests": (
        lambda nb: replace(nb, "test-parameter-count", "HIDDEN TESTS", "OTHER TESTS"),
        "has no hidden tests",
    ),
    "no solution": (
        lambda nb: replace(nb, "parameter-count", "SOLUTION", "ANSWER"),
        "has no ### BEGIN SOLUTION region",
    ),
    "region never ends": (
        lambda nb: replace(nb, "parameter-count", "### END SOLUTION", ""),
        "SOLUTION begins and never ends",
    ),
    "region begins twice": (
        lambda nb: replace(nb, "parameter-count", "### END SOLUTION", "### BEGIN SOLUTION"),
        "SOLUTION begins inside SOLUTION",
    ),
    "marker misspelt": (
        lambda nb: replace(nb, "test-parameter-count", "HIDDEN TESTS", "HIDDEN TEST"),
        "'### BEGIN HIDDEN TEST' is no marker that nbgrader knows",
    ),
    "solution in given code": (
        lambda nb: given(nb).update(source="### BEGIN SOLUTION\nx = 1\n### END SOLUTION"),
        "has a solution but is no solution cell",
    ),
    "hidden test in a solution": (
        lambda nb: replace(nb, "parameter-count", "SOLUTION", "HIDDEN TESTS"),
        "has hidden tests but is no test cell",
    ),
    "test made a solution": (
        lambda nb: of(nb, "parameter-count").metadata.nbgrader.update(grade=True, points=1),
        "is a manual cell, not a solution cell",
    ),
    "no rubric": (
        lambda nb: replace(nb, "explain-complexity", "**Rubric", "Points"),
        "has no line that begins with **A model answer and one with **Rubric",
    ),
    "unlocked given code": (
        lambda nb: given(nb).metadata.pop("nbgrader"),
        "is given code that students could change",
    ),
    "grade_id twice": (
        lambda nb: given(nb).metadata.nbgrader.update(grade_id="parameter-count"),
        "its grade_id is there 2 times",
    ),
    "no grade_id": (
        lambda nb: given(nb).metadata.nbgrader.pop("grade_id"),
        "nbgrader metadata without a grade_id",
    ),
    "a test that is not to be run": (
        lambda nb: of(nb, "test-parameter-count").metadata.update(tags=["skip-execution"]),
        "test-parameter-count: has the tag skip-execution, which only given code may have",
    ),
    "a solution that is not to be run": (
        lambda nb: of(nb, "parameter-count").metadata.update(tags=["skip-execution"]),
        "parameter-count: has the tag skip-execution, which only given code may have",
    ),
    "code cell too long": (
        lambda nb: given(nb).update(source="x = 1\n" * 15 + "x"),
        "warning: 1-complexity, cell",
    ),
    "text cell too long": (
        lambda nb: prose(nb).update(source="word " * 81),
        "has 81 words, more than 80",
    ),
}


@pytest.mark.parametrize("defect", CONTENT)
def test_finds(defect: str, path: Path) -> None:
    change, expected = CONTENT[defect]
    assert any(expected in str(finding) for finding in changed(path, change))


def test_finds_points_that_do_not_add_up_to_what_the_course_asks_for(small_course: Course) -> None:
    found = "\n".join(map(str, form.check(small_course)))
    assert "the notebooks have 15 points, not 100 (c.FormRules.points)" in found
    with small_course.config.open("a", encoding="utf-8") as config:
        config.write("\nc.FormRules.points = 15\n")
    assert "c.FormRules.points" not in "\n".join(map(str, form.check(small_course)))


def test_finds_a_file_that_is_no_notebook(path: Path) -> None:
    path.write_text('{"cells": [', encoding="utf-8")
    assert "cannot be read as a notebook" in str(form.check_notebook(path)[0])


def test_teachers_lines_do_not_count(path: Path) -> None:
    def lengthen(notebook: NotebookNode) -> None:
        cell = of(notebook, "parameter-count")
        cell.source = cell.source.replace("### END", "x = 1\n" * 20 + "### END", 1)

    before = [f for f in changed(path, lambda nb: None) if f.warning]
    assert [f for f in changed(path, lengthen) if f.warning] == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Two words.", 2),
        ("$a + b = c$ is one", 3),
        ("![a curve](curve.png)", 2),
        ("[a link](https://example.org/long/path)", 2),
        ("- a\n- b", 2),
        ("<b>bold</b> text <!-- not shown -->", 2),
    ],
)
def test_counts_words_as_read(text: str, words: int) -> None:
    assert form.count_words(text) == words


def test_every_test_cell_comes_after_what_it_tests(course: Course) -> None:
    for name, wanted in CONTRACT.items():
        order = [*cells.by_grade_id(cells.read_notebook(course.source / f"{name}.ipynb"))]
        places = [order.index(cell.grade_id) for cell in wanted]
        assert places == sorted(places)
