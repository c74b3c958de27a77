"""Which folder of a source holds the students' folders: packing adds some around them.

What the roster knows decides. Without one, what lies in the folders does; and where that could mean
two things, a person is asked: else a class may become one student, or a student a class.
"""

import io
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from itertools import groupby

from grader.basics.errors import UserError
from grader.basics.words import listed
from grader.instructors.collect import archives, platform_names
from grader.instructors.collect.archives import Budget, Entry, Limits, Refused
from grader.submissions import match_files

# Folders that one student makes for the versions of one notebook.
_VERSION = re.compile(
    r"old|new|final|backup|copy|draft|original|attempt|try|version|v|alt|neu|last|latest"
)
_MANY = 3  # folders with the same notebook, from which on nobody takes them for one student's


@dataclass(frozen=True)
class Level:
    """The entries as they are named in one of the folders of a source, and those beside it."""

    entries: list[Entry]
    outside: list[Entry]
    depth: int = 0
    around: str = ""  # the path of the folder, "" for the source itself


def chain(entries: Sequence[Entry]) -> Iterator[Level]:
    """The source, the only folder in it, the only one in that, and so on."""
    level = Level(list(entries), [])
    while True:
        yield level
        tops = {entry.path[0] for entry in level.entries if len(entry.path) > 1}
        if len(tops) != 1:
            return
        level = _below(entries, level.depth + 1)


def inside(entries: Sequence[Entry], folder: str) -> Level:
    """What lies in the folder that a person named; raises UserError if there is none."""
    plain = unicodedata.normalize("NFC", folder).replace("\\", "/")
    wanted = tuple(part for part in plain.split("/") if part not in ("", "."))
    there = [entry for entry in entries if entry.path[: len(wanted)] == wanted]
    level = _below(there, len(wanted))
    if not level.entries:
        raise UserError(f'--inside "{folder}": there is no such folder, or it is empty.')
    taken = {id(entry) for entry in there}
    others = [entry for entry in entries if id(entry) not in taken]
    return replace(level, outside=[*level.outside, *others])


def of_students(
    entries: Sequence[Entry],
    is_known: Callable[[str], bool] | None,
    assignment: str,
    names: Sequence[str],
    limits: Limits,
) -> Level:
    """The level whose folders and zips are the students'; raises UserError to ask."""
    if is_known is not None and (level := _known(entries, is_known)) is not None:
        return level
    tops = _tops(entries)
    if len(tops) == 1:
        return _below(entries, _depth(entries, assignment, names, limits))
    return Level(list(entries), [])


def crowds(level: Level, names: Sequence[str], *, is_said: bool) -> dict[str, list[str]]:
    """The folders, of several, that hold those of several students; raises UserError for all.

    But not if a person said that the students' folders lie here (`is_said`): then none of all does.
    """
    tops: dict[str, list[Entry]] = defaultdict(list)
    for entry in level.entries:
        if len(entry.path) > 1:
            tops[entry.path[0]].append(replace(entry, path=entry.path[1:]))
    found = {top: _same_in(own, names) for top, own in tops.items()}
    with_work = [top for top, own in tops.items() if any(map(_is_work, own))]
    if len(with_work) > 1 and all(found[top] for top in with_work):
        if is_said:
            return {}
        raise UserError(
            f"Each of its folders ({_listed(with_work)}) holds several folders with the same "
            f"notebook ({_listed(found[with_work[0]])}), so they look like groups, not students. "
            f'Collect one after the other: --inside "{inside_of(level, with_work[0])}". If they '
            f'are students: --inside "{level.around or "."}"'
        )
    return {top: same for top, same in found.items() if len(same) >= _MANY}


def inside_of(level: Level, folder: str) -> str:
    """What names one of the level's folders to --inside."""
    return f"{level.around}/{folder}" if level.around else folder


def _known(entries: Sequence[Entry], is_known: Callable[[str], bool]) -> Level | None:
    """The first level where the roster knows names: one is enough in a folder that is alone."""
    depths = range(max((len(entry.path) for entry in entries), default=0))
    for depth in depths:
        below = _below(entries, depth)
        there = _tops(below.entries)
        known = [name for name in there if is_known(name)]
        alone = len({entry.path[:depth] for entry in entries if len(entry.path) > depth}) == 1
        if known and (alone or 2 * len(known) > len(there)):
            _refuse_twins(entries, depth)
            return below
    return None


def _refuse_twins(entries: Sequence[Entry], depth: int) -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for entry in entries:
        if _is_top(entry.path[depth:]):
            places[entry.path[depth]].add("/".join(entry.path[:depth]))
    for name, several in places.items():
        if len(several) > 1:
            raise UserError(
                f'"{name}" lies in {_listed(sorted(several))}. Which of them counts? Collect the '
                f'older first: --inside "{min(several)}"'
            )


