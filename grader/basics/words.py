"""Numbers in sentences, and text from outside made harmless to show."""

import re
from collections.abc import Sequence

_EMOJI = r"\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
# What moves the cursor, turns the direction of writing, breaks a line, is no text, or is not seen.
# A joiner stays within an emoji, such as that of a family.
_HARMFUL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f"
    r"\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
    rf"|(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])"
)
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SHOWN = re.compile(r"\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})")


def counted(number: float, word: str) -> str:
    """A number of things: "1 point", "2 points", "0.5 points"."""
    return f"{number:g} {word if number == 1 else word + 's'}"


def listed(names: Sequence[str], most: int) -> str:
    """The first `most` of some names, and whether there are more: "a, b, ..."."""
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def for_student(told: str) -> str:
    """What an instructor is told, for the student: "ask the student to save it" is "save it"."""
    return told.replace("ask the student to ", "").replace("of the student's,", "of yours,")


def valid(text: str) -> str:
    """Text with "?" for half surrogate pairs: JSON can hold them, no file and no database can."""
    return text.encode(errors="replace").decode()


def without_colours(text: str) -> str:
    """Text as a program printed it, without what gave it colours on a terminal."""
    return _COLOUR.sub("", text)


def visible(text: str) -> str:
    """Text with an escape such as \\x1b in the place of each sign that could do harm unseen.

    Line ends and tabs stay.
    """
    return _HARMFUL.sub(lambda found: _escape(found[0]), text)


def one_line(text: str) -> str:
    """The same of a name, which may have no line ends and tabs either."""
    return re.sub("[\t\n]", lambda found: _escape(found[0]), visible(text))


def meant(shown: str) -> str:
    """What `visible` was given, of a text that a person sends back."""
    return _SHOWN.sub(lambda found: _unescape(found[0]), shown)


def _escape(sign: str) -> str:
    if sign <= "\x7f":
        return f"\\x{ord(sign):02x}"
    return sign.encode("ascii", errors="backslashreplace").decode()


def _unescape(escape: str) -> str:
    sign = chr(min(int(escape[2:], 16), 0x10FFFF))
    return sign if one_line(sign) == escape else escape
