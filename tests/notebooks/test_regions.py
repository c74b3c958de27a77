"""A region begins and ends where nbgrader finds it, and what is in it reaches no student's page."""

import html
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.preprocessors import ClearHiddenTests, ClearMarkScheme
from traitlets.config import Config

from grader.authors.exercises import form, release
from grader.basics.errors import UserError
from grader.course.directory import Course
from grader.gradebook.student_view import NotebookFacts
from grader.instructors.feedback.exporter import FeedbackExporter, GivesAway
from grader.instructors.feedback.highlight import Code
from grader.instructors.feedback.policy import SECRET, FeedbackPolicy
from grader.nbgrader_app import commands
from grader.notebooks import cells, hidden, regions
from tests.courses import COURSE, copy_of, filled_in, hand_in, run_course
from tests.instructors.feedback.world import page_of

SECRET_LINE = "secret_values = [3, 5, 8, 13]"
BEGIN, END = "BEGIN HIDDEN TESTS", "END HIDDEN TESTS"
# How people write the line before a region, and the line after it.
SPELLINGS = {
    "the house's": (f"### {BEGIN}", f"### {END}"),
    "two signs": (f"## {BEGIN}", f"## {END}"),
    "one sign": (f"# {BEGIN}", f"# {END}"),
    "no space": (f"###{BEGIN}", f"###{END}"),
    "two spaces": (f"###  {BEGIN}", f"###  {END}"),
    "a tab": (f"###\t{BEGIN}", f"###\t{END}"),
    "indented": (f"if True:\n    ### {BEGIN}", f"    ### {END}"),
    "text around it": (f"#-- {BEGIN} (mine) --#", f"#-- {END} --#"),
    "after code": (f"y = 1  # {BEGIN}", f"z = 2  # {END}"),
    "in words": (f"# xx{BEGIN}xx", f"# xx{END}xx"),
    "other at the end": (f"## {BEGIN}", f"### {END}"),
    "both in the first line": (f"## {BEGIN} to {END}", f"## {END}"),
    "ends that did not begin": (f"# {END}\n# {BEGIN}", f"# {END}\n# {END}"),
    "carriage returns": (f"x = 1\r## {BEGIN}\r", f"## {END}"),
}
REFUSED = {
    "never ends": (f"## {BEGIN}", ""),
    "begins twice": (f"## {BEGIN}\n## {BEGIN}", f"## {END}\n{SECRET_LINE}"),
}


def region_cell(spelling: tuple[str, str], name: str = "test") -> NotebookNode:
    """A test cell with a hidden region, written so."""
    begin, end = spelling
    source = f"seen_before = 1\n{begin}\n    {SECRET_LINE}\n{end}\nseen_after = 1"
    cell = nbformat.v4.new_code_cell(source, id=name)
    about = {"grade": True, "solution": False, "locked": True, "task": False, "points": 1}
    cell.metadata.nbgrader = {**about, "grade_id": name, "schema_version": 3}
    return cell


def page(*all_cells: NotebookNode, config: Config | None = None) -> str:
    """A page as the feedback step makes it."""
    notebook = nbformat.v4.new_notebook(cells=list(all_cells))
    told = {"facts": NotebookFacts("a", "graded"), "all": [], "items": [], "notes": "", "title": ""}
    about = {"assignment": "a", "notebook": "a", "student": "a"}
    resources = {"nbgrader": about, "feedback": told}
    policy = FeedbackPolicy(config=config or Config())
    notebook, resources = policy.preprocess(notebook, resources)
    for number, cell in enumerate(notebook.cells):
        cell.metadata.update(anchor=f"cell-{number}", feedback={"item": None})
    return str(FeedbackExporter().from_notebook_node(notebook, resources)[0])


def test_what_is_hidden_is_what_nbgrader_does_not_release(small_course: Course) -> None:
    path = small_course.source / "1-complexity.ipynb"
    notebook = cells.read_notebook(path)
    made = [region_cell(each, f"test-{n}") for n, each in enumerate(SPELLINGS.values())]
    notebook.cells += made
    nbformat.write(notebook, path)
    commands.generate(small_course, with_gradebook=False)
    there = cells.by_grade_id(cells.read_notebook(small_course.release / path.name))
    for cell in made:
        assert regions.without(cell.source) == there[cell.id].source
        assert SECRET_LINE not in there[cell.id].source


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_no_page_shows_a_hidden_region(spelling: tuple[str, str]) -> None:
    cell = region_cell(spelling)
    frame = f"      3     {SECRET_LINE}"
    cell.outputs = [nbformat.v4.new_output("error", ename="E", evalue="e", traceback=[frame])]
    config = Config({"FeedbackPolicy": {"traceback": True}})
    text = hidden.text_of(page(cell, config=config))
    assert "secret_values" not in text
    assert "seen_after" in text
    assert "BEGIN HIDDEN" not in text


