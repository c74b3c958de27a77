"""What a page says in another language: its own texts, and sentences written in English."""

from datetime import UTC, datetime

import pytest

from grader.instructors.feedback.speech import Speech
from grader.translation import catalogue
from grader.translation.catalogue import Language

TEXTS = {
    "{what} was missing; {todo}.": "{what}: 없었어요. {todo}.",
    "The {kind(cell)} {cell.name}": "{kind(cell)} {cell.name}",
    "given cell": "주어진 셀",
    "test cell": "테스트 셀",
    "{stopped}: {why}. So it may have run for you.": "{stopped}: {why}. 직접 실행했을 수도 있어요.",
    "{cell} stopped with {error}": "{cell}: {error} 때문에 멈췄어요",
    "there is no network": "네트워크가 없어요",
    "it was put back": "되돌렸어요",
    "Hand it in again.": "다시 제출하세요.",
    "%(points)s of %(most)s": "%(most)s 중 %(points)s",
    "The file is cut off; {_AGAIN}.": "파일이 잘렸어요. {_AGAIN}.",
}
SPEECH = Speech(Language("ko", TEXTS, frozenset(TEXTS)))


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("Hand it in again.", "다시 제출하세요."),
        (
            "The given cell imports was missing; it was put back.",
            "주어진 셀 imports: 없었어요. 되돌렸어요.",
        ),
        (
            "- The given cell imports was missing; it was put back.\n- Hand it in again.",
            "- 주어진 셀 imports: 없었어요. 되돌렸어요.\n- 다시 제출하세요.",
        ),
        (  # the value that is known says where the sentence is to be parted
            "The test cell two cells was missing; it was put back.",
            "테스트 셀 two cells: 없었어요. 되돌렸어요.",
        ),
        (
            "x stopped with ValueError: a: b: there is no network. So it may have run for you.",
            "x: ValueError: a: b 때문에 멈췄어요: 네트워크가 없어요. 직접 실행했을 수도 있어요.",
        ),
        ("index 5 of 3 is out of bounds", "index 5 of 3 is out of bounds"),
        ("Hand it in again. Nobody knows this.", "다시 제출하세요. Nobody knows this."),
        ("ValueError: {x} is not here", "ValueError: {x} is not here"),
        ("", ""),
    ],
)
def test_a_finished_sentence_is_said_again_with_its_values(said: str, wanted: str) -> None:
    assert SPEECH.told(said) == wanted


def test_a_text_of_the_page_gets_its_values() -> None:
    assert SPEECH.text("%(points)s of %(most)s", points=3, most="9점") == "9점 중 3"
    assert Speech().text("%(points)s of %(most)s", points=3, most="9 points") == "3 of 9 points"


def test_without_a_translation_all_stays_english() -> None:
    assert Speech().told("The given cell imports was missing.") == (
        "The given cell imports was missing."
    )
    assert Speech().code == "en"


def test_a_time_is_said_as_the_language_says_it() -> None:
    time = datetime(2026, 11, 26, 23, 2, tzinfo=UTC)
    assert Speech().time(time) == f"{time.astimezone():%d %B, %H:%M (%Z)}"
    assert "11월" in SPEECH.time(time)


@pytest.mark.parametrize(
    "said",
    ["The " + "x was missing; " * 60, " before " * 120, " stopped with " * 70, "The x. " * 900],
)
def test_there_is_an_end_to_what_is_tried(said: str) -> None:
    """All sentences of the real catalogue on what an error of a learner's may say."""
    (korean,) = [each for each in catalogue.languages_of_tool() if each.code == "ko"]
    speech = Speech(korean)
    assert speech.told(said)
    assert speech._left > -len(said)


def test_a_part_of_a_sentence_is_none() -> None:
    (korean,) = [each for each in catalogue.languages_of_tool() if each.code == "ko"]
    for said in (
        "UnboundLocalError: local variable 'x' referenced before assignment",
        "expected greet to run before main, got 3 seconds",
        "The cell is empty",
        "The learning rate is too large",
    ):
        assert Speech(korean).told(said) == said
