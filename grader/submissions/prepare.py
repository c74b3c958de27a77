"""Make the notebook that is run from a student's: what is the teacher's comes from the source."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode

from grader.notebooks import cells, colab, regions, skipped
from grader.notebooks.names import bound_by, statements
from grader.notebooks.source import SourceCell, SourceNotebook, bound_names
from grader.notebooks.untrusted import give_ids
from grader.submissions import lost_code, prose
from grader.submissions.match_cells import Recognised, kind, recognise

RESCUED = "*This text was added to the cell above, which was put back as it was:*"
_FEWEST_WORDS = 3  # of a text that is kept


@dataclass(frozen=True)
class Prepared:
    """The notebook to run, and what the student must know of how it was made.

    `doubts` are for the instructor, too: what a person must look at.
    """

    notebook: NotebookNode
    notes: tuple[str, ...]
    doubts: tuple[str, ...] = ()


def prepare(submitted: NotebookNode, source: SourceNotebook, language: str = "") -> Prepared:
    """The student's answers and own cells, with the source's other cells, in its order.

    `submitted` comes from untrusted.parse and stays as it is. Nothing that a student wrote about a
    cell counts but its name: lock, points, checksum and tags are the source's. A student's tag
    could keep a test from running. `language` is that of `source`, "" for the course's own.
    """
    given = colab.without(submitted.cells)
    recognised = recognise(given, source)
    places, notes = recognised.places, recognised.notes
    extra = {place for cell in source.cells for place in places[cell.name][1:] if cell.restored}
    anchors = _anchors(places, source)
    chosen = {
        cell.name: next((place for place in at if place in anchors), at[-1])
        for cell in source.cells
        if (at := _candidates(cell, places[cell.name]))
    }
    own = [n for n in range(len(given)) if n not in extra and n not in chosen.values()]
    undoing = _that_would_undo(source, places, given)
    _tell(source, places, chosen, anchors, given, notes)
    for stub in undoing:
        if any(given[place].source.strip() == stub.source.strip() for place in places[stub.name]):
            notes.append(
                f"The {kind(stub)} {stub.name} is as it was released, and was not run: your code "
                "for it stands in another cell."
            )
    lost = _lost_texts(source, places, given)
    added = lost_code.find(source, places, given)
    made = []
    for item in _arranged(source, chosen, anchors, own, len(given)):
        if isinstance(item, int):
            made.append(_own_cell(given[item]))
            continue
        made.append(_known_cell(item, given[chosen[item.name]] if item.name in chosen else None))
        if item.name in lost:
            made.append(_rescued(lost[item.name]))
    texts = {stub.source.strip() for stub in undoing}
    for cell in made:
        if cell.cell_type == "code" and cell.source.strip() in texts:
            cell.source = _not_run(cell.source)
    _tag_skipped(made, source)
    _tell_lost(source, lost, recognised)
    notes.extend(map(lost_code.note, added))
    recognised.doubts.extend(lost_code.doubts(added, made, source))
    give_ids(made)
    kept = ("kernelspec", "language_info")
    metadata = {key: submitted.metadata[key] for key in kept if key in submitted.metadata}
    if source.kernelspec:
        metadata["kernelspec"] = source.kernelspec
    # A name that a builtin has, too, means in tests what the course itself binds it to.
    code = (cell for cell in source.cells if cell.cell_type == "code" and not cell.is_test)
    names = source.layout.names
    metadata["course"] = {
        "binds": bound_names(cell.source for cell in code),
        # What a judge needs to know of the teacher's notebook.
        "imports": list(names.imports),
        "learners": list(names.learners),
        "modules": list(source.layout.modules),
    }
    if language:
        metadata["course"]["language"] = language  # of the page
    if version := submitted.metadata.get("language_info", {}).get("version"):
        metadata["course"]["python"] = version  # the student's; what runs it writes its own
    about = nbformat.from_dict(metadata)
    notebook = NotebookNode(nbformat=4, nbformat_minor=5, metadata=about, cells=made)
    return Prepared(notebook, tuple(notes), tuple(recognised.doubts))


# Which copy counts


def _candidates(cell: SourceCell, places: list[int]) -> list[int]:
    """The copies of a cell one of which is taken for it.

    Of what is restored, the first. Of an answer that a person reads, the last, as in nbgrader.
    Of a solution any, for all copies run where they stand: then the one that moves nothing.
    """
    if cell.restored:
        return places[:1]
    return places[-1:] if cell.grade else places


# What students wrote into cells that are put back as they were


def _lost_texts(
    source: SourceNotebook, places: Mapping[str, list[int]], given: Sequence[NotebookNode]
) -> dict[str, str]:
    """The prose that was added to cells that are restored, by their names."""
    lost = {}
    for cell in source.cells:
        if cell.restored:
            known = regions.without(cell.source)
            texts = [prose.added(given[place].source, known) for place in places[cell.name]]
            if cell.cell_type == "code":
                texts = [prose.in_code(text) for text in texts]
            if prose.words(text := "\n\n".join(filter(None, texts))) >= _FEWEST_WORDS:
                lost[cell.name] = text
    return lost


def _rescued(text: str) -> NotebookNode:
    """A cell that keeps it for the person who reads."""
    return _cell("markdown", f"{RESCUED}\n\n{text}", {}, NotebookNode())


def _tell_lost(source: SourceNotebook, lost: Mapping[str, str], recognised: Recognised) -> None:
    for cell in source.cells:
        if cell.name in lost:
            recognised.notes.append(
                f"You wrote into the {kind(cell)} {cell.name}, which was put back as it was; your "
                "text stands below it. Write into cells of your own."
            )
    if lost and recognised.unanswered:
        where = ", ".join(lost)
        recognised.doubts.append(
            f"The answer {', '.join(recognised.unanswered)} is not filled in, but text was added "
            f"to {where}, where it does not count. It stands below that now, and may be the "
            "answer. Grade it by hand."
        )


# The order


def _anchors(places: Mapping[str, list[int]], source: SourceNotebook) -> set[int]:
    """The places of the known cells that can stay where they are; the others must move.

    That is the heaviest chain of cells in the source's order. A solution weighs more than all
    the rest: students' own cells stand where they are because of it.
    """
    heavy = len(source.cells) + 1
    steps = sorted(
        (place, rank, heavy if _is_code_of_student(cell) else 1)
        for rank, cell in enumerate(source.cells)
        for place in _candidates(cell, places[cell.name])
    )
    before: dict[int, int] = {}
    ends = [(0, -1)] * len(source.cells)  # by rank: the weight and the end of the heaviest chain
    for place, rank, weight in steps:
        so_far, before[place] = max(ends[:rank], default=(0, -1))
        ends[rank] = max(ends[rank], (so_far + weight, place))
    anchors = set()
    _, place = max(ends, default=(0, -1))
    while place >= 0:
        anchors.add(place)
        place = before[place]
    return anchors


def _is_code_of_student(cell: SourceCell) -> bool:
    return cell.solution and cell.cell_type == "code"


def _arranged(
    source: SourceNotebook,
    chosen: Mapping[str, int],
    anchors: set[int],
    own: Sequence[int],
    end: int,
) -> list[SourceCell | int]:
    """All cells in the order in which they run; the student's own ones as places.

    An own cell that stood before a solution still does, for the solution may need it. A test
    that was moved or deleted comes as late as the source's order lets it, after the student's
    corrections; other cells come as early as it lets them, for they prepare what follows.
    """
    waiting = deque(own)
    arranged: list[SourceCell | int] = []
    for rank, cell in enumerate(source.cells):
        place = chosen.get(cell.name)
        before = 0
        if place is not None and (place in anchors or _is_code_of_student(cell)):
            before = place
        elif cell.is_test:
            later = (chosen.get(other.name) for other in source.cells[rank + 1 :])
            before = next((n for n in later if n is not None and n in anchors), end)
        while waiting and waiting[0] < before:
            arranged.append(waiting.popleft())
        arranged.append(cell)
    return [*arranged, *waiting]


# What is not run


def _that_would_undo(
    source: SourceNotebook, places: Mapping[str, list[int]], given: Sequence[NotebookNode]
) -> list[SourceCell]:
    """The solutions that stand somewhere as they were released, while other code of the student's
    binds what they define: wherever that is, to run them after it would undo the work.
    """
    code = {n: cell.source.strip() for n, cell in enumerate(given) if cell.cell_type == "code"}
    stubs = [
        cell
        for cell in source.cells
        if _is_code_of_student(cell) and not cell.grade and cell.source.strip() in code.values()
    ]
    if not stubs:  # as nearly always: to parse takes time
        return []
    none = {cell.source.strip() for cell in stubs}
    none |= {regions.without(cell.source).strip() for cell in source.cells if cell.restored}
    put_back = {n for cell in source.cells if cell.restored for n in places[cell.name]}
    work = [text for n, text in code.items() if n not in put_back and text not in none]
    bound = _bound(work)
    return [cell for cell in stubs if (names := _bound([cell.source])) and names <= bound]


def _bound(sources: Sequence[str]) -> set[str]:
    return {name for text in sources for node in statements(text) for name in bound_by(node)}


def _not_run(source: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in source.split("\n"))


def _tag_skipped(made: Sequence[NotebookNode], source: SourceNotebook) -> None:
    """Tag the cells that the source lets grading skip, if nothing in the notebook needs them.

    Students build on what they see: where a cell of theirs uses a name of such a cell, all of
    these run, as they did for the student.
    """
    changes = dict(source.layout.skipped)
    if not changes:
        return
    names = [cells.grade_id(cell) or "" for cell in made]
    steps = [
        skipped.Step(name, cell.source, changes=changes.get(name))
        for name, cell in zip(names, made, strict=True)
        if cell.cell_type == "code" and not cells.is_test(cell)  # of tests, the source knows
    ]
    if not skipped.needs(steps):
        for name, cell in zip(names, made, strict=True):
            if name in changes:
                cell.metadata["tags"] = [skipped.TAG]


# The cells


def _own_cell(cell: NotebookNode) -> NotebookNode:
    return _cell(cell.cell_type, cell.source, {}, cell)


def _known_cell(cell: SourceCell, given: NotebookNode | None) -> NotebookNode:
    """The cell as nbgrader releases it, with the student's text where that counts."""
    about = {
        "cell_type": cell.cell_type,
        "grade": cell.grade,
        "grade_id": cell.name,
        "locked": cell.locked,
        "schema_version": 3,
        "solution": cell.solution,
        "task": cell.task,
    }
    if cell.checksum:
        about["checksum"] = cell.checksum
    if cell.grade or cell.task:
        about["points"] = cell.points
    metadata: dict[str, Any] = {"deletable": False, "nbgrader": about}
    if cell.restored:
        metadata["editable"] = False
    text = cell.source
    if given is not None and not cell.restored:
        text = given.source
    elif given is None and _is_code_of_student(cell) and not cell.grade:
        # To run the stub could undo the student's work, which may stand in another cell:
        # cells are merged, and solutions are written where there is room.
        text = _not_run(text)
    return _cell(cell.cell_type, text, metadata, given or NotebookNode(id=cell.name))


