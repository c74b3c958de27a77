"""`course new` makes an assignment that passes every step, or refuses with a sentence."""

import shutil
from pathlib import Path

import nbformat
import pytest

from grader.authors.exercises import canonical, form, new_assignment
from grader.course.directory import CONFIG, Course
from grader.nbgrader_app import commands, opening
from grader.notebooks import cells
from tests.courses import run_course

NAME = "week-2"
FOLDERS = ("source", "release", "answers", "hidden")


@pytest.fixture
def bare(tmp_path: Path) -> Course:
    """A course without an assignment, and without a setting."""
    course = Course(tmp_path / "bare", NAME)
    course.root.mkdir()
    course.config.write_text("c = get_config()\n")
    return course


def files(course: Course) -> dict[str, bytes]:
    return {
        path.relative_to(course.root).as_posix(): path.read_bytes()
        for path in course.root.rglob("*")
        if path.is_file()
    }


@pytest.mark.slow("elsewhere")
def test_in_a_course_that_has_others(small_course: Course) -> None:
    before = files(small_course)
    done = run_course(small_course, "new", NAME)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"then: course check --assignment {NAME}\n")
    after = files(small_course)
    assert {name: after[name] for name in before} == before
    new = {name for name in after if name not in before and name != ".nbgrader.log"}
    assert {tuple(name.split("/")[:2]) for name in new} == {(part, NAME) for part in FOLDERS}
    for words in (
        ["form", "--assignment", NAME],
        ["release", "--check", "--assignment", NAME],
        ["kit", "--check", "--assignment", NAME],
        ["lint", "--assignment", NAME],
        ["answers", "--assignment", NAME],
    ):
        done = run_course(small_course, *words)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "warning:" not in done.stdout


def test_it_has_one_of_each_kind_of_cell() -> None:
    (path,) = (new_assignment.TEMPLATES / "assignment" / "source").iterdir()
    notebook = cells.read_notebook(path)
    assert path.read_text(encoding="utf-8") == canonical.text_of(notebook)
    kinds = [kind for cell in notebook.cells if (kind := cells.kind(cell))]
    assert sorted(kinds) == ["manual", "solution", "test"]
    assert form.check_notebook(path) == []


def test_without_any_setting(bare: Course) -> None:
    assert run_course(bare, "new", NAME).returncode == 0
    assert '"to_answer": "YOUR ANSWER HERE"' in (bare.source / "handin.json").read_text()
    assert run_course(bare, "release", "--check").returncode == 0


def test_it_marks_regions_as_the_course_does_and_keeps_to_its_folders(bare: Course) -> None:
    with bare.config.open("a") as config:
        config.write('c.CourseDirectory.source_directory = "teachers"\n')
        for step, kind in (("Solutions", "solution"), ("HiddenTests", "test")):
            config.write(f"c.Clear{step}.begin_{kind}_delimeter = 'BEGIN \"{kind}\"'\n")
            config.write(f"c.Clear{step}.end_{kind}_delimeter = 'END \"{kind}\"'\n")
    done = run_course(bare, "new", NAME)
    assert done.returncode == 0, done.stderr
    course = opening.open_for(NAME, bare.root)
    assert course.source == bare.root / "teachers" / NAME
    (path,) = course.notebooks()
    solution = cells.by_grade_id(cells.read_notebook(path))["median"].source
    assert '### BEGIN "solution"' in solution and "BEGIN SOLUTION" not in solution
    assert (course.hidden / path.stem / "test-median.py").is_file()
    released = cells.by_grade_id(cells.read_notebook(course.release / path.name))
    assert "sorted" not in released["median"].source
    assert "hidden" not in released["test-median"].source


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "is empty"),
        ("a+b", "has '+' in it"),
        (" week", "begins or ends with a space"),
        ("week ", "begins or ends with a space"),
        ("a/b", "has '/' in it"),
        ("a\\b", "in it"),
        ("week[1]", "has '[' in it"),
        ("week:1", "has ':' in it"),
        ("..", "begins with a full stop"),
        (".week", "begins with a full stop"),
        ("week.", "ends with a full stop"),
    ],
)
def test_a_name_that_cannot_be_one(name: str, why: str, bare: Course) -> None:
    before = files(bare)
    done = run_course(bare, "new", name)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.splitlines()) == 1
    assert why in done.stderr and "as in week-1" in done.stderr
    assert files(bare) == before


@pytest.mark.parametrize("name", ["week-1", "Week 1", "과제-1", "1.5", "a_b"])
def test_a_name_that_can_be_one(name: str) -> None:
    new_assignment.check_name(name)


@pytest.mark.parametrize("part", FOLDERS)
def test_a_name_that_is_taken(part: str, bare: Course) -> None:
    (bare.root / part / NAME).mkdir(parents=True)
    done = run_course(bare, "new", NAME)
    assert done.returncode == 2
    said = f"course new: {part}/{NAME} is there already. Choose another name.\n"
    assert done.stderr == said
    assert not files(bare).keys() - {CONFIG, ".nbgrader.log"}


def test_a_course_whose_rules_it_breaks_is_left_as_it_was(bare: Course) -> None:
    with bare.config.open("a") as config:
        config.write(f"c.FormRules.points = {{{NAME!r}: 7}}\n")
    done = run_course(bare, "new", NAME)
    assert done.returncode == 2
    assert "the notebooks have 10 points, not 7 (c.FormRules.points)" in done.stderr
    assert not any((bare.root / part / NAME).exists() for part in FOLDERS)


def test_what_was_begun_is_gone_after_an_interrupt(
    bare: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "generate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        new_assignment.run(NAME, with_course=False, directory=bare.root)
    assert not any((bare.root / part / NAME).exists() for part in FOLDERS)


def test_a_course_of_its_own(tmp_path: Path) -> None:
    root = tmp_path / "Modern history, 1"
    root.mkdir()
    (root / ".gitignore").write_text("mine\n")
    course = Course(root, NAME)
    done = run_course(course, "new", NAME, "--course")
    assert (done.returncode, done.stderr) == (0, "")
    assert (root / ".gitignore").read_text() == "mine\n"
    assert '\nc.CourseDirectory.course_id = "Modern-history-1"\n' in course.config.read_text()
    assert run_course(course, "form").returncode == 0
    again = run_course(course, "new", "week-3", "--course")
    assert again.returncode == 2
    assert again.stderr.endswith("is a course already. Leave out --course.\n")
    assert run_course(course, "new", "week-3").returncode == 0


def test_a_course_in_a_directory_with_something_in_it(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("x")
    for options in (["--course"], []):
        done = run_course(Course(tmp_path, NAME), "new", NAME, *options)
        assert done.returncode == 2
        said = "is not empty" if options else "To start a course, in an empty directory:"
        assert said in done.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_hidden_tests_are_not_in_the_release(bare: Course) -> None:
    assert run_course(bare, "new", NAME).returncode == 0
    (path,) = bare.notebooks()
    text = (bare.release / path.name).read_text(encoding="utf-8")
    hidden = (bare.hidden / path.stem / "test-median.py").read_text(encoding="utf-8")
    assert "four numbers, and two" in hidden
    assert "four numbers, and two" not in text
    nbformat.validate(nbformat.reads(text, as_version=4))
    shutil.rmtree(bare.release)
    assert run_course(bare, "release").returncode == 0
    assert (bare.release / path.name).read_text(encoding="utf-8") == text
