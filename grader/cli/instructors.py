"""The steps for those who run a class. Modules are imported where used: nbgrader takes a second."""

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from grader.basics import system
from grader.cli.count import count
from grader.course.directory import Course


def add_steps(steps: Any) -> None:
    """Add the steps to the command line: `steps` is what argparse's add_subparsers returns."""
    step = steps.add_parser("doctor", help="is all there that the course needs, and does it work?")
    step.set_defaults(run=_doctor)

    step = steps.add_parser("class", help="make an example class in submitted/ from answers/")
    step.set_defaults(run=_class)

    step = steps.add_parser("collect", help="bring submissions into submitted/")
    step.set_defaults(run=_collect)
    step.add_argument(
        "source", type=Path, metavar="SOURCE", help="the archive or folder: from Moodle, ..."
    )
    step.add_argument(
        "--from",
        dest="scheme",
        choices=(
            *("moodle", "canvas", "exchange", "brightspace", "blackboard", "gradescope"),
            "folder",
        ),
        help="what it is (default: told by its names)",
    )
    step.add_argument(
        "--inside", metavar="FOLDER", help="where in it the students' folders lie (default: told)"
    )
    step.add_argument("--roster", type=Path, metavar="FILE", help="a CSV file of the students")
    step.add_argument("--due", metavar="TIME", help='tell who was late, e.g. "2026-11-20 23:59"')
    step.add_argument("--timezone", metavar="ZONE", help="of all times (default: this machine's)")
    step.add_argument(
        "--zip-times",
        action="store_true",
        help="take the times in the archive for those of handing in",
    )
    step.add_argument("--dry-run", action="store_true", help="write nothing, say what would be")

    step = steps.add_parser("grade", help="grade what is new in submitted/")
    step.set_defaults(run=_grade)
    step.add_argument("--student", action="append", metavar="NAME", help="only this student")
    step.add_argument("--notebook", action="append", metavar="NAME", help="only this notebook")
    step.add_argument("--force", action="store_true", help="grade again what is graded")
    _add_grading(step)

    step = steps.add_parser("explanations", help="group the answers that a person grades")
    step.set_defaults(run=_explanations)
    how = step.add_mutually_exclusive_group()
    how.add_argument(
        "--apply", type=Path, metavar="FILE", help="write the points and comments of this table"
    )
    how.add_argument(
        "--confirm",
        action="store_true",
        help="after grading again: points stand where the answer is the same",
    )
    step.add_argument(
        "--replace", action="store_true", help="also where a person gave other points or comments"
    )
    step.add_argument("--dry-run", action="store_true", help="say what would be written")

    step = steps.add_parser("report", help="make a page about the graded class, for instructors")
    step.set_defaults(run=_report)
    step.add_argument(
        "--output", type=Path, metavar="DIRECTORY", help="where to (default: report/ of the course)"
    )

    step = steps.add_parser(
        "regrade", help="after a test was mended: show whose points change, then write it"
    )
    step.set_defaults(run=_regrade)
    step.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="only these, e.g. 2-tanh")
    step.add_argument("--student", action="append", metavar="NAME", help="only this student")
    step.add_argument(
        "--write", action="store_true", help="write it without asking (default: only show it)"
    )
    step.add_argument("--csv", type=Path, metavar="FILE", help="write all changes to this file")
    _add_grading(step)


def _add_grading(step: ArgumentParser) -> None:
    step.add_argument(
        "--jobs",
        type=count,
        metavar="N",
        help="notebooks at a time (default: one for each core)",
    )
    step.add_argument(
        "--unsafe", action="store_true", help="grade without a sandbox where Linux allows none"
    )
    step.add_argument("--no-feedback", action="store_true", help="leave the pages to a later run")


def _doctor(course: Course, options: Namespace) -> int:
    from grader.instructors.doctor import command as doctor

    return doctor.run(course)


def _class(course: Course, options: Namespace) -> int:
    from grader.authors.exercises import example_class

    return example_class.run(course)


def _collect(course: Course, options: Namespace) -> int:
    from grader.instructors.collect import command as step

    return step.run(
        course,
        step.Options(
            options.source,
            scheme=options.scheme,
            inside=options.inside,
            roster=options.roster,
            due=options.due,
            timezone=options.timezone,
            zip_times=options.zip_times,
            dry_run=options.dry_run,
        ),
    )


def _grade(course: Course, options: Namespace) -> int:
    system.need_linux()
    from grader.instructors.grading import command as grade

    return grade.run(
        course,
        grade.Options(
            students=options.student or (),
            notebooks=options.notebook or (),
            force=options.force,
            jobs=options.jobs or 0,
            unsafe=options.unsafe,
            feedback=not options.no_feedback,
        ),
    )


def _explanations(course: Course, options: Namespace) -> int:
    from grader.instructors.explanations import command

    return command.run(
        course,
        command.Options(
            apply=options.apply,
            replace=options.replace,
            dry_run=options.dry_run,
            confirm=options.confirm,
        ),
    )


def _report(course: Course, options: Namespace) -> int:
    from grader.instructors.report import command as make

    return make.run(course, options.output)


def _regrade(course: Course, options: Namespace) -> int:
    system.need_linux()
    from grader.instructors.regrade import command as regrade

    return regrade.run(
        course,
        regrade.Options(
            notebooks=options.notebooks,
            students=options.student or (),
            write=options.write,
            csv=options.csv,
            jobs=options.jobs or 0,
            unsafe=options.unsafe,
            feedback=not options.no_feedback,
        ),
    )
