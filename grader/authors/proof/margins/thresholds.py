"""Finds the numerical thresholds in the source of a test cell, and wraps each comparison."""

import ast
import re
from dataclasses import dataclass

from grader.authors.proof.margins import probe
from grader.authors.proof.remarks import NO_REMARKS, Remarks
from grader.basics.errors import UserError

PROBE = "__probe__"  # what the instrumented cells call grader.authors.proof.margins.probe
_RELATIONS: dict[type[ast.cmpop], str] = {ast.Lt: "<", ast.Gt: ">", ast.LtE: "<=", ast.GtE: ">="}
_DEFAULTS = {"rtol": "1e-5", "atol": "1e-8"}  # of numpy.allclose and numpy.isclose
_LONGEST = 76


@dataclass(frozen=True)
class Threshold:
    """One comparison of a test cell. `where` is the function it stands in, or ""."""

    cell: str
    number: int
    where: str
    what: str
    allowed: str
    bounded: bool = False
    worthless: bool = False  # in a part that is worth 0 points

    @property
    def name(self) -> str:
        """What tells it from the others of its cell."""
        return f"{self.where}: {self.what}" if self.where else self.what


class Rewriter(ast.NodeTransformer):
    """Wraps the comparisons of one cell in calls of the probe, and collects them in `found`."""

    def __init__(
        self, cell: str, source: str, tree: ast.Module, remarks: Remarks = NO_REMARKS
    ) -> None:
        self.found: list[Threshold] = []
        self._cell, self._source, self._remarks = cell, source, remarks
        self._functions: list[str] = []
        self._worthless = False
        # Functions that only compare, by name: the thresholds are their calls, which may ask for
        # opposite things.
        self._comparing: dict[str, ast.Call] = {}
        self._constants: dict[str, float] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and (call := _only_compares(node)):
                self._comparing[node.name] = call
            if isinstance(node, ast.ClassDef):
                self._constants |= _numbers_of(node)
        self._inner = {id(call) for call in self._comparing.values()}

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Keep the name of the function that a threshold stands in."""
        self._functions.append("" if node.name == "hidden_tests" else node.name)
        self.generic_visit(node)
        self._functions.pop()
        return node

    def visit_With(self, node: ast.With) -> ast.AST:
        """Keep whether a part is worth no points."""
        before = self._worthless
        self._worthless = before or any(_is_part_of_no_points(item) for item in node.items)
        self.generic_visit(node)
        self._worthless = before
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Wrap a comparison with tolerances."""
        name = _name_of(node.func)
        allowed = _tolerances(self._source, node, name)
        if name in self._comparing and isinstance(node.func, ast.Name):
            inner = _tolerances(self._source, self._comparing[name], "allclose")
            number, how = self._add(self._text(node), inner or ""), "within"
        elif allowed is None or self._key(node) in self._remarks.thresholds:
            return self.generic_visit(node)
        elif id(node) in self._inner:
            number, how = probe.INNER, "close"
        else:
            is_same = name == "same"
            text = f"same: {self._message(node.args[0])}" if is_same else self._text(node)
            number, how = self._add(text, allowed), "same" if is_same else "close"
        self.generic_visit(node)
        args = [ast.Constant(number), node.func, *node.args]
        return _probe_call(how, args, node.keywords)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        """Wrap a comparison with a number that is written in the cell."""
        relation = _RELATIONS.get(type(node.ops[0]))
        key = self._key(node)
        sides = node.left, node.comparators[0]
        levels = [self._is_level(side) for side in sides]
        is_one = any(levels) and not any(map(_is_length, sides))
        if relation is None or not is_one or key in self._remarks.thresholds:
            return self.generic_visit(node)
        if len(node.ops) > 1 or all(levels):
            raise UserError(f"{self._cell}: write {self._text(node)} as one comparison each.")
        value, level = sides
        if levels[0]:
            value, level, relation = level, value, relation.translate(str.maketrans("<>", "><"))
        known = [
            f" ({self._constants[part.attr]:g})"
            for part in ast.walk(level)
            if isinstance(part, ast.Attribute) and part.attr in self._constants
        ]
        allowed = f"{relation} {self._text(level)}{''.join(known)}"
        number = self._add(self._text(value), allowed, bounded=key in self._remarks.bounded)
        how, extra = "compare", []
        if key in self._remarks.bounded:
            how, extra = "compare_rest", [_literals(level)[0]]
        self.generic_visit(node)
        value, level = node.left, node.comparators[0]
        if levels[0]:
            value, level = level, value
        args = [ast.Constant(number), value, ast.Constant(relation), level, *extra]
        return _probe_call(how, args, [])

    @property
    def _where(self) -> str:
        return next((name for name in reversed(self._functions) if name), "")

    def _key(self, node: ast.AST) -> tuple[str, str, str]:
        """What a remark on a comparison knows it by."""
        return self._cell, self._where, self._text(node)

    def _add(self, what: str, allowed: str, *, bounded: bool = False) -> int:
        number = len(self.found) + 1
        what, where = _shortened(what), self._where
        self.found.append(
            Threshold(self._cell, number, where, what, allowed, bounded, self._worthless)
        )
        return number

    def _text(self, node: ast.AST) -> str:
        return in_one_line(ast.get_source_segment(self._source, node) or "")

    def _message(self, node: ast.expr) -> str:
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.JoinedStr):
            return "".join(
                str(part.value)
                if isinstance(part, ast.Constant)
                else "{" + ast.unparse(part.value if hasattr(part, "value") else part) + "}"
                for part in node.values
            )
        return self._text(node)

    def _is_level(self, node: ast.expr) -> bool:
        """Whether it holds a number that is written in the cell, other than 0."""
        if isinstance(node, ast.Attribute):
            return bool(self._constants.get(node.attr)) and _name_of(node.value) == "self"
        return bool(_literals(node)) or (
            isinstance(node, ast.BinOp)
            and (self._is_level(node.left) or self._is_level(node.right))
        )


