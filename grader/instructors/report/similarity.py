"""Pairs of submissions whose code is alike beyond what chance and the template explain.

The library copydetect makes k-grams of the code of one notebook (Schleimer, Wilkerson and Aiken,
"Winnowing: local algorithms for document fingerprinting", 2003; here every k-gram is kept, for the
exercises are short). Names, comments, strings and layout do not matter to it: a name is one
letter. What is the template's, the teacher's solution's, or is found in more than a few
submissions of the class, is no sign of copying and is left out, as in MOSS.

The thresholds are measured on the bank of answers: see benchmarks/similarity.py. Exercises of a
few lines have few solutions: who copies a common one is not found, and a pair may be chance.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from copydetect import CodeFingerprint
from numpy.typing import NDArray

from grader.instructors.report.tables import NOTEBOOK, Column, Table, Value

SHOWN = 40  # pairs of a notebook, the most alike, whose code is kept to be shown
K = 20  # characters of code, each name being one
LEAST = 50  # characters that a pair has in common
SHARE = 0.7  # of what is left of each of the two
FEW, MANY = 4, 10  # submissions that may share a piece: a tenth of the class, within these bounds

_BLANK = re.compile(r"\s{300,}")  # the lexer takes the square of its length

Mask = NDArray[np.bool_]
Grams = NDArray[np.int64]  # hashes of k-grams


@dataclass(frozen=True)
class Line:
    """A line of code, and whether it is alike in the other submission."""

    text: str
    is_alike: bool


@dataclass(frozen=True)
class Pair:
    """Two submissions. `shares`: how much of the code of each, without what is common, is alike.

    `codes` are empty if the pair is not among those whose code is shown.
    """

    students: tuple[str, str]
    shares: tuple[float, float]
    characters: int
    codes: tuple[Sequence[Line], Sequence[Line]] = ((), ())


@dataclass
class Fingerprint:
    """The k-grams of the cells of one submission, and where in its normalised code they begin.

    `grams` are their hashes, one for each of the `starts`. `own` says of each character of that
    code whether it counts, `line_of` in which line it is. All are arrays, for a class is in memory
    at once.
    """

    cells: Sequence[str]
    line_of: NDArray[np.int32]
    grams: Grams
    starts: NDArray[np.int32]
    own: Mask

    @classmethod
    def of(cls, cells: Iterable[str]) -> "Fingerprint":
        """That of the cells; no k-gram goes from one to the next, and tiny ones do not count."""
        kept = [_BLANK.sub("\n", cell) for cell in cells]
        line_of: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
        grams: list[int] = []
        starts: list[int] = []
        own: list[Mask] = [np.empty(0, dtype=np.bool_)]
        size = lines = 0
        for cell in kept:
            # A window of 1 keeps every k-gram. With a larger one it would depend on the process
            # which are kept: the library chooses by hash().
            made = CodeFingerprint("cell.py", K, 1, fp=io.StringIO(cell))
            for gram, places in made.hash_idx.items():
                grams += [gram] * len(places)
                starts += [size + int(start) for start in places]
            line_of.append(lines + _lines_of(made))
            lines += cell.count("\n") + 2
            length = len(made.filtered_code)
            own.append(np.full(length, length >= K))
            size += length
        return cls(
            kept,
            np.concatenate(line_of).astype(np.int32),
            np.array(grams, dtype=np.int64),
            np.array(starts, dtype=np.int32),
            np.concatenate(own),
        )

    @property
    def lines(self) -> list[str]:
        """The lines of all cells, with an empty one between two cells."""
        return "\n\n".join(self.cells).split("\n") if self.cells else []

    def leave_out(self, known: Grams) -> None:
        """Let code that is known count no more."""
        is_known = np.isin(self.grams, known)
        self.own &= ~self._covered(is_known)
        self.grams, self.starts = self.grams[~is_known], self.starts[~is_known]

    def covered(self, grams: Grams) -> Mask:
        """Which characters these k-grams cover."""
        return self._covered(np.isin(self.grams, grams))

    def _covered(self, chosen: Mask) -> Mask:
        edges = np.zeros(len(self.own) + 1, dtype=np.int64)
        np.add.at(edges, self.starts[chosen], 1)
        np.add.at(edges, self.starts[chosen] + K, -1)
        return edges.cumsum()[:-1] > 0

    def marked(self, alike: Mask) -> list[Line]:
        """The lines; those are alike of which at least half is."""
        n = len(self.lines)
        size = np.bincount(self.line_of, minlength=n)
        count = np.bincount(self.line_of, alike, minlength=n)
        marks = (size > 0) & (2 * count >= size)
        return [Line(text, bool(mark)) for text, mark in zip(self.lines, marks, strict=True)]


def _lines_of(made: CodeFingerprint) -> NDArray[np.int64]:
    """The line in which each character of the normalised code stands in the cell."""
    starts, removed = made.offsets.T
    # For the name of a class the library notes its length in the place of all that was removed.
    removed = np.maximum.accumulate(removed)
    characters = np.arange(len(made.filtered_code))
    nearest = np.clip(np.searchsorted(starts, characters), 0, len(starts) - 1)
    ends = [i for i, character in enumerate(made.raw_code) if character == "\n"]
    return np.searchsorted(ends, characters + removed[nearest])


def grams_of(texts: Iterable[str]) -> Grams:
    """The k-grams of all these texts, each once."""
    return np.unique(_together(Fingerprint.of([text]).grams for text in texts))


def _together(grams: Iterable[Grams]) -> Grams:
    return np.concatenate([np.empty(0, dtype=np.int64), *grams])


def pairs(codes: Mapping[str, Sequence[str]], template: Grams) -> list[Pair]:
    """The pairs that are alike, the most alike first, of the cells of each student.

    `template` are the k-grams of what nobody invented. However many students there are, each is
    compared only with those who share a k-gram that at most `MANY` have.
    """
    prints = {student: Fingerprint.of(cells) for student, cells in sorted(codes.items())}
    every = _together(np.unique(each.grams) for each in prints.values())
    grams, holders = np.unique(every, return_counts=True)
    known = np.union1d(template, grams[holders > most_holders(len(codes))])
    for each in prints.values():
        each.leave_out(known)
    found = [
        pair
        for one, other in _with_anything_in_common(prints)
        if (pair := _compare((one, other), prints[one], prints[other]))
    ]
    found.sort(key=lambda p: (-min(p.shares), -p.characters, p.students))
    for place, pair in enumerate(found[:SHOWN]):
        one, other = (prints[student] for student in pair.students)
        a, b = overlap(one, other)
        found[place] = replace(pair, codes=(one.marked(a), other.marked(b)))
    return found


def most_holders(submissions: int) -> int:
    """How many of the submissions may have a piece of code that is still taken for their own."""
    return min(MANY, max(FEW, submissions // 10))


def _with_anything_in_common(prints: Mapping[str, Fingerprint]) -> list[tuple[str, str]]:
    """Few of all pairs, for what is common is left out: of each k-gram at most 45."""
    holders: dict[int, list[str]] = {}
    for student, each in prints.items():
        for gram in np.unique(each.grams).tolist():
            holders.setdefault(gram, []).append(student)
    return sorted({pair for students in holders.values() for pair in combinations(students, 2)})


def _compare(students: tuple[str, str], one: Fingerprint, other: Fingerprint) -> Pair | None:
    a, b = overlap(one, other)
    characters = int(min(a.sum(), b.sum()))
    if characters < LEAST:
        return None
    shares = (float(a.sum() / one.own.sum()), float(b.sum() / other.own.sum()))
    if min(shares) < SHARE:
        return None
    return Pair(students, shares, characters)


def overlap(one: Fingerprint, other: Fingerprint) -> tuple[Mask, Mask]:
    """What of the own code of each is alike in the other."""
    shared = np.intersect1d(one.grams, other.grams)
    return one.covered(shared) & one.own, other.covered(shared) & other.own


def table(found: Mapping[str, Sequence[Pair]]) -> Table:
    """The pairs of each notebook."""
    columns = [
        NOTEBOOK,
        Column("one", code=True),
        Column("alike (%)", ".0f"),
        Column("other", code=True),
        Column("alike in it (%)", ".0f"),
        Column("characters", "d"),
    ]
    rows: list[list[Value]] = []
    for notebook, own in found.items():
        for pair in own:
            (one, other), (a, b) = pair.students, pair.shares
            rows.append([notebook, one, 100 * a, other, 100 * b, pair.characters])
    return Table("alike", "Pairs", columns, rows, "No pair is alike.", shown=20)
