"""Read and write the CSV files that learning platforms and spreadsheet programs exchange.

All that is written for a spreadsheet goes through `harmless`, and what was so written and comes
back through `unguarded`.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from grader.basics import atomic
from grader.basics.errors import UserError

MOST_BYTES = 50_000_000
# What a spreadsheet program takes for the start of a formula, some of them also in full width.
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?%?")  # with a + it would come back without
_QUOTED = re.compile(r'"[^"]*"')
# A first line that tells Excel what separates the cells. What saved it again may have padded it.
_SEPARATOR = re.compile(r'"?sep=(?P<sign>[^\r\n"])"?(?P<more>[,;\t]*)(?=[\r\n]|$)', re.IGNORECASE)
_FORMULA_OF_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_WITH_ZERO = re.compile(r"(\d+)[.,]0+")
# 2.02611E+11, with a comma in half of Europe; and what stands in a column that is too narrow.
_SHORTENED = re.compile(r"[+-]?(?:\d+[.,]\d+[eE][+-]?\d+|\d+[eE]\+\d+)|#{3,}")


@dataclass(frozen=True)
class Sheet:
    """A CSV file: its rows as they are, the lines they begin in, and what separates the cells."""

    rows: list[list[str]]
    lines: list[int]
    delimiter: str = ","

    @property
    def separator(self) -> str:
        """The delimiter in a word."""
        return {",": "comma", ";": "semicolon"}.get(self.delimiter, "tab")


def read(path: Path) -> Sheet:
    """The rows of a CSV file, its empty lines left out; raises UserError if it is none."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) > MOST_BYTES:
        raise UserError(f"{path} is larger than {MOST_BYTES // 10**6} MB; is it the right file?")
    if data.startswith(b"PK"):
        raise UserError(f"{path} is an Excel file. Save it as CSV (UTF-8), and give that.")
    text = _decoded(data)
    if text is None:
        raise UserError(f"{path} is not in UTF-8. Save it as CSV (UTF-8), and give that.")
    told = _SEPARATOR.match(text)
    if told:
        text = text[told.end() :]  # the rest of the line stays, empty, so that lines are counted
    # What stands in quotes, such as the title of an exercise, separates nothing.
    head = _QUOTED.sub("", text).lstrip("\r\n").partition("\n")[0]
    is_plain = told is not None and not told["more"]
    sheet = Sheet([], [], told["sign"] if told and is_plain else max(",;\t", key=head.count))
    # Strict: a quotation mark that is never closed would make one cell of all rows after it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sheet.delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                sheet.rows.append(row)
                sheet.lines.append(line)
            line = reader.line_num + 1
    except csv.Error as error:
        raise UserError(
            f"{path}, line {line}: this is no row of a CSV file ({error}). A cell with a "
            f'quotation mark (") or a {sheet.separator} in it must stand in quotation '
            "marks; spreadsheet programs write it so."
        ) from None
    return sheet


def _decoded(data: bytes) -> str | None:
    """The text of a file, if it is sure what its encoding is."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]  # Excel's "Unicode text"
    elif b"\0" in data[:2]:
        encodings = ["utf-16-le" if data[1:2] == b"\0" else "utf-16-be"]
    else:
        # What Excel calls plain CSV is in the code page of the machine: here Korean or Western.
        encodings = ["utf-8-sig", "cp949", "cp1252"]
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            text = data.decode(encoding)
            foreign = "".join(sign if sign > "\x7f" else " " for sign in text)
            if encoding == "cp949" and not _is_korean(foreign):
                continue
            if encoding == "cp1252" and not _is_western(text, foreign):
                continue
            return text
    return None


def _is_korean(foreign: str) -> bool:
    # Accents with a letter after them read as rare syllables, Chinese as signs that are none.
    signs = foreign.replace(" ", "")
    common = sum(len(sign.encode("euc_kr", "ignore")) == 2 for sign in signs)
    return all("\uac00" <= sign <= "\ud7a3" for sign in signs) and common * 2 > len(signs)


def _is_western(text: str, foreign: str) -> bool:
    # Letters with accents stand between others; text in another code page has them in rows.
    words = foreign.split()
    return "\x00" not in text and all(len(word) == 1 and word.isalpha() for word in words)


def identifier(cell: str, where: str) -> str:
    """A number or name that tells who somebody is, as it was before a spreadsheet program had it.

    Raises UserError, naming the place, where the program took digits away.
    """
    text = cell.strip()
    if quoted := _FORMULA_OF_TEXT.fullmatch(text):  # keeps zeros at the start
        text = quoted[1].strip()
    if zero := _WITH_ZERO.fullmatch(text):
        text = zero[1]
    if _SHORTENED.fullmatch(text):
        raise UserError(
            f'{where}: "{text}" is a number that a spreadsheet program shortened, so its last '
            "digits are lost. Export the table again, or type the numbers anew, and set the format "
            "of the column to text before you open or save it."
        )
    return text


def write(
    path: Path, rows: Iterable[Sequence[object]], delimiter: str = ",", *, marked: bool = False
) -> None:
    """Write a CSV file in UTF-8, whole or not at all.

    `marked`: with the mark at the start, without which Excel shows Korean as something else.
    Platforms want none.
    """
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    encoding = "utf-8-sig" if marked else "utf-8"
    atomic.write(path, text.getvalue().encode(encoding, errors="replace"))


def harmless(text: str) -> str:
    """`text` so that no spreadsheet program takes it for a formula.

    Students choose their names and the names of their files, and Excel and its like run what
    begins with =, +, - or @. An apostrophe before it makes it text (OWASP, "CSV Injection").
    """
    bare = text.lstrip(" \t\r\n\0\ufeff")
    if len(bare) > 1 and bare.startswith(FORMULA) and not _NUMBER.fullmatch(bare.strip()):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """What `harmless` was given."""
    return text[1:] if text.startswith("'") and harmless(text[1:]) == text else text
