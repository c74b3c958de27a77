"""Which cell of the teacher's notebook each cell of a student's is, also where metadata are lost.

A cell goes by nbgrader's metadata, else by its id, else by its text. A solution or an answer whose
text the student changed goes, at last, by its place: the only cell between two known ones that can
be it. Tests are never known by their place, and whatever is taken for one, the source's runs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from nbformat import NotebookNode

from grader.notebooks import cells, regions
from grader.notebooks.source import SourceCell, SourceNotebook
from grader.submissions import prose

_MOST_NOTES = 3  # of one kind; more are told in one sentence
_DEFINITION = re.compile(r"^(?:def|class)\s+(\w+)", re.MULTILINE)


@dataclass
class Recognised:
    """Where each cell of the source stands in the student's notebook: nowhere, or more than once.

    `notes` tell what was mended, `doubts` what a person must look at. `unanswered` are the answers
    that are not there or as they were released.
    """

    places: dict[str, list[int]]
    notes: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)


def recognise(given: Sequence[NotebookNode], source: SourceNotebook) -> Recognised:
    """Tell which of the `given` cells is which of `source`."""
    found = Recognised({cell.name: [] for cell in source.cells})
    nameless = []
    for number, cell in enumerate(given):
        name = cells.grade_id(cell)
        if name is not None and name in found.places:
            found.places[name].append(number)
        else:
            nameless.append(number)
    _leave_out_unwritten(found, given, source)
    mended = []
    for same in (_same_id, _same_text):
        for known in source.cells:
            if found.places[known.name]:
                continue
            place = next((n for n in nameless if same(given[n], known)), None)
            if place is not None:
                nameless.remove(place)
                found.places[known.name].append(place)
                mended.append(known)
    _note(found.notes, mended, "it was recognised and counts", "they were recognised and count")
    _by_place(found, given, source, nameless)
    _answers_elsewhere(found, given, source, nameless)
    to_fill_in = [c.name for c in source.cells if c.solution and c.cell_type == "code"]
    if to_fill_in and not any(found.places[name] for name in to_fill_in):
        found.doubts.append(
            "None of the code cells to fill in was found: look whether the file is "
            f"{source.name} at all."
        )
    return found


def kind(cell: SourceCell) -> str:
    """What a cell is called in a note."""
    if cell.is_test:
        return "test cell"
    if cell.grade:
        return "answer"
    return "solution cell" if cell.solution else "given cell"


def _leave_out_unwritten(
    found: Recognised, given: Sequence[NotebookNode], source: SourceNotebook
) -> None:
    """Of copies of a solution or an answer, take those that hold something of the student's.

    Students copy a cell before they begin, and keep it as it was, or empty it.
    """
    for cell in source.cells:
        written = [
            place
            for place in found.places[cell.name]
            if cell.solution and given[place].source.strip() not in ("", cell.source.strip())
        ]
        if written:
            found.places[cell.name] = written


def _same_id(cell: NotebookNode, known: SourceCell) -> bool:
    return known.name in (cell.get("id"), cell.metadata.get("id"))


def _same_text(cell: NotebookNode, known: SourceCell) -> bool:
    text = regions.without(known.source).strip()
    return bool(text and cell.cell_type == known.cell_type and cell.source.strip() == text)


def _note(notes: list[str], mended: Sequence[SourceCell], one: str, many: str) -> None:
    if len(mended) > _MOST_NOTES:
        notes.append(f"{len(mended)} cells had lost their nbgrader metadata; {many}.")
        return
    notes.extend(
        f"The {kind(cell)} {cell.name} had lost its nbgrader metadata; {one}." for cell in mended
    )


def _by_place(
    found: Recognised, given: Sequence[NotebookNode], source: SourceNotebook, nameless: list[int]
) -> None:
    """Find the solutions and answers that are still missing, or that stand beside their cell."""
    mended = []
    for rank, cell in enumerate(source.cells):
        if not cell.solution:
            continue
        near = _near(found, given, source, nameless, rank)
        if found.places[cell.name]:
            copies = [given[place].source.strip() for place in found.places[cell.name]]
            own = copies[-1]
            if cell.grade and set(copies[:-1]) - {"", cell.source.strip(), own}:
                found.doubts.append(
                    f"The answer {cell.name} is there {len(copies)} times, with other texts: the "
                    "last one counts. Read the others, too."
                )
        elif len(near) == 1:
            found.places[cell.name].append(near[0])
            nameless.remove(near[0])
            mended.append(cell)
        elif near and cell.grade:
            found.doubts.append(
                f"The answer {cell.name} was not found, but {len(near)} texts of the student's "
                "own stand about where it should be: one may be the answer. Grade it by hand."
            )
    _note(
        found.notes, mended, "what stands in its place counts", "what stands in their place counts"
    )


def _answers_elsewhere(
    found: Recognised, given: Sequence[NotebookNode], source: SourceNotebook, nameless: list[int]
) -> None:
    """Tell of answers that may stand in the student's own cells: text, raw or code, anywhere."""
    known = {
        *source.layout.prose,
        *(regions.without(cell.source).strip() for cell in source.cells),
        "",
    }
    own = [
        n
        for n in nameless
        if given[n].source.strip() not in known
        # Where the teacher's prose is not known, it cannot be told from an answer.
        and (source.layout.prose or given[n].cell_type == "code")
    ]
    for rank, cell in enumerate(source.cells):
        copies = [given[place].source.strip() for place in found.places[cell.name]]
        if not (cell.grade and cell.solution) or (copies and copies[-1] not in known):
            continue
        if cell.cell_type == "code":
            continue
        found.unanswered.append(cell.name)
        first, last = _span(found, source, rank, len(given))
        near = [n for n in own if first < n < last and prose.of_cell(given[n], near=True)]
        far = [n for n in own if n not in near and prose.of_cell(given[n], near=False)]
        if any(f"The answer {cell.name} was not found" in said for said in found.doubts):
            continue
        if near or far:
            where = "beside it" if near else "in another place"
            is_not = "not filled in" if copies else "not there"
            found.doubts.append(
                f"The answer {cell.name} is {is_not}, but text stands in a cell of the student's "
                f"own {where}: it may be the answer. Grade it by hand."
            )


