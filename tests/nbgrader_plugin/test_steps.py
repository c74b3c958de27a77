"""nbgrader's own commands use the engine, by the course's nbgrader_config.py alone."""

import json
import os
import subprocess
import sys
from copy import deepcopy
from pathlib import Path

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from nbgrader.api import Gradebook

from grader.basics.errors import UserError
from grader.course.directory import Course
from grader.engine.execution.run_notebook import SandboxedExecute
from grader.engine.sandbox import landlock
from grader.gradebook.recorder import Recorder
from grader.gradebook.runs import Run
from grader.nbgrader_app import commands
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, copy_of, filled_in, hand_in
from tests.jupyter_server import fetch, serve
from tests.lacking import lacks

NAME = "1-complexity"
FULL = {"test-parameter-count": 3.0, "test-step-multiplications": 4.0, "test-growth-exponent": 2.0}
SECRET = "what nobody may read"

# Prints what can be seen, and fails where something can be seen that must not.
LOOKS_AROUND = """
import os
from pathlib import Path
try:
    print("root:", sorted(os.listdir("/")))
except PermissionError:  # in the reduced sandbox
    print("root: closed")
for path in {paths!r}:
    try:
        Path(path).read_text()
    except OSError:
        continue
    raise SystemExit(f"{{path}} can be read")
growth_exponent = 2
"""
# Not by sys.stderr, for checks.py sees to that.
WRITES_TO_STANDARD_ERROR = """
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    kernel, told = get_ipython().kernel, {"name": "stderr", "text": "a warning"}
    kernel.session.send(kernel.iopub_socket, "stream", told, parent=kernel.get_parent())
    network = DNN(hidden_depth, num_neuron, num_input, num_output)
    return sum(layer.W.size + layer.b.size for layer in network.layers)
"""


def without(notebook: NotebookNode, name: str) -> NotebookNode:
    notebook.cells = [cell for cell in notebook.cells if cells.grade_id(cell) != name]
    return notebook


def with_copy(notebook: NotebookNode, name: str) -> NotebookNode:
    place = next(n for n, cell in enumerate(notebook.cells) if cells.grade_id(cell) == name)
    copy = deepcopy(notebook.cells[place])
    copy.id = "a-copy"
    copy.source = "assert False"
    notebook.cells.insert(place + 1, copy)
    return notebook


def with_answer_beside(notebook: NotebookNode) -> NotebookNode:
    (place,) = (n for n, c in enumerate(notebook.cells) if c.id == "explain-complexity")
    notebook.cells[place].source = "*YOUR ANSWER HERE: replace this line.*"
    notebook.cells.insert(place + 1, new_markdown_cell("Each pass gets longer, too."))
    return notebook


