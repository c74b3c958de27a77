"""Which notebook of the assignment a file is, whatever it is called.

Colab, browsers and Jupyter rename what they copy: "Copy of 2-tanh.ipynb", "2-tanh (1).ipynb",
"2-tanh.ipynb의 사본". Such a file is taken where its name and its cells leave no doubt. The same
is asked of a file in submitted/ and of one that is collected from a platform.
"""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from nbformat import NotebookNode

from grader.notebooks import untrusted
from grader.notebooks.cells import grade_id, kind
from grader.notebooks.untrusted import Unreadable

# Browsers add .json or .txt; systems and Colab add what they call a copy, behind the end of the
# name, too. Another end (.part, .html, .zip) says that it is something else.
_NOTEBOOK = re.compile(r"\.ipynb(?![a-z0-9_])[^.]*(?:\.(?:json|txt)(?![a-z0-9_])[^.]*)?$", re.I)
_BARE_ENDS = ("", ".json", ".txt")  # of a file that may be a notebook if its name and cells agree
_NAMED_IN_BYTES = re.compile(rb'"(?:grade_id|id)"\s*:\s*"([A-Za-z0-9_-]{1,80})"')
_MOST_FILES = 20  # are looked into for one submission
_FEWEST_MARKS = 2  # one alone may have been copied over


@dataclass(frozen=True)
class Marks:
    """What only one notebook of the assignment has: names of cells, and texts that are given."""

    name: str
    cells: frozenset[str]
    texts: frozenset[str]


@dataclass(frozen=True)
class Match:
    """What a file is: the notebook's name, if that is beyond doubt.

    `named` is the notebook that its name means, `inside` the one that its cells are of; `doubt` is
    the beginning of a sentence that says why it is not taken.
    """

    name: str | None
    named: str | None = None
    inside: str | None = None
    doubt: str = ""


@dataclass(frozen=True)
class Found:
    """The file that is taken for each notebook; a sentence where one is there but in doubt."""

    files: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)


def marks(notebooks: Mapping[str, NotebookNode]) -> tuple[Marks, ...]:
    """What tells the teacher's notebooks, by name, from one another."""
    cells = {name: _names(notebook.cells) for name, notebook in notebooks.items()}
    texts = {name: _given_texts(notebook.cells) for name, notebook in notebooks.items()}
    of_cells = Counter(mark for each in cells.values() for mark in each)
    of_texts = Counter(mark for each in texts.values() for mark in each)
    return tuple(
        Marks(
            name,
            frozenset(mark for mark in cells[name] if of_cells[mark] == 1),
            frozenset(mark for mark in texts[name] if of_texts[mark] == 1),
        )
        for name in notebooks
    )


# By the name


def is_notebook(file: str) -> bool:
    """Whether a file is called as notebooks, and copies of them, are."""
    return _NOTEBOOK.search(file) is not None


def may_be_notebook(file: str, names: Iterable[str]) -> bool:
    """The same, or it lost its end: "2-tanh", "2-tanh.json". Then its cells must agree."""
    if is_notebook(file):
        return True
    return PurePosixPath(file).suffix.lower() in _BARE_ENDS and by_name(file, names) is not None


def by_name(file: str, names: Iterable[str]) -> str | None:
    """The one of `names` that stands in a file's name as whole words; of "tanh" and "2-tanh", in
    "2-tanh (1).ipynb", the longer one.
    """
    text = _plain(_NOTEBOOK.sub(_behind_the_end, PurePosixPath(file).name))
    found = [name for name in names if _stands_in(_plain(name), text)]
    longest = [
        name
        for name in found
        if not any(_plain(name) in _plain(other) for other in found if other != name)
    ]
    return longest[0] if len(longest) == 1 else None


def _behind_the_end(end: re.Match[str]) -> str:
    """What a system wrote behind .ipynb, without the ends of names."""
    return re.sub(r"\.(?:ipynb|json|txt)", " ", end.group(), flags=re.IGNORECASE)


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "-", text).strip("-")


def _stands_in(name: str, text: str) -> bool:
    """Whether neither end of `name` cuts a word or a number. A particle may stand at the end:
    Korean writes "2-tanh의".
    """
    places = (found.start() for found in re.finditer(re.escape(name), text)) if name else ()
    return any(
        not _is_one_word(text[place - 1 : place], name[:1])
        and not _is_one_word(name[-1:], text[place + len(name) :][:1])
        for place in places
    )


def _is_one_word(left: str, right: str) -> bool:
    return bool(left and right) and all(
        each.isalnum() and each < "\u0250" for each in (left, right)
    )


# By what it holds


def by_content(notebook: NotebookNode, known: Sequence[Marks]) -> str | None:
    """The notebook that most of the marks in a student's notebook are of."""
    return _most(_names(notebook.cells), {cell.source.strip() for cell in notebook.cells}, known)


