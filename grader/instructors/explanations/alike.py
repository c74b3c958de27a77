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
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer

from grader.instructors.explanations import text

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


def similarities(texts: Sequence[str]) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """How alike each two of the texts are, from 0 to 1.

    Without weights for rare n-grams: they would make it depend on the rest of the class.
    """
    vectorizer = TfidfVectorizer(
        analyzer="char", ngram_range=(2, 4), lowercase=False, use_idf=False, sublinear_tf=True
    )
    # A space at both ends, so that a text of one character has n-grams, too.
    vectors = vectorizer.fit_transform([f" {unicodedata.normalize('NFKD', t)} " for t in texts])
    alike: np.ndarray[tuple[int, int], np.dtype[np.float64]] = (vectors @ vectors.T).toarray()
    return alike


def _alike(texts: list[str], places: dict[str, list[int]]) -> list[list[str]]:
    """The texts in groups, each sorted by how like it is to the others of its group."""
    if len(texts) == 1:
        return [texts]
    alike = similarities(texts)
    labels = AgglomerativeClustering(
        n_clusters=None, distance_threshold=1 - ALIKE, metric="precomputed", linkage="complete"
    ).fit_predict(np.clip(1 - alike, 0, None))
    weights = np.array([len(places[each]) for each in texts], dtype=float)
    groups = []
    for label in range(int(labels.max()) + 1):
        own = np.flatnonzero(labels == label)
        nearness = alike[np.ix_(own, own)] @ weights[own]
        ranked = sorted(range(len(own)), key=lambda n: (-round(float(nearness[n]), 9), n))
        groups.append([texts[own[n]] for n in ranked])
    return groups
