"""Which notebook of the assignment a file is, whatever it is called.

Colab, browsers and Jupyter rename what they copy: "Copy of 2-tanh.ipynb", "2-tanh (1).ipynb",
"2-tanh-Copy1.ipynb". Such a file is taken where its name and its cells leave no doubt.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from grader.engine.intake import Unreadable

_NOTEBOOK = re.compile(r"\.ipynb(\.json|\.txt)?$", re.IGNORECASE)  # browsers add the second
_MOST_FILES = 20  # are looked into for one submission
_FEWEST_MARKS = 2  # one alone may have been copied over


@dataclass(frozen=True)
class Marks:
    """What only one notebook of the assignment has: names of cells, and texts that are given."""

    name: str
    cells: frozenset[str]
    texts: frozenset[str]


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


def is_notebook(file: str) -> bool:
    """Whether a file is called as notebooks are."""
    return _NOTEBOOK.search(file) is not None


def by_name(file: str, names: Iterable[str]) -> str | None:
    """The one of `names` that stands in a file's name as whole words."""
    words = _words(_NOTEBOOK.sub("", file))
    found = [name for name in names if _words(name) in words]
    return found[0] if len(found) == 1 else None


def _words(text: str) -> str:
    return "-" + re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") + "-"


def by_content(notebook: NotebookNode, known: Sequence[Marks]) -> str | None:
    """The notebook that most of the marks in a student's notebook are of."""
    names = _names(notebook.cells)
    texts = {cell.source.strip() for cell in notebook.cells}
    hits = sorted((len(each.cells & names) + len(each.texts & texts), each.name) for each in known)
    best, name = hits[-1] if hits else (0, "")
    second = hits[-2][0] if len(hits) > 1 else 0
    return name if best >= _FEWEST_MARKS and best > 2 * second else None


def find(
    files: Sequence[str], known: Sequence[Marks], read: Callable[[str], NotebookNode]
) -> Found:
    """Which of `files` is which notebook. `read` reads one of them; it may raise Unreadable.

    A file under a notebook's own name is that notebook. Another one is taken only for a notebook
    that has no such file, and only if nothing speaks against it.
    """
    names = [each.name for each in known]
    own = {name: f"{name}.ipynb" for name in names if f"{name}.ipynb" in files}
    missing = [name for name in names if name not in own]
    others = [file for file in sorted(files) if is_notebook(file) and file not in own.values()]
    if not missing or not others:
        return Found(own)
    doubts: dict[str, str] = {}
    contested: set[str] = set()  # by a file that holds its cells under another's name
    candidates: dict[str, dict[str, bytes]] = {name: {} for name in missing}
    for file in others[:_MOST_FILES]:
        named = by_name(file, names)
        try:
            notebook = read(file)
        except Unreadable:
            inside, digest = named, file.encode(errors="replace")
        else:
            inside, digest = by_content(notebook, known), _digest(notebook)
        if named and inside and named != inside:
            said = f"{shown(file)} is named after {named}, but holds the cells of {inside}"
            doubts |= {name: f"{said}; {_rename(name)}." for name in (named, inside)}
            contested.add(inside)
        elif inside in candidates:
            candidates[inside][file] = digest
        elif named in candidates and not inside:
            doubts[named] = f"{shown(file)} holds no cell of {named}; {_rename(named)}."
    taken = dict(own)
    for name, its in candidates.items():
        if its and name not in contested and len(set(its.values())) == 1:
            taken[name] = next(iter(its))
        elif len(its) > 1:
            there = " and ".join(map(shown, its))
            doubts.setdefault(name, f"There are {there}, which differ; {_rename(name)}.")
    return Found(taken, {name: said for name, said in doubts.items() if name not in taken})


def _digest(notebook: NotebookNode) -> bytes:
    """What tells two notebooks apart, so that not all need be in memory at once."""
    return hashlib.sha256(json.dumps(notebook, sort_keys=True).encode(errors="replace")).digest()


def _rename(name: str) -> str:
    return f"if it is in this folder, name the right file {name}.ipynb"


def shown(file: str) -> str:
    """A file's name for a sentence: in quotes, short, on one line."""
    text = re.sub(r"[^\w .,()+-]", "?", file)
    return f'"{text if len(text) <= 80 else text[:77] + "..."}"'


def _names(cells: Iterable[NotebookNode]) -> set[str]:
    """Every name that a cell goes by: nbgrader's, its own id, and the one that Colab keeps."""
    found = set()
    for cell in cells:
        about = cell.metadata.get("nbgrader")
        of_nbgrader = about.get("grade_id") if isinstance(about, dict) else None
        found |= {cell.get("id"), cell.metadata.get("id"), of_nbgrader}
    return {name for name in found if isinstance(name, str)}


def _given_texts(cells: Iterable[NotebookNode]) -> set[str]:
    """The texts that students have as the teacher wrote them."""
    texts = set()
    for cell in cells:
        about = cell.metadata.get("nbgrader", {})
        if not about.get("grade") and not about.get("solution"):
            texts.add(cell.source.strip())
    return texts - {""}
