"""The collection of the messages that a learner can get, and how they are found in a report."""

import pytest

from grader.authors.bank.answers import Answer
from grader.authors.bank.graded import Graded
from grader.authors.proof import messages
from grader.course.directory import Course
from tests.courses import COURSE

SOURCE = '''
from checks import Check, expect

check = Check(points=3)
with check.part(1, "the first part"):
    expect(one() == 1, "One is wrong.")
### BEGIN HIDDEN TESTS
class Trial:
    """A docstring with words."""


def hidden_tests():
    known = {"o + 1, with o the output": 1, "1 + o + 1, with o the output": 2}
    kind = {"a_key": "float32"}
    for name, wrong in known.items():
        expect(kind != "two words" and not text.startswith("in user code:"), f"It gives {name}.")
    with check.part(1, "the second part"):
        same("twice one", 2, look="Look at it.\\nThen look again.")
        expect(found, f"Expected {', '.join(map(str, found)) or 'nothing at all'}, "
               f"got {found:.3f}.\\nLook at your loop.")


with check.part(1, f"the part {3}"):
    hidden_tests()
### END HIDDEN TESTS
check.result()
'''
FOUND = messages.in_cell("2-tanh", "test-it", SOURCE)
BY_TEXT = {message.text: message for message in FOUND}


def output(title: str, *lines: str) -> str:
    below = [f"  {line}" for line in lines]
    head = ["printed before", f"FAILED (1 point): {title}"]
    return "\n".join([*head, *below, "passed (1 point): another part"])


def reached(title: str, *lines: str) -> set[str]:
    graded = {"2-tanh/wrong/a": Graded({"test-it": 0.0}, {"test-it": output(title, *lines)})}
    return set(BY_TEXT) - {message.text for message in messages.missing(COURSE, FOUND, graded)}


def test_collects_prose_and_the_titles_of_parts() -> None:
    assert list(BY_TEXT) == [
        "the first part",
        "One is wrong.",
        "o + 1, with o the output",
        "1 + o + 1, with o the output",
        "It gives {}.",
        "the second part",
        "twice one",
        "Look at it.\nThen look again.",
        "Expected {}, got {}.\nLook at your loop.",
        "nothing at all",
        "the part {}",
    ]


def test_tells_hidden_messages_from_visible_ones() -> None:
    visible = {message.text for message in FOUND if not message.hidden}
    assert visible == {"the first part", "One is wrong."}


def test_a_message_says_where_it_stands() -> None:
    assert str(BY_TEXT["One is wrong."]) == "2-tanh, test-it, line 6: 'One is wrong.'"
    assert SOURCE.split("\n")[5].endswith('"One is wrong.")')


def test_a_message_is_reached_with_any_text_for_its_placeholders() -> None:
    assert reached("the second part", "Expected 1, 2, got 0.500.", "Look at your loop.") == {
        "the second part",
        "Expected {}, got {}.\nLook at your loop.",
    }


def test_every_line_of_a_message_must_be_there() -> None:
    assert reached("the second part", "Expected 1, got 2.") == {"the second part"}
    assert reached("the second part", "Expected 1, got 2.", "Look away.") == {"the second part"}


def test_the_words_of_a_longer_message_are_not_those_of_a_shorter_one() -> None:
    longer, shorter = "1 + o + 1, with o the output", "o + 1, with o the output"
    frame = {"the second part", "It gives {}."}
    assert reached("the second part", f"It gives {longer}.") == frame | {longer}
    assert reached("the second part", f"It gives {shorter}.") == frame | {shorter}


def test_a_visible_part_reaches_no_hidden_message() -> None:
    assert reached("the first part", "twice one: expected 2, got 3.") == {"the first part"}
    assert reached("the first part", "One is wrong.") == {"the first part", "One is wrong."}
    assert reached("the part 3", "One is wrong.") == {"the part {}"}


def test_a_part_that_passed_reaches_nothing() -> None:
    passed = "passed (1 point): the second part\n  twice one: expected 2, got 3."
    graded = {"2-tanh/wrong/a": Graded({"test-it": 3.0}, {"test-it": passed})}
    assert messages.missing(COURSE, FOUND, graded) == FOUND


def test_another_cell_reaches_nothing() -> None:
    text = output("the second part", "twice one: expected 2, got 3.")
    for id_, cell in (("2-tanh/wrong/a", "test-other"), ("3-backprop/wrong/a", "test-it")):
        assert messages.missing(COURSE, FOUND, {id_: Graded({}, {cell: text})}) == FOUND


def test_shows_the_slip_and_what_is_read_about_it() -> None:
    answer = Answer("3-backprop", "wrong", "twice", "It takes one twice.")
    scores: dict[str, float | None] = {"test-loss-evaluations": 1.0, "test-chain-rule": 0.0}
    outputs = {
        "test-loss-evaluations": output("the second part", "Line 1.", "Line 2."),
        "test-chain-rule": "NameError: x",
    }
    assert messages.shown(COURSE, Graded(scores, outputs), answer) == (
        "3-backprop/wrong/twice\n"
        "  It takes one twice.\n"
        "  test-loss-evaluations: 1 of 3 points\n"
        "    FAILED (1 point): the second part\n"
        "      Line 1.\n"
        "      Line 2.\n"
        "  test-chain-rule: 0 of 5 points\n"
        "    NameError: x"
    )


def test_shows_nothing_of_the_cells_with_full_points() -> None:
    answer = Answer("3-backprop", "wrong", "twice", "It takes one twice.")
    graded = Graded({"test-loss-evaluations": 3.0, "test-chain-rule": 5.0})
    assert messages.shown(COURSE, graded, answer) == "3-backprop/wrong/twice\n  It takes one twice."


# The notebooks of this course


def test_every_hidden_part_and_the_messages_of_checks_are_collected(course: Course) -> None:
    found = messages.collect(course)
    assert len([message for message in found if message.hidden]) >= 150
    texts = {message.text for message in found if message.notebook == messages.CHECKS}
    assert "{} is None. Does the function end with `return ...`?" in texts
    titles = {message.text for message in found if message.is_title}
    assert {"most digits are predicted", "EPOCHS can be used to count"} <= titles


@pytest.mark.parametrize(("place", "start"), messages.EXCLUDED)
def test_what_is_excluded_is_in_the_source(
    place: str, start: str, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "EXCLUDED", {})
    found = messages.collect(course)
    assert [m for m in found if place in (m.cell, m.notebook) and m.text.startswith(start)]
