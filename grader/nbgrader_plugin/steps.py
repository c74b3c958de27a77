"""The engine in nbgrader's own commands: `configure` puts its steps in the place of nbgrader's.

`nbgrader autograde` and the formgrader's button then read, prepare, run and score a notebook as
`course grade` does, one after another; `nbgrader validate` runs it in the sandbox. See
docs/engine.md for what nbgrader itself does before these steps get to see a submission.
"""

import os
import stat
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbformat import NotebookNode
from nbgrader import api
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    IgnorePattern,
    LimitOutput,
    NbGraderPreprocessor,
)
from nbgrader.utils import is_grade, is_locked, is_solution
from nbgrader.validator import Validator

from grader.basics import atomic
from grader.basics.safe_html import inert_markdown
from grader.course.directory import Course, Places
from grader.course.editions import Editions
from grader.engine.execution.bundle import Result
from grader.engine.execution.run_notebook import METADATA, SandboxedExecute
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import Outcome
from grader.instructors.feedback import configure_feedback
from grader.nbgrader_app.offers import Course as Offers
from grader.notebooks import cells, colab, imports, regions, untrusted
from grader.notebooks.source import bound_names, read_layout, source_notebook
from grader.scoring.verdict import outcome_of
from grader.submissions import prepare

# In the place of a fingerprint: nbgrader knows none, so `course grade` will grade it again.
_BY_NBGRADER = ""


def configure(c: Any) -> None:
    """Let nbgrader use the engine; called with the `c` of nbgrader_config.py.

    COURSE_STOCK=1 in the environment leaves nbgrader as it is, to compare the two.
    """
    if os.environ.get("COURSE_STOCK") == "1":
        return
    c.Autograde.sanitize_preprocessors = [Sanitise]
    # Scores are saved before nbgrader shortens outputs and removes metadata.
    c.Autograde.autograde_preprocessors = [
        SandboxedExecute,
        SaveScores,
        IgnorePattern,
        ClearMetadataPreprocessor,
        LimitOutput,
        AssignLatePenalties,
        CheckCellMetadata,
    ]
    # The student version is whole by then.
    c.GenerateAssignment.preprocessors = [*GenerateAssignment().preprocessors, OpenInColab]
    configure_feedback(c)
    # The formgrader's pages have the rights of the person who grades.
    c.HTMLExporter.sanitize_html = True
    c.HTMLExporter.filters = {"markdown2html": inert_markdown}
    # nbgrader has the list but does not let it be configured.
    Validator.preprocessors.tag(config=True)
    c.Validator.preprocessors = [
        CheckCellMetadata,
        ClearOutput,
        TellNames,
        SandboxedExecute,
        ForgiveStandardError,
    ]


class Sanitise(NbGraderPreprocessor):  # type: ignore[misc]
    """Makes the notebook that is run, in the place of nbgrader's five steps for that.

    It reads the student's file again: what nbformat made of it has lost what a person must know.
    Raises Unreadable, at which nbgrader tells why and goes on with the next student.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook to run; what was done to it stands in its metadata."""
        regions.use(self.config)
        directory = Path(resources["metadata"]["path"])
        _refuse_links(directory)
        file = directory / f"{resources['metadata']['name']}.ipynb"
        content = untrusted.read_bytes(file, directory)
        given = untrusted.parse(content)
        about = resources["nbgrader"]
        coursedir = CourseDirectory(parent=self)
        course = _course(coursedir, about["assignment"])
        teachers = course.source / f"{about['notebook']}.ipynb"
        with api.Gradebook(about["db_url"], coursedir.course_id) as gradebook:
            source = source_notebook(
                gradebook,
                about["assignment"],
                about["notebook"],
                read_layout(teachers),
            )
        editions = Editions(course)
        language = editions.language_of(about["notebook"], content)
        prepared = prepare.prepare(given, editions.source(source, language), language)
        if editions.are_several:
            _put_beside(coursedir, about, editions.handouts(language))
        for note in [*prepared.notes, *prepared.doubts]:
            self.log.warning("%s", note)
        prepared.notebook.metadata[METADATA].update(
            notes=list(prepared.notes),
            doubts=list(prepared.doubts),
            # Of the whole assignment: then one fork server is enough for all its notebooks.
            warm=_imported(teachers.parent),
        )
        if not ClearOutput(parent=self).enabled:  # nbgrader autograde --no-execute
            _keep_outputs(prepared.notebook, given, nb)
        return prepared.notebook, resources


class OpenInColab(NbGraderPreprocessor):  # type: ignore[misc]
    """Lets the student version be opened in Colab, if c.Course.public_url says where it is."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Add a badge, and the cell that gets the files beside the notebook."""
        about, coursedir = resources["nbgrader"], CourseDirectory(parent=self)
        if url := Offers(config=self.config).public_url_of(about["assignment"]):
            files = colab.digests(_course(coursedir, about["assignment"]).handout_contents())
            colab.add(nb, about["notebook"], url, files)
        return nb, resources


