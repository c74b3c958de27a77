"""Rewrites of right answers: loops and comprehensions in another form."""

import ast

from grader.authors.proof.styles.rewrites import (
    Block,
    Names,
    always_evaluated,
    assign,
    count_names,
    load,
    of_blocks,
    of_cell,
    rename,
    replace,
    statements,
)


@of_blocks
def comprehensions_as_loops(block: Block, names: Names) -> Block:
    """A comprehension, or a sum over one, becomes a loop that collects the same values."""
    result: Block = []
    for statement in block:
        if isinstance(statement, ast.Assign | ast.Return | ast.Expr | ast.AugAssign):
            for node in always_evaluated(statement):
                loop = _loop_for(node, names)
                if loop is not None:
                    replace(statement, node, loop[0])
                    result += loop[1]
                    break
        result.append(statement)
    return result


def _loop_for(node: ast.expr, names: Names) -> tuple[ast.expr, Block] | None:
    """The variable that stands for the comprehension, and the loop that fills it."""
    match node:
        case ast.ListComp(elt=elt, generators=[each]):
            text = ("RESULT = []", "RESULT.append(VALUE)")
            parts = {"VALUE": elt}
        case ast.DictComp(key=key, value=value, generators=[each]):
            text = ("RESULT = {}", "RESULT[KEY] = VALUE")
            parts = {"KEY": key, "VALUE": value}
        case ast.Call(
            func=ast.Name(id="sum"),
            args=[ast.GeneratorExp(elt=elt, generators=[each])],
            keywords=[],
        ):
            text = ("RESULT = 0", "RESULT = RESULT + VALUE")
            parts = {"VALUE": elt}
        case _:
            return None
    # The variable of a loop lives on after it; that of a comprehension does not.
    inside, counts = count_names(node), count_names(each.target)
    anew = {name: names.fresh(name) for name in counts if names[name] > inside[name]}
    rename(node, anew)
    name = names.fresh("collected")
    first, body = (statements(line, RESULT=name, **parts) for line in text)
    for condition in reversed(each.ifs):
        body = [ast.If(condition, body, [])]
    return load(name), [*first, ast.For(each.target, each.iter, body, [], lineno=0)]


@of_blocks
def loops_as_comprehensions(block: Block, names: Names) -> Block:
    """A loop that does nothing but append becomes a comprehension."""
    result = list(block)
    for place, loop in enumerate(block):
        if not isinstance(loop, ast.For) or loop.orelse:
            continue
        match loop.body:
            case [ast.Expr(ast.Call(ast.Attribute(ast.Name(id=name), "append"), [value]))]:
                pass
            case [
                ast.Assign([ast.Name(id=temporary)], given),
                ast.Expr(ast.Call(ast.Attribute(ast.Name(id=name), "append"), [value])),
            ] if names[temporary] == 2:
                holder = ast.Expr(value)
                for node in ast.walk(holder):
                    if isinstance(node, ast.Name) and node.id == temporary:
                        replace(holder, node, given)
                        break
                value = holder.value
            case _:
                continue
        starts = [
            number
            for number, statement in enumerate(block[:place])
            if isinstance(statement, ast.Assign)
            and ast.unparse(statement) == f"{name} = []"
            and not any(count_names(between)[name] for between in block[number + 1 : place])
        ]
        if not starts or count_names(value)[name] or count_names(loop.iter)[name]:
            continue
        generator = ast.comprehension(loop.target, loop.iter, [], 0)
        result[place] = assign(name, ast.ListComp(value, [generator]))
        result.remove(block[starts[-1]])
        break
    return result


@of_blocks
def counted_by_while(block: Block, names: Names) -> Block:
    """`for i in range(n)` becomes a while loop with a counter."""
    result: Block = []
    for statement in block:
        match statement:
            case ast.For(
                target=ast.Name(id=name),
                iter=ast.Call(func=ast.Name(id="range"), args=args),
                orelse=[],
            ) if len(args) <= 2 and not _goes_on(statement):
                counter = names.fresh("counter") if name == "_" else name
                if any(isinstance(a, ast.Starred) for a in args):
                    result.append(statement)
                    continue
                stop = names.fresh("stop")
                start = args[0] if len(args) == 2 else ast.Constant(0)
                result += [assign(counter, start), assign(stop, args[-1])]
                (loop,) = statements(
                    "while COUNTER < STOP: COUNTER += 1", COUNTER=counter, STOP=stop
                )
                assert isinstance(loop, ast.While)
                loop.body = [*statement.body, *loop.body]
                result.append(loop)
            case _:
                result.append(statement)
    return result


def _goes_on(loop: ast.For) -> bool:
    """Whether it has a `continue`, or changes its own variable."""
    bound = {node.id for node in ast.walk(loop.target) if isinstance(node, ast.Name)}
    return any(
        isinstance(node, ast.Continue)
        or (isinstance(node, ast.Name) and node.id in bound and isinstance(node.ctx, ast.Store))
        for statement in loop.body
        for node in ast.walk(statement)
    )


@of_cell
def lists_by_index(tree: ast.Module, names: Names) -> None:
    """`for x in xs`, where xs is known to be a list or tuple, counts through its indices."""
    known = {
        ast.unparse(node.targets[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.List | ast.ListComp)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.For):
            continue
        literal = isinstance(node.iter, ast.List | ast.Tuple)
        if not literal and ast.unparse(node.iter) not in known:
            continue
        index = names.fresh("index")
        element = ast.Subscript(node.iter, load(index), ast.Load())
        node.body.insert(0, ast.Assign([node.target], element, lineno=0))
        node.iter = statements("range(len(XS))", XS=node.iter)[0].value  # type: ignore[attr-defined]
        node.target = ast.Name(index, ast.Store())


@of_cell
def loops_enumerated(tree: ast.Module, names: Names) -> None:
    """Every loop counts its rounds with enumerate, and does not use the number."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For):
            number = ast.Name(names.fresh("round_number"), ast.Store())
            node.target = ast.Tuple([number, node.target], ast.Store())
            node.iter = ast.Call(load("enumerate"), [node.iter], [])


@of_cell
def pairs_taken_apart_in_the_body(tree: ast.Module, names: Names) -> None:
    """`for a, b in pairs` becomes `for pair in pairs` with `a, b = pair` below it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.For) and isinstance(node.target, ast.Tuple):
            pair = names.fresh("pair")
            node.body.insert(0, ast.Assign([node.target], load(pair), lineno=0))
            node.target = ast.Name(pair, ast.Store())
