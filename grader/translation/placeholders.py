"""Texts with values in them, as a catalogue has them: `got {number}, expected {wanted:.3g}`.

A placeholder is an expression of Python's in braces, with a conversion and a format where it has
them; a brace of the text itself is doubled, as in an f-string.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORDS = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True)
class Placeholder:
    """A value in a text: its code between the braces."""

    code: str

    @property
    def shape(self) -> str:
        """The same for two that differ at most in texts that are written out in them."""
        tree = ast.parse(f"f'''{{{self.code}}}'''", mode="eval")
        return ast.dump(_Blank().visit(tree))

    @property
    def words(self) -> bool:
        """Whether it chooses among words that are written out in it, such as a plural's."""
        tree = ast.parse(f"f'''{{{self.code}}}'''", mode="eval")
        inner = [node for node in ast.walk(tree) if isinstance(node, ast.FormattedValue)]
        return any(
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and (not node.value or _WORDS.search(node.value))
            for each in inner
            for node in ast.walk(each.value)
        ) and any(isinstance(node, ast.IfExp) for each in inner for node in ast.walk(each.value))


class _Blank(ast.NodeTransformer):
    """Makes all texts that are written out alike."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if isinstance(node.value, str) else node


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


def mismatch(msgid: str, msgstr: str) -> str:
    """What is wrong with the placeholders of a translation; "" if nothing is.

    Each that is only a value must be there. One that chooses among English words, such as a
    plural's, may be left out, or choose among words of the other language.
    """
    wanted = [each for each in pieces(msgid) if isinstance(each, Placeholder)]
    try:
        given = [each for each in pieces(msgstr) if isinstance(each, Placeholder)]
    except ValueError as error:
        return str(error)
    shapes = {each.shape for each in wanted}
    for each in given:
        if each.shape not in shapes:
            return f"{{{each.code}}} is not in the English text"
    there = {each.shape for each in given}
    for each in wanted:
        if each.shape not in there and not each.words:
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
    text = text.replace("\\", "\\\\").replace('"', '\\"')
    return text.replace("\n", "\\n").replace("\t", "\\t").replace("\x1b", "\\x1b")


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
