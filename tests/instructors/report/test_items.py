"""Pass rates and discrimination, beside figures worked out by hand."""

import random
from pathlib import Path

import pytest

from grader.gradebook import class_view
from grader.instructors.report import items
from grader.instructors.report.items import Item, discrimination
from tests.instructors.report.made import Class, course_in, url

FIRST, SECOND, THIRD = "test-parameter-count", "test-step-multiplications", "test-growth-exponent"
WEAK = {SECOND: 0.0, THIRD: 0.0}


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Item]:
    """Ten submissions: five pass the second and the third test, five do not.

    The first test is passed by four of the former and one of the latter.
    """
    course = course_in(tmp_path_factory.mktemp("ten"))
    with Class(course) as made:
        for number in range(5):
            made.add(f"strong-{number}", points={FIRST: 0.0} if number == 0 else {})
            made.add(f"weak-{number}", points={**WEAK, FIRST: 3.0 if number == 0 else 0.0})
    found = items.items(class_view.read(course, url(course)))
    return {item.cell.name: item for item in found}


def test_pass_rates(by_hand: dict[str, Item]) -> None:
    assert [(i.full, i.part, i.none) for i in by_hand.values()] == [(5, 0, 5)] * 3
    rows = items.table(list(by_hand.values())).texts
    assert [row[:8] for row in rows] == [
        ["1-complexity", FIRST, "3", "10", "50", "0", "50", "1.50"],
        ["1-complexity", SECOND, "4", "10", "50", "0", "50", "2.00"],
        ["1-complexity", THIRD, "2", "10", "50", "0", "50", "1.00"],
    ]


def test_the_correlation_of_a_test_with_the_rest(by_hand: dict[str, Item]) -> None:
    # The rest is 1 for the strong and 0 for the weak: phi = (4 * 4 - 1 * 1) / (5 * 5).
    assert by_hand[FIRST].correlation == pytest.approx(0.6)
    # The rest is 1 four times and 0.4 once for the strong, 0 four times and 0.6 once for the weak,
    # of 5 points. Deviations from the means 0.5 and 0.5: products 1.9, squares 2.5 and 2.02.
    assert by_hand[SECOND].correlation == pytest.approx(1.9 / (2.5 * 2.02) ** 0.5)


def test_the_difference_of_the_upper_and_the_lower_group(by_hand: dict[str, Item]) -> None:
    # Three of ten are a group. Five have the highest rest score, of whom four passed: 0.8.
    assert by_hand[FIRST].difference == pytest.approx(0.8 - 0.2)
    assert by_hand[SECOND].difference == pytest.approx(1)


def test_the_order_of_the_submissions_does_not_matter() -> None:
    chance = random.Random(0)
    scored = [(chance.choice([0, 0.5, 1]), chance.choice([0.2, 0.4, 0.6])) for _ in range(30)]
    x, y = zip(*scored, strict=True)
    expected = discrimination(x, y)
    for _ in range(20):
        chance.shuffle(scored)
        x, y = zip(*scored, strict=True)
        assert discrimination(x, y) == pytest.approx(expected)


def test_nothing_is_said_of_nine_submissions() -> None:
    shares, rests = [1.0] * 5 + [0.0] * 4, [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1]
    assert discrimination(shares, rests) == (None, None)
    assert None not in discrimination([*shares, 0.0], [*rests, 0.0])


@pytest.mark.parametrize(
    ("shares", "rests"),
    [([1.0] * 12, [0.1 * i for i in range(12)]), ([0.0, 1.0] * 6, [0.5] * 12)],
)
def test_nothing_is_said_where_all_are_alike(shares: list[float], rests: list[float]) -> None:
    assert discrimination(shares, rests) == (None, None)


def test_submissions_without_another_test_are_left_out() -> None:
    shares, rests = [1.0] * 6 + [0.0] * 6, [0.1 * i for i in range(12)]
    expected = discrimination(shares, rests)
    assert discrimination([*shares, 1.0], [*rests, float("nan")]) == expected


@pytest.mark.parametrize(
    ("shares", "correlation", "remark"),
    [
        ([1.0, 1.0], None, "the same points for all: separates nobody"),
        ([1.0, 0.0], None, ""),
        ([1.0, 0.0], -0.1, "stronger submissions lose more: look at this test"),
        ([1.0, 0.0], -0.09, "separates little"),
        ([1.0, 0.0], 0.1, "separates little"),
        ([1.0, 0.0], 0.3, ""),
    ],
)
def test_remarks(shares: list[float], correlation: float | None, remark: str) -> None:
    cell = class_view.Cell("1-complexity", FIRST, 3, is_test=True)
    assert Item(cell, shares, correlation, correlation).remark == remark


def test_the_rest_is_that_of_the_notebooks_of_the_student(tmp_path: Path) -> None:
    """Who did not hand in a notebook is not taken for weak: the tests of it are not in the rest."""
    course = course_in(tmp_path / "course")
    with Class(course) as made:
        for number in range(6):
            made.add(f"both-{number}", points={FIRST: 0.0})
            made.add(f"both-{number}", "2-tanh", points={"test-tanh-forward": 3.0})
            made.add(f"one-{number}")
            made.add(f"one-{number}", "2-tanh", status="missing")
    found = {item.cell.name: item for item in items.items(class_view.read(course, url(course)))}
    # Of "both" the rest is (4 + 2 + 27) / 36, of "one" 6 / 6.
    assert found[FIRST].correlation == pytest.approx(1)
    assert len(found["test-tanh-forward"].shares) == 6
    assert found["test-tanh-forward"].part == 6
