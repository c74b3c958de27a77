"""Rewrites of right answers: formulas in another form, equal up to rounding."""

import ast
from copy import deepcopy

from grader.authors.proof.styles.rewrites import Names, expression, has_call, of_expressions

_SEQUENCES = ast.List | ast.Tuple | ast.ListComp | ast.JoinedStr


def _is_sequence(node: ast.expr) -> bool:
    """Whether it may be a list, a tuple or a text, for which + and * mean something else."""
    return any(
        isinstance(each, _SEQUENCES)
        or (isinstance(each, ast.Constant) and isinstance(each.value, str))
        for each in ast.walk(node)
        if not isinstance(each, ast.Subscript)
    )


def _binary(node: ast.expr, operator: type[ast.operator]) -> tuple[ast.expr, ast.expr] | None:
    """The operands, if it is such an operation on numbers."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, operator):
        return None
    if _is_sequence(node.left) or _is_sequence(node.right):
        return None
    return node.left, node.right


@of_expressions
def sums_turned(node: ast.expr, names: Names) -> ast.expr | None:
    """a + b becomes b + a, which is the same for numbers and arrays."""
    pair = _binary(node, ast.Add)
    return expression("B + A", A=pair[0], B=pair[1]) if pair else None


@of_expressions
def products_turned(node: ast.expr, names: Names) -> ast.expr | None:
    """a * b becomes b * a, which is the same for numbers and arrays."""
    pair = _binary(node, ast.Mult)
    return expression("B * A", A=pair[0], B=pair[1]) if pair else None


@of_expressions
def differences_negated(node: ast.expr, names: Names) -> ast.expr | None:
    """a - b becomes -(b - a). In uint8 both wrap around, to the same number in the end."""
    pair = _binary(node, ast.Sub)
    return expression("-(B - A)", A=pair[0], B=pair[1]) if pair else None


@of_expressions
def differences_as_sums(node: ast.expr, names: Names) -> ast.expr | None:
    """a - b becomes a + -b, if b is not a constant: uint8 arrays take no negative constants."""
    pair = _binary(node, ast.Sub)
    if pair is None or isinstance(pair[1], ast.Constant):
        return None
    return expression("A + -B", A=pair[0], B=pair[1])


@of_expressions
def powers_as_products(node: ast.expr, names: Names) -> ast.expr | None:
    """a**2 becomes a * a, and a**3 becomes a * a * a."""
    match node:
        case ast.BinOp(a, ast.Pow(), ast.Constant(2)) if not has_call(a) and _is_whole(node):
            return expression("A * A", A=a)
        case ast.BinOp(a, ast.Pow(), ast.Constant(3)) if not has_call(a) and _is_whole(node):
            return expression("A * A * A", A=a)
    return None


def _is_whole(power: ast.BinOp) -> bool:
    # 2.0 equals 2, but makes a float of an int.
    return isinstance(power.right, ast.Constant) and isinstance(power.right.value, int)


@of_expressions
def products_as_powers(node: ast.expr, names: Names) -> ast.expr | None:
    """a * a becomes a**2."""
    pair = _binary(node, ast.Mult)
    if pair is None or has_call(pair[0]) or ast.dump(pair[0]) != ast.dump(pair[1]):
        return None
    return expression("A**2", A=pair[0])


@of_expressions
def difference_of_squares(node: ast.expr, names: Names) -> ast.expr | None:
    """1 - h**2 becomes (1 - h) * (1 + h), which is no less exact."""
    match node:
        case ast.BinOp(ast.Constant(1), ast.Sub(), ast.BinOp(h, ast.Pow(), ast.Constant(2))):
            pass
        case ast.BinOp(ast.Constant(1), ast.Sub(), ast.BinOp(h, ast.Mult(), same)) if ast.dump(
            h
        ) == ast.dump(same):
            pass
        case _:
            return None
    return None if has_call(h) else expression("(1 - H) * (1 + H)", H=h)


@of_expressions
def divisions_as_products(node: ast.expr, names: Names) -> ast.expr | None:
    """x / c becomes x * (1 / c) for a constant c; the last digit may differ."""
    match node:
        case ast.BinOp(x, ast.Div(), ast.Constant(value=float() | int()) as c):
            return expression("X * (1 / C)", X=x, C=c)
        case ast.BinOp(x, ast.Div(), ast.Call(_, [ast.Constant(value=float() | int())], []) as c):
            return expression("X * (1 / C)", X=x, C=c)
    return None


@of_expressions
def brackets_multiplied_out(node: ast.expr, names: Names) -> ast.expr | None:
    """(a + b) * c becomes a * c + b * c; the last digits may differ."""
    pair = _binary(node, ast.Mult)
    if pair is None:
        return None
    bracket, c = pair
    match bracket:
        case ast.BinOp(a, (ast.Add() | ast.Sub()) as sign, b) if not has_call(c):
            left, right = (expression("A * C", A=each, C=c) for each in (a, b))
            return ast.BinOp(left, deepcopy(sign), right)
    return None


@of_expressions
def products_by_numpy(node: ast.expr, names: Names) -> ast.expr | None:
    """a - b becomes np.subtract(a, b) and a * b np.multiply(a, b), if np is there as NumPy."""
    # Elsewhere np may stand for something else, or an operand may be a tensor.
    if names["np"] == 0 or names["tf"] or "np" in names.bound:
        return None
    for operator, function in ((ast.Sub, "subtract"), (ast.Mult, "multiply")):
        pair = _binary(node, operator)
        if pair is not None:
            return expression(f"np.{function}(A, B)", A=pair[0], B=pair[1])
    return None