def _literals(node: ast.expr) -> list[ast.expr]:
    """The numbers other than 0 in a sum or a product; not those in indices and arguments."""
    if isinstance(node, ast.BinOp):
        return _literals(node.left) + _literals(node.right)
    if isinstance(node, ast.UnaryOp):
        return _literals(node.operand)
    is_number = isinstance(node, ast.Constant) and isinstance(node.value, int | float)
    return [node] if is_number and ast.literal_eval(node) else []


def _numbers_of(node: ast.ClassDef) -> dict[str, float]:
    """The attributes of a class that are numbers: `a = 1` or `a, b = 1, 2`."""
    found = {}
    for each in node.body:
        if not (isinstance(each, ast.Assign) and len(each.targets) == 1):
            continue
        target, value = each.targets[0], each.value
        pairs = [(target, value)]
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            pairs = list(zip(target.elts, value.elts, strict=False))
        for name, number in pairs:
            if isinstance(number, ast.Constant) and isinstance(number.value, int | float):
                found[ast.unparse(name)] = float(number.value)
    return found


def _only_compares(node: ast.FunctionDef) -> ast.Call | None:
    """The call of allclose, if the function does nothing but return whether arrays are close."""
    body = [each for each in node.body if not isinstance(each, ast.Expr)]
    if len(body) != 1 or not isinstance(body[0], ast.Return):
        return None
    calls = [each for each in ast.walk(body[0]) if isinstance(each, ast.Call)]
    close = [call for call in calls if _name_of(call.func) == "allclose"]
    return close[0] if len(close) == 1 else None


def _tolerances(source: str, node: ast.Call, name: str) -> str | None:
    """The tolerances of a call, as written; None if it has none, or is no comparison."""
    if name not in ("allclose", "isclose", "same"):
        return None
    if name != "same" and len(node.args) > 2:
        raise UserError(f"Give rtol and atol by name: {ast.unparse(node)}")
    given = {each.arg: ast.get_source_segment(source, each.value) or "" for each in node.keywords}
    tolerances = {} if name == "same" else dict(_DEFAULTS)
    tolerances |= {key: given[key] for key in ("rtol", "atol") if key in given}
    kept = {key: text for key, text in tolerances.items() if text not in ("0", "0.0")}
    return ", ".join(f"{key}={text}" for key, text in sorted(kept.items())) or None


def in_one_line(source: str) -> str:
    """Some source without line ends, however it was wrapped."""
    text = re.sub(r"(?<=[(\[{]) ", "", " ".join(source.split()))
    return re.sub(r",? (?=[)\]}])", "", text)


def _is_length(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and _name_of(node.func) == "len"


def _is_part_of_no_points(item: ast.withitem) -> bool:
    call = item.context_expr
    if not (isinstance(call, ast.Call) and _name_of(call.func) == "part" and call.args):
        return False
    return isinstance(call.args[0], ast.Constant) and call.args[0].value == 0


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _probe_call(how: str, args: list[ast.expr], keywords: list[ast.keyword]) -> ast.Call:
    function = ast.Attribute(ast.Name(PROBE, ast.Load()), how, ast.Load())
    return ast.Call(function, args, keywords)


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
