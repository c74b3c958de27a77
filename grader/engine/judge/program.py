"""A test cell read once for a whole class: its code, the names that it uses, what it defines.

To read and compile a long cell takes several milliseconds, and each notebook has a judge of its
own. So the worker, which is told the tests anyhow, reads each cell once and hands on what it found.
"""

import ast
import base64
import marshal
import tokenize
import warnings
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from textwrap import dedent
from types import CodeType
from typing import NamedTuple

_MOST_KEPT = 256  # test cells; those of a course's assignments, for a grader that stays


class Definition(NamedTuple):
    """A class or a function that a test defines."""

    is_class: bool
    first_line: int  # that of its first decorator, if it has one
    source: str
    names: tuple[str, ...]  # all that stand in it, in the order of the alphabet
    attributes: tuple[str, ...]  # that it gives `self`


Definitions = dict[str, list[Definition]]


class Program(NamedTuple):
    """What a test cell is: `body`, and `last`, the expression of its last line if that is one."""

    body: CodeType
    last: CodeType | None
    shows_last: bool  # not if a semicolon stands after it, as in a notebook
    names: frozenset[str]  # those in its code, and in texts, as in globals()["history"]
    definitions: Definitions


def compiled(name: str | None, source: str) -> Program:
    """Read a test cell; raises what Python raises for what is no code."""
    tree = ast.parse(source, file_of(name))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Constant) and str(node.value).isidentifier():
            names.add(str(node.value))
    definitions = definitions_of(source, tree)
    value, shows_last = None, False
    if tree.body and isinstance(last := tree.body[-1], ast.Expr):
        tree.body.pop()
        value = _code(ast.Expression(last.value), name, "eval")
        shows_last = not _is_silenced(source, last)
    return Program(_code(tree, name, "exec"), value, shows_last, frozenset(names), definitions)


def _code(tree: ast.Module | ast.Expression, name: str | None, mode: str) -> CodeType:
    # With its assertions, whatever the grader was started with.
    code: CodeType = compile(tree, file_of(name), mode, dont_inherit=True, optimize=0)
    return code


@lru_cache(_MOST_KEPT)
def packed(name: str | None, source: str) -> str | None:
    """A test cell, compiled, as text for a process of the same Python; None for what is no code:
    who runs it is told why.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = compiled(name, source)
    except Exception:
        return None
    # Of plain tuples, for marshal takes no others.
    of_each = {each: [tuple(one) for one in found] for each, found in made.definitions.items()}
    return base64.b64encode(marshal.dumps((*made[:-1], of_each))).decode()


def unpacked(text: str) -> Program:
    """What `packed` has made."""
    body, last, shows_last, names, definitions = marshal.loads(base64.b64decode(text))
    of_each = {each: [Definition(*one) for one in found] for each, found in definitions.items()}
    return Program(body, last, shows_last, names, of_each)


def file_of(name: str | None) -> str:
    """What stands for a file's name in the code of a test cell."""
    return f"<test {name}>"


def definitions_of(source: str, tree: ast.Module) -> Definitions:
    """All classes and functions that a test defines, inner ones too, by name."""
    lines = _lines(source)
    found: Definitions = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
            made = Definition(
                isinstance(node, ast.ClassDef),
                min(each.lineno for each in (node, *node.decorator_list)),
                dedent("\n".join(lines[node.lineno - 1 : node.end_lineno])),
                tuple(sorted(names)),
                tuple(dict.fromkeys(_attributes(node))),
            )
            found.setdefault(node.name, []).append(made)
    return found


def _lines(source: str) -> list[str]:
    """The lines that Python counts; `splitlines` takes a form feed for the end of one, too."""
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _attributes(definition: ast.AST) -> Iterator[str]:
    for part in ast.walk(definition):
        if (
            isinstance(part, ast.Attribute)
            and isinstance(part.ctx, ast.Store)
            and isinstance(part.value, ast.Name)
            and part.value.id == "self"
        ):
            yield part.attr


def _is_silenced(source: str, last: ast.Expr) -> bool:
    """Whether a semicolon stands after the last expression: then a notebook does not show it."""
    lines = _lines(source)
    if not any(";" in line for line in lines[last.lineno - 1 :]):
        return False  # IPython would say so, too, but it takes the whole cell to pieces for it
    from IPython.core.displayhook import DisplayHook

    with suppress(tokenize.TokenError, SyntaxError):
        return bool(DisplayHook.semicolon_at_end_of_expression(source))
    return False
