"""The steps for those who change the exercises."""

from argparse import ArgumentParser

from grader.basics import system
from grader.cli.step import Step, count


def _new(parser: ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="of the assignment: its folder in source/")
    parser.add_argument(
        "--course",
        action="store_true",
        dest="with_course",
        help="make a course for it first, in this directory, which is empty",
    )


def _form(parser: ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NOTEBOOK", help="only these, e.g. 2-tanh")
    parser.add_argument(
        "--fix",
        action="store_true",
        help="mend what is only form, and write the hidden tests of hidden/ into the notebooks",
    )
    parser.add_argument(
        "--take",
        action="store_true",
        help="first write the notebooks' hidden tests into hidden/: after a change in JupyterLab",
    )


def _kit(parser: ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--check", action="store_true", help="write nothing, say what differs")
    how.add_argument(
        "--replace", action="store_true", help="also where the assignment's copy was changed"
    )


def _lint(parser: ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NOTEBOOK", help="only these, e.g. 2-tanh")


def _release(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--language", default="", metavar="CODE", help="only the release in it, e.g. ko"
    )
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")


def _translate(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--language", default="", metavar="CODE", help="e.g. ko (default: all that there are)"
    )
    parser.add_argument("--check", action="store_true", help="write nothing, say what is missing")
    parser.add_argument("--show", action="store_true", help="name each text that is to be done")
    parser.add_argument(
        "--of-tool", action="store_true", help="also the tool's own catalogue: for its authors"
    )


def _check(parser: ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NOTEBOOK", help="only these, e.g. 2-tanh")
    parser.add_argument(
        "--quick", action="store_true", help="only a fixed sample of mutants and of other styles"
    )
    _add_jobs(parser)


def _answers(parser: ArgumentParser) -> None:
    parser.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="only these, e.g. 2-tanh or '2-tanh/wrong/*'"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--against-stock", action="store_true", help="compare with stock nbgrader, cell by cell"
    )
    how.add_argument(
        "--messages",
        action="store_true",
        dest="with_messages",
        help="print what students read about these answers",
    )
    parser.add_argument(
        "--language",
        default="",
        metavar="CODE",
        help="fill them into the release in this language, e.g. ko",
    )
    _add_jobs(parser)


def _slips(parser: ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")


def _mutants(parser: ArgumentParser) -> None:
    parser.add_argument(
        "patterns",
        nargs="*",
        metavar="PATTERN",
        help="only these, e.g. 2-tanh or 2-tanh/tanh-class",
    )
    parser.add_argument(
        "--sample", action="store_true", dest="only_sample", help="only a fixed sample"
    )
    parser.add_argument("--afresh", action="store_true", help="forget what was graded before")
    parser.add_argument("--write", action="store_true", help="write the tables to docs/mutants.md")
    _add_jobs(parser)


def _styles(parser: ArgumentParser) -> None:
    parser.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="only these, e.g. 2-tanh or '*korean*'"
    )
    _add_jobs(parser)


def _margins(parser: ArgumentParser) -> None:
    parser.add_argument(
        "patterns", nargs="*", metavar="PATTERN", help="print the table of these answers alone"
    )
    _add_jobs(parser)


def _add_jobs(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--jobs",
        type=count,
        metavar="N",
        help="notebooks at a time (default: one more than there are cores)",
    )


STEPS = (
    Step(
        "new",
        "make a small assignment that works, to be changed into yours",
        "authors.exercises.new_assignment",
        _new,
        in_course=False,
        in_directory=True,
    ),
    Step(
        "form",
        "check the form of the source notebooks",
        "authors.exercises.form",
        _form,
        for_each=True,
    ),
    Step(
        "kit",
        "write the student kit (checks.py, handin.py) into an assignment",
        "authors.exercises.student_kit",
        _kit,
    ),
    Step(
        "lint",
        "check the hidden tests with ruff and mypy",
        "authors.exercises.hidden_lint",
        _lint,
        system.need_linux,
        extra="authors",
        for_each=True,
    ),
    Step(
        "release",
        "make release/ from source/",
        "authors.exercises.release",
        _release,
        for_each=True,
    ),
    Step(
        "translate",
        "bring the catalogues of other languages up to date",
        "authors.translation.command",
        _translate,
        at_once=True,
    ),
    Step(
        "check",
        "after a change: all that must hold of the exercises",
        "authors.proof.check",
        _check,
        system.need_linux,
        extra="authors",
        for_each=True,
    ),
    Step(
        "answers",
        "grade the answers in answers/, compare the scores",
        "authors.proof.scores",
        _answers,
        system.need_linux,
        for_each=True,
    ),
    Step(
        "slips",
        "count the mistakes of answers/ for docs/teaching.md",
        "authors.exercises.slips",
        _slips,
    ),
    Step(
        "mutants",
        "change the solutions: do the tests see it?",
        "authors.proof.mutation.analysis",
        _mutants,
        system.need_linux,
        extra="authors",
    ),
    Step(
        "styles",
        "rewrite right answers: do they get full points?",
        "authors.proof.styles.variants",
        _styles,
        system.need_linux,
        extra="authors",
    ),
    Step(
        "margins",
        "measure how far answers stay from each threshold",
        "authors.proof.margins.measure",
        _margins,
        system.need_linux,
        extra="authors",
    ),
)
