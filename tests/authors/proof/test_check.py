"""The command for authors, `course check`, on a course of one notebook."""

import shutil
from pathlib import Path
from typing import cast

import nbformat
import pytest

from grader.authors.bank import answers
from grader.authors.bank.bench import Bench
from grader.authors.bank.graded import Graded
from grader.authors.proof import check
from grader.course.directory import Course
from grader.notebooks import cells, skipped
from tests.courses import COURSE, copy_of, run_course

NAME = "1-complexity"


@pytest.fixture
def author(released: Course, tmp_path: Path) -> Course:
    """A course that an author may change: one notebook, and the bank of its answers."""
    course = copy_of(released, tmp_path / "author")
    shutil.copytree(COURSE.answers / NAME, course.answers / NAME)
    shutil.copytree(COURSE.root / "proof", course.root / "proof")
    with course.config.open("a") as config:
        config.write('\nc.FormRules.points = {"deep-learning-3": 15}\n')  # those of this notebook
    # The self-check's table is that of one notebook, too; the others are missed in vain.
    assert "handin.json: written anew" in run_course(course, "form", "--fix").stdout
    assert run_course(course, "release").returncode == 0
    return course


def change(course: Course, cell: str, old: str, new: str) -> None:
    path = course.source / f"{NAME}.ipynb"
    notebook = cells.read_notebook(path)
    found = cells.by_grade_id(notebook)[cell]
    assert found.source.count(old) == 1
    found.source = found.source.replace(old, new)
    nbformat.write(notebook, path)


@pytest.mark.slow("proof")
def test_says_that_there_is_nothing_to_do_and_then_what_an_edit_broke(author: Course) -> None:
    done = run_course(author, "check", NAME, "--quick", "--jobs", "1")
    lines = [line.split()[:2] for line in done.stdout.splitlines() if " ok " in line]
    steps = ["form", "release", "reference", "skipped", "answers", "messages", "styles", "mutants"]
    assert lines == [[step, "ok"] for step in steps], done.stdout + done.stderr
    assert "check: nothing to do" in done.stdout
    assert done.returncode == 0

    # A hidden test that lets more through: the release is the same, and the solution passes.
    change(author, "test-growth-exponent", "power == 2,", "power >= 2,")
    assert run_course(author, "form", NAME, "--fix").returncode == 0
    done = run_course(author, "check", NAME, "--quick", "--jobs", "1")
    assert done.returncode == 1
    assert "release      ok" in done.stdout
    assert "reference    ok" in done.stdout
    assert "answers      NO" in done.stdout
    assert "wrong/factor-as-exponent, test-growth-exponent: expected 0, got 2" in done.stdout
    assert "- answers: decide for each what is right" in done.stdout
    assert not done.stderr
    done = run_course(author, "mutants", f"{NAME}/growth-exponent", "--jobs", "1")
    assert done.returncode == 1
    assert "SURVIVED: no test sees this change" in done.stdout
    assert "+ growth_exponent = 3" in done.stdout


def tag(course: Course, cell: str) -> None:
    path = course.source / f"{NAME}.ipynb"
    notebook = cells.read_notebook(path)
    cells.by_grade_id(notebook)[cell].metadata["tags"] = [skipped.TAG]
    nbformat.write(notebook, path)


def test_names_a_skipped_cell_that_is_needed(small_course: Course) -> None:
    tag(small_course, "see-a-network")
    change(small_course, "see-a-network", "    print(", "    power = 2\n    print(")
    change(small_course, "see-the-growth", 'print("depth ', 'print(power)\nprint("depth ')
    change(small_course, "test-growth-exponent", "power == 2,", "len(network.layers) == 3,")
    reference = [answers.find(small_course, NAME, "reference")]
    step = check._skipped(small_course, Bench(small_course, [NAME]), reference)  # nothing is run
    for cell, name in (("see-the-growth", "power"), ("test-growth-exponent", "network")):
        assert (
            f"1-complexity, cell {cell}: uses {name}, which the cell see-a-network binds or changes"
            in step.problems.splitlines()
        )
    assert "take the tag skip-execution off the cell" in step.to_do


@pytest.mark.slow("proof")
def test_names_a_test_that_a_skipped_cell_changes_unseen(small_course: Course) -> None:
    tag(small_course, "see-the-growth")
    change(small_course, "see-the-growth", 'print("depth ', 'setattr(DNN, "p", 2)\nprint("depth ')
    wrong = small_course.answers / NAME / "wrong"
    wrong.mkdir(parents=True)
    for name, code in (("three", "3"), ("kept", 'getattr(DNN, "p", 3)')):
        (wrong / f"{name}.py").write_text(
            "# A slip.\n# scores: test-growth-exponent 0\n# %% growth-exponent\n"
            f"growth_exponent = {code}\n"
        )
    bank = answers.read_all(small_course)
    with Bench(small_course, [NAME], 1) as bench:
        step = check._skipped(small_course, bench, bank)
        assert not check._skipped(small_course, bench, bank, quick=True).problems
    assert step.problems == (
        "1-complexity/wrong/kept, cell test-growth-exponent: its verdict is another one where the "
        "tagged cells are run"
    )

    change(small_course, "growth-exponent", "= 2", '= getattr(DNN, "p", 3)')
    with Bench(small_course, [NAME], 1) as bench:
        step = check._skipped(small_course, bench, bank, quick=True)
    assert step.problems == (
        "1-complexity/reference, cell test-growth-exponent: its verdict is another one where the "
        "tagged cells are run"
    )


def test_stops_where_the_form_is_wrong(author: Course) -> None:
    change(author, "test-growth-exponent", "Check(points=2)", "Check(points=3)")
    done = run_course(author, "check", NAME)
    assert done.returncode == 1
    assert "form         NO" in done.stdout
    assert "- form: run `course form --fix`" in done.stdout
    assert "release" not in done.stdout


@pytest.mark.slow("proof")
def test_stops_where_the_solution_fails_and_names_a_test_that_cannot_run_apart(
    author: Course,
) -> None:
    change(author, "growth-exponent", "growth_exponent = 2", "growth_exponent = 3")
    asked = "parameter_count(*size))"
    fractions = "map(__import__('fractions').Fraction, size)"
    change(author, "test-parameter-count", asked, f"int(parameter_count(*{fractions})))")
    assert run_course(author, "form", NAME, "--fix").returncode == 0
    assert run_course(author, "release").returncode == 0
    done = run_course(author, "check", NAME, "--quick", "--jobs", "1")
    assert done.returncode == 1
    assert "reference    NO" in done.stdout
    assert "growth_exponent = 3 would mean" in done.stdout
    assert "A test cannot hand a Fraction to the learner's code" in done.stdout
    assert "The solution passes test-parameter-count in one process with" in done.stdout
    assert "mutants" not in done.stdout
    assert not done.stderr


def test_a_reference_that_cannot_be_graded_with_all_cells_is_named() -> None:
    class FailsWithAllCells:
        def grade(self, fillers: dict[str, object], *, all_cells: bool) -> dict[str, Graded]:
            done = (
                Graded(error="the kernel did not start") if all_cells else Graded({"test-x": 1.0})
            )
            return dict.fromkeys(fillers, done)

    bench = cast(Bench, FailsWithAllCells())
    reference = answers.find(COURSE, "2-tanh", "reference")
    (problem,) = check._differing(COURSE, bench, [reference])
    assert "the kernel did not start" in problem
