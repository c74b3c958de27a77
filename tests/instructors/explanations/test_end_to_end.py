"""From graded work to points, pages and the formgrader; real nbgrader, a real server."""

import json
import re
from pathlib import Path

import pytest
from nbformat import NotebookNode

from grader.course.directory import Course
from grader.nbgrader_app import commands
from tests.courses import ASSIGNMENT, run_course
from tests.instructors.explanations import making
from tests.instructors.explanations.making import CELL, NAME, standings
from tests.jupyter_server import fetch, serve

RUBRIC = "each pass gets longer in proportion to the depth, too."
MODEL = "With twice the depth there are about twice as many parameters, because"
CLASS: dict[str, NotebookNode | str] = {"four": "Four times.", "four-again": "four times"}
COMMENT = "왜 네 배인지 잘 설명했습니다. Well explained."


@pytest.fixture
def course(known: Course, tmp_path: Path) -> Course:
    """A graded class, with the table that a person filled in."""
    course = making.copied(known, tmp_path)
    making.grade(course, CLASS)
    done = run_course(course, "explanations")
    assert done.returncode == 0, done.stderr
    table = course.root / "explanations.csv"
    text = table.read_bytes().decode("utf-8-sig")
    filled, count = re.subn(f"^({NAME},{CELL},1,,),,", rf"\g<1>5,{COMMENT},", text, flags=re.M)
    assert count == 1
    table.write_text(filled, encoding="utf-8")
    return course


def page_of(course: Course, student: str) -> str:
    return (course.feedback / student / ASSIGNMENT / f"{NAME}.html").read_text(encoding="utf-8")


def test_points_and_comments_reach_the_pages_and_the_formgrader(
    course: Course, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    with serve(course, home) as url:
        api = f"{url}/formgrader/api"
        listed = json.loads(fetch(f"{api}/submitted_notebooks/{ASSIGNMENT}/{NAME}"))
        ids = {each["student"]: each["id"] for each in listed}
        shown = fetch(f"{url}/formgrader/submissions/{ids['four']}/")
        assert shown.index(RUBRIC) < shown.index(f'id="{CELL}"')  # above the field for points
        assert MODEL in shown
        (grade,) = (
            each
            for each in json.loads(fetch(f"{api}/grades?submission_id={ids['four']}"))
            if each["name"] == CELL
        )
        assert (grade["manual_score"], grade["needs_manual_grade"]) == (None, True)

        done = run_course(course, "explanations", "--apply", "explanations.csv")
        assert done.returncode == 0, done.stderr
        # A server that was running shows the new points, and can change them.
        for student in ids:
            grades = json.loads(fetch(f"{api}/grades?submission_id={ids[student]}"))
            (grade,) = (each for each in grades if each["name"] == CELL)
            assert (grade["manual_score"], grade["needs_manual_grade"]) == (5, False)
            comments = json.loads(fetch(f"{api}/comments?submission_id={ids[student]}"))
            assert COMMENT in [each["manual_comment"] for each in comments]

        source = course.source / f"{NAME}.ipynb"
        source.rename(course.root / "away.ipynb")
        shown = fetch(f"{url}/formgrader/submissions/{ids['four']}/")
        (course.root / "away.ipynb").rename(source)
        assert "No rubric to show." in shown and RUBRIC not in shown

    done = run_course(course, "grade")
    assert done.returncode == 0, done.stderr
    assert "2 unchanged" in done.stdout
    assert "for a person" not in done.stdout
    commands.nbgrader(course, "generate_feedback", ASSIGNMENT, "--force", "--student", "four-again")
    for student in ids:  # by `course grade`, and by nbgrader's own command
        page = page_of(course, student)
        assert COMMENT in page and "before your work was graded again" not in page
        assert RUBRIC not in page and MODEL not in page and "only graders" not in page.lower()

    # Graded again: points and comment stay, and need no second look.
    making.grade(course, CLASS)
    done = run_course(course, "grade")
    assert "2 answers wait for a person: `course explanations`" in " ".join(done.stdout.split())
    page = page_of(course, "four")
    assert page.count("This was written before your work was graded again") == 2
    assert page.count("A person gave these points before your work was graded again") == 2
    done = run_course(course, "explanations", "--confirm")
    assert done.returncode == 0, done.stderr
    found = {
        name: (each.points, each.comment, each.waits) for name, each in standings(course).items()
    }
    assert set(found.values()) == {(5, COMMENT, False)}
    assert COMMENT in page_of(course, "four")
