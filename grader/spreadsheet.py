"""Read and write the CSV files that learning platforms and spreadsheet programs exchange.

All that is written for a spreadsheet goes through `harmless`, and what was so written and comes
back through `unguarded`.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import atomic
from grader.course import CourseError

MOST_BYTES = 50_000_000
# What a spreadsheet program takes for the start of a formula, some of them also in full width.
FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NUMBER = re.compile(r"-?\d+([.,]\d+)?%?")  # with a + it would come back without
_QUOTED = re.compile(r'"[^"]*"')


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
    """The rows of a CSV file, its empty lines left out; raises CourseError if it is none."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) > MOST_BYTES:
        raise CourseError(f"{path} is larger than {MOST_BYTES // 10**6} MB; is it the right file?")
    if data.startswith(b"PK"):
        raise CourseError(f"{path} is an Excel file. Save it as CSV (UTF-8), and give that.")
    # Excel's "Unicode text" is UTF-16, which always begins with a mark.
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise CourseError(
            f"{path} is not in UTF-8. Save it as CSV (UTF-8), and give that."
        ) from None
    # What stands in quotes, such as the title of an exercise, separates nothing.
    head = _QUOTED.sub("", text).partition("\n")[0]
    sheet = Sheet([], [], max(",;\t", key=head.count))
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
        raise CourseError(
            f"{path}, line {line}: this is no row of a CSV file ({error}). A cell with a "
            f'quotation mark (") or a {sheet.separator} in it must stand in quotation '
            "marks; spreadsheet programs write it so."
        ) from None
    return sheet


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
