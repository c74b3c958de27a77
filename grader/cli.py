"""The ``course`` command: reads the command line and calls the module of each step."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from grader.course import Course, CourseError, find_course


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

    how = step.add_mutually_exclusive_group()
    how.add_argument(
        "--against-stock", action="store_true", help="compare with stock nbgrader, cell by cell"
    )
    how.add_argument(
        "--messages", action="store_true", help="print what students read about these answers"
    )

    step = steps.add_parser("check", help="after a change: all that must hold of the exercises")
    step.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="only these, e.g. 2-tanh")
    step.add_argument("--jobs", type=int, metavar="N", help="processes (default: one per core)")
    step.add_argument(
        "--quick", action="store_true", help="only a fixed sample of mutants and of other styles"
    )

    step = steps.add_parser("mutants", help="change the solutions: do the tests see it?")
    step.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="only these, e.g. 2-tanh or 4-svhn/steps"
    )
    step.add_argument("--jobs", type=int, metavar="N", help="processes (default: one per core)")
    step.add_argument("--sample", action="store_true", help="only a fixed sample")
    step.add_argument("--afresh", action="store_true", help="forget what was graded before")
    step.add_argument("--write", action="store_true", help="write the tables to docs/mutants.md")

    step = steps.add_parser("styles", help="rewrite right answers: do they get full points?")
    step.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="only these, e.g. 2-tanh or '*korean*'"
    )
    step.add_argument("--jobs", type=int, metavar="N", help="processes (default: one per core)")

    step = steps.add_parser("margins", help="measure how far answers stay from each threshold")
    step.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="print the table of these answers alone"
    )
    step.add_argument("--jobs", type=int, metavar="N", help="processes (default: one per core)")

    step = steps.add_parser("slips", help="count the mistakes of answers/ for docs/teaching.md")
    step.add_argument("--check", action="store_true", help="write nothing, say what differs")

    steps.add_parser("class", help="make an example class in submitted/ from answers/")

    step = steps.add_parser("collect", help="bring submissions into submitted/")
    step.add_argument(
        "source", type=Path, metavar="SOURCE", help="the archive or folder: from Moodle, ..."
    )
    step.add_argument(
        "--from",
        dest="scheme",
        choices=("moodle", "canvas", "exchange", "folder"),
        help="what it is (default: told by its names)",
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

    steps.add_parser("doctor", help="is all there that the course needs, and does it work?")

    step = steps.add_parser(
        "regrade", help="after a test was mended: show whose points change, then write it"
    )
    step.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="only these, e.g. 2-tanh")
    step.add_argument("--student", action="append", metavar="NAME", help="only this student")
    step.add_argument(
        "--write", action="store_true", help="write it without asking (default: only show it)"
    )
    step.add_argument("--csv", type=Path, metavar="FILE", help="write all changes to this file")
    step.add_argument(
        "--jobs", type=int, metavar="N", help="notebooks at a time (default: one for each core)"
    )
    step.add_argument(
        "--unsafe", action="store_true", help="grade without a sandbox where none can be had"
    )
    step.add_argument("--no-feedback", action="store_true", help="leave the pages to a later run")
    step = steps.add_parser("report", help="make a page about the graded class, for instructors")
    step.add_argument(
        "--output", type=Path, metavar="DIRECTORY", help="where to (default: report/ of the course)"
    )
    step = steps.add_parser("explanations", help="group the answers that a person grades")
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
            course,
            options.patterns,
            options.jobs,
            against_stock=options.against_stock,
            with_messages=options.messages,
        )
    if options.step in ("check", "margins", "mutants", "styles"):
        return _prove(course, options)
    if options.step == "report":
        from grader.report import make

        return make.run(course, options.output)
    if options.step == "slips":
        from grader import slips

        return slips.run(course, check=options.check)
    if options.step == "class":
        from grader import example_class

        return example_class.run(course)
    if options.step == "collect":
        from grader.collect import step

        return step.run(
            course,
            step.Options(
                options.source,
                scheme=options.scheme,
                roster=options.roster,
                due=options.due,
                timezone=options.timezone,
                zip_times=options.zip_times,
                dry_run=options.dry_run,
            ),
        )
    if options.step == "doctor":
        from grader.doctor import doctor

        return doctor.run(course)
    if options.step == "regrade":
        from grader.regrade import regrade

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
    if options.step == "explanations":
        from grader.explanations import command

        return command.run(
            course,
            command.Options(
                apply=options.apply,
                replace=options.replace,
                dry_run=options.dry_run,
                confirm=options.confirm,
            ),
        )
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


def _prove(course: Course, options: argparse.Namespace) -> int:
    try:
        import cosmic_ray  # noqa: F401
    except ImportError:
        raise CourseError("This needs the tools for development: make setup-dev") from None
    if options.step == "mutants":
        from grader.proof.mutation import analysis

        return analysis.run(
            course,
            options.patterns,
            options.jobs,
            only_sample=options.sample,
            afresh=options.afresh,
            write=options.write,
        )
    if options.step == "styles":
        from grader.proof.styles import variants

        return variants.run(course, options.patterns, options.jobs)
    if options.step == "margins":
        from grader.proof.margins import measure

        return measure.run(course, options.jobs, options.patterns)
    from grader.proof import check

    return check.run(course, options.notebooks, options.jobs, quick=options.quick)


if __name__ == "__main__":
    sys.exit(main())
