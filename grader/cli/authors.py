"""The steps for those who change the exercises. Modules are imported where they are used."""

from argparse import ArgumentParser, Namespace
from typing import Any

from grader.basics import system
from grader.basics.errors import UserError
from grader.cli.count import count
from grader.course.directory import Course


def add_steps(steps: Any) -> None:
    """Add the steps to the command line: `steps` is what argparse's add_subparsers returns."""
    step = steps.add_parser("form", help="check the form of the source notebooks")
    step.set_defaults(run=_form)
    step.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="only these, e.g. 2-tanh")
    step.add_argument(
        "--fix",
        action="store_true",
        help="mend what is only form, and write the hidden tests of hidden/ into the notebooks",
    )
    step.add_argument(
        "--take",
        action="store_true",
        help="first write the notebooks' hidden tests into hidden/: after a change in JupyterLab",
    )

    step = steps.add_parser("lint", help="check the hidden tests with ruff and mypy")
    step.set_defaults(run=_lint)
    step.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="only these, e.g. 2-tanh")

    step = steps.add_parser("release", help="make release/ from source/")
    step.set_defaults(run=_release)
    step.add_argument("--check", action="store_true", help="write nothing, say what differs")

    step = steps.add_parser("check", help="after a change: all that must hold of the exercises")
    step.set_defaults(run=_check)
    step.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="only these, e.g. 2-tanh")
    step.add_argument(
        "--quick", action="store_true", help="only a fixed sample of mutants and of other styles"
    )
    _add_jobs(step)

    step = steps.add_parser("answers", help="grade the answers in answers/, compare the scores")
    step.set_defaults(run=_answers)
    step.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="only these, e.g. 2-tanh or '2-tanh/wrong/*'"
    )
    how = step.add_mutually_exclusive_group()
    how.add_argument(
        "--against-stock", action="store_true", help="compare with stock nbgrader, cell by cell"
    )
    how.add_argument(
        "--messages", action="store_true", help="print what students read about these answers"
    )
    _add_jobs(step)

    step = steps.add_parser("slips", help="count the mistakes of answers/ for docs/teaching.md")
    step.set_defaults(run=_slips)
    step.add_argument("--check", action="store_true", help="write nothing, say what differs")

    step = steps.add_parser("mutants", help="change the solutions: do the tests see it?")
    step.set_defaults(run=_mutants)
    step.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="only these, e.g. 2-tanh or 4-svhn/steps"
    )
    step.add_argument("--sample", action="store_true", help="only a fixed sample")
    step.add_argument("--afresh", action="store_true", help="forget what was graded before")
    step.add_argument("--write", action="store_true", help="write the tables to docs/mutants.md")
    _add_jobs(step)

    step = steps.add_parser("styles", help="rewrite right answers: do they get full points?")
    step.set_defaults(run=_styles)
    step.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="only these, e.g. 2-tanh or '*korean*'"
    )
    _add_jobs(step)

    step = steps.add_parser("margins", help="measure how far answers stay from each threshold")
    step.set_defaults(run=_margins)
    step.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="print the table of these answers alone"
    )
    _add_jobs(step)


def _add_jobs(step: ArgumentParser) -> None:
    step.add_argument("--jobs", type=count, metavar="N", help="processes (default: one per core)")


def _form(course: Course, options: Namespace) -> int:
    from grader.authors.exercises import form

    return form.run(course, options.notebooks, fix=options.fix, take=options.take)


def _lint(course: Course, options: Namespace) -> int:
    _need_tools()
    from grader.authors.exercises import hidden_lint

    return hidden_lint.run(course, options.notebooks)


def _release(course: Course, options: Namespace) -> int:
    from grader.authors.exercises import release

    return release.run(course, check=options.check)


def _check(course: Course, options: Namespace) -> int:
    _need_tools()
    from grader.authors.proof import check

    return check.run(course, options.notebooks, options.jobs, quick=options.quick)


def _answers(course: Course, options: Namespace) -> int:
    system.need_linux()
    from grader.authors.proof import scores

    return scores.run(
        course,
        options.patterns,
        options.jobs,
        against_stock=options.against_stock,
        with_messages=options.messages,
    )


def _slips(course: Course, options: Namespace) -> int:
    from grader.authors.exercises import slips

    return slips.run(course, check=options.check)


def _mutants(course: Course, options: Namespace) -> int:
    _need_tools()
    from grader.authors.proof.mutation import analysis

    return analysis.run(
        course,
        options.patterns,
        options.jobs,
        only_sample=options.sample,
        afresh=options.afresh,
        write=options.write,
    )


def _styles(course: Course, options: Namespace) -> int:
    _need_tools()
    from grader.authors.proof.styles import variants

    return variants.run(course, options.patterns, options.jobs)


def _margins(course: Course, options: Namespace) -> int:
    _need_tools()
    from grader.authors.proof.margins import measure

    return measure.run(course, options.jobs, options.patterns)


def _need_tools() -> None:
    system.need_linux()
    try:
        import cosmic_ray  # noqa: F401
    except ImportError:
        raise UserError("This needs the tools for development: make setup-dev") from None
