"""Source code that can be changed in places: what the operators of this package are made with.

cosmic-ray's own operators work on the trees of parso. The ones of this package say which pieces
of the text take whose place, found with Python's own syntax tree, and keep the rest as it is.
"""

import ast
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Any, ClassVar, TypeVar

from cosmic_ray.ast import get_ast
from cosmic_ray.operators.operator import Example, Operator

from grader.authors.proof.words import NO_WORDS, Words

_Node = TypeVar("_Node", bound=ast.AST)


@dataclass(frozen=True)
class Edit:
    """The bytes from `start` to `end` become `text`, in parentheses if an expression needs them."""

    start: int
    end: int
    text: str
    is_expression: bool = False


class Code:
    """A source with its syntax tree; the nodes stand in the order of the text."""

    def __init__(self, source: str, words: Words = NO_WORDS) -> None:
        """`words` say what its names stand for."""
        self.source, self.words = source, words
        self.tree = ast.parse(source)
        # The tree counts columns in bytes.
        self._data = source.encode()
        self._is_open = not source.endswith("\n")  # its last line does not end
        if self._is_open:
            self._data += b"\n"
        self._starts = [0, *accumulate(len(line) for line in self._data.splitlines(keepends=True))]
        self._parents = {
            child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)
        }
        placed = [node for node in ast.walk(self.tree) if hasattr(node, "lineno")]
        self._nodes = sorted(placed, key=lambda node: (self.start(node), -self.end(node)))

    def nodes(self, kind: type[_Node]) -> Iterator[_Node]:
        """The nodes of one kind, docstrings left out."""
        for node in self._nodes:
            if isinstance(node, kind) and not self.is_docstring(node):
                yield node

    def parent(self, node: ast.AST) -> ast.AST | None:
        """The node that holds it."""
        return self._parents.get(node)

    def scope(self, node: ast.AST) -> ast.AST:
        """The function that a node is in, or the module."""
        above = self.parent(node)
        while above is not None and not isinstance(above, ast.FunctionDef):
            above = self.parent(above)
        return above or self.tree

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that holds it."""
        while not isinstance(node, ast.stmt):
            node = self._parents[node]
        return node

    def start(self, node: Any) -> int:
        """Where it begins, its decorators included."""
        first = min([node, *getattr(node, "decorator_list", [])], key=lambda one: one.lineno)
        at: int = self._starts[first.lineno - 1] + first.col_offset
        return at - (first is not node)  # the @

    def end(self, node: Any) -> int:
        """Where it ends."""
        at: int = self._starts[node.end_lineno - 1] + node.end_col_offset
        return at

    def text(self, node: ast.AST) -> str:
        """The text of a node."""
        return self._data[self.start(node) : self.end(node)].decode()

    def is_docstring(self, node: ast.AST) -> bool:
        """Whether it is a string that stands alone, or the statement made of it."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return isinstance(self.parent(node), ast.Expr)
        return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)

    # Statements

    def blocks(self) -> Iterator[list[ast.stmt]]:
        """Every list of statements that stand on lines of their own, without docstrings."""
        for node in [self.tree, *self._nodes]:
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list) and all(map(self._is_alone, block)):
                    yield [each for each in block if not self.is_docstring(each)]

    def _is_alone(self, statement: ast.stmt) -> bool:
        before = self._data[self._line_start(statement) : self.start(statement)]
        after = self._data[self.end(statement) :].partition(b"\n")[0].strip()
        return not before.strip() and (not after or after.startswith(b"#"))

    def _line_start(self, node: ast.AST) -> int:
        return self._data.rfind(b"\n", 0, self.start(node)) + 1

    def _line_end(self, node: ast.AST) -> int:
        return self._data.find(b"\n", self.end(node)) + 1

    def indent(self, node: ast.AST) -> str:
        """The white space at the beginning of its first line."""
        start = self._line_start(node)
        line = self._data[start:].partition(b"\n")[0].decode()
        return line[: len(line) - len(line.lstrip())]

    def lines(self, statement: ast.stmt, indent: str | None = None) -> str:
        """Its lines, indented anew if `indent` is given; the last one ends."""
        text = self.indent(statement) + self.text(statement)
        own = self.indent(statement)
        new = own if indent is None else indent
        return "".join(new + line.removeprefix(own) + "\n" for line in text.split("\n"))

    def remove(self, statement: ast.stmt) -> Edit:
        """Without its lines; `pass` stays where nothing else is in the block."""
        parent = self.parent(statement)
        alone = any(
            getattr(parent, name, None) == [statement] for name in ("body", "orelse", "finalbody")
        )
        if alone and not isinstance(parent, ast.Module):
            return Edit(self.start(statement), self.end(statement), "pass")
        return Edit(self._line_start(statement), self._line_end(statement), "")

    def insert_before(self, statement: ast.stmt, lines: str) -> Edit:
        """With `lines` above a statement."""
        at = self._line_start(statement)
        return Edit(at, at, lines)

    def insert_after(self, statement: ast.stmt, lines: str) -> Edit:
        """With `lines` below a statement."""
        at = self._line_end(statement)
        return Edit(at, at, lines)

    # Changes

    def put(self, node: ast.AST, text: str) -> Edit:
        """Another text in the place of a node."""
        start, end = self.start(node), self.end(node)
        if isinstance(node, ast.expr) and is_expression_text(text):
            # Parentheses around the node go; those that the text needs come back.
            if self._data[start - 1 : start] == b"(" and self._data[end : end + 1] == b")":
                start, end = start - 1, end + 1
            return Edit(start, end, text, is_expression=True)
        return Edit(start, end, text.replace("\n", "\n" + self.indent(node)))

    def exchange(self, one: ast.AST, other: ast.AST) -> list[Edit]:
        """Two expressions in each other's place."""
        return [self.put(one, self.text(other)), self.put(other, self.text(one))]

    def edited(self, edits: Sequence[Edit]) -> str:
        """The source after the edits, without parentheses that say nothing."""
        wrapped = {edit for edit in edits if edit.is_expression}
        try:
            meant = ast.dump(ast.parse(self._spliced(edits, wrapped)))
        except SyntaxError:
            return self._spliced(edits, set())
        for edit in sorted(wrapped, key=lambda edit: edit.start):
            source = self._spliced(edits, wrapped - {edit})
            try:
                if ast.dump(ast.parse(source)) == meant:
                    wrapped.discard(edit)
            except SyntaxError:
                continue
        return self._spliced(edits, wrapped)

    def _spliced(self, edits: Sequence[Edit], wrapped: set[Edit]) -> str:
        parts, at = [], 0
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            text = f"({edit.text})" if edit in wrapped else edit.text
            parts += [self._data[at : edit.start], text.encode()]
            at = edit.end
        spliced = b"".join([*parts, self._data[at:]]).decode()
        return spliced.removesuffix("\n") if self._is_open else spliced


