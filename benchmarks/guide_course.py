"""Grades a class of nbgrader's own example course, with stock nbgrader and with the engine.

The course is the one that `nbgrader quickstart` copies: problem1 and problem2 of nbgrader's guide,
and the guide's two students, whose work is repeated under other names. Both ways begin with what
students handed in and end with the points in the gradebook and a page for each notebook; the
engine's time has its start in it.

    python benchmarks/guide_course.py --students 20
    python benchmarks/guide_course.py --students 20 --picture     draws docs/your-course.svg
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from grader.basics import system
from grader.course.directory import put_tools_on_path
from tests.elsewhere.making import GUIDE, TWO_LINES, scores

_PICTURE = Path(__file__).resolve().parent.parent / "docs" / "your-course.svg"
_STEPS = ("generate_assignment", "autograde", "generate_feedback")


@dataclass(frozen=True)
class Way:
    """A way to grade: lines for the configuration, and the commands."""

    name: str
    lines: str
    commands: tuple[tuple[str, ...], ...]


def ways() -> list[Way]:
    """Stock nbgrader; the engine with the tests beside the code, and apart from it."""
    program = str(Path(sys.executable).with_name("course"))
    stock = tuple((sys.executable, "-m", "nbgrader", step, "ps1", "--force") for step in _STEPS)
    grade = ((program, "grade"),)
    judge = 'c.SandboxedExecute.judge = "apart"\n'
    return [
        Way("nbgrader", "", stock),
        Way("course grade", TWO_LINES, grade),
        Way("course grade, tests apart", TWO_LINES + judge, grade),
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print. Returns 0, or 1 if a score is not the same in all ways."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=20, metavar="N", help="default: 20")
    parser.add_argument("--picture", action="store_true", help=f"draw {_PICTURE.name}")
    options = parser.parse_args(arguments)
    put_tools_on_path()
    seconds: dict[str, float] = {}
    found = []
    for way in ways():
        with tempfile.TemporaryDirectory(prefix="guide-") as place:
            root = Path(place, "course")
            _make(root, options.students, way.lines)
            started = time.monotonic()
            for command in way.commands:
                done = subprocess.run(
                    command, cwd=root, capture_output=True, text=True, check=False
                )
                if done.returncode not in (0, 1):
                    raise SystemExit(done.stdout + done.stderr)
            seconds[way.name] = time.monotonic() - started
            pages = len(list((root / "feedback").rglob("*.html")))
            assert pages == 2 * options.students, f"{way.name} made {pages} pages"
            found.append(scores(root / "gradebook.db"))
    first = next(iter(seconds.values()))
    print(f"{options.students} students, {2 * options.students} notebooks, {system.cores()} cores")
    for name, each in seconds.items():
        print(f"{name:26}{each:8.1f} s {first / each:6.1f} times")
    same = all(each == found[0] for each in found)
    print(f"{len(found[0])} cells: {'the same scores' if same else 'SCORES DIFFER'}")
    if options.picture:
        _draw(seconds, options.students)
    return 0 if same else 1


def _make(root: Path, students: int, lines: str) -> None:
    shutil.copytree(GUIDE / "source" / "ps1", root / "source" / "ps1")
    shutil.copy(GUIDE / "source" / "header.ipynb", root / "source")
    header = 'c.IncludeHeaderFooter.header = "source/header.ipynb"\n'
    (root / "nbgrader_config.py").write_text(f"c = get_config()\n{lines}{header}")
    for number, name in enumerate(islice(cycle(("bitdiddle", "hacker")), students), 1):
        work = root / "submitted" / f"{name}-{number}" / "ps1"
        shutil.copytree(GUIDE / "submitted" / name / "ps1", work)


def _draw(seconds: dict[str, float], students: int) -> None:
    import matplotlib

    matplotlib.use("svg")
    import matplotlib.pyplot as plt

    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "guide", "font.size": 10}
    with plt.rc_context(settings):
        figure, axes = plt.subplots(figsize=(7, 2.2), layout="constrained")
        names = list(seconds)[::-1]
        bars = axes.barh(names, [seconds[name] for name in names], color="#4878a8")
        axes.bar_label(bars, [f" {seconds[name]:.0f} s" for name in names])
        axes.set_title(f"{students} students of nbgrader's example course, two cores", fontsize=10)
        axes.set_xlabel("seconds, from what was handed in to points and pages")
        axes.spines[["top", "right"]].set_visible(False)
        figure.savefig(_PICTURE, metadata={"Date": None})
        plt.close(figure)


if __name__ == "__main__":
    sys.exit(main())
