"""The packages that the tool asks for, by its own distribution's metadata."""

import pytest

from grader.basics import packages
from grader.basics.errors import UserError
from grader.cli import authors, instructors


def test_the_tool_asks_for_nothing_that_only_notebooks_import() -> None:
    needed = packages.needed_by([packages.DISTRIBUTION])
    assert {"nbgrader", "numpy", "jupyterlab", "traitlets", packages.DISTRIBUTION} <= needed
    assert not {"tensorflow", "keras", "scipy", "scikit-learn", "matplotlib", "pooch"} & needed


def test_the_extras_of_the_steps_are_there() -> None:
    steps = [step for step in (*authors.STEPS, *instructors.STEPS) if step.extra]
    assert {step.extra for step in steps} == {"authors", "explanations", "report"}
    for step in steps:
        packages.need(step.extra)  # all are installed here


def test_what_is_not_installed_is_named_with_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "_is_installed", lambda name: name != "matplotlib")
    with pytest.raises(UserError) as refused:
        packages.need("report")
    assert str(refused.value) == (
        "This needs packages that are not installed (matplotlib): "
        "pip install 'nbgrader-course[report]'"
    )


def test_spellings_of_a_name_are_one() -> None:
    assert packages.canonical("Scikit_learn") == packages.canonical("scikit.learn")
    assert "python-dateutil" in packages.needed_by(["Jupyter_Client"])
