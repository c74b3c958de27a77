"""Ask all probes, print a line for each, and say what to do."""

import textwrap
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from grader.basics import system
from grader.basics.errors import UserError
from grader.basics.terminal import say
from grader.course import notebook_data
from grader.course.directory import Course
from grader.instructors.doctor import files, jupyter, machine
from grader.instructors.doctor.engine import Engine
from grader.instructors.doctor.finding import Finding, Probe, guarded

_SYMBOLS = {"ok": "✓ ok", "warning": "! look", "wrong": "✗ wrong"}
_NAME, _STATE, _WIDTH = 14, 8, 100


def probes(engine: Engine, course: Course) -> Sequence[tuple[str, Probe]]:
    """What is looked at, by name; the quick ones first."""
    try:
        sets = notebook_data.of_course(course)
    except UserError:  # the configuration has a line of its own
        sets = []
    return (
        ("Python", machine.python),
        ("packages", machine.packages),
        ("text", machine.text),
        ("clock", machine.clock),
        ("disk", machine.disk),
        ("private files", files.privacy),
        ("gradebook", files.gradebook),
        *(("data", partial(files.data, each)) for each in sets),
        ("configuration", files.configuration),
        ("exchange", files.exchange),
        ("extensions", jupyter.extensions),
        ("release", files.release),
        ("plain kernel", jupyter.kernel),
        ("sandbox", engine.sandbox),
        ("memory", engine.memory),
        ("warm kernel", engine.kernel),
    )


def run(course: Course) -> int:
    """Print what is well and what is not. Returns 0 if all is well, 1 if not."""
    states = []
    engine = Engine()
    with _scratch():
        try:
            for name, probe in probes(engine, course):
                finding = guarded(probe, course)
                states.append(finding.state)
                show(name, finding)
        finally:
            engine.close()
    counts = Counter(states)
    if counts["ok"] == len(states):
        say("doctor: all is well")
        return 0
    say(f"doctor: {counts['wrong']} wrong, {counts['warning']} to look at, {counts['ok']} ok")
    return 1


def _scratch() -> AbstractContextManager[object]:
    """A directory for what the engine makes, where there is an engine."""
    if system.cannot_grade():
        return nullcontext()
    from grader.basics.scratch import scratch

    return scratch()


def show(name: str, finding: Finding) -> None:
    """Print what was found, and below it what to do."""
    margin = " " * (_NAME + _STATE)
    lines = _lines(f"{_SYMBOLS[finding.state]:{_STATE}}{name:{_NAME}}", margin, finding.found)
    if finding.state != "ok" and finding.todo:
        lines += _lines(f"{margin}To do: ", margin + "  ", finding.todo)
    say("\n".join(lines))


def _lines(first: str, others: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,  # a command must stay one that can be copied
        break_on_hyphens=False,
    )
