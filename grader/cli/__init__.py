"""The ``course`` command: reads the command line and calls the module of each step."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.cli import authors, instructors
from grader.course import CourseError, find_course


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
    instructors.add_steps(steps)
    authors.add_steps(steps)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run `course`.

    Returns 0: done; 1: something needs attention; 2: could not be run, as the message says;
    3: the machine failed, try again; 130: interrupted.
    """
    options = parser().parse_args(argv)
    try:
        directory = options.course_dir
        if directory is not None and not (directory / "nbgrader_config.py").is_file():
            raise CourseError(f"{directory} is no course: it has no nbgrader_config.py.")
        return int(options.run(find_course(directory), options))
    except CourseError as error:
        print(f"course {options.step}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\ncourse {options.step}: stopped. Run it again to finish.", file=sys.stderr)
        return 130
