"""The plots of the report, as SVG for the page: told apart by patterns and words, not by colour."""

import io
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from grader.basics.words import counted
from grader.instructors.report.items import Item
from grader.instructors.report.points import Spread

_WIDTH = 4.6  # inches; on a phone it shrinks by a fifth
_LINE = 0.8
_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}  # behind text on a pattern
_STYLE: dict[Any, Any] = {  # matplotlib lists the keys in its types
    "svg.fonttype": "none",  # text that can be searched and read aloud
    "font.family": "sans-serif",
    "font.size": 11,
    "text.parse_math": False,  # a $ in a name is a $
    "hatch.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def histogram(spread: Spread) -> Markup:
    """How many students have how many points; the median is marked."""
    with mpl.rc_context(_STYLE):
        figure = Figure((_WIDTH, 2.9), layout="constrained")
        axes = figure.subplots()
        edges, counts = spread.edges, spread.counts
        widths = [high - low for low, high in pairwise(edges)]
        bars = axes.bar(edges[:-1], counts, widths, align="edge", hatch="///", **_look("#dddddd"))
        labels = [str(count) if count else "" for count in counts]
        axes.bar_label(bars, labels, padding=3, bbox=_WHITE, zorder=5)
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, 1.3 * max([*counts, 1]))
        axes.set_xticks(_ticks(edges))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
        axes.set_xlabel(f"points, of {spread.possible:g}")
        axes.set_ylabel("students")
        if spread.median is not None:
            _mark_median(axes, spread.median, edges[-1])
        return _svg(figure, f"points-{spread.what}", _words_of(spread))


def _mark_median(axes: Axes, median: float, end: float) -> None:
    axes.axvline(median, ymax=0.9, color="black", linewidth=1.6, linestyle=(0, (5, 2)))
    on_right = median > end / 2
    axes.annotate(
        f"median {median:g}",
        (median, 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(-3 if on_right else 3, 0),
        textcoords="offset points",
        ha="right" if on_right else "left",
        va="center",
    )


def _ticks(edges: Sequence[float]) -> list[float]:
    step = 1 if len(edges) <= 12 else 2
    return list(edges[::step])


def _words_of(spread: Spread) -> str:
    n = len(spread.points)
    bins = zip(spread.edges[:-1], spread.edges[1:], spread.counts, strict=True)
    said = "; ".join(f"from {low:g} to below {high:g}: {k}" for low, high, k in bins if k)
    middle = "" if spread.median is None else f" The median is {spread.median:g}."
    return (
        f"Histogram of the points in {spread.what}, of {spread.possible:g} possible, "
        f"of {counted(n, 'student')}.{middle} {said}."
    )


def outcomes(notebook: str, found: Sequence[Item]) -> Markup:
    """For each test of a notebook, which share of the submissions got full, some, no points."""
    with mpl.rc_context(_STYLE):
        figure = Figure((_WIDTH, 0.95 + 0.52 * len(found)), layout="constrained")
        axes = figure.subplots()
        places = range(len(found))
        left = [0.0] * len(found)
        for kind, hatch, face in (
            ("full", "///", "#dddddd"),
            ("part", "...", "#ffffff"),
            ("none", "", "#ffffff"),
        ):
            shares = [_percent(getattr(item, kind), item) for item in found]
            axes.barh(places, shares, 0.62, left, hatch=hatch, label=kind, **_look(face))
            for place, share, start in zip(places, shares, left, strict=True):
                if share >= 8:
                    _say(axes, start + share / 2, place, f"{share:.0f}")
            left = [start + share for start, share in zip(left, shares, strict=True)]
        names = [item.cell.name.removeprefix("test-") for item in found]
        axes.set_yticks(places, names)
        axes.invert_yaxis()
        axes.set_xlim(0, 100)
        axes.set_xlabel("% of the graded submissions")
        axes.legend(loc="lower center", bbox_to_anchor=(0.4, 1), ncols=3, frameon=False, title=None)
        return _svg(figure, f"tests-{notebook}", _words_about(notebook, found))


def _say(axes: Axes, x: float, y: float, text: str) -> None:
    axes.text(x, y, text, ha="center", va="center", bbox=_WHITE)


def _percent(count: int, item: Item) -> float:
    return 100 * count / len(item.shares) if item.shares else 0.0


def _words_about(notebook: str, found: Sequence[Item]) -> str:
    said = "; ".join(
        f"{item.cell.name}: {item.full} full, {item.part} part, {item.none} none" for item in found
    )
    return (
        f"Bars for the tests of {notebook}: how many submissions got full, some, no points. {said}."
    )


def _look(face: str) -> dict[str, Any]:
    return {"facecolor": face, "edgecolor": "black", "linewidth": _LINE}


def _svg(figure: Figure, name: str, words: str) -> Markup:
    """The figure as an element of the page, with its words for those who do not see it."""
    out = io.StringIO()
    # The salt keeps the ids in the page apart, and the same in each run.
    nothing: dict[str, Any] = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with mpl.rc_context({"svg.hashsalt": name}):
        figure.savefig(out, format="svg", metadata=nothing)
    # All figures call their parts figure_1, patch_1 and so on; nothing refers to these ids.
    text = re.sub(r' id="[\w.]+_\d+"', "", out.getvalue())
    start = text.index("<svg") + len("<svg")
    return Markup('<svg role="img" aria-label="{}"{}').format(
        words,
        Markup(text[start:]),  # matplotlib escapes texts
    )
