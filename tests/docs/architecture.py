"""Draw the rooms of grader/ and the imports between them: docs/architecture.svg.

    python -m tests.docs.architecture

The floors are those of the contract in pyproject.toml that `make lint` holds. Each room's words
are the first line of its package. An arrow that passes by a floor has a lane there, between the
rooms, so that it never runs behind one.
"""

import ast
import tomllib
from collections.abc import Mapping, Sequence
from html import escape
from itertools import combinations, pairwise
from pathlib import Path
from textwrap import wrap

import grimp

ROOT = Path(__file__).resolve().parents[2]
PICTURE = ROOT / "docs" / "architecture.svg"
MAKE = ".venv/bin/python -m tests.docs.architecture"
_BOX, _LANE, _GAP, _HEIGHT, _FLOOR = 290, 12, 36, 78, 136  # pixels; _FLOOR: with its arrows
_CHARACTERS = 44  # of a line in a box

Pair = tuple[str, str]  # two rooms: the one that imports, and the one that is imported


def floors() -> list[list[str]]:
    """The rooms by floor, the uppermost first, as the contract names them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each.get("containers") == ["grader"])
    return [[room.strip() for room in layer.replace(":", "|").split("|")] for layer in layers]


def arrows(rooms: Sequence[str]) -> dict[Pair, int]:
    """How many imports lead from each room to each other one."""
    graph = grimp.build_graph("grader", cache_dir=None)
    found: dict[Pair, int] = {}
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            ends = (_room(module), _room(imported))
            if ends[0] != ends[1] and set(ends) <= set(rooms):
                found[ends] = found.get(ends, 0) + 1
    return dict(sorted(found.items()))


def plain_arrows(found: Mapping[Pair, int]) -> dict[Pair, int]:
    """The arrows without those that lead where a way over other rooms leads, too."""
    below: dict[str, set[str]] = {}
    for above, room in found:
        below.setdefault(above, set()).add(room)

    def reached(room: str) -> set[str]:
        return below.get(room, set()).union(*(reached(each) for each in below.get(room, ())))

    return {
        (above, room): count
        for (above, room), count in found.items()
        if not any(room in reached(other) for other in below[above] - {room})
    }


def _room(module: str) -> str:
    return module.partition(".")[2].partition(".")[0]


def first_line(room: str) -> str:
    """What a room says of itself."""
    path = ROOT / "grader" / room / "__init__.py"
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    return said.partition("\n\n")[0].replace("\n", " ").replace("`", "")


def drawn() -> str:
    """The picture, as SVG; the same each time for the same code."""
    levels = floors()
    rooms = [room for level in levels for room in level]
    found = plain_arrows(arrows(rooms))
    ways = {pair: _way(pair, levels) for pair in found}
    lanes = [lane for way in ways.values() for lane in way[1:-1]]
    rows = _arranged(
        [
            [*level, *(lane for lane in lanes if lane.endswith(f" {number}"))]
            for number, level in enumerate(levels)
        ],
        [step for way in ways.values() for step in pairwise(way)],
    )
    width = max(map(_width, rows)) + 2 * _GAP
    centres = _centres(rows, width)
    tops = {node: _GAP + number * _FLOOR for number, row in enumerate(rows) for node in row}
    height = _FLOOR * len(rows) - (_FLOOR - _HEIGHT) + 2 * _GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" role="img" aria-label="The rooms of grader/, by floor: '
        'imports run from an upper floor to a lower one.">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" '
        'markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="#567"/></marker></defs>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *(_line(pair, found[pair], ways, centres, tops) for pair in found),
        *(part for room in rooms for part in _box(room, centres[room] - _BOX / 2, tops[room])),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _floor(room: str, levels: Sequence[Sequence[str]]) -> int:
    return next(number for number, level in enumerate(levels) if room in level)


def _way(pair: Pair, levels: Sequence[Sequence[str]]) -> list[str]:
    """What an arrow touches, from above: its room, a lane on each floor between, its room."""
    first, last = (_floor(room, levels) for room in pair)
    return [pair[0], *(f"{'>'.join(pair)} {floor}" for floor in range(first + 1, last)), pair[1]]


# The arrangement


def _is_lane(node: str) -> bool:
    return ">" in node


def _width(row: Sequence[str]) -> int:
    return sum(_LANE if _is_lane(node) else _BOX for node in row) + _GAP * (len(row) - 1)


def _centres(rows: Sequence[Sequence[str]], width: float) -> dict[str, float]:
    """The middle of each room and lane, from the left."""
    centres = {}
    for row in rows:
        left = (width - _width(row)) / 2
        for node in row:
            wide = _LANE if _is_lane(node) else _BOX
            centres[node] = left + wide / 2
            left += wide + _GAP
    return centres


def _arranged(rows: Sequence[Sequence[str]], steps: Sequence[Pair]) -> list[list[str]]:
    """The rows in an order with few crossings and short arrows: exchanges, while they help."""
    best = [list(row) for row in rows]
    least = _cost(best, steps)
    is_better = True
    while is_better:
        is_better = False
        for number, row in enumerate(best):
            for left, right in combinations(range(len(row)), 2):
                other = list(row)
                other[left], other[right] = other[right], other[left]
                tried = [*best[:number], other, *best[number + 1 :]]
                if (cost := _cost(tried, steps)) < least:
                    best, least, row, is_better = tried, cost, other, True
    return best


def _cost(rows: Sequence[Sequence[str]], steps: Sequence[Pair]) -> tuple[int, float]:
    centres = _centres(rows, 0)
    floor = {node: number for number, row in enumerate(rows) for node in row}
    ends = [(floor[above], centres[above], centres[below]) for above, below in steps]
    crossings = sum(
        one[0] == other[0] and (one[1] - other[1]) * (one[2] - other[2]) < 0
        for one, other in combinations(ends, 2)
    )
    return crossings, sum(abs(x1 - x2) for _, x1, x2 in ends)


# The drawing


def _ends(
    pair: Pair, ways: Mapping[Pair, Sequence[str]], centres: Mapping[str, float]
) -> tuple[float, float]:
    """Where an arrow leaves its room and enters the other: spread over their edges, in order."""
    leaving = [(centres[way[1]], other) for other, way in ways.items() if other[0] == pair[0]]
    entering = [(centres[way[-2]], other) for other, way in ways.items() if other[1] == pair[1]]
    first, last = (
        centres[room] + _BOX * (sorted(every).index((x, pair)) + 1) / (len(every) + 1) - _BOX / 2
        for room, every, x in (
            (pair[0], leaving, centres[ways[pair][1]]),
            (pair[1], entering, centres[ways[pair][-2]]),
        )
    )
    return first, last


def _line(
    pair: Pair,
    count: int,
    ways: Mapping[Pair, Sequence[str]],
    centres: Mapping[str, float],
    tops: Mapping[str, float],
) -> str:
    """One arrow: a bend between two floors, straight where it passes by one."""
    way = ways[pair]
    first, last = _ends(pair, ways, centres)
    places = [first, *(centres[lane] for lane in way[1:-1]), last]
    path = ""
    for (above, x1), (below, x2) in pairwise(zip(way, places, strict=True)):
        y1, y2 = tops[above] + _HEIGHT, tops[below]
        middle = (y1 + y2) / 2
        path += f"{'L' if path else 'M'}{x1:.0f} {y1:.0f}"
        path += f"C{x1:.0f} {middle:.0f} {x2:.0f} {middle:.0f} {x2:.0f} {y2:.0f}"
    return (
        f'<path d="{path}" fill="none" stroke="#567" stroke-opacity=".7" '
        f'stroke-width="{1 + min(count, 30) / 12:.1f}" marker-end="url(#tip)"/>'
    )


def _box(room: str, x: float, y: float) -> list[str]:
    words = wrap(first_line(room), _CHARACTERS, break_long_words=False, break_on_hyphens=False)
    return [
        f'<rect x="{x:.0f}" y="{y:.0f}" width="{_BOX}" height="{_HEIGHT}" rx="6" '
        'fill="#f2f5fa" stroke="#345"/>',
        f'<text x="{x + 10:.0f}" y="{y + 20:.0f}" font-size="15" font-weight="bold" '
        f'fill="#123">{room}</text>',
        *(
            f'<text x="{x + 10:.0f}" y="{y + 38 + 14 * number:.0f}" font-size="10.5" '
            f'fill="#333">{escape(line)}</text>'
            for number, line in enumerate(words)
        ),
    ]


def main() -> None:
    """Write the picture, and print what it shows in numbers."""
    levels = floors()
    found = arrows([room for level in levels for room in level])
    upwards = [pair for pair in found if _floor(pair[0], levels) >= _floor(pair[1], levels)]
    PICTURE.write_text(drawn())
    print(f"{sum(map(len, levels))} rooms, {len(found)} arrows, {len(upwards)} not downwards")


if __name__ == "__main__":
    main()
