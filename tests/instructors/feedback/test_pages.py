"""Pages of feedback: what they tell is what the gradebook holds, by either program."""

import html
import itertools
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import html5lib  # type: ignore[import-untyped]
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash

from grader.course.directory import Course
from grader.nbgrader_app import commands
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, copy_of, run_course
from tests.instructors.feedback.world import NAME, TEXT, page_of, secret_of

STUDENTS = ("all-right", "exponent-three", "hostile", "no-biases", "untouched")
NOT_GRADED = ("broken-off", "other-notebook")
MOST_BYTES = 200_000  # without pictures


def summary_of(page: str) -> str:
    return page[: page.index('id="notebook"')]


def text_of(page: str) -> str:
    """What a reader sees of a piece of a page, spaces evened out."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def section(page: str, name: str) -> str:
    """The text of a part of the summary; "" if it is not there."""
    found = re.search(rf'<section id="{name}">(.*?)</section>', summary_of(page), re.DOTALL)
    return text_of(found[1]) if found else ""


def rows(page: str) -> dict[str, tuple[str, str]]:
    """The table of points: result and points by cell."""
    table = re.search(r'<section id="points">.*?<tbody>(.*?)</tbody>', page, re.DOTALL)
    assert table
    found = {}
    for row in re.findall(r"<tr>(.*?)</tr>", table[1], re.DOTALL):
        link = re.search(r'href="#cell-([^"]*)"', row)
        result, points = (text_of(cell) for cell in re.findall(r"<td.*?</td>", row, re.DOTALL))
        found[link[1] if link else text_of(row)] = (result, points)
    return found


def without_times(page: str) -> str:
    return re.sub(r"[\d.]+ ms", "", page)


@pytest.mark.parametrize("student", STUDENTS)
def test_points_are_those_of_the_gradebook(student: str, class_: Course) -> None:
    page = page_of(class_, student)
    with Gradebook(f"sqlite:///{class_.gradebook}", "deep-learning") as gradebook:
        notebook = gradebook.find_submission_notebook(NAME, ASSIGNMENT, student)
        grades = {grade.name: (grade.score, grade.max_score) for grade in notebook.grades}
        total = notebook.score - (notebook.late_submission_penalty or 0)
    shown = {name: points.split(" ")[0:3] for name, (_, points) in rows(page).items()}
    for name, (score, most) in grades.items():
        assert shown[name] == [f"{score:g}", "/", f"{most:g}"]
    assert f"{total:g} of 15 points" in text_of(page)


@pytest.mark.parametrize(
    ("student", "cell", "result"),
    [
        ("all-right", "test-growth-exponent", "✓ Passed"),
        ("all-right", TEXT, "… Waits for a person"),
        ("exponent-three", "test-growth-exponent", "✗ Not passed"),
        ("exponent-three", TEXT, "✎ Graded by a person"),
        ("no-biases", "test-parameter-count", "◐ Partly passed"),
        ("untouched", "test-parameter-count", "✗ Not passed"),
        ("untouched", TEXT, "– No answer"),
        ("hostile", "test-growth-exponent", "✓ Passed"),
    ],
)
def test_results_are_told_in_words(student: str, cell: str, result: str, class_: Course) -> None:
    assert rows(page_of(class_, student))[cell][0] == result


def test_what_failed_comes_with_the_sentence_that_says_where_to_look(class_: Course) -> None:
    said = section(page_of(class_, "exponent-three"), "look")
    assert "Not passed (2 points): growth_exponent is the right power hidden test" in said
    assert "Compare with the counts at depth 20 and depth 40." in said
    assert "Passed here: growth_exponent is a whole number." in said
    assert "count the parameters" not in said


def test_one_mistake_is_told_once(class_: Course) -> None:
    said = section(page_of(class_, "untouched"), "look")
    assert said.count("Not passed") == 8
    assert said.count("Not filled in yet: parameter_count.") == 1
    assert said.count("Not filled in yet: step_multiplications.") == 1
    assert "The cell holds no answer of yours." in said


def test_a_right_notebook_hears_that_it_is_right(class_: Course) -> None:
    page = page_of(class_, "all-right")
    assert section(page, "look") == "What to look at All tests passed."
    assert "6 points of these wait for a person" in text_of(summary_of(page))
    assert section(page, "waits").endswith("Exercise 1.4: explain it (6 points)")
    assert not section(page, "notes") and not section(page, "comments")


def test_a_cell_that_grading_skips_says_so(class_: Course) -> None:
    page = page_of(class_, "all-right")
    shown = ["".join(text_of(cell).split()) for cell in page.split('<div class="fb-cell ')]
    told = "Notruningrading:nopointsdependonit."
    for code, times in (("perf_counter()", 1), ("axes.legend()", 1), ("fordepthin[5,10", 0)):
        (cell,) = (each for each in shown if code in each)
        assert cell.count(told) == times


def test_what_a_person_gave(class_: Course) -> None:
    page = page_of(class_, "exponent-three")
    said = section(page, "comments")
    assert "Do not use a clock. Go to the cell that this is about" in said
    assert "Say why a pass gets longer: 2 · 2 ways." in said
    assert 'href="#cell-growth-exponent"' in page and 'id="cell-growth-exponent"' in page
    assert "You handed in late: 1 point is taken off." in text_of(page)
    assert rows(page)["test-parameter-count"][1] == "3.5 / 3 +0.5 extra"
    assert not section(page, "waits")


def test_what_was_done_to_the_notebook(class_: Course) -> None:
    said = section(page_of(class_, "hostile"), "notes")
    assert "The test cell test-growth-exponent was missing; it was put back and run." in said


@pytest.mark.parametrize(
    ("student", "reason", "what_to_do"),
    [
        (
            "broken-off",
            "The file is broken off: its end is missing",
            "Then open the notebook in Jupyter",
        ),
        ("other-notebook", f"holds no cell of {NAME}", "Give your file its name"),
    ],
)
def test_a_notebook_that_could_not_be_graded_has_a_page_that_says_why(
    student: str, reason: str, what_to_do: str, class_: Course
) -> None:
    page = page_of(class_, student)
    said = text_of(page[page.index("<body>") :])
    assert "Not graded" in said
    assert reason in said and what_to_do in said and "python handin.py" in said
    assert "ask the student" not in said
    assert 'id="notebook"' not in page and 'href="#' not in page
    assert "wait" not in said and "All tests passed" not in said
    beside = class_.feedback / student / ASSIGNMENT / "submission_secret.txt"
    assert beside.read_text() == secret_of(student)  # by which nbgrader can release it
    assert not (class_.autograded / student / ASSIGNMENT).exists()


@pytest.mark.parametrize("student", STUDENTS)
def test_links_lead_to_their_cells(student: str, class_: Course) -> None:
    page = page_of(class_, student)
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    links = set(re.findall(r'href="#([^"]*)"', page))
    assert {f"cell-{name}" for name in ("test-parameter-count", TEXT)} <= links
    assert links <= set(ids)


@pytest.mark.parametrize("student", STUDENTS)
def test_the_page_is_valid_and_small(student: str, class_: Course) -> None:
    page = page_of(class_, student)
    html5lib.HTMLParser(strict=True).parse(page)  # raises at the first error
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">')
    levels = [int(level) for level in re.findall(r"<h([1-6])>", page)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels))
    assert len(re.sub(r"data:image/[^\"]*", "", page)) < MOST_BYTES


def hidden_lines(course: Course) -> list[str]:
    """Lines of the hidden tests that students must not read."""
    source = cells.read_notebook(course.source / f"{NAME}.ipynb")
    (cell,) = (c for c in source.cells if c.id == "test-growth-exponent")
    hidden = cell.source.partition("BEGIN HIDDEN TESTS")[2].partition("### END")[0]
    return [line.strip() for line in hidden.splitlines() if len(line.strip()) > 12]


@pytest.mark.parametrize("student", STUDENTS)
def test_the_source_of_hidden_tests_is_not_in_the_page(student: str, class_: Course) -> None:
    page = text_of(page_of(class_, student))
    lines = hidden_lines(class_)
    assert len(lines) > 5
    assert [line for line in lines if " ".join(line.split()) in page] == []
    assert "HIDDEN TESTS" not in page


@pytest.fixture(scope="module")
def by_nbgrader(class_: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The same class, after `nbgrader generate_feedback`."""
    course = copy_of(class_, tmp_path_factory.mktemp("by-nbgrader") / "course")
    commands.nbgrader(course, "generate_feedback", ASSIGNMENT, "--force")
    return course


