"""The release in another language: made from the release, with a catalogue's texts in it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.preprocessors import ClearSolutions

from grader.authors.exercises import handin_table, student_kit
from grader.basics import config_file
from grader.course.directory import Course
from grader.course.release_diff import files
from grader.nbgrader_app.offers import offers
from grader.notebooks import cells, colab
from grader.translation import edition, markdown
from grader.translation.catalogue import Language


def write(course: Course, release: Path, target: Path, language: Language) -> None:
    """Write the release of an assignment in a language into the empty directory `target`."""
    names = sorted(files(release))
    made = {
        name: edition.file(name, (release / name).read_bytes(), language)
        for name in names
        if not name.endswith(".ipynb")
    }
    notebooks = {
        name: edition.notebook(release / name, language)
        for name in names
        if name.endswith(".ipynb")
    }
    if handin_table.NAME in made and student_kit.is_in(course, "handin.py"):
        table = made[handin_table.NAME]
        made[handin_table.NAME] = _table(course, table, notebooks, language)
    if url := offers(course).public_url_of(course.assignment, language.code):
        for name, each in notebooks.items():
            colab.add(each, Path(name).stem, url, colab.digests(made))
    for name, data in made.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(data)
    for name, each in notebooks.items():
        (target / name).write_text(nbformat.writes(each) + "\n", encoding="utf-8")


def guides(course: Course, language: Language) -> dict[Path, str]:
    """What students read beside the notebooks: where it goes, and its text in a language."""
    folder = course.release_in(language.code).parent
    return {
        folder / path.name: _with_links(
            markdown.translated(path.read_text(encoding="utf-8"), language.texts),
            course.show(path.parent),
        )
        for path in offers(course).guides_in(course.root)
    }


def _with_links(text: str, place: str) -> str:
    """A guide whose links still lead to where they did, seen from the folder that it is in now."""

    def moved(found: Any) -> str:
        return f"](../{place}/{found[1]}"

    return markdown.LINK.sub(moved, text)


def _table(
    course: Course, content: bytes, notebooks: Mapping[str, Any], language: Language
) -> bytes:
    """What handin.py must know of these notebooks: their stubs, and the hashes of their cells.

    The hashes of the first release count as well, for a student may change the language.
    """
    said = json.loads(content)
    said["to_fill_in"] = edition.cell("code", said.get("to_fill_in", ""), language)
    stub = ClearSolutions(config=config_file.load(course.config)).text_stub
    said["to_answer"] = edition.cell("markdown", stub, language).strip("*_ \n")
    texts = language.texts
    said["grading"]["causes"] = [
        [pattern, texts.get(what, what), texts.get(todo, todo)]
        for pattern, what, todo in said["grading"]["causes"]
    ]
    for stem, rows in said["notebooks"].items():
        known = cells.by_grade_id(notebooks[f"{stem}.ipynb"])
        for row in rows:
            if "hash" in row:
                own = handin_table.hash_of(known[row["id"]].source.strip())
                row["hash"] = sorted({own, row["hash"]})
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()
