"""Texts in code: which are found, and that translated code does the same with other words."""

import ast
from pathlib import Path

import pytest

from grader.notebooks import cells
from grader.translation import python_code
from grader.translation.widths import columns
from tests.courses import COURSE


def msgids(code: str) -> list[str]:
    return [text.msgid for text in python_code.texts(code)]


FOUND = {
    "a string that is printed": ('print("so many parts")', ["so many parts"]),
    "an f-string": ('print(f"got {n:.3f} of {most!r}")', ["got {n:.3f} of {most!r}"]),
    "pieces that follow each other": ('f("one part, "\n  f"and {two}")', ["one part, and {two}"]),
    "braces of an f-string": ('f(f"a set {{1}} of {n}")', ["a set {{1}} of {n}"]),
    "a comment of two lines": (
        "# the first line\n# and the next\nx = 1",
        ["the first line and the next"],
    ),
    "a docstring": ('def f():\n    """Return the number."""', ["Return the number."]),
    "a message in a table": ('x = {1: "not this one"}', ["not this one"]),
    "a table of messages": (
        'x = {"The order of them is reversed.": 1}',
        ["The order of them is reversed."],
    ),
    "one of two words": ('said = "real" if x else "drawn"', ["real", "drawn"]),
}
NOT_FOUND = {
    "data that are marked": "expected = 'Hello to you all!'  # not translated",
    "what a test of unittest's compares": "self.assertEqual(greet(), 'Hello to you all!')",
    "a pattern of match": "match x:\n    case 'one two three':\n        pass",
    "a file's name": "open('my long name.txt')",
    "a name": 'f("parameter_count(2, 3, 2, 1)")',
    "what is compared": 'x == "one two three"',
    "a key": 'x["one two three"]',
    "a pattern": 're.match("one two|three", x)',
    "a label in a figure": 'axes.plot(x, label="training images")',
    "a title of a figure": 'axes.set(title="loss over training")',
    "a word that a function gives to the program": 'def f():\n    return "above" if x else "below"',
    "a comment for a linter": "x = 1  # noqa: the line is long",
    "a cell's first line for Colab": "# @title Get the files of the course\nx = 1",
    "a marker of nbgrader's": "### BEGIN HIDDEN TESTS\nx = 1",
    "a tag": 'f("<p class=one>two three</p>")',
    "what is no Python": "print 'one two three'",
}


@pytest.mark.parametrize("what", FOUND)
def test_what_a_learner_reads_is_found(what: str) -> None:
    code, wanted = FOUND[what]
    assert msgids(code) == wanted


@pytest.mark.parametrize("what", NOT_FOUND)
def test_what_is_for_programs_is_left_alone(what: str) -> None:
    assert msgids(NOT_FOUND[what]) == []


def test_comments_and_docstrings_can_be_left_out() -> None:
    code = (
        'def f():\n    """Return the number."""\n    # as it was before\n    print("so many parts")'
    )
    assert [text.msgid for text in python_code.texts(code, explained=False)] == ["so many parts"]


def run(code: str, **names: object) -> str:
    said: list[str] = []
    exec(code, {"say": said.append, **names})
    return said[0]


PUT = {
    "in another order": ("{n}개 중 {m}개", "3개 중 2개"),
    "with quotes": ('"{m}"는 {n}보다', '"2"는 3보다'),
    "with a backslash and a new line": ("{m}\\{n}\n끝", "2\\3\n끝"),
    "with a brace of its own": ("{{{m}}} / {n}", "{2} / 3"),
    "long": (
        "아주 긴 문장이에요. " * 12 + "{m} 그리고 {n}",
        "아주 긴 문장이에요. " * 12 + "2 그리고 3",
    ),
}


@pytest.mark.parametrize("how", PUT)
@pytest.mark.parametrize("form", ['say(f"{m} of {n}")', 'x = f"{m} of {n}"\nsay(x)'])
def test_values_come_to_stand_where_the_translation_wants_them(how: str, form: str) -> None:
    put, wanted = PUT[how]
    made = python_code.translated(form, {"{m} of {n}": put})
    assert run(made, m=2, n=3) == wanted
    assert max(map(columns, made.split("\n"))) <= 100


def test_where_placeholders_do_not_match_the_english_stays() -> None:
    code = 'say(f"{m} of {n}")'
    for put in ("{m}개", "{m}, {n}, {k}", "{m} {n", "{m} {__import__('os')} {n}"):
        assert python_code.translated(code, {"{m} of {n}": put}) == code


def test_a_placeholder_that_chooses_english_words_may_go_or_choose_others() -> None:
    code = "say(f\"{n} {'point' if n == 1 else 'points'} left\")"
    text = "{n} {'point' if n == 1 else 'points'} left"
    assert msgids(code) == [text]
    assert run(python_code.translated(code, {text: "{n}점 남음"}), n=2) == "2점 남음"
    chosen = "{n}점 {'하나' if n == 1 else '여럿'}"
    assert run(python_code.translated(code, {text: chosen}), n=2) == "2점 여럿"


