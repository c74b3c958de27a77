"""`course translate`: a catalogue keeps up with the English, and says what it lacks."""

import json
from pathlib import Path

import pytest

from grader.authors.translation import command
from grader.course.directory import Course
from grader.nbgrader_app import opening
from grader.translation import catalogue
from tests.courses import COURSE, run_course

NAME = "1-complexity"


def translate(course: Course, *arguments: str) -> tuple[int, str]:
    done = run_course(course, "translate", *arguments)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def catalogue_of(course: Course, code: str = "ko") -> Path:
    return catalogue.of_course(course.root, code)


def put(course: Course, msgid: str, msgstr: str) -> None:
    """Translate one text, as a translator's program does."""
    path = catalogue_of(course)
    text = path.read_text(encoding="utf-8")
    known = f'msgid {json.dumps(msgid, ensure_ascii=False)}\nmsgstr ""'
    assert known in text
    path.write_text(
        text.replace(known, known.removesuffix('""') + json.dumps(msgstr, ensure_ascii=False)),
        encoding="utf-8",
    )


@pytest.fixture
def course(small_course: Course) -> Course:
    """A course with a new, empty catalogue."""
    code, said = translate(small_course, "--language", "ko")
    assert code == 0
    assert "translations/ko.po: 0 of " in said
    return small_course


HEADING = "## The network"


def test_a_new_catalogue_has_every_text_once(course: Course) -> None:
    found = [str(message.id) for message in catalogue.read(catalogue_of(course)) if message.id]
    assert len(found) == len({*found})
    assert HEADING in found
    assert "YOUR CODE HERE" in found
    assert "the weights of networks of other sizes" in found  # of a hidden test
    assert not any("model answer" in each for each in found)
    assert not any("a function, so that no name" in each for each in found)  # of its authors


def test_a_second_run_changes_nothing(course: Course) -> None:
    before = catalogue_of(course).read_bytes()
    assert translate(course)[0] == 0
    assert catalogue_of(course).read_bytes() == before
    assert translate(course, "--check")[0] == 0


def test_a_text_that_changed_keeps_its_translation_for_a_person_to_look_at(course: Course) -> None:
    put(course, HEADING, "## 신경망")
    path = course.source / f"{NAME}.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(HEADING, "## The networks"), encoding="utf-8")

    code, said = translate(course, "--check")
    assert code == 1
    assert "1 to look at again" in said
    assert "is not up to date. To bring it there: course translate" in said
    code, said = translate(course)
    assert code == 0
    assert '#, fuzzy\nmsgid "## The networks"\nmsgstr "## 신경망"' in catalogue_of(
        course
    ).read_text(encoding="utf-8")
    # Until somebody has looked, students get the English.
    assert catalogue.language(course.root, "ko").texts.get("## The networks") is None


def test_placeholders_that_do_not_match_fail_the_check(course: Course) -> None:
    text = "parameter_count{size} counts the weights, but not all parameters."
    put(course, text, "parameter_count{sizes}")
    code, said = translate(course, "--check")
    assert code == 1
    assert "{sizes} is not in the English text, in the translation of" in said


def test_what_is_gone_for_a_while_keeps_its_translation(course: Course) -> None:
    put(course, HEADING, "## 신경망")
    path = course.source / f"{NAME}.ipynb"
    whole = path.read_text(encoding="utf-8")
    for _ in range(2):  # also over a run that finds nothing new
        path.write_text(whole.replace(json.dumps(HEADING)[1:-1], "---"), encoding="utf-8")
        assert translate(course)[0] == 0
        assert translate(course)[0] == 0
    path.write_text(whole, encoding="utf-8")
    assert translate(course)[0] == 0
    assert catalogue.language(course.root, "ko").texts[HEADING] == "## 신경망"


def test_the_tools_own_catalogue_is_written_only_where_that_is_asked_for(
    small_course: Course,
) -> None:
    path = catalogue.of_tool("fi")
    assert translate(small_course, "--language", "fi")[0] == 0
    assert not path.exists()


def test_show_names_what_is_to_be_done(course: Course) -> None:
    put(course, HEADING, "## 신경망")
    _, said = translate(course, "--check", "--show")
    assert "not translated: 'YOUR CODE HERE'" in said
    assert f"not translated: {HEADING!r}" not in said


@pytest.mark.parametrize(
    ("code", "said"),
    [("xx-nowhere", "is no code of a language"), ("../ko", "is no code of a language")],
)
def test_a_language_that_is_none_is_refused(small_course: Course, code: str, said: str) -> None:
    failed, told = translate(small_course, "--language", code)
    assert failed
    assert said in told


def test_a_broken_catalogue_is_named(course: Course) -> None:
    catalogue_of(course).write_text('msgid "one\nmsgstr "two"\n', encoding="utf-8")
    code, said = translate(course)
    assert code == 2
    assert "translations/ko.po cannot be read as a PO file" in said


def test_without_a_catalogue_it_says_how_to_begin(small_course: Course) -> None:
    code, said = translate(small_course)
    assert code == 0
    assert "course translate --language ko" in said


def test_this_course_is_whole_in_korean() -> None:
    """No placeholder is wrong, and nothing is left to translate."""
    for state in command.states(opening.open_courses(COURSE.root)):
        assert state.broken == ()
        assert state.missing == ()
        assert state.changed == ()
        assert not state.is_old
    assert run_course(COURSE, "translate", "--check", "--of-tool").returncode == 0
