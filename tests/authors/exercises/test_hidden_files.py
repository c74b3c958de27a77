"""Hidden tests as files: written into the notebooks, taken back, and never lost on the way."""

import io
import os
import re
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests

from grader import cli
from grader.authors.exercises import canonical
from grader.course.directory import Course
from grader.notebooks import cells, regions
from tests.courses import ASSIGNMENT, COURSE, run_course

NAME = "2-tanh"
BEGIN, END = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
TESTS = "for number in (-3, 4):\n    expect(square(number) == number**2)\n"
OTHER = 'expect(square(5) == 25, "Look at the power.")\n'


def code(grade_id: str, source: str, **about: object) -> NotebookNode:
    cell = nbformat.v4.new_code_cell(source, id=grade_id)
    cell.metadata["nbgrader"] = {"grade_id": grade_id, "locked": True, **about}
    return cell


def check(grade_id: str, hidden: str, indent: str = "") -> NotebookNode:
    """A test cell with `hidden` between the markers."""
    lines = [BEGIN, *hidden.removesuffix("\n").split("\n"), END]
    region = "\n".join(indent + line if line else "" for line in lines)
    start = "expect(square(2) == 4)" if not indent else "if True:\n    expect(square(2) == 4)"
    return code(grade_id, f"{start}\n{region}\nprint('done')", grade=True, points=2)


def write(course: Course, *of_notebook: NotebookNode, name: str = NAME) -> Path:
    """A teacher notebook with these cells behind a given one and a solution."""
    given = code("given", "def expect(condition, message=''):\n    assert condition, message")
    solution = "def square(x):\n    ### BEGIN SOLUTION\n    return x**2\n    ### END SOLUTION"
    notebook = nbformat.v4.new_notebook(
        cells=[given, code("square", solution, solution=True), *of_notebook]
    )
    path = course.source / f"{name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(canonical.text_of(notebook), encoding="utf-8")
    return path


def file_of(course: Course, cell: str = "test-square", notebook: str = NAME) -> Path:
    return course.root / "hidden" / ASSIGNMENT / notebook / f"{cell}.py"


