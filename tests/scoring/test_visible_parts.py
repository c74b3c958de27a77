"""Which reported parts of a check are of the visible code of its cell, whatever their labels."""

import pytest

from grader.scoring.check_report import Part
from grader.scoring.visible_parts import is_visible

SECRET = (
    '### BEGIN HIDDEN TESTS\nwith check.part(2, "other numbers"):\n    f(2)\n### END HIDDEN TESTS'
)


def cell(visible: str, hidden: str = SECRET, after: str = "") -> str:
    if hidden and not hidden.startswith("###"):
        hidden = f"### BEGIN HIDDEN TESTS\n{hidden}\n### END HIDDEN TESTS"
    return "\n".join(["check = Check(points=5)", visible, hidden, after, "check.result()"])


def part(points: float, what: str) -> Part:
    return Part(True, points, what, "", f"passed ({points} points): {what}")


def shown(source: str, *parts: tuple[float, str]) -> list[str]:
    return [what for points, what in parts if is_visible(part(points, what), source)]


VISIBLE = [
    'with check.part(1, f"f({x}) is a number"):\n    f(x)',
    'with check.part(points=1, what=f"f({x}) is a number"):\n    f(x)',
    'with check.part(1, f"f({x!r}){rest}"):\n    f(x)',
    'for x in (3, 4):\n    with check.part(1, f"f({x}) is a number"):\n        f(x)',
    'for x in (3, 4):\n    said = f"f({x}) is a number"\n    with check.part(1, said):\n        1',
    'with check.part(worth, "f(3) is a number"):\n    f(x)',
    'label = "f(3) is a number"\nwith check.part(1, label):\n    f(x)',
    'def one(x):\n    with check.part(1, f"f({x}) is a number"):\n        f(x)\none(3)',
    'with check.part(1, "f({}) is a number".format(3)):\n    f(x)',
]


@pytest.mark.parametrize("visible", VISIBLE)
def test_a_visible_part_is_known_by_whatever_makes_its_label(visible: str) -> None:
    source = cell(visible)
    reported = [(1, "f(3) is a number"), (2, "other numbers")]
    assert shown(source, *reported) == ["f(3) is a number"]


# What hidden code begins; of a part as the visible one, none is sure to be of that.
HIDDEN = [
    'with check.part(1, f"{name}"):\n    f(9)',
    "with check.part(1, what):\n    f(9)",
    "with check.part(points, what):\n    f(9)",
    "with check.part(*about):\n    f(9)",
    "with check.part(1, what=label()):\n    f(9)",
    'for x in [8, 9]:\n    with check.part(1, f"f({x * x}) is a number"):\n        f(x)',
    'part = check.part\nwith part(1, "f(9) is a number"):\n    f(9)',
    "run_parts(check)",
    "helper(9)",
    "of_helper(9)",
    "kind.begin(9)",
    'def case(label):\n    with check.part(1, label):\n        f(9)\ncase("f(9) is a number")',
    'x = 9\nwith check.part(1, f"f({x}) is a number"):\n    f(x)\nx = 3',
    'for x in (1, 2):\n    x += 7\n    with check.part(1, f"f({x}) is a number"):\n        f(x)',
    "def g():\n    global x\n    x = 9\n"
    'for x in (1, 2):\n    g()\n    with check.part(1, f"f({x}) is a number"):\n        f(x)',
]
HELPERS = """label = "f(3) is a number"
def helper(x):
    with check.part(1, f"f({x}) is a number"):
        f(x)
def of_helper(x):
    helper(x)
class kind:
    def begin(x):
        helper(x)
"""


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_part_that_may_be_hidden_is_not_visible(hidden: str) -> None:
    for visible in VISIBLE[:-1]:
        source = cell(f"{HELPERS}{visible}", hidden)
        assert shown(source, (1, "f(9) is a number")) == []


@pytest.mark.parametrize(
    "visible",
    [
        'for x in cases:\n    with check.part(1, f"f({x})"):\n        f(x)',
        'for x in cases:\n    with check.part(1, "f(9)"):\n        f(x)',
        'with check.part(1, f"f({cases[0]})"):\n    f(9)',
    ],
)
def test_what_hidden_code_has_prepared_is_not_visible(visible: str) -> None:
    assert shown(cell("", "cases = [9]", visible), (1, "f(9)")) == []


def test_labels_in_loops_are_read_off_the_code() -> None:
    loop = 'for {}:\n    with check.part(1, f"f({{{}}}) is {{y:.1f}}"):\n        f(x)'
    for visible, hidden in (
        (("x, y in [(1, 2), (3, 4)]", "x"), ("v, y in [(5, 2.0), (7, 4)]", "v")),
        (("x in range(1, 5)", "x"), ("x in (7, 9)", "x")),
        (("x, y in enumerate((2, 4), 1)", "x"), ("v, w in zip((7, 9), (1, 1))", "v")),
        (("x, y in {1: 2, 3: 4}.items()", "x"), ("v, w in {7: 1}.items()", "v")),
    ):
        source = cell(loop.format(*visible), loop.format(*hidden)).replace(" is {y:.1f}", "")
        assert shown(source, (1, "f(1)"), (1, "f(7)"), (1, "f(8)")) == ["f(1)"]


def test_the_same_label_is_told_apart_by_its_points() -> None:
    source = cell(
        'with check.part(1, "values"):\n    f(1)', 'with check.part(2, "values"):\n    f(2)'
    )
    assert is_visible(part(1, "values"), source)
    assert not is_visible(part(2, "values"), source)


def test_a_value_with_two_lines_is_known_by_the_first() -> None:
    source = cell('with check.part(1, f"about {x} here"):\n    f(1)', SECRET.replace("(2", "(1"))
    assert shown(source, (1, "about one"), (1, "other numbers")) == ["about one"]
    source = cell(
        'with check.part(1, f"{x}"):\n    f(1)', 'with check.part(1, f"a {x} b"):\n    f(2)'
    )
    assert shown(source, (1, "a one"), (1, "c")) == ["c"]


def test_without_hidden_parts_all_are_visible_that_the_cell_begins() -> None:
    source = cell(VISIBLE[0], "")
    assert shown(source, (1, "f(3) is a number"), (1, "of somebody else")) == ["f(3) is a number"]


def test_a_cell_that_is_no_python_tells_of_none() -> None:
    assert shown(cell("%time f()\n" + VISIBLE[0]), (1, "f(3) is a number")) == []
