"""The release equals a fresh generation, and gives no solution, test or rubric away."""

import json
import shutil
from pathlib import Path

import pytest

from grader.authors.exercises import release
from grader.basics.errors import UserError
from grader.course import fingerprint, release_diff
from grader.course.directory import Course
from grader.nbgrader_app.opening import open_courses
from grader.notebooks import cells, imports
from tests.courses import COURSE, copy_of

NAME = "1-complexity.ipynb"


@pytest.fixture
def copy(small_course: Course, tmp_path: Path) -> Course:
    """A second copy, whose release a test changes."""
    return copy_of(small_course, tmp_path / "second")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_release_is_made_from_the_source(course: Course) -> None:
    assert release.run(course, check=True) == 0


def test_finds_a_changed_byte(copy: Course, small_course: Course) -> None:
    change(copy.release / NAME, "Replace this line", "Replace the line")
    found = release_diff.differences(small_course.release, copy.release)
    assert list(found) == [NAME]
    assert "first in the cell parameter-count" in found[NAME]


def test_finds_a_changed_handout(copy: Course, small_course: Course) -> None:
    change(copy.release / "checks.py", "import", "import ")
    found = release_diff.differences(small_course.release, copy.release)
    assert list(found) == ["checks.py"]
    assert "first in line" in found["checks.py"]


def test_finds_changed_metadata(copy: Course, small_course: Course) -> None:
    change(copy.release / NAME, '"Python 3 (ipykernel)"', '"Python 3"')
    assert list(release_diff.differences(small_course.release, copy.release)) == [NAME]


def test_finds_missing_and_extra_files(copy: Course, small_course: Course) -> None:
    (copy.release / "checks.py").unlink()
    (copy.release / "solutions.py").write_text("answer = 42\n")
    found = release_diff.differences(small_course.release, copy.release)
    assert found["checks.py"] == "is missing"
    assert "not made from anything" in found["solutions.py"]


def test_what_python_leaves_behind_does_not_count(copy: Course, small_course: Course) -> None:
    (copy.release / "__pycache__").mkdir()
    (copy.release / "__pycache__" / "checks.cpython-311.pyc").write_bytes(b"x")
    assert release_diff.differences(small_course.release, copy.release) == {}


def test_hidden_files_and_those_of_editors_are_no_notebooks_and_no_handouts(
    copy: Course, small_course: Course
) -> None:
    """Not in any fingerprint, nor in the release, not even where nbgrader copied them there."""

    def seen() -> tuple[object, ...]:
        prints = fingerprint.of_assignment(copy), fingerprint.of_environment(copy, copy.names()[0])
        return (*prints, copy.names(), copy.handouts(), imports.of_each(copy.source))

    before = seen()
    stem = Path(NAME).stem
    names = [f".{NAME}.swp", f"{NAME}~", f"#{NAME}#", ".DS_Store", f"._{NAME}", ".vim/checks.py"]
    for name in names:
        path = copy.source / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\0\5\x16\7")
    (copy.source.parent / ".trash").mkdir()
    assert seen() == before
    assert [course.names() for course in open_courses(copy.root)] == [[stem]]
    assert release.run(copy, check=True) == 0
    shutil.copytree(copy.source / ".vim", copy.release / ".vim")
    assert release_diff.differences(copy.source, small_course.source) == {}
    assert list(release_diff.differences(small_course.release, copy.release)) == [".vim/checks.py"]
    assert release.run(copy, check=False) == 0
    assert release_diff.differences(small_course.release, copy.release) == {}