def save(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def saved_last(path: Path, other: Path) -> None:
    """Give `path` a time of writing after that of `other`."""
    time = other.stat().st_mtime_ns + 1_000_000_000
    os.utime(path, ns=(time, time))


def form(course: Course, *options: str) -> CompletedProcess[str]:
    """What `course form` does, in this process: it takes a tenth of the time of a new one."""
    said = io.StringIO()
    with redirect_stdout(said):
        code = cli.main(["--course-dir", str(course.root), "form", *options])
    assert code in (0, 1)
    return CompletedProcess([], code, said.getvalue())


def said(ran: CompletedProcess[str]) -> list[str]:
    """What the command says of hidden tests; these small notebooks lack much else."""
    return [line for line in ran.stdout.split("\n") if "hidden" in line and "warning" not in line]


def errors(ran: CompletedProcess[str]) -> int:
    found = re.search(r"form: (\d+) error", ran.stdout)
    assert found
    return int(found[1])


def hidden_in(path: Path, grade_id: str = "test-square") -> str:
    source: str = cells.by_grade_id(cells.read_notebook(path))[grade_id].source
    return source.partition(f"{BEGIN}\n")[2].partition(END)[0]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    (tmp_path / "nbgrader_config.py").touch()
    return Course(tmp_path, ASSIGNMENT)


def test_without_the_folder_the_notebooks_keep_their_tests(course: Course) -> None:
    path = write(course, check("test-square", TESTS))
    assert said(form(course)) == []
    assert said(form(course, "--fix")) == []
    assert hidden_in(path) == TESTS
    assert not (course.root / "hidden").exists()


def test_the_file_is_written_into_the_notebook(course: Course) -> None:
    path = write(course, check("test-square", TESTS), check("test-more", TESTS))
    form(course, "--take", "--fix")
    file = save(file_of(course), OTHER)
    saved_last(file, path)
    before, differing = cells.read_notebook(path), form(course)
    (line,) = said(differing)
    assert "its hidden tests are not those of hidden/deep-learning-3/2-tanh/test-square.py" in line
    assert "which was saved last. If the file is right: course form --fix." in line
    assert line.endswith("If not: course form --take 2-tanh")
    ran = run_course(course, "form", NAME, "--fix")
    assert said(ran) == [
        "source/deep-learning-3/2-tanh.ipynb, cell test-square: hidden tests written from "
        "hidden/deep-learning-3/2-tanh/test-square.py"
    ]
    after = cells.read_notebook(path)
    assert hidden_in(path) == OTHER
    cells.by_grade_id(before)["test-square"].source = check("test-square", OTHER).source
    assert after == before
    equal = form(course)
    assert said(equal) == []
    assert errors(differing) == errors(equal) + 1


def test_a_change_in_the_notebook_is_taken_into_the_file(course: Course) -> None:
    path = write(course, check("test-square", OTHER))
    file = save(file_of(course), TESTS)
    saved_last(path, file)
    (line,) = said(form(course))
    assert "and the notebook was saved last. If the notebook is right: course form --take" in line
    assert "save it once more, then course form --fix" in line
    before = path.read_bytes()
    shown = "hidden/deep-learning-3/2-tanh/test-square.py"
    assert said(form(course, "--take")) == [
        f"{shown}: written from source/deep-learning-3/2-tanh.ipynb"
    ]
    assert file.read_text() == OTHER
    assert path.read_bytes() == before
    assert said(form(course, "--take")) == []


def test_fix_does_not_undo_a_change_in_the_notebook(course: Course) -> None:
    path = write(course, check("test-square", OTHER))
    file = save(file_of(course), TESTS)
    saved_last(path, file)
    (line,) = said(form(course, "--fix"))
    assert "the notebook was saved last" in line
    assert (hidden_in(path), file.read_text()) == (OTHER, TESTS)
    saved_last(file, path)  # what the message asks for, if the file is right
    form(course, "--fix")
    assert hidden_in(path) == TESTS


def test_take_begins_with_all_notebooks_or_the_named_one(course: Course) -> None:
    write(course, check("test-square", TESTS))
    write(course, check("test-square", OTHER), name="1-complexity")
    form(course, NAME, "--take")
    assert [path.parent.name for path in (course.root / "hidden").rglob("*.py")] == [NAME]
    form(course, "--take")
    assert file_of(course, notebook="1-complexity").read_text() == OTHER


ROUND_TRIPS = {
    "two blank lines": ("import math\n\n\ndef f():\n    return math.pi\n", ""),
    "a string of many lines": ('text = """a\n  b\n\nc"""\nexpect(text)\n', ""),
    "white space at the end of a line of a string": ('text = """a  \n   \n"""\n', ""),
    "a form feed": ("expect(True)\n\x0cexpect(True)\n", ""),
    "letters beyond ASCII": ('expect(True, "× – ü 数 \\N{SNOWMAN}")\n', ""),
    "a block that is indented": (TESTS + "\nexpect(square(0) == 0)\n", "    "),
    "tabs": ("if square(1):\n\texpect(True)\n", ""),
    "a block indented by tabs": (TESTS, "\t"),
}


@pytest.mark.parametrize("case", ROUND_TRIPS)
def test_writing_and_taking_change_no_byte(case: str, course: Course) -> None:
    text, indent = ROUND_TRIPS[case]
    path = write(course, check("test-square", text, indent))
    before = path.read_bytes()
    form(course, "--take")
    assert file_of(course).read_text() == text
    assert said(form(course, "--fix")) == []
    assert path.read_bytes() == before
    write(course, check("test-square", "pass\n", indent))
    saved_last(file_of(course), path)
    form(course, "--fix")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        TESTS.replace("\n", "\r\n"),
        TESTS.removesuffix("\n"),
        f"\n\n{TESTS}\n\n",
        b"\xef\xbb\xbf" + TESTS.encode(),
    ],
    ids=["CRLF", "no last newline", "blank lines around", "byte order mark"],
)
def test_how_an_editor_saves_a_file_makes_no_difference(
    content: str | bytes, course: Course
) -> None:
    path = write(course, check("test-square", TESTS))
    file = save(file_of(course), content)
    before = file.read_bytes()
    assert said(form(course)) == []
    assert said(form(course, "--fix", "--take")) == []
    assert file.read_bytes() == before
    write(course, check("test-square", OTHER))
    saved_last(file, path)
    form(course, "--fix")
    assert hidden_in(path) == TESTS


def test_windows_line_ends_in_a_notebook_are_mended(course: Course) -> None:
    path = write(course, check("test-square", TESTS.replace("\n", "\r\n")))
    (line,) = said(form(course, "--take"))[1:]
    assert "which was saved last. If the file is right: course form --fix" in line
    assert file_of(course).read_bytes() == TESTS.encode()
    form(course, "--fix")
    assert hidden_in(path) == TESTS


