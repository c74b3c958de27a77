"""What pages of feedback show, before the due date and after it: settings of the instructor's."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbgrader import api
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Enum

from grader.course.directory import Course, Places
from grader.gradebook.lateness import read_due
from grader.notebooks import cells, hidden, regions
from grader.scoring import check_report, visible_parts

# In the resources of a page: the lines that it must not hold, and how much it shows.
SECRET, SHOWS = "secret_lines", "shows"
NOT_SHOWN = "The results of hidden tests are not shown.\n"
# How much a page shows: "nothing", "visible", "points", "message" or "source"; each of these shows
# what those before it show, too.
_AFTER = {"nothing": "points", "message": "message", "source": "source"}  # hidden_tests


class FeedbackPolicy(NbGraderPreprocessor):  # type: ignore[misc]
    """Takes out of a notebook what its student may not read."""

    hidden_tests = Enum(
        ["message", "source", "nothing"],
        "message",
        help=(
            "What students see of a hidden test. 'message': what it is about, whether it passed, "
            "and its message; never its code. 'source': its code, too. 'nothing': neither; only "
            "the points of the cell tell of it. What a learner's own code prints while a hidden "
            "test calls it is shown with the first two."
        ),
    ).tag(config=True)
    before_due = Enum(
        ["nothing", "visible", "points", "message"],
        None,
        allow_none=True,
        help=(
            "What students see before the due date. 'nothing': that their work has arrived, and "
            "whether it can be read. 'visible': which of the visible checks passed when it was "
            "graded, and no points. 'points': the points of each exercise, too, which hidden tests "
            "decide. 'message': what each hidden test is about, whether it passed, and its "
            "message. None: as after the due date, which `hidden_tests` sets. Without a due date "
            "it is always before it."
        ),
    ).tag(config=True)
    traceback = Bool(
        False,
        help=(
            "Whether students see the traceback of an error in a test, or only its message. Lines "
            "of hidden tests are taken out of it, unless their source is shown."
        ),
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Return the notebook as its student may see it."""
        regions.use(self.config)
        level = resources[SHOWS] = self.level(self._due(resources))
        kinds: list[regions.Kind] = ["SOLUTION", "MARK SCHEME"]
        if level != "source":
            kinds.append("HIDDEN TESTS")
        lines = hidden.hidden_lines(nb, *kinds, handouts=self._handouts(resources))
        # The engine did so when it graded; stock nbgrader leaves them in the outputs.
        hidden.remove(nb, lines, *kinds)
        # What the page must not hold, whatever else puts it there.
        resources[SECRET] = lines
        for cell in nb.cells:
            if cell.cell_type == "code":
                # What a cell prints comes in pieces.
                CoalesceStreamsPreprocessor().preprocess_cell(cell, resources, 0)
            if cells.is_test(cell):
                self._apply(cell, level)
            if hidden.is_of_teacher(cell):
                cell.source = regions.without(cell.source, *kinds)
            if level == "nothing" and cell.cell_type == "code":
                cell.outputs = []  # the cells themselves go when the summary has read their title
        return nb, resources

    def level(self, due: datetime | None) -> str:
        """How much the page of a student shows now, whose work is due at that time."""
        if self.before_due is not None and (due is None or datetime.now(UTC) < due):
            return str(self.before_due)
        return _AFTER[self.hidden_tests]

    def _due(self, resources: Any) -> datetime | None:
        if self.before_due is None:
            return None
        about = resources["nbgrader"]
        course_id = CourseDirectory(parent=self).course_id
        with api.Gradebook(about["db_url"], course_id) as gradebook:
            due = read_due(gradebook.db.connection(), about["assignment"])
        return due.of(about["student"])

    def _handouts(self, resources: Any) -> tuple[str, ...]:
        """The code of the files that students get; none where no course is told of."""
        if not (about := resources.get("nbgrader")):
            return ()
        coursedir = CourseDirectory(parent=self)
        places = Places(source=coursedir.source_directory)
        course = Course(Path(coursedir.root), about["assignment"], places)
        code = [path for path in course.handouts() if path.suffix == ".py"]
        return hidden.code_of({str(path): path.read_bytes() for path in code})

    def _apply(self, cell: NotebookNode, level: str) -> None:
        parts = check_report.parts(cell)
        visible = [part for part in parts if visible_parts.is_visible(part, cell.source)]
        cell.metadata["visible_parts"] = [part.head for part in visible]
        if not self.traceback:
            for output in cell.outputs:
                if output.output_type == "error":
                    output.traceback = [check_report.error_text(output)]
        cell.metadata["has_hidden"] = hidden.has_hidden(cell.source)
        if level in ("visible", "points") and cell.metadata["has_hidden"]:
            cell.outputs = _only_visible(cell)


def _only_visible(cell: NotebookNode) -> list[NotebookNode]:
    """Outputs of a test cell that tell of nothing but its visible parts.

    All else may come from a hidden test: what it printed, or an error that ended it.
    """
    known = cell.metadata["visible_parts"]
    told = [part.text for part in check_report.parts(cell) if part.head in known]
    text = "".join(f"{each}\n" for each in told) + NOT_SHOWN
    return [NotebookNode(output_type="stream", name="stdout", text=text)]