@pytest.mark.parametrize("student", STUDENTS)
def test_nbgrader_makes_the_same_pages(student: str, by_nbgrader: Course, class_: Course) -> None:
    assert page_of(by_nbgrader, student) == page_of(class_, student)


@pytest.mark.parametrize("by", ["course", "nbgrader"])
def test_pages_are_released_to_the_exchange(
    by: str, class_: Course, by_nbgrader: Course, tmp_path: Path
) -> None:
    """A page lies there under a name that only its student's account can find out."""
    exchange = tmp_path / "exchange"
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    command = ("release_feedback", ASSIGNMENT, f"--Exchange.root={exchange}")
    commands.nbgrader(class_ if by == "course" else by_nbgrader, *command)
    released = {path.stem: path.read_text(encoding="utf-8") for path in exchange.rglob("*.html")}
    assert released == {
        notebook_hash(secret=secret_of(student), notebook_id=NAME): page_of(class_, student)
        for student in (*STUDENTS, *NOT_GRADED)
    }


@pytest.mark.parametrize(
    ("policy", "shows", "hides"),
    [
        ("source", ["is the right power", "power == 2", "depth 20 and depth 40"], []),
        ("nothing", ["growth_exponent is a whole number", "0 of 2 points"],
         ["is the right power", "power == 2", "depth 20 and depth 40"]),
    ],
)  # fmt: skip
def test_the_instructor_sets_what_is_shown_of_hidden_tests(
    policy: str, shows: list[str], hides: list[str], by_nbgrader: Course, tmp_path: Path
) -> None:
    course = copy_of(by_nbgrader, tmp_path / "course")
    with course.config.open("a", encoding="utf-8") as file:
        file.write(f'\nc.FeedbackPolicy.hidden_tests = "{policy}"\n')
    command = ("generate_feedback", ASSIGNMENT, "--force", "--student", "exponent-three")
    commands.nbgrader(course, *command)
    page = text_of(page_of(course, "exponent-three"))
    assert [text for text in shows if text not in page] == []
    assert [text for text in hides if text in page] == []


