"""The steps for those who run a class."""

from argparse import SUPPRESS, ArgumentParser
from pathlib import Path
from typing import get_args

from grader.basics import system
from grader.cli.step import Step, count
from grader.rosters.owner import Scheme


def _collect(parser: ArgumentParser) -> None:
    parser.add_argument(
        "source", type=Path, metavar="SOURCE", help="the archive or folder: from Moodle, ..."
    )
    parser.add_argument(
        "--from",
        dest="scheme",
        choices=get_args(Scheme),
        help="what it is (default: told by its names)",
    )
    parser.add_argument(
        "--inside", metavar="FOLDER", help="where in it the students' folders lie (default: told)"
    )
    parser.add_argument("--roster", type=Path, metavar="FILE", help="a CSV file of the students")
    parser.add_argument("--due", metavar="TIME", help='tell who was late, e.g. "2026-11-20 23:59"')
    parser.add_argument("--timezone", metavar="ZONE", help="of all times (default: this machine's)")
    parser.add_argument(
        "--zip-times",
        action="store_true",
        help="take the times in the archive for those of handing in",
    )
    parser.add_argument("--dry-run", action="store_true", help="write nothing, say what would be")


def _grade(parser: ArgumentParser) -> None:
    _add_names(parser, "student")
    _add_names(parser, "notebook")
    parser.add_argument("--force", action="store_true", help="grade again what is graded")
    _add_grading(parser)


def _watch(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--status", action="store_true", help="show what the course watch that runs does"
    )
    parser.add_argument("--only-begin", action="store_true", help=SUPPRESS)
    for name, what in (
        ("collect", "collect from this folder, as course collect does, whatever comes into it"),
        ("drop", "collect each archive that is put into this folder"),
    ):
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            type=lambda text: Path(text).resolve(),  # grading changes directory
            metavar="FOLDER",
            help=f"{what}; can be given more than once; {{assignment}} in it stands for its name",
        )
    parser.add_argument(
        "--exchange", action="store_true", help="collect what comes by nbgrader's exchange"
    )
    parser.add_argument(
        "--release", action="store_true", help="release the pages to nbgrader's exchange"
    )
    parser.add_argument(
        "--from", dest="scheme", choices=get_args(Scheme), help="what is collected (default: told)"
    )
    parser.add_argument(
        "--roster",
        type=lambda text: Path(text).resolve(),
        metavar="FILE",
        help="a CSV file of the students",
    )
    _add_jobs(parser, "one for each core")


def _explanations(parser: ArgumentParser) -> None:
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--apply", type=Path, metavar="FILE", help="write the points and comments of this table"
    )
    how.add_argument(
        "--confirm",
        action="store_true",
        help="after grading again: points stand where the answer is the same",
    )
    parser.add_argument(
        "--replace", action="store_true", help="also where a person gave other points or comments"
    )
    parser.add_argument("--dry-run", action="store_true", help="say what would be written")


def _report(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--output", type=Path, metavar="DIRECTORY", help="where to (default: report/ of the course)"
    )


def _regrade(parser: ArgumentParser) -> None:
    parser.add_argument("notebooks", nargs="*", metavar="NOTEBOOK", help="only these, e.g. 2-tanh")
    _add_names(parser, "student")
    parser.add_argument(
        "--write", action="store_true", help="write it without asking (default: only show it)"
    )
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write all changes to this file")
    _add_grading(parser)


def _add_names(parser: ArgumentParser, what: str) -> None:
    parser.add_argument(
        f"--{what}",
        action="append",
        dest=f"{what}s",
        default=[],
        metavar="NAME",
        help=f"only this {what}",
    )


def _add_jobs(parser: ArgumentParser, default: str) -> None:
    parser.add_argument(
        "--jobs",
        type=count,
        default=0,
        metavar="N",
        help=f"notebooks at a time (default: {default})",
    )
    parser.add_argument(
        "--unsafe", action="store_true", help="grade without a sandbox where Linux allows none"
    )


def _add_grading(parser: ArgumentParser) -> None:
    _add_jobs(parser, "one more than there are cores")
    parser.add_argument(
        "--cluster",
        default="",
        metavar="ADDRESS",
        help="give the notebooks to the workers of this scheduler (docs/scale.md)",
    )
    _add_tls(parser)
    parser.add_argument(
        "--no-feedback",
        action="store_false",
        dest="feedback",
        help="leave the pages to a later run",
    )


def _add_tls(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--tls",
        type=lambda text: Path(text).absolute(),  # grading changes directory
        metavar="DIRECTORY",
        help="where ca.pem, cert.pem and key.pem are",
    )
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="do without TLS: whoever reaches the scheduler can run code and read hidden tests",
    )


def _scheduler(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="", metavar="ADDRESS", help="listen there only")
    parser.add_argument("--port", type=count, default=8786, metavar="N", help="(default: 8786)")
    _add_tls(parser)


def _worker(parser: ArgumentParser) -> None:
    parser.add_argument("address", metavar="ADDRESS", help="the scheduler's, tls://HOST:8786")
    parser.add_argument(
        "--workers",
        type=count,
        default=0,
        metavar="N",
        help="notebooks at a time (default: one for each core)",
    )
    parser.add_argument(
        "--directory",
        type=Path,
        metavar="DIRECTORY",
        help="where handouts and data are kept (default: /var/tmp/course-worker-UID)",
    )
    _add_tls(parser)


STEPS = (
    Step(
        "doctor",
        "is all there that the course needs, and does it work?",
        "instructors.doctor.command",
        looks_for_faults=True,
        for_each=True,
    ),
    Step(
        "class",
        "make an example class in submitted/ from answers/",
        "authors.exercises.example_class",
    ),
    Step("collect", "bring submissions into submitted/", "instructors.collect.command", _collect),
    Step(
        "grade",
        "grade what is new in submitted/",
        "instructors.grading.command",
        _grade,
        system.need_linux,
        for_each=True,
    ),
    Step(
        "watch",
        "grade work as it arrives, until it is stopped",
        "instructors.watch.command",
        _watch,
        at_once=True,
        until_stopped=True,
    ),
    Step(
        "explanations",
        "group the answers that a person grades",
        "instructors.explanations.command",
        _explanations,
        extra="explanations",
    ),
    Step(
        "report",
        "make a page about the graded class, for instructors",
        "instructors.report.command",
        _report,
        extra="report",
    ),
    Step(
        "regrade",
        "after a test was mended: show whose points change, then write it",
        "instructors.regrade.command",
        _regrade,
        system.need_linux,
    ),
    Step(
        "scheduler",
        "be the meeting point of a cluster that grades",
        "engine.cluster.scheduler",
        _scheduler,
        in_course=False,
        until_stopped=True,
    ),
    Step(
        "worker",
        "run notebooks for a cluster, on this machine",
        "engine.cluster.worker",
        _worker,
        system.need_linux,
        in_course=False,
        until_stopped=True,
    ),
)
