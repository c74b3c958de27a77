"""The picture of the rooms in docs/ is that of the code as it is, and each room says what it is."""

from pathlib import Path

import pytest

from tests.docs import architecture

PACKAGE = architecture.ROOT / "grader"
ROOMS = [room for floor in architecture.floors() for room in floor]


def test_the_picture_is_that_of_the_code_as_it_is() -> None:
    drawn = architecture.PICTURE.read_text()
    assert drawn == architecture.drawn(), f"Make it anew and look at it: {architecture.MAKE}"


def test_each_room_has_its_floor() -> None:
    assert sorted(ROOMS) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("__init__.py")), ids=lambda p: p.parent.name)
def test_each_room_says_in_its_first_line_what_it_is_for(path: Path) -> None:
    room = path.parent.relative_to(PACKAGE).as_posix()
    assert architecture.first_line(room).endswith(".")


def test_the_page_names_each_room() -> None:
    page = (architecture.PICTURE.parent / "architecture.md").read_text()
    assert [room for room in ROOMS if f"| `{room}` |" not in page] == []


def test_an_arrow_is_left_out_where_others_lead_to_the_same_room() -> None:
    found = {("cellar", "ground"): 1, ("roof", "cellar"): 2, ("roof", "ground"): 3}
    assert architecture.plain_arrows(found) == {("cellar", "ground"): 1, ("roof", "cellar"): 2}


def test_an_arrow_that_passes_by_a_floor_has_a_lane_there() -> None:
    levels = [["roof"], ["hall", "kitchen"], ["cellar"]]
    assert architecture._way(("roof", "cellar"), levels) == ["roof", "roof>cellar 1", "cellar"]
    assert architecture._way(("hall", "cellar"), levels) == ["hall", "cellar"]
