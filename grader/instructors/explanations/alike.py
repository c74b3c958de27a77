"""Put answers together that are nearly alike: near-copies, never what a machine thinks is right.

Compared are the n-grams of characters, which needs no dictionary and works for any language; in
Korean they are those of the single letters, so that endings differ little. Two answers fall into
one group only if all pairs in it are alike (complete linkage), and if the small words that turn
a text around (numbers, negations, directions) are the same.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from grader.instructors.explanations import linkage, neighbours, text

# Between the most alike of the different explanations of texts.toml (0.62; among the tests)
# and the least alike of the copies (0.84).
ALIKE = 0.75


def groups(texts: Sequence[str]) -> list[list[int]]:
    """The places of the texts, as `text.plain` makes them, in groups.

    The largest group comes first. The first of a group is the one most like all others. What
    comes out depends on the texts alone, not on their order, but for that of equal ones.
    """
    places: dict[str, list[int]] = defaultdict(list)
    for place, each in enumerate(texts):
        places[each].append(place)
    kinds: dict[text.Signs, list[str]] = defaultdict(list)
    for each in sorted(places):
        kinds[text.signs(each)].append(each)
    found = [each for kind in kinds.values() for each in _alike(kind, places)]
    found.sort(key=lambda each: (-sum(len(places[one]) for one in each), each[0]))
    return [[place for one in each for place in places[one]] for each in found]


def vectors(texts: Sequence[str]) -> sparse.csr_matrix:
    """The texts as unit vectors: how alike two are, from 0 to 1, is their scalar product.

    Without weights for rare n-grams: they would make it depend on the rest of the class.
    """
    vectorizer = TfidfVectorizer(
        analyzer="char", ngram_range=(2, 4), lowercase=False, use_idf=False, sublinear_tf=True
    )
    # A space at both ends, so that a text of one character has n-grams, too.
    made = vectorizer.fit_transform([f" {unicodedata.normalize('NFKD', t)} " for t in texts])
    return sparse.csr_matrix(made)


def _alike(texts: list[str], places: dict[str, list[int]]) -> list[list[str]]:
    """The texts in groups, each sorted by how like it is to the others of its group."""
    if len(texts) == 1:
        return [texts]
    made = vectors(texts)
    weights = np.array([len(places[each]) for each in texts], dtype=float)
    found = []
    for own in linkage.complete(neighbours.distances(made, ALIKE)):
        if len(own) > 1:
            nearness = _nearness(made[own], weights[own])
            own = [own[n] for n in np.argsort(-nearness, kind="stable")]
        found.append([texts[n] for n in own])
    return found


def _nearness(texts: sparse.csr_matrix, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """How like each text is to all of them, by how many gave each."""
    nearness: NDArray[np.float64] = texts @ (texts.T @ weights)
    return nearness.round(9)
