"""Rewrites given as texts: what functions that a course names return, and how they begin."""

import ast
from collections.abc import Collection, Mapping

from grader.authors.proof.styles.rewrites import (
    Block,
    Names,
    Rewrite,
    add_import,
    expression,
    functions,
    in_own_scope,
    split_docstring,
    statements,
)


def results(name: str, why: str, texts: Mapping[str, str], values: Collection[str] = ()) -> Rewrite:
    """A rewrite of what functions return: the text of each stands for `return RESULT`.

    A method is named with its class. `values` are names of the texts that stand for a value, not
    for a function. NUMPY in a text is NumPy.
    """

    def change(tree: ast.Module, names: Names) -> None:
        for place in functions(tree):
            owner = f"{place.owner.name}." if place.owner else ""
            text = texts.get(owner + place.function.name)
            if text is None or _calls(place.function, place.function.name):
                continue
            for node in list(in_own_scope(place.function)):
                if isinstance(node, ast.Return) and node.value is not None:
                    _put_in_place(place.function, node, statements(text, RESULT=node.value))
        for node in tree.body:
            match node:
                case ast.Assign([ast.Name(id=target)], value) if target in texts:
                    if target in values:
                        text = texts[target].removeprefix("return ")
                        node.value = expression(text, RESULT=value)
        _name_numpy(tree, names)

    return Rewrite(name, why, change)


def arguments(name: str, why: str, texts: Mapping[str, str]) -> Rewrite:
    """A rewrite that puts the text of each function at its start."""

    def change(tree: ast.Module, names: Names) -> None:
        for place in functions(tree):
            owner = f"{place.owner.name}." if place.owner else ""
            text = texts.get(owner + place.function.name)
            if text is not None:
                docstring, rest = split_docstring(place.function.body)
                place.function.body = [*docstring, *statements(text), *rest]
        _name_numpy(tree, names)

    return Rewrite(name, why, change)


def _calls(function: ast.FunctionDef, name: str) -> bool:
    """Whether it calls itself: what it returns is then an argument, too."""
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(function))


def _put_in_place(function: ast.FunctionDef, old: ast.stmt, new: Block) -> None:
    for node in ast.walk(function):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list) and old in block:
                place = block.index(old)
                block[place : place + 1] = new
                return


def _name_numpy(tree: ast.Module, names: Names) -> None:
    """Import NumPy under a name of its own where a text below uses NUMPY."""
    used = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "NUMPY"]
    if used:
        name = names.fresh("numpy_itself")
        for node in used:
            node.id = name
        add_import(tree, f"import numpy as {name}")
