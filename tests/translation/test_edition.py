"""An assignment in a language: cells, checksums, and in which language a notebook is."""

import json
from collections.abc import Mapping

import nbformat
import pytest
from nbgrader.utils import compute_checksum

from grader.course.editions import Editions
from grader.notebooks import cells
from grader.translation import catalogue, edition
from grader.translation.catalogue import Language
from grader.translation.edition import Recognition
from tests.courses import COURSE

KOREAN = Language(
    "ko",
    {
        "# A title": "# 제목",
        "Some prose.": "설명이에요.",
        "Write it.": "쓰세요.",
        "YOUR CODE HERE": "여기에 쓰세요",
    },
)


def notebook(**texts: str) -> bytes:
    made = [nbformat.v4.new_markdown_cell(text) for text in texts.values()]
    return bytes(nbformat.writes(nbformat.v4.new_notebook(cells=made)), "utf-8")


SOURCE = notebook(a="# A title", b="Some prose.", c="Write it.")
TRANSLATED = notebook(a="# 제목", b="설명이에요.", c="쓰세요.")


@pytest.fixture
def recognition() -> Recognition:
    return Recognition(SOURCE, {"ko": KOREAN})


def test_a_notebook_is_in_the_language_of_its_prose(recognition: Recognition) -> None:
    assert recognition.language_of(TRANSLATED) == "ko"
    assert recognition.language_of(SOURCE) == ""
    assert recognition.language_of(b"") == ""


def test_it_is_known_without_metadata_and_with_escapes_as_other_programs_write_them(
    recognition: Recognition,
) -> None:
    bare = {"cells": [{"cell_type": "markdown", "source": ["# 제목\n", "\n", "mine"]}]}
    assert recognition.language_of(json.dumps(bare, ensure_ascii=True).encode()) == "ko"
    assert recognition.language_of(json.dumps(bare, ensure_ascii=False).encode()) == "ko"


def test_an_answer_in_korean_does_not_make_an_english_notebook_korean(
    recognition: Recognition,
) -> None:
    answered = notebook(a="# A title", b="Some prose.", c="깊이가 두 배면 네 배가 걸려요.")
    assert recognition.language_of(answered) == ""


def test_a_notebook_of_both_is_in_the_language_of_most_of_it(recognition: Recognition) -> None:
    mixed = notebook(a="# A title", b="설명이에요.", c="쓰세요.")
    assert recognition.language_of(mixed) == "ko"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
def test_it_is_known_in_every_encoding_that_grading_reads(
    recognition: Recognition, encoding: str
) -> None:
    assert recognition.language_of(TRANSLATED.decode().encode(encoding)) == "ko"


ALIKE = {
    "the English is where the other begins": ("# Tanh", "# Tanh 함수"),
    "the same first line": ("<div class='note'>\n# Title", "<div class='note'>\n# 제목"),
    "one block of two lines": ("# Introduction\nSome text", "# Introduction\n어떤 글"),
}


@pytest.mark.parametrize("how", ALIKE)
def test_texts_that_are_alike_are_told_apart(how: str) -> None:
    english, korean = ALIKE[how]
    source, other = notebook(a=english, b="Some prose."), notebook(a=korean, b="설명이에요.")
    texts = {english: korean, "Some prose.": "설명이에요."}
    known = Recognition(source, {"ko": Language("ko", texts)})
    assert known.language_of(source) == ""
    assert known.language_of(other) == "ko"


def test_a_course_without_catalogues_has_one_language() -> None:
    assert Recognition(SOURCE, {}).language_of(TRANSLATED) == ""


def test_a_translated_cell_has_the_checksum_of_what_students_get() -> None:
    for name in COURSE.names():
        made = edition.notebook(COURSE.release / f"{name}.ipynb", korean())
        for cell in made.cells:
            about: Mapping[str, object] = cells.about(cell)
            if "checksum" in about:
                assert about["checksum"] == compute_checksum(cell)


def korean() -> Language:
    return catalogue.language(COURSE.root, "ko")


def test_only_words_differ_between_the_languages() -> None:
    for name in COURSE.names():
        released = cells.read_notebook(COURSE.release / f"{name}.ipynb")
        made = edition.notebook(COURSE.release / f"{name}.ipynb", korean())
        for ours, theirs in zip(released.cells, made.cells, strict=True):
            assert (ours.id, ours.cell_type) == (theirs.id, theirs.cell_type)
            known, other = dict(cells.about(ours)), dict(cells.about(theirs))
            assert known.pop("checksum", None) is None or other.pop("checksum")
            assert known == other


def test_the_handouts_of_a_language_are_those_of_its_release() -> None:
    made = Editions(COURSE).handouts("ko")
    for name in ("checks.py", "svhn.py", "backprop_example_code.py"):
        path = COURSE.release_in("ko") / name
        assert made[name] == path.read_bytes()
