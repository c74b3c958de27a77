"""Read a student's notebook from a file that nobody vouches for."""

import errno
import json
import os
import re
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4.convert import upgrade_cell

from grader.basics.words import valid
from grader.notebooks import causes

MOST_BYTES = 20_000_000
READ_AS = "read_as"  # in a notebook's metadata: the encoding it was read in, where not UTF
MOST_CELLS = 5_000  # a million empty cells fit into MOST_BYTES, and fill the memory
_WESTERN = re.compile(
    "[àâäáãåæçèéêëìíîïñòóôõöøùúûüÿßÀÂÄÁÃÅÆÇÈÉÊËÍÎÏÑÓÔÕÖØÙÚÛÜ‘’“”–—…€°²³µ×·«»¿¡§±\xa0]"
)
_NOT_WESTERN = re.compile(f"[^\x00-\x7f{_WESTERN.pattern[1:-1]}]|[^\x00-\x7f]{{3}}")
_OF_NEIGHBOURS = re.compile("[\u3040-\u30ff\u3131-\u318e\u3400-\u9fff\uf900-\ufaff]")
_FEWEST_SYLLABLES = 6  # a few Chinese letters may look like Korean ones
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_AGAIN = "ask the student to hand it in again"
_CUT_OFF = (
    f"The file is broken off: its end is missing, as after a download that stopped; {_AGAIN}, from "
    "an older copy if this one does not open."
)
_DAMAGED = f"The file is no complete notebook: it is broken off or damaged; {_AGAIN}."


class Unreadable(Exception):
    """The file cannot be graded; the message tells the instructor why and what to do."""


def read(path: Path, root: Path, most_bytes: int = MOST_BYTES) -> NotebookNode:
    """The notebook in `path`, valid and in format 4.5, without its outputs.

    Nothing below `root` may be a symbolic link. Raises Unreadable, whatever the file holds.
    """
    return parse(read_bytes(path, root, most_bytes))


def parse(content: bytes) -> NotebookNode:
    """The notebook in a file's content; see `read`."""
    text, encoding = _decoded(content)
    try:
        data = json.loads(text)
    except RecursionError:
        raise Unreadable(f"The file is nested too deeply to be a notebook; {_AGAIN}.") from None
    except ValueError as error:  # not JSON, or a number with thousands of digits
        raise Unreadable(_why_not_json(content, text, error)) from None
    notebook = _notebook(data, content)
    if encoding:
        notebook.metadata[READ_AS] = encoding
    return notebook


def text_of(content: bytes) -> str:
    """A file's content as text, in whatever encoding `parse` reads; raises Unreadable."""
    return _decoded(content)[0]


def _why_not_json(content: bytes, text: str, error: ValueError) -> str:
    if cause := causes.of(content):
        return _said(cause)
    if not text.lstrip().startswith("{"):
        return f"The file is no notebook but something else; {_AGAIN}."
    if isinstance(error, json.JSONDecodeError) and error.pos >= len(text.rstrip()) - 1:
        return _CUT_OFF
    return _CUT_OFF if "Unterminated string" in str(error) else _DAMAGED


def _said(cause: causes.Cause) -> str:
    return f"{cause.what}; ask the student to {cause.todo}."


def give_ids(cells: Iterable[NotebookNode]) -> None:
    """Give each cell a valid id of its own, the same ones each time; good ones stay."""
    cells = list(cells)
    taken: set[str] = set()
    without: list[tuple[int, NotebookNode]] = []
    for number, cell in enumerate(cells, 1):
        id_ = cell.get("id")
        if isinstance(id_, str) and _ID.fullmatch(id_) and id_ not in taken:
            taken.add(id_)
        else:
            without.append((number, cell))
    for number, cell in without:
        cell.id = f"cell-{number}"
        while cell.id in taken:
            cell.id += "x"
        taken.add(cell.id)


# The file


