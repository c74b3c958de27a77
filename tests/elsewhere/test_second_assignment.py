"""A course of two assignments that names its folders, its gradebook and its markers otherwise."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grader.course.directory import Course, Places
from grader.nbgrader_app import opening
from tests.courses import run_course
from tests.elsewhere.making import (
    TWO_LINES,
    answer,
    code,
    found_by_doctor,
    notebook,
    scores,
    write,
)
from tests.instructors.watch.watching import watching
from tests.running import eventually, temporary_directory

_CONFIG = f"""\
c = get_config()
{TWO_LINES}
c.CourseDirectory.course_id = "own"
c.CourseDirectory.source_directory = "teachers"
c.CourseDirectory.release_directory = "out"
c.CourseDirectory.submitted_directory = "in"
c.CourseDirectory.autograded_directory = "run"
c.CourseDirectory.feedback_directory = "back"
c.CourseDirectory.db_url = "sqlite:///{{gradebook}}"
c.ClearSolutions.begin_solution_delimeter = "# SOLUTION"
c.ClearSolutions.end_solution_delimeter = "# END OF SOLUTION"
c.ClearHiddenTests.begin_test_delimeter = "# SECRET"
c.ClearHiddenTests.end_test_delimeter = "# END OF SECRET"
"""
_PLACES = Places("teachers", "out", "in", "run", "back")
_SOLUTION = "def double(x):\n    # SOLUTION\n    return 2 * x\n    # END OF SOLUTION"
_STUB = "    raise NotImplementedError()"
_TEST = "assert double(1) == 2\n# SECRET\nassert double(4) == {eight}\n# END OF SECRET"
_READ = "int(Path('data/eight.txt').read_text())"
_BOTH = (("first", "second"), ("second", "first"))
_WORK = {"right": "    return x + x", "wrong": "    return x + 1", "untouched": _STUB}


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Two tiny notebooks of the same name; the first reads a handout in a subfolder."""
    place = tmp_path_factory.mktemp("two")
    gradebook = place / "elsewhere" / "grades.db"
    gradebook.parent.mkdir()
    course = Course(place / "course", "first", _PLACES, ("second",))
    for assignment, eight in (("first", _READ), ("second", "8")):
        content = notebook(
            code("from pathlib import Path", "imports"),
            code(_SOLUTION, "double", solution=True),
            code(_TEST.format(eight=eight), "test-double", 3),
            answer("Why is it so?", "why", 2),
        )
        write(course.root / "teachers" / assignment / "double.ipynb", content)
    (course.source / "data").mkdir()
    (course.source / "data" / "eight.txt").write_text("8")
    course.config.write_text(_CONFIG.format(gradebook=gradebook))
    done = run_course(course, "release")
    assert done.returncode == 0, done.stdout + done.stderr
    for assignment in ("first", "second"):
        released = course.root / "out" / assignment
        text = (released / "double.ipynb").read_text(encoding="utf-8")
        assert _STUB in text
        assert "SECRET" not in text
        for student, line in _WORK.items():
            hand_in(course, assignment, course.root / "in" / student / assignment, line)
    shutil.rmtree(course.root / "in" / "untouched" / "second")
    done = run_course(course, "grade")
    assert done.returncode == 0, done.stdout + done.stderr
    return course


def ungraded(two: Course, place: Path) -> Course:
    """A copy of the course, with a gradebook of its own that is not there yet."""
    course = replace(two, root=place / "course")
    shutil.copytree(two.root, course.root)
    text = course.config.read_text(encoding="utf-8")
    moved = text.replace(str(two.root.parent / "elsewhere"), str(place))
    course.config.write_text(moved, encoding="utf-8")
    return course


def hand_in(course: Course, assignment: str, folder: Path, line: str = _WORK["right"]) -> None:
    """Put what students get into a folder, with a line in the place of the stub."""
    released = course.root / "out" / assignment
    shutil.copytree(released, folder)
    text = (released / "double.ipynb").read_text(encoding="utf-8")
    (folder / "double.ipynb").write_text(text.replace(_STUB, line), encoding="utf-8")


@pytest.fixture
def gradebook(two: Course) -> Path:
    return two.root.parent / "elsewhere" / "grades.db"


def test_the_places_and_the_assignments_are_those_of_the_configuration(two: Course) -> None:
    first, second = opening.open_courses(two.root)
    assert first == two
    assert second == Course(two.root, "second", _PLACES, ("first",))


def test_both_are_graded_into_the_one_gradebook(two: Course, gradebook: Path) -> None:
    found = scores(gradebook)
    points = {key[:2]: auto for key, (auto, _) in found.items() if key[3] == "test-double"}
    assert points == {
        ("right", "first"): 3.0,
        ("right", "second"): 3.0,
        ("wrong", "first"): 0.0,
        ("wrong", "second"): 0.0,
        ("untouched", "first"): 0.0,
    }
    made = {path.name for path in two.root.iterdir()}
    assert made >= {"teachers", "out", "in", "run", "back"}
    assert not made & {"source", "release", "submitted", "autograded", "feedback", "gradebook.db"}
    for assignment in ("first", "second"):
        assert (two.root / "back" / "right" / assignment / "double.html").is_file()


