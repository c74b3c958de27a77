"""The ``course`` command: reads the command line and calls the module of each step."""

import argparse
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from grader.basics import startup, system
from grader.basics.errors import GraderError, UserError
from grader.basics.terminal import say
from grader.basics.words import listed
from grader.cli import authors, instructors
from grader.course.directory import CONFIG, Course, chosen, in_usual_places

_AGAIN_SECONDS = 0.05  # until a signal that was lost is sent again


def parser() -> argparse.ArgumentParser:
    """The command line of `course`; each step sets `run`, a function of course and options."""
    top = argparse.ArgumentParser(prog="course", description="Make, check and grade the course.")
    top.add_argument(
        "--course-dir",
        type=Path,
        metavar="DIRECTORY",
        help="the course directory (default: the one that the current directory lies in)",
    )
    steps = top.add_subparsers(dest="step", required=True, metavar="STEP")
    for step in (*instructors.STEPS, *authors.STEPS):
        step.add_to(steps)
    return top


class _Terminated(KeyboardInterrupt):
    """SIGTERM, as from systemd or `timeout`: everything ends as after Ctrl-C."""


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM end what runs in order, once; processes that it starts are not concerned."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # no second one while it ends
        raise _Terminated

    def swallowed(lost: "sys.UnraisableHookArgs") -> None:
        if not isinstance(lost.exc_value, _Terminated):
            hook(lost)
            return
        # It came while an object was cleared away, where Python drops what is raised.
        signal.signal(signal.SIGTERM, stop)
        again.append(threading.Timer(_AGAIN_SECONDS, os.kill, (os.getpid(), signal.SIGTERM)))
        again[-1].start()

    again: list[threading.Timer] = []
    hook, sys.unraisablehook = sys.unraisablehook, swallowed
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        for timer in again:
            timer.cancel()
        signal.signal(signal.SIGTERM, before)
        sys.unraisablehook = hook


def _in_course(course: Course, options: argparse.Namespace) -> int:
    """Run a step for an assignment; what stops it there does not stop it for the others."""
    try:
        return int(options.run(course, options))
    except GraderError as error:
        if not (options.for_each and course.others):
            raise
        say(f"course {options.step}, {course.assignment}: {error}", error=True)
        return error.exit_code


def _courses(options: argparse.Namespace) -> Iterator[Course]:
    """The course, for each of the assignments that a step is to do; raises UserError to ask."""
    there = _assignments(options)
    if options.assignment:
        there = [chosen(there, options.assignment)]
    elif len(there) > 1 and not (options.for_each or options.at_once):
        names = listed([course.assignment for course in there], 10)
        raise UserError(
            f"There are several assignments: {names}. Say which one: "
            f"course {options.step} --assignment {there[0].assignment} ..."
        )
    for course in there:
        if len(there) > 1 and options.for_each:
            say(f"Assignment {course.assignment}")
        yield course


def _assignments(options: argparse.Namespace) -> list[Course]:
    """The course, for each assignment; raises UserError where nbgrader cannot tell them.

    A step that looks for what is wrong gets those that lie in the usual places.
    """
    try:
        try:
            from grader.nbgrader_app import opening  # nbgrader takes a second to import
        except ImportError as error:
            raise UserError(
                f"nbgrader cannot be imported ({error}). Install it anew with pip; course doctor "
                "says what else is missing."
            ) from None
        return opening.open_courses(options.course_dir)
    except UserError:
        usual = in_usual_places(options.course_dir) if options.looks_for_faults else []
        if not usual:
            raise
        return usual


def main(argv: Sequence[str] | None = None) -> int:
    """Run `course`.

    Returns 0: done; 1: something needs attention; 2: could not be run, as the message says;
    3: the machine failed, try again; 130: interrupted, and 143 by SIGTERM.
    """
    options = parser().parse_args(argv)
    startup.leave_out_grammars()
    try:
        directory = options.course_dir
        if directory is not None and not (directory / CONFIG).is_file() and options.in_course:
            raise UserError(f"{directory} is no course: it has no {CONFIG}.")
        with _terminable():
            if not options.in_course:
                return int(options.run(None, options))
            if options.at_once:
                return int(options.run(list(_courses(options)), options))
            return max([_in_course(course, options) for course in _courses(options)])
    except GraderError as error:
        say(f"course {options.step}: {error}", error=True)
        return error.exit_code
    except ModuleNotFoundError as error:
        if error.name not in system.LINUX_ONLY:
            raise
        say(f"course {options.step}: {system.cannot_grade()}", error=True)
        return 2
    except KeyboardInterrupt as stopped:
        finish = "" if options.until_stopped else " Run it again to finish."
        say(f"\ncourse {options.step}: stopped.{finish}", error=True)
        number = signal.SIGTERM if isinstance(stopped, _Terminated) else signal.SIGINT
        return 128 + number