def read_bytes(path: Path, root: Path, most_bytes: int = MOST_BYTES) -> bytes:
    """What a plain file below `root` holds; raises Unreadable for anything else.

    Each directory is opened from the one before, so that none can be exchanged for a link in
    between.
    """
    parts = path.relative_to(root).parts if path.is_relative_to(root) else ()
    if not parts or ".." in parts:
        raise Unreadable(f"The file lies outside the submission; {_AGAIN}.")
    flags = os.O_RDONLY | os.O_CLOEXEC
    directories = [os.open(root, flags | os.O_DIRECTORY)]
    try:
        for part in parts[:-1]:
            _refuse_unless(stat.S_ISDIR, os.lstat(part, dir_fd=directories[-1]))
            directory_flags = flags | os.O_DIRECTORY | os.O_NOFOLLOW
            directories.append(os.open(part, directory_flags, dir_fd=directories[-1]))
        # Looked at before it is opened, for to open a device may already do something.
        _refuse_unless(stat.S_ISREG, os.lstat(parts[-1], dir_fd=directories[-1]))
        file_flags = flags | os.O_NOFOLLOW | os.O_NONBLOCK
        with open(os.open(parts[-1], file_flags, dir_fd=directories[-1]), "rb") as file:
            _refuse_unless(stat.S_ISREG, os.fstat(file.fileno()))
            data = file.read(most_bytes + 1)
    except FileNotFoundError:
        raise Unreadable(f"The file is missing; {_AGAIN}.") from None
    except PermissionError:
        raise Unreadable("The file may not be read: change its permissions.") from None
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENOTDIR, errno.ENXIO):  # exchanged meanwhile
            raise Unreadable(f"The file is not a plain file; {_AGAIN}.") from None
        raise Unreadable(f"The file cannot be read: {error.strerror}; look at the disk.") from None
    finally:
        for directory in directories:
            os.close(directory)
    if len(data) > most_bytes:
        raise Unreadable(
            f"The file is larger than {most_bytes / 1e6:g} MB; ask the student to hand it in "
            "again with all outputs cleared."
        )
    return data


