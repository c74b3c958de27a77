"""What nbgrader's own tests hand in: tasks, AUTOTEST cells, changed tests, code graded by hand."""

import shutil
from pathlib import Path

import pytest

from grader.course.directory import Course
from tests.courses import copy_of, run_course
from tests.elsewhere.making import NBGRADER, TWO_LINES, answer, code, notebook, scores, stock, write
from tests.instructors.watch.watching import Watching
from tests.running import eventually, temporary_directory

_APPS = NBGRADER / "tests" / "apps" / "files"
_STEPS = NBGRADER / "tests" / "preprocessors" / "files"
# The teacher's notebook, and what students make of it, by their names.
_NOTEBOOKS = {
    "plain": (
        _APPS / "submitted-unchanged.ipynb",
        {
            "unchanged": _APPS / "submitted-unchanged.ipynb",
            "changed": _APPS / "submitted-changed.ipynb",
            "takes-the-points": _APPS / "submitted-cheat-attempt.ipynb",
            "takes-the-points-otherwise": _APPS / "submitted-cheat-attempt-alternative.ipynb",
            "changes-the-test": _APPS / "submitted-grade-cell-changed.ipynb",
            "changes-the-given": _APPS / "submitted-locked-cell-changed.ipynb",
        },
    ),
    **{
        f"autotest-{kind}": (
            _APPS / f"autotest-{kind}.ipynb",
            {
                "unchanged": _APPS / f"autotest-{kind}-unchanged.ipynb",
                "changed": _APPS / f"autotest-{kind}-changed.ipynb",
            },
        )
        for kind in ("simple", "hashed", "multi")
    },
    "autotest-hidden": (
        _APPS / "autotest-hidden.ipynb",
        {
            "unchanged": _APPS / "autotest-hidden-unchanged.ipynb",
            "changed": _APPS / "autotest-hidden-changed-right.ipynb",
            "changes-the-test": _APPS / "autotest-hidden-changed-wrong.ipynb",
        },
    ),
    **{
        name: (path, {"unchanged": path})
        for name, path in {
            "task": _STEPS / "test_taskcell.ipynb",
            "code-by-hand": _STEPS / "manually-graded-code-cell.ipynb",
            "side-effects": _APPS / "side-effects.ipynb",
            "hidden-tests": _APPS / "test-hidden-tests.ipynb",
            "no-points": _APPS / "validation-zero-points.ipynb",
        }.items()
    },
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """One assignment of all these notebooks."""
    course = Course(tmp_path_factory.mktemp("odd"), "odd")
    course.config.write_text("c = get_config()\n")
    shutil.copy(_APPS / "autotests.yml", course.root)
    course.source.mkdir(parents=True)
    for name, (teachers, work) in _NOTEBOOKS.items():
        shutil.copy(teachers, course.source / f"{name}.ipynb")
        for student, path in work.items():
            course.submission(student).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, course.submission(student) / f"{name}.ipynb")
    return course


@pytest.fixture(scope="module")
def by_stock(
    odd: Course, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, ...], tuple[float | None, bool]]:
    """What nbgrader itself gives."""
    course = copy_of(odd, tmp_path_factory.mktemp("stock") / "course")
    stock(course.root, "odd")
    return scores(course.gradebook)


@pytest.mark.slow("elsewhere")
@pytest.mark.parametrize("judge", ["together", "apart"])
def test_each_cell_has_the_score_of_stock_nbgrader(
    judge: str,
    odd: Course,
    by_stock: dict[tuple[str, ...], tuple[float | None, bool]],
    tmp_path: Path,
) -> None:
    course = copy_of(odd, tmp_path / "course")
    with course.config.open("a", encoding="utf-8") as config:
        config.write(f"{TWO_LINES}c.SandboxedExecute.judge = {judge!r}\n")
    done = run_course(course, "grade")
    # Also beside an answer that is left empty, a given text with other ends of lines is no answer.
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 in need of attention" in done.stdout
    handed_in = {(s, name) for name, (_, work) in _NOTEBOOKS.items() for s in work}
    # Of a notebook that a student did not hand in, nbgrader has no points; here it is 0.
    wanted = {key: score for key, score in by_stock.items() if (key[0], key[2]) in handed_in}
    found = scores(course.gradebook)
    assert {key: found[key] for key in wanted} == wanted
    assert len(wanted) > 50
    assert found.keys() == by_stock.keys()


# What is refused


@pytest.fixture
def small(tmp_path: Path) -> Course:
    """A course of one notebook, and the work of one student."""
    course = Course(tmp_path / "course", "small")
    content = notebook(
        code("### BEGIN SOLUTION\nx = 1\n### END SOLUTION", "x", solution=True),
        code("assert x == 1", "test-x", 2),
        answer("Why?", "why", 1),
    )
    write(course.source / "one.ipynb", content)
    course.config.write_text(f"c = get_config()\n{TWO_LINES}")
    shutil.copytree(course.source, course.submission("right"))
    return course


def add_notebook_in_r(course: Course) -> None:
    kernel = {"name": "ir", "display_name": "R", "language": "R"}
    in_r = notebook(code("x <- 1", "x", solution=True), kernelspec=kernel)
    write(course.source / "two.ipynb", in_r)
    write(course.submission("right") / "two.ipynb", in_r)


def test_a_notebook_in_another_language_is_left_and_told_of(small: Course) -> None:
    add_notebook_in_r(small)
    done = run_course(small, "grade")
    assert done.returncode == 1, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    assert "two.ipynb is in R, and the engine runs Python only: it is not graded." in said
    assert "COURSE_STOCK=1 nbgrader autograde small --notebook=two" in said
    assert scores(small.gradebook)["right", "small", "one", "test-x"] == (2.0, False)
    done = run_course(small, "grade", "--notebook", "two")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("course grade: two.ipynb is in R")


def test_a_watch_leaves_it_too(small: Course) -> None:
    add_notebook_in_r(small)
    with temporary_directory() as temporary:
        watching = Watching.start(small, temporary)
        graded = small.executed("right", "one")
        eventually("a grade", lambda: watching.is_alive and graded.is_file())
        told = watching.sleeps().status
        assert watching.end() == 143
    assert "two.ipynb is in R" in "".join(watching.lines)
    assert told.troubles == []
    assert scores(small.gradebook)["right", "small", "one", "test-x"] == (2.0, False)


@pytest.mark.parametrize("version", [0, 1])
def test_metadata_of_an_older_nbgrader_are_told_of(version: int, small: Course) -> None:
    shutil.copy(_APPS / f"test-v{version}.ipynb", small.source / "two.ipynb")
    done = run_course(small, "grade")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "nbgrader update source/small" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_structure_of_folders_is_refused(small: Course) -> None:
    with small.config.open("a", encoding="utf-8") as config:
        config.write('c.CourseDirectory.directory_structure = "{student_id}/{nbgrader_step}"\n')
    done = run_course(small, "grade")
    assert done.returncode == 2
    assert "c.CourseDirectory.directory_structure is {student_id}/{nbgrader_step}" in done.stderr
