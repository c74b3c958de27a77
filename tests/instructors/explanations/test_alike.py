"""Near-copies fall into one group, and nothing else does, in Korean, in English, and mixed."""

import itertools
import random

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering

from grader.instructors.explanations import alike, differences, neighbours, text
from tests.instructors.explanations.making import STUB, TEXTS
from tests.instructors.explanations.varied import KINDS, explanations

EXERCISES = ("complexity", "backprop")


def made(exercise: str) -> list[tuple[str, str]]:
    """All made-up answers to an exercise, each with what it is a copy of."""
    found = []
    for name, given in TEXTS.items():
        if name.startswith(exercise):
            copies = [given["text"], *given.get("copies", [])]
            found += [(name, copy) for copy in copies]
            turned = given.get("turned", [])
            found += [(f"{name}, turned {n}", each) for n, each in enumerate(turned)]
    return found


def groups(texts: list[str]) -> list[list[int]]:
    return alike.groups([text.plain(each) for each in texts])


def similarities(texts: list[str]) -> NDArray[np.float64]:
    """How alike each two texts are, all of them at once."""
    vectors = alike.vectors([text.plain(each) for each in texts])
    found: NDArray[np.float64] = (vectors @ vectors.T).toarray()
    return found


@pytest.mark.parametrize("exercise", EXERCISES)
def test_copies_stand_together_and_nothing_else_does(exercise: str) -> None:
    names, texts = zip(*made(exercise), strict=True)
    found = {frozenset(group) for group in groups(list(texts))}
    asked = {frozenset(place for place, name in enumerate(names) if name == each) for each in names}
    assert found == asked


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_threshold_keeps_its_distance(exercise: str) -> None:
    kept = [(name, each) for name, each in made(exercise) if "turned" not in name]
    near = similarities([each for _, each in kept])
    copies: list[float] = []
    others: list[float] = []
    for (i, (one, _)), (j, (other, _)) in itertools.combinations(enumerate(kept), 2):
        (copies if one == other else others).append(float(near[i, j]))
    assert max(others) < alike.ALIKE - 0.1
    assert min(copies) > alike.ALIKE + 0.05


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_order_of_the_class_does_not_matter(exercise: str) -> None:
    texts = [each for _, each in made(exercise)] * 2
    before = [[texts[place] for place in group] for group in groups(texts)]
    for seed in range(3):
        random.Random(seed).shuffle(texts)
        assert [[texts[place] for place in group] for group in groups(texts)] == before


def test_the_largest_group_is_first_and_each_begins_with_its_middle() -> None:
    texts = [
        "about 4 times",
        "about 4 times!",
        "**about** 4 times",
        "something else",
        "about 4 time",
    ]
    first, second = groups(texts)
    assert [set(first), second] == [{0, 1, 2, 4}, [3]]
    assert text.plain(texts[first[0]]) == "about 4 times"


def test_nothing_and_one_answer_are_grouped() -> None:
    assert groups([]) == []
    assert groups(["4"]) == [[0]]
    assert groups(["4", "4", "x"]) == [[0, 1], [2]]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Two times two is four.", "two times 2 is 4"),
        ("95,260,800 steps", "95260800 steps"),
        ("두 배, 두 배이므로 네 배", "2배, 2배이므로 4배"),
        ("２ × ２ ＝ ４", "2*2 = 4"),
        ("It doesn't.", "It does not."),
        ("cafe\u0301 \u1112\u1161\u11ab", "café 한"),
    ],
)
def test_the_same_is_read_as_the_same(one: str, other: str) -> None:
    assert text.signs(text.plain(one)) == text.signs(text.plain(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2 * 2 = 4", "2 + 2 = 4"),
        ("first 2, then 4", "first 4, then 2"),
        ("it is faster", "it is slower"),
        ("it does", "it does not"),
        ("저장한다", "저장하지 않는다"),
        ("값을 저장한다", "값을 안 저장한다"),
        ("세 배", "네 배"),
        ("시간이 증가한다", "시간이 감소한다"),
    ],
)
def test_what_turns_a_text_around_is_seen(one: str, other: str) -> None:
    assert text.signs(text.plain(one)) != text.signs(text.plain(other))


@pytest.mark.parametrize(
    "source",
    [
        "",
        " \n\t ",
        "\u00a0\u200b\ufeff",
        "<!-- mine -->",
        "<!-- open",
        "&nbsp;",
        "**  **",
        "---",
        "…?",
        STUB,
        f"{STUB}\n\n",
        "YOUR ANSWER HERE: replace this line.",
    ],
)
def test_nothing_is_said(source: str) -> None:
    said, _ = text.without_stub(source, STUB)
    assert not text.says_something(said)


@pytest.mark.parametrize("source", ["4", "네", "$x$", "![](a.png)", "<img src='a'>", "É"])
def test_something_is_said(source: str) -> None:
    assert text.says_something(source)


def test_the_line_of_the_release_is_no_part_of_the_answer() -> None:
    assert text.without_stub(f"{STUB}\n\nFour times.\n", STUB) == ("Four times.", True)
    assert text.without_stub("Four times.", STUB) == ("Four times.", False)


def test_differences_are_shown_with_some_words_around() -> None:
    one = "a b c d e f g h i j k l"
    assert [(p.kind, p.text) for p in differences.pieces(one, one.replace("g", "x y"))] == [
        ("left", " … "),
        ("same", "c d e f "),
        ("gone", "g "),
        ("new", "x y "),
        ("same", "h i j k l"),
    ]
    assert differences.pieces("One\n two.", "one two .") == []
    assert differences.pieces("", "new")[0].kind == "new"


@pytest.mark.parametrize("kind", KINDS)
def test_groups_are_those_of_scikit_learn(kind: str) -> None:
    """Which knows how alike each two texts are, and so takes the square of memory."""
    texts = list({text.plain(each): each for each in explanations(400, kind)}.values())
    clustering = AgglomerativeClustering(
        n_clusters=None,
        distance_threshold=1 - alike.ALIKE,
        metric="precomputed",
        linkage="complete",
    )
    labels = clustering.fit_predict(np.clip(1 - similarities(texts), 0, None))
    asked = {frozenset(np.flatnonzero(labels == label).tolist()) for label in set(labels)}
    assert {frozenset(group) for group in groups(texts)} == asked
    assert len(texts) > len(asked) > 5


@pytest.mark.parametrize("kind", KINDS)
def test_each_two_that_are_alike_are_found_and_no_others(kind: str) -> None:
    texts = explanations(600, kind)  # more than are compared with others at once
    vectors = alike.vectors([text.plain(each) for each in texts])
    near = np.triu(similarities(texts), 1)
    found = neighbours.distances(vectors, alike.ALIKE).tocoo()
    one, other = np.nonzero(near > alike.ALIKE)
    assert set(zip(found.row, found.col, strict=True)) == set(zip(one, other, strict=True))
    apart = (found.data - 1.0) * neighbours.UNIT
    assert np.allclose(1 - near[found.row, found.col], apart, rtol=0, atol=neighbours.UNIT)
