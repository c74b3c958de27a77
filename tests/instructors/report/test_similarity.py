"""Copies are found, and what many would write is not taken for one."""

from collections import Counter
from itertools import combinations

import pytest

from grader.authors.bank import answers
from grader.instructors.report import similarity, work
from grader.instructors.report.similarity import Fingerprint, grams_of, pairs
from tests.contract import CONTRACT
from tests.courses import COURSE

OWN = """def train(network, x, y, epochs=100, alpha=0.01):
    history = []
    loss = MeanSquaredError()
    while len(history) < epochs:
        prediction = network(x)
        history.append(float(loss(prediction, y)))
        gradient_descent(network, x, y, loss, alpha)
    return history"""
# The same with other names, comments and layout.
COPY = '''def train(  net, a, b, epochs = 100,
            alpha = 0.01):
    """My own loop."""
    losses = []   # one for each epoch

    error = MeanSquaredError()
    while len(losses)<epochs:
        out = net(a)
        # before the step
        losses.append(float(error(out, b)))
        gradient_descent(net, a, b, error, alpha)
    return losses'''
OTHER = """def train(network, x, y, epochs=100, alpha=0.01):
    def step(_):
        value = loss_of(network, x, y)
        for layer, (dw, db) in zip(network.layers, network.gradients(x, y)):
            layer.weights -= alpha * dw
            layer.biases -= alpha * db
        return value
    return list(map(step, range(epochs)))"""


def found(codes: dict[str, list[str]], template: list[str] | None = None) -> list[tuple[str, str]]:
    return [pair.students for pair in pairs(codes, grams_of(template or []))]


def test_a_copy_with_other_names_and_layout_is_found() -> None:
    assert found({"a": [OWN], "b": [COPY], "c": [OTHER]}) == [("a", "b")]


def test_other_cells_beside_a_copy_do_not_hide_it() -> None:
    assert found({"a": ["x = 1", OWN], "b": [COPY, "print(train)"]}) == [("a", "b")]


def test_the_template_counts_for_nothing() -> None:
    assert found({"a": [OWN], "b": [OWN]}, [OWN]) == []
    assert found({"a": [OWN], "b": [COPY]}, [OTHER]) == [("a", "b")]
    own = Fingerprint.of([OWN])
    own.leave_out(grams_of([OWN.partition("\n    while")[0]]))
    text = [line.text for line in own.marked(own.own) if line.is_alike]
    assert text == OWN.split("\n")[3:]


def test_k_grams_that_stand_in_a_code_twice_are_kept() -> None:
    """copydetect's own way of leaving a template out takes these for the template's."""
    twice = Fingerprint.of([f"{OWN}\n{OWN}"])
    twice.leave_out(grams_of([OTHER]))
    own = {*grams_of([OWN])} - {*grams_of([OTHER])}
    assert len(own) > 40
    assert own <= {gram for gram, places in Counter(twice.grams).items() if places == 2}


def test_what_many_have_counts_for_nothing() -> None:
    few = {f"s{n}": [OWN] for n in range(similarity.FEW)}
    assert found(few) == list(combinations(few, 2))
    assert found({**few, "one-more": [OWN]}) == []


def test_a_large_class_is_not_compared_each_with_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """All have nearly the same code; as many as may share a piece of it share one more."""
    compared = 0

    def counted(one: Fingerprint, other: Fingerprint) -> tuple[similarity.Mask, similarity.Mask]:
        nonlocal compared
        compared += 1
        return overlap(one, other)

    overlap = similarity.overlap
    monkeypatch.setattr(similarity, "overlap", counted)
    for count in (100, 200):
        compared = 0
        own = [f"values = {[10 + n // similarity.MANY] * 60}" for n in range(count)]
        alike = pairs({f"s{n:03}": [OWN, own[n]] for n in range(count)}, grams_of([]))
        assert len(alike) == count * (similarity.MANY - 1) / 2
        assert compared == len(alike) + similarity.SHOWN
        assert all(pair.codes[0] for pair in alike[: similarity.SHOWN])
        assert not any(pair.codes[0] for pair in alike[similarity.SHOWN :])


def test_short_code_counts_for_nothing() -> None:
    short = "def parameter_count(depth, width):\n    return depth * width + 1"
    assert found({"a": [short], "b": [short]}) == []
    assert found({"a": ["x = 1"], "b": ["x = 1"], "c": [], "d": [""]}) == []


def test_lines_that_are_alike_are_marked() -> None:
    codes = {"a": [OTHER, f"{OWN}\n\nprint(2)"], "b": [COPY, OTHER], "c": [OTHER]}
    (pair,) = pairs(codes, grams_of([OTHER]))
    marks = [[line.text for line in lines if line.is_alike] for lines in pair.codes]
    # Not the first line and a half, which the template has, nor what the one alone has.
    assert marks[0] == OWN.split("\n")[1:]
    assert marks[1] == [
        "    losses = []   # one for each epoch",
        "    error = MeanSquaredError()",
        "    while len(losses)<epochs:",
        "        out = net(a)",
        "        losses.append(float(error(out, b)))",
        "        gradient_descent(net, a, b, error, alpha)",
        "    return losses",
    ]
    assert [line.text for line in pair.codes[1]] == [*COPY.split("\n"), "", *OTHER.split("\n")]


# Written on the pattern of one loop, each with another change: these are alike.
ONE_PATTERN = {
    "batches-by-next",
    "counts-the-batches-first",
    "lists-of-all-runs-kept",
    "while-loop",
}


@pytest.mark.parametrize("notebook", list(CONTRACT))
def test_independent_right_answers_are_not_alike(notebook: str) -> None:
    """Compared by the cells that both give: the others hold the teacher's solution."""
    code = [cell.grade_id for cell in CONTRACT[notebook] if cell.kind == "solution"]
    right = [a for a in answers.read_all(COURSE) if a.notebook == notebook and a.kind == "right"]
    right = [answer for answer in right if answer.name not in ONE_PATTERN]
    template = grams_of(work.template(COURSE, notebook))
    compared, alike = 0, []
    for one, other in combinations(right, 2):
        both = [name for name in code if name in one.cells and name in other.cells]
        if both:
            compared += 1
            texts = {each.name: [each.cells[name] for name in both] for each in (one, other)}
            alike += pairs(texts, template)
    assert compared > 20
    assert alike == []


def test_a_run_of_blank_lines_is_one() -> None:
    assert Fingerprint.of(["x = 1" + "\t\n" * 10_000 + "y = 2"]).lines == ["x = 1", "y = 2"]


def test_strange_code_is_compared_like_any_other() -> None:
    strange = [
        "%%time\n!ls\n",
        "\x00\x07\ud83d",
        "def broken(:\n  '''",
        "변수 = '값'\n" * 3,
        "\t\r\n\x0c",
    ]
    assert found({"a": [*strange, OWN], "b": [*strange, COPY]}) == [("a", "b")]
