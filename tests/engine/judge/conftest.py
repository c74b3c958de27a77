"""What tests of the judge share: a notebook of two cells that is run both ways."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

from grader.engine.execution.run_notebook import METADATA, SandboxedExecute
from grader.engine.judge.remote import Bridge
from grader.notebooks.imports import of_sources
from grader.notebooks.names import names
from tests.engine.judge.ends import forging

_IMPORTS = "import numpy as np\nimport tensorflow as tf"


class BothWays(Protocol):
    """Run a learner's cell and a test; returns what the test shows, which is the same both ways.

    `given` is the cell before, whose libraries are imported before a notebook begins.
    """

    def __call__(self, learner: str, test: str, given: str = _IMPORTS) -> str: ...


@pytest.fixture
def both_ways(tmp_path: Path) -> BothWays:
    def run(learner: str, test: str, given: str = _IMPORTS) -> str:
        both = ("apart", "together")
        apart, together = (_shown(given, learner, test, how, tmp_path) for how in both)
        assert apart == together
        return apart

    return run


def _shown(given: str, learner: str, test: str, how: str, directory: Path) -> str:
    about = {"schema_version": 3, "solution": False, "locked": True, "task": False}
    graded = {**about, "grade": True, "grade_id": "test", "points": 1, "cell_type": "code"}
    notebook = new_notebook(
        cells=[
            new_code_cell(given),
            new_code_cell(learner),
            new_code_cell(test, metadata={"nbgrader": graded}),
        ]
    )
    found = names([given], [learner])
    notebook.metadata[METADATA] = {
        "imports": list(found.imports),
        "learners": list(found.learners),
    }
    settings = {
        "SandboxedExecute": {"judge": how, "timeout": 300},
        "SandboxProvisioner": {"warm": list(of_sources([given], directory).modules)},
    }
    step = SandboxedExecute(config=Config(settings))
    executed, resources = step.preprocess(notebook, {"metadata": {"path": str(directory)}})
    assert not resources["course"]["troubles"]
    shown = []
    for output in executed.cells[-1].outputs:
        if output.output_type == "error":
            shown.append(f"{output.ename}: {output.evalue}\n")
        else:
            shown.append(output.text)
    return "".join(shown)


@pytest.fixture
def forged() -> Iterator[Callable[[Any], Bridge]]:
    """Makes bridges to kernels whose answers a test makes up."""
    with forging() as make:
        yield make