@pytest.mark.parametrize("spelling", REFUSED.values(), ids=REFUSED)
def test_what_nbgrader_refuses_is_hidden_as_well(spelling: tuple[str, str]) -> None:
    cell = region_cell(spelling)
    with pytest.raises(RuntimeError):
        ClearHiddenTests().preprocess_cell(nbformat.from_dict(dict(cell)), {}, 0)
    assert "secret_values" not in hidden.text_of(page(cell))


@pytest.mark.parametrize("kind", ["task", "locked"])
def test_a_mark_scheme_is_on_no_page(kind: str) -> None:
    source = "Draw it.\n## BEGIN MARK SCHEME\nTwo points for the axes.\n## END MARK SCHEME"
    cell = nbformat.v4.new_markdown_cell(source, id="task")
    about = {"grade": False, "solution": False, "locked": True, "task": kind == "task"}
    cell.metadata.nbgrader = {**about, "grade_id": "task", "schema_version": 3}
    config = Config({"FeedbackPolicy": {"hidden_tests": "source"}})
    for made in (page(cell), page(cell, config=config)):
        assert "Draw it." in made and "axes" not in made
    given = nbformat.from_dict({**cell, "source": source})
    ClearMarkScheme(enforce_metadata=False).preprocess_cell(given, {}, 0)
    assert regions.without(source) == given.source


@pytest.fixture
def own_delimiters() -> Iterator[Config]:
    config = Config(
        {"ClearHiddenTests": {"begin_test_delimeter": "VVV", "end_test_delimeter": "^^^"}}
    )
    regions.use(config)
    yield config
    regions.use(Config())


def test_the_delimiters_are_those_of_the_configuration(own_delimiters: Config) -> None:
    cell = region_cell(("# VVV", "# ^^^"))
    assert "secret_values" not in hidden.text_of(page(cell, config=own_delimiters))
    assert "secret_values" in page(region_cell(SPELLINGS["one sign"]), config=own_delimiters)


def test_form_and_release_read_the_configuration(small_course: Course) -> None:
    with small_course.config.open("a") as file:
        file.write('\nc.ClearHiddenTests.begin_test_delimeter = "VVV"\n')
    with regions.of_config(small_course.config):
        assert regions.delimiters()[1].begin == "VVV"
    assert regions.delimiters()[1].begin == BEGIN
    small_course.config.write_text("c = ")
    with pytest.raises(UserError, match=r"nbgrader_config\.py cannot be loaded: SyntaxError"):
        form.run(small_course, [], fix=False)


@pytest.mark.parametrize("spelling", list(SPELLINGS)[1:])
def test_form_refuses_any_other_way_to_write_a_marker(spelling: str, tmp_path: Path) -> None:
    notebook = cells.read_notebook(COURSE.source / "1-complexity.ipynb")
    cell = cells.by_grade_id(notebook)["test-parameter-count"]
    begin, end = SPELLINGS[spelling]
    cell.source = cell.source.replace(f"### {BEGIN}", begin).replace(f"### {END}", end)
    path = tmp_path / "1-complexity.ipynb"
    path.write_text(nbformat.v4.writes(notebook), encoding="utf-8")
    found = [str(finding) for finding in form.check_notebook(path) if not finding.warning]
    wanted = (f"must be written '### {BEGIN}'", f"must be written '### {END}'")
    assert any(each in finding for each in wanted for finding in found)


@pytest.mark.parametrize("marker", [f"xx{BEGIN}xx", f"#{END}", "a BEGIN SOLUTIONS"])
def test_release_finds_each_marker(marker: str, small_course: Course) -> None:
    path = small_course.release / "1-complexity.ipynb"
    notebook = cells.read_notebook(path)
    notebook.cells[0].source = marker
    nbformat.write(notebook, path)
    assert "has the marker" in release.find_leaks(small_course, small_course.release)[0]


# The last wall: whatever puts a hidden line into a page, the page is not made.


