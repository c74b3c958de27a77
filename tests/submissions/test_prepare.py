"""What is made of a student's notebook before it runs."""

import copy
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.apps import NbGrader
from nbgrader.converters import Autograde
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.utils import compute_checksum

from grader.authors.bank import answers
from grader.course.directory import Course
from grader.nbgrader_app import commands
from grader.notebooks import cells, untrusted
from grader.notebooks.source import (
    Layout,
    SourceCell,
    SourceNotebook,
    read_layout,
    source_notebook,
)
from grader.submissions import prepare as sanitise
from grader.submissions.prepare import Prepared
from tests.contract import CONTRACT
from tests.courses import ASSIGNMENT

# A small exercise: given code, two solutions with their tests, a text answer.


def source_cell(
    name: str,
    kind: str = "code",
    *,
    locked: bool = False,
    grade: bool = False,
    solution: bool = False,
    points: float = 0,
) -> SourceCell:
    about = {"grade_id": name, "grade": grade, "solution": solution, "locked": locked}
    text = f"{name} of the teacher"
    cell = nbformat.from_dict({"cell_type": kind, "source": text})
    cell.metadata = nbformat.from_dict({"nbgrader": {**about, "points": points}})
    return SourceCell(
        name, kind, text, locked, compute_checksum(cell), grade, solution, False, points
    )


SOURCE = SourceNotebook(
    "exercise",
    (
        source_cell("given", locked=True),
        source_cell("first", solution=True),
        source_cell("test-first", locked=True, grade=True, points=3),
        source_cell("second", solution=True),
        source_cell("test-second", locked=True, grade=True, points=2),
        source_cell("text", "markdown", grade=True, solution=True, points=4),
    ),
    {"name": "python3", "display_name": "Python 3", "language": "python"},
)
BY_NAME = {cell.name: cell for cell in SOURCE.cells}
NAMES = list(BY_NAME)


def known(name: str, text: str | None = None) -> NotebookNode:
    """A cell as a student hands it in: tests lack their hidden part."""
    cell = BY_NAME[name]
    about: dict[str, Any] = {
        "cell_type": cell.cell_type,
        "checksum": cell.checksum,
        "grade": cell.grade,
        "grade_id": name,
        "locked": cell.locked,
        "schema_version": 3,
        "solution": cell.solution,
        "task": False,
    }
    if cell.grade:
        about["points"] = cell.points
    made = own(f"{name} of the student" if text is None else text, cell.cell_type)
    made.metadata.nbgrader = nbformat.from_dict(about)
    return made


def own(text: str, kind: str = "code") -> NotebookNode:
    """A cell that the student added."""
    new = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]
    return new(text)


def notebook(*names: str | NotebookNode) -> NotebookNode:
    """A notebook of known cells, and of own cells where a name is not known."""
    made = [
        name if isinstance(name, NotebookNode) else known(name) if name in BY_NAME else own(name)
        for name in names
    ]
    return nbformat.v4.new_notebook(cells=made)


def prepare(*names: str | NotebookNode) -> Prepared:
    given = notebook(*names)
    before = copy.deepcopy(given)
    prepared = sanitise.prepare(given, SOURCE)
    assert given == before
    check(prepared)
    return prepared


def check(prepared: Prepared) -> None:
    """What is so whatever a student hands in."""
    as_made = copy.deepcopy(prepared.notebook)
    nbformat.validate(prepared.notebook)
    assert prepared.notebook == as_made  # nbformat would mend ids that are there twice
    MetadataValidator().validate_nb(prepared.notebook)
    named = cells.by_grade_id(prepared.notebook)
    assert list(named) == NAMES
    for name, cell in named.items():
        expected = known(name).metadata.nbgrader
        assert cell.metadata.nbgrader == expected
        assert cell.cell_type == BY_NAME[name].cell_type
        if BY_NAME[name].restored:
            assert cell.source == BY_NAME[name].source
            assert compute_checksum(cell) == BY_NAME[name].checksum
    for cell in prepared.notebook.cells:
        assert set(cell.metadata) <= {"nbgrader", "deletable", "editable"}
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    ids = [cell.id for cell in prepared.notebook.cells]
    assert len(set(ids)) == len(ids)
    assert prepared.notebook.metadata.kernelspec == SOURCE.kernelspec
    assert all(note.endswith(".") and "\n" not in note for note in prepared.notes)


