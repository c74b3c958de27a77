"""Run nbgrader's own tests of autograde and validate, with stock nbgrader and with the engine.

    python -m tests.nbgrader_plugin.nbgrader_own_tests            both, and compare
    python -m tests.nbgrader_plugin.nbgrader_own_tests --engine   with the engine only

It prints how many passed, and every test with another outcome. Exit code 1 if a test that is
not in DIFFERENT fails with the engine, or one of DIFFERENT does not fail any more.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

MODULES = (
    "nbgrader.tests.apps.test_nbgrader_autograde",
    "nbgrader.tests.apps.test_nbgrader_validate",
)

_UNKNOWN = (
    "hands in a notebook of another assignment, whose cells the gradebook does not know. Stock "
    "nbgrader refuses all the student's work. With the engine they are the student's own cells, "
    "and the cells of the assignment are put back, run and scored; so nothing fails."
)
# The tests that must fail with the engine, for it differs from stock nbgrader on purpose.
DIFFERENT = {
    "TestNbGraderAutograde.test_side_effects": (
        "expects in autograded/ a file that the notebook wrote. With the engine, files that a "
        "student's code writes stay in the sandbox and end with it."
    ),
    "TestNbGraderAutograde.test_handle_failure": _UNKNOWN,
    "TestNbGraderAutograde.test_handle_failure_single_notebook": _UNKNOWN,
}

# What a course says in its nbgrader_config.py; these tests write configurations of their own.
_CONFIG = """\
from grader.nbgrader_plugin.steps import configure
configure(get_config())
"""


def run(*, engine: bool) -> dict[str, str]:
    """Run the tests; returns "passed", "failed" or "skipped" by the name of each."""
    with tempfile.TemporaryDirectory(prefix="nbgrader-tests-") as directory:
        report = Path(directory, "report.xml")
        # nbgrader reads it after the configuration of the user and before that of the course.
        Path(directory, "nbgrader_config.py").write_text(_CONFIG if engine else "")
        programs = str(Path(sys.executable).parent)
        env = {
            **os.environ,
            "PATH": programs + os.pathsep + os.environ.get("PATH", ""),
            "JUPYTER_CONFIG_PATH": directory,
        }
        options = ["-q", "-p", "no:cacheprovider", f"--junitxml={report}", "--rootdir", directory]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *options, "--pyargs", *MODULES],
            cwd=directory,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in (0, 1):
            sys.exit(f"nbgrader's tests could not be run:\n{done.stdout[-3000:]}{done.stderr}")
        return {_name(case): _outcome(case) for case in ElementTree.parse(report).iter("testcase")}


def _name(case: ElementTree.Element) -> str:
    return f"{case.attrib['classname'].split('.')[-1]}.{case.attrib['name']}"


def _outcome(case: ElementTree.Element) -> str:
    if case.find("skipped") is not None:
        return "skipped"
    return "passed" if case.find("failure") is None and case.find("error") is None else "failed"


def unexpected(stock: dict[str, str], engine: dict[str, str]) -> list[str]:
    """What has another outcome than DIFFERENT says."""
    found = [
        f"{name}: {stock[name]} with stock nbgrader, {engine.get(name)} with the engine"
        for name in stock
        if engine.get(name) != stock[name] and name not in DIFFERENT
    ]
    return found + [
        f"{name}: {engine.get(name)} with the engine; take it out of DIFFERENT"
        for name in DIFFERENT
        if engine.get(name) != "failed"
    ]


def _counts(outcomes: dict[str, str]) -> str:
    return ", ".join(
        f"{count} {what}" for what, count in sorted(Counter(outcomes.values()).items())
    )


def main() -> int:
    """Run, compare, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--engine", action="store_true", help="do not run them with stock nbgrader")
    only = parser.parse_args().engine
    with ThreadPoolExecutor() as pool:
        with_engine = pool.submit(run, engine=True)
        with_stock = None if only else pool.submit(run, engine=False)
        engine = with_engine.result()
        # All that is not skipped passes with stock nbgrader.
        stock = (
            with_stock.result()
            if with_stock
            else {
                name: "skipped" if outcome == "skipped" else "passed"
                for name, outcome in engine.items()
            }
        )
    if not only:
        print(f"stock nbgrader: {_counts(stock)}")
    print(f"with the engine: {_counts(engine)}")
    for name, reason in DIFFERENT.items():
        print(f"  differs on purpose: {name} {reason}")
    found = unexpected(stock, engine)
    for line in found:
        print(f"UNEXPECTED {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
