"""What is read of a teacher's notebook from the gradebook."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook, MissingEntry

from grader.course.directory import put_tools_on_path
from grader.notebooks.source import Layout, SourceCell, bound_names, read_layout, source_notebook

NAMES = ("given", "solution", "test", "text", "task")


@pytest.fixture(scope="module")
def gradebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gradebook]:
    put_tools_on_path()
    path = tmp_path_factory.mktemp("source") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", "course") as gradebook:
        gradebook.add_assignment("week")
        at = ("day", "week")
        gradebook.add_notebook(*at, kernelspec='{"name": "python3", "display_name": "Python 3"}')
        gradebook.add_notebook("empty", "week", kernelspec="{}")
        for name in NAMES:
            kind = "markdown" if name in ("text", "task") else "code"
            locked = name in ("given", "test", "task")
            saved = {"cell_type": kind, "source": f"# {name}", "locked": locked, "checksum": "0"}
            gradebook.add_source_cell(name, *at, **saved)
        gradebook.add_grade_cell("test", *at, max_score=3, cell_type="code")
        gradebook.add_grade_cell("text", *at, max_score=2, cell_type="markdown")
        gradebook.add_solution_cell("solution", *at)
        gradebook.add_solution_cell("text", *at)
        gradebook.add_task_cell("task", *at, max_score=4, cell_type="markdown")
        yield gradebook


def test_cells(gradebook: Gradebook) -> None:
    found = source_notebook(gradebook, "week", "day")
    # name, type, source, locked, checksum, grade, solution, task, points
    assert found.cells == (
        SourceCell("given", "code", "# given", True, "0", False, False, False, 0),
        SourceCell("solution", "code", "# solution", False, "0", False, True, False, 0),
        SourceCell("test", "code", "# test", True, "0", True, False, False, 3),
        SourceCell("text", "markdown", "# text", False, "0", True, True, False, 2),
        SourceCell("task", "markdown", "# task", True, "0", False, False, True, 4),
    )
    assert [cell.name for cell in found.cells if cell.is_test] == ["test"]
    assert [cell.name for cell in found.cells if cell.restored] == ["given", "test", "task"]


def test_kernelspec(gradebook: Gradebook) -> None:
    known = {"name": "python3", "display_name": "Python 3"}
    assert source_notebook(gradebook, "week", "day").kernelspec == known
    assert source_notebook(gradebook, "week", "empty").kernelspec is None


def test_order_is_given_and_unknown_names_come_last(gradebook: Gradebook) -> None:
    order = Layout(("text", "not-there", "test", "given"))
    found = source_notebook(gradebook, "week", "day", order)
    assert [cell.name for cell in found.cells] == ["text", "test", "given", "solution", "task"]


@pytest.mark.parametrize(("assignment", "notebook"), [("week", "night"), ("month", "day")])
def test_unknown(gradebook: Gradebook, assignment: str, notebook: str) -> None:
    with pytest.raises(MissingEntry):
        source_notebook(gradebook, assignment, notebook)


def test_order_of_the_cells_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "day.ipynb"
    assert read_layout(path) == Layout()
    path.write_text("no notebook")
    assert read_layout(path) == Layout()
    named = [{"metadata": {"nbgrader": {"grade_id": name}}} for name in ("text", "given")]
    path.write_text(json.dumps({"cells": [named[0], {"metadata": {}}, named[1]]}))
    assert read_layout(path).order == ("text", "given")


def cell(name: str, source: str, *tags: str, **about: bool) -> dict[str, object]:
    nbgrader = {"grade_id": name, "locked": True, **about}
    metadata = {"nbgrader": nbgrader, "tags": list(tags)}
    return {"cell_type": "code", "metadata": metadata, "source": source}


def test_tagged_cells_are_skipped_unless_one_is_needed(tmp_path: Path) -> None:
    cells = [
        cell("imports", "import matplotlib.pyplot as plt"),
        cell("clock", "seconds = [1]", "skip-execution"),
        cell("plot", "plt.plot(seconds)", "skip-execution", "hide-input"),
        cell("answer", "def f(x): return x", "skip-execution", locked=False, solution=True),
        cell("test", "assert f(1) == 1", "skip-execution", grade=True),
    ]
    path = tmp_path / "day.ipynb"
    path.write_text(json.dumps({"cells": cells}))
    assert read_layout(path).skipped == (("clock", frozenset({"seconds"})), ("plot", frozenset()))
    # What is graded must not depend on whether an author has asked `course check`.
    cells[-1]["source"] = "assert f(1) == seconds[0]"
    path.write_text(json.dumps({"cells": cells}))
    assert read_layout(path).skipped == ()


def test_the_names_that_cells_bind_are_those_at_their_top() -> None:
    cells = [
        "from numpy import *\nfrom math import pi, tau as turn\nimport os",
        "def sum(values):\n    len = 3\n    raise NotImplementedError()",
        "class Tanh:\n    def grad(self): pass\nmax: int = 3\nabs = round == 2\nabs == 3",
        "%magic x = 3",
        "async def fetch(): pass",
    ]
    names = bound_names(cells)
    assert {"numpy.*", "pi", "turn", "sum", "Tanh", "max", "abs", "fetch"} <= set(names)
    assert not {"len", "grad", "x", "round"} & set(names)