def test_a_second_run_finds_nothing_new_in_either(two: Course) -> None:
    done = run_course(two, "grade")
    assert done.returncode == 0, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    assert "3 unchanged, 0 in need of attention" in said
    assert "2 unchanged, 0 in need of attention" in said


@pytest.mark.slow("elsewhere")
def test_each_has_a_log_of_its_own(two: Course) -> None:
    assert run_course(two, "grade", "--force", "--no-feedback").returncode == 0
    for assignment in ("first", "second"):
        log = (two.root / f"grading-{assignment}.log").read_text(encoding="utf-8")
        assert "[right, double] begins" in log


def test_who_handed_in_only_one_is_no_trouble(two: Course) -> None:
    assert "untouched" not in run_course(two, "grade", "--assignment", "second").stdout


@pytest.mark.parametrize("step", ["report", "explanations", "regrade"])
def test_a_step_for_one_assignment_asks_for_which(step: str, two: Course) -> None:
    done = run_course(two, step)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"course {step}: There are several assignments: first, second." in done.stderr
    assert f"course {step} --assignment first" in done.stderr


def test_what_is_made_for_one_has_its_name(two: Course) -> None:
    for assignment in ("first", "second"):
        done = run_course(two, "report", "--assignment", assignment)
        assert done.returncode == 0, done.stderr
        page = (two.root / f"report-{assignment}" / "report.html").read_text(encoding="utf-8")
        assert f"{assignment}" in page
        done = run_course(two, "explanations", "--assignment", assignment)
        assert done.returncode == 0, done.stderr
        assert (two.root / f"explanations-{assignment}.html").is_file()
        assert (two.root / f"explanations-{assignment}.csv").is_file()


def test_an_unknown_assignment_is_told(two: Course) -> None:
    done = run_course(two, "grade", "--assignment", "third")
    assert done.returncode == 2
    assert "There is no assignment third. There are: first, second" in done.stderr


@pytest.mark.slow("elsewhere")
def test_the_doctor_looks_at_both(two: Course) -> None:
    done = run_course(two, "doctor")
    assert found_by_doctor(done.stdout) == ["packages", "packages"], done.stdout + done.stderr


def test_what_cannot_be_read_in_one_does_not_stop_the_other(two: Course, tmp_path: Path) -> None:
    course = ungraded(two, tmp_path)
    (course.source / "double.ipynb").write_text("no notebook", encoding="utf-8")
    done = run_course(course, "grade")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "course grade, first:" in done.stderr
    assert "Traceback" not in done.stderr
    found = {key[1] for key in scores(tmp_path / "grades.db")}
    assert found == {"second"}


@pytest.mark.slow("elsewhere")
def test_one_watch_grades_what_comes_for_either(two: Course, tmp_path: Path) -> None:
    course = ungraded(two, tmp_path)
    for name in ("in", "run", "back"):
        shutil.rmtree(course.root / name)
    shared = tmp_path / "shared"
    both = [replace(course, assignment=own, others=(other,)) for own, other in _BOTH]
    for each in both:
        (shared / each.assignment).mkdir(parents=True)
    with (
        temporary_directory() as temporary,
        watching(course, temporary, "--collect", str(shared / "{assignment}")) as process,
    ):
        for each in both:
            hand_in(each, each.assignment, each.submission("ada"))
        hand_in(course, "second", shared / "second" / "bob", _WORK["wrong"])
        for each in both:
            eventually("ada's page", (each.pages("ada") / "double.html").is_file)
        eventually("bob's page", (both[1].pages("bob") / "double.html").is_file)
        process.sleeps()
        done = run_course(course, "watch", "--status")
        assert done.returncode == 0, done.stdout
        first, second = done.stdout.split("Assignment second\n")
        assert first.startswith("Assignment first\n")
        assert "graded   1 submission\n" in first and "graded   2 submissions\n" in second
        # Grading by hand has the course in between.
        done = run_course(course, "grade")
        assert done.returncode == 0 and done.stdout.count(" 0 in need of attention") == 2
        done = run_course(course, "watch", "--assignment", "second")
        assert done.returncode == 2
        assert "Another course watch looks after second." in done.stderr
    found = scores(tmp_path / "grades.db")
    points = {key[:2]: auto for key, (auto, _) in found.items() if key[3] == "test-double"}
    right = dict.fromkeys([("ada", "first"), ("ada", "second")], 3.0)
    assert points == {**right, ("bob", "second"): 0.0}
    for each, told in zip(both, (1, 2), strict=True):
        log = each.made("watch.log").read_text(encoding="utf-8")
        assert log.count("double] begins") == told


def test_a_folder_says_which_assignment_comes_into_it(two: Course, tmp_path: Path) -> None:
    done = run_course(two, "watch", "--drop", str(tmp_path))
    assert done.returncode == 2
    assert f"Which assignment is {tmp_path} for? Write {{assignment}}" in done.stderr
