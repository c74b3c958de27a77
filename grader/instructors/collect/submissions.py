"""One submission: which of its files are notebooks of the assignment, inside its zips, too."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from pathlib import PurePosixPath

from grader.basics.words import counted, listed
from grader.instructors.collect import archives
from grader.instructors.collect.archives import Budget, Contents, Limits, Refused
from grader.instructors.collect.platform_names import Piece
from grader.instructors.collect.report import What
from grader.notebooks import untrusted
from grader.submissions import match_files
from grader.submissions.match_files import Marks

# Told of each file: what was done ("collected", "kept", "left", "note"), its name, a remark and
# the notebook that it is.
Tell = Callable[[What, str, str, str], None]


@dataclass(frozen=True)
class _Candidate:
    """A notebook file. `order`: of two for the same notebook the higher one is taken."""

    shown: str
    data: bytes
    order: tuple[float, float]
    depth: int


def read(
    pieces: Sequence[Piece],
    known: Sequence[Marks],
    handouts: frozenset[str],
    tell: Tell,
    budget: Budget,
    limits: Limits,
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files as they came, and the notebooks among them, by the assignment's names."""
    names = [each.name for each in known]
    received: dict[str, bytes] = {}
    candidates: list[_Candidate] = []
    own = Budget(limits.student_bytes, budget, limits.own_notebooks)
    for piece in pieces:
        shown = "/".join(piece.file)
        try:
            data = piece.entry.read(own)
        except Refused as refusal:
            tell("left", piece.entry.shown, str(refusal), "")
            continue
        received[_free_name(piece.file, received)] = data
        first = _Candidate(shown, data, (piece.order, 0.0), 0)
        expected = handouts | {piece.file[-1]} if piece.record else handouts
        candidates += _candidates(first, names, expected, tell, own, limits)
    return received, _chosen(candidates, known, tell)


def _candidates(
    file: _Candidate,
    names: Sequence[str],
    handouts: frozenset[str],
    tell: Tell,
    budget: Budget,
    limits: Limits,
) -> list[_Candidate]:
    """The notebooks that a file is or holds."""
    name = PurePosixPath(file.shown).name
    if name not in handouts and match_files.may_be_notebook(name, names):
        return [file]
    if not archives.is_zip(name):
        what: What = "kept" if name in handouts else "note"
        tell(what, file.shown, "no notebook; kept, not graded", "")
        return []
    if file.depth >= limits.zips:
        tell("note", file.shown, "a zip in a zip in a zip; kept, not opened", "")
        return []
    try:
        inner = replace(limits, entries=limits.own_entries)
        with archives.opened(io.BytesIO(file.data), UTC, inner, own=True) as contents:
            return _unpacked(file, contents, names, handouts, tell, budget, limits)
    except Refused as refusal:
        tell("note", file.shown, f"{refusal}; kept, not opened", "")
        return []


def _unpacked(
    file: _Candidate,
    contents: Contents,
    names: Sequence[str],
    handouts: frozenset[str],
    tell: Tell,
    budget: Budget,
    limits: Limits,
) -> list[_Candidate]:
    """The notebooks in a student's zip."""
    found: list[_Candidate] = []
    others = []
    for refused, why in contents.refused:
        tell("note", f"{file.shown}/{refused}", f"{why}; not used", "")
    for entry in contents.entries:
        base, shown = entry.path[-1], f"{file.shown}/{entry.shown}"
        if base in handouts:
            continue
        if not (match_files.may_be_notebook(base, names) or archives.is_zip(base)):
            others.append(entry.shown)
            continue
        try:
            budget.ask_file()
        except Refused as refusal:
            tell("note", file.shown, f"{refusal}; the rest is kept, not used", "")
            break
        try:
            data = entry.read(budget)
        except Refused as refusal:
            tell("note", shown, f"{refusal}; not used", "")
            continue
        changed = entry.time.timestamp() if entry.time else 0.0
        unpacked = _Candidate(shown, data, (file.order[0], changed), file.depth + 1)
        found += _candidates(unpacked, names, handouts, tell, budget, limits)
    if others:
        what = f"{counted(len(others), 'file')} {'is' if len(others) == 1 else 'are'}"
        remark = f"{what} no notebook ({listed(others, 3)}); kept in the zip, not graded"
        tell("note", file.shown, remark, "")
    return found


def _chosen(
    candidates: Sequence[_Candidate], known: Sequence[Marks], tell: Tell
) -> dict[str, bytes]:
    """Of each notebook one file; none that is in doubt, for `course grade` would ask, too."""
    fitting: dict[str, list[_Candidate]] = {}
    for candidate in candidates:
        look = match_files.match(candidate.shown, candidate.data, known)
        if look.name is None:
            remark = "no notebook of the assignment; kept, not graded"
            if look.doubt:
                remark = (
                    f"{look.doubt}; kept, not graded: look which notebook it is, and put it into "
                    "submitted/ by hand"
                )
            tell("note", candidate.shown, remark, look.named or "")
            continue
        if len(candidate.data) > untrusted.MOST_BYTES:
            most = untrusted.MOST_BYTES // archives.MB
            remark = f"larger than {most} MB, so it cannot be graded; ask for it without outputs"
            tell("note", candidate.shown, remark, look.name)
        fitting.setdefault(look.name, []).append(candidate)
    chosen = {}
    for name in sorted(fitting):
        best, *others = sorted(fitting[name], key=lambda one: _rank(one, name), reverse=True)
        chosen[name] = best.data
        tell("collected", best.shown, "", name)
        for other in others:
            same = other.data == best.data
            remark = f'"{best.shown}" is {name}, too, and was taken; this one is kept'
            tell(
                "kept" if same else "note",
                other.shown,
                "the same once more" if same else remark,
                name,
            )
    return chosen


def _rank(candidate: _Candidate, name: str) -> tuple[tuple[float, float], bool, str]:
    """Later is better, then the exact name, then the name that a system gave last."""
    exact = PurePosixPath(candidate.shown).name == f"{name}.ipynb"
    return candidate.order, exact, candidate.shown


def _free_name(file: tuple[str, ...], taken: dict[str, bytes]) -> str:
    """A path that no other file has, and in whose way no other is."""
    name, number = "/".join(file), 1
    while any(
        name == other or name.startswith(f"{other}/") or other.startswith(f"{name}/")
        for other in taken
    ):
        number += 1
        *folders, last = file
        path = PurePosixPath(last)
        name = "/".join(
            (*(f"{part}~{number}" for part in folders), f"{path.stem}~{number}{path.suffix}")
        )
    return name
