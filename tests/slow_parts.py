"""The slow parts of the suite, and which of them a change calls for.

    python -m tests.slow_parts          names those that the last changes call for, and says why
    python -m tests.slow_parts all      says what `make test-all` adds to `make test`

`make test` leaves all of them out; `make test SLOW=defences,kills` runs these two as well. A test
belongs to a part by its mark: @pytest.mark.slow("defences"). Only "answers" runs the tests of
"mistakes", but further.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Iterable
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# What each part adds, and about how many minutes it takes on one core. First come those that CI
# leaves out last.
PARTS = {
    "defences": (
        "hostile classes in both sandboxes, and with each defence switched off",
        12,
    ),
    "kills": (
        "runs killed at each named point and at random moments, disks that fill up, a gradebook's "
        "server that goes away",
        5,
    ),
    "browser": ("each notebook in a browser, in English and in Korean, unfilled and solved", 3),
    "elsewhere": ("other courses beside stock nbgrader, and the tool from its wheel alone", 6),
    "watch": ("what `course watch` must bear in a term", 6),
    "cluster": ("a cluster of three workers whose parts are killed and cut off", 4),
    "proof": ("samples of the mutants and of the styles, and `course check`", 11),
    "nbgrader": ("nbgrader's own tests of autograding and validating, with the engine", 5),
    "mistakes": ("every answer of the bank, wrong ones to 4-svhn up to their mistake", 40),
    "stock": ("one answer in ten graded by stock nbgrader, too", 5),
    "answers": ("the same, run to their end", 60),
    "stock-all": ("all other answers graded by stock nbgrader, too", 60),
}
# CI has half an hour, two cores, and `make test` to run as well.
_MINUTES_IN_CI = 9
IN_CI = [part for part, (_, minutes) in PARTS.items() if minutes <= _MINUTES_IN_CI]

# The first line that fits a changed file says what is run because of it. `*` stands for any text.
CALLED_FOR = (
    ("translations/*", ("browser",)),
    ("release-*", ("browser",)),
    ("grader/translation/*", ("browser",)),
    ("grader/authors/translation/*", ("browser",)),
    ("grader/engine/cluster/*", ("cluster",)),
    ("tests/engine/cluster/*", ("cluster",)),
    ("grader/instructors/watch/*", ("watch",)),
    ("tests/instructors/watch/*", ("watch",)),
    ("tests/elsewhere/*", ("elsewhere",)),
    ("tests/*light*", ("elsewhere",)),
    ("pyproject.toml", ("elsewhere",)),
    ("grader/course/*", ("elsewhere",)),
    ("grader/engine/*", ("defences", "kills", "cluster", "nbgrader", "stock")),
    ("grader/notebooks/*", ("defences", "nbgrader", "stock")),
    ("grader/submissions/*", ("defences", "nbgrader", "stock")),
    ("grader/scoring/*", ("nbgrader", "stock")),
    ("grader/gradebook/*", ("kills", "nbgrader")),
    ("grader/nbgrader_plugin/*", ("nbgrader", "elsewhere")),
    ("hidden/*", ("proof", "mistakes", "stock", "answers")),
    ("grader/instructors/grading/autograde.py", ("kills", "nbgrader")),
    ("grader/instructors/grading/command.py", ("kills", "cluster")),
    ("grader/instructors/watch/*", ("kills",)),
    ("grader/nbgrader_app/*", ("nbgrader", "elsewhere", "stock")),
    ("grader/authors/bank/bench.py", ("mistakes", "stock", "answers")),
    ("grader/authors/proof/messages.py", ("mistakes", "answers")),
    ("grader/authors/proof/*", ("proof",)),
    ("grader/authors/exercises/templates/*", ("proof", "elsewhere")),
    ("proof/*", ("proof",)),
    ("grader/authors/bank/answers.py", ("mistakes", "answers")),
    ("source/*", ("browser", "proof", "mistakes", "stock", "answers")),
    ("answers/*/4-svhn/*", ("mistakes", "answers")),
    ("answers/*", ("mistakes",)),
    ("nbgrader_config.py", ("defences", "nbgrader", "stock")),
    ("requirements*.txt", IN_CI),
    ("tests/hostile/*", ("defences",)),
    ("tests/copied_package.py", ("defences",)),
    ("tests/authors/proof/*", ("proof",)),
    ("tests/authors/bank/*", ("mistakes", "stock", "answers")),
    ("tests/nbgrader_plugin/*nbgrader_own*", ("nbgrader",)),
    ("tests/instructors/test_kill.py", ("kills",)),
    ("tests/instructors/test_nothing_lost.py", ("kills",)),
    ("tests/browser/*notebooks.py", ("browser",)),
    ("grader/authors/exercises/new_assignment.py", ("elsewhere",)),
    ("grader/authors/bank/cache.py", ("proof",)),
    ("tests/running.py", ("kills",)),
    ("tests/conftest.py", IN_CI),
    ("tests/slow_parts.py", IN_CI),
    (".ci/*", IN_CI),
    ("*", ()),
)
_HOURS = 24


def called_for(paths: Iterable[str]) -> dict[str, str]:
    """The parts that changes of these files call for, each with the first file that does."""
    found: dict[str, str] = {}
    for path in paths:
        for pattern, parts in CALLED_FOR:
            if fnmatch(path, pattern):
                for part in parts:
                    found.setdefault(part, path)
                break
    return {part: found[part] for part in PARTS if part in found}


def in_time(parts: Iterable[str]) -> tuple[list[str], list[str]]:
    """Those that CI has time for, and those that it leaves out."""
    taken: list[str] = []
    left: list[str] = []
    for part in parts:
        minutes = sum(PARTS[each][1] for each in (*taken, part))
        (taken if minutes <= _MINUTES_IN_CI else left).append(part)
    return taken, left


def base() -> tuple[str, str]:
    """The commit that the changes are counted from, and why that one; ("", why) if none is known.

    $CI_BASE; or where this branch left origin/main; or, on main itself, the last commit that is a
    day older than this one, for a branch may bring many commits at once.
    """
    if named := os.environ.get("CI_BASE"):
        return named, "named by CI_BASE"
    head = _git("rev-parse", "HEAD")
    left = _git("merge-base", "HEAD", "origin/main")
    if left and left != head:
        return left, "where this branch left origin/main"
    if made := _git("log", "-1", "--format=%ct", "HEAD"):
        before = f"--before={int(made) - _HOURS * 3600}"
        if older := _git("rev-list", "-1", before, "HEAD"):
            return older, f"the last commit made {_HOURS} hours before this one, or earlier"
    return "", "no earlier commit is known here"


def changed(since: str) -> list[str] | None:
    """The files that differ from a commit, also those not yet committed; None if that fails."""
    told = _git("diff", "--name-only", since, "--")
    return None if told is None else told.split("\n") if told else []


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", *words], cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


@cache
def seed() -> str:
    """What chooses the answers that take turns (authors/bank/share.py): $SEED, or the commit."""
    return os.environ.get("SEED") or _git("rev-parse", "--short=10", "HEAD") or "no git"


def chosen(asked: str) -> list[str]:
    """The parts in a list like "defences,kills"; "all" names all. Raises ValueError for others."""
    names = [name for name in asked.replace(",", " ").split() if name]
    if unknown := set(names) - {*PARTS, "all"}:
        raise ValueError(f"there is no slow part {sorted(unknown)[0]}; there are: {_names(PARTS)}")
    if "answers" in names:
        names.append("mistakes")
    return list(PARTS) if "all" in names else [part for part in PARTS if part in names]


def as_text(parts: Iterable[str]) -> str:
    """A line for each part: what it adds."""
    return "\n".join(f"  {part:10} {PARTS[part][0]}" for part in parts)


def _names(parts: Iterable[str]) -> str:
    return ", ".join(parts)


def main() -> None:
    """Print the parts that were asked for, or are called for; the reasons to standard error."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", nargs="?", choices=("changes", "all"), default="changes")
    if parser.parse_args().what == "all":
        print(f"make test-all adds to make test:\n{as_text(PARTS)}")
        return
    since, why = base()
    paths = changed(since) if since else None
    if paths is None:
        print(f"changes since when? ({why}): all that CI runs", file=sys.stderr)
        found = dict.fromkeys(IN_CI, "")
    else:
        print(f"{len(paths)} files changed since {since[:10]}, {why}", file=sys.stderr)
        found = called_for(paths)
        for part, path in found.items():
            print(f"  {part:10} for {path}", file=sys.stderr)
    taken, left = in_time(found)
    for part in left:
        print(
            f"  {part:10} LEFT OUT, for CI has no time for it: make test SLOW={part}",
            file=sys.stderr,
        )
    print(",".join(taken))


if __name__ == "__main__":
    main()
