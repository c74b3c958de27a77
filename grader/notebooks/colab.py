"""What a released notebook has for Colab: a badge that opens it there, a cell that gets the files.

Colab opens a notebook alone, without what lies beside it. Both are no part of the exercise: they
are in no source, and grading takes them out.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

import nbformat
from nbformat import NotebookNode

CELL = "get-files"
_BADGE = "https://colab.research.google.com/assets/colab-badge.svg"
_BADGE_LINE = re.compile(rf"\[!\[Open in Colab\]\({re.escape(_BADGE)}\)\]\([^)\s]*\)\n*")
_GITHUB = re.compile(
    r"https://github\.com/(?P<repository>[^/]+/[^/]+)/(?:blob|tree)/(?P<branch>[^/]+)(?P<folder>/.*)?"
)
FIRST_LINE = "# @title Get the files of the course (does nothing where they are there)"
# In a function, so that nothing of it is left behind; with the standard library alone.
_CODE = f"""\
{FIRST_LINE}
def get_files(address, files):
    import hashlib, os, urllib.request

    if os.environ.get("NBGRADER_EXECUTION"):
        return
    for name, digest in files.items():
        if os.path.exists(name):
            continue
        try:
            with urllib.request.urlopen(f"{{address}}/{{name}}", timeout=60) as answer:
                data = answer.read()
        except Exception as error:
            raise RuntimeError(
                f"{{name}} cannot be had from {{address}} ({{error}}). Run this cell again."
            ) from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise RuntimeError(
                f"{{name}} did not come whole, or is not the file that this notebook was made for. "
                "Run this cell again; if that does not help, get the notebook anew."
            )
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        with open(f"{{name}}.new", "wb") as file:
            file.write(data)
        os.replace(f"{{name}}.new", name)


"""


def add(notebook: NotebookNode, name: str, public_url: str, files: Mapping[str, str]) -> None:
    """Put the badge and the cell into a notebook; `files` are the sha256 digests by name.

    Colab opens notebooks from GitHub only, so for another address there is no badge.
    """
    url = public_url.rstrip("/")
    found = _GITHUB.fullmatch(url)
    if found:
        repository, branch, folder = found["repository"], found["branch"], found["folder"] or ""
        place = f"https://colab.research.google.com/github/{repository}/blob/{branch}{folder}"
        _add_badge(notebook, f"[![Open in Colab]({_BADGE})]({place}/{name}.ipynb)")
        url = f"https://raw.githubusercontent.com/{repository}/{branch}{folder}"
    call = f"get_files({json.dumps(url)}, {json.dumps(files, indent=4)})"
    at = next(n for n, cell in enumerate([*notebook.cells, None]) if cell is None or _is_code(cell))
    notebook.cells.insert(at, nbformat.v4.new_code_cell(_CODE + call, id=CELL))


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """The sha256 digests of files, by name."""
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def without(cells: Sequence[NotebookNode]) -> list[NotebookNode]:
    """The cells without the badge and the cell, wherever they are; the others are not changed."""
    found = []
    for cell in cells:
        if _is_code(cell) and cell.source.startswith(FIRST_LINE):
            continue
        if cell.cell_type == "markdown" and _BADGE in cell.source:
            cell = NotebookNode({**cell, "source": _BADGE_LINE.sub("", cell.source)})
        found.append(cell)
    return found


def _add_badge(notebook: NotebookNode, badge: str) -> None:
    first = notebook.cells[0] if notebook.cells else None
    if first is not None and first.cell_type == "markdown" and "nbgrader" not in first.metadata:
        first.source = f"{badge}\n\n{first.source}"
    else:
        notebook.cells.insert(0, nbformat.v4.new_markdown_cell(badge, id="open-in-colab"))


def _is_code(cell: NotebookNode) -> bool:
    return bool(cell.cell_type == "code")
