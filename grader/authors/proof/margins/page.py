"""Writes what the measurement found: a page with a table, and a picture."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib

from grader.authors.bank.answers import Answer
from grader.authors.proof.margins.rows import MOST, NARROW, Point, Row
from grader.authors.proof.margins.thresholds import Threshold
from grader.basics.errors import UserError
from grader.course.directory import Course

COMMAND = "course margins"
_LEARNING = "## The margins of `test-learning`"
_HEAD = "| test cell | compared | allowed | right answers | wrong answers |\n|---|---|---|---|---|"
_ROW = re.compile(r"\| (?P<cell>[\w-]+) \| `(?P<name>[^`]*)` \| `(?P<allowed>[^`]*)`")

# Why a narrow margin stays, or what should be done: by test cell and name of the threshold.
NOTES: dict[tuple[str, str], str] = {
    ("test-training-loop", "check_network: moved @ downhill"): (
        "A step straight uphill is at -1 against -0.9, and nothing can be farther; it only chooses "
        "the message. It stays."
    ),
    ("test-datasets", 'check_same_scale: error["test"]'): (
        "The right answer standardises each colour by itself, and is farther off where the colours "
        "differ; the wrong one divides by 256 in place of 255, the smallest slip of its kind. "
        "It stays."
    ),
    (
        "test-objects",
        "check_optimizer: numpy.allclose(got, w, rtol=0.02, atol=0.02 * rate)",
    ): "The wrong answer is AdamW with its small decay; Adam itself is far below. It stays.",
    ("test-chain-rule", "compare: numpy.allclose(got, right * factor, rtol=1e-4, atol=1e-4)"): (
        "It chooses between two messages; the points are lost either way. It stays."
    ),
    ("test-datasets", "check_order: together"): (
        "It is a share: 0 where all is shuffled, 1 where batches stay together, so that 2 is the "
        "largest factor there can be. It stays."
    ),
    ("test-datasets", "check_order: order[:32].max()"): (
        "It is the last place among the first 32 images: a buffer of 1,024 stays below 600 once in "
        "27 million times, and one of 512 never comes beyond 544. It stays."
    ),
    ("test-training", "check_lists: highest"): (
        "An accuracy cannot exceed 1, so no right answer can come nearer than that; percent lie "
        "far above. It stays."
    ),
    ("test-training", "compare_histories: v.max()"): (
        "It tells percent from shares, as the one before. It stays."
    ),
    ("test-learning", "accurate: accuracy"): (
        "A training ends at the first epoch above 0.45, so right answers lie just above 1 however "
        "well they would learn; where make_datasets counts on pixels that load_svhn has scaled, "
        "the networks below 1 are those of a first try that does not count. The wrong answer is "
        "a network without ReLU, a linear one, which reads 36 to 40 % of the images. No threshold "
        "could have a factor of 3 on either side, for guessing the most frequent class gives "
        "20 %; what counts are the trials with many seeds [below](#learning-by-seeds), and a "
        "linear network belongs among them. It stays."
    ),
    ("test-learning", "varied: c"): (
        "A count from 1 to 10, and a training ends as soon as it is 8. It stays, for the same "
        "reason as the one before."
    ),
    ("test-learning", "varied: a"): (
        "It keeps out networks that guess: the most frequent class alone lies 5 points below it. "
        "It stays."
    ),
}


def page_of(course: Course) -> Path:
    """Where the page is."""
    return course.made("docs/margins.md")


def picture_of(course: Course) -> Path:
    """Where the picture is."""
    return course.made("docs/margins.svg")


def note(row: Row) -> str | None:
    """What an author said of the row."""
    return NOTES.get((row.threshold.cell, row.threshold.name))


def identity(threshold: Threshold) -> tuple[str, str, str]:
    """What a row of the table begins with: test cell, comparison, what is allowed."""
    return threshold.cell, _code(threshold.name), _code(threshold.allowed)


def identities(page: str) -> list[tuple[str, str, str]]:
    """The same, read from the table."""
    return [(m["cell"], m["name"], m["allowed"]) for m in map(_ROW.match, page.splitlines()) if m]


def write(course: Course, rows: Sequence[Row], chosen: Sequence[Answer]) -> None:
    """Write the page and the picture."""
    page_of(course).write_text(_page(course, rows, chosen), encoding="utf-8")
    draw(picture_of(course), rows)


_INTRODUCTION = (
    "Every row is one numerical threshold of a test cell. All values are in units of the "
    "threshold, so 1 is the threshold itself: a right answer at 0.01 has a hundredth of the error "
    "that is allowed, and a wrong answer at 5,000 has 5,000 times as much. The table names the "
    "right answer and the wrong answer that come nearest to 1. A margin is narrow if the factor "
    f"to 1 is below {NARROW:g}; it stands in bold, with a word on it "
    "[below](#narrow-margins)."
)
_LEGEND = (
    "Right is an answer that gets the full points of the test cell. Wrong is one that loses "
    "points in it and lies on the other side of this threshold.",
    "Some tests look for a known mistake. There a value below 1 means that the mistake was found, "
    "and right answers must lie above 1.",
    '"Both sides" is a branch of the test: right answers may go either way.',
    "A wrong answer stands at its worst value, for that is what the test catches.",
    "Of a correlation or a cosine, which cannot exceed 1, the distance from 1 is compared.",
    "Values beyond 1e-6 and 1e+6 are shown as these.",
    "Comparisons of whole numbers, and those that must be exact, have no margin and are left out. "
    "`EXCLUDED` in `grader/authors/proof/margins/thresholds.py` lists what else is, with the "
    "reasons.",
)
_UNTRIED = (
    "No wrong answer of the bank lies on the other side of these thresholds. Either an earlier "
    "comparison catches them all, or the bank lacks an answer."
)
_UNREACHED = "Right answers never come to these comparisons: an earlier one has let them pass."
_LUCK = (
    "Whether a network learns depends on luck, too. So the thresholds of `test-learning` were "
    "measured with many seeds, 20 trials for each line, by "
    "`.venv/bin/python benchmarks/learning.py --seeds 20 --first-seed 100`:"
)
_SLOW = (
    "Training ends as soon as both thresholds are passed; so the accuracies of networks that "
    "learn slowly lie near the threshold."
)


def _page(course: Course, rows: Sequence[Row], chosen: Sequence[Answer]) -> str:
    narrow = [f"{_named(row)}: {_told(row)} {note(row) or ''}" for row in rows if row.narrow]
    untried = [f"{_named(row)}. {note(row) or ''}" for row in rows if not row.wrong]
    unreached = [f"{_named(row)}. {note(row) or ''}" for row in rows if not row.right]
    command = (
        f"`{COMMAND}` makes this page and the picture. Run it after a change of a test. Here it "
        f"graded {len(chosen)} right and wrong answers, and each got the score that it "
        "must get."
    )
    picture = (
        f"![Right and wrong answers on both sides of each threshold]({picture_of(course).name})"
    )
    blocks = [
        "# The margins of the tests",
        _INTRODUCTION,
        command,
        picture,
        _list(_LEGEND),
        table(rows),
        "## Narrow margins",
        _list(narrow),
        "## Without a wrong answer",
        _UNTRIED,
        _list(untried),
        "## Without a right answer",
        _UNREACHED,
        _list(unreached),
        "## Learning, by seeds",
        _LUCK,
        _learning_table(course),
        _SLOW,
    ]
    return "\n\n".join(blocks) + "\n"


def table(rows: Sequence[Row]) -> str:
    """A Markdown table for each notebook."""
    parts = []
    for notebook in dict.fromkeys(row.notebook for row in rows):
        lines = [_line(row) for row in rows if row.notebook == notebook]
        parts.append("\n".join([f"## {notebook}", "", _HEAD, *lines]))
    return "\n\n".join(parts)


def _line(row: Row) -> str:
    cell, name, allowed = identity(row.threshold)
    right, wrong = _cell(row.right, row), _cell(row.wrong, row)
    if row.side == "both":
        right = f"both sides: {right}"
    return f"| {cell} | `{name}` | `{allowed}`{_levels(row)} | {right} | {wrong} |"


def _levels(row: Row) -> str:
    """The thresholds in numbers, where they are not written in the cell."""
    if row.allowed is None or row.threshold.bounded or not re.search("[a-z]", _values(row)):
        return ""
    low, high = (f"{level:.2g}" for level in row.allowed)
    return f" ({low})" if low == high else f" ({low} to {high})"


def _values(row: Row) -> str:
    """What is allowed, without the names of the tolerances and numbers like 1e-6."""
    return re.sub(r"\b[ar]tol=|\d(\.\d+)?e-?\d+|.* \(.*\)", "", row.threshold.allowed)


def _cell(points: list[Point], row: Row) -> str:
    """The nearest point on each side; of right or wrong answers there is usually one side."""
    sides = ([p for p in points if p.measure < 1], [p for p in points if p.measure >= 1])
    return "; ".join(_point(min(side), row.notebook) for side in sides if side) or "–"


def _point(point: Point, notebook: str) -> str:
    value = _number(point.measure)
    value = f"**{value}**" if point.margin < NARROW else value
    return value if point.margin >= MOST else f"{value} {point.answer.removeprefix(notebook + '/')}"


def _number(measure: float) -> str:
    if measure <= 1 / MOST:
        return "≤ 1e-6"
    if measure >= MOST:
        return "≥ 1e+6"
    return f"{measure:g}" if measure < 100 else f"{measure:,.0f}"


def _named(row: Row) -> str:
    cell, name, allowed = identity(row.threshold)
    return f"{cell}, `{name}` `{allowed}`"


def _told(row: Row) -> str:
    right, wrong = row.nearest
    told = [
        f"the nearest {kind} answer is at {_number(point.measure)}"
        for kind, point in (("right", right), ("wrong", wrong))
        if point and point.margin < NARROW
    ]
    return " and ".join(told) + "."


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line.rstrip()}" for line in lines) or "None."


def _code(text: str) -> str:
    """Text that can stand between backticks in a table."""
    return text.replace("`", "'").replace("|", "/").replace("\n", " ")


def _learning_table(course: Course) -> str:
    """The table that CONTRIBUTING.md has."""
    path = course.root / "CONTRIBUTING.md"
    _, found, section = path.read_text(encoding="utf-8").partition(_LEARNING)
    lines = [line for line in section.partition("\n## ")[0].splitlines() if line.startswith("|")]
    if not found or not lines:
        raise UserError(f"{course.show(path)} has no table under {_LEARNING!r}.")
    return "\n".join(lines)


def draw(path: Path, rows: Sequence[Row]) -> None:
    """A line for each threshold: dots are right answers, crosses wrong ones."""
    matplotlib.use("svg")
    from matplotlib import pyplot as plt

    # Text stays text, and nothing in the file depends on the time or on luck.
    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "margins", "font.size": 7}
    with matplotlib.rc_context(settings):
        lines = _lines(rows)
        figure, axes = plt.subplots(figsize=(11, 0.19 * len(lines) + 0.9))
        for y, line in enumerate(lines):
            if isinstance(line, str):
                axes.text(1.3 / MOST, y, line, weight="bold", va="center")
                continue
            axes.axhline(y, color="0.9", linewidth=0.6, zorder=0)
            for points, marker, colour in (
                (line.wrong, "x", "#b2182b"),
                (line.right, "o", "#2166ac"),
            ):
                x = sorted({_thinned(point.measure) for point in points})
                axes.scatter(x, [y] * len(x), s=16, marker=marker, color=colour, linewidth=1)
        axes.axvline(1, color="black", linewidth=1)
        axes.set_xscale("log")
        axes.set_xlim(0.5 / MOST, 2 * MOST)
        axes.set_ylim(len(lines) - 0.4, -0.8)
        shown = [line if isinstance(line, Row) else None for line in lines]
        axes.set_yticks(
            [y for y, row in enumerate(shown) if row],
            [_label(row.threshold) for row in shown if row],
        )
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", labeltop=True)
        axes.spines[["left", "right", "top"]].set_visible(False)
        axes.set_xlabel("value in units of the threshold")
        axes.scatter([], [], s=16, marker="o", color="#2166ac", label="right answers")
        axes.scatter([], [], s=16, marker="x", color="#b2182b", linewidth=1, label="wrong answers")
        axes.legend(loc="lower left", bbox_to_anchor=(0, -0.9 / (0.19 * len(lines))), ncols=2)
        figure.subplots_adjust(left=0.44, right=0.98, top=1 - 0.35 / figure.get_figheight())
        figure.savefig(path, metadata={"Date": None}, bbox_inches="tight")
        plt.close(figure)


def _lines(rows: Sequence[Row]) -> list[Row | str]:
    lines: list[Row | str] = []
    for row in rows:
        title = f"{row.notebook}, {row.threshold.cell}"
        if title not in lines:
            lines.append(title)
        lines.append(row)
    return lines


def _label(threshold: Threshold) -> str:
    text = f"{threshold.name}  ({threshold.allowed})"
    return (text if len(text) <= 78 else f"{text[:77]}…").replace("$", r"\$")


def _thinned(measure: float) -> float:
    """Points that would lie on one another become one."""
    return measure if 0.3 < measure < 3 else float(f"{measure:.1g}")
