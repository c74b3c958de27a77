"""The step that runs a notebook takes nbgrader's settings, and its worker does without nbgrader."""

import subprocess
import sys

import pytest
from nbgrader.preprocessors import Execute as Stock
from traitlets.config import Config

from grader.engine.execution.execute import Execute


def test_settings_are_those_of_nbgrader_with_its_defaults() -> None:
    ours, stock = Execute(), Stock()
    names = stock.trait_names(config=True)
    # It says what to show of an output, which neither asks while it runs a notebook.
    assert set(ours.trait_names(config=True)) - {"display_data_priority"} == set(names)
    for name in [*names, "allow_errors"]:
        assert getattr(ours, name) == getattr(stock, name), name


@pytest.mark.parametrize(
    "section",
    ["Execute", "ExecutePreprocessor", "NotebookClient", "NbGraderPreprocessor", "Preprocessor"],
)
def test_settings_are_found_where_nbgrader_finds_them(section: str) -> None:
    config = Config({section: {"timeout": 7, "enabled": False}})
    for step in (Execute(config=config), Stock(config=config)):
        assert (step.timeout, step.enabled) == (7, False)


def test_of_two_settings_the_one_that_counts_for_nbgrader_counts() -> None:
    sections = Stock.section_names()
    for count in range(1, len(sections) + 1):
        config = Config({name: {"timeout": number} for number, name in enumerate(sections[:count])})
        assert Execute(config=config).timeout == Stock(config=config).timeout


def test_worker_imports_no_nbgrader() -> None:
    code = (
        "import sys, grader.engine.execution.pool, grader.engine.execution.run_notebook\n"
        "heavy = {'nbgrader', 'nbconvert', 'sqlalchemy', 'jupyter_server'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
