"""A class with everything in it that a submission may try, graded once in each sandbox."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from grader.course.directory import Course
from grader.notebooks import imports
from tests.courses import COURSE
from tests.gradebook.rows import rows
from tests.hostile.case import Case
from tests.hostile.grading import HIDDEN, SANDBOXES, Graded, grade, problems
from tests.hostile.submissions import CASES, HONEST
from tests.hostile.tricks import OPEN, TOGETHER
from tests.hostile.world import world
from tests.lacking import lacks

# The warm process of the course itself, which is much larger than that of other tests.
WARM = list(imports.of_folder(COURSE.source).modules)
AS_IN_THE_COURSE = f"\nc.SandboxProvisioner.warm = {WARM!r}\n"


def _id(case: Case) -> str:
    return f"{case.threat}-{case.student}"


@pytest.fixture(scope="module", params=SANDBOXES)
def graded(request: pytest.FixtureRequest, released: Course) -> Iterator[Graded]:
    """The class, hostile and honest, after one run."""
    with world(released, AS_IN_THE_COURSE) as made:
        result = grade(made, request.param, CASES, honest=True)
        if "No sandbox holds" in result.done.stderr:
            lacks(request.param, f"the {request.param} sandbox cannot be had here")
        yield result


@pytest.fixture(scope="module")
def alone(released: Course) -> dict[str, list[Any]]:
    """The gradebook of the honest students alone."""
    with world(released) as made:
        return _of_honest(grade(made, "", [], "--no-feedback", honest=True))


def _of_honest(graded: Graded) -> dict[str, list[Any]]:
    """Their rows, without the name of the sandbox."""
    found: dict[str, list[Any]] = {}
    for table, entries in rows(graded.world.course).items():
        kept = [entry for entry in entries if entry and entry[0] in HONEST]
        # Each world has other ports and secrets: the submissions' fingerprints differ.
        if table == "course_run":
            kept = [(*entry[:2], *entry[3:]) for entry in kept]
        found[table] = [tuple("" if v in ("full", "reduced") else v for v in e) for e in kept]
    return found


@pytest.mark.parametrize("case", CASES, ids=_id)
def test_it_gets_what_it_must_and_no_more(case: Case, graded: Graded) -> None:
    assert problems(case, graded) == []


def test_nothing_outside_changed_and_nothing_is_left(graded: Graded) -> None:
    assert graded.harm == []


def test_the_neighbours_grades_are_those_they_get_alone(
    graded: Graded, alone: dict[str, list[Any]]
) -> None:
    assert len(alone["course_run"]) == len(HONEST)
    assert _of_honest(graded) == alone


def test_the_instructor_is_told_of_each_in_the_table(graded: Graded) -> None:
    assert graded.done.returncode == 1, graded.done.stderr
    assert "Traceback" not in graded.done.stderr
    printed = " ".join(graded.done.stdout.split())
    for case in CASES:
        if case.attention:
            reason = " ".join(str(graded.run(case.student)["reason"]).split())
            assert f"{case.student}, 1-complexity: {reason[:60]}" in printed


class _Alive(HTMLParser):
    """Collects what of the submission's would run in a browser."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        for name, value in attrs:
            is_code = name.startswith("on") or name == "srcdoc"
            is_link = bool(re.match(r"\s*javascript:", value or "", re.IGNORECASE))
            if (is_code and "document.title" in (value or "")) or is_link:
                self.found.append(f"<{tag} {name}={value}>")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and "document.title" in data:
            self.found.append(f"<script>{data[:60]}")


def test_scripts_are_inert_in_the_feedback(graded: Graded) -> None:
    page = graded.page("writes-scripts")
    assert "explain-complexity" in page or "Score" in page
    alive = _Alive()
    alive.feed(page)
    assert alive.found == []


@pytest.mark.parametrize("student", ["steals-the-tests", "honest-and-wrong"])
def test_no_hidden_test_stands_in_the_feedback(student: str, graded: Graded) -> None:
    page = graded.page(student)
    assert page
    assert HIDDEN not in re.sub(r"<[^>]*>", "", page)


@pytest.fixture(scope="module")
def together(released: Course) -> Iterator[Graded]:
    """Those that play with the tests, where these run in the learner's kernel."""
    with world(released, '\nc.SandboxedExecute.judge = "together"\n') as made:
        yield grade(made, "", [*TOGETHER, *OPEN], "--no-feedback")


@pytest.mark.parametrize("case", TOGETHER, ids=_id)
def test_beside_the_code_it_gets_what_it_must_and_no_more(case: Case, together: Graded) -> None:
    assert problems(case, replace(together, tier=together.run(case.student)["tier"])) == []


@pytest.mark.xfail(strict=True, reason="tests and the learner's code share one interpreter")
@pytest.mark.parametrize("case", OPEN, ids=_id)
def test_beside_the_code_nothing_stops_what_is_made_for_it(case: Case, together: Graded) -> None:
    assert problems(case, replace(together, tier=together.run(case.student)["tier"])) == []
