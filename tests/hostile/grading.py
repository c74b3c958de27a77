"""Grade a world's class with the real `course grade`, and say what is not as it must be."""

import json
import re
import subprocess
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests import slow_parts
from tests.courses import ASSIGNMENT
from tests.gradebook import rows as gradebook
from tests.hostile.case import FULL, NAME, Case
from tests.hostile.submissions import HONEST
from tests.hostile.world import NOTEBOOK_OUTPUT, World

# The sandboxes that a class is graded in: one in `make test`, by turns, for each takes minutes.
_TURN = zlib.crc32(slow_parts.seed().encode()) % 2
SANDBOXES = [
    pytest.param(tier, marks=() if number == _TURN else pytest.mark.slow("defences"))
    for number, tier in enumerate(("full", "reduced"))
]
# A line of a hidden test that no message of it shows.
HIDDEN = "def weights_are_right"
# The outputs are JSON: the end of a line before it is written \n, with a letter.
GOT = re.compile(r"(?<![A-Z])GOT (.{0,80})")
_RUN = "SELECT status, reason, notes, details, attention, tier FROM course_run WHERE student = ?"


@dataclass(frozen=True)
class Graded:
    """A class after `course grade`, and what that did outside of itself."""

    world: World
    tier: str
    done: subprocess.CompletedProcess[str]
    harm: list[str]

    def scores(self, student: str) -> dict[str, float | None]:
        """The automatic scores, by cell."""
        return gradebook.scores(self.world.course, student)

    def run(self, student: str) -> dict[str, Any]:
        """What the gradebook says of how it went."""
        rows = gradebook.query(self.world.course.gradebook, _RUN, student)
        names = ("status", "reason", "notes", "details", "attention", "tier")
        return dict(zip(names, rows[0], strict=True)) if rows else {}

    def outputs(self, student: str) -> str:
        """All outputs, and all that the grader wrote into the executed notebook, as one text."""
        path = self.world.course.autograded / student / ASSIGNMENT / f"{NAME}.ipynb"
        if not path.is_file():
            return ""
        notebook = json.loads(path.read_text(encoding="utf-8"))
        for cell in notebook["cells"]:
            if cell["id"] != "grading-notes":
                cell["source"] = ""
        return json.dumps(notebook)

    def page(self, student: str) -> str:
        """The page of feedback."""
        path = self.world.course.feedback / student / ASSIGNMENT / f"{NAME}.html"
        return path.read_text(encoding="utf-8") if path.is_file() else ""


def grade(
    world: World,
    tier: str,
    cases: Iterable[Case],
    *options: str,
    program: Sequence[str] = (),
    honest: bool = False,
) -> Graded:
    """Hand in the cases, and the work of honest students between them; grade all in one run."""
    for case in cases:
        case.put(world, case.student)
    for student, put in HONEST.items() if honest else ():
        put(world, student)
    done = world.run(tier, *options, program=program)
    return Graded(world, tier, done, world.harm())


def problems(case: Case, graded: Graded) -> list[str]:
    """What is not as it must be with a case."""
    case = replace(case, **case.by_tier.get(graded.tier, {}))
    run = graded.run(case.student)
    if not run:
        return [f"not graded: {graded.done.stdout[-500:]} {graded.done.stderr[-1500:]}"]
    found = [] if run["status"] == case.status else [f"status {run['status']}: {run['reason']}"]
    if case.status == "graded" and run["tier"] != graded.tier:
        found.append(f"graded in the {run['tier']} sandbox")
    found += _differences(case.scores, graded.scores(case.student))
    said = f"{run['reason']} {run['notes']} {run['details']}"
    found += [f"not told: {told!r}, but {said!r}" for told in case.told if told not in said]
    if bool(run["attention"]) != case.attention:
        found.append(f"attention: {run['attention']} {said!r}")
    outputs = graded.outputs(case.student)
    found += [f"got {what}" for what in sorted(set(GOT.findall(outputs)))]
    if HIDDEN in outputs:
        found.append("the source of a hidden test stands in the outputs")
    if len(outputs) > NOTEBOOK_OUTPUT + 300_000:
        found.append(f"the executed notebook has {len(outputs):,} characters")
    for what, text in (("outputs", outputs), ("feedback", graded.page(case.student))):
        if graded.world.secret in text:
            found.append(f"a secret stands in the {what}")
    return found


def _differences(
    expected: Mapping[str, float | None], got: Mapping[str, float | None]
) -> list[str]:
    names = FULL if got else ()
    return [
        f"{name}: {got.get(name)} points, not {expected[name]}"
        for name in names
        if got.get(name) != expected[name]
    ]
