"""Mutation operators for what any Python code returns, names and makes.

They come after the operators of a course, which say more of the same change.
"""

import ast
from collections.abc import Iterator

from grader.authors.proof.mutation.code import Code, Edit, Rule, filled
from grader.authors.proof.mutation.scopes import is_container, is_numeric


class OtherReturn(Rule):
    """What is returned has a factor too many, a part too few, or is another type."""

    EXAMPLES = (
        ("def f(a):\n    return a + 1\n", "def f(a):\n    return 2 * (a + 1)\n"),
        (
            "def f():\n    a = []\n    return a\n",
            "def f():\n    a = []\n    return a[-1]\n",
        ),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Some for each number or list, also for those that are returned together."""
        for node in code.nodes(ast.Return):
            value = node.value
            values = value.elts if isinstance(value, ast.Tuple) else [value] if value else []
            for each in values:
                text = code.text(each)
                if is_container(code, each):
                    for made in self._of_list(code, each):
                        yield [code.put(each, made)]
                elif is_numeric(code, each) or isinstance(each, ast.Constant):
                    ways = ("2 * E", "E / 2", "E + 1", "E - 1", "E**2")
                    for way in (*ways, "str(E)", "[E]"):
                        yield [code.put(each, filled(way, {"E": text}))]

    def _of_list(self, code: Code, node: ast.expr) -> list[str]:
        name = code.text(node)
        if is_container(code, node, (ast.Dict, ast.DictComp)):
            return [f"list({name}.values())"]
        parts = ("[-1]", "[1:]", "[:-1]", "[::-1]", "[:1]")
        calls = ("sum({0})", "sum({0}) / len({0})", "sorted({0})", "{0} + {0}[-1:]")
        others = ("{0}[:1] + {0}[:-1]", "{0} * 2", "list(np.cumsum({0}))", "[{0}]")
        return [f"{name}{part}" for part in parts] + [c.format(name) for c in calls + others]


class OtherConstant(Rule):
    """A constant of the notebook has another value, or another type."""

    EXAMPLES = (
        ("N = 4\n", "N = 0\n"),
        ("N = 4\n", "N = 2\n", 4),
        ("N = 4\n", 'N = "4"\n', 7),
    )

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Some for each whole number that gets a name at the top."""
        for node in code.nodes(ast.Assign):
            value = node.value
            if code.scope(node) is not code.tree or not isinstance(value, ast.Constant):
                continue
            if isinstance(n := value.value, int):
                numbers = (0, -n, 1, 2 * n, n // 2, n + 0.5, n + 3)
                for text in (*map(str, numbers), f'"{n}"', f"[{n}]", "None", f"{n * 1.05:.5g}"):
                    yield [code.put(value, text)]


class SharedObject(Rule):
    """One object under two names, where there should be two."""

    EXAMPLES = (("a = f()\nb = f()\n", "a = f()\nb = a\n"), ("a = f()\nb = g()\n",) * 2)

    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """One for each object that is made like one above."""
        made: dict[str, str] = {}
        for node in code.nodes(ast.Assign):
            if isinstance(node.value, ast.Call):
                text = code.text(node.value)
                if text in made:
                    yield [code.put(node.value, made[text])]
                made.setdefault(text, code.text(node.targets[0]))


RULES: tuple[type[Rule], ...] = (OtherReturn, OtherConstant, SharedObject)
