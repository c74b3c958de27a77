"""nbgrader's own tests of autograde and validate pass with the engine in its place."""

import pytest

from tests.nbgrader_plugin import nbgrader_own_tests


@pytest.mark.slow("nbgrader")
def test_all_pass_but_those_that_differ_on_purpose() -> None:
    outcomes = nbgrader_own_tests.run(engine=True)
    failed = {name for name, outcome in outcomes.items() if outcome == "failed"}
    assert failed == set(nbgrader_own_tests.DIFFERENT)
    assert sum(outcome == "passed" for outcome in outcomes.values()) >= 57
