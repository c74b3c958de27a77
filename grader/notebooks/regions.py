"""Where the regions begin and end that only teachers see: just where nbgrader finds them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from traitlets.config import Config

from grader.basics import config_file

Kind = Literal["SOLUTION", "HIDDEN TESTS", "MARK SCHEME"]


@dataclass(frozen=True)
class Delimiters:
    """What a line holds where a region begins, and where one ends, whatever stands around it."""

    kind: Kind
    begin: str
    end: str


@dataclass(frozen=True)
class Line:
    """One line of a cell. `inside` is the region that it is in, None where students see it.

    `is_marker`: a region begins or ends there; nbgrader takes such a line out, too.
    """

    number: int  # from 1
    text: str
    inside: Kind | None
    is_marker: bool = False


@dataclass(frozen=True)
class Marker:
    """A line with a delimiter in it; `written` is how the course's own notebooks write it."""

    number: int  # from 1
    text: str
    kind: Kind
    begins: bool
    written: str


_settings = Config()  # of nbgrader, as far as it was told to `use`


def use(config: Config) -> None:
    """Take the delimiters from nbgrader's configuration, in the whole process."""
    global _settings
    _settings = config
    delimiters.cache_clear()


@contextmanager
def of_config(path: Path) -> Iterator[None]:
    """Take them from a course's configuration, a file or none, as long as the context lasts.

    Raises UserError if it cannot be loaded.
    """
    before = _settings
    use(config_file.load(path))
    try:
        yield
    finally:
        use(before)


@cache
def delimiters() -> tuple[Delimiters, ...]:
    """Those of each kind of region, in the order in which nbgrader looks for them."""
    # Here, for nbgrader takes a second to import.
    from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme, ClearSolutions

    solutions = ClearSolutions(config=_settings)
    tests = ClearHiddenTests(config=_settings)
    schemes = ClearMarkScheme(config=_settings)
    return (
        Delimiters(
            "SOLUTION", solutions.begin_solution_delimeter, solutions.end_solution_delimeter
        ),
        Delimiters("HIDDEN TESTS", tests.begin_test_delimeter, tests.end_test_delimeter),
        Delimiters(
            "MARK SCHEME", schemes.begin_mark_scheme_delimeter, schemes.end_mark_scheme_delimeter
        ),
    )


def lines(source: str, *kinds: Kind) -> list[Line]:
    """The lines of a cell, each with the region that it is in; looks for all kinds by default.

    As in nbgrader, which goes through a cell once for each kind, a region within another ends
    with that. What nbgrader refuses is here as hidden as it can be: a region that never ends goes
    on to the end of the cell, and one that begins twice must end twice.
    """
    found = [Line(number, text, None) for number, text in enumerate(source.split("\n"), 1)]
    for each in delimiters():
        if (not kinds or each.kind in kinds) and (each.begin in source or each.end in source):
            found = list(_pass(found, each))
    return found


def _pass(all_lines: list[Line], what: Delimiters) -> Iterator[Line]:
    depth = 0
    for line in all_lines:
        if line.inside is not None or line.is_marker:
            yield line
        elif what.begin in line.text:
            depth += 1
            yield Line(line.number, line.text, what.kind, True)
        elif what.end in line.text:
            yield Line(line.number, line.text, what.kind if depth else None, True)
            depth = max(0, depth - 1)
        else:
            yield Line(line.number, line.text, what.kind if depth else None)


def markers(source: str) -> list[Marker]:
    """Every line of a cell in which nbgrader finds a delimiter."""
    return [
        Marker(number, text, each.kind, delimiter == each.begin, written(delimiter))
        for number, text in enumerate(source.split("\n"), 1)
        for each in delimiters()
        for delimiter in (each.begin, each.end)
        if delimiter in text
    ]


def written(delimiter: str) -> str:
    """How the course's own notebooks write a delimiter, but for spaces before it."""
    return delimiter if delimiter.startswith("#") else f"### {delimiter}"


def without(source: str, *kinds: Kind) -> str:
    """The source of a cell without its regions; of all kinds by default."""
    return _without(source, kinds, delimiters())


@lru_cache(maxsize=1000)  # it is asked of the teacher's cells, for each student anew
def _without(source: str, kinds: tuple[Kind, ...], _delimiters: tuple[Delimiters, ...]) -> str:
    found = lines(source, *kinds)
    return "\n".join(each.text for each in found if each.inside is None and not each.is_marker)
