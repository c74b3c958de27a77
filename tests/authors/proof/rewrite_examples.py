"""Examples of rewrites, as they stand in a text file beside the tests.

Each is "## name", a source, "-->", and the source that it becomes ("(nothing)" for none).
"""

import re
from collections.abc import Iterable
from pathlib import Path

from grader.authors.proof.styles.rewrites import Rewrite, without_layout


def read_examples(path: Path) -> list[tuple[str, str, str | None]]:
    """The examples of a file: a name, a source, and in one layout what it becomes."""
    found = re.findall(
        r"^## (\S+)\n(.*?)\n-->\n(.*?)\n(?=##|\Z)",
        path.read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    return [
        (name, before, None if after.strip() == "(nothing)" else without_layout(after))
        for name, before, after in found
    ]


def of_name(rewrites: Iterable[Rewrite], name: str) -> Rewrite:
    """The rewrite that an example is of."""
    return next(each for each in rewrites if each.name == name)
