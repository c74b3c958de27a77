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
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from typing import Any

import IPython.core.magics
from ipykernel.zmqshell import KernelMagics
from IPython.core.alias import default_aliases
from IPython.core.magic import Magics
from IPython.core.magics.script import default_script_magics
from packaging.requirements import Requirement

from grader.course.directory import Course
from grader.nbgrader_app.offers import offers
from grader.notebooks import causes, cells

NAME = "handin.json"
GRADING, SUBMIT = "grading", "submit"  # the keys that are no notebooks
# Names that IPython's shell adds to those of its classes.
_MAGIC_ALIASES = ("ed", "hist", "rep", "SVG", "HTML", "file")


def table(course: Course) -> str:
    """The text of handin.json. Raises UserError if a notebook cannot be read."""
    entries = [f" {json.dumps(GRADING)}: {json.dumps(_grading(course))}"]
    if submit := _submit(course):
        entries.append(f" {json.dumps(SUBMIT)}: {json.dumps(submit)}")
    for path in course.notebooks():
        known = cells.by_grade_id(cells.read_notebook(path)).values()
        rows = ",\n".join(f"  {json.dumps(_row(cell))}" for cell in known)
        entries.append(f" {json.dumps(path.stem)}: [\n{rows}\n ]")
    return "{\n" + ",\n".join(entries) + "\n}\n"


def _submit(course: Course) -> dict[str, str]:
    """How the course lets students hand in; empty if it does not."""
    settings = offers(course)
    if not settings.hand_in:
        return {}
    about = {"assignment": course.assignment, "course": settings.course_id}
    if settings.hand_in != "exchange":
        about = {"folder": settings.hand_in.replace("{assignment}", course.assignment)}
    return about


def _grading(course: Course) -> dict[str, Any]:
    """The modules and magics that there are where notebooks are graded, and what is no notebook."""
    handouts = {path.stem for path in course.handouts() if path.suffix == ".py"}
    return {
        "modules": sorted(_modules() | handouts),
        "magics": sorted(_magics()),
        "causes": [astuple(cause) for cause in causes.CAUSES],
    }


@cache
def _modules() -> set[str]:
    """The modules of the packages that this one needs, all the way down.

    That is what requirements.txt pins for the machine that grades; what else is installed here,
    to develop with, is not there.
    """
    there = packages_distributions()
    needed: set[str] = set()
    asked = {(name, "") for name in there.get("grader", ())}
    todo = list(asked)
    while todo:
        name, extra = todo.pop()
        needed.add(_package(name))
        with suppress(PackageNotFoundError):  # for another system
            found = [
                (each.name, of_extra)
                for each in map(Requirement, requires(name) or ())
                if each.marker is None or each.marker.evaluate({"extra": extra})
                for of_extra in ("", *each.extras)
            ]
            todo += set(found) - asked
            asked.update(found)
    return {
        module
        for module, packages in there.items()
        if module.isidentifier() and needed & {_package(each) for each in packages}
    }


def _package(name: str) -> str:
    """The name of a package as all its spellings have it in common."""
    return re.sub(r"[-_.]+", "-", name).lower()


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
        row["points"] = cells.points(cell)
    if kind in ("test", "given"):
        text = "\n".join(cells.parts(cell).visible).strip()
        row["hash"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return row