@pytest.mark.parametrize(
    "output",
    [
        f"In: {SECRET_LINE}",
        "secret_values=[3,5,8,13]",
        "secret_values = [3,\n 5, 8, 13]",
        "<pre>secret_<b>values</b> = [3, 5, 8, 13]</pre>",
    ],
)
def test_a_page_with_a_hidden_line_is_refused(output: str) -> None:
    cell = nbformat.v4.new_markdown_cell(output, id="own")
    cell.metadata.update(anchor="cell-0", feedback={"item": None})
    notebook = nbformat.v4.new_notebook(cells=[cell])
    told = {"facts": NotebookFacts("a", "graded"), "all": [], "items": [], "notes": "", "title": ""}
    about = {"assignment": "a", "notebook": "a", "student": "a"}
    resources = {"nbgrader": about, "feedback": told, SECRET: [SECRET_LINE]}
    with pytest.raises(GivesAway, match="1 line of a hidden test"):
        FeedbackExporter().from_notebook_node(notebook, resources)


def test_code_that_is_coloured_is_refused_as_well() -> None:
    line = 'same("f(1) & <b>", f(1), 2)'
    assert hidden.shown_in(html.escape(line), [line]) == [line]
    coloured = Code().html(f"{line}\nx")
    assert line not in coloured and "<span" in coloured
    assert hidden.shown_in(coloured, [line]) == [line]
    assert hidden.shown_in(f'<img alt="{SECRET_LINE}">', [SECRET_LINE]) == [SECRET_LINE]


@pytest.mark.parametrize(
    ("region", "own"),
    [
        ("x = 1\n)", ""),  # too short to say anything
        ("================================", "print('=' * 40)"),
        (
            "import numpy as np\nfor i in range(10):",
            "import numpy as np\nfor i in range(10): f()",
        ),
        ("value = f(2)[0]", "value = f(2)[0] + 1  # of the student"),
        ("value = f(2)[0]", "value=f( 2 ) [0]"),
        ("seen_before = 1", ""),
    ],
)
def test_a_line_that_is_no_secret_blocks_no_page(region: str, own: str) -> None:
    cell = region_cell((f"### {BEGIN}\n{region}", f"### {END}"))
    wrote = nbformat.v4.new_code_cell(own, id="own")
    printed = f"{region}\n{'=' * 40}\n"
    wrote.outputs = [nbformat.v4.new_output("stream", name="stdout", text=printed)]
    made = page(cell, wrote)
    assert "secret_values" not in made
    assert not own or hidden.shown_in(made, [own]) == [own]


def test_html_of_a_hidden_line_is_replaced_and_blocks_no_page() -> None:
    """A traceback as the library rich prints it: every word in colours of its own."""
    cell = region_cell(SPELLINGS["one sign"])
    told = "<pre><b>secret_values</b> <i>=</i> [<u>3</u>, 5, 8, 13]\nValueError</pre>"
    cell.outputs = [nbformat.v4.new_output("display_data", data={"text/html": told})]
    assert "secret_values" not in page(cell)


@pytest.fixture(scope="module")
def graded(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A class whose teacher wrote the markers in other ways."""
    course = copy_of(released, tmp_path_factory.mktemp("spelled") / "course")
    path = course.source / "1-complexity.ipynb"
    notebook = cells.read_notebook(path)
    ways = iter(["two signs", "text around it", "no space"])
    for cell in notebook.cells:
        if BEGIN in cell.source:
            begin, end = SPELLINGS[next(ways)]
            cell.source = cell.source.replace(f"### {BEGIN}", begin).replace(f"### {END}", end)
    nbformat.write(notebook, path)
    commands.generate(course, with_gradebook=False)
    hand_in(course, "all-right", "1-complexity", filled_in(course, "1-complexity"))
    three = {"growth-exponent": "growth_exponent = 3"}
    hand_in(course, "exponent-three", "1-complexity", filled_in(course, "1-complexity", **three))
    done = run_course(course, "grade")
    assert done.returncode in (0, 1), done.stderr
    return course


@pytest.mark.parametrize("student", ["all-right", "exponent-three"])
def test_a_graded_class_reads_no_hidden_test(student: str, graded: Course) -> None:
    text = hidden.text_of(page_of(graded, student))
    source = cells.read_notebook(graded.source / "1-complexity.ipynb")
    lines = hidden.hidden_lines(source, "HIDDEN TESTS")
    assert len(lines) > 5
    assert [line for line in lines if line in text] == []
    assert "HIDDEN TESTS" not in text