class SaveScores(NbGraderPreprocessor):  # type: ignore[misc]
    """Scores the notebook that was run and saves that, in the place of SaveAutoGrades."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Save scores and comments in one transaction; tell the student what was done."""
        regions.use(self.config)
        about = resources["nbgrader"]
        result = Result(notebook=nb, **resources.get("course", {}))
        told = nb.metadata.pop(METADATA, {})
        recorder = Recorder(about["db_url"], CourseDirectory(parent=self).course_id)
        try:
            source = recorder.source(about["assignment"], about["notebook"])
            language = told.get("language", "")
            editions = Editions(_course(CourseDirectory(parent=self), about["assignment"]))
            if language:
                source = editions.source(source, language)
                nb.metadata[METADATA] = {"language": language}  # of the page
            outcome = Outcome(
                student=about["student"],
                assignment=about["assignment"],
                notebook=about["notebook"],
                fingerprint=_BY_NBGRADER,
                **outcome_of(
                    result,
                    source,
                    told.get("notes", []),
                    told.get("doubts", []),
                    editions.handouts(language),
                ),
            )
            recorder.record(outcome)
        finally:
            recorder.close()
        why = (f"{each.name}: {each.why}" for each in outcome.scores if each.why)
        for line in filter(None, [outcome.reason, *why]):
            self.log.warning("%s", line)
        return nb, resources


def _course(coursedir: CourseDirectory, assignment: str) -> Course:
    return Course(Path(coursedir.root), assignment, Places(source=coursedir.source_directory))


def _put_beside(
    coursedir: CourseDirectory, about: Mapping[str, Any], files: Mapping[str, bytes]
) -> None:
    """Put the handouts in the notebook's language where nbgrader will run it.

    It has copied those of the source there; one notebook of a student's may be in another language
    than the next. What the student handed in lies elsewhere, and is left as it is.
    """
    place = Path(
        coursedir.format_path(coursedir.autograded_directory, about["student"], about["assignment"])
    )
    if not place.is_dir():
        return
    for name, data in files.items():
        path = place / name
        if path.is_file() and path.read_bytes() != data:
            atomic.write(path, data)


class TellNames(NbGraderPreprocessor):  # type: ignore[misc]
    """Tells the engine what the course binds and imports, of a notebook that is to be validated.

    One that is graded is told by `prepare`, from the source.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Write them into the notebook's metadata; the engine takes them out again."""
        own = [cell for cell in nb.cells if is_solution(cell) or is_locked(cell)]
        names = bound_names(cell.source for cell in own if not is_grade(cell))
        folder = Path(resources.get("metadata", {}).get("path") or os.getcwd())
        warm = imports.of_sources(imports.of_teacher(own), folder).modules
        nb.metadata.setdefault(METADATA, {}).update(binds=names, warm=list(warm))
        return nb, resources


class ForgiveStandardError(NbGraderPreprocessor):  # type: ignore[misc]
    """Removes what test cells wrote to standard error, for which `nbgrader validate` fails them.

    It costs no points in grading.
    """

    def preprocess_cell(
        self, cell: NotebookNode, resources: Any, index: int
    ) -> tuple[NotebookNode, Any]:
        """Remove it from a test cell."""
        if cells.is_test(cell):
            cell.outputs = [out for out in cell.outputs if out.get("name") != "stderr"]
        return cell, resources


def _imported(folder: Path) -> list[str]:
    """What the teacher notebooks in a folder import."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    return list(_imported_by(folder, tuple((path, path.stat().st_mtime_ns) for path in files)))


@lru_cache(maxsize=8)  # for each student's notebook; the formgrader's server runs for long
def _imported_by(folder: Path, _files: tuple[tuple[Path, int], ...]) -> tuple[str, ...]:
    return imports.of_folder(folder).modules


def _refuse_links(directory: Path) -> None:
    """Refuse a submission with anything but plain files.

    nbgrader has copied what a link leads to by now; but nothing has run yet that could read it,
    and when this raises, nbgrader removes the copies.
    """
    for where, names, files in os.walk(directory):
        for path in (Path(where, name) for name in [*names, *files]):
            mode = path.lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                shown = path.relative_to(directory)
                raise untrusted.Unreadable(
                    f"{shown} is a link or no plain file; remove it, or ask the student to hand "
                    "the work in again."
                )


def _keep_outputs(prepared: NotebookNode, given: NotebookNode, nb: NotebookNode) -> None:
    """Give cells the outputs that they were handed in with; `given` and `nb` are the same cells."""
    kept = {
        cell.id: old
        for cell, old in zip(given.cells, nb.cells, strict=True)
        if old.cell_type == "code"
    }
    for cell in prepared.cells:
        if cell.cell_type == "code" and cell.id in kept:
            cell.outputs = kept[cell.id].outputs
            cell.execution_count = kept[cell.id].execution_count
