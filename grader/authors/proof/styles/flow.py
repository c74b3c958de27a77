"""Rewrites of right answers: branches and intermediate results in another form."""

import ast
from collections.abc import Collection

from grader.authors.proof.styles.rewrites import (
    Block,
    Names,
    always_evaluated,
    assign,
    functions,
    has_call,
    in_own_scope,
    is_trivial,
    load,
    of_blocks,
    of_cell,
    of_expressions,
    replace,
    split_docstring,
    statements,
)

# Branches


@of_blocks
def else_written(block: Block, names: Names) -> Block:
    """What follows an `if` that returns is put into an `else`."""
    for number, statement in enumerate(block[:-1]):
        if isinstance(statement, ast.If) and not statement.orelse and _leaves(statement.body):
            return [*block[:number], ast.If(statement.test, statement.body, block[number + 1 :])]
    return block


@of_blocks
def else_left_out(block: Block, names: Names) -> Block:
    """An `else` after an `if` that returns is not needed: its statements follow the `if`."""
    match block:
        case [*before, ast.If(test, body, [_, *_] as orelse)] if _leaves(body):
            return [*before, ast.If(test, body, []), *orelse]
    return block


@of_blocks
def conditional_expressions(block: Block, names: Names) -> Block:
    """`if a: return x`, then `return y`, becomes `return x if a else y`."""
    match block:
        case [*before, ast.If(test, [ast.Return(x)], []), ast.Return(y)] if x and y:
            return [*before, ast.Return(ast.IfExp(test, x, y))]
        case [*before, ast.If(test, [ast.Return(x)], [ast.Return(y)])] if x and y:
            return [*before, ast.Return(ast.IfExp(test, x, y))]
    return block


@of_blocks
def conditional_expressions_written_out(block: Block, names: Names) -> Block:
    """`x if a else y` as a whole value becomes an `if` with an `else`."""
    result: Block = []
    for statement in block:
        match statement:
            case ast.Return(ast.IfExp(test, x, y)):
                result.append(ast.If(test, [ast.Return(x)], [ast.Return(y)]))
            case ast.Assign([ast.Name(id=name)], ast.IfExp(test, x, y)):
                result.append(ast.If(test, [assign(name, x)], [assign(name, y)]))
            case _:
                result.append(statement)
    return result


@of_blocks
def branches_exchanged(block: Block, names: Names) -> Block:
    """`if a: x` with y for the other case becomes `if not a: y` with x for the other case."""
    for statement in block:
        if isinstance(statement, ast.If) and statement.orelse:
            statement.test = _negated(statement.test)
            statement.body, statement.orelse = statement.orelse, statement.body
    match block:
        case [*before, ast.If(test, [ast.Return()] as body, []), ast.Return() as other]:
            return [*before, ast.If(_negated(test), [other], []), *body]
    return block


@of_blocks
def one_return(block: Block, names: Names) -> Block:
    """Two branches that return become two that set a variable, which is returned below."""
    match block:
        case [*before, ast.If(test, [ast.Return(x)], []), ast.Return(y)] if x and y:
            name = names.fresh("answer")
            choice = ast.If(test, [assign(name, x)], [assign(name, y)])
            return [*before, choice, ast.Return(load(name))]
    return block


def _negated(test: ast.expr) -> ast.expr:
    match test:
        case ast.Compare(left, [ast.Eq()], right):
            return ast.Compare(left, [ast.NotEq()], right)
        case ast.UnaryOp(ast.Not(), inner):
            return inner
    return ast.UnaryOp(ast.Not(), test)


def _leaves(body: Block) -> bool:
    return isinstance(body[-1], ast.Return | ast.Raise)


_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.Eq,
    ast.NotEq: ast.NotEq,
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
}


@of_expressions
def comparisons_turned(node: ast.expr, names: Names) -> ast.expr | None:
    """`a == b` becomes `b == a`, and `a < b` becomes `b > a`."""
    match node:
        case ast.Compare(left, [sign], [right]) if type(sign) in _TURNED:
            return ast.Compare(right, [_TURNED[type(sign)]()], [left])
    return None


# Intermediate results


@of_blocks
def results_named(block: Block, names: Names) -> Block:
    """What is returned is put into a variable first."""
    match block:
        case [*before, ast.Return(value)] if value and not is_trivial(value):
            name = names.fresh("result")
            return [*before, assign(name, value), ast.Return(load(name))]
    return block


