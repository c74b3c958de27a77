"""The blocks of a check: what is read at a time, and how many lines of code are in each."""

from textwrap import dedent

import pytest

from grader.authors.exercises import blocks


def blocks_of(source: str) -> dict[str, int]:
    """The lines of each block of a check, by kind and name; none of its first line, which shows."""
    source = f"check = Check(points=6)\n{dedent(source)}"
    found = list(blocks.of_check(source, 2, source.count("\n") + 1))
    named = {f"{block.kind} {block.name}".strip(): block.lines for block in found}
    assert len(named) == len(found)
    return named


def test_a_function_that_says_what_it_is_for_is_a_block() -> None:
    assert blocks_of('''
        def compare(x):
            """The value at x is right."""
            wanted = 1
            expect(x == wanted)
        with check.part(1, "values"):
            compare(1)
            compare(2)
    ''') == {"function compare": 3, "part 'values'": 3, "rest": 0}


def test_other_functions_are_read_with_the_part_that_alone_uses_them() -> None:
    assert blocks_of("""
        def deep(x):
            return x
        def only_here(x):
            return deep(x)
        def shared(x):
            return x
        with check.part(1, "values"):
            only_here(shared(1))
        with check.part(1, "shapes"):
            shared(2)
    """) == {"part 'values'": 6, "part 'shapes'": 2, "rest": 2}


def test_a_function_in_a_function_is_no_line_of_the_outer_one() -> None:
    assert blocks_of('''
        def outer():
            """Both are right."""
            @cache
            def inner():
                """One is right."""
                expect(True)
            inner()
            inner()
        outer()
    ''') == {"function inner": 3, "function outer": 3, "rest": 1}


def test_the_methods_of_a_class_are_blocks_as_functions_are() -> None:
    assert blocks_of('''
        class Trial:
            """A network and what came of it."""
            size = 3
            def __init__(self):
                self.size = 4
            def run(self):
                """Train it."""
                train(self)
    ''') == {"function run": 2, "class Trial": 4, "rest": 0}


def test_parts_in_a_function_are_no_lines_of_it() -> None:
    assert blocks_of("""
        def hidden_tests():
            import numpy
            with check.part(1, "values"):
                expect(numpy.all(True))
            for name in "ab":
                with check.part(1, f"shape {name}"):
                    expect(True)
        hidden_tests()
    """) == {"part 'values'": 2, "part in line 8": 2, "rest": 4}


def test_a_visible_part_is_no_block() -> None:
    source = 'with check.part(1, "values"):\n    expect(True)\nexpect(1)\nexpect(2)\n'
    assert list(blocks.of_check(source, 3, 4)) == [blocks.Block("rest", "", 2)]


@pytest.mark.parametrize(
    "one_line",
    [
        "points = array([\n    [1, 2],\n    [3, 4],\n])",
        'known = {\n    "twice": 2 * x,\n    "half": x / 2,\n}',
        "for what, x in (\n    (1, 2),\n    (3, 4),\n): pass",
        '"""What is said\nhere."""\nexpect(True)',
        "# Why\n\n# it is so.\nexpect(True)  # or not",
    ],
)
def test_a_table_is_one_line_and_what_explains_is_none(one_line: str) -> None:
    source = f"expect(0)\n{one_line}\nexpect(2)\n"
    (rest,) = blocks.of_check(source, 1, source.count("\n"))
    assert rest.lines == 3


def test_a_message_counts_as_it_is_written() -> None:
    source = 'expect(\n    True,\n    "One. "\n    "Two.",\n)\n'
    assert list(blocks.of_check(source, 1, 5)) == [blocks.Block("rest", "", 5)]
