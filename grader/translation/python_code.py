"""The texts in Python code that a learner reads: found for a catalogue, and put in from one.

A text is a string, an f-string, a comment or a docstring. An f-string stands in a catalogue with
its expressions in braces, as it is written, so the values come to stand where the translation wants
them. The code around the texts stays as it is.
"""

import ast
import inspect
import io
import re
import tokenize
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from grader.translation import placeholders
from grader.translation.widths import columns, wrapped

_WIDTH = 96  # columns of a line of code that is written here
_FAR = 24  # columns behind the begin of its line, from where a string has lines of its own
_NARROWEST = 40  # of a piece of a string that is broken
_SHORT = 32  # of a string that is not broken, wherever it begins
_WORD = re.compile(r"[^\W\d_]{2,}")
_WORDS = re.compile(r"(?:[^\W\d_]{2,}|\b[aA])[,;:.!?)\"'´`]*\s+[(\"'`]*[^\W\d_]|^\d+ [^\W\d_]{4,}$")
_CHOICE = re.compile(r"\(?[^\W\d_]{4,}\)?")
_WORDS_OF_A_MESSAGE = 3
_SENTENCE = re.compile(r"[^\W\d_]{3,}\s*[.:!?]\s*$|^\s*[^\W\d_]{4,}: \d")
# Code, or for programs: a type checker, a linter, Colab, nbgrader.
_NO_TEXT = re.compile(r"##|#\s*(?:noqa|type:|fmt:|ruff:|mypy:|@)")
# A pattern, a tag, a declaration of CSS, the end of a file's name.
_NO_WORDS = re.compile(
    r"\\[AZsSwdx(\[]|\(\?|\[\^|\]\[|</|<\w+ \w+=|^[\w-]+: [^ ]+; |^\.\w|%d-|^ \w+=\""
    r"|[a-z]\|[A-Z]|\{1,"
)
_MARK = "not translated"  # a comment that says of the strings on its line that they are data
# Words in a figure stay English, for no font with other letters is sure to be there.
_IN_FIGURES = frozenset(("label", "title", "xlabel", "ylabel", "suptitle"))
# What is handed to these is looked for, or is a name; nobody reads it.
_LOOKED_FOR = frozenset(
    (
        *("compile", "match", "search", "fullmatch", "findall", "finditer", "sub", "split"),
        *("startswith", "endswith", "removeprefix", "removesuffix", "replace", "partition"),
        *("rpartition", "getattr", "hasattr", "strftime", "encode", "get", "count", "Path", "open"),
        *("add_parser", "add_subparsers", "set_title", "set_xlabel", "set_ylabel", "suptitle"),
        *("debug", "info", "warning", "error"),
    )
)
# Settings, whose help is for instructors.
_SETTINGS = frozenset(("Bool", "Enum", "Float", "Int", "Integer", "List", "Unicode"))
# Within these, lines may be broken; a tuple may have no brackets.
_BRACKETS = (ast.Call, ast.keyword, ast.List, ast.Dict, ast.Set)


@dataclass(frozen=True)
class Text:
    """A text in code: what a catalogue calls it, and where it stands, as offsets of characters.

    `put` makes the code that stands there with a translation. `form`: how it takes values.
    """

    msgid: str
    start: int
    end: int
    line: int
    put: Callable[[str], str]
    form: placeholders.Form = ""
    explains: bool = False  # a comment or a docstring


def texts(code: str, *, explained: bool = True) -> list[Text]:
    """The texts of some code in their order; with those of comments and docstrings if `explained`.

    None of code that is no Python.
    """
    try:
        tree = ast.parse(code)
        offsets = _Offsets(code)
        comments = list(_comment_tokens(code))
        marked = {each.start[0] for each in comments if _MARK in each.string}
        found = list(_strings(tree, offsets, marked))
        if explained:
            found += [*_docstrings(tree, offsets), *_comments(comments, offsets)]
    except (SyntaxError, ValueError, tokenize.TokenError):
        return []
    return sorted(found, key=lambda text: text.start)


def translated(code: str, known: Mapping[str, str]) -> str:
    """The code with each text that has a translation in its place.

    Where the placeholders of one do not match, the English stays; and so does all of it if more
    than words would change.
    """
    made, last = [], 0
    for text in texts(code):
        put = known.get(text.msgid)
        # A comment may stand between the pieces of a string.
        if not put or put == text.msgid or text.start < last:
            continue
        if placeholders.mismatch(text.form, text.msgid, put):
            continue
        made += [code[last : text.start], text.put(put)]
        last = text.end
    whole = "".join((*made, code[last:]))
    return whole if not made or _is_the_same(code, whole) else code


def _is_the_same(code: str, other: str) -> bool:
    """Whether two pieces of code differ at most in texts and comments.

    The placeholders of each f-string were compared by themselves.
    """
    try:
        ours, theirs = (ast.dump(_Blank().visit(ast.parse(each))) for each in (code, other))
    except (SyntaxError, ValueError):
        return False
    return ours == theirs


