"""Measure what it costs to run tests apart from the learner's code: for a notebook, and for a call.

Each round runs the same notebook together and apart, by turns, in real sandboxes. The learner's
functions give back a new value as large as the one that they are handed, and a test hands them
another value each time: so every value goes over in full, there and back.

    python benchmarks/judge.py --rounds 5
"""

import argparse
import json
import tempfile
import time
from copy import deepcopy
from statistics import median
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

from grader.engine.execution.run_notebook import METADATA, SandboxedExecute

WAYS = ("together", "apart")
LEARNER = """
def plus_one(x):
    return x + 1

def each_plus_one(x):
    return [each + 1 for each in x]
"""
# What is handed over, by the name of its row: the function, one value for each call, and the calls.
CALLS = {
    "a float": ("plus_one", "[0.5 + n for n in range(count)]", 2000),
    "1,000 floats": (
        "each_plus_one",
        "[[n + i / 7 for i in range(1000)] for n in range(count)]",
        200,
    ),
    "an array of 1 MB": ("plus_one", "[np.full(131_072, float(n)) for n in range(count)]", 30),
}
TEST = """
import json
import time
import numpy as np

told = {}
for name, (function, values, count) in CALLS.items():
    call = globals()[function]
    values = eval(values, {"np": np, "count": count})
    call(values[0])
    seconds = []
    for value in values[1:]:
        began = time.perf_counter()
        call(value)
        seconds.append(time.perf_counter() - began)
    told[name] = sorted(seconds)[len(seconds) // 2]
print(json.dumps(told))
"""


def main() -> None:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    short = _notebook("plus_one(0.5)")
    long = _notebook(f"CALLS = {CALLS!r}\nplus_one, each_plus_one\n{TEST}")
    run(short, "apart")  # starts the fork server
    notebooks: dict[str, list[float]] = {way: [] for way in WAYS}
    calls: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(rounds):  # by turns, so that a busy moment hits each alike
        for way in WAYS:
            notebooks[way].append(run(short, way)[0])
            calls[way].append(json.loads(run(long, way)[1]))
    _row("", WAYS)
    _row("a notebook with one test", [f"{median(notebooks[way]):.3f} s" for way in WAYS])
    for name in CALLS:
        medians = [median(told[name] for told in calls[way]) for way in WAYS]
        _row(f"a call with {name}", [f"{1000 * each:.4f} ms" for each in medians])


def run(notebook: NotebookNode, judge: str) -> tuple[float, str]:
    """The seconds that a notebook takes, and what its test prints."""
    settings = {"SandboxedExecute": {"judge": judge}, "SandboxProvisioner": {"warm": ["numpy"]}}
    step = SandboxedExecute(config=Config(settings))
    with tempfile.TemporaryDirectory() as directory:
        began = time.perf_counter()
        executed, resources = step.preprocess(deepcopy(notebook), {"metadata": {"path": directory}})
        seconds = time.perf_counter() - began
    test = executed.cells[-1]
    assert test.metadata[METADATA]["test"]["passed"], (test.outputs, resources)
    return seconds, "".join(output.get("text", "") for output in test.outputs)


def _notebook(test: str) -> NotebookNode:
    about = {"schema_version": 3, "solution": False, "locked": True, "task": False}
    graded = {**about, "grade": True, "grade_id": "test", "points": 1, "cell_type": "code"}
    names: dict[str, Any] = {"imports": [], "learners": ["plus_one", "each_plus_one"]}
    cells = [new_code_cell(LEARNER), new_code_cell(test, metadata={"nbgrader": graded})]
    return new_notebook(cells=cells, metadata={METADATA: names})


def _row(name: str, columns: Any) -> None:
    print(f"{name:30}" + "".join(f"{column:>14}" for column in columns))


if __name__ == "__main__":
    main()