@pytest.fixture(scope="module")
def generated(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose gradebook knows the assignment, without submissions."""
    course = copy_of(released, tmp_path_factory.mktemp("plain") / "course")
    (course.root / "secret.txt").write_text(SECRET)
    commands.generate(course, with_gradebook=True)
    return course


def looks_around(course: Course) -> NotebookNode:
    paths = [str(course.gradebook), str(course.root / "secret.txt"), str(course.config)]
    return filled_in(course, NAME, **{"growth-exponent": LOOKS_AROUND.format(paths=paths)})


@pytest.fixture(scope="module")
def graded(generated: Course) -> Course:
    """The same, after `nbgrader autograde`."""
    course = generated
    three = {"growth-exponent": "growth_exponent = 3"}
    for student, notebook in {
        "all-right": filled_in(course, NAME),
        "exponent-three": filled_in(course, NAME, **three),
        "copies-a-test": with_copy(filled_in(course, NAME), "test-parameter-count"),
        "deletes-a-test": without(filled_in(course, NAME), "test-growth-exponent"),
        "answers-beside": with_answer_beside(filled_in(course, NAME)),
        "looks-around": looks_around(course),
        "writes-to-standard-error": filled_in(
            course, NAME, **{"parameter-count": WRITES_TO_STANDARD_ERROR}
        ),
    }.items():
        hand_in(course, student, NAME, notebook)
    commands.nbgrader(course, "autograde", ASSIGNMENT)
    return course


def scores(course: Course, student: str) -> dict[str, float]:
    """What the gradebook holds of the test cells."""
    with Gradebook(f"sqlite:///{course.gradebook}", "deep-learning") as gradebook:
        notebook = gradebook.find_submission_notebook(NAME, ASSIGNMENT, student)
        return {g.name: g.auto_score for g in notebook.grades if g.name.startswith("test-")}


def run_of(course: Course, student: str) -> Run:
    recorder = Recorder(f"sqlite:///{course.gradebook}", "deep-learning")
    try:
        return recorder.runs(ASSIGNMENT)[student, NAME]
    finally:
        recorder.close()


def autograded(course: Course, student: str) -> NotebookNode:
    return cells.read_notebook(course.autograded / student / ASSIGNMENT / f"{NAME}.ipynb")


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(notebook: NotebookNode, name: str) -> str:
    (cell,) = (cell for cell in notebook.cells if cells.grade_id(cell) == name)
    return "".join(output.get("text", "") for output in cell.outputs)


@pytest.mark.parametrize(
    "student",
    ["all-right", "copies-a-test", "deletes-a-test", "looks-around", "writes-to-standard-error"],
)
def test_right_work_gets_full_points(graded: Course, student: str) -> None:
    assert scores(graded, student) == FULL


def test_kernels_are_sandboxed(graded: Course) -> None:
    assert run_of(graded, "looks-around").tier in ("full", "reduced")
    seen = printed(autograded(graded, "looks-around"), "growth-exponent")
    assert "root: " in seen
    assert repr(sorted(os.listdir("/"))) not in seen


@pytest.mark.parametrize(
    ("student", "note"),
    [
        ("copies-a-test", "test-parameter-count was there 2 times; the first one counts."),
        ("deletes-a-test", "test-growth-exponent was missing; it was put back and run."),
    ],
)
def test_notes_are_told_to_student_and_instructor(graded: Course, student: str, note: str) -> None:
    assert note in autograded(graded, student).cells[0].source
    assert [note in told for told in run_of(graded, student).notes] == [True]


def test_a_doubt_is_told_to_the_instructor(graded: Course) -> None:
    said = "The answer explain-complexity is not filled in, but text stands in a cell"
    assert run_of(graded, "answers-beside").reason.startswith(said)
    assert run_of(graded, "all-right").reason == ""


def test_same_scores_as_stock_nbgrader(graded: Course, tmp_path: Path) -> None:
    course = copy_of(graded, tmp_path / "course")
    for student in ("all-right", "exponent-three"):
        command = ("autograde", ASSIGNMENT, "--force", "--student", student)
        commands.nbgrader(course, *command, env={"COURSE_STOCK": "1"})
        assert scores(course, student) == scores(graded, student)


def test_other_scores_than_stock_nbgrader(graded: Course, tmp_path: Path) -> None:
    """So it was stock nbgrader, and what these students do would show without the engine."""
    course = copy_of(graded, tmp_path / "course")
    for student, tests in {
        "looks-around": ["test-growth-exponent"],
        "writes-to-standard-error": ["test-parameter-count", "test-step-multiplications"],
    }.items():
        command = ("autograde", ASSIGNMENT, "--force", "--student", student)
        commands.nbgrader(course, *command, env={"COURSE_STOCK": "1"})
        assert scores(course, student) == {**FULL, **dict.fromkeys(tests, 0)}


def test_the_tier_can_be_chosen(graded: Course, tmp_path: Path) -> None:
    if landlock.version() == 0:
        lacks("reduced", "the reduced sandbox needs Landlock")
    course = copy_of(graded, tmp_path / "course")
    command = ("autograde", ASSIGNMENT, "--force", "--student", "looks-around")
    commands.nbgrader(course, *command, env={"COURSE_TIER": "reduced"})
    assert run_of(course, "looks-around").tier == "reduced"
    assert scores(course, "looks-around") == FULL


def test_unreadable_work_fails_alone(graded: Course, tmp_path: Path) -> None:
    course = copy_of(graded, tmp_path / "course")
    hand_in(course, "broken-off", NAME, '{"cells": [{"cell_')
    links = hand_in(course, "brings-a-link", NAME, filled_in(course, NAME)).parent
    (links / "stolen.txt").symlink_to(course.root / "secret.txt")
    hand_in(course, "zealous", NAME, filled_in(course, NAME))
    with pytest.raises(UserError) as caught:
        commands.nbgrader(course, "autograde", ASSIGNMENT)
    assert "student 'broken-off'" in str(caught.value)
    assert "student 'brings-a-link'" in str(caught.value)
    assert "student 'zealous'" not in str(caught.value)
    assert scores(course, "zealous") == FULL
    for student in ("broken-off", "brings-a-link"):
        assert not (course.autograded / student / ASSIGNMENT).exists()


def test_without_execution_outputs_are_kept(graded: Course, tmp_path: Path) -> None:
    course = copy_of(graded, tmp_path / "course")
    notebook = filled_in(course, NAME)
    for number, cell in enumerate(code_cells(notebook)):
        cell.outputs = [new_output("stream", text=f"output {number}")]
    hand_in(course, "ran-it-at-home", NAME, notebook)
    command = ("autograde", ASSIGNMENT, "--no-execute", "--student", "ran-it-at-home")
    commands.nbgrader(course, *command)
    found = code_cells(autograded(course, "ran-it-at-home"))
    assert [out.text for cell in found for out in cell.outputs] == [
        f"output {number}" for number in range(len(found))
    ]
    assert run_of(course, "ran-it-at-home").tier == ""


def test_validate(graded: Course) -> None:
    for student in ("looks-around", "writes-to-standard-error"):
        path = graded.submitted / student / ASSIGNMENT / f"{NAME}.ipynb"
        checked = graded.release / "check.ipynb"  # beside the handouts
        checked.write_bytes(path.read_bytes())
        try:
            said = commands.nbgrader(graded, "validate", str(checked))
        finally:
            checked.unlink()
        assert "Success! Your notebook passes all the tests." in said


def test_buttons_of_the_formgrader_and_of_jupyterlab(graded: Course, tmp_path: Path) -> None:
    course = copy_of(graded, tmp_path / "course")
    hand_in(course, "looks-around", NAME, looks_around(course))
    checked = course.release / "check.ipynb"
    checked.write_bytes(
        (course.submitted / "looks-around" / ASSIGNMENT / f"{NAME}.ipynb").read_bytes()
    )
    home = tmp_path / "home"
    home.mkdir()
    with serve(course, home) as url:
        api = f"{url}/formgrader/api/submission/{ASSIGNMENT}"
        for _ in range(2):  # the second time with the warm process of the first
            done = json.loads(fetch(f"{api}/looks-around/autograde", post={}))
            assert done["success"], done
        path = str(checked.relative_to(course.root))
        done = json.loads(fetch(f"{url}/assignments/validate", post={"path": path}))
        assert done == {"success": True, "value": {}}
    assert scores(course, "looks-around") == FULL
    assert run_of(course, "looks-around").tier in ("full", "reduced")


def test_other_languages_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = tmp_path / "kernels" / "fortran" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"argv": ["false"], "display_name": "F", "language": "fortran"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    notebook = new_notebook(cells=[new_code_cell("END")])
    notebook.metadata.kernelspec = {"name": "fortran", "display_name": "F"}
    with pytest.raises(UserError, match="is in fortran, but the engine runs Python only"):
        SandboxedExecute().preprocess(notebook)


def test_nothing_changes_without_the_configuration() -> None:
    code = (
        "import nbgrader.converters, nbgrader.validator;"
        "import grader.nbgrader_plugin.steps;"
        "v = nbgrader.validator.Validator(); a = nbgrader.converters.Autograde();"
        "print([step.__module__ for step in v.preprocessors + a.autograde_preprocessors])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/"
    )
    assert "grader" not in done.stdout.replace("nbgrader", "")