class _Blank(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, _: ast.JoinedStr) -> ast.AST:
        return ast.Constant("")


class _Offsets:
    """Turns what ast and tokenize say of a place into the offset of a character, and back."""

    def __init__(self, code: str) -> None:
        self.code, self._lines = code, code.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def of(self, line: int, column: int) -> int:
        """The offset of a place, whose column counts characters."""
        return self._starts[line - 1] + column

    def of_node(self, node: ast.expr) -> tuple[int, int]:
        """Where a node begins and ends."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return (
            self._of_bytes(node.lineno, node.col_offset),
            self._of_bytes(node.end_lineno, node.end_col_offset),
        )

    def _of_bytes(self, line: int, column: int) -> int:
        return self.of(line, len(self._lines[line - 1].encode()[:column].decode()))

    def column(self, line: int, offset: int) -> int:
        """How far from the left an offset in a line is."""
        return offset - self._starts[line - 1]


# Strings


def _strings(tree: ast.AST, offsets: _Offsets, marked: Collection[int]) -> Iterator[Text]:
    """The strings; none on a line that is `marked` as not to be translated."""
    for node, parent in _shown(tree, None):
        assert node.end_lineno is not None
        if any(line in marked for line in range(node.lineno, node.end_lineno + 1)):
            continue
        is_format = isinstance(node, ast.JoinedStr)
        try:
            msgid = (
                placeholders.of_node(node) if isinstance(node, ast.JoinedStr) else str(node.value)
            )
            # One of two words, such as "ready" or "not ready", is shown alone.
            is_choice = isinstance(parent, ast.IfExp) and _CHOICE.fullmatch(msgid)
            if not is_choice and not _is_text(msgid, is_format):
                continue
        except ValueError:  # an expression that no catalogue can hold
            continue
        start, end = offsets.of_node(node)
        column = offsets.column(node.lineno, start)
        before = offsets.code[start - column : start]
        is_loose = not isinstance(parent, _BRACKETS) and not before.rstrip().endswith("(")
        put: Callable[[str], str] = partial(_literal, column, is_loose, is_format)
        indent = len(before) - len(before.lstrip()) + 4
        if before.endswith(", ") and not is_loose and column - indent > _FAR:
            start -= 1
            put = partial(_after_others, indent, put, is_format)
        yield Text(msgid, start, end, node.lineno, put, _form(node, parent))


def _form(node: ast.expr, parent: ast.AST) -> placeholders.Form:
    if isinstance(node, ast.JoinedStr):
        return "f"
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Mod):
        return "%"
    is_method = isinstance(parent, ast.Attribute) and parent.attr == "format"
    return "format" if is_method else ""


def _shown(
    node: ast.AST, parent: ast.AST | None
) -> Iterator[tuple[ast.JoinedStr | ast.Constant, ast.AST]]:
    """The strings in a piece of code that may be shown to somebody, each with what it stands in."""
    if isinstance(node, ast.JoinedStr):
        assert parent is not None
        yield node, parent
        return
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str) and parent is not None:
            yield node, parent
        return
    for child in _children(node):
        yield from _shown(child, node)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """What is in a piece of code, without strings that nobody reads: names, what is compared."""
    if _is_unread(node):
        return
    if isinstance(node, ast.Return) and isinstance(node.value, ast.IfExp):
        # A function that gives one of two words tells them to the program.
        yield from (each for each in ast.iter_child_nodes(node.value) if not _is_word(each))
    elif isinstance(node, ast.Subscript):
        yield node.value
    elif isinstance(node, ast.Dict):
        yield from node.values
        # A table of messages; a key that is looked up by its name is shorter.
        yield from (each for each in node.keys if isinstance(each, ast.Constant) and _is_long(each))
    elif isinstance(node, ast.Call) and _name(node.func) in _LOOKED_FOR:
        yield node.func
        yield from (each for each in node.args if not isinstance(each, ast.Constant))
        yield from node.keywords
    elif isinstance(node, ast.Call) and _name(node.func).startswith("assert"):
        # unittest's: the message comes behind what is compared.
        yield from (*node.args[2:], *node.keywords)
    elif isinstance(node, ast.AnnAssign):
        yield from (each for each in (node.value,) if each is not None)
    else:
        yield from ast.iter_child_nodes(node)


def _is_word(node: ast.AST) -> bool:
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return is_text and bool(_CHOICE.fullmatch(node.value))  # type: ignore[attr-defined]


def _is_long(node: ast.Constant) -> bool:
    if not isinstance(node.value, str):
        return False
    return len(node.value.split()) >= _WORDS_OF_A_MESSAGE or node.value[:1].isdigit()


def _is_unread(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return node.arg in _IN_FIGURES
    if isinstance(node, ast.Call):
        return _name(node.func) in _SETTINGS
    if isinstance(node, ast.Expr):  # a docstring, or nothing at all
        return isinstance(node.value, ast.Constant)
    return isinstance(node, (ast.Compare, ast.arg, ast.pattern))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _is_text(msgid: str, is_format: bool) -> bool:
    """Whether a string has words for a person in it."""
    if not is_format:
        has_words = _WORDS.search(msgid) or _SENTENCE.search(msgid)
        return bool(has_words and not _NO_WORDS.search(msgid))
    parts = placeholders.pieces(msgid)
    literal = "".join(each if isinstance(each, str) else "0" for each in parts)
    if _NO_WORDS.search(literal):
        return False
    return bool(_WORD.search(literal)) and (" " in literal.strip() or not literal.isascii())


def _literal(column: int, is_loose: bool, is_format: bool, text: str) -> str:
    """The code of a string: in several pieces, one below the other, where it is long."""
    one = placeholders.as_code(text, is_format)
    if column + columns(one) <= _WIDTH or columns(one) <= _SHORT:
        return one
    most = max(_NARROWEST, _WIDTH - column - 4)
    lines = [line for each in text.split("\n") for line in wrapped(f"{each}\n", most)]
    lines[-1] = lines[-1].removesuffix("\n")
    lines = _whole(lines) if is_format else [line for line in lines if line]
    if len(lines) < 2:
        return one
    indent = " " * (column + is_loose)
    code = f"\n{indent}".join(placeholders.as_code(line, is_format) for line in lines if line)
    return f"({code})" if is_loose else code


def _after_others(indent: int, in_line: Callable[[str], str], is_format: bool, text: str) -> str:
    """The code of an argument behind others: on lines of its own if it does not fit in theirs."""
    code = in_line(text)
    if "\n" not in code:
        return f" {code}"
    return f"\n{' ' * indent}{_literal(indent, False, is_format, text)}"


def _whole(lines: list[str]) -> list[str]:
    """The lines, joined where a placeholder goes on from one to the next."""
    whole: list[str] = []
    open_one = ""
    for line in lines:
        open_one += line
        try:
            list(placeholders.pieces(open_one))
        except ValueError:
            continue
        whole.append(open_one)
        open_one = ""
    return [*whole, open_one] if open_one else whole


# Docstrings and comments


def _docstrings(tree: ast.AST, offsets: _Offsets) -> Iterator[Text]:
    for node in ast.walk(tree):
        if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) or not node.body:
            continue
        first = node.body[0]
        if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)):
            continue
        if not isinstance(first.value.value, str) or not _WORD.search(first.value.value):
            continue
        start, end = offsets.of_node(first.value)
        column = offsets.column(first.value.lineno, start)
        text = inspect.cleandoc(first.value.value)
        yield Text(text, start, end, first.value.lineno, partial(_docstring, column), explains=True)


def _docstring(column: int, text: str) -> str:
    text = "".join(each for each in text if each == "\n" or each.isprintable())
    text = text.replace("\\", "\\\\")
    if '""' in text or text.endswith('"'):
        text = text.replace('"', '\\"')
    lines = [
        part.rstrip()
        for line in text.split("\n")
        for part in (wrapped(line, _WIDTH - column) if not line.startswith(" ") else [line])
    ]
    if len(lines) == 1 and column + columns(lines[0]) + 6 <= _WIDTH:
        return f'"""{lines[0]}"""'
    indent = " " * column
    body = "\n".join(f"{indent}{line}".rstrip() for line in lines[1:])
    return f'"""{lines[0]}\n{body}\n{indent}"""' if body else f'"""{lines[0]}\n{indent}"""'


def _comment_tokens(code: str) -> Iterator[tokenize.TokenInfo]:
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            yield token


def _comments(comments: Iterable[tokenize.TokenInfo], offsets: _Offsets) -> Iterator[Text]:
    """Comments; those of lines that follow each other are one."""
    for run in _runs(comments):
        msgid = " ".join(token.string.lstrip("#").strip() for token in run)
        if not _WORDS.search(msgid):
            continue
        (line, column), end = run[0].start, run[-1].end
        is_alone = not run[0].line[:column].strip()
        put = partial(_comment, column, is_alone)
        yield Text(msgid, offsets.of(line, column), offsets.of(*end), line, put, explains=True)


def _runs(comments: Iterable[tokenize.TokenInfo]) -> Iterator[list[tokenize.TokenInfo]]:
    run: list[tokenize.TokenInfo] = []
    for token in comments:
        if _NO_TEXT.match(token.string) or _MARK in token.string:
            continue
        is_alone = not token.line[: token.start[1]].strip()
        follows = run and (
            is_alone
            and not run[-1].line[: run[-1].start[1]].strip()
            and token.start == (run[-1].start[0] + 1, run[-1].start[1])
        )
        if run and not follows:
            yield run
            run = []
        run.append(token)
    if run:
        yield run


def _comment(column: int, is_alone: bool, text: str) -> str:
    text = " ".join(text.split())
    text = "".join(each for each in text if each.isprintable())
    if not is_alone:
        return f"# {text}"
    return f"\n{' ' * column}".join(
        f"# {line.rstrip()}" for line in wrapped(text, _WIDTH - column - 2)
    )
