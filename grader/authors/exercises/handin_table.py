"""What handin.py must know: the notebooks' cells as students get them, and where they are graded.

It cannot be read off a student's own notebooks and machine: what was deleted is not in them, and
other packages are on it. So the table is made from the source and from what the engine itself goes
by, ships with the notebooks, and is checked like their form.
"""

import hashlib
import inspect
import json
from contextlib import suppress
from copy import deepcopy
from dataclasses import astuple
from functools import cache
from importlib.metadata import packages_distributions
from typing import Any

import IPython.core.magics
from ipykernel.zmqshell import KernelMagics
from IPython.core.alias import default_aliases
from IPython.core.magic import Magics
from IPython.core.magics.script import default_script_magics
from nbgrader.preprocessors import ClearSolutions

from grader.basics import atomic, config_file, packages
from grader.basics.errors import UserError
from grader.course.directory import Course
from grader.nbgrader_app.offers import offers
from grader.notebooks import causes, cells

NAME = "handin.json"
# Names that IPython's shell adds to those of its classes.
_MAGIC_ALIASES = ("ed", "hist", "rep", "SVG", "HTML", "file")


def to_write(course: Course) -> str | None:
    """The table, if the file has another one and the assignment has handin.py, which reads it.

    None, too, if a notebook cannot be read: `course form` names that.
    """
    path = course.source / NAME
    if (course.source / "handin.py").is_file():
        with suppress(UserError):
            wanted = table(course)
            if not path.is_file() or path.read_text(encoding="utf-8") != wanted:
                return wanted
    return None


def write(course: Course) -> bool:
    """Write the table, where `to_write` has one; returns whether it did."""
    if (wanted := to_write(course)) is None:
        return False
    atomic.write_text(course.source / NAME, wanted)
    return True


def table(course: Course) -> str:
    """The text of handin.json. Raises UserError if a notebook cannot be read."""
    notebooks = []
    stubs = ClearSolutions(config=config_file.load(course.config))
    for path in course.notebooks():
        known = cells.by_grade_id(cells.read_notebook(path)).values()
        rows = ",\n".join(f"   {json.dumps(_row(cell, stubs))}" for cell in known)
        notebooks.append(f"  {json.dumps(path.stem)}: [\n{rows}\n  ]")
    said: dict[str, Any] = {
        "assignment": course.assignment,
        **_stubs(stubs),
        "grading": _grading(course),
    }
    if submit := _submit(course):
        said["submit"] = submit
    lines = [f" {json.dumps(key)}: {json.dumps(value)},\n" for key, value in said.items()]
    return "{\n" + "".join(lines) + ' "notebooks": {\n' + ",\n".join(notebooks) + "\n }\n}\n"


def _stubs(stubs: ClearSolutions) -> dict[str, str]:
    """The lines that stand in place of a solution and of an answer, for a student to replace.

    A stub of code is known by the line that raises an error; without one, a solution that is not
    filled in cannot be told from one that is.
    """
    lines = [line.strip() for line in stubs.code_stub.get("python", "").split("\n")]
    raising = (line for line in lines if line.startswith("raise NotImplementedError"))
    return {"to_fill_in": next(raising, ""), "to_answer": stubs.text_stub.strip("*_ \n")}


def _submit(course: Course) -> dict[str, str]:
    """How the course lets students hand in; empty if it does not."""
    settings = offers(course)
    if not settings.hand_in:
        return {}
    if settings.hand_in == "exchange":
        return {"course": settings.course_id}
    return {"folder": settings.hand_in.replace("{assignment}", course.assignment)}


def _grading(course: Course) -> dict[str, Any]:
    """What there is where notebooks are graded, and how a file that is no notebook is known."""
    handouts = {path.stem for path in course.handouts() if path.suffix == ".py"}
    modules = _modules(course)
    python = offers(course).python
    return {
        **({"python": python} if python else {}),
        "modules": sorted(modules | handouts) if modules else [],
        "magics": sorted(_magics()),
        "causes": [astuple(cause) for cause in causes.CAUSES],
    }


def _modules(course: Course) -> set[str]:
    """The modules of the packages that the course pins for the machine that grades.

    What else is installed here, to develop with, is not there. None where the course pins nothing:
    then nobody knows what is there, and no import is called wrong.
    """
    if not course.requirements.is_file():
        return set()
    text = course.requirements.read_text(encoding="utf-8")
    pinned = [each.name for each in packages.named_in(text)]
    needed = packages.needed_by([packages.DISTRIBUTION, *pinned])
    return {
        module
        for module, names in packages_distributions().items()
        if module.isidentifier() and needed & {packages.canonical(each) for each in names}
    }


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


def _row(cell: Any, stubs: ClearSolutions) -> dict[str, Any]:
    kind = cells.kind(cell) or "given"
    row: dict[str, Any] = {"id": cells.grade_id(cell), "kind": kind}
    if kind in ("test", "manual"):
        row["points"] = cells.points(cell)
    if kind in ("test", "given"):
        text = "\n".join(cells.parts(cell).visible).strip()
        row["hash"] = hash_of(text)
    elif kind == "solution":
        released, _ = stubs.preprocess_cell(deepcopy(cell), {"language": "python"}, 0)
        row["hash"] = hash_of(released.source.strip())
    return row


def hash_of(text: str) -> str:
    """What handin.py knows the text of a cell by, which it computes itself: see handin_cells.py."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
