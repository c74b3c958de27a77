"""What in a student's own cells is prose, and what is an ordinary calculation."""

import time

import nbformat
import pytest

from grader.authors.bank import answers
from grader.submissions import prose
from tests.courses import COURSE

SAID = "There are twice as many parameters, and each pass gets twice as long."


@pytest.mark.parametrize(
    "source",
    [
        f'"""{SAID}"""',
        f"# {SAID}",
        f"print('{SAID}')",
        f"answer = '{SAID}'",
        f"def answer():\n    '''{SAID}'''",
        f"display(Markdown('{SAID}'))",
        f"%%markdown\n{SAID}",
        f"# {SAID}\nx = 2 * 2",
        SAID,
        "# 네 배로 늘어납니다. 층이 두 배이고 계산도 두 배이기 때문입니다.",
        "# 参数的数量增加一倍，每次计算的时间也增加一倍",
    ],
)
def test_prose_in_code_is_seen(source: str) -> None:
    cell = nbformat.v4.new_code_cell(source)
    assert prose.of_cell(cell, near=True) and prose.of_cell(cell, near=False)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "x = 1",
        "# try it\nexample = Tanh()\nexample(1.0)",
        "# With depth 10: parameters and steps of the numerical method\n"
        "p = parameter_count(10, 32, 10, 2)\nq = step_multiplications(10, 32, 10, 2)\nprint(p, q)",
        "# model = Mymodel()\n# model.fit(x, y)\n# print(model)",
        'def f(x):\n    """Return x, doubled, for each of the numbers that are in it."""\n'
        "    return 2 * x",
        "print('loss:', loss)\nprint('accuracy:', accuracy)",
        "raise NotImplementedError('Replace this line by your code.')",
        "for x in (1, 2:\n    print(x)",
        "%matplotlib inline\n%timeit f(x)",
        "!pip install something that I do need here",
    ],
)
def test_an_ordinary_calculation_is_none(source: str) -> None:
    assert not prose.of_cell(nbformat.v4.new_code_cell(source), near=True)


def test_no_solution_of_the_bank_is_taken_for_prose() -> None:
    for answer in answers.read_all(COURSE):
        for name, text in answer.cells.items():
            if not name.startswith("explain"):
                cell = nbformat.v4.new_code_cell(text)
                assert not prose.of_cell(cell, near=True), (answer.id, name)


def test_a_few_words_are_an_answer_only_beside_its_cell() -> None:
    cell = nbformat.v4.new_raw_cell("4 times")
    assert prose.of_cell(cell, near=True) and not prose.of_cell(cell, near=False)
    badge = nbformat.v4.new_markdown_cell('<a href="https://x.org/a b">![Open it in](a)</a>')
    assert not prose.of_cell(badge, near=True)


@pytest.mark.parametrize("filler", ["<", "![", "[a](", "# a b\n", "a b ", "(", "'''", "\n"])
def test_a_long_cell_takes_no_time(filler: str) -> None:
    before = time.process_time()
    prose.of_cell(nbformat.v4.new_code_cell(filler * 400_000), near=True)
    prose.of_cell(nbformat.v4.new_raw_cell(filler * 400_000), near=True)
    assert time.process_time() - before < 5
