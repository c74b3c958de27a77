"""The ``course`` command: reads the command line and calls the module of each step."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.course import CourseError, find_course


def parser() -> argparse.ArgumentParser:
    """The command line of `course`."""
    top = argparse.ArgumentParser(prog="course", description="Make, check and grade the course.")
    top.add_argument(
        "--course-dir",
        type=Path,
        metavar="DIRECTORY",
        help="the course directory (default: the one that the current directory lies in)",
    )
    steps = top.add_subparsers(dest="step", required=True, metavar="STEP")

    step = steps.add_parser("form", help="check the form of the source notebooks")
    step.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="only these, e.g. 2-tanh")
    step.add_argument("--fix", action="store_true", help="mend what is only form")

    step = steps.add_parser("release", help="make release/ from source/")
    step.add_argument("--check", action="store_true", help="write nothing, say what differs")

    step = steps.add_parser("answers", help="grade the answers in answers/, compare the scores")
    step.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="only these, e.g. 2-tanh or '2-tanh/wrong/*'"
    )
    step.add_argument("--jobs", type=int, metavar="N", help="processes (default: one per core)")

    step.add_argument(
        "--against-stock", action="store_true", help="compare with stock nbgrader, cell by cell"
    )

    steps.add_parser("class", help="make an example class in submitted/ from answers/")

    step = steps.add_parser("grade", help="grade what is new in submitted/")
    step.add_argument("--student", action="append", metavar="NAME", help="only this student")
    step.add_argument("--notebook", action="append", metavar="NAME", help="only this notebook")
    step.add_argument("--force", action="store_true", help="grade again what is graded")
    step.add_argument(
        "--jobs", type=int, metavar="N", help="notebooks at a time (default: one for each core)"
    )
    step.add_argument(
        "--unsafe", action="store_true", help="grade without a sandbox where none can be had"
    )
    step.add_argument("--no-feedback", action="store_true", help="leave the pages to a later run")
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run `course`.

    Returns 0: done; 1: something needs attention; 2: could not be run, as the message says;
    3: the machine failed, try again; 130: interrupted.
    """
    options = parser().parse_args(argv)
    try:
        return _run(options)
    except CourseError as error:
        print(f"course {options.step}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f"\ncourse {options.step}: stopped. Run it again to finish.", file=sys.stderr)
        return 130


def _run(options: argparse.Namespace) -> int:
    # Imported where they are used: nbgrader takes a second to import.
    if options.course_dir is not None and not (options.course_dir / "nbgrader_config.py").is_file():
        raise CourseError(f"{options.course_dir} is no course: it has no nbgrader_config.py.")
    course = find_course(options.course_dir)
    if options.step == "form":
        from grader import form

        return form.run(course, options.notebooks, fix=options.fix)
    if options.step == "release":
        from grader import release

        return release.run(course, check=options.check)
    if options.step == "answers":
        from grader import answers

        return answers.run(
            course, options.patterns, jobs=options.jobs, against_stock=options.against_stock
        )
    if options.step == "class":
        from grader import example_class

        return example_class.run(course)
    from grader import grade

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


if __name__ == "__main__":
    sys.exit(main())