def test_white_space_alone_is_left_out_of_an_indented_block(course: Course) -> None:
    path = write(course, check("test-square", "expect(True)\n  \nexpect(True)\n", "    "))
    form(course, "--take")
    assert file_of(course).read_text() == "expect(True)\n\nexpect(True)\n"
    form(course, "--fix")
    assert hidden_in(path).endswith("    expect(True)\n\n    expect(True)\n    ")


def test_new_tests_can_begin_as_a_file(course: Course) -> None:
    path = write(course, check("test-square", ""))
    file = save(file_of(course), TESTS)
    saved_last(path, file)  # there is nothing in the notebook to lose
    form(course, "--fix")
    assert hidden_in(path) == TESTS


def unmarked(source: str) -> str:
    return "\n".join(line for line in source.split("\n") if not regions.markers(line))


LEFT = code(
    "test-square",
    f'if True:\n    {BEGIN}\n    text = """\nleft"""\n    {END}',
    grade=True,
    points=2,
)

# What only a person can mend: cells, files, what is said.
WRONG: dict[str, tuple[Callable[[Course], object], str]] = {
    "a cell without a file": (
        lambda course: write(course, check("test-square", TESTS), check("test-more", OTHER)),
        "cell test-more: has hidden tests without a file hidden/deep-learning-3/2-tanh/"
        "test-more.py. Write it from the notebook: course form --take 2-tanh",
    ),
    "a file for a cell without a region": (
        lambda course: write(
            course, code("test-square", unmarked(check("any", TESTS).source), grade=True, points=2)
        ),
        "cell test-square: has no hidden tests, but there is hidden/deep-learning-3/2-tanh/"
        "test-square.py. Mark their place: ### BEGIN HIDDEN TESTS, ### END HIDDEN TESTS",
    ),
    "a file for no cell": (
        lambda course: write(course, check("test-cube", TESTS)),
        "hidden/deep-learning-3/2-tanh/test-square.py is there, but no test cell of this name",
    ),
    "a file for a solution cell": (
        lambda course: save(file_of(course, "square"), TESTS),
        "hidden/deep-learning-3/2-tanh/square.py is there, but no test cell of this name",
    ),
    "two regions": (
        lambda course: write(
            course, check("test-square", f"{TESTS}{END}\nx = 1\n{BEGIN}\n{OTHER}")
        ),
        "cell test-square: has 2 regions of hidden tests, but a file holds one",
    ),
    "a marker in the file": (
        lambda course: save(file_of(course), f"{TESTS}{END}\n"),
        "test-square.py line 3: '### END HIDDEN TESTS' is a marker for notebooks. Remove the line",
    ),
    "a marker in a string of the file": (
        lambda course: save(file_of(course), 'print("BEGIN SOLUTION")\n'),
        "test-square.py line 1: 'print(\"BEGIN SOLUTION\")' is a marker for notebooks",
    ),
    "an empty file": (
        lambda course: save(file_of(course), " \n\n"),
        "test-square.py is empty. Write the tests, or remove the file",
    ),
    "a file in Latin-1": (
        lambda course: save(file_of(course), "expect(True, 'für')\n".encode("latin-1")),
        "test-square.py is not in UTF-8. Save it in UTF-8",
    ),
    "a line to the left of the marker": (
        lambda course: [file_of(course).rename(course.root / "away"), write(course, LEFT)],
        'cell test-square: line 4: \'left"""\' begins to the left of its hidden tests',
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_says_what_a_person_must_mend_and_changes_nothing(case: str, course: Course) -> None:
    write(course, check("test-square", TESTS))
    form(course, "--take")
    change, expected = WRONG[case]
    change(course)
    path = course.source / f"{NAME}.ipynb"
    for file in (course.root / "hidden").rglob("*.py"):
        saved_last(file, path)
    kept = {p: p.read_bytes() for p in course.root.rglob("*.*") if p.name != "handin.json"}
    for options in ((), ("--fix",)):
        ran = form(course, *options)
        assert ran.returncode == 1
        assert any(expected in line for line in said(ran)), ran.stdout
        assert all(file.read_bytes() == before for file, before in kept.items())


def test_a_file_of_no_notebook_is_named(course: Course) -> None:
    write(course, check("test-square", TESTS))
    form(course, "--take")
    for stray in ("test-loose.py", "5-gone/test-square.py", f"{NAME}/deep/test-square.py"):
        save(course.root / "hidden" / ASSIGNMENT / stray, TESTS)
    save(course.root / "hidden" / ASSIGNMENT / NAME / ".ipynb_checkpoints/test-square.py", TESTS)
    save(course.root / "hidden" / ASSIGNMENT / "README.md", "About these files.")
    lines = said(form(course))
    assert [line.partition(":")[0] for line in lines] == [
        "hidden/deep-learning-3/2-tanh/deep/test-square.py",
        "hidden/deep-learning-3/5-gone/test-square.py",
        "hidden/deep-learning-3/test-loose.py",
    ]
    assert all("belongs to no notebook. Move it" in line for line in lines)


def test_take_writes_only_what_is_a_test_with_a_name(course: Course) -> None:
    region = f"{BEGIN}\n{TESTS}{END}"
    path = write(
        course,
        code("solved", region, solution=True),
        code("outside", region, grade=True, points=1),
        code("twice", region, grade=True, points=1),
        code("twice", region, grade=True, points=1),
        code("unclosed", f"{BEGIN}\n{TESTS}", grade=True, points=1),
        code("half-closed", f"{region}\n{BEGIN}\n{TESTS}", grade=True, points=1),
        code("nested", f"{BEGIN}\n{region}", grade=True, points=1),
        check("empty", ""),
        check("test-square", TESTS),
    )
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"grade_id": "outside"', '"grade_id": "../../outside"'))
    form(course, "--take")
    assert [path.name for path in course.root.rglob("*.py")] == [
        "nbgrader_config.py",
        "test-square.py",
    ]


def test_nbgrader_releases_none_of_it(course: Course) -> None:
    path = write(course, check("test-square", OTHER))
    saved_last(save(file_of(course), TESTS), path)
    form(course, "--fix")
    notebook, _ = ClearHiddenTests().preprocess(cells.read_notebook(path), {})
    assert cells.by_grade_id(notebook)["test-square"].source == (
        "expect(square(2) == 4)\nprint('done')"
    )
    assert not any("hidden" in file.parts for file in course.handouts())


# The budget of what is read at a time


FORWARD = "test-tanh-forward"  # a cell of the contract


def warnings(course: Course) -> list[str]:
    lines = form(course).stdout.split("\n")
    return [line for line in lines if line.startswith("warning") and FORWARD in line]


def test_warns_of_many_lines_in_no_part_and_no_function(course: Course) -> None:
    write(course, check(FORWARD, "expect(True)\n" * 40))
    assert warnings(course) == []
    write(course, check(FORWARD, "expect(True)\n" * 41))
    (line,) = warnings(course)
    assert "takes 41 lines, more than 40, beside its parts and its functions" in line


def test_warns_of_a_part_that_takes_many_lines_to_read(course: Course) -> None:
    helper = "def {name}():\n" + "    expect(True)\n" * 29 + "\n\n"
    text = (
        helper.format(name="shared") + helper.format(name="long") + helper.format(name="deep")
    ).replace("def long():\n", "def long():\n    deep()\n") + (
        'with check.part(1, "short"):\n    shared()\n'
        'with check.part(1, "long"):\n    shared()\n    long()\n'
    )
    write(course, check(FORWARD, text))
    (line,) = warnings(course)  # 3 lines of its own, 31 of long, 30 of deep; shared is not counted
    assert "its part 'long' takes 64 lines, more than 40. Divide the part" in line


def test_a_function_that_says_what_it_shows_is_read_by_itself(course: Course) -> None:
    helper = 'def compare():\n    """All is right."""\n' + "    expect(True)\n" * 39
    part = 'with check.part(2, "long"):\n' + "    compare()\n" * 39
    write(course, check(FORWARD, helper + part))
    assert warnings(course) == []
    write(course, check(FORWARD, helper + "    expect(True)\n" + part))
    (line,) = warnings(course)
    assert "its function compare takes 41 lines, more than 40. Divide the function" in line


def test_every_hidden_region_of_this_course_has_its_file() -> None:
    """Without the files, nothing would lint the tests, and nobody would be told."""
    with_tests = {
        (path.stem, cells.grade_id(cell))
        for path in COURSE.notebooks()
        for cell in cells.read_notebook(path).cells
        if cells.kind(cell) == "test" and "BEGIN HIDDEN TESTS" in cell.source
    }
    folder = COURSE.root / "hidden" / ASSIGNMENT
    assert {(path.parent.name, path.stem) for path in folder.rglob("*.py")} == with_tests
    assert with_tests
