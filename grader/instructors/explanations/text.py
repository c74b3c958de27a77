"""The text of an answer: what it is compared by, and whether anything was written at all."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

TOO_LONG = 20_000  # characters; longer ones are looked at one by one

_MOST_MARKS = 30
_QUOTE = 30  # characters; a shorter sentence may be the student's own
_SENTENCE_ENDS = re.compile(r"(?<=[.?!:])\s+")
_COMMENT = re.compile(r"<!--.*?(-->|\Z)", re.DOTALL)
_TIMES = re.compile(r"(?<=\d)\s*[*×·x]\s*(?=\d)")  # before the asterisks of Markdown go
_MARKUP = re.compile(r"[*_`$#|\\~]+|^[^\S\n]*>+", re.MULTILINE)
_PICTURE = re.compile(r"!\[|<img\b|<svg\b|data:image/", re.IGNORECASE)

# Numbers, and words for them. One is left out: "one pass", "a pass" and "한 번" say the same.
_COUNTERS = r"(?=\s?(?:배|번|개|층|가지|제곱))"
_NUMBERS = {
    "0.5": r"\bhalf\b|\bhalves\b|절반",
    "2": rf"\btwo\b|\btwice\b|\bdoubl\w+|두{_COUNTERS}|갑절",
    "3": rf"\bthree\b|\bthrice\b|\btripl\w+|세{_COUNTERS}",
    "4": rf"\bfour\b|\bquadrupl\w+|네{_COUNTERS}",
    "5": rf"\bfive\b|다섯{_COUNTERS}",
    "6": rf"\bsix\b|여섯{_COUNTERS}",
    "8": rf"\beight\b|여덟{_COUNTERS}",
    "10": rf"\bten\b|열{_COUNTERS}",
}
_DIGITS = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_OPERATOR = r"(?<=\d)\s*[-+/^×÷−]\s*(?=\d)"
_NUMBER = re.compile(
    "|".join([f"({_OPERATOR})", f"({_DIGITS})", *(f"({w})" for w in _NUMBERS.values())])
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|nothing|none|neither|nor|without|cannot)\b|n['’]t\b"
    r"|(?<!\S)안(?=\s)|않|없|못|아니|아닌|아님"
)
_DIRECTIONS = (
    r"\bmore\b", r"\b(?:less|fewer)\b", r"\bfaster\b", r"\bslower\b", r"\blonger\b", r"\bshorter\b",
    r"\blarger\b|\bbigger\b|\bgreater\b", r"\bsmaller\b", r"\bincreas\w+", r"\bdecreas\w+",
    r"\blinear", r"\bquadratic|\bsquare|제곱", r"\bcubic", r"\bexponential|지수", r"\bconstant\b",
    r"증가|늘어|늘었|늘[고며]", r"감소|줄어|줄었|줄[고며]",
    r"빠[르른릅]|빨라", r"느[리린립]|느려", r"반비례",
)  # fmt: skip
_DIRECTION = [re.compile(words) for words in _DIRECTIONS]


@dataclass(frozen=True)
class Signs:
    """Small words that turn around what a text says: of texts that are alike, all are equal.

    `numbers` in their order, without repetitions; how many `negations`; which `directions`.
    """

    numbers: tuple[str, ...]
    negations: int
    directions: frozenset[int]


def without_stub(source: str, stub: str) -> tuple[str, bool]:
    """The text without the lines that the release had there, and whether there were any."""
    known = {plain(line) for line in stub.splitlines()} - {""}
    lines = source.splitlines()
    kept = [line for line in lines if not line or line.isspace() or plain(line) not in known]
    return "\n".join(kept).strip(), len(kept) < len(lines)


def sentences(source: str) -> list[str]:
    """The sentences of a text in the form of `plain`, but for those that anybody may write, too."""
    lines = (plain(line) for line in source.splitlines())
    found = (sentence for line in lines for sentence in _SENTENCE_ENDS.split(line))
    return [sentence for sentence in found if len(sentence) >= _QUOTE]


def without_quotes(plain_text: str, given: Iterable[str]) -> str:
    """A text, as `plain` made it, without the sentences in it that were given, the longest first.

    All of it, where nothing else is said.
    """
    own = plain_text
    for sentence in given:
        own = own.replace(sentence, " ")
    own = " ".join(own.split())
    return own if any(map(str.isalnum, own)) else plain_text


def plain(source: str) -> str:
    """The text as it is compared: one case, one form of each character, no markup, no layout."""
    text = unicodedata.normalize("NFKC", _stream_safe(_COMMENT.sub(" ", source))).casefold()
    text = "".join(
        char
        for char in text
        if unicodedata.category(char) not in ("Cf", "Cs", "Cc") or char.isspace()
    )
    text = _TIMES.sub(" × ", text.replace("&nbsp;", " "))
    text = _MARKUP.sub("", text)
    return " ".join(text.split())


def _stream_safe(text: str) -> str:
    """A text with at most 30 marks on a letter, of which no language needs so many.

    To put marks in order takes the square of their number; see Unicode's UAX #15.
    """
    if text.isascii():
        return text
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char)[0] == "M" else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def says_something(source: str) -> bool:
    """Whether there is a letter or a digit in it, or a picture."""
    return any(char.isalnum() for char in plain(source)) or has_picture(source)


def has_picture(source: str) -> bool:
    """Whether it shows a picture, which nobody can compare by its text."""
    return bool(_PICTURE.search(source))


def signs(plain_text: str) -> Signs:
    """The words in a text, as `plain` made it, that could turn around what it says."""
    numbers: list[str] = []
    for found in _NUMBER.finditer(plain_text):
        said = _number(found)
        if not numbers or numbers[-1] != said:
            numbers.append(said)
    directions = (n for n, words in enumerate(_DIRECTION) if words.search(plain_text))
    return Signs(tuple(numbers), len(_NEGATION.findall(plain_text)), frozenset(directions))


def _number(found: re.Match[str]) -> str:
    assert found.lastindex is not None
    if found.lastindex > 2:
        return list(_NUMBERS)[found.lastindex - 3]
    text = found.group().strip()
    if found.lastindex == 1:
        return text
    return f"{float(text.replace(',', '')):g}" if len(text) < 300 else text