HIDDEN = ["is the right power", "power == 2", "depth 20 and depth 40"]


@pytest.mark.parametrize(
    ("level", "shows", "hides"),
    [
        (
            "nothing",
            ["1. How run time grows with depth Received Results are shown after the due date"],
            [
                "growth_exponent",
                "Visible checks",
                "Points",
                "points",
                "Do not use a clock",
                *HIDDEN,
            ],
        ),
        (
            "visible",
            ["Checked", "Visible checks passed", "growth_exponent is a whole number", "after the"],
            ["of 15 points", "/\N{NO-BREAK SPACE}", "0 of 2", "Not passed", "Partly", *HIDDEN],
        ),
        ("points", ["0 of 2 points", "growth_exponent is a whole number", "Not passed"], HIDDEN),
        ("message", ["0 of 2 points", "is the right power"], ["power == 2"]),
    ],
)
def test_the_instructor_sets_what_is_shown_before_the_due_date(
    level: str, shows: list[str], hides: list[str], by_nbgrader: Course, tmp_path: Path
) -> None:
    course = copy_of(by_nbgrader, tmp_path / "course")
    page = page_by_policy(course, before_due=level)  # without a due date, it is always before it
    assert [text for text in shows if text not in page] == []
    assert [text for text in hides if text in page] == []


def test_after_the_due_date_with_its_extension_pages_show_what_is_set_for_then(
    by_nbgrader: Course, tmp_path: Path
) -> None:
    course = copy_of(by_nbgrader, tmp_path / "course")
    now = datetime.now(UTC).replace(tzinfo=None)
    with Gradebook(f"sqlite:///{course.gradebook}", "deep-learning") as gradebook:
        gradebook.find_assignment(ASSIGNMENT).duedate = now - timedelta(days=2)
        gradebook.db.commit()
    assert "is the right power" in page_by_policy(course, before_due="visible")
    with Gradebook(f"sqlite:///{course.gradebook}", "deep-learning") as gradebook:
        late = gradebook.find_submission(ASSIGNMENT, "exponent-three")
        late.extension = timedelta(days=3)
        gradebook.db.commit()
    assert "Visible checks passed" in page_by_policy(course)


def page_by_policy(course: Course, **policy: str) -> str:
    """The page of a student's whose power is 3, made by nbgrader with these settings."""
    with course.config.open("a", encoding="utf-8") as file:
        file.writelines(f'\nc.FeedbackPolicy.{name} = "{it}"\n' for name, it in policy.items())
    command = ("generate_feedback", ASSIGNMENT, "--force", "--student", "exponent-three")
    commands.nbgrader(course, *command)
    return text_of(page_of(course, "exponent-three").partition("<body>")[2])


def test_a_policy_that_cannot_be_is_refused(small_course: Course) -> None:
    (small_course.submitted / "hands-in-nothing" / ASSIGNMENT).mkdir(parents=True)
    with small_course.config.open("a", encoding="utf-8") as file:
        file.write('\nc.FeedbackPolicy.hidden_tests = "all"\n')
    done = run_course(small_course, "grade")
    assert done.returncode == 2
    assert not small_course.autograded.exists()  # before anything was graded
    assert "nbgrader_config.py: " in done.stderr and "hidden_tests" in done.stderr
    assert "Traceback" not in done.stderr
