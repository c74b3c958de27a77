"""Show the rubric and the model answer in the formgrader, above each answer to grade by hand.

They come from the teacher notebook each time the page is opened, so they are as it is now.
"""

from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor

from grader.basics.errors import GraderError
from grader.notebooks import cells

# What nbgrader's formgrader tells of a page, and no other program that makes pages.
_OF_FORMGRADER = {"submission_id", "assignment_id", "notebook_id", "index", "total"}


class ShowRubric(NbGraderPreprocessor):  # type: ignore[misc]
    """Puts a cell with the rubric above each answer, in the formgrader only.

    nbgrader lets no step be set for the formgrader alone: `c.HTMLExporter.preprocessors` holds
    for the students' pages, too. So this one does nothing unless all signs say formgrader.
    """

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Add the cells, if this is a page of the formgrader."""
        if not resources.keys() >= _OF_FORMGRADER or "nbgrader" in resources:
            return nb, resources
        coursedir = CourseDirectory(parent=self)
        directory = coursedir.format_path(
            coursedir.source_directory, ".", resources["assignment_id"]
        )
        source = Path(directory) / f"{resources['notebook_id']}.ipynb"
        with_rubrics: list[NotebookNode] = []
        for cell in nb.cells:
            if cells.kind(cell) == "manual":
                box = _box(source, str(cells.grade_id(cell)))
                with_rubrics.append(new_markdown_cell(box))
            with_rubrics.append(cell)
        nb.cells = with_rubrics
        return nb, resources


def _box(source: Path, name: str) -> str:
    try:
        model, rubric = cells.model_and_rubric(source, name)
    except GraderError as error:
        return f"**No rubric to show.** {error}"
    # Blank lines, so that what stands between the tags is read as Markdown. The class is one of
    # Bootstrap's, which the formgrader has.
    shown = f'<div class="alert alert-info">\n\n{rubric}\n\n'
    opened = f"<details><summary>▸ Model answer (click to show)</summary>\n\n{model}\n\n</details>"
    return f"{shown}{opened}\n\nOnly graders see this box.\n\n</div>"
