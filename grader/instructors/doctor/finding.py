"""What a probe found, and the guard that keeps a probe's own failure from stopping the others."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from grader.basics import system
from grader.basics.errors import GraderError
from grader.course.directory import Course

State = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One line of the report: `warning` works but needs attention, `wrong` stops something.

    `todo`: what to do about it, if it is not ok.
    """

    state: State
    found: str
    todo: str = ""


def set_up(course: Course) -> str:
    """How to bring the environment in order."""
    if (course.root / "Makefile").is_file():
        return "make setup"
    return "Install the tool anew with pip, in this environment."


Probe = Callable[[Course], Finding]


def guarded(probe: Probe, course: Course) -> Finding:
    """What the probe found; what stops it is a finding, too, for anything may be missing here."""
    try:
        return probe(course)
    except GraderError as error:
        return Finding("wrong", *_parted(str(error)))
    except ImportError as error:
        if error.name in system.LINUX_ONLY:
            return Finding("wrong", *_parted(system.cannot_grade()))
        missing = (error.name or "").partition(".")[0] or str(error)
        return Finding(
            "wrong", f"cannot be looked at: the package {missing} is missing", set_up(course)
        )
    except Exception as error:
        text = (str(error).strip().splitlines() or [""])[-1][:200]
        return Finding(
            "wrong",
            f"cannot be looked at ({type(error).__name__}: {text})",
            f"If the other lines say nothing of it: {set_up(course)}",
        )


def _parted(message: str) -> tuple[str, str]:
    """A message's first sentence, and the rest, which says what to do."""
    found, _, todo = message.partition(". ")
    return found.rstrip("."), todo
