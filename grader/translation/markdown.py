"""The texts in Markdown that a learner reads: its blocks, which blank lines part.

A block is a paragraph, a heading, a list, or what stands between fences of the kind `text`: what a
program prints. Other code between fences and formulas alone are none.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_FENCE = re.compile(r"\s*(```+|~~~+)\s*(\w*)")
# What is no word: formulas, code, links' addresses, tags, and names of entities.
_NO_WORDS = re.compile(
    r"\$\$.*?\$\$|\$[^$\n]+\$|`[^`]*`|\]\([^)]*\)|<[^>]*>|&\w+;|https?://\S+", re.DOTALL
)
# Where a link or a picture leads within the course.
LINK = re.compile(r"\]\((?![a-z]+:|#|/)([^)\s]+)(?=\))")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Block:
    """A block, and where it stands in the text, as offsets of characters."""

    text: str
    start: int
    end: int


def blocks(text: str) -> list[Block]:
    """The blocks that have words."""
    return [block for block in _blocks(text) if _WORD.search(_NO_WORDS.sub(" ", block.text))]


def translated(text: str, known: Mapping[str, str]) -> str:
    """The text with each block that has a translation in its place."""
    made, last = [], 0
    for block in blocks(text):
        if put := known.get(block.text):
            made += [text[last : block.start], put]
            last = block.end
    return "".join((*made, text[last:]))


def _blocks(text: str) -> Iterator[Block]:
    start, end, offset, fence, is_printed = -1, -1, 0, "", False
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        is_text = not mark and (not fence or is_printed)
        if fence:
            fence = "" if mark and mark[1].startswith(fence) else fence
        elif mark:
            fence, is_printed = mark[1], mark[2] == "text"
        if line.strip() and is_text:
            if start < 0:
                start = offset
            end = offset + len(line.rstrip())
        elif start >= 0:
            yield Block(text[start:end], start, end)
            start = -1
        offset += len(line) + 1
    if start >= 0:
        yield Block(text[start:end], start, end)
