"""Runs inside instrumented test cells: reports how far each value stays from its threshold.

The module instrument puts this file beside the notebooks as `margin_probe.py` and rewrites the
comparisons of the test cells to calls of these functions. Each returns what the comparison alone
would have returned, and notes its measure: 1 is the threshold.
"""

import json
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

MARK = "margins of this cell: "
INNER = -1  # the number of a comparison that belongs to the call of the function it stands in
RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}

# By number, each a lowest and a highest: the measures below 1, those above, the thresholds.
_found: dict[int, list[list[float]]] = {}
_inside: list[int] = []


def within(number: int, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call `function`; the comparison in it is reported as this one."""
    _inside.append(number)
    try:
        return function(*args, **kwargs)
    finally:
        _inside.pop()


def close(number: int, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call numpy.allclose or numpy.isclose."""
    _note(number, lambda: _distance(*args, **kwargs), kwargs.get("atol", 1e-8))
    return function(*args, **kwargs)


def same(number: int, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call checks.same."""
    allowed = kwargs.get("atol", kwargs.get("rtol", 0.0))
    _note(number, lambda: _distance_of_same(*args, **kwargs), allowed)
    return function(*args, **kwargs)


def compare(number: int, value: Any, relation: str, threshold: Any) -> Any:
    """Compare a value with a threshold; of an array, the largest element is noted."""

    def measure() -> Any:
        return np.max(_array(value) / _array(threshold))

    _note(number, measure, threshold, below_at_one=relation in ("<=", ">"))
    return RELATIONS[relation](value, threshold)


def compare_rest(number: int, value: Any, relation: str, threshold: Any, share: float) -> Any:
    """The same for a value that has a largest one, of which the threshold is a share.

    The measure is what is missing to the largest value, in units of what may be missing.
    """

    def measure() -> Any:
        allowed = _array(threshold)
        most = allowed / share
        return np.max((most - _array(value)) / (most - allowed))

    _note(number, measure, threshold, below_at_one=relation in ("<", ">="))
    return RELATIONS[relation](value, threshold)


def tell() -> None:
    """Print what was noted, for instrument.reports to read, and forget it."""
    print(f"\n{MARK}{json.dumps(_found)}")
    _found.clear()


def _note(
    number: int, measure: Callable[[], Any], allowed: Any, *, below_at_one: bool = True
) -> None:
    if number == INNER:
        if not _inside:
            return
        number = _inside[-1]
    try:
        with np.errstate(all="ignore"):  # a warning of this file's must not reach the test
            found = float(measure())
            levels = _array(allowed).ravel().tolist()
    except Exception:
        return  # a wrong shape, or no number: the comparison itself says so
    if np.isnan(found):
        return
    below = found < 1 or (found == 1 and below_at_one)
    pairs = _found.setdefault(number, [[], [], []])
    for pair, values in ((pairs[0 if below else 1], [found]), (pairs[2], levels)):
        pair[:] = [min(pair + values), max(pair + values)]


def _distance(a: Any, b: Any, rtol: Any = 1e-5, atol: Any = 1e-8) -> float:
    """The largest |a - b| / (atol + rtol |b|)."""
    a, b = _array(a), _array(b)
    difference, allowed = np.abs(a - b), _array(atol) + _array(rtol) * np.abs(b)
    measure = np.where((difference == 0) | (a == b), 0.0, difference / allowed)
    return float(np.max(measure, initial=0.0))


def _distance_of_same(
    what: str, got: Any, expected: Any, *, rtol: Any = 0.0, atol: Any = 0.0, look: str = ""
) -> float:
    from checks import plain

    array = plain(got, what)
    if array.shape != np.shape(expected):
        return float("nan")
    return _distance(array, expected, rtol, atol)


def _array(value: Any) -> Any:
    return np.asarray(value, dtype=float)