def _refuse_unless(is_kind: Any, status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise Unreadable(f"The file, or a directory on its path, is a symbolic link; {_AGAIN}.")
    if not is_kind(status.st_mode):
        raise Unreadable(f"The file is not a plain file (but a pipe or the like); {_AGAIN}.")


def _decoded(data: bytes) -> tuple[str, str]:
    """The text, and the encoding it was read in, "" where that is UTF."""
    if not data.strip(b" \t\r\n"):
        raise Unreadable(f"The file is empty; {_AGAIN}.")
    try:
        return data.decode(json.detect_encoding(data)), ""
    except UnicodeDecodeError:
        pass
    if cause := causes.of(data):
        raise Unreadable(_said(cause))
    for encoding, is_certain in (("euc_kr", _is_korean), ("cp1252", _is_western)):
        with suppress(ValueError):
            text = data.decode(encoding)
            if is_certain(text) and isinstance(json.loads(text), dict):
                return text, {"euc_kr": "cp949"}.get(encoding, encoding)
    raise Unreadable(
        "The file is not in UTF-8 (an editor may have saved it in another encoding); ask the "
        "student to open it in that editor, save it as UTF-8, and hand it in again."
    )


# Programs on Windows write the encoding of the country. Only the two that show themselves are read:
# JSON itself is ASCII, so any encoding would give some notebook, and perhaps a wrong text in it.


def _is_korean(text: str) -> bool:
    """Whether there are common syllables of Korean and no Chinese or Japanese letters."""
    syllables = sum("\uac00" <= each <= "\ud7a3" for each in text)
    return syllables >= _FEWEST_SYLLABLES and not _OF_NEIGHBOURS.search(text)


def _is_western(text: str) -> bool:
    """Whether what is not ASCII are accents and quotation marks, in ASCII words."""
    return bool(_WESTERN.search(text)) and not _NOT_WESTERN.search(text)


# The notebook. Only what is read later is taken over, and that is text: unknown keys, outputs,
# other metadata, and numbers such as NaN would have to be mended, and can do nothing but harm.


def _notebook(data: Any, content: bytes) -> NotebookNode:
    if not (isinstance(data, dict) and ("cells" in data or "worksheets" in data)) and (
        cause := causes.of(content)
    ):
        raise Unreadable(_said(cause))
    if not isinstance(data, dict):
        raise Unreadable(f"The file is no notebook but something else; {_AGAIN}.")
    version = data.get("nbformat")
    if isinstance(version, int) and version not in (3, 4):
        raise Unreadable(
            f"The notebook is in format {str(version)[:9]}, which cannot be read; ask the student "
            "to open it in a current Jupyter, save it and hand it in again."
        )
    cells = _upgraded(data) if version == 3 else data.get("cells")
    if not isinstance(cells, list):
        raise Unreadable(f"The file is no notebook: it has no cells; {_AGAIN}.")
    if len(cells) > MOST_CELLS:
        raise Unreadable(f"The notebook has more than {MOST_CELLS} cells; {_AGAIN}.")
    metadata = data.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kept = {
        key: value
        for key, needed in {
            "kernelspec": ("name", "display_name"),
            "language_info": ("name",),
        }.items()
        if (value := _strings(metadata.get(key))) and all(name in value for name in needed)
    }
    made = [_cell(number, cell) for number, cell in enumerate(cells, 1)]
    give_ids(made)
    about = nbformat.from_dict(kept)
    return NotebookNode(nbformat=4, nbformat_minor=5, metadata=about, cells=made)


def _upgraded(data: dict[str, Any]) -> list[NotebookNode]:
    """The cells of a notebook in format 3. nbformat.convert would write its errors to the log."""
    try:
        sheets = nbformat.v3.to_notebook_json(data).worksheets
        old = [cell for sheet in sheets for cell in sheet.cells]
        if any(cell.get("level", 1) not in range(1, 7) for cell in old):  # so many # are written
            raise Unreadable(_DAMAGED)
        cells = [upgrade_cell(cell) for cell in old]
    except Exception:  # nbformat trusts what it converts
        raise Unreadable(_DAMAGED) from None
    for cell in cells:
        cell.pop("id", None)  # drawn at random
    return cells


def _cell(number: int, cell: Any) -> NotebookNode:
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise Unreadable(f"Cell {number} of the notebook is damaged; {_AGAIN}.")
    source = _joined(cell.get("source") or "")
    if source is None:
        raise Unreadable(f"The text of cell {number} is damaged; {_AGAIN}.")
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    id_, of_colab = cell.get("id"), metadata.get("id")  # Colab keeps it in the metadata
    kept: dict[str, Any] = (
        {"nbgrader": about} if (about := _strings(metadata.get("nbgrader"))) else {}
    )
    if id_ and isinstance(of_colab, str) and _ID.fullmatch(of_colab) and of_colab != id_:
        kept["id"] = of_colab  # from before another program gave the cell a new one
    made = nbformat.from_dict(
        {
            "cell_type": cell["cell_type"],
            "id": id_ or of_colab,
            "metadata": kept,
            "source": source.replace("\r\n", "\n").replace("\r", "\n"),
        }
    )
    if cell["cell_type"] == "code":
        made.update(outputs=[], execution_count=None)
    elif isinstance(cell.get("attachments"), dict):  # pictures in a text answer
        made.attachments = nbformat.from_dict(
            {valid(name): _strings(data) for name, data in cell["attachments"].items()}
        )
    return made


def _strings(value: Any) -> dict[str, str]:
    """The entries of an object that are text."""
    entries = value.items() if isinstance(value, dict) else ()
    return {valid(key): text for key, entry in entries if (text := _joined(entry)) is not None}


def _joined(value: Any) -> str | None:
    """A text, which a notebook may hold as a list of its lines; None if it is none."""
    lines = value if isinstance(value, list) else [value]
    if not all(isinstance(line, str) for line in lines):
        return None
    return valid("".join(lines))
