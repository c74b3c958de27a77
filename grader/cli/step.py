"""A step of the command line: its arguments, and the module that is imported when it runs."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from grader.basics import packages
from grader.course.directory import Course

# What the command line asks of a step.
_HOW = ("in_course", "looks_for_faults", "for_each", "at_once", "until_stopped")


@dataclass(frozen=True)
class Step:
    """A step, such as `course grade`."""

    name: str
    help: str
    module: str  # below grader/; imported only when the step runs, as nbgrader takes a second
    add_arguments: Callable[[ArgumentParser], None] = lambda parser: None
    needs: Callable[[], None] = lambda: None  # raises UserError where the step cannot run
    extra: str = ""  # of this tool's packages, those that the step needs beside the others
    in_course: bool = True  # whether it needs a course with an assignment
    in_directory: bool = False  # whether it gets the course directory alone: as `directory`
    looks_for_faults: bool = False  # whether it runs where nbgrader's configuration is broken, too
    for_each: bool = False  # whether it does all assignments, one by one, where none is named
    at_once: bool = False  # whether it does them all in one run: it gets a sequence of courses
    until_stopped: bool = False  # whether it goes on until somebody stops it

    def add_to(self, steps: Any) -> None:
        """Add the step to the command line: `steps` is what argparse's add_subparsers returns."""
        parser = steps.add_parser(self.name, help=self.help)
        parser.set_defaults(run=self.run, **{name: getattr(self, name) for name in _HOW})
        self.add_arguments(parser)
        if self.in_course:
            default = "all" if self.for_each or self.at_once else "the only one"
            parser.add_argument(
                "--assignment", default="", metavar="NAME", help=f"which one (default: {default})"
            )

    def run(self, course: Course | Sequence[Course] | None, options: Namespace) -> int:
        """Give the arguments to the module's `run` and return the exit code.

        They are given by name, or as one `Options` where the module has a class of that name; the
        course comes first, where the step needs one.
        """
        self.needs()
        if self.extra:
            packages.need(self.extra)
        module = import_module(f"grader.{self.module}")
        given = self.arguments(options)
        first = [] if course is None else [course]
        if hasattr(module, "Options"):
            return int(module.run(*first, module.Options(**given)))
        return int(module.run(*first, **given))

    def arguments(self, options: Namespace) -> dict[str, Any]:
        """What the person gave to this step, without what concerns all of them."""
        general = {"run", "step", "course_dir", "assignment", *_HOW}
        own = {name: value for name, value in vars(options).items() if name not in general}
        return {**own, "directory": options.course_dir} if self.in_directory else own


def count(text: str) -> int:
    """How many of something: a whole number from 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentTypeError(f"{text} is not a whole number from 1")
    return number
