"""Say in which files and cells a release is not what the source makes."""

import filecmp
import json
from pathlib import Path

from grader.course.directory import is_aside, is_litter


def differences(fresh: Path, release: Path) -> dict[str, str]:
    """The files in which `release` is not `fresh`, and in what they differ.

    What nbgrader has copied from source/ though it is no handout need not be in `release`.
    """
    found = {}
    wanted, there = {name for name in files(fresh) if not is_aside(name)}, files(release)
    for name in sorted(wanted | there):
        if name not in there:
            found[name] = "is missing"
        elif name not in wanted:
            found[name] = "is not made from anything in source/"
        elif not filecmp.cmp(fresh / name, release / name, shallow=False):
            found[name] = (
                f"is not what source/ makes{first_difference(fresh / name, release / name)}"
            )
    return found


def files(directory: Path) -> set[str]:
    """The files below a directory, by their path in it; no litter."""
    return {
        path.relative_to(directory).as_posix()
        for path in directory.rglob("*")
        if path.is_file() and not is_litter(path)
    }


def first_difference(fresh: Path, release: Path) -> str:
    """The first cell, or else the first line, in which two files differ."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in (fresh, release)]
    if fresh.suffix == ".ipynb":
        try:
            ours, theirs = (json.loads(text)["cells"] for text in texts)
        except (ValueError, KeyError, TypeError):
            return " (it is no notebook)"
        for mine, other in zip(ours, theirs, strict=False):
            if mine != other:
                return f" (first in the cell {mine.get('id', '?')})"
        if len(ours) != len(theirs):
            return f" ({len(theirs)} cells, not {len(ours)})"
    for number, (mine, other) in enumerate(zip(*(t.splitlines() for t in texts), strict=False), 1):
        if mine != other:
            return f" (first in line {number})"
    return " (at its end)"
