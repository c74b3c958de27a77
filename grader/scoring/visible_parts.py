"""Tell of a reported part of a check whether it stands in what students see of the test cell."""

import ast
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from grader.notebooks import regions
from grader.scoring.check_report import Part

_MOST = 1000  # labels of one place
_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_Values = Mapping[str, Any]


@dataclass(frozen=True)
class _Place:
    """Where a cell calls `check.part`: what it reports. None: whatever number, any of the labels.

    `labels` are all that can come, where the code says it; else they look like `pattern`.
    """

    points: float | None
    labels: frozenset[str] | None
    pattern: re.Pattern[str]
    is_hidden: bool

    def can_be(self, part: Part) -> bool:
        if self.points is not None and self.points != part.points:
            return False
        if self.labels is not None:
            return part.what in self.labels
        return self.pattern.fullmatch(part.what) is not None


def is_visible(part: Part, source: str) -> bool:
    """Whether a part that the test cell `source` reported can be of its visible code alone.

    What may as well be of a hidden part is not visible: a page would tell of it.
    """
    places = _places(source, regions.delimiters())
    return any(each.can_be(part) for each in places if not each.is_hidden) and not any(
        each.can_be(part) for each in places if each.is_hidden
    )


@lru_cache(maxsize=256)  # of the teacher's cells, which are the same for each student
def _places(source: str, _delimiters: tuple[regions.Delimiters, ...]) -> tuple[_Place, ...]:
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return ()
    hidden = {line.number for line in regions.lines(source) if line.inside is not None}
    return tuple(_Cell(tree, hidden).places())


class _Cell:
    def __init__(self, tree: ast.Module, hidden: set[int]) -> None:
        self._tree, self._hidden = tree, hidden
        self._first = min(hidden, default=None)
        self._used_by_hidden = _used(tree, hidden)
        self._constants = _constants(tree)
        self._global = {
            name
            for node in ast.walk(tree)
            if isinstance(node, (ast.Global, ast.Nonlocal))
            for name in node.names
        }

    def places(self) -> Iterator[_Place]:
        known: set[int] = set()
        for call, around in _calls(self._tree, ()):
            known.add(id(call.func))
            points, label = _argument(call, 0, "points"), _argument(call, 1, "what")
            number = points.value if isinstance(points, ast.Constant) else None
            values = (
                None if label is None else _labels(label, around, self._constants, self._global)
            )
            yield _Place(
                float(number) if isinstance(number, (int, float)) else None,
                values,
                _pattern(label),
                self._is_hidden(call, around, isinstance(label, ast.Constant)),
            )
        # Parts that are begun in another way: under another name, or where the check is handed to.
        checks = {
            func.value.id
            for func in ast.walk(self._tree)
            if isinstance(func, ast.Attribute)
            and id(func) in known
            and isinstance(func.value, ast.Name)
        }
        begins = {
            id(node.value)
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Attribute) and (node.attr != "part" or id(node) in known)
        }
        others = [
            node
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Name) and node.id in checks and id(node) not in begins
        ]
        if any(isinstance(each.ctx, ast.Load) and each.lineno in self._hidden for each in others):
            yield _Place(None, None, re.compile(".*"), True)

    def _is_hidden(self, call: ast.Call, around: tuple[ast.AST, ...], is_constant: bool) -> bool:
        """Whether a hidden part may be begun here, by visible code, too."""
        if call.lineno in self._hidden:
            return True
        functions = [node for node in around if isinstance(node, _FUNCTIONS)]
        if any(getattr(node, "name", "") in {"", *self._used_by_hidden} for node in functions):
            return self._first is not None  # hidden code may call it
        if is_constant and not any(isinstance(node, _LOOPS) for node in around):
            return False
        # What hidden code before it has put into a list, may come here.
        return self._first is not None and self._first < call.lineno


def _used(tree: ast.Module, hidden: set[int]) -> set[str]:
    """The names that hidden code uses, and those that the functions under these names use."""
    functions = [node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)]
    found = {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.lineno in hidden
    }
    size = -1
    while len(found) > size:
        size = len(found)
        for function in functions:
            if getattr(function, "name", "") in found:
                found |= {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}
    return found