def is_expression_text(text: str) -> bool:
    """Whether the text is an expression, and no statement."""
    try:
        ast.parse(text, mode="eval")
    except SyntaxError:
        try:
            ast.parse(f"({text})", mode="eval")
        except SyntaxError:
            return False
    return True


@lru_cache(maxsize=64)
def code_of(source: str, words: Words = NO_WORDS) -> Code:
    """The source with its tree, made once."""
    return Code(source, words)


def is_wildcard(name: str) -> bool:
    """Whether the name in a template stands for something else: one upper-case letter."""
    return len(name) == 1 and name.isupper()


def filled(template: str, wildcards: Mapping[str, str]) -> str:
    """The template with texts in the place of its wildcards, in parentheses where needed."""
    code = code_of(template)
    return code.edited(
        [
            code.put(node, wildcards[node.id])
            for node in code.nodes(ast.Name)
            if is_wildcard(node.id)
        ]
    )


class Rule(Operator):  # type: ignore[misc]
    """An operator that changes pieces of the text, found with Python's own syntax tree.

    To cosmic-ray it is one that mutates whole modules.
    """

    words: Words = NO_WORDS  # what the names in the code stand for

    # (before, after) or (before, after, which of the changes)
    EXAMPLES: ClassVar[tuple[tuple[str, str] | tuple[str, str, int], ...]] = ()

    @abstractmethod
    def changes(self, code: Code) -> Iterator[list[Edit]]:
        """Every mutation of the code, as edits."""

    def mutants(self, source: str) -> list[str]:
        """The source after each of the changes."""
        code = code_of(source, self.words)
        return [code.edited(edits) for edits in self.changes(code)]

    def mutation_positions(self, node: Any) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        """One position for each change."""
        if node.type == "file_input":
            for _ in self.changes(code_of(node.get_code(), self.words)):
                yield node.start_pos, node.end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """The module after the change with this number."""
        return get_ast(self.mutants(node.get_code())[index])

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """What it makes of small pieces of code."""
        return tuple(Example(*each) for each in cls.EXAMPLES)
