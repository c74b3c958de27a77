"""What handin.py must know: the notebooks' cells as students get them, and where they are graded.

It cannot be read off a student's own notebooks and machine: what was deleted is not in them, and
other packages are on it. So the table is made from the source and from what the engine itself goes
by, ships with the notebooks, and is checked like their form.
"""

import hashlib
import inspect
import json
import re
from contextlib import suppress
from dataclasses import astuple
from functools import cache
from importlib.metadata import packages_distributions
from typing import Any

import IPython.core.magics
from ipykernel.zmqshell import KernelMagics
from IPython.core.alias import default_aliases
from IPython.core.magic import Magics
from IPython.core.magics.script import default_script_magics

from grader import cells
from grader.course import Course
from grader.engine import causes

NAME = "handin.json"
GRADING = "grading"  # the key that is no notebook
# Names that IPython's shell adds to those of its classes.
_MAGIC_ALIASES = ("ed", "hist", "rep", "SVG", "HTML", "file")


def table(course: Course) -> str:
    """The text of handin.json. Raises CourseError if a notebook cannot be read."""
    entries = [f" {json.dumps(GRADING)}: {json.dumps(_grading(course))}"]
    for path in course.notebooks():
        known = cells.by_grade_id(cells.read_notebook(path)).values()
        rows = ",\n".join(f"  {json.dumps(_row(cell))}" for cell in known)
        entries.append(f" {json.dumps(path.stem)}: [\n{rows}\n ]")
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _grading(course: Course) -> dict[str, Any]:
    """The modules and magics that there are where notebooks are graded, and what is no notebook."""
    handouts = {path.stem for path in course.handouts() if path.suffix == ".py"}
    return {
        "modules": sorted(_modules(course) | handouts),
        "magics": sorted(_magics()),
        "causes": [astuple(cause) for cause in causes.CAUSES],
    }


def _modules(course: Course) -> set[str]:
    """The modules of the installed packages that requirements.txt names.

    Where that is not there, nothing is known of the machine that grades: what was known stays.
    """
    if not course.requirements.is_file():
        with suppress(OSError, ValueError):
            table = json.loads((course.source / NAME).read_text(encoding="utf-8"))
            return set(table.get(GRADING, {}).get("modules", ()))
        return set()
    lines = course.requirements.read_text(encoding="utf-8").splitlines()
    pinned = {_package(line.partition("==")[0]) for line in lines if "==" in line}
    return {
        module
        for module, packages in packages_distributions().items()
        if module.isidentifier() and pinned & {_package(each) for each in packages}
    }


def _package(name: str) -> str:
    """The name of a package as all its spellings have it in common."""
    return re.sub(r"[-_.]+", "-", name.strip()).lower()


@cache
def _magics() -> set[str]:
    """The names behind % and %% that IPython knows without an extension."""
    names = {*_MAGIC_ALIASES, *default_script_magics(), *(name for name, _ in default_aliases())}
    members = [each for _, each in inspect.getmembers(IPython.core.magics, inspect.isclass)]
    for each in (KernelMagics, *members):
        if issubclass(each, Magics):
            for of_kind in each.magics.values():
                names.update(of_kind)
    return names


def _row(cell: Any) -> dict[str, Any]:
    kind = cells.kind(cell) or "given"
    row: dict[str, Any] = {"id": cells.grade_id(cell), "kind": kind}
    if kind in ("test", "manual"):
        row["points"] = cell.metadata.nbgrader.points
    if kind in ("test", "given"):
        text = "\n".join(cells.parts(cell).visible).strip()
        row["hash"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return row