def _most(names: set[str], texts: set[str], known: Sequence[Marks]) -> str | None:
    hits = sorted((len(each.cells & names) + len(each.texts & texts), each.name) for each in known)
    best, name = hits[-1] if hits else (0, "")
    second = hits[-2][0] if len(hits) > 1 else 0
    return name if best >= _FEWEST_MARKS and best > 2 * second else None


def match(file: str, content: bytes | None, known: Sequence[Marks]) -> Match:
    """What a file is, by its name and by what it holds; None if that may not be read.

    The names of cells are looked for as text, for that is quick, and a damaged file has them, too.
    A file under a notebook's own name is that notebook unless it holds the cells of another one.
    """
    base = PurePosixPath(file).name
    named, surely_called_so = by_name(file, [each.name for each in known]), is_notebook(base)
    if content is None:
        return Match(named if surely_called_so else None, named)
    words = {found.decode() for found in _NAMED_IN_BYTES.findall(content)}
    inside, is_whole = _most(words, set(), known), False
    if not inside or not surely_called_so:
        with suppress(Unreadable):
            inside, is_whole = by_content(untrusted.parse(content), known), True
    if disagreement := disagrees(base, named, inside):
        return Match(None, named, inside, disagreement)
    if not surely_called_so:  # both must say so
        return Match(inside if is_whole and inside == named else None, named, inside)
    if named and not inside and is_whole and base != f"{named}.ipynb":
        return Match(None, named, inside, f"{shown(base)} holds no cell of {named}")
    return Match(inside or named, named, inside)


def disagrees(file: str, named: str | None, inside: str | None) -> str:
    """What to say of a file whose name means another notebook than its cells; "" if it does not."""
    if not named or not inside or named == inside:
        return ""
    return f"{shown(file)} is named after {named}, but holds the cells of {inside}"


def find(files: Sequence[str], known: Sequence[Marks], read: Callable[[str], bytes]) -> Found:
    """Which of `files` is which notebook. `read` reads one of them; it may raise Unreadable.

    A file under a notebook's own name is that notebook; what it holds is asked when it is graded.
    Another one is taken only for a notebook that has no such file, and only if nothing speaks
    against it.
    """
    names = [each.name for each in known]
    own = {name: f"{name}.ipynb" for name in names if f"{name}.ipynb" in files}
    missing = [name for name in names if name not in own]
    others = [
        file for file in sorted(files) if file not in own.values() and may_be_notebook(file, names)
    ]
    if not missing or not others:
        return Found(own)
    doubts: dict[str, str] = {}
    contested: set[str] = set()  # by a file that holds its cells under another's name
    candidates: dict[str, dict[str, bytes]] = {name: {} for name in missing}
    for file in others[:_MOST_FILES]:
        try:
            content = read(file)
        except Unreadable:
            content = None
        its = match(file, content, known)
        about = {its.named, its.inside} - {None} if its.doubt else set()
        doubts |= {name: f"{its.doubt}; {rename(name)}." for name in names if name in about}
        if its.doubt and its.inside:
            contested.add(its.inside)
        elif its.name in candidates:
            candidates[its.name][file] = _digest(file, content)
    taken = dict(own)
    for name, its_files in candidates.items():
        if its_files and name not in contested and len(set(its_files.values())) == 1:
            taken[name] = next(iter(its_files))
        elif len(its_files) > 1:
            there = " and ".join(map(shown, its_files))
            doubts.setdefault(name, f"There are {there}, which differ; {rename(name)}.")
    return Found(taken, {name: said for name, said in doubts.items() if name not in taken})


def _digest(file: str, content: bytes | None) -> bytes:
    """What tells two files apart, so that not all need be in memory at once. Outputs do not."""
    if content is None:
        return file.encode(errors="replace")
    with suppress(Unreadable):
        content = json.dumps(untrusted.parse(content), sort_keys=True).encode(errors="replace")
    return hashlib.sha256(content).digest()


def rename(name: str) -> str:
    """What a student or an instructor can do about a doubt."""
    return f"if it is in this folder, name the right file {name}.ipynb"


def shown(file: str, most: int = 80) -> str:
    """A file's name for a sentence: in quotes, short, on one line."""
    text = re.sub(r"[^\w .,()/+-]", "?", unicodedata.normalize("NFC", file))
    return f'"{text if len(text) <= most else text[: most - 3] + "..."}"'


# Marks


def _names(cells: Iterable[NotebookNode]) -> set[str]:
    """Every name that a cell goes by: nbgrader's, its own id, and the one that Colab keeps."""
    found = set()
    for cell in cells:
        found |= {cell.get("id"), cell.metadata.get("id"), grade_id(cell)}
    return {name for name in found if isinstance(name, str)}


def _given_texts(cells: Iterable[NotebookNode]) -> set[str]:
    """The texts that students have as the teacher wrote them."""
    texts = set()
    for cell in cells:
        if kind(cell) is None:
            texts.add(cell.source.strip())
    return texts - {""}
