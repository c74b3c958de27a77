"""Pairs of submissions whose code is alike beyond what chance and the template explain.

The library copydetect compares the code of one notebook by its k-grams (Schleimer, Wilkerson and
Aiken, "Winnowing: local algorithms for document fingerprinting", 2003; here every k-gram is kept,
for the exercises are short). Names, comments, strings and layout do not matter to it: it replaces
each name by one letter. What is the template's, the teacher's solution's, or is found in more than
a few submissions of the class, is no sign of copying and is left out; MOSS does the same.

The thresholds are measured on the bank of answers (benchmarks/similarity.py). Exercises of a few
lines have few ways to be solved: who copies a common solution is not found, and a pair that is
found may still be chance.
"""

import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from copydetect import CodeFingerprint, compare_files
from copydetect.utils import get_token_coverage
from numpy.typing import NDArray

from grader.report.tables import Column, Table

K = 25  # characters of code, each name being one; the library's default
LEAST = 80  # characters that a pair has in common
SHARE = 0.8  # of what is left of each of the two
FEW, MANY = 4, 10  # submissions that may share a piece: a tenth of the class within these bounds


@dataclass(frozen=True)
class Line:
    """A line of code, and whether it is alike in the other submission."""

    text: str
    is_alike: bool


@dataclass(frozen=True)
class Pair:
    """Two submissions. `shares`: how much of the code of each, without what is common, is alike."""

    students: tuple[str, str]
    shares: tuple[float, float]
    characters: int
    codes: tuple[Sequence[Line], Sequence[Line]]


def pairs(codes: Mapping[str, str], template: Iterable[str]) -> list[Pair]:
    """The pairs that are alike, by student, the most alike first."""
    prints = {student: fingerprint(code) for student, code in sorted(codes.items())}
    known = {gram for text in template for gram in fingerprint(text).hashes}
    holders = Counter(gram for each in prints.values() for gram in each.hashes)
    most = most_holders(len(codes))
    known.update(gram for gram, count in holders.items() if count > most)
    for each in prints.values():
        leave_out(each, known)
    found = [
        pair
        for one, other in _candidates(prints)
        if (pair := _compare(one, prints[one], other, prints[other]))
    ]
    return sorted(found, key=lambda p: (-min(p.shares), -p.characters, p.students))


def most_holders(submissions: int) -> int:
    """How many of the submissions may have a piece of code that is still taken for their own."""
    return min(MANY, max(FEW, submissions // 10))


def fingerprint(code: str) -> CodeFingerprint:
    """The k-grams of a piece of code."""
    # A window of 1 keeps every k-gram. A larger one would keep other ones in each process, for
    # the library chooses by hash(), which differs from process to process.
    made = CodeFingerprint("code.py", K, 1, fp=io.StringIO(code))
    # The library's offset of the name of a class is that of the name alone (filter_code).
    made.offsets[:, 1] = np.maximum.accumulate(made.offsets[:, 1])
    return made


def leave_out(print_: CodeFingerprint, known: set[int]) -> None:
    """Take k-grams out of a fingerprint.

    copydetect's own argument for this takes out k-grams that occur twice in the code, too: it
    tells NumPy that they are unique.
    """
    print_.hashes = print_.hashes - known
    print_.hash_idx = {gram: print_.hash_idx[gram] for gram in print_.hashes}
    print_.token_coverage = get_token_coverage(print_.hash_idx, K, len(print_.filtered_code))


def _candidates(prints: Mapping[str, CodeFingerprint]) -> list[tuple[str, str]]:
    """The pairs that have anything in common: of hundreds of submissions, few of all pairs."""
    by_gram: dict[int, list[str]] = {}
    for student, each in prints.items():
        for gram in each.hashes:
            by_gram.setdefault(gram, []).append(student)
    return sorted({pair for students in by_gram.values() for pair in combinations(students, 2)})


def _compare(one: str, first: CodeFingerprint, other: str, second: CodeFingerprint) -> Pair | None:
    _, shares, slices = compare_files(first, second)
    sizes = (shares[0] * first.token_coverage, shares[1] * second.token_coverage)
    characters = round(min(sizes))
    if characters < LEAST or min(shares) < SHARE:
        return None
    codes = (_lines(first.raw_code, slices[0]), _lines(second.raw_code, slices[1]))
    return Pair((one, other), (float(shares[0]), float(shares[1])), characters, codes)


def _lines(code: str, slices: NDArray[np.int64]) -> list[Line]:
    """The lines of the code; alike are those of which at least half is in the slices."""
    alike = np.zeros(len(code), dtype=bool)
    for start, end in slices.T:
        alike[start:end] = True
    found, start = [], 0
    for text in code.split("\n"):
        places = [start + i for i, character in enumerate(text) if not character.isspace()]
        found.append(Line(text, bool(places) and bool(alike[places].mean() >= 0.5)))
        start += len(text) + 1
    return found


def table(found: Mapping[str, Sequence[Pair]]) -> Table:
    """The pairs of each notebook."""
    columns = [
        Column("notebook"),
        Column("one", code=True),
        Column("alike (%)", ".0f"),
        Column("other", code=True),
        Column("alike in it (%)", ".0f"),
        Column("characters", "d"),
    ]
    rows = [
        [
            notebook,
            pair.students[0],
            100 * pair.shares[0],
            pair.students[1],
            100 * pair.shares[1],
            pair.characters,
        ]
        for notebook, pairs_ in found.items()
        for pair in pairs_
    ]
    return Table("alike", "Pairs", columns, rows, "No pair is alike.")
