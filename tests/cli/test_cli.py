"""The command line: each step is found, gets its arguments, and loads nothing before it runs."""

import inspect
import signal
import subprocess
import sys
from importlib import import_module

import pytest

from grader import cli
from grader.cli import authors, instructors
from grader.cli.step import Step
from tests.courses import COURSE

_HEAVY = ("nbgrader", "nbformat", "sqlalchemy", "traitlets", "numpy")


@pytest.mark.parametrize("step", [*instructors.STEPS, *authors.STEPS], ids=lambda step: step.name)
def test_a_module_takes_the_arguments_of_its_step(step: Step) -> None:
    words = {"collect": "archive.zip", "new": "week-1", "worker": "tls://10.0.0.1:8786"}
    needed = [words[step.name]] if step.name in words else []
    given = step.arguments(cli.parser().parse_args([step.name, *needed]))
    module = import_module(f"grader.{step.module}")
    if hasattr(module, "Options"):
        given = {"options": module.Options(**given)}
    first = [[COURSE] if step.at_once else COURSE] if step.in_course else []
    inspect.signature(module.run).bind(*first, **given)


@pytest.mark.parametrize("words", [["--help"], ["grade", "--help"], ["mutants", "--help"]])
def test_help_loads_no_large_package(words: list[str]) -> None:
    code = (
        "import sys; from grader import cli\n"
        f"try: cli.main({words})\n"
        f"finally: print([name for name in {_HEAVY} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("usage: course") and done.stdout.endswith("\n[]\n")


# Raises what a signal's handler raises where Python drops it.
_WHILE_CLEARING_AWAY = """
class Thing:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        sum(range(1000))
Thing()
"""


_USUAL = "os.kill(os.getpid(), signal.SIGTERM)"


@pytest.mark.parametrize(
    ("comes", "words", "said"),
    [
        (_USUAL, ["worker", "tls://10.0.0.1:8786"], ""),
        (_WHILE_CLEARING_AWAY, ["worker", "tls://10.0.0.1:8786"], ""),
        (_USUAL, ["kit", "--check"], " Run it again to finish."),
    ],
    ids=["usual", "lost", "with-an-end"],
)
def test_sigterm_ends_a_step_whenever_it_comes(comes: str, words: list[str], said: str) -> None:
    code = f"""
import os, signal, sys, time
from grader import cli
from grader.cli.step import Step
def run(self, course, options):
    exec({comes!r}, globals())
    time.sleep(60)
Step.run = run
sys.exit(cli.main({words!r}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 128 + signal.SIGTERM
    assert done.stderr == f"\ncourse {words[0]}: stopped.{said}\n"
