"""What handin.py must know of the notebooks: their cells as students get them, and the points.

It cannot be read off a student's own notebooks, for what was deleted is not in them. So the table
is made from the source, ships with the notebooks, and is checked like their form.
"""

import hashlib
import json
from typing import Any

from grader import cells
from grader.course import Course

NAME = "handin.json"


def table(course: Course) -> str:
    """The text of handin.json. Raises CourseError if a notebook cannot be read."""
    lines = []
    for path in course.notebooks():
        known = cells.by_grade_id(cells.read_notebook(path)).values()
        rows = ",\n".join(f"  {json.dumps(_row(cell))}" for cell in known)
        lines.append(f" {json.dumps(path.stem)}: [\n{rows}\n ]")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _row(cell: Any) -> dict[str, Any]:
    kind = cells.kind(cell) or "given"
    row: dict[str, Any] = {"id": cells.grade_id(cell), "kind": kind}
    if kind in ("test", "manual"):
        row["points"] = cell.metadata.nbgrader.points
    if kind in ("test", "given"):
        text = "\n".join(cells.parts(cell).visible).strip()
        row["hash"] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return row
