"""Read and write the CSV files that learning platforms and spreadsheet programs exchange."""

import csv
import io
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import CourseError

MOST_BYTES = 50_000_000
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?%?")


@dataclass(frozen=True)
class Sheet:
    """A CSV file: its rows as they are, and how its cells are separated."""

    rows: list[list[str]]
    delimiter: str = ","


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
        delimiter = max(",;\t", key=text.partition("\n")[0].count)
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except UnicodeDecodeError:
        raise CourseError(
            f"{path} is not in UTF-8. Save it as CSV (UTF-8), and give that."
        ) from None
    except csv.Error as error:
        raise CourseError(f"{path} is no CSV file: {error}.") from None
    return Sheet([row for row in rows if any(cell.strip() for cell in row)], delimiter)


def write(path: Path, rows: Iterable[Sequence[object]], delimiter: str = ",") -> None:
    """Write a CSV file in UTF-8, whole or not at all."""
    new = path.with_name(f".{path.name}.new")
    try:
        with new.open("w", encoding="utf-8", errors="replace", newline="") as file:
            csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def harmless(text: str) -> str:
    """`text` so that no spreadsheet program takes it for a formula.

    Students choose their names and the names of their files, and Excel and its like run what
    begins with =, +, - or @. An apostrophe before it makes it text (OWASP, "CSV Injection").
    """
    bare = text.lstrip(" \t\r\n\0\ufeff")
    # Some programs take the full-width forms for the same.
    dangerous = bare.startswith(("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"))
    if len(bare) > 1 and dangerous and not _NUMBER.fullmatch(bare.strip()):
        return f"'{text}"
    return text
