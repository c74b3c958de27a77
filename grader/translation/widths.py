"""Break texts into lines by the columns that they take: a Hangul syllable takes two."""

import unicodedata
from collections.abc import Iterator


def columns(text: str) -> int:
    """The columns of a text in a fixed-width font."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def wrapped(text: str, most: int) -> list[str]:
    """The text in lines of at most so many columns where words allow it, broken behind spaces.

    The spaces stay, so the lines joined are the text.
    """
    return list(_lines(text, most))


def _lines(text: str, most: int) -> Iterator[str]:
    line = ""
    for word in _words(text):
        if line and columns(line + word.rstrip(" ")) > most:
            yield line
            line = ""
        line += word
    yield line


def _words(text: str) -> Iterator[str]:
    """The words, each with the spaces behind it."""
    word = ""
    for each in text:
        if word.endswith(" ") and each != " ":
            yield word
            word = ""
        word += each
    yield word
