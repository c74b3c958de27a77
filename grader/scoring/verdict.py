"""From an executed notebook to what is recorded of it and what its student may see."""

from collections.abc import Sequence
from typing import Any

from grader.engine.execution.bundle import Result
from grader.notebooks import hidden
from grader.notebooks.source import SourceNotebook
from grader.scoring import notes, score


def judge(
    result: Result, source: SourceNotebook, told: Sequence[str], doubts: Sequence[str] = ()
) -> dict[str, Any]:
    """Score the notebook of `result`; returns what an Outcome says of it.

    Changes the notebook: hidden tests are taken out of its outputs, and what was done to it
    (`told`, and what stopped its cells) stands at its top. `doubts` are told to the instructor.
    """
    executed = result.notebook
    assert executed is not None
    verdict = {
        "status": "graded",
        "reason": " ".join([*result.troubles, *result.flags, *doubts]),
        "notes": tuple(told),
        "scores": score.score(executed, source),
        "comments": score.comments(executed, source),
        "tier": result.tier,
        "seconds": result.seconds.get("kernel", 0.0) + result.seconds.get("cells", 0.0),
        "attention": bool(result.troubles or result.flags or doubts),
    }
    hidden.remove(executed, hidden.hidden_lines(source))
    notes.add(executed, [*told, *result.troubles])
    return verdict
