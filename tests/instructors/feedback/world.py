"""A small class that was graded for its pages: what students did, and what a person gave."""

from datetime import datetime
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from grader.course.directory import Course
from grader.notebooks import cells
from tests.courses import ASSIGNMENT, filled_in, hand_in

NAME = "1-complexity"
TEXT = "explain-complexity"
WEIGHTS_ONLY = """
def parameter_count(hidden_depth, num_neuron, num_input, num_output):
    return num_input * num_neuron + (hidden_depth - 1) * num_neuron**2 + num_neuron * num_output
"""
SCRIPT = "<script>document.title='alive'; new Image().src='http://alive.invalid/1'</script>"
ALIVE = f"""{SCRIPT}<img src="http://alive.invalid/2" onerror="document.title='alive'">
<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='alive'"><text>x</text></svg>
<iframe src="http://alive.invalid/3" srcdoc="{SCRIPT}"></iframe>
<body onload="document.title='alive'"><input autofocus onfocus="document.title='alive'">
<a href="javascript:document.title='alive'">click</a>
<style>@import url(http://alive.invalid/4); p {{ background: url(http://alive.invalid/5) }}</style>
<link rel="stylesheet" href="http://alive.invalid/6"><meta http-equiv="refresh" content="0;url=x">
"""
WIDE = "<table><tr>" + "<td>a_cell_of_a_wide_table</td>" * 30 + "</tr></table>"
HOSTILE = f"""
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display
growth_exponent = 2
alive = {ALIVE!r}
display(HTML(alive), SVG(alive[alive.index("<svg"):alive.index("</svg>") + 6]), Markdown(alive))
display(Javascript("document.title='alive'"), Latex(alive), HTML({WIDE!r}))
display({{"image/png": '"><script>document.title="alive"</script>'}}, raw=True)
print(alive, "x" * 3000)
"""
GIVEN = 5.0
COMMENT = "Say *why* a pass gets longer: $2 \\cdot 2$ ways."


def hand_in_all(course: Course) -> None:
    """The class; each student is named after what the work does."""
    hand_in(course, "all-right", NAME, filled_in(course, NAME))
    three = {"growth-exponent": "growth_exponent = 3"}
    hand_in(course, "exponent-three", NAME, filled_in(course, NAME, **three))
    wrong = {"parameter-count": WEIGHTS_ONLY}
    hand_in(course, "no-biases", NAME, filled_in(course, NAME, **wrong))
    hand_in(course, "untouched", NAME, cells.read_notebook(course.release / f"{NAME}.ipynb"))
    hand_in(course, "hostile", NAME, _hostile(course))
    whole = hand_in(course, "broken-off", NAME, filled_in(course, NAME)).read_bytes()
    directory = course.submitted / "broken-off" / ASSIGNMENT
    (directory / f"{NAME}.ipynb").write_bytes(whole[: len(whole) // 2])
    without_names = nbformat.v4.new_notebook()
    path = hand_in(course, "other-notebook", NAME, without_names)
    path.rename(path.with_name(f"My {NAME}.ipynb"))
    for directory in course.submitted.glob(f"*/{ASSIGNMENT}"):  # as `nbgrader submit` does
        (directory / "timestamp.txt").write_text("2030-01-01 12:00:00 UTC")
        (directory / "submission_secret.txt").write_text(secret_of(directory.parent.name))


def secret_of(student: str) -> str:
    """What nbgrader's exchange makes the name of a released page from."""
    return f"secret of {student}"


def _hostile(course: Course) -> NotebookNode:
    """Full of what could be alive; and it lacks a test cell, which is put back."""
    notebook = filled_in(course, NAME, **{"growth-exponent": HOSTILE, TEXT: ALIVE})
    notebook.cells = [c for c in notebook.cells if cells.grade_id(c) != "test-growth-exponent"]
    text = f"# {ALIVE}\n\n##### a level too deep\n\n![picture](http://alive.invalid/7)"
    notebook.cells.insert(0, nbformat.v4.new_markdown_cell(text, id="own-text"))
    return notebook


def grade_by_hand(course: Course) -> None:
    """What a person does in the formgrader: points and comments."""
    with Gradebook(f"sqlite:///{course.gradebook}", "deep-learning") as gradebook:
        about = (NAME, ASSIGNMENT, "exponent-three")
        grade = gradebook.find_grade(TEXT, *about)
        grade.manual_score, grade.needs_manual_grade = GIVEN, False
        gradebook.find_comment(TEXT, *about).manual_comment = COMMENT
        gradebook.find_comment("growth-exponent", *about).manual_comment = "Do not use a clock."
        gradebook.find_submission_notebook(*about).late_submission_penalty = 1.0
        gradebook.find_grade("test-parameter-count", *about).extra_credit = 0.5
        gradebook.db.commit()


def set_due_date(course: Course) -> None:
    """Let all have handed in late."""
    with Gradebook(f"sqlite:///{course.gradebook}", "deep-learning") as gradebook:
        gradebook.find_assignment(ASSIGNMENT).duedate = datetime(2030, 1, 1)
        gradebook.db.commit()


def path_of(course: Course, student: str) -> Path:
    """Where a student's page is."""
    return course.feedback / student / ASSIGNMENT / f"{NAME}.html"


def page_of(course: Course, student: str) -> str:
    """A student's page."""
    return path_of(course, student).read_text(encoding="utf-8")
