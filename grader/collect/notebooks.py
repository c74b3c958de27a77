"""Which notebook of the assignment a file is, by its name, or by the cells that it holds."""

import re
import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from grader.contract import CONTRACT

_GRADE_ID = re.compile(rb'"grade_id"\s*:\s*"([A-Za-z0-9_-]{1,80})"')
# What systems add to the name of a copy: "(1)", "-1", "-Copy1", "Copy of", "- Copy".
_COUNT = re.compile(r"-(?:copy)?\d{1,3}$|-copy$")
_COPY = re.compile(r"^(?:copy|kopie|copie|copia)-(?:of|von|de|di)-")


def is_notebook(name: str) -> bool:
    """Whether the name says that it is a notebook."""
    return name.lower().endswith(".ipynb")


def by_name(file: str, names: Sequence[str]) -> str | None:
    """The notebook that a file's name means, if it means just one: `2_tanh (1).ipynb` is 2-tanh."""
    stem = _plain(PurePosixPath(file).name.lower().removesuffix(".ipynb"))
    wanted = {_plain(name): name for name in names}
    stem = _COPY.sub("", stem)
    while stem not in wanted and _COUNT.search(stem):
        stem = _COUNT.sub("", stem)
    if stem in wanted:
        return wanted[stem]
    # As a part between others: final-2-tanh-student.
    inside = [name for plain, name in wanted.items() if f"-{plain}-" in f"-{stem}-"]
    return inside[0] if len(inside) == 1 else None


def by_content(data: bytes, names: Sequence[str]) -> str | None:
    """The notebook whose cells the file holds: at least half of them, and most by far.

    The names of the cells are looked for as text, so a damaged file is known, too.
    """
    found = {match.decode() for match in _GRADE_ID.findall(data)}
    shares = sorted(
        (len(cells & found) / len(cells), name)
        for name in names
        if (cells := {cell.grade_id for cell in CONTRACT.get(name, ())})
    )
    if not shares or shares[-1][0] < 0.5:
        return None
    if len(shares) > 1 and shares[-2][0] > shares[-1][0] / 2:
        return None
    return shares[-1][1]


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "-", text).strip("-")