SMUGGLED = {
    "a line in a comment": ("# one word\nx = 1", "one word", "말\nx = 2"),
    "the end of a docstring": (
        'def f():\n    """One word."""\n    return 1',
        "One word.",
        '끝"""\n    return 2 #',
    ),
    "four quotes": ('def f():\n    """One word."""\n    return 1', "One word.", 'a"""" + str(2) #'),
    "a quote at the end": (
        'def f():\n    """One word."""\n    return 1',
        "One word.",
        '이렇게 "두 번"',
    ),
    "a carriage return": ('say("one word")', "one word", "말\r끝"),
    "another key": (
        "say(f\"got {h['accuracy']:.3f}\")",
        "got {h['accuracy']:.3f}",
        "{h['loss']:.3f}",
    ),
    "another format": ('say(f"got {n:.3f}")', "got {n:.3f}", "{n:d}"),
    "a wide format": ('say(f"got {n}")', "got {n}", "{n:>1000000}"),
    "another name": ('say(f"got {n}")', "got {n}", "{n.__class__}"),
    "an assignment": ('say(f"got {n}")', "got {n}", "{(n := 2)}"),
    "another conversion": ('say("you have %s of %d" % (a, n))', "you have %s of %d", "%d 중 %s"),
    "another field": (
        'say("you have {} of {n}".format(a, n=n))',
        "you have {} of {n}",
        "{n.__class__}",
    ),
}


@pytest.mark.parametrize("what", SMUGGLED)
def test_nothing_but_words_comes_from_a_catalogue(what: str) -> None:
    code, msgid, put = SMUGGLED[what]
    assert msgids(code) == [msgid]
    made = python_code.translated(code, {msgid: put})
    assert shape(made) == shape(code)
    for old, new in zip(placeholders_in(code), placeholders_in(made), strict=True):
        assert new == old


def placeholders_in(code: str) -> list[str]:
    return sorted(
        ast.dump(node) for node in ast.walk(ast.parse(code)) if isinstance(node, ast.FormattedValue)
    )


def test_one_text_that_no_catalogue_can_hold_leaves_the_others() -> None:
    code = "say(f'all {d[\"x\"]} of it')\nsay('so many parts')"
    assert "so many parts" in msgids(code)


def test_a_comment_between_the_pieces_of_a_string_goes() -> None:
    code = 'say(\n    "one part, "  # of two words\n    "and one"\n)'
    known = {"one part, and one": "한 부분", "of two words": "두 단어"}
    assert run(python_code.translated(code, known)) == "한 부분"


def test_a_comment_and_a_docstring_keep_their_place() -> None:
    code = 'def f():\n    """Return the number."""\n    # as it was\n    return 1  # and not two'
    known = {
        "Return the number.": "숫자를 돌려줘요.",
        "as it was": "전과 같이",
        "and not two": "둘이 아니라",
    }
    assert python_code.translated(code, known) == (
        'def f():\n    """숫자를 돌려줘요."""\n    # 전과 같이\n    return 1  # 둘이 아니라'
    )


def all_code() -> dict[str, str]:
    """All code of the course that is translated."""
    found = {path.name: path.read_text(encoding="utf-8") for path in COURSE.source.glob("*.py")}
    for path in COURSE.notebooks():
        for cell in cells.read_notebook(path).cells:
            if cell.cell_type == "code":
                found[f"{path.stem}, {cell.id}"] = cell.source
    return found


@pytest.mark.parametrize("name", sorted(all_code()))
def test_translated_code_is_the_same_but_for_its_texts(name: str) -> None:
    """Every text of the course's own code, in letters that no other text has."""
    code = all_code()[name]
    known = {text.msgid: f"가나 {text.msgid} 다라" for text in python_code.texts(code)}
    made = python_code.translated(code, known)
    assert made.count("가나 ") >= len({*known})
    again = {f"가나 {msgid} 다라": msgid for msgid in known}
    assert shape(made) == shape(code)
    assert shape(python_code.translated(made, again)) == shape(code)


def shape(code: str) -> str:
    """Code without its texts and comments."""

    class Blank(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.AST:
            return ast.Constant("") if isinstance(node.value, str) else node

        def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
            self.generic_visit(node)
            node.values = [each for each in node.values if isinstance(each, ast.FormattedValue)]
            return node

    return ast.dump(Blank().visit(ast.parse(code)))


def test_the_code_of_the_course_is_where_it_is_looked_for() -> None:
    names = all_code()
    assert "checks.py" in names
    assert "4-svhn, test-learning" in names
    assert Path(COURSE.source, "checks.py").is_file()
