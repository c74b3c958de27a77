"""Which cells need what a skipped one binds or changes, and what of a notebook may be skipped."""

import pytest

from grader.notebooks.skipped import Step, changes, has_tag, is_given_code, needs

SKIPPED = Step("plot", "", changes=frozenset({"x", "figure"}))


def read_by(*before_and_after: str, is_test: bool = False) -> set[str]:
    """The names that code, the last of it after a skipped cell, needs of that."""
    *before, after = before_and_after
    first = [Step("before", code) for code in before]
    found = needs([*first, SKIPPED, Step("reader", after, is_test=is_test)])
    assert all(need.skipped == "plot" for need in found)
    return {need.name for need in found}


USES = {
    "at its top": "print(x)",
    "in a call's argument": "f(a, *[x])",
    "before it binds it": "y = x\nx = 1",
    "to change it": "x += 1",
    "to delete it": "del x",
    "an item of it": "x[0] = 1",
    "an attribute of it": "x.a = 1",
    "in a function": "def f(): return x",
    "in a lambda": "f = lambda: x",
    "in a method": "class A:\n    def f(self): return x",
    "in the body of a class": "class A:\n    y = x",
    "as a default": "def f(a=x): pass",
    "as a decorator": "@x\ndef f(): pass",
    "in a comprehension": "[x for y in z]",
    "where it may be bound or not": "if a:\n    x = 1\nprint(x)",
    "after a loop that may run or not": "for x in a: pass\nprint(x)",
    "in another branch": "if a:\n    x = 1\nelse:\n    print(x)",
    "after an attempt": "try:\n    x = f()\nexcept ValueError:\n    pass\nprint(x)",
    "in a handler": "try:\n    pass\nexcept x:\n    pass",
    "as a context": "with x as y: pass",
    "in a match": "match x:\n    case 1: pass",
    "from the table of names": "globals()['x']",
    "by a method of that": "globals().get('x')",
    "by one of some names": "for name in ['x', 'y']: print(globals()[name])",
    "in a text that is run": "exec('print(x)')",
    "in a magic": "%timeit f(x)",
    "in a magic of the whole cell": "%%time\nprint(x)",
    "in what is no Python": "print x",
    "in a function that binds it": "def f():\n    global x\n    x = 1",
}


@pytest.mark.parametrize("how", USES)
def test_a_name_is_used(how: str) -> None:
    assert read_by(USES[how]) == {"x"}


UNUSED = {
    "another name": "print(y)",
    "bound first": "x = 1\nprint(x)",
    "bound in a pair": "x, y = 1, 2\nprint(x)",
    "imported": "import x\nprint(x)",
    "defined": "def x(): pass\nx()",
    "of a loop": "for x in a: print(x)",
    "of a context": "with a as x: print(x)",
    "bound in a context": "with a:\n    x = 1\n    print(x)",
    "an argument": "def f(x): return x",
    "an argument of a lambda": "f = lambda x: x",
    "local to a function": "def f():\n    x = 1\n    return lambda: x",
    "local to a comprehension": "[x for x in y]",
    "an attribute": "a.x",
    "a keyword": "f(x=1)",
    "in a text": "print('x')",
    "set in the table of names": "globals().update({'x': 1}, y=1)",
    "in a text beside the table of names": "print(globals(), len('x'))",
    "bound beside a magic": "%matplotlib inline\nx = 1\nprint(x)",
}


@pytest.mark.parametrize("how", UNUSED)
def test_a_name_is_not_used(how: str) -> None:
    assert not read_by(UNUSED[how])


def test_a_function_from_before_reads_a_name_that_the_cell_would_bind_later() -> None:
    assert read_by("x = 1\ndef f(): return x", "f()") == {"x"}
    # What is bound anew in between is not what the skipped cell would have made of it.
    assert not read_by("x = 1\nprint(x)", "x = 2\nprint(x)")
    test = Step("test", "f = lambda: x", is_test=True)
    assert not needs([test, SKIPPED])  # a test's functions are gone when it ends


def test_the_reader_and_the_cell_are_named() -> None:
    other = Step("clock", "", changes=frozenset({"seconds"}))
    tests = [Step(f"test-{name}", f"print({name})", is_test=True) for name in ("x", "seconds")]
    found = [(each.reader, each.name, each.skipped) for each in needs([other, SKIPPED, *tests])]
    assert found == [("test-x", "x", "plot"), ("test-seconds", "seconds", "clock")]


@pytest.mark.parametrize(
    "source",
    ["(" * 500 + ")" * 500, "-" * 50_000 + "1", "a." * 50_000 + "a", "\0", "x = 1\n" * 50_000],
    ids=["parentheses", "signs", "attributes", "a null", "very long"],
)
def test_code_that_is_hard_to_parse_counts_by_its_words(source: str) -> None:
    assert read_by(f"{source}\nx") == {"x"}
    assert not read_by(source.replace("x", "y"))


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a, (b, *c) = 1, (2, 3)\nfor d in a: e = 1", {"a", "b", "c", "d", "e"}),
        ("import numpy.linalg as la, os.path\nfrom math import pi", {"la", "os", "pi"}),
        ("def f():\n    global a\n    a = b = 1", {"f", "a"}),
        ("a.b.c = 1\nd[0] = 2\ndel e.f", {"a", "d", "e"}),
        ("losses.append(1)\nplt.plot(losses)\nnetwork.layers[0].clear()", {"losses", "network"}),
        ("for b in a.take(32): c.append(b.sum())\nprint(d.items())", {"b", "c"}),
        ("print(a, b[0], c.d)\n[e for e in f]", set()),
        ("what are these", {"what", "are", "these"}),
    ],
)
def test_what_a_cell_changes(source: str, names: set[str]) -> None:
    assert changes(source, ["plt"]) == names


def test_only_given_code_may_be_skipped() -> None:
    about = {"grade_id": "a", "locked": True, "grade": False, "solution": False}
    given = {"cell_type": "code", "metadata": {"nbgrader": about, "tags": ["skip-execution"]}}
    assert is_given_code(given)
    assert has_tag(given)
    for other in ({"grade": True}, {"solution": True}, {"locked": False}):
        metadata = {"nbgrader": {**about, **other}}
        assert not is_given_code({"cell_type": "code", "metadata": metadata})
    assert not is_given_code({**given, "cell_type": "markdown"})
    assert not is_given_code({"cell_type": "code", "metadata": {}})
    for tags in (None, "skip-execution", ["other"], {"skip-execution": 1}):
        assert not has_tag({"cell_type": "code", "metadata": {"tags": tags}})