def _depth(entries: Sequence[Entry], assignment: str, names: Sequence[str], limits: Limits) -> int:
    """How many folders lie around the students', where the source begins with one alone."""
    levels = list(chain(entries))
    # The last one of the chain: it holds several things, or work.
    last = levels[-1]
    for level in levels[1:]:
        if any(_is_work(entry) and len(entry.path) == 1 for entry in level.entries):
            last = level
            break
    path = next(entry for entry in entries if len(entry.path) > last.depth).path[: last.depth]
    loose = {_which(entry, names) for entry in last.entries if len(entry.path) == 1} - {""}
    same = _same_in(last.entries, names, limits)
    if last.depth == 0:
        # A zip alone, as a student's own, or one with a class in it.
        refuse_class(last.entries, assignment, names, limits)
        return 0
    if same and not loose and not _are_versions(same, assignment):
        return last.depth  # the folder is a class
    if not any(map(_is_work, last.entries)):
        return 0
    if not same:
        # One student, whose folder is the last one or the one around the assignment's.
        student = last.depth - 1
        while student > 0 and _is_assignment(path[student], assignment):
            student -= 1
        parts = [top for top in _tops(last.entries) if not _is_part(top, names)]
        if student == 0 and (loose or not parts):
            return 0
        if student > 0 and _is_assignment(path[-1], assignment) and student == last.depth - 2 == 1:
            return student
    choices = [f'--inside "{"/".join(path[:at]) or "."}"' for at in range(last.depth + 1)]
    shown = "/".join(path)
    raise UserError(
        f'Is "{shown}" the work of one student, or are there folders of several in it '
        f"({_listed(_tops_as_written(last.entries))})? Give a roster that knows them, or say in "
        f"which folder the students' folders lie: {' or '.join(choices)}"
    )


def refuse_class(
    entries: Sequence[Entry], assignment: str, names: Sequence[str], limits: Limits
) -> None:
    """Raise UserError for a zip, in the place of a student's, that has a class in it."""
    for entry in entries:
        if len(entry.path) == 1 and _is_class(entry, assignment, names, limits):
            raise UserError(
                f'"{entry.path[0]}" holds the folders of several students. Unpack it, and collect '
                "what is in it."
            )


def _below(entries: Sequence[Entry], depth: int) -> Level:
    return Level(
        [replace(one, path=one.path[depth:]) for one in entries if len(one.path) > depth],
        [one for one in entries if len(one.path) <= depth],
        depth,
        next(("/".join(one.path[:depth]) for one in entries if len(one.path) > depth), ""),
    )


def _is_top(path: tuple[str, ...]) -> bool:
    return len(path) > 1 or bool(path and archives.is_zip(path[0]))


def _tops_as_written(entries: Sequence[Entry]) -> list[str]:
    return sorted({entry.path[0] for entry in entries if _is_top(entry.path)})


def _tops(entries: Sequence[Entry]) -> list[str]:
    """The names of the folders and zips, as those of students would be."""
    names = {
        entry.path[0] if len(entry.path) > 1 else entry.path[0][: -len(".zip")]
        for entry in entries
        if _is_top(entry.path)
    }
    return sorted(names)


def _is_work(entry: Entry) -> bool:
    return match_files.is_notebook(entry.path[-1]) or archives.is_zip(entry.path[-1])


def _which(entry: Entry, names: Sequence[str]) -> str:
    """Which notebook it is, or by what name it would be the same as another; else empty."""
    last = entry.path[-1]
    if not match_files.is_notebook(last):
        return ""
    return match_files.by_name(last, names) or last.casefold()


def _same_in(
    entries: Sequence[Entry], names: Sequence[str], limits: Limits | None = None
) -> list[str]:
    """The folders and zips, two or more, that hold one notebook; zips are opened if `limits`."""
    places: dict[str, list[str]] = defaultdict(list)
    ordered = sorted((one for one in entries if _is_top(one.path)), key=lambda one: one.path[0])
    for top, own in groupby(ordered, key=lambda one: one.path[0]):
        held = set()
        for entry in own:
            held.add(_which(entry, names))
            if limits is not None and archives.is_zip(entry.path[-1]):
                held |= {_which(one, names) for one in _inner(entry, limits)}
        for which in held - {""}:
            places[which].append(top)
            if limits is not None and len(places[which]) >= _MANY:
                return places[which]
    return max(places.values(), key=len) if any(len(at) > 1 for at in places.values()) else []


def _inner(entry: Entry, limits: Limits) -> list[Entry]:
    """The files in a zip; none if it cannot be read, which is told when it is collected."""
    try:
        data = io.BytesIO(entry.read(Budget(limits.student_bytes)))
        with archives.opened(data, UTC, limits, own=True) as contents:
            return contents.entries
    except Refused:
        return []


def _is_class(entry: Entry, assignment: str, names: Sequence[str], limits: Limits) -> bool:
    if not archives.is_zip(entry.path[-1]):
        return False
    found = _inner(entry, limits)
    platform = platform_names.fitting(
        found, ("moodle", "canvas", "exchange", "brightspace", "blackboard")
    )
    for level in chain(found):
        same = _same_in(level.entries, names)
        if same and not _are_versions(same, assignment):
            return True
    return bool(platform)


def _are_versions(folders: Sequence[str], assignment: str) -> bool:
    """Whether one student may have made them all, by most of their names."""
    return 2 * sum(_is_version(folder, assignment) for folder in folders) >= len(folders)


def _is_version(folder: str, assignment: str) -> bool:
    words = re.findall(r"[^\W\d_]+|\d+", folder.casefold().removesuffix(".zip"))
    counted = len(words) == 1 and len(words[0]) < 3 and words[0].isdigit()
    if counted or _is_assignment(folder, assignment):
        return True
    return any(_VERSION.fullmatch(word) for word in words)


def _is_assignment(folder: str, assignment: str) -> bool:
    return _plain(folder).startswith(_plain(assignment))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "-", name.casefold()).strip("-")


def _is_part(folder: str, names: Sequence[str]) -> bool:
    """Whether a folder is named for a notebook, as a student sorts their own."""
    return match_files.by_name(f"{folder}.ipynb", names) is not None


def _listed(names: Sequence[str]) -> str:
    return listed([f'"{name}"' for name in names], 3)
