"""What a course adds to the proof: its files are read, and told of where they are not right."""

from pathlib import Path

import pytest

from grader.authors.proof import messages, remarks, settings
from grader.authors.proof.margins import page
from grader.authors.proof.mutation import operators
from grader.authors.proof.styles import variants
from grader.authors.proof.words import NO_WORDS
from grader.basics.errors import UserError
from grader.course.directory import Course

OPERATORS = """
from collections.abc import Iterator
from grader.authors.proof.mutation.code import Rule
from grader.authors.proof.mutation.templates import Table

class Shout(Table):
    ROWS = {"X.lower()": ("X.upper()",)}

RULES = (Shout,)
"""
STYLE = '''
from grader.authors.proof.styles.rewrites import of_cell

@of_cell
def shouted(tree, names):
    """Everything stays as it is."""
'''


def course_with(root: Path, config: str, **files: str) -> Course:
    """A course with a configuration, and files named file_toml or file_py."""
    (root / "nbgrader_config.py").write_text(f"c = get_config()\n{config}\n")
    for name, text in files.items():
        (root / name.replace("_", ".")).write_text(text)
    return Course(root, "none")


def test_a_course_that_says_nothing_adds_nothing(tmp_path: Path) -> None:
    course = course_with(tmp_path, "")
    assert operators.own(course) == ()
    assert variants.own_rewrites(course) == ()
    assert settings.words_of(course) is NO_WORDS
    assert remarks.of_course(course) == remarks.NO_REMARKS
    assert {place for place, _ in messages.excluded_of(course)} == {messages.CHECKS}


def test_operators_of_a_course_know_its_words(tmp_path: Path) -> None:
    course = course_with(
        tmp_path,
        "c.Proof.operators = ['own.py']\nc.Proof.words = 'own.toml'",
        own_py=OPERATORS,
        own_toml='[wildcards]\nX = ["name"]\n',
    )
    source = "x = name_1.lower() + other.lower()\n"
    found = operators.mutations(source, operators.of_course(course), settings.words_of(course))
    assert [each.becomes for each in found if each.operator == "Shout"] == [
        "x = name_1.upper() + other.lower()"
    ]


def test_styles_of_a_course_follow_those_of_any_code(tmp_path: Path) -> None:
    course = course_with(tmp_path, "c.Proof.styles = ['own.py']", own_py=STYLE)
    assert [each.name for each in variants.rewrites(course)][-1] == "shouted"


def test_a_file_is_run_again_only_when_it_has_changed(tmp_path: Path) -> None:
    course = course_with(tmp_path, "c.Proof.operators = ['own.py']", own_py=OPERATORS)
    (first,) = operators.own(course)
    assert operators.own(course) == (first,)
    (tmp_path / "own.py").write_text(f"{OPERATORS}\n# changed")
    assert operators.own(course) != (first,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "own.py, which c.Proof.operators names, is missing."),
        ("\n\n1 / 0\n", "own.py, line 3, cannot be run: ZeroDivisionError: division by zero"),
        ("def\n", r"own.py cannot be run: SyntaxError: invalid syntax \(own.py, line 1\)"),
        ("RULES = [1]\n", "own.py needs a tuple RULES of its mutation operators"),
        ("x = 1\n", "own.py needs a tuple RULES of its mutation operators"),
    ],
)
def test_operators_that_cannot_be_used(text: str | None, said: str, tmp_path: Path) -> None:
    files = {} if text is None else {"own_py": text}
    course = course_with(tmp_path, "c.Proof.operators = ['own.py']", **files)
    with pytest.raises(UserError, match=f"^{said}"):
        operators.own(course)


def test_a_file_of_styles_without_one(tmp_path: Path) -> None:
    course = course_with(tmp_path, "c.Proof.styles = ['own.py']", own_py="x = 1\n")
    with pytest.raises(UserError, match=r"^own\.py defines no rewrite"):
        variants.own_rewrites(course)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("c.Proof.operators = 3", "nbgrader_config.py: .*operators.* a list"),
        ("c.Proof.mutant_shares = {'1': 0}", "nbgrader_config.py: .*mutant_shares"),
        ("c.Proof.skipped_shares = {'1': 0}", "nbgrader_config.py: .*skipped_shares"),
    ],
)
def test_a_setting_that_cannot_be(line: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=said):
        settings.read(course_with(tmp_path, line))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "own.toml, which c.Proof.words names, is missing."),
        ("thing = []", "own.toml: there is no key thing. There are: things, unsigned, "),
        ("things = 'model'", "own.toml: things must be a list of texts."),
        ("wildcards = []", r"own.toml: write wildcards as a table, below a line \[wildcards\]"),
        ("[signatures]\nf = 'x'", "own.toml: signatures.f must be a list of texts."),
        ("[defaults]\nf = 'x'", "own.toml: defaults.f must be a table of arguments."),
    ],
)
def test_words_that_cannot_be_used(text: str | None, said: str, tmp_path: Path) -> None:
    files = {} if text is None else {"own_toml": text}
    course = course_with(tmp_path, "c.Proof.words = 'own.toml'", **files)
    with pytest.raises(UserError, match=f"^{said}"):
        settings.words_of(course)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "own.toml, which c.Proof.remarks names, is missing."),
        ("[[remark]]", r"own.toml: there is no table \[\[remark\]\]. There are: message, "),
        ("message = 1", r"own.toml: write each message below a line \[\[message\]\]"),
        (
            "[[message]]\ncell = 'a'\nbegins = 'b'\n",
            "own.toml, message 1: it needs the texts cell, begins, reason, and no more.",
        ),
    ],
)
def test_remarks_that_cannot_be_used(text: str | None, said: str, tmp_path: Path) -> None:
    files = {} if text is None else {"own_toml": text}
    course = course_with(tmp_path, "c.Proof.remarks = 'own.toml'", **files)
    with pytest.raises(UserError, match=f"^{said}"):
        remarks.of_course(course)


def test_the_table_that_a_section_repeats_must_be_there(tmp_path: Path) -> None:
    section = "\n".join(
        f'{key} = "{value}"'
        for key, value in {
            "title": "By seeds",
            "text": "Measured:",
            "table_of": "other.md",
            "below": "## Here",
            "closing": "That is all.",
        }.items()
    )
    course = course_with(
        tmp_path,
        "c.Proof.remarks = 'own.toml'",
        own_toml=f"[[section]]\n{section}\n",
        other_md="## Here\n\n| a | b |\n|---|---|\n\n## There\n\n| c |\n",
    )
    text = page._page(course, [], [])
    assert text.endswith("## By seeds\n\nMeasured:\n\n| a | b |\n|---|---|\n\nThat is all.\n")
    (tmp_path / "other.md").write_text("## There\n")
    with pytest.raises(UserError, match="other.md has no table below '## Here'"):
        page._page(course, [], [])
