"""What one text says otherwise than another, word by word, with a few words around it."""

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

_AROUND = 4  # words
# Places of equal words in both texts; the comparison takes as many steps, again and again.
_MOST_PAIRS = 200_000
_TOKEN = re.compile(r"\w+\s*|[^\w\s]\s*")


@dataclass(frozen=True)
class Piece:
    """A part of a comparison; "left" stands for words that are the same and not shown."""

    kind: Literal["same", "gone", "new", "left"]
    text: str


def pieces(first: str, second: str) -> list[Piece]:
    """How `second` differs from `first`; empty if only in case, spaces or line breaks."""
    old, new = _TOKEN.findall(first), _TOKEN.findall(second)
    if _pairs(old, new) > _MOST_PAIRS:
        return [Piece("gone", _text(old)), Piece("new", _text(new))]
    matcher = difflib.SequenceMatcher(None, _keys(old), _keys(new), autojunk=False)
    steps = matcher.get_opcodes()
    if all(step[0] == "equal" for step in steps):
        return []
    found: list[Piece] = []
    for number, (what, old_start, old_end, start, end) in enumerate(steps):
        if what == "equal":
            found += _same(new[start:end], number == 0, number == len(steps) - 1)
            continue
        if old_start < old_end:
            found.append(Piece("gone", _text(old[old_start:old_end])))
        if start < end:
            found.append(Piece("new", _text(new[start:end])))
    return found


def _pairs(old: list[str], new: list[str]) -> int:
    """How many pairs of equal words there are."""
    counts = Counter(_keys(old))
    return sum(counts[key] for key in _keys(new))


def _keys(tokens: list[str]) -> list[str]:
    return [token.strip().casefold() for token in tokens]


def _same(words: list[str], is_first: bool, is_last: bool) -> Iterator[Piece]:
    before = 0 if is_first else _AROUND
    after = 0 if is_last else _AROUND
    if len(words) <= before + after + 1:
        yield Piece("same", _text(words))
        return
    if before:
        yield Piece("same", _text(words[:before]))
    yield Piece("left", " … ")
    if after:
        yield Piece("same", _text(words[-after:]))


def _text(words: list[str]) -> str:
    return " ".join("".join(words).split()) + (" " if words[-1][-1:].isspace() else "")