def _span(found: Recognised, source: SourceNotebook, rank: int, end: int) -> tuple[int, int]:
    """The places of the nearest neighbours that are known of the cell with this rank."""
    known = [n for n, other in enumerate(source.cells) if n != rank and found.places[other.name]]
    before = max((n for n in known if n < rank), default=-1)
    after = min((n for n in known if n > rank), default=len(source.cells))
    first = found.places[source.cells[before].name][-1] if before >= 0 else -1
    last = found.places[source.cells[after].name][0] if after < len(source.cells) else end
    return first, last


def _near(
    found: Recognised,
    given: Sequence[NotebookNode],
    source: SourceNotebook,
    nameless: Sequence[int],
    rank: int,
) -> list[int]:
    """The student's own cells that can be the cell of the source with this rank.

    They lie between its nearest neighbours that are known. They define what it defines, or at
    least name it; where it defines nothing, no other solution may be missing there.
    """
    cell = source.cells[rank]
    known = [n for n, other in enumerate(source.cells) if n != rank and found.places[other.name]]
    before = max((n for n in known if n < rank), default=-1)
    after = min((n for n in known if n > rank), default=len(source.cells))
    first, last = _span(found, source, rank, len(given))
    near = [
        n
        for n in nameless
        if known
        and first < n < last
        and given[n].cell_type == cell.cell_type
        and given[n].source.strip() not in {"", *source.layout.prose}
    ]
    if names := set(_DEFINITION.findall(cell.source)):
        defining = [n for n in near if names <= set(_DEFINITION.findall(given[n].source))]
        return defining or [n for n in near if names <= set(re.findall(r"\w+", given[n].source))]
    rivals = [
        other
        for other in source.cells[before + 1 : after]
        if other.solution and other.cell_type == cell.cell_type and other is not cell
    ]
    # Where the teacher's prose is not known, it cannot be told from an answer.
    return [] if rivals or (cell.grade and not source.layout.prose) else near
