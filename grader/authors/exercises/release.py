"""The student release: made from the source by nbgrader, and checked against it."""

import filecmp
import json
import shutil
import tempfile
from pathlib import Path

from grader.authors.exercises import translated_release
from grader.basics import atomic
from grader.basics.errors import UserError
from grader.basics.terminal import say
from grader.course.directory import Course
from grader.course.release_diff import differences, files
from grader.nbgrader_app import commands
from grader.notebooks import cells, hidden, regions
from grader.translation import catalogue
from grader.translation.catalogue import Language

_MEND = "Make it anew: course release"


def run(course: Course, check: bool, language: str = "") -> int:
    """Write release/ from source/, and the release in each language that the course has.

    With `language` that one alone. With `check` only say where they differ.
    """
    wanted = [language] if language else ["", *catalogue.codes(course.root)]
    languages = {code: catalogue.language(course.root, code) for code in wanted if code}
    bad = False
    with (
        commands.temporary_course(course) as fresh,
        regions.of_config(fresh.config),
        tempfile.TemporaryDirectory(prefix="course-release-") as made,
    ):
        commands.generate(fresh, with_gradebook=False)
        # What is in release/ and not in the fresh one is among the differences.
        leaks = find_leaks(course, fresh.release)
        for code in [] if leaks and not check else wanted:
            if not code:
                bad |= _put(course, fresh.release, course.release, check)
                continue
            target = Path(made, code)
            target.mkdir()
            translated_release.write(course, fresh.release, target, languages[code])
            bad |= _put(course, target, course.release_in(code), check)
            bad |= _put_guides(course, languages[code], check)
    for leak in leaks:
        say(f"release: {leak}")
    if leaks and not check:
        say("release: nothing was written")
    if not leaks and not bad:
        also = f" (also in {', '.join(languages)})" if languages else ""
        say(f"release: equals a fresh generation from source/, and gives nothing away{also}")
    return 1 if leaks or (check and bad) else 0


def _put(course: Course, fresh: Path, release: Path, check: bool) -> bool:
    """Write what differs, or with `check` only say it; returns whether anything differs."""
    differing = differences(fresh, release)
    if not check:
        _write(fresh, release)
    place = release.parent.name
    for name, what in differing.items():
        where = name if release == course.release else f"{place}/{name}"
        say(f"release: {where} {what}" + (f". {_MEND}" if check else ", now written"))
    return bool(differing)


def _put_guides(course: Course, language: Language, check: bool) -> bool:
    """The same with what students read beside the notebooks."""
    differs = False
    for path, text in translated_release.guides(course, language).items():
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            differs = True
            if not check:
                atomic.write_text(path, text)
            end = f"is not what the course makes. {_MEND}" if check else "is now written"
            say(f"release: {course.show(path)} {end}")
    return differs


def make(course: Course) -> None:
    """Write release/ from source/. Raises UserError if it would give something away."""
    with commands.temporary_course(course) as fresh, regions.of_config(fresh.config):
        commands.generate(fresh, with_gradebook=False)
        if leaks := find_leaks(course, fresh.release):
            raise UserError(f"The release would not be one to give out: {leaks[0]}.")
        _write(fresh.release, course.release)


def _write(fresh: Path, release: Path) -> None:
    for name in files(release) - files(fresh):
        (release / name).unlink()
    for name in files(fresh):
        target = release / name
        if not target.is_file() or not filecmp.cmp(fresh / name, target, shallow=False):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(fresh / name, target)


def find_leaks(course: Course, release: Path) -> list[str]:
    """Every marker, solution, hidden test, model answer or rubric that is in `release`."""
    secrets = secret_lines(course)
    markers = [text for each in regions.delimiters() for text in (each.begin, each.end)]
    found = []
    for name in sorted(files(release)):
        for where, text in _texts(release / name):
            place = f"{name}, cell {where}" if where else name
            if marker := next((each for each in markers if each in text), ""):
                found.append(f"{place} has the marker {marker}")
            flat = _flat(text)
            for line, source in secrets.items():
                if line in flat:
                    found.append(f"{place} gives away {source}: {line[:60]!r}")
    return found


def secret_lines(course: Course) -> dict[str, str]:
    """The lines that only teachers may see, with spaces evened out, and where each is from.

    A line that is also in a part that students do see is none, nor is a very short one.
    """
    secret: dict[str, str] = {}
    # A handout may be an image or an archive, which has no lines.
    visible = [
        _flat(path.read_text(encoding="utf-8", errors="replace")) for path in course.handouts()
    ]
    for path in course.notebooks():
        for cell in cells.read_notebook(path).cells:
            split = cells.parts(cell)
            visible.append(_flat("\n".join(split.visible)))
            for line in map(_flat, [*split.solution, *split.hidden]):
                if hidden.says_something(line):
                    secret.setdefault(line, f"{path.stem}, cell {cell.id}")
    public = "\n".join(visible)
    return {line: where for line, where in secret.items() if line not in public}


def _flat(text: str) -> str:
    return " ".join(text.split())


def _texts(path: Path) -> list[tuple[str, str]]:
    """The texts of a file: those of each cell of a notebook with the cell's id."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix != ".ipynb":
        return [("", text)]
    try:
        notebook = json.loads(text)
        return [
            (
                cell.get("id", "?"),
                "\n".join(
                    [
                        "".join(cell.get("source", "")),
                        json.dumps(cell.get("outputs", []), ensure_ascii=False),
                        json.dumps(cell.get("metadata", {}), ensure_ascii=False),
                    ]
                ),
            )
            for cell in notebook["cells"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [("", text)]
