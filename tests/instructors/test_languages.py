"""A class in two languages: the same points, and each page in the language of its notebook."""

import csv
import re
import shutil
from pathlib import Path

import pytest
from nbformat import NotebookNode

from grader.authors.bank import answers
from grader.course.directory import Course
from grader.nbgrader_app import commands
from grader.notebooks import cells
from grader.translation import catalogue, edition
from tests.courses import ASSIGNMENT, COURSE, copy_of, filled_in, hand_in, line_of, run_course
from tests.gradebook.rows import scores

NAME = "1-complexity"
WRONG = {"growth-exponent": "growth_exponent = 3"}


def in_korean(course: Course) -> NotebookNode:
    """The notebook as a student gets it."""
    korean = catalogue.language(course.root, "ko")
    return edition.notebook(course.release / f"{NAME}.ipynb", korean)


def filled_in_korean(course: Course, **given: str) -> NotebookNode:
    return answers.fill_in(course, in_korean(course), NAME, given)


def without_a_cell(notebook: NotebookNode) -> NotebookNode:
    gone = "test-growth-exponent"
    notebook.cells = [cell for cell in notebook.cells if cells.grade_id(cell) != gone]
    return notebook


@pytest.fixture(scope="module")
def translated(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The small course with the real catalogue."""
    course = copy_of(released, tmp_path_factory.mktemp("languages") / "course")
    shutil.copytree(COURSE.root / catalogue.FOLDER, course.root / catalogue.FOLDER)
    return course


@pytest.fixture(scope="module")
def class_(translated: Course) -> Course:
    course = translated
    hand_in(course, "right-in-english", NAME, filled_in(course, NAME))
    hand_in(course, "right-in-korean", NAME, filled_in_korean(course))
    hand_in(course, "wrong-in-english", NAME, filled_in(course, NAME, **WRONG))
    hand_in(course, "wrong-in-korean", NAME, filled_in_korean(course, **WRONG))
    hand_in(course, "untouched-in-english", NAME, cells.read_notebook(released_path(course)))
    hand_in(course, "untouched-in-korean", NAME, in_korean(course))
    hand_in(course, "deleted-a-cell-in-korean", NAME, without_a_cell(filled_in_korean(course)))
    done = run_course(course, "grade")
    assert done.returncode == 0, done.stdout + done.stderr
    return course


def released_path(course: Course) -> Path:
    return course.release / f"{NAME}.ipynb"


@pytest.fixture
def course(class_: Course, tmp_path: Path) -> Course:
    """A copy of the graded class that a test may change."""
    return copy_of(class_, tmp_path / "course")


def page(course: Course, student: str) -> str:
    path = course.feedback / student / ASSIGNMENT / f"{NAME}.html"
    return path.read_text(encoding="utf-8")


def words(page: str) -> str:
    """What a page shows, on one line."""
    without_tags = re.sub(r"<(style|math)\b.*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    return " ".join(without_tags.split())


@pytest.mark.parametrize("what", ["right", "wrong", "untouched"])
def test_the_same_answers_get_the_same_points(class_: Course, what: str) -> None:
    english, korean = (scores(class_, f"{what}-in-{each}") for each in ("english", "korean"))
    assert english
    assert korean == english


def test_a_page_is_in_the_language_of_its_notebook(class_: Course) -> None:
    assert '<html lang="ko">' in page(class_, "right-in-korean")
    assert '<html lang="en">' in page(class_, "right-in-english")


def test_a_korean_page_says_nothing_in_english_that_can_be_said_in_korean(class_: Course) -> None:
    (korean,) = [each for each in catalogue.languages_of_tool() if each.code == "ko"]
    students = [each.name for each in class_.submitted.iterdir() if "korean" in each.name]
    assert len(students) == 4
    for student in students:
        shown = words(page(class_, student))
        english = [
            text
            for text, put in korean.texts.items()
            if text != put and len(text.split()) > 2 and " ".join(text.split()) in shown
        ]
        assert english == []


def test_the_message_of_a_hidden_test_is_in_korean_with_its_number(class_: Course) -> None:
    english, korean = (words(page(class_, f"wrong-in-{each}")) for each in ("english", "korean"))
    assert "growth_exponent = 3 would mean" in english
    assert "would mean" not in korean
    assert "growth_exponent = 3" in korean


def test_an_answer_that_is_left_as_it_was_is_known_in_both(class_: Course) -> None:
    assert "No answer" in words(page(class_, "untouched-in-english"))
    assert catalogue.language(class_.root, "ko").texts["No answer"] in words(
        page(class_, "untouched-in-korean")
    )


def test_what_was_done_to_a_notebook_is_said_in_its_language(class_: Course) -> None:
    shown = words(page(class_, "deleted-a-cell-in-korean"))
    assert "테스트 셀 test-growth-exponent" in shown
    assert "it was put back" not in shown


def test_a_student_may_change_the_language_in_the_middle(course: Course) -> None:
    before = scores(course, "right-in-korean")
    hand_in(course, "right-in-korean", NAME, filled_in(course, NAME))
    assert run_course(course, "grade").returncode == 0
    assert scores(course, "right-in-korean") == before
    assert '<html lang="en">' in page(course, "right-in-korean")


def test_a_setting_gives_all_pages_one_language(course: Course) -> None:
    with course.config.open("a", encoding="utf-8") as config:
        config.write('\nc.Course.language = "ko"\n')
    done = run_course(course, "grade", "--student", "right-in-english")
    assert done.returncode == 0, done.stdout
    assert '<html lang="ko">' in page(course, "right-in-english")


def test_a_better_translation_grades_again_what_is_in_that_language_alone(course: Course) -> None:
    path = catalogue.of_course(course.root, "ko")
    text = path.read_text(encoding="utf-8")
    heading = 'msgid "## The network"\nmsgstr "'
    path.write_text(text.replace(heading, f"{heading}## "), encoding="utf-8")
    printed = run_course(course, "grade").stdout
    assert "right-in-korean, " in printed
    assert "right-in-english, " not in printed


def test_a_broken_catalogue_stops_grading_before_it_begins(course: Course) -> None:
    catalogue.of_course(course.root, "ko").write_text("this is no catalogue\n", encoding="utf-8")
    done = run_course(course, "grade", "--force")
    assert done.returncode == 2
    assert "cannot be read as a PO file" in done.stderr
    assert "Traceback" not in done.stderr


def test_nbgraders_own_command_grades_it_in_its_language(course: Course) -> None:
    before = scores(course, "untouched-in-korean")
    own = course.submission("untouched-in-korean")
    (own / "svhn.py").write_text("# of the student's own\n")
    handed_in = {path.name: path.read_bytes() for path in own.iterdir()}
    commands.nbgrader(
        course, "autograde", ASSIGNMENT, "--student", "untouched-in-korean", "--force"
    )
    assert {path.name: path.read_bytes() for path in own.iterdir()} == handed_in
    assert scores(course, "untouched-in-korean") == before
    executed = cells.read_notebook(course.executed("untouched-in-korean", NAME))
    test = cells.by_grade_id(executed)["test-growth-exponent"]
    assert re.search("[가-힣]", test.source)
    told = "".join(each.get("text", "") or each.get("evalue", "") for each in test.outputs)
    assert told.startswith("실패 (")


def test_the_table_is_for_instructors_and_in_english(class_: Course) -> None:
    printed = run_course(class_, "grade").stdout
    assert line_of(printed, "right-in-korean ") == "right-in-korean 9 9 1 cell"


def test_a_language_that_the_course_has_not_is_refused(course: Course) -> None:
    with course.config.open("a", encoding="utf-8") as config:
        config.write('\nc.Course.language = "kr"\n')
    done = run_course(course, "grade", "--force")
    assert done.returncode == 2
    assert "The course has no translation into 'kr'" in done.stderr


def test_an_answer_that_is_left_as_it_was_is_no_group_of_answers(class_: Course) -> None:
    said = run_course(class_, "explanations")
    assert said.returncode == 0, said.stderr
    with (class_.root / "explanations.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    groups = {row["student"]: row["group"] for row in rows}
    assert groups["untouched-in-korean"] == groups["untouched-in-english"] == "unchanged"
