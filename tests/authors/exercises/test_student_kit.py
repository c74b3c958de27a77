"""The student kit is written into an assignment; what an author changed there is kept."""

import json
from pathlib import Path

import pytest

from grader.authors.exercises import form, student_kit
from grader.course.directory import Course
from tests.courses import COURSE, run_course

FILES = ["checks.py", "handin.py", "handin_cells.py"]


def state(course: Course) -> dict[str, str]:
    return {copy.path.name: copy.state.value for copy in student_kit.copies(course)}


def warnings(course: Course) -> list[str]:
    return [str(each) for each in form.check(course) if each.notebook in FILES]


def edit(path: Path) -> str:
    text = path.read_text(encoding="utf-8") + "\n# mine\n"
    path.write_text(text, encoding="utf-8")
    return text


def test_this_course_has_the_kit() -> None:
    assert state(COURSE) == dict.fromkeys(FILES, "equal")
    assert warnings(COURSE) == []


def test_it_names_no_assignment() -> None:
    for master in student_kit.MASTER.glob("*.py"):
        text = master.read_text(encoding="utf-8")
        for word in (COURSE.assignment, "svhn", "the four", *COURSE.names()):
            assert word not in text, master.name


def test_what_is_missing_is_written(small_course: Course) -> None:
    for name in (*FILES, "handin.json"):
        (small_course.source / name).unlink()
    checked = run_course(small_course, "kit", "--check")
    assert checked.returncode == 1
    assert checked.stdout.count("is missing. To write it: course kit\n") == 3
    assert state(small_course) == dict.fromkeys(FILES, "missing")
    assert run_course(small_course, "kit").returncode == 0
    assert state(small_course) == dict.fromkeys(FILES, "equal")
    table = json.loads((small_course.source / "handin.json").read_bytes())
    assert list(table["notebooks"]) == small_course.names()


def test_a_change_of_the_authors_is_kept_until_they_say_otherwise(small_course: Course) -> None:
    path = small_course.source / "checks.py"
    changed = edit(path)
    (said,) = warnings(small_course)
    assert said.startswith("warning: checks.py: is not as this tool has it (at its end)")
    for options in ([], ["--check"]):
        told = run_course(small_course, "kit", *options)
        assert told.returncode == 1
        assert "To take the tool's: course kit --replace" in told.stdout
        assert path.read_text(encoding="utf-8") == changed
    assert run_course(small_course, "form", "--fix").returncode in (0, 1)
    assert path.read_text(encoding="utf-8") == changed
    for number in (1, 2):
        kept = f"backups/kit/{small_course.assignment}/checks-{number}.py"
        said = run_course(small_course, "kit", "--replace").stdout
        assert f"checks.py written; what was there is in {kept}\n" in said
        assert (small_course.root / kept).read_text(encoding="utf-8") == changed
        assert state(small_course)["checks.py"] == "equal"
        edit(path)


@pytest.mark.parametrize("options", [[], ["--replace"]])
def test_another_file_of_the_same_name_is_the_teachers(
    options: list[str], small_course: Course
) -> None:
    path = small_course.source / "checks.py"
    path.write_text('"""Checks of our own."""\n', encoding="utf-8")
    assert warnings(small_course) == []
    told = run_course(small_course, "kit", *options)
    assert told.returncode == 1
    assert "checks.py is no file of the kit. Rename it to have the kit's.\n" in told.stdout
    assert path.read_text(encoding="utf-8") == '"""Checks of our own."""\n'


def test_a_course_without_the_kit_is_not_asked_for_it(small_course: Course) -> None:
    for name in (*FILES, "handin.json"):
        (small_course.source / name).unlink()
    assert warnings(small_course) == []
    assert not any("handin" in str(finding) for finding in form.check(small_course))