@of_blocks
def parts_named(block: Block, names: Names) -> Block:
    """Operands and arguments that are computed are put into variables first, in their order."""
    result: Block = []
    for statement in block:
        value = getattr(statement, "value", None)
        parts: list[ast.expr] = []
        if isinstance(statement, ast.Assign | ast.Return | ast.Expr):
            if isinstance(value, ast.BinOp):
                parts = [value.left, value.right]
            elif isinstance(value, ast.Call):
                parts = value.args
        for part in parts:
            if isinstance(part, ast.BinOp | ast.Call | ast.UnaryOp):
                name = names.fresh("part")
                result.append(assign(name, part))
                replace(statement, part, load(name))
        result.append(statement)
    return result


@of_blocks
def names_put_back(block: Block, names: Names) -> Block:
    """A variable that is used once, in the next statement, is replaced by its value."""
    result: Block = []
    for statement in block:
        before = result[-1] if result else None
        match before:
            case ast.Assign([ast.Name(id=name)], value) if names[name] == 2 and isinstance(
                statement, ast.Assign | ast.Return | ast.Expr
            ):
                uses = [n for n in always_evaluated(statement) if _is_name(n, name)]
                calls = [n for n in always_evaluated(statement) if has_call(n)]
                # What is called must be called in the same order: first the value, then the rest.
                if uses and (not has_call(value) or all(_holds(n, uses[0]) for n in calls)):
                    replace(statement, uses[0], value)
                    result.pop()
        result.append(statement)
    return result


def _holds(node: ast.AST, inner: ast.AST) -> bool:
    return any(each is inner for each in ast.walk(node))


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)


@of_cell
def increments_written_out(tree: ast.Module, names: Names) -> None:
    """`x += y` becomes `x = x + y` where x starts as a number or a list of the function's own."""
    for place in functions(tree):
        own = _numbers_and_lists(place.function, names.words.numbers)
        for node in list(in_own_scope(place.function)):
            match node:
                case ast.AugAssign(ast.Name(id=name), op, value) if name in own:
                    # A list takes in any sequence, but only a list can be added to it.
                    if not isinstance(value, ast.List) and own[name] is list:
                        continue
                    replace(tree, node, assign(name, ast.BinOp(load(name), op, value)))


@of_cell
def increments_shortened(tree: ast.Module, names: Names) -> None:
    """`x = x + y` becomes `x += y` where x starts as a number or a list of the function's own."""
    for place in functions(tree):
        own = _numbers_and_lists(place.function, names.words.numbers)
        for node in list(in_own_scope(place.function)):
            match node:
                case ast.Assign([ast.Name(id=name)], ast.BinOp() as total) if name in own:
                    added = _added_to(name, total)
                    if added is not None:
                        target = ast.Name(name, ast.Store())
                        replace(tree, node, ast.AugAssign(target, ast.Add(), added))


def _added_to(name: str, total: ast.expr) -> ast.expr | None:
    """a + b of the sum name + a + b, or None if it is no such sum."""
    match total:
        case ast.BinOp(ast.Name(id=first), ast.Add(), last) if first == name:
            return last
        case ast.BinOp(before, ast.Add(), last):
            added = _added_to(name, before)
            return None if added is None else ast.BinOp(added, ast.Add(), last)
    return None


def _numbers_and_lists(function: ast.FunctionDef, numbers: Collection[str]) -> dict[str, type]:
    """The variables whose first value is a plain number, as the `numbers` are, or a new list."""
    found: dict[str, type] = {}
    for node in in_own_scope(function):
        match node:
            case ast.Assign([ast.Name(id=name)], value) if name not in found:
                if isinstance(value, ast.List | ast.ListComp):
                    found[name] = list
                else:
                    found[name] = float if _is_number(value, numbers) else object
    return {name: kind for name, kind in found.items() if kind is not object}


def _is_number(value: ast.expr, numbers: Collection[str]) -> bool:
    match value:
        case ast.Constant(int() | float()):
            return True
        case ast.Name(id=name):
            return name in numbers
        case ast.BinOp(left, _, right):
            return _is_number(left, numbers) and _is_number(right, numbers)
    return False


@of_cell
def idle_statements(tree: ast.Module, names: Names) -> None:
    """Statements without effect: a number on a line of its own, `pass`, an unused variable."""
    for place in functions(tree):
        docstring, rest = split_docstring(place.function.body)
        idle = statements("42\npass\nunused = 'nobody reads this'")
        place.function.body = [*docstring, *idle, *rest]
