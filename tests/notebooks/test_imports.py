"""What kernels are forked with: the imports of the teacher notebooks, and of the files beside."""

import sys
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.notebooks import imports
from grader.notebooks.imports import Imports
from tests.courses import COURSE


def modules(source: str, folder: Path) -> tuple[str, ...]:
    return imports.of_sources([source], folder).modules


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import numpy as np, nbformat.v4", ("numpy", "nbformat.v4")),
        ("from numpy import linalg, array", ("numpy", "numpy.linalg")),  # array is no module
        ("from numpy import *", ("numpy",)),
        ("import time\nfrom pathlib import Path", ()),  # of the standard library: quick
        ("%matplotlib inline\nimport numpy", ("numpy",)),
        ("try:\n    import numpy\nexcept ImportError:\n    import nbformat", ("numpy", "nbformat")),
        ("def f():\n    import numpy", ()),
        ("class A:\n    import numpy", ()),
        ("import numpy.nowhere", ()),
        ("from . import numpy", ()),
        ("this is no Python", ()),
    ],
)
def test_what_a_cell_imports(source: str, found: tuple[str, ...], tmp_path: Path) -> None:
    assert modules(source, tmp_path) == found


def test_files_beside_are_read_for_what_they_need_and_not_named(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("import numpy\nimport two\n")
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "__init__.py").write_text("import one\nimport nbformat\n1 / 0\n")
    assert modules("import one", tmp_path) == ("numpy", "nbformat")


def test_a_file_beside_hides_a_package_of_that_name(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("import nbformat\n")
    assert modules("import numpy", tmp_path) == ("nbformat",)


def test_what_is_not_installed_is_told_apart(tmp_path: Path) -> None:
    found = imports.of_sources(["import not_there.at_all\nimport numpy"], tmp_path)
    assert found == Imports(("numpy",), ("not_there",))


def test_nothing_is_imported_to_find_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "loud"
    (package / "inner").mkdir(parents=True)
    for path in (package, package / "inner"):
        (path / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert modules("import loud.inner", tmp_path / "elsewhere") == ("loud.inner",)
    assert "loud" not in sys.modules


def test_all_but_tests_counts_in_the_notebooks_that_are_asked_for(tmp_path: Path) -> None:
    def cell(source: str, **about: object) -> nbformat.NotebookNode:
        return new_code_cell(source, metadata={"nbgrader": about} if about else {})

    given, solution = {"locked": True, "grade": False}, {"solution": True, "grade": False}
    test = {"grade": True, "solution": False, "points": 1}
    made = [
        cell("import numpy", **given, grade_id="a"),
        cell("import nbformat", **solution, grade_id="b"),
        cell("import traitlets", **test, grade_id="c"),
        cell("import nbconvert"),  # nothing that nbgrader knows
    ]
    nbformat.write(new_notebook(cells=made), tmp_path / "1-a.ipynb")
    more = new_notebook(cells=[cell("import tornado", **given, grade_id="a")])
    nbformat.write(more, tmp_path / "2-b.ipynb")
    (tmp_path / "3-c.ipynb").write_text("broken")
    assert imports.of_folder(tmp_path).modules == (
        "numpy",
        "nbformat",
        "nbconvert",
        "tornado",
    )
    assert imports.of_folder(tmp_path, {"2-b", "3-c"}).modules == ("tornado",)
    each = imports.of_each(tmp_path)
    assert {name: found.modules for name, found in each.items()} == {
        "1-a": ("numpy", "nbformat", "nbconvert"),
        "2-b": ("tornado",),
        "3-c": (),
    }


def test_this_course_is_warm_with_all_that_takes_long() -> None:
    found = imports.of_folder(COURSE.source)
    assert {"numpy", "matplotlib.pyplot", "scipy.io", "tensorflow", "pooch"} <= {*found.modules}
    assert found.missing == ()
    assert "tensorflow" not in imports.of_folder(COURSE.source, {"1-complexity"}).modules