def _cell(cell_type: str, text: str, metadata: dict[str, Any], given: NotebookNode) -> NotebookNode:
    made: dict[str, Any] = {"cell_type": cell_type, "metadata": metadata, "source": text}
    made["id"] = given.get("id")
    if cell_type == "code":
        made |= {"outputs": [], "execution_count": None}
    elif given.get("attachments"):
        made["attachments"] = given.attachments
    return nbformat.from_dict(made)


# What is told


def _tell(
    source: SourceNotebook,
    places: Mapping[str, list[int]],
    chosen: Mapping[str, int],
    anchors: set[int],
    given: Sequence[NotebookNode],
    notes: list[str],
) -> None:
    for cell in source.cells:
        what, copies = f"The {kind(cell)} {cell.name}", len(places[cell.name])
        if not copies:
            notes.append(f"{what} was missing; {_put_back(cell, dict(source.layout.skipped))}.")
            continue
        if copies > 1:
            notes.append(f"{what} was there {copies} times; {_counted(cell)}.")
        if given[chosen[cell.name]].cell_type != cell.cell_type:
            form = "code" if cell.cell_type == "code" else "text"
            notes.append(f"{what} was no {form} cell any more; it was made one again.")
        if chosen[cell.name] not in anchors:
            notes.append(f"{what} had been moved; it was put back in its place.")


def _put_back(cell: SourceCell, skipped_cells: Mapping[str, object]) -> str:
    if cell.restored:
        is_run = cell.cell_type == "code" and cell.name not in skipped_cells
        return "it was put back and run" if is_run else "it was put back"
    if cell.grade:
        return "it was put back without an answer"
    return "it was put back without your code, and not run"


def _counted(cell: SourceCell) -> str:
    if cell.restored:
        return "the first one counts"
    return "the last one counts" if cell.grade else "all of them were run"
