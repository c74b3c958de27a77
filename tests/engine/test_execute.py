"""What happens around the cells of a notebook, where the kernel itself is well."""

from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from traitlets.config import Config

from grader.engine.execute import METADATA, SandboxedExecute

TEST = {"grade": True, "solution": False, "locked": True, "task": False, "points": 1}


def notebook(*sources: str) -> NotebookNode:
    cells = []
    for number, source in enumerate(sources):
        cell = nbformat.v4.new_code_cell(source, id=f"c{number}")
        if source.startswith("# test"):
            cell.metadata.nbgrader = {**TEST, "grade_id": f"t{number}", "schema_version": 3}
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def run(made: NotebookNode, tmp_path: Any) -> tuple[list[str], dict[str, Any]]:
    """The status of each cell, and what the step tells of the run."""
    config = Config({"SandboxProvisioner": {"warm": ["numpy"]}})
    resources = {"metadata": {"path": str(tmp_path)}}
    executed, resources = SandboxedExecute(config=config).preprocess(made, resources)
    return [cell.metadata[METADATA]["status"] for cell in executed.cells], resources["course"]


def test_cells_that_ran_are_ok_whether_they_raise_or_not(tmp_path: Any) -> None:
    statuses, about = run(notebook("1 / 0", "# test\nassert True", "# test\nassert 0"), tmp_path)
    assert statuses == ["ok", "ok", "ok"]
    assert about["flags"] == about["troubles"] == []
    assert about["seconds"]["learner"] <= about["seconds"]["cells"]


def test_a_control_without_an_answer_is_no_tampering(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine may be at fault: the notebook is tried again, and then it is told."""
    asked = []

    def no_answer(self: Any, code: str) -> None:
        asked.append(code)

    monkeypatch.setattr(SandboxedExecute, "_ask", no_answer)
    statuses, about = run(notebook("x = 1", "# test\nassert True", "# test\n1"), tmp_path)
    assert len(asked) == 2
    assert statuses == ["ok", "timeout", "not-run"]
    assert about["flags"] == []
    assert "the cell t1" in about["troubles"][0].lower()


def test_a_flood_of_results_gives_no_points(tmp_path: Any) -> None:
    flood = "# test\nimport sys\nfor n in range(2000): sys.displayhook('x' * 5000)\n5.0"
    statuses, about = run(notebook(flood), tmp_path)
    assert statuses == ["tampered"]
    assert "by the hundred" in about["flags"][0]
