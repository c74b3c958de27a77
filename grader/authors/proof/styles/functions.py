"""Rewrites of right answers: functions, methods and classes of another shape."""

import ast
from copy import deepcopy

from grader.authors.proof.styles.rewrites import (
    Block,
    Names,
    Place,
    add_import,
    in_own_scope,
    load,
    of_blocks,
    of_cell,
    of_functions,
    parameters,
    split_docstring,
    statements,
)


def _is_plain(function: ast.FunctionDef) -> bool:
    """Whether its body may be moved: no generator, no global names, no bare star."""
    given = function.args
    return not (given.kwonlyargs or given.kwarg) and not any(
        isinstance(node, ast.Yield | ast.YieldFrom | ast.Global | ast.Nonlocal)
        for node in ast.walk(function)
    )


def _call(name: ast.expr, function: ast.FunctionDef) -> ast.Call:
    """A call that hands on the parameters; *size arrives as one tuple."""
    return ast.Call(name, [load(each) for each in parameters(function)], [])


def _with_body(function: ast.FunctionDef, name: str, body: Block) -> ast.FunctionDef:
    """A function with the same parameters, all positional, without defaults."""
    given = [ast.arg(each) for each in parameters(function)]
    arguments = ast.arguments(
        posonlyargs=[], args=given, kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    return ast.FunctionDef(name, arguments, body, [], lineno=0)


@of_functions
def inner_function(place: Place, names: Names) -> None:
    """The body moves into a function inside, which is called with the same arguments."""
    function = place.function
    if not _is_plain(function):
        return
    docstring, rest = split_docstring(function.body)
    name = names.fresh("work")
    inner = _with_body(function, name, rest)
    function.body = [*docstring, inner, ast.Return(_call(load(name), function))]


@of_functions
def helper_beside(place: Place, names: Names) -> None:
    """The body moves into a function of the module, and the old one calls it."""
    function = place.function
    # super() and self.__name mean something in a class only.
    private = any(
        (isinstance(node, ast.Name) and node.id == "super")
        or (isinstance(node, ast.Attribute) and node.attr.startswith("__"))
        for node in ast.walk(function)
    )
    decorated_method = place.owner is not None and function.decorator_list
    if private or decorated_method or not _is_plain(function):
        return
    docstring, rest = split_docstring(function.body)
    name = names.fresh(f"do_{function.name.strip('_')}")
    helper = _with_body(function, name, rest)
    function.body = [*docstring, ast.Return(_call(load(name), function))]
    place.tree.body.insert(place.tree.body.index(place.owner or function), helper)


@of_functions
def annotated(place: Place, names: Names) -> None:
    """Parameters and results get annotations, which Python does not look at."""
    given = place.function.args
    for each in [*given.posonlyargs, *given.args, *given.kwonlyargs]:
        if each.arg != "self":
            each.annotation = load("object")
    place.function.returns = load("object")


@of_functions
def docstrings_added(place: Place, names: Names) -> None:
    """Each function without a docstring gets one."""
    docstring, rest = split_docstring(place.function.body)
    if not docstring:
        text = ast.Constant("Do what the exercise asks for.")
        place.function.body = [ast.Expr(text), *rest]


@of_functions
def docstrings_removed(place: Place, names: Names) -> None:
    """Docstrings are left out."""
    place.function.body = split_docstring(place.function.body)[1]


def _at_start(function: ast.FunctionDef, added: Block) -> None:
    docstring, rest = split_docstring(function.body)
    function.body = [*docstring, *added, *rest]


@of_functions
def prints_added(place: Place, names: Names) -> None:
    """Each function prints its name; what is printed plays no part in grading."""
    _at_start(place.function, statements(f"print('now in', {place.function.name!r})"))


@of_functions
def asserts_added(place: Place, names: Names) -> None:
    """Each function asserts that it got its arguments."""
    for name in reversed(_required(place)):
        _at_start(place.function, statements("assert GIVEN is not None, 'missing'", GIVEN=name))


@of_functions
def guards_added(place: Place, names: Names) -> None:
    """Each function raises an error if an argument is None, which it never is."""
    for name in reversed(_required(place)):
        guard = statements("if GIVEN is None:\n    raise ValueError('missing')", GIVEN=name)
        _at_start(place.function, guard)


def _required(place: Place) -> list[str]:
    """The parameters that are not None by default, in this function or one that hands them on."""
    optional = {
        each.arg
        for node in ast.walk(place.tree)
        if isinstance(node, ast.arguments) and node.defaults
        for each, default in zip(reversed(node.args), reversed(node.defaults), strict=False)
        if isinstance(default, ast.Constant) and default.value is None
    }
    return [name for name in parameters(place.function) if name not in optional]


@of_functions
def try_added(place: Place, names: Names) -> None:
    """The body stands in a `try` whose `except` raises the same error again."""
    docstring, rest = split_docstring(place.function.body)
    (attempt,) = statements("try:\n    pass\nexcept ValueError:\n    raise")
    assert isinstance(attempt, ast.Try)
    attempt.body = rest
    place.function.body = [*docstring, attempt]


_PASSING = """
def passing(function):
    @functools.wraps(function)
    def same_function(*arguments, **options):
        return function(*arguments, **options)
    return same_function
"""


@of_cell
def decorated(tree: ast.Module, names: Names) -> None:
    """Functions get a decorator that hands everything on, outside of all others."""
    if not names["passing"]:
        _decorate(tree, outside=True)


@of_cell
def decorated_within(tree: ast.Module, names: Names) -> None:
    """Functions get a decorator that hands everything on, inside of all others."""
    if not names["passing"]:
        _decorate(tree, outside=False)


def _decorate(tree: ast.Module, *, outside: bool) -> None:
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    if not outside:  # with no other decorator there, inside is outside
        found = [function for function in found if function.decorator_list]
    for function in found:
        function.decorator_list.insert(
            0 if outside else len(function.decorator_list), load("passing")
        )
    if found:
        tree.body[:0] = statements(_PASSING)
        add_import(tree, "import functools")


@of_blocks
def lambdas(block: Block, names: Names) -> Block:
    """A function that only returns something is written as a lambda."""
    result: Block = []
    for statement in block:
        match statement:
            case ast.FunctionDef(decorator_list=[]):
                match split_docstring(statement.body)[1]:
                    case [ast.Return(value)] if value and "super()" not in ast.unparse(value):
                        function = ast.Lambda(statement.args, value)
                        statement = ast.parse(f"{statement.name} = None").body[0]
                        assert isinstance(statement, ast.Assign)
                        statement.value = function
        result.append(statement)
    return result


@of_cell
def lambdas_written_out(tree: ast.Module, names: Names) -> None:
    """`f = lambda x: ...` becomes a `def`."""
    for number, node in enumerate(tree.body):
        match node:
            case ast.Assign([ast.Name(id=name)], ast.Lambda(args, value)):
                function = ast.FunctionDef(name, args, [ast.Return(value)], [], lineno=0)
                tree.body[number] = function


@of_cell
def callable_objects(tree: ast.Module, names: Names) -> None:
    """A function becomes an object of a class with `__call__`, and is called in the same way."""
    for number, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef) and not node.decorator_list:
            name = names.fresh(f"{node.name.title().replace('_', '')}Function")
            method = deepcopy(node)
            method.name = "__call__"
            first = method.args.posonlyargs or method.args.args
            first.insert(0, ast.arg("self"))
            if not (method.args.posonlyargs or method.args.args):
                continue
            if any(isinstance(each, ast.Name) and each.id == "self" for each in ast.walk(node)):
                continue
            (owner, made) = statements(f"class {name}:\n    pass\n{node.name} = {name}()")
            assert isinstance(owner, ast.ClassDef)
            owner.body = [method]
            tree.body[number : number + 1] = [owner, made]
            return


