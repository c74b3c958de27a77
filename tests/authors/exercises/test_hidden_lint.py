"""What is wrong with hidden tests is found, in the file and the line where it is written."""

import io
import tempfile
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from grader import cli
from grader.course.directory import Course
from tests.authors.exercises.test_hidden_files import (
    BEGIN,
    END,
    NAME,
    TESTS,
    check,
    code,
    file_of,
    save,
    write,
)
from tests.courses import ASSIGNMENT, run_course

FILE = "hidden/deep-learning-3/2-tanh/test-square.py"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "nbgrader_config.py").touch()
    # A check continues its cell: its imports are not at the top of a file.
    (tmp_path / "pyproject.toml").write_text(
        '[tool.ruff.lint]\nexclude = ["hidden/*"]\n'
        '[tool.ruff.lint.per-file-ignores]\n"hidden/*" = ["E402"]\n'
    )
    return Course(tmp_path, ASSIGNMENT)


def lint(course: Course, *names: str) -> tuple[int, list[str]]:
    """The exit code of `course lint`, and what it prints."""
    said = io.StringIO()
    with redirect_stdout(said):
        status = cli.main(["--course-dir", str(course.root), "lint", *names])
    return status, said.getvalue().splitlines()


def test_tests_that_use_what_runs_before_them_are_right(course: Course) -> None:
    write(course, check("test-square", TESTS))
    save(file_of(course), f"import math\n\nlimit = math.inf\n{TESTS}")
    ran = run_course(course, "lint")
    assert ran.stdout == "lint: 0 findings in the hidden tests of 1 cell\n", ran.stderr
    assert ran.returncode == 0


def test_a_misspelt_name_is_found_in_the_line_of_the_file(course: Course) -> None:
    write(course, check("test-square", TESTS))
    save(file_of(course), "\nimport math\n\nexpect(sqare(2) == 4)\nif True:\n    expcet(math.pi)\n")
    status, lines = lint(course)
    assert status == 1
    assert lines[:2] == [
        f"{FILE}:4:8: F821 Undefined name `sqare`",
        f"{FILE}:6:5: F821 Undefined name `expcet`",
    ]


def test_the_delimiters_are_those_of_the_configuration(course: Course) -> None:
    course.config.write_text(
        'c.ClearHiddenTests.begin_test_delimeter = "VVV"\n'
        'c.ClearHiddenTests.end_test_delimeter = "^^^"\n'
    )
    source = "### VVV\nexpect(sqare(2) == 4)\n### ^^^"
    write(course, code("test-square", source, grade=True, points=1))
    status, lines = lint(course)
    assert status == 1
    assert lines[-1] == "lint: 1 finding in the hidden tests of 1 cell"


def test_in_an_indented_block_the_column_is_that_of_the_file(course: Course) -> None:
    write(course, check("test-square", TESTS, "    "))
    save(file_of(course), "expect(sqare(2) == 4)\n")
    assert f"{FILE}:1:8: F821 Undefined name `sqare`" in lint(course)[1]


def test_names_of_other_tests_and_of_later_cells_are_not_there(course: Course) -> None:
    # A check puts back the names that it has made; what comes later has not run yet.
    write(
        course,
        check("test-first", "import math\n\nexpect(math)\n"),
        check("test-square", TESTS),
        code("later", "late = 1"),
    )
    save(file_of(course), "expect(math.pi > late)\n")
    found = [line for line in lint(course)[1] if "F821" in line]
    assert found == [
        f"{FILE}:1:8: F821 Undefined name `math`",
        f"{FILE}:1:18: F821 Undefined name `late`",
    ]


def test_what_the_visible_part_imports_and_the_hidden_one_uses_is_no_finding(
    course: Course,
) -> None:
    source = f"import math\n\nexpect(square(2) == 4)\n{BEGIN}\nexpect(math.pi)\n{END}"
    write(course, code("test-square", source, grade=True, points=1))
    assert lint(course) == (0, ["lint: 0 findings in the hidden tests of 1 cell"])


def test_an_import_that_the_hidden_part_does_not_use_is_found(course: Course) -> None:
    write(course, check("test-square", TESTS))
    save(file_of(course), f"import math\n\n{TESTS}")
    assert f"{FILE}:1:8: F401 `math` imported but unused" in lint(course)[1]