def test_check_says_what_mends_it_and_release_mends_it(
    small_course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = (small_course.release / NAME).read_bytes()
    change(small_course.release / NAME, "YOUR CODE HERE", "YOUR CODE")
    assert release.run(small_course, check=True) == 1
    assert "course release" in capsys.readouterr().out
    assert release.run(small_course, check=False) == 0
    assert (small_course.release / NAME).read_bytes() == wanted
    assert not small_course.gradebook.exists()


def source_cells(course: Course, name: str = NAME) -> dict[str, cells.Parts]:
    notebook = cells.read_notebook(course.source / name)
    return {known: cells.parts(cell) for known, cell in cells.by_grade_id(notebook).items()}


def put_into_prose(course: Course, text: str) -> None:
    path = course.release / NAME
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["cells"][0]["source"] = [text]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_a_mistake_in_the_configuration_leaves_the_release_as_it_is(copy: Course) -> None:
    with copy.config.open("a") as config:
        config.write("\nc = \n")
    before = (copy.release / NAME).read_bytes()
    with pytest.raises(UserError, match="SyntaxError"):
        release.run(copy, check=False)
    assert (copy.release / NAME).read_bytes() == before


def test_what_the_configuration_loads_from_another_file_is_in_the_release(copy: Course) -> None:
    with copy.config.open("a") as config:
        config.write("\nload_subconfig('more.py')\n")
    (copy.root / "more.py").write_text("c.ClearSolutions.text_stub = 'Say it here.'\n")
    assert release.run(copy, check=False) == 0
    assert "Say it here." in (copy.release / NAME).read_text(encoding="utf-8")


def test_a_mistake_in_a_file_that_the_configuration_loads_is_told_with_its_name(
    copy: Course,
) -> None:
    with copy.config.open("a") as config:
        config.write("\nload_subconfig('more.py')\n")
    (copy.root / "more.py").write_text("1 / 0\n")
    with pytest.raises(UserError, match=r"^more\.py cannot be loaded: ZeroDivisionError"):
        release.run(copy, check=False)


@pytest.mark.parametrize(
    ("cell", "part"),
    [
        ("test-parameter-count", "hidden"),
        ("parameter-count", "solution"),
        ("explain-complexity", "solution"),
    ],
)
def test_finds_a_leak(cell: str, part: str, small_course: Course) -> None:
    assert release.find_leaks(small_course, small_course.release) == []
    secrets = release.secret_lines(small_course)
    lines = getattr(source_cells(small_course)[cell], part)
    line = next(line for line in lines if " ".join(line.split()) in secrets)
    put_into_prose(small_course, f"Hint: {line.strip()}")
    leaks = release.find_leaks(small_course, small_course.release)
    assert any(f"gives away 1-complexity, cell {cell}" in leak for leak in leaks)


def test_finds_a_leak_in_a_handout(small_course: Course) -> None:
    secret = next(iter(release.secret_lines(small_course)))
    with (small_course.release / "figures.py").open("a") as file:
        file.write(f"# {secret}\n")
    leaks = release.find_leaks(small_course, small_course.release)
    assert any(leak.startswith("figures.py gives away") for leak in leaks)


def test_finds_a_leak_in_an_output(small_course: Course) -> None:
    path = small_course.release / NAME
    notebook = json.loads(path.read_text(encoding="utf-8"))
    secret = next(line for line in release.secret_lines(small_course) if '"' not in line)
    code = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    code["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [secret]}]
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert release.find_leaks(small_course, small_course.release) != []


@pytest.mark.parametrize("marker", ["BEGIN SOLUTION", "END HIDDEN TESTS", "BEGIN MARK SCHEME"])
def test_finds_a_marker(marker: str, small_course: Course) -> None:
    put_into_prose(small_course, f"### {marker}")
    leaks = release.find_leaks(small_course, small_course.release)
    assert f"{NAME}, cell" in leaks[0]
    assert f"has the marker {marker}" in leaks[0]


def test_every_solution_test_and_rubric_has_secret_lines(course: Course) -> None:
    """Or else the search for leaks would look for nothing."""
    places = set(release.secret_lines(COURSE).values())
    for path in course.notebooks():
        for known, split in source_cells(course, path.name).items():
            if len("".join(split.hidden)) > 60 or len("".join(split.solution)) > 60:
                assert f"{path.stem}, cell {known}" in places