def _calls(
    node: ast.AST, around: tuple[ast.AST, ...]
) -> Iterator[tuple[ast.Call, tuple[ast.AST, ...]]]:
    """Each call of a method `part`, and what it stands in."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "part"
    ):
        yield node, around
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, (*around, node))


def _argument(call: ast.Call, place: int, name: str) -> ast.expr | None:
    if any(isinstance(each, ast.Starred) for each in call.args):
        return None
    if place < len(call.args):
        return call.args[place]
    return next((each.value for each in call.keywords if each.arg == name), None)


# The labels that a place can report


def _once(tree: ast.AST) -> set[str]:
    """The names that code binds in one place alone: there stands what they are."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) | ast.arg(arg=name):
                found[name] += 1
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found[name] += 1
            case ast.ClassDef(name=name) | ast.ExceptHandler(name=str(name)):
                found[name] += 1
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found[name] += 1
            case ast.MatchMapping(rest=str(name)):
                found[name] += 1
            case ast.alias(name=name, asname=other):
                found[other or name.partition(".")[0]] += 1
    return {name for name, times in found.items() if times == 1}


def _constants(tree: ast.Module) -> dict[str, Any]:
    """The names that a cell binds once, at its top, to a text or a number."""
    once = _once(tree)
    return {
        name: value for node in tree.body for name, value in _of_assignment(node) if name in once
    }


def _of_assignment(node: ast.stmt) -> Iterator[tuple[str, Any]]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=value)):
            yield name, value


def _labels(
    label: ast.expr, around: Sequence[ast.AST], constants: _Values, others: set[str]
) -> frozenset[str] | None:
    """All labels that can come, in loops over what stands in the code; None: it does not say."""
    if isinstance(label, ast.Constant):
        return frozenset({_first_line(str(label.value))})
    if any(isinstance(node, _FUNCTIONS) for node in around):
        return None  # who calls it, and when?
    loops = (_rows(node, others) for node in around if isinstance(node, ast.For))
    rows = [each for each in loops if each is not None]
    if math.prod(map(len, rows)) > _MOST:
        return None
    found = set()
    for values in product(*rows):
        names = dict(constants)
        for each in values:
            names |= each
        try:
            found.add(_first_line(_text(label, names)))
        except (KeyError, ValueError, TypeError):
            return None
    return frozenset(found)


def _rows(loop: ast.For, others: set[str]) -> list[dict[str, Any]] | None:
    """The names that a loop binds, in each of its turns; None if the code does not say it.

    One that the loop binds a second time, or that a function may (`others`), is left out.
    """
    try:
        rows = [dict(_bound(loop.target, value)) for value in _values(loop.iter)]
    except (ValueError, TypeError, OverflowError):
        return None
    known = _once(loop) - others
    return [{name: row[name] for name in row if name in known} for row in rows]


def _values(node: ast.expr) -> Sequence[Any]:
    """What a loop goes through; raises ValueError or TypeError if the code does not say it."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=arguments, keywords=[]):
            numbers = range(*map(ast.literal_eval, arguments))
            if len(numbers) > _MOST:
                raise ValueError
            return numbers
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner, *start], keywords=[]):
            return list(enumerate(_values(inner), *map(ast.literal_eval, start)))
        case ast.Call(func=ast.Name(id="zip"), args=inners):
            return list(zip(*(_values(inner) for inner in inners), strict=False))
        case ast.Call(func=ast.Attribute(value=inner, attr="items"), args=[]):
            return list(dict(ast.literal_eval(inner)).items())
    return list(ast.literal_eval(node))


def _bound(target: ast.expr, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, (ast.Tuple, ast.List)):
        for each, part in zip(target.elts, value, strict=True):
            yield from _bound(each, part)
    else:
        raise TypeError


def _text(label: ast.expr, names: _Values) -> str:
    """The text of a string; raises KeyError for a name that is not known, ValueError for others."""
    match label:
        case ast.Constant(value=value):
            return str(value)
        case ast.Name(id=name):
            return str(names[name])
        case ast.FormattedValue(value=ast.Name(id=name), conversion=conversion, format_spec=spec):
            shown = (
                f"{{0!{chr(conversion)}}}".format(names[name]) if conversion > 0 else names[name]
            )
            return format(shown, _text(spec, names) if spec else "")
        case ast.JoinedStr(values=values):
            return "".join(_text(each, names) for each in values)
    raise ValueError


def _pattern(label: ast.expr | None) -> re.Pattern[str]:
    """What the label looks like, of which a report shows the first line."""
    values = label.values if isinstance(label, ast.JoinedStr) else [label]
    pattern = ""
    for value in reversed(values):
        if isinstance(value, ast.Constant):
            first, end, _ = str(value.value).partition("\n")
            pattern = re.escape(first) + ("" if end else pattern)
        else:  # a value may have an end of a line in it
            pattern = f".*(?:{pattern})?"
    return re.compile(pattern)


def _first_line(text: str) -> str:
    return text.partition("\n")[0]
