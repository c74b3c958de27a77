"""Whether a student's own cell holds prose, which may be an answer: in a text cell or in code."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

from nbformat import NotebookNode

_MOST = 50_000  # characters of a cell that are looked at
_FEWEST, _FEWEST_FAR = 2, 8  # words of an answer beside its cell, and anywhere else
_FEWEST_AMONG_CODE = 6
_LONG_TEXT = 4  # words: shorter strings in code are labels
_MARKUP = re.compile(r"<[^<>]{0,500}>|!?\[[^\[\]]{0,500}\]\([^()]{0,500}\)|https?://\S+")
_WORD = re.compile(r"[\uac00-\ud7a3]+|[^\W\d_]{2,}|\d+")
# Written without spaces, or with few: about so many letters to a word.
_OF_LONG_WORDS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_LETTERS = 2
_SYMBOLS = re.compile(r"[=()\[\]{};]")
_NO_LETTER = re.compile(r"[\W_]+")
_TEXT_MAGIC = re.compile(r"%%(?:markdown|html|latex|HTML)\b.*\n")


def of_cell(cell: NotebookNode, *, near: bool) -> str:
    """The prose in a cell that is a student's own; "" where it holds none that may be an answer.

    `near`: it stands beside the cell for the answer; anywhere else it takes more words. Of code,
    an ordinary calculation with its comments is no prose: that outweighs the code or stands alone.
    """
    source = cell.source[:_MOST]
    text = in_code(source) if cell.cell_type == "code" else source
    return text if words(text) >= (_FEWEST if near else _FEWEST_FAR) else ""


def words(text: str) -> int:
    """How many words a text has, without links and pictures."""
    text = _MARKUP.sub(" ", text)
    letters = len(_OF_LONG_WORDS.findall(text))
    return len(_WORD.findall(_OF_LONG_WORDS.sub(" ", text))) + letters // _LETTERS


def added(text: str, given: str) -> str:
    """The lines of `text` that were not given, in these or other lines: a program that formats
    notebooks breaks lines elsewhere, and turns quotes.
    """
    lines, letters = {line.strip() for line in given.split("\n")}, _letters(given)
    return "\n".join(
        line
        for line in text.split("\n")
        if line.strip() not in lines and not ((own := _letters(line)) and own in letters)
    )


def _letters(text: str) -> str:
    """The letters and digits of a text, without all that is between them."""
    return _NO_LETTER.sub("", text)


def in_code(source: str) -> str:
    """The comments and texts in a code cell, if they are what the cell is about."""
    if magic := _TEXT_MAGIC.match(source):
        return source[magic.end() :]
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _not_python(source)
    found = [*_comments(source), *_texts(tree)]
    text = "\n".join(found)
    code = sum(isinstance(node, (ast.Name, ast.Attribute, ast.arg)) for node in ast.walk(tree))
    code += sum(
        isinstance(node, ast.Constant) and isinstance(node.value, (int, float))
        for node in ast.walk(tree)
    )
    is_alone = code <= len(tree.body)  # a print, or a name that the text is given to
    if is_alone or words(text) >= max(_FEWEST_AMONG_CODE, 2 * code):
        return text
    return ""


def _not_python(source: str) -> str:
    """A text that was typed into a code cell as it is; "" for code with a mistake or a magic."""
    if re.search(r"^\s*[%!?]", source, re.MULTILINE):
        return ""
    is_text = words(source) >= max(_FEWEST_AMONG_CODE, 3 * len(_SYMBOLS.findall(source)))
    return source if is_text else ""


def _comments(source: str) -> Iterator[str]:
    """The comments that are not code which was put out of use."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                text = token.string.lstrip("#").strip()
                if text and not _is_code(text):
                    yield text
    except (tokenize.TokenError, SyntaxError):
        return


def _is_code(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    plain = (ast.Name, ast.Constant, ast.Tuple, ast.Load, ast.Expr, ast.Module)
    return not all(isinstance(node, plain) for node in ast.walk(tree))


def _texts(node: ast.AST) -> Iterator[str]:
    """The strings that are no labels, messages of errors, or docstrings of what does something."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Constant):
            if isinstance(child.value, str) and (
                isinstance(node, ast.Expr) or words(child.value) >= _LONG_TEXT or _is_print(node)
            ):
                yield child.value
        elif not _is_docstring(node, child) and not isinstance(child, ast.Raise):
            yield from _texts(child)


def _is_print(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("print", "display")


def _is_docstring(node: ast.AST, child: ast.AST) -> bool:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    if not isinstance(node, kinds) or child is not node.body[0] or len(node.body) == 1:
        return False
    is_pass = all(isinstance(each, (ast.Pass, ast.Expr)) for each in node.body[1:])
    return isinstance(child, ast.Expr) and not is_pass