@of_cell
def made_by_a_factory(tree: ast.Module, names: Names) -> None:
    """Each function is made inside of another one, which returns it."""
    for number, node in enumerate(tree.body):
        if isinstance(node, ast.FunctionDef):
            name = names.fresh(f"make_{node.name}")
            factory, made = statements(f"def {name}():\n    pass\n{node.name} = {name}()")
            assert isinstance(factory, ast.FunctionDef)
            factory.body = [node, ast.Return(load(node.name))]
            tree.body[number] = factory
            tree.body.insert(number + 1, made)


@of_cell
def inherited(tree: ast.Module, names: Names) -> None:
    """The class moves into a base class; the one with the right name inherits all of it."""
    for number, node in enumerate(tree.body):
        if isinstance(node, ast.ClassDef):
            name, own = names.fresh(f"{node.name}Base"), node.name
            (heir,) = statements(f"class {own}({name}):\n    pass")
            node.name = name
            tree.body.insert(number + 1, heir)
            break


@of_cell
def class_variables(tree: ast.Module, names: Names) -> None:
    """The class declares what it keeps in self, with None as a first value."""
    for node in tree.body:
        if not isinstance(node, ast.ClassDef) or node.decorator_list or node.bases:
            continue
        stored = {
            each.attr: None
            for each in ast.walk(node)
            if isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store)
        }
        if any(isinstance(each, ast.Assign) for each in node.body):
            continue  # __slots__ and others
        docstring, rest = split_docstring(node.body)
        first = [each for name in stored for each in statements(f"{name} = None")]
        node.body = [*docstring, *first, *rest]


@of_functions
def defaults_by_none(place: Place, names: Names) -> None:
    """A default value is filled in inside the function, where the argument is None."""
    given = place.function.args
    if not given.defaults or given.posonlyargs or place.function.decorator_list:
        return
    filled: Block = []
    for each, default in zip(given.args[-len(given.defaults) :], given.defaults, strict=True):
        filled += statements(
            "if GIVEN is None:\n    GIVEN = DEFAULT", GIVEN=each.arg, DEFAULT=default
        )
    given.defaults = [ast.Constant(None) for _ in given.defaults]
    _at_start(place.function, filled)


@of_functions
def returns_in_brackets(place: Place, names: Names) -> None:
    """A returned pair is unpacked into a new tuple of the same length."""
    for node in in_own_scope(place.function):
        match node:
            case ast.Return(ast.Tuple() as pair):
                node.value = ast.Tuple([ast.Starred(pair, ast.Load())], ast.Load())
