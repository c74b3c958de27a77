"""The course that `nbgrader quickstart` makes, with two lines more in its configuration.

Its assignment is that of nbgrader's guide, with the guide's two students: a task, answers graded by
a person, and a test that takes a learner's function away and puts it back.
"""

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from grader.course.directory import Course
from grader.nbgrader_app import commands
from tests.courses import copy_of, run_course
from tests.elsewhere.making import GUIDE, TWO_LINES, found_by_doctor, scores, stock

JUDGES = (pytest.param("together", marks=pytest.mark.slow("elsewhere")), "apart")


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """As nbgrader makes it; students' work has come."""
    place = tmp_path_factory.mktemp("quickstart")
    subprocess.run(
        commands.command("quickstart", "course101"),
        cwd=place,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    shutil.copytree(GUIDE / "submitted", place / "course101" / "submitted")
    return Course(place / "course101", "ps1")


@pytest.fixture(scope="module")
def by_stock(
    quickstart: Course, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, ...], tuple[float | None, bool]]:
    """What nbgrader itself gives."""
    course = copy_of(quickstart, tmp_path_factory.mktemp("stock") / "course")
    stock(course.root, "ps1")
    return scores(course.gradebook)


@pytest.fixture(scope="module", params=JUDGES)
def graded(
    request: pytest.FixtureRequest, quickstart: Course, tmp_path_factory: pytest.TempPathFactory
) -> Course:
    """Graded by `course grade`, with the tests beside the code or apart."""
    course = copy_of(quickstart, tmp_path_factory.mktemp(request.param) / "course")
    text = course.config.read_text(encoding="utf-8")
    lines = f"{TWO_LINES}c.SandboxedExecute.judge = {request.param!r}\n"
    text = text.replace("c = get_config()\n", f"c = get_config()\n{lines}", 1)
    course.config.write_text(text, encoding="utf-8")
    done = run_course(course, "grade")
    assert done.returncode == 0, done.stdout + done.stderr
    return course


@pytest.mark.slow("elsewhere")
def test_each_cell_has_the_score_of_stock_nbgrader(
    graded: Course, by_stock: dict[tuple[str, ...], tuple[float | None, bool]]
) -> None:
    assert len(by_stock) == 18
    assert {auto for auto, _ in by_stock.values()} == {None, 0.0, 0.5, 1.0}
    assert scores(graded.gradebook) == by_stock


def test_each_student_has_the_points_that_the_guide_gives(graded: Course) -> None:
    points: dict[str, float] = {}
    for (student, *_), (auto, _) in scores(graded.gradebook).items():
        points[student] = points.get(student, 0) + (auto or 0)
    assert points == {"bitdiddle": 1.5, "hacker": 3.0}


def test_each_student_has_pages(graded: Course) -> None:
    for student in ("bitdiddle", "hacker"):
        made = {path.stem for path in graded.pages(student).glob("*.html")}
        assert made == {"problem1", "problem2"}
    page = (graded.pages("bitdiddle") / "problem1.html").read_text(encoding="utf-8")
    assert "correct_squares" in page


def test_the_report_and_the_answers_need_no_release(graded: Course) -> None:
    assert not graded.release.exists()
    done = run_course(graded, "report")
    assert done.returncode == 0, done.stderr
    assert (graded.root / "report" / "report.html").is_file()
    done = run_course(graded, "explanations")
    assert done.returncode == 0, done.stderr
    assert "problem2, part-a: 2 answers in 2 groups" in done.stdout
    task = "problem1, cell-938593c4a215c6cc: a task, 2 waiting"
    assert task in done.stdout


def test_points_of_a_table_are_written(graded: Course) -> None:
    assert run_course(graded, "explanations").returncode == 0
    table = graded.root / "explanations.csv"
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["exercise"] == "part-a":
            row["points"] = "0.5"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done = run_course(graded, "explanations", "--apply", "explanations.csv")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Written: 2 answers" in done.stdout
    waiting = [key for key, (_, waits) in scores(graded.gradebook).items() if waits]
    assert ("hacker", "ps1", "problem2", "part-a") not in waiting


@pytest.mark.slow("elsewhere")
def test_nothing_is_graded_twice_and_a_changed_test_is(graded: Course, tmp_path: Path) -> None:
    course = copy_of(graded, tmp_path / "course")
    again = " ".join(run_course(course, "grade").stdout.split())
    assert "4 unchanged, 0 in need of attention" in again
    path = course.source / "problem1.ipynb"
    text = path.read_text(encoding="utf-8")
    assert "assert squares(2) == [1, 4]" in text
    path.write_text(text.replace("squares(2) == [1, 4]", "squares(2) == [0, 1]"), encoding="utf-8")
    done = run_course(course, "regrade")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "hacker" in done.stdout
    assert "Nothing is written" in done.stdout
    assert run_course(course, "regrade", "--write").returncode == 0
    key = ("hacker", "ps1", "problem1", "correct_squares")
    assert scores(graded.gradebook)[key] == (1.0, False)
    assert scores(course.gradebook)[key] == (0.0, False)


def test_a_folder_of_work_is_collected(graded: Course, tmp_path: Path) -> None:
    course = copy_of(graded, tmp_path / "course")
    for student in ("reasoner", "lem"):
        shutil.copytree(GUIDE / "submitted" / "hacker" / "ps1", tmp_path / "came" / student)
    done = run_course(course, "collect", str(tmp_path / "came"))
    assert done.returncode in (0, 1), done.stdout + done.stderr
    assert (course.submission("reasoner") / "problem1.ipynb").is_file()
    assert run_course(course, "grade", "--no-feedback").returncode in (0, 1)
    found = scores(course.gradebook)
    of_hacker = {key[1:]: value for key, value in found.items() if key[0] == "hacker"}
    of_reasoner = {key[1:]: value for key, value in found.items() if key[0] == "reasoner"}
    assert {key: auto for key, (auto, _) in of_reasoner.items()} == {
        key: auto for key, (auto, _) in of_hacker.items()
    }


def test_the_doctor_finds_nothing_wrong(graded: Course) -> None:
    done = run_course(graded, "doctor")
    assert found_by_doctor(done.stdout) == ["packages"], done.stdout + done.stderr
    assert "! look  packages      no requirements.txt pins them" in done.stdout
