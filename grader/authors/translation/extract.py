"""Find every text that a learner meets, for the catalogues.

The tool's own are those of the kit, of the page of feedback, and the sentences that grading writes
on it. A course's are those of its notebooks and hidden tests, of the files beside them, and of its
guides for students.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2.ext import babel_extract
from nbgrader.preprocessors import ClearSolutions

from grader.authors.exercises import student_kit
from grader.authors.exercises.student_kit import MASTER
from grader.basics import config_file
from grader.basics.errors import UserError
from grader.basics.words import for_student
from grader.course.directory import Course
from grader.nbgrader_app.offers import offers
from grader.notebooks import cells, regions
from grader.translation import markdown, placeholders, python_code

PACKAGE = Path(__file__).resolve().parents[2]
TEMPLATES = PACKAGE / "instructors/feedback/templates/course-feedback"
# The modules whose sentences come to stand on a student's page.
SPEAKING = (
    "basics/safe_html.py",
    "engine/execution/run_notebook.py",
    "engine/kernels/output_limits.py",
    "instructors/feedback/markup.py",
    "instructors/feedback/policy.py",
    "instructors/feedback/summary.py",
    "notebooks/causes.py",
    "notebooks/untrusted.py",
    "scoring/first_error.py",
    "scoring/score.py",
    "submissions/lost_code.py",
    "submissions/match_cells.py",
    "submissions/match_files.py",
    "submissions/prepare.py",
    "submissions/submission.py",
)


# Words of theirs that are shown alone, and that no rule tells from names.
_WORDS = {
    "instructors/feedback/summary.py": ("Passed",),
    "submissions/match_cells.py": ("answer",),
}


@dataclass(frozen=True)
class Found:
    """A text and where it stands. `form`: how it takes values, which stay as they are.

    `is_sentence`: grading writes it, with values in it, and a page says it again.
    """

    msgid: str
    file: str
    line: int
    form: placeholders.Form = ""
    is_sentence: bool = False


def of_tool() -> Iterator[Found]:
    """The texts of the tool."""
    for path in sorted(MASTER.glob("*.py")):
        name = path.relative_to(PACKAGE.parent).as_posix()
        yield from _of_code(path.read_text(encoding="utf-8"), name, explained=False)
    for module in SPEAKING:
        code, name = (PACKAGE / module).read_text(encoding="utf-8"), f"{PACKAGE.name}/{module}"
        for found in _of_code(code, name, explained=False):
            yield replace(found, msgid=for_student(found.msgid), is_sentence=True)
        for word in _WORDS.get(module, ()):
            yield Found(word, name, 1, is_sentence=True)
    for path in sorted(TEMPLATES.glob("*.j2")):
        name = path.relative_to(PACKAGE.parent).as_posix()
        with path.open("rb") as file:
            for line, _, said, _ in babel_extract(file, ("_",), (), {}):
                # Behind a text stands a None for each of its values.
                text = said[0] if isinstance(said, tuple) else said
                if text:
                    yield Found(text, name, line, "template")


def of_course(courses: Iterable[Course]) -> Iterator[Found]:
    """The texts of a course: of all its assignments, without what the tool's catalogue has."""
    guides: dict[Path, None] = {}
    root = None
    for course in courses:
        root = course.root
        yield from _stubs(course)
        for path in course.notebooks():
            yield from _of_notebook(path, course.show(path))
        prose = "\n".join(_prose(course))
        for path in course.handouts():
            if path.suffix == ".py":
                # What a learner is told to open is read, not only run.
                explained = f"`{path.name}`" in prose and not student_kit.is_in(course, path.name)
                yield from _of_code(_read(path), course.show(path), explained=explained)
            elif path.suffix == ".md":
                guides[path] = None
        guides |= dict.fromkeys(offers(course).guides_in(course.root))
    for path in guides:
        assert root is not None
        name = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
        yield from _of_markdown(_read(path), name)


def _read(path: Path) -> str:
    """A handout or a guide; raises UserError if it is no text in UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(f"{path} is not in UTF-8. Save it in UTF-8.") from None


def _of_notebook(path: Path, name: str) -> Iterator[Found]:
    for number, cell in enumerate(cells.read_notebook(path).cells):
        where = f"{name}:{cell.get('id', number)}"
        if cells.kind(cell) == "manual":
            continue  # a model answer and a rubric; the release has the stub in its place
        if cell.cell_type == "markdown":
            yield from _of_markdown(regions.without(cell.source), where)
        elif cell.cell_type == "code":
            yield from _of_cell(cell.source, where)


def _of_cell(source: str, where: str) -> Iterator[Found]:
    """Those of code without solutions, whose authors alone read comments in hidden tests."""
    source = _without_solutions(source)
    hidden = [line.number for line in regions.lines(source, "HIDDEN TESTS") if line.inside]
    for text in python_code.texts(source):
        if not text.explains or text.line not in hidden:
            yield Found(text.msgid, where, text.line, text.form)


def _without_solutions(source: str) -> str:
    """The cell with `pass` in the place of each solution, so that it stays Python."""
    made, is_in = [], False
    for line in regions.lines(source, "SOLUTION"):
        if line.inside is None and not line.is_marker:
            made.append(line.text)
            is_in = False
        elif not is_in:
            made.append(line.text[: len(line.text) - len(line.text.lstrip())] + "pass")
            is_in = True
    return "\n".join(made)


def _of_code(code: str, name: str, *, explained: bool) -> Iterator[Found]:
    for text in python_code.texts(code, explained=explained):
        yield Found(text.msgid, name, text.line, text.form)


def _of_markdown(text: str, name: str) -> Iterator[Found]:
    for block in markdown.blocks(text):
        yield Found(block.text, name, text.count("\n", 0, block.start) + 1)


def _prose(course: Course) -> Iterator[str]:
    for path in course.notebooks():
        for cell in cells.read_notebook(path).cells:
            if cell.cell_type == "markdown":
                yield cell.source


def _stubs(course: Course) -> Iterator[Found]:
    """What a student finds in place of a solution or of an answer, by the configuration."""
    stubs = ClearSolutions(config=config_file.load(course.config))
    name = course.config.name
    yield from _of_code(stubs.code_stub.get("python", ""), name, explained=True)
    yield from _of_markdown(stubs.text_stub, name)
