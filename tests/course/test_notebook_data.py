"""The data that notebooks read: c.NotebookData in nbgrader_config.py."""

from pathlib import Path

import pytest
from traitlets.config import Config

from grader.authors.bank import bench
from grader.basics.errors import UserError
from grader.course import notebook_data
from grader.course.directory import Course
from grader.course.notebook_data import DataSet


def config(sets: object) -> Config:
    return Config({"NotebookData": {"sets": sets}})


def test_a_course_that_says_nothing_has_no_data() -> None:
    assert notebook_data.of_config(Config()) == []


def test_what_is_said_of_a_set_is_read() -> None:
    given = {"notebooks": ["1-a", "2-b"], "directory": "/data", "files": ["x"], "look": "l.py -v"}
    (data,) = notebook_data.of_config(config({"DATA": given}))
    assert data == DataSet("DATA", ("1-a", "2-b"), Path("/data"), ("x",), look="l.py -v")
    assert data.readers == "1-a and 2-b read"
    assert data.programs() == [Path("l.py")]
    assert notebook_data.read_by([data], ["2-b", "3-c"]) == [data]
    assert notebook_data.read_by([data], ["3-c"]) == []


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (3, "nbgrader_config.py: .*'sets'.* a dict"),
        ({"D": {"notebooks": []}}, r"sets\['D'\] must be a dictionary with notebooks and dir"),
        ({"D": 1}, r"sets\['D'\] must be a dictionary"),
        ({"D": {"notebooks": "1-a", "directory": "d"}}, "notebooks must be a list of names"),
        ({"D": {"notebooks": [], "directory": 1}}, "directory must be a text"),
        (
            {"D": {"notebooks": [], "directory": "d", "file": "x"}},
            "there is no key file. There are: notebooks, files, directory, make, look, draw",
        ),
    ],
)
def test_a_setting_that_cannot_be(sets: object, said: str) -> None:
    with pytest.raises(UserError, match=said):
        notebook_data.of_config(config(sets))


def test_the_bench_has_a_small_set_drawn_or_takes_the_real_one(tmp_path: Path) -> None:
    course = Course(tmp_path, "none")
    (tmp_path / "draw.py").write_text(
        "import pathlib, sys\npathlib.Path(sys.argv[1], 'drawn').touch()\n"
    )
    real = DataSet("DATA", ("1-a",), tmp_path / "real")
    assert bench._small_set(course, real, tmp_path / "below") == tmp_path / "real"
    drawn = DataSet("DATA", ("1-a",), tmp_path / "real", draw="draw.py")
    directory = bench._small_set(course, drawn, tmp_path / "below")
    assert directory == tmp_path / "below" / "DATA"
    assert (directory / "drawn").is_file()
    (tmp_path / "draw.py").write_text("raise SystemExit('no pen')")
    with pytest.raises(UserError, match=r"(?s)draw\.py could not draw a small set:.*no pen"):
        bench._small_set(course, drawn, tmp_path / "again")
