"""A worker that is unlike the grader is named, with what differs, and offers not what is asked."""

from typing import Any

import pytest

from grader.engine.cluster import identity

OTHER = "0" * 64
MODULES = ("scipy.io", "numpy", "json", "no_such_module")  # what the notebooks of a course import


@pytest.fixture(scope="module")
def worker() -> dict[str, Any]:
    return identity.of_worker()


def other(worker: dict[str, Any], **differs: Any) -> dict[str, Any]:
    return {**worker, **differs}


def fits(worker: dict[str, Any], tier: str | None, unsafe: bool) -> bool:
    offered = identity.offered(worker)
    return all(name in offered for name in identity.asked_for(tier, unsafe, MODULES))


def test_a_worker_of_this_machine_may_grade(worker: dict[str, Any]) -> None:
    assert worker["tier"] in ("full", "reduced")
    for tier in (None, worker["tier"]):
        assert identity.objection(worker, tier, False, MODULES) == ""
        assert fits(worker, tier, False)


def test_the_packages_of_the_notebooks_must_be_equal_too_and_no_others(
    worker: dict[str, Any],
) -> None:
    for name, may_grade in (("scipy", False), ("keras", True), ("pytest", True)):
        unlike = other(worker, packages={**worker["packages"], name: "1.0"})
        assert (identity.objection(unlike, None, False, MODULES) == "") is may_grade
        assert fits(unlike, None, False) is may_grade


@pytest.mark.parametrize(
    ("differs", "said"),
    [
        ({"tool": OTHER}, "it has another version of this tool; install the grader's there"),
        ({"python": "3.10.1"}, "it has Python 3.10.1, and the grader "),
        ({"packages": {}}, "it has other packages (alembic none for "),
        ({"tier": "", "why": "no Landlock"}, "no sandbox holds there (no Landlock)"),
    ],
)
def test_any_other_one_is_named_with_what_differs(
    differs: dict[str, Any], said: str, worker: dict[str, Any]
) -> None:
    unlike = other(worker, **differs)
    assert identity.objection(unlike, None, False, MODULES).startswith(said)
    assert not fits(unlike, None, False)


def test_packages_are_named(worker: dict[str, Any]) -> None:
    there = {**worker["packages"], "numpy": "1.0"}
    said = identity.objection(other(worker, packages=there), None, False, MODULES)
    assert said == f"it has other packages (numpy 1.0 for {worker['packages']['numpy']})"


def test_without_a_sandbox_only_where_none_is_asked_for(worker: dict[str, Any]) -> None:
    open_ = other(worker, tier="", why="")
    assert identity.objection(open_, None, True, MODULES) == ""
    assert fits(open_, None, True)


def test_a_course_that_asks_for_a_sandbox_gets_that_one(worker: dict[str, Any]) -> None:
    wanted = "reduced" if worker["tier"] == "full" else "full"
    for unsafe in (False, True):
        said = identity.objection(worker, wanted, unsafe, MODULES)
        assert said == f"it has the sandbox {worker['tier']}, and the course asks for {wanted}"
        assert not fits(worker, wanted, unsafe)


@pytest.mark.parametrize("told", [None, "yes", 5])
def test_who_says_nothing_of_itself_is_refused(told: object) -> None:
    assert "was not started by `course worker`" in identity.objection(told, None, False, MODULES)
