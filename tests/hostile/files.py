"""Cases 20 to 25: the files that are handed in."""

import json
import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from tests.courses import ASSIGNMENT, filled_in
from tests.hostile.case import (
    NAME,
    NO_SCORE,
    NOTHING,
    TEXT,
    Case,
    beside,
    both,
    cell,
    code,
    file,
    path_of,
    place,
    wrong,
)
from tests.hostile.world import World

FAKE_CHECKS = """
class Check:
    def __init__(self, points): pass
    def result(self): return None
"""
TAKES_OVER = 'print("GO" + "T the import")\n'
NOT_USED = "Only the notebooks of the assignment are graded; not used: "


def _others_notebook(world: World, path: Path) -> None:
    """A right one, if not the victim's, whose file may not be there yet."""
    target = world.outside / "right.ipynb"
    nbformat.write(filled_in(world.course, NAME), target)
    path.symlink_to(target)


def _linked_directory(world: World, path: Path) -> None:
    path.parent.rmdir()
    target = world.outside / "right"
    target.mkdir()
    nbformat.write(filled_in(world.course, NAME), target / path.name)
    path.parent.symlink_to(target)


def _linked_student(world: World, path: Path) -> None:
    path.parent.rmdir()
    path.parent.parent.rmdir()
    target = world.outside / "student"
    (target / ASSIGNMENT).mkdir(parents=True)
    nbformat.write(filled_in(world.course, NAME), target / ASSIGNMENT / path.name)
    path.parent.parent.symlink_to(target)


def _device(world: World, path: Path) -> None:
    if os.geteuid() == 0:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))  # /dev/zero: it never ends
    else:
        path.symlink_to("/dev/zero")


def _hole(world: World, path: Path) -> None:
    path.write_text("{")
    os.truncate(path, 100_000_000)


def _without_ids(notebook: NotebookNode) -> str:
    for each in notebook.cells:
        each.pop("id", None)
    notebook.nbformat_minor = 4
    return json.dumps(notebook)


def _with_setuid(world: World, path: Path) -> None:
    code()(world, path.parent.parent.name)
    path.chmod(0o6755)


def _zip_beside(world: World, student: str) -> None:
    """A bomb, and an archive with the path of another student in it."""

    directory = path_of(world, student).parent
    with zipfile.ZipFile(directory / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(20 << 20))
    with zipfile.ZipFile(directory / f"victim_{NAME}.zip", "w") as archive:
        archive.writestr(f"../../victim/{ASSIGNMENT}/{NAME}.ipynb", "{}")
        archive.writestr("/tmp/absolute", "{}")


SCRIPT = "<script>document.title='GO'+'T'</script>"
IMAGE = """<img src="x" onerror="document.title='GO'+'T'">"""
LINK = """<a href="javascript:document.title='GO'+'T'">click</a>"""
SVG = (
    """<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='GO'+'T'">"""
    "<text>x</text></svg>"
)
SCRIPTS = f"""
from IPython.display import HTML, SVG, Javascript, Markdown, display
display(HTML({SCRIPT!r}), HTML({IMAGE!r}), HTML({LINK!r}), HTML({SVG!r}))
display(Markdown({SCRIPT!r} + {IMAGE!r}), Javascript("document.title='GO'+'T'"))
display({{"text/html": {SCRIPT!r}, "text/markdown": {IMAGE!r}, "text/latex": {SCRIPT!r}}}, raw=True)
display({{"image/svg+xml": {SVG!r}}}, raw=True)
display({{"image/png": '"><script>document.title=1</script>'}}, raw=True)
print({SCRIPT!r})
"""


def _script_in_text(notebook: NotebookNode) -> None:
    cell(
        notebook, TEXT
    ).source = f"{SCRIPT}\n\n{IMAGE}\n\n{LINK}\n\n[click](javascript:alert`1`)\n\n{SVG}"
    text = nbformat.v4.new_markdown_cell(f'# x{SCRIPT}\n\n<iframe srcdoc="{SCRIPT}"></iframe>')
    notebook.cells.append(text)


BAD_FILE: dict[str, Any] = {"scores": NO_SCORE, "status": "unreadable", "attention": True}

FILES_ = [
    Case(
        "ships-modules",
        20,
        both(
            wrong(),
            beside(
                ipykernel_launcher=TAKES_OVER,
                sitecustomize=TAKES_OVER,
                numpy=TAKES_OVER,
                checks=FAKE_CHECKS,
            ),
        ),
        NOTHING,
        told=(NOT_USED,),
    ),
    Case("links-to-a-notebook", 21, place(_others_notebook), told=("symbolic link",), **BAD_FILE),
    Case("links-to-a-directory", 21, place(_linked_directory), told=("symbolic link",), **BAD_FILE),
    Case("links-to-a-student", 21, place(_linked_student), told=("symbolic link",), **BAD_FILE),
    Case(
        "hands-in-a-pipe",
        21,
        place(lambda world, path: os.mkfifo(path)),
        told=("not a plain file",),
        **BAD_FILE,
    ),
    Case("hands-in-a-device", 21, place(_device), told=("The file",), **BAD_FILE),
    Case(
        "hands-in-a-directory",
        21,
        place(lambda world, path: path.mkdir()),
        told=("not a plain file",),
        **BAD_FILE,
    ),
    Case(
        "hands-in-half-a-file",
        22,
        file(lambda n: nbformat.v4.writes(n)[:5000]),
        told=("broken off",),
        **BAD_FILE,
    ),
    Case(
        "hands-in-deep-nesting",
        22,
        file(lambda n: "[" * 1_000_000),
        told=("nested too deeply",),
        **BAD_FILE,
    ),
    Case("hands-in-100-megabytes", 22, place(_hole), told=("larger than",), **BAD_FILE),
    Case(
        "hands-in-no-json",
        22,
        file(lambda n: "PK\x03\x04 no notebook"),
        told=("is a zip archive",),
        **BAD_FILE,
    ),
    Case("hands-in-nothing", 22, file(lambda n: b""), told=("empty",), **BAD_FILE),
    Case(
        "writes-latin-1",
        23,
        file(
            lambda n: (
                nbformat.v4.writes(n).replace("# 1. How", "# 1. Hów").encode("latin-1", "replace")
            )
        ),
        told=("UTF-8",),
    ),
    Case("writes-format-3", 23, file(lambda n: nbformat.writes(nbformat.convert(n, 3), version=3))),
    Case("writes-no-ids", 23, file(_without_ids)),
    Case(
        "writes-windows-line-ends",
        23,
        file(lambda n: json.dumps(n).replace("\\n", "\\r\\n").replace("\n", "\r\n")),
    ),
    Case(
        "writes-a-byte-order-mark",
        23,
        file(lambda n: b"\xef\xbb\xbf" + nbformat.v4.writes(n).encode()),
    ),
    Case("hands-in-a-setuid-file", 24, place(_with_setuid)),
    Case("ships-archives", 24, both(code(), _zip_beside), told=(NOT_USED,)),
    Case("writes-scripts", 25, code(SCRIPTS, edit=_script_in_text)),
]
