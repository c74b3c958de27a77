"""Read the score of every graded cell off an executed notebook, as nbgrader does, but warier.

The outputs come from a kernel that ran a student's code: they may hold anything.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode

from grader.basics import words
from grader.notebooks import cells
from grader.notebooks.source import SourceCell, SourceNotebook

NO_RESPONSE = "No response."  # nbgrader's words

# NumPy 2 shows its numbers so. A longdouble stands in quotes.
_NUMPY_NUMBER = re.compile(r"np\.(?:\w+\(|longdouble\(')([^()']+)'?\)")


@dataclass(frozen=True)
class CellScore:
    """The points of one graded cell; None as points: they wait for a person.

    `why` is one sentence where something other than the test's own verdict decided.
    """

    name: str
    points: float | None
    max_points: float
    why: str = ""
    needs_attention: bool = False

    @property
    def lost(self) -> bool:
        """Whether a test took points off; not while a person has to grade."""
        return self.points is not None and self.points < self.max_points


def score(executed: NotebookNode, source: SourceNotebook) -> list[CellScore]:
    """The scores of all graded cells of `source`, in its order.

    Unlike nbgrader: text on standard error costs nothing; the value of the last line counts, not
    what is shown first; a result that is no number or cannot be a score, and a test that did not
    run, give 0, not full points.
    """
    there = _by_name(executed)
    return [_score(cell, there.get(cell.name)) for cell in source.cells if cell.grade or cell.task]


def comments(executed: NotebookNode, source: SourceNotebook) -> dict[str, str]:
    """nbgrader's own comment on each solution cell that still holds what the release has."""
    there = _by_name(executed)
    return {
        cell.name: NO_RESPONSE
        for cell in source.cells
        if cell.solution and cell.name in there and _is_unchanged(cell, there[cell.name])
    }


def _by_name(notebook: NotebookNode) -> dict[str, Mapping[str, Any]]:
    """The cells that nbgrader knows, by `grade_id`; of copies, the first."""
    there: dict[str, Mapping[str, Any]] = {}
    for cell in notebook.cells:
        if name := cells.grade_id(cell):
            there.setdefault(name, cell)
    return there


def _score(cell: SourceCell, executed: Mapping[str, Any] | None) -> CellScore:
    by_test = cell.cell_type == "code" and cell.is_test
    if executed is None:
        why = "The cell is missing from the executed notebook."
        return CellScore(cell.name, 0.0 if by_test else None, cell.points, why, True)
    if by_test:
        return score_of_test(cell.name, cell.points, executed)
    unchanged = cell.solution and _is_unchanged(cell, executed)
    return CellScore(cell.name, 0.0 if unchanged else None, cell.points)


def _is_unchanged(cell: SourceCell, executed: Mapping[str, Any]) -> bool:
    """Whether the checksum of the source still holds, as nbgrader asks.

    Everything but the text is the source's: a student cannot seem to have answered, or not to
    have, by the cell's metadata.
    """
    text = words.valid(executed["source"])  # anything else has no checksum
    return cell.checksum is not None and cell.checksum == cell.checksum_of(text)


def score_of_test(name: str, most: float, executed: Mapping[str, Any]) -> CellScore:
    """The points of the test cell `name`, `most` at most, after it ran."""
    told = executed["metadata"].get("course", {})
    status, why = told.get("status"), told.get("why", "")
    if status is None and executed.get("execution_count") is None:
        # Not from this engine; and nbgrader gives a skipped test full points.
        status, why = "not-run", "The test did not run."
    if status in ("not-run", "timeout", "no-verdict"):
        return CellScore(name, 0.0, most, why, status == "no-verdict")
    if test := told.get("test"):
        if not test["passed"]:
            return CellScore(name, 0.0, most)
        return _score_of_value(name, most, test["value"], test["kind"])
    # Not from this engine: as far as it shows itself.
    outputs = executed.get("outputs", [])
    if any(output.get("output_type") == "error" for output in outputs):
        return CellScore(name, 0.0, most)
    results = [output for output in outputs if output.get("output_type") == "execute_result"]
    if not results:
        return CellScore(name, most, most)
    shown = results[-1].get("data", {}).get("text/plain")
    if isinstance(shown, list):  # nbformat allows a text as a list of its lines
        shown = "".join(str(line) for line in shown)
    number = _NUMPY_NUMBER.fullmatch(shown.strip()) if isinstance(shown, str) else None
    return _score_of_value(name, most, number[1] if number else shown or "", None)


def _score_of_value(name: str, most: float, value: object, kind: str | None) -> CellScore:
    """The points for a test that passed; `value` is a number in text, None for full points.

    `kind` is the type of a result that is no number.
    """
    if value is None and kind is None:
        return CellScore(name, most, most)
    try:
        points = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        what = f" ({re.sub('[^A-Za-z_]', '?', kind)[:60]})" if isinstance(kind, str) else ""
        why = (
            f"The test ended with a result that is no number{what}, so it counts 0. A test ends "
            "with its points as a number, or without a result for full points."
        )
        return CellScore(name, 0.0, most, why, True)
    if math.isfinite(points) and 0 <= points <= most:
        return CellScore(name, points, most)
    why = f"The test gave {points:g} of {most:g} points, which cannot be; so it counts 0."
    return CellScore(name, 0.0, most, why, True)