def test_a_wrong_argument_is_found(course: Course) -> None:
    write(
        course,
        code("typed", "def same(got: float, wanted: float, atol: float = 0.0) -> None: ..."),
        check("test-square", TESTS),
    )
    save(file_of(course), "def tests():\n    same(square(2), 4, atoll=1)\n\n\ntests()\n")
    (line, last) = lint(course)[1]
    assert line.startswith(f"{FILE}:2:5: Unexpected keyword argument")
    assert last == "lint: 1 finding in the hidden tests of 1 cell"


TYPED = "def same(got: float, wanted: float, atol: float = 0.0) -> None: ..."
WRONG_TYPE = "def tests():\n    same(square(2), 4, atol='1')\n\n\ntests()\n"


def test_a_later_run_says_the_same(course: Course) -> None:
    # mypy keeps what it said of a file it knows, with the place where this file was then.
    write(course, code("typed", TYPED), check("test-square", TESTS))
    save(file_of(course), WRONG_TYPE)
    (line, last) = lint(course)[1]
    assert line.startswith(f"{FILE}:2:29: Argument")
    assert [lint(course)[1] for _ in range(2)] == [[line, last]] * 2


def test_a_temporary_folder_in_the_course_makes_no_difference(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    # There, mypy names files relative to the course.
    write(course, code("typed", TYPED), check("test-square", TESTS))
    save(file_of(course), WRONG_TYPE)
    said = lint(course)[1]
    assert len(said) == 2
    temporary = course.root / "tmp"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    assert lint(course)[1] == said


def test_nothing_is_said_of_a_handout(course: Course) -> None:
    with (course.root / "pyproject.toml").open("a") as settings:
        settings.write('[tool.mypy]\nmypy_path = "source/deep-learning-3"\n')
    write(course, code("typed", "import handout"), check("test-square", TESTS))
    save(course.source / "handout.py", "limit: int = 'none'\n")
    save(file_of(course), "expect(handout.limit > 1)\nexpect(handout.none)\n")
    (line, _) = lint(course)[1]
    assert line.startswith(f"{FILE}:2:8: Module has no attribute")


def test_nothing_is_said_of_what_stands_around_the_hidden_tests(course: Course) -> None:
    write(
        course,
        code("careless", "import math\n%matplotlib inline\n!ls\nunknown_name\nx: int = 'a'"),
        check("test-square", TESTS),
        code("bad", "another_unknown_name"),
    )
    assert lint(course) == (0, ["lint: 0 findings in the hidden tests of 1 cell"])


def test_tests_that_are_no_python_are_found(course: Course) -> None:
    write(course, check("test-square", TESTS))
    save(file_of(course), "expect(True)\nexpect(square(2) = 4)\n")
    status, lines = lint(course)
    assert status == 1
    assert lines[0].startswith(f"{FILE}:2:8: invalid-syntax")


def test_a_block_that_never_ends_is_found(course: Course) -> None:
    write(course, check("test-square", TESTS))
    save(file_of(course), f"{TESTS}expect(square(\n")
    status, lines = lint(course)
    assert status == 1
    assert lines[0].startswith(f"{FILE}:3:")
    assert "invalid-syntax" in lines[0]


def test_a_cell_before_that_is_no_python_is_told(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    write(course, code("broken", "x = ("), check("test-square", TESTS))
    assert lint(course) == (2, [])
    said = "source/deep-learning-3/2-tanh.ipynb, cell broken is no Python ('(' was never closed)"
    assert said in capsys.readouterr().err


def test_without_a_file_the_tests_in_the_notebook_are_checked(course: Course) -> None:
    write(course, check("test-square", "expect(sqare(2))\n"))
    lines = lint(course)[1]
    place = "source/deep-learning-3/2-tanh.ipynb, cell test-square:3:8:"
    assert f"{place} F821 Undefined name `sqare`" in lines


def test_only_the_named_notebooks_are_checked(course: Course) -> None:
    write(course, check("test-square", "expect(sqare(2))\n"))
    write(course, check("test-square", TESTS), name="1-complexity")
    assert lint(course, "1-complexity") == (
        0,
        ["lint: 0 findings in the hidden tests of 1 cell"],
    )
    assert lint(course, NAME)[0] == 1


def test_an_unknown_notebook_is_refused(course: Course, capsys: pytest.CaptureFixture[str]) -> None:
    write(course, check("test-square", TESTS))
    assert lint(course, "5-none") == (2, [])
    assert "There is no notebook 5-none. There are: 2-tanh" in capsys.readouterr().err
