"""Texts with values in them, as a catalogue has them: `got {number}, expected {wanted:.3g}`.

A placeholder is an expression of Python's in braces, with a conversion and a format where it has
them; a brace of the text itself is doubled, as in an f-string.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Literal

# How a text takes values: an f-string, "%", "...".format, a template's %(name)s; "" for not at all.
Form = Literal["f", "%", "format", "template", ""]
_CONVERSION = re.compile(r"%(?:\(\w+\))?[-+#0 ]*(?:\d+|\*)?(?:\.\d+)?[diouxXeEfFgGcrsa%]")


@dataclass(frozen=True)
class Placeholder:
    """A value in a text: its code between the braces."""

    code: str

    @property
    def shape(self) -> str:
        """The same for two that differ at most in the words that they choose among."""
        tree = ast.parse(f"f'''{{{self.code}}}'''", mode="eval")
        return ast.dump(_Blank().visit(tree))

    @property
    def is_choice(self) -> bool:
        """Whether it is one of two words that are written out in it, such as a plural."""
        tree = ast.parse(f"f'''{{{self.code}}}'''", mode="eval")
        value = next(node for node in ast.walk(tree) if isinstance(node, ast.FormattedValue)).value
        return isinstance(value, ast.IfExp) and all(map(_is_text, (value.body, value.orelse)))


class _Blank(ast.NodeTransformer):
    """Makes alike the words that an expression chooses among, and forms of a date; nothing else.

    A key, a name or a format must be the same, or the program would fail, or say another thing.
    """

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        self.generic_visit(node)
        node.body, node.orelse = _blank(node.body), _blank(node.orelse)
        return node

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.AST:
        self.generic_visit(node)
        node.values = [node.values[0], *map(_blank, node.values[1:])]
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "strftime":
            node.args = list(map(_blank, node.args))
        return node


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _blank(node: ast.expr) -> ast.expr:
    return ast.Constant("") if _is_text(node) else node


def of_node(node: ast.JoinedStr) -> str:
    """An f-string of a program as a catalogue has it."""
    return "".join(
        _doubled(str(part.value)) if isinstance(part, ast.Constant) else _braced(part)
        for part in node.values
    )


def _braced(part: ast.expr) -> str:
    assert isinstance(part, ast.FormattedValue)
    conversion = f"!{chr(part.conversion)}" if part.conversion != -1 else ""
    form = ""
    if part.format_spec is not None:
        assert isinstance(part.format_spec, ast.JoinedStr)
        form = ":" + of_node(part.format_spec)
    return f"{{{ast.unparse(part.value)}{conversion}{form}}}"


def pieces(text: str) -> Iterator[str | Placeholder]:
    """The parts of such a text, in their order; literal ones as they are read, without doubling.

    Raises ValueError for a brace that opens or closes nothing, or code that is none.
    """
    literal, position = "", 0
    while position < len(text):
        each = text[position]
        if text[position : position + 2] in ("{{", "}}"):
            literal += each
            position += 2
        elif each == "{":
            if literal:
                yield literal
            literal = ""
            end = _end(text, position)
            yield _checked(text[position + 1 : end])
            position = end + 1
        elif each == "}":
            raise ValueError("a } closes nothing; a brace of the text itself is written twice")
        else:
            literal += each
            position += 1
    if literal:
        yield literal


def mismatch(form: Form, msgid: str, msgstr: str) -> str:
    """What is wrong with the placeholders of a translation; "" if nothing is."""
    try:
        if form == "f":
            return _mismatch(msgid, msgstr)
        if form in ("%", "template"):
            wanted, given = (_CONVERSION.findall(text) for text in (msgid, msgstr))
            if form == "template":  # their names say which is which
                wanted, given = sorted(wanted), sorted(given)
        else:
            wanted, given = (_fields(text) for text in (msgid, msgstr)) if form else ([], [])
    except ValueError as error:
        return str(error)
    return "" if wanted == given else f"expected {', '.join(wanted)}, got {', '.join(given)}"


def _fields(text: str) -> list[str]:
    return [
        f"{{{name}{f'!{conversion}' if conversion else ''}:{form}}}"
        for _, name, form, conversion in Formatter().parse(text)
        if name is not None
    ]


def _mismatch(msgid: str, msgstr: str) -> str:
    """The same of an f-string.

    Each value must be there. What chooses one of two English words, such as a plural's, may be left
    out, or choose among words of the other language.
    """
    wanted = [each for each in pieces(msgid) if isinstance(each, Placeholder)]
    given = [each for each in pieces(msgstr) if isinstance(each, Placeholder)]
    shapes = {each.shape for each in wanted}
    for each in given:
        if each.shape not in shapes:
            return f"{{{each.code}}} is not in the English text"
    there = {each.shape for each in given}
    for each in wanted:
        if each.shape not in there and not each.is_choice:
            return f"{{{each.code}}} is missing"
    return ""


def as_code(text: str, is_format: bool) -> str:
    """A literal of Python's, in one line, for a text, with values in it or plain."""
    if not is_format:
        return _quoted(text)
    made = "".join(
        f"{{{each.code}}}" if isinstance(each, Placeholder) else _escaped(_doubled(each))
        for each in pieces(text)
    )
    return f'f"{made}"' if _has_placeholder(text) else _quoted("".join(map(str, pieces(text))))


def _has_placeholder(text: str) -> bool:
    return any(isinstance(each, Placeholder) for each in pieces(text))


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    """A text as it stands between quotes; what is no visible sign becomes an escape."""
    known = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
    return "".join(
        known.get(each) or (each if each.isprintable() else each.encode("unicode_escape").decode())
        for each in text
    )


def _doubled(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _end(text: str, start: int) -> int:
    """Where the brace closes that opens at `start`; quotes and other brackets are passed over."""
    depth, quote = 0, ""
    for position in range(start, len(text)):
        each = text[position]
        if quote:
            quote = "" if each == quote else quote
        elif each in "'\"":
            quote = each
        elif each in "{[(":
            depth += 1
        elif each in "}])":
            depth -= 1
            if not depth:
                return position
    raise ValueError("a { is not closed; a brace of the text itself is written twice")


def _checked(code: str) -> Placeholder:
    if '"' in code or "\\" in code or "\n" in code:
        raise ValueError(f"{{{code}}} has a mark that cannot stand in a placeholder")
    try:
        ast.parse(f"f'''{{{code}}}'''", mode="eval")
    except SyntaxError:
        raise ValueError(f"{{{code}}} is no placeholder") from None
    return Placeholder(code)