def shown(prepared: Prepared) -> list[str]:
    """The cells in order: known ones by name, own ones by their text."""
    return [cells.grade_id(cell) or cell.source for cell in prepared.notebook.cells]


def source_of(prepared: Prepared, name: str) -> str:
    return str(cells.by_grade_id(prepared.notebook)[name].source)


def test_honest() -> None:
    names = ["title", "given", "a", "first", "b", "test-first", "second", "c", "test-second"]
    names += ["text", "d"]
    prepared = prepare(*names)
    assert shown(prepared) == names
    assert prepared.notes == ()
    for name in ("first", "second", "text"):
        assert source_of(prepared, name) == f"{name} of the student"


def test_the_python_of_the_student_is_kept_beside_that_which_runs_it() -> None:
    given = notebook("given")
    assert "python" not in prepare("given").notebook.metadata.course
    given.metadata["language_info"] = {"name": "python", "version": "3.12.4"}
    assert sanitise.prepare(given, SOURCE).notebook.metadata.course.python == "3.12.4"


def test_outputs_tags_and_other_metadata_go() -> None:
    test, mine = known("test-first"), own("mine")
    for cell in (test, mine):
        cell.outputs = [nbformat.v4.new_output("stream", text="1")]
        cell.execution_count = 7
        tags = ["skip-execution", "raises-exception"]
        cell.metadata.update({"tags": tags, "course": {"status": "ok"}})
    prepared = prepare("given", "first", test, mine, "second", "test-second", "text")
    assert prepared.notes == ()


SKIPPING = replace(SOURCE, layout=Layout(skipped=(("given", frozenset({"seconds"})),)))


@pytest.mark.parametrize("tags", [[], ["skip-execution"], ["raises-exception"]], ids=str)
def test_a_given_cell_is_skipped_where_the_source_says_so(tags: list[str]) -> None:
    given, test = known("given"), known("test-first")
    for cell in (given, test):
        cell.metadata["tags"] = tags
    prepared = sanitise.prepare(notebook(given, "first = 1", test), SKIPPING)
    tagged = {cells.grade_id(cell): cell.metadata.get("tags") for cell in prepared.notebook.cells}
    assert {name: tags for name, tags in tagged.items() if tags} == {"given": ["skip-execution"]}
    note = "The given cell given was missing; it was put back."
    assert note in sanitise.prepare(notebook("first"), SKIPPING).notes


USES = {
    "in a cell of their own": ["given", "first", own("print(seconds)")],
    "in a solution": ["given", known("first", "def f(): return seconds"), "test-first"],
    "before it is run": [own("def f(): return seconds"), "given", "first"],
}


@pytest.mark.parametrize("how", USES)
def test_it_runs_where_a_student_uses_what_it_binds(how: str) -> None:
    prepared = sanitise.prepare(notebook(*USES[how]), SKIPPING)
    assert not any("tags" in cell.metadata for cell in prepared.notebook.cells)


def test_it_is_skipped_where_a_student_has_the_name_for_something_else() -> None:
    mine = [known("first", "def f(seconds): return seconds"), own("seconds = 1; print(seconds)")]
    prepared = sanitise.prepare(notebook("given", *mine), SKIPPING)
    assert cells.by_grade_id(prepared.notebook)["given"].metadata.tags == ["skip-execution"]


