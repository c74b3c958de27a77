"""Make such courses, and read what is graded in them."""

import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import nbgrader
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.nbgrader_app import commands

NBGRADER = Path(nbgrader.__file__).parent
GUIDE = NBGRADER / "docs" / "source" / "user_guide"
TWO_LINES = "from grader.nbgrader_plugin.steps import configure\nconfigure(c)\n"
_SCORES = """
    SELECT s.student_id, a.name, n.name, b.name, g.auto_score, g.needs_manual_grade
    FROM grade g
    JOIN base_cell b ON b.id = g.cell_id
    JOIN submitted_notebook sn ON sn.id = g.notebook_id
    JOIN notebook n ON n.id = sn.notebook_id
    JOIN submitted_assignment s ON s.id = sn.assignment_id
    JOIN assignment a ON a.id = s.assignment_id
"""


def scores(gradebook: Path) -> dict[tuple[str, ...], tuple[float | None, bool]]:
    """The automatic points of each cell, by student, assignment, notebook and cell; who waits."""
    with closing(sqlite3.connect(gradebook)) as database:
        return {row[:4]: (row[4], bool(row[5])) for row in database.execute(_SCORES)}


def stock(root: Path, *assignments: str) -> None:
    """Grade a course with nbgrader's own commands, and nothing of the engine."""
    for assignment in assignments:
        for step in ("generate_assignment", "autograde"):
            done = subprocess.run(
                commands.command(step, assignment, "--force"),
                cwd=root,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr[-3000:]


def notebook(*cells: NotebookNode, **metadata: Any) -> NotebookNode:
    """A notebook in Python, unless `metadata` say otherwise."""
    python = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = new_notebook(cells=list(cells), metadata={"kernelspec": python, **metadata})
    return nbformat.from_dict(made)


def code(text: str, name: str, points: float = 0, *, solution: bool = False) -> NotebookNode:
    """A cell with code: a solution, a test with points, or given code."""
    about = {"solution": solution, "grade": points > 0, "locked": not solution, "points": points}
    return new_code_cell(text, metadata=_about(name, about))


def answer(text: str, name: str, points: float) -> NotebookNode:
    """A cell with text that a person grades."""
    about = {"solution": True, "grade": True, "locked": False, "points": points}
    return new_markdown_cell(text, metadata=_about(name, about))


def _about(name: str, about: dict[str, Any]) -> dict[str, Any]:
    return {"nbgrader": {"grade_id": name, "schema_version": 3, "task": False, **about}}


# What `course doctor` may say of any course on a machine that is small, or busy just now.
_OF_THE_MACHINE = {"text", "disk", "plain kernel", "sandbox", "memory", "warm kernel"}


def found_by_doctor(printed: str) -> list[str]:
    """What of a course, and not of the machine, is not well; `printed` by the doctor."""
    names = re.findall(r"^\S (?:look|wrong) +(\S.{13})", printed, re.MULTILINE)
    return [name for name in map(str.strip, names) if name not in _OF_THE_MACHINE]


def write(path: Path, content: NotebookNode) -> None:
    """Write a notebook into a folder that need not be there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(content, path)
