"""A table of the report, from which come both the rows of the page and those of the CSV file."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from grader.basics.csv_files import FORMULA
from grader.basics.words import visible

Value = str | int | float | None
# Stricter than `csv_files.harmless`, for nobody reads these files back (OWASP, "CSV Injection").
_FORMULA = (*FORMULA, "\t", "\r", "\n")


@dataclass(frozen=True)
class Column:
    """A column: its title, and for numbers how they are written, as by format()."""

    title: str
    format: str = ""
    code: bool = False  # a name that is shown in a fixed-width font
    whole: bool = False  # never broken at its hyphens

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers."""
        return bool(self.format)


NOTEBOOK = Column("notebook", whole=True)


@dataclass(frozen=True)
class Table:
    """Rows under columns; `name` is that of the CSV file, `empty` what is said without rows.

    The page shows the first `shown` rows at once, and the rest on demand.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    empty: str = "None."
    shown: int = 1000
    is_wordy: bool = False  # sentences more than figures: shown as a list on a phone
    texts: list[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        made = [list(map(_text, self.columns, row)) for row in self.rows]
        object.__setattr__(self, "texts", made)

    def csv(self) -> str:
        """The table as a CSV file that no spreadsheet takes for formulas."""
        out = io.StringIO()
        writer = csv.writer(out)  # ends lines as RFC 4180 says, and so quotes both characters
        writer.writerow(column.title for column in self.columns)
        for row, texts in zip(self.rows, self.texts, strict=True):
            writer.writerow(map(_guarded, row, texts))
        return out.getvalue()


def _text(column: Column, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        # A name of a folder may hold what is no text, or turns the text after it around.
        return visible(value)
    return format(value, column.format)


def _guarded(value: Value, text: str) -> str:
    is_text = isinstance(value, str)
    return f"'{text}" if is_text and text.lstrip(" ").startswith(_FORMULA) else text