FLAGS: list[dict[str, Any]] = [
    {"grade": False},
    {"grade": False, "locked": False, "solution": False, "task": True},
    {"solution": True},
    {"points": 1000},
    {"points": float("nan")},
    {"points": "many"},
    {"schema_version": 99},
    {"schema_version": None},
    {"checksum": ["0"]},
    {"cell_type": "raw"},
    {"unknown": {}},
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("flags", FLAGS, ids=str)
def test_metadata_come_from_the_source(name: str, flags: dict[str, Any]) -> None:
    changed = known(name)
    changed.metadata.nbgrader.update(flags)
    prepared = prepare(*(changed if other == name else other for other in NAMES))
    assert prepared.notes == ()


@pytest.mark.parametrize("about", [{}, [], None, "test", {"grade_id": 5}, {"grade_id": "unknown"}])
def test_metadata_of_own_cells_go(about: Any) -> None:
    mine = own("mine")
    mine.metadata["nbgrader"] = about
    prepared = prepare(*NAMES, mine)
    assert shown(prepared) == [*NAMES, "mine"]
    assert "nbgrader" not in prepared.notebook.cells[-1].metadata
    assert prepared.notes == ()


@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
@pytest.mark.parametrize("name", ["first", "test-first", "text"])
def test_type_is_turned_back(name: str, kind: str) -> None:
    cell = known(name)
    was = cell.cell_type
    cell.cell_type = kind
    if kind == "code":
        cell.update(outputs=[], execution_count=None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)
    prepared = prepare(*(cell if other == name else other for other in NAMES))
    if name != "test-first":
        assert source_of(prepared, name) == f"{name} of the student"
    assert bool(prepared.notes) == (kind != was)


def test_own_cells_keep_their_type() -> None:
    raw = nbformat.v4.new_raw_cell("not run")
    prepared = prepare(*NAMES, raw)
    assert prepared.notebook.cells[-1].cell_type == "raw"


def test_pictures_in_a_text_answer_stay() -> None:
    answer = known("text")
    answer.attachments = {"a.png": {"image/png": "aGE="}}
    prepared = prepare(*NAMES[:-1], answer)
    assert prepared.notebook.cells[-1].attachments == answer.attachments


# Copies


@pytest.mark.parametrize(
    "names",
    [
        ["given", "first", "test-first", "test-first", "second", "test-second", "text"],
        ["test-first", "given", "first", "test-first", "second", "test-second", "text"],
        ["given", "first", "test-first", "second", "test-second", "text", "test-first"],
    ],
)
def test_first_copy_of_a_test_counts(names: list[str]) -> None:
    prepared = prepare(*names)
    assert shown(prepared) == NAMES
    said = "The test cell test-first was there 2 times; the first one counts."
    assert prepared.notes[0] == said


def test_all_copies_of_a_solution_run_and_the_last_is_the_solution() -> None:
    copies = (known("first", "once"), known("first", "twice"), known("first", "again"))
    prepared = prepare("given", *copies, *NAMES[2:])
    assert shown(prepared) == ["given", "once", "twice", *NAMES[1:]]
    assert source_of(prepared, "first") == "again"
    said = "The solution cell first was there 3 times; all of them were run."
    assert prepared.notes == (said,)


def test_copy_of_a_solution_elsewhere_moves_nothing() -> None:
    prepared = prepare(*NAMES, "mine", known("first", "later"))
    assert shown(prepared) == [*NAMES, "mine", "later"]
    assert source_of(prepared, "first") == "first of the student"


def test_last_copy_of_a_text_answer_is_read() -> None:
    prepared = prepare(*NAMES, known("text", "better"))
    assert shown(prepared) == [*NAMES[:-1], "text of the student", "text"]
    assert source_of(prepared, "text") == "better"
    assert prepared.notes == ("The answer text was there 2 times; the last one counts.",)


def test_last_copy_of_a_text_answer_is_read_wherever_it_is() -> None:
    source = SourceNotebook("exercise", (BY_NAME["text"], BY_NAME["given"]), None)
    given = notebook("text", "given", known("text", "better"))
    prepared = sanitise.prepare(given, source)
    assert source_of(prepared, "text") == "better"


# Missing cells


@pytest.mark.parametrize("name", NAMES)
def test_missing_cell_is_put_back(name: str) -> None:
    prepared = prepare(*(other for other in NAMES if other != name))
    assert shown(prepared) == NAMES
    (note,) = prepared.notes
    assert f" {name} was missing; it was put back" in note


def test_all_cells_are_put_back_into_an_empty_notebook() -> None:
    prepared = prepare()
    assert shown(prepared) == NAMES
    assert len(prepared.notes) == len(NAMES)


def test_missing_answer_is_unchanged_and_so_scores_nothing() -> None:
    cell = prepare(*NAMES[:-1]).notebook.cells[-1]
    assert compute_checksum(cell) == BY_NAME["text"].checksum


def test_missing_solution_is_put_back_but_not_run() -> None:
    # The student wrote the first solution into the second's cell, or into a cell of their own.
    prepared = prepare("given", "mine", "more", "test-first", "second", "test-second", "text")
    assert source_of(prepared, "first") == "# first of the teacher"
    assert shown(prepared) == ["given", "first", "mine", "more", *NAMES[2:]]


def stub(name: str, text: str) -> SourceNotebook:
    """The exercise with a solution that was released as this text."""
    made = [replace(each, source=text) if each.name == name else each for each in SOURCE.cells]
    return SourceNotebook("exercise", tuple(made), SOURCE.kernelspec)


STUB = "def answer():\n    raise NotImplementedError"
NOT_RUN = "# def answer():\n#     raise NotImplementedError"
UNTOUCHED = (
    "The solution cell first is as it was released, and was not run: your code for it stands in "
    "another cell."
)


@pytest.mark.parametrize(
    ("names", "texts", "notes"),
    [
        # A copy below the answer, with nbgrader's metadata or without them.
        ([known("first", "def answer(): return 1"), known("first", STUB)], ["first", NOT_RUN], ()),
        ([known("first", "def answer(): return 1"), own(STUB)], ["first", NOT_RUN], ()),
        ([known("first", STUB), known("first", "def answer(): return 1")], [NOT_RUN, "first"], ()),
        # The answer above the cell that was given for it.
        (
            [own("def answer(): return 1"), known("first", STUB)],
            ["def answer(): return 1", "first"],
            (UNTOUCHED,),
        ),
    ],
    ids=["copy", "copy-without-metadata", "copy-above", "beside"],
)
def test_a_solution_as_released_does_not_undo_the_work(
    names: list[NotebookNode], texts: list[str], notes: tuple[str, ...]
) -> None:
    given = notebook("given", *names, *NAMES[2:])
    prepared = sanitise.prepare(given, stub("first", STUB))
    assert shown(prepared) == ["given", *texts, *NAMES[2:]]
    assert prepared.notes == notes
    is_told = bool(notes)
    assert source_of(prepared, "first") == (NOT_RUN if is_told else "def answer(): return 1")


def test_a_solution_as_released_runs_where_nothing_else_is_the_work() -> None:
    given = notebook("given", known("first", STUB), own("helper = 1"), *NAMES[2:])
    prepared = sanitise.prepare(given, stub("first", STUB))
    assert source_of(prepared, "first") == STUB
    assert prepared.notes == ()


@pytest.mark.parametrize("copy", [BY_NAME["text"].source, "", " \n"])
def test_a_text_answer_counts_though_an_untouched_or_empty_copy_follows(copy: str) -> None:
    prepared = prepare(*NAMES, known("text", copy))
    assert source_of(prepared, "text") == "text of the student"
    assert prepared.notes == ()


def test_an_untouched_answer_beside_an_empty_copy_is_no_other_text() -> None:
    prepared = prepare(*NAMES[:-1], known("text", BY_NAME["text"].source), known("text", ""))
    assert source_of(prepared, "text") == ""
    assert prepared.doubts == ()


def test_missing_test_runs_after_the_own_cells_that_follow_its_solution() -> None:
    prepared = prepare("given", "first", "correction", "second", "test-second", "text")
    assert shown(prepared) == ["given", "first", "correction", "test-first", *NAMES[3:]]


def test_missing_given_cell_runs_before_the_own_cells() -> None:
    prepared = prepare("mine", *NAMES[1:])
    assert shown(prepared) == ["given", "mine", *NAMES[1:]]


# Cells whose metadata were lost


def test_cell_without_metadata_is_known_by_its_id() -> None:
    for about in ({}, None, "", {"grade_id": "unknown"}):
        cell = known("first", "mine")
        cell.metadata = nbformat.from_dict({"nbgrader": about} if about is not None else {})
        cell.id = "first"
        prepared = prepare("given", cell, *NAMES[2:])
        assert source_of(prepared, "first") == "mine"
        said = (
            "The solution cell first had lost its nbgrader metadata; it was recognised and counts."
        )
        assert prepared.notes == (said,)


def test_cell_without_metadata_is_known_by_its_text() -> None:
    prepared = prepare("given of the teacher", *NAMES[1:])
    assert shown(prepared) == NAMES


def test_id_of_a_known_cell_means_nothing_where_that_is_there() -> None:
    mine = own("mine")
    mine.id = "first"
    prepared = prepare(mine, *NAMES)
    assert shown(prepared) == ["mine", *NAMES]
    assert prepared.notes == ()


def test_id_of_a_missing_cell_may_be_taken() -> None:
    cell = known("second")
    cell.id = "first"
    assert shown(prepare("given", "test-first", cell, "test-second", "text")) == NAMES


def test_own_cell_with_the_text_of_a_solution_of_another_type_is_own() -> None:
    prepared = prepare("given", own("first of the teacher", "markdown"), *NAMES[2:])
    assert shown(prepared)[:3] == ["given", "first", "first of the teacher"]


# Order


@pytest.mark.parametrize(
    ("given", "order", "moved"),
    [
        (  # a test above its solution, with a helper between
            ["given", "test-first", "helper", "first", "second", "test-second", "text"],
            ["given", "helper", "first", "test-first", "second", "test-second", "text"],
            ["test-first"],
        ),
        (  # all tests at the top
            ["test-first", "test-second", "given", "h", "first", "second", "i", "text"],
            ["given", "h", "first", "test-first", "second", "i", "test-second", "text"],
            ["test-first", "test-second"],
        ),
        (  # solutions weigh more than tests and text
            ["given", "test-first", "test-second", "text", "h", "first", "second"],
            ["given", "h", "first", "test-first", "second", "test-second", "text"],
            ["test-first", "test-second", "text"],
        ),
        (  # a test at the end
            ["given", "first", "h", "second", "i", "test-second", "text", "j", "test-first"],
            ["given", "first", "h", "test-first", "second", "i", "test-second", "text", "j"],
            ["test-first"],
        ),
        (  # a solution at the end, with its helpers
            ["given", "test-first", "second", "test-second", "text", "h", "i", "first"],
            ["given", "h", "i", "first", "test-first", "second", "test-second", "text"],
            ["first"],
        ),
        (  # given code at the end
            ["title", "first", "test-first", "second", "test-second", "text", "given"],
            ["given", "title", "first", "test-first", "second", "test-second", "text"],
            ["given"],
        ),
        (  # the text answer at the top
            ["text", "title", "given", "first", "test-first", "second", "test-second"],
            ["title", "given", "first", "test-first", "second", "test-second", "text"],
            ["text"],
        ),
    ],
)
def test_source_order(given: list[str], order: list[str], moved: list[str]) -> None:
    prepared = prepare(*given)
    for name in moved:
        assert any(f" {name} had been moved; " in note for note in prepared.notes)
    assert len(prepared.notes) == len(moved)
    assert shown(prepared) == order


@pytest.mark.parametrize("seed", range(3))
def test_any_order(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(50):
        helpers = [f"own {n}" for n in range(4)]
        given = [*NAMES, *helpers, *chance.choices(NAMES, k=2)]
        chance.shuffle(given)
        given = given[chance.randint(0, 3) :]
        made = prepare(*given)
        # One that stands where a solution is missing may be taken for that.
        assert [cell.source for cell in made.notebook.cells if cell.source in helpers] == [
            name for name in given if name in helpers
        ]
        prepared = shown(made)
        for solution in ("first", "second"):
            if given.count(solution) != 1:
                continue
            before = set(given[: given.index(solution)]) & set(helpers) & set(prepared)
            assert before <= set(prepared[: prepared.index(solution)])


# Anything that can be read


@pytest.mark.parametrize("seed", range(3))
def test_any_metadata(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    path = tmp_path / "notebook.ipynb"
    junk: list[Any] = [None, True, -1, 1e300, "", "first", "x" * 200, [], {}, {"a": [1]}]
    for _ in range(40):
        data = json.loads(json.dumps(notebook(*NAMES, "mine")))
        for cell in data["cells"]:
            about = cell["metadata"].get("nbgrader", {})
            for key in chance.sample(["grade_id", "points", "grade", "locked", "new"], 2):
                about[key] = chance.choice(junk)
            cell["metadata"]["nbgrader"] = chance.choice([about, about, chance.choice(junk)])
            cell["cell_type"] = chance.choice(["code", "code", "markdown", "raw"])
            cell["id"] = chance.choice([cell["id"], *junk])
        path.write_text(json.dumps(data))
        check(sanitise.prepare(untrusted.read(path, tmp_path), SOURCE))


# Against nbgrader itself


@pytest.fixture(scope="module")
def assignment(
    course: Course, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Course, Gradebook]]:
    """The four notebooks, released, and the gradebook that knows them."""
    with commands.temporary_course(course) as made:
        commands.generate(made, with_gradebook=True)
        with Gradebook(f"sqlite:///{made.gradebook}", "deep-learning") as gradebook:
            yield made, gradebook


def stock(made: Course, name: str, given: NotebookNode) -> NotebookNode:
    """What nbgrader's own sanitising makes of a notebook."""
    about = {"notebook": name, "assignment": ASSIGNMENT}
    resources = {"nbgrader": {**about, "db_url": f"sqlite:///{made.gradebook}"}}
    for preprocessor in Autograde(parent=NbGrader()).sanitize_preprocessors:
        given, resources = preprocessor()(given, resources)
    return given


@pytest.mark.parametrize("filled_in", [True, False], ids=["reference", "untouched"])
@pytest.mark.parametrize("name", CONTRACT)
def test_same_as_nbgrader(
    assignment: tuple[Course, Gradebook], course: Course, name: str, filled_in: bool
) -> None:
    made, gradebook = assignment
    path = made.release / f"{name}.ipynb"
    if filled_in:
        given = answers.fill_in(course, cells.read_notebook(path), name, {})
        given.cells.insert(3, own("helper = 1"))
        path = made.root / f"{name}.ipynb"
        nbformat.write(given, path)
    layout = read_layout(made.source / f"{name}.ipynb")
    assert layout.skipped
    source = source_notebook(gradebook, ASSIGNMENT, name, layout)
    prepared = sanitise.prepare(untrusted.read(path, made.root), source)
    assert prepared.notes == ()
    del prepared.notebook.metadata["course"]  # for the engine, which takes it out again
    assert prepared.notebook == stock(made, name, cells.read_notebook(path))
    assert [cell.name for cell in source.cells] == [*layout.order]


def test_source_is_as_in_the_contract(assignment: tuple[Course, Gradebook]) -> None:
    for name, contract in CONTRACT.items():
        source = source_notebook(assignment[1], ASSIGNMENT, name)
        points = {cell.name: cell.points for cell in source.cells if cell.grade}
        assert points == {cell.grade_id: cell.points for cell in contract if cell.points}
        assert {cell.name for cell in source.cells if cell.solution and not cell.grade} == {
            cell.grade_id for cell in contract if cell.kind == "solution"
        }
        assert all("HIDDEN TESTS" in cell.source for cell in source.cells if cell.is_test)
