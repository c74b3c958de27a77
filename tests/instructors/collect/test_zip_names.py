"""Students' zips from Windows in East Asia, whose names hold the byte of a backslash."""

import io
import zipfile
from pathlib import Path

import pytest

from grader.course.directory import Course
from tests.instructors.collect.packing import (
    ALL,
    NAMES,
    collect,
    files_of,
    in_submitted,
    notebook,
    pack,
    packed,
    remarks,
)


def zipped(folder: bytes) -> bytes:
    """A zip with the notebooks in a folder whose name has these bytes, without a word on them."""
    place = b"x" * len(folder)
    return packed({f"{place.decode()}/{name}.ipynb": notebook(name) for name in NAMES}).replace(
        place + b"/", folder + b"/"
    )


@pytest.mark.parametrize(
    ("folder", "encoding"),
    [
        ("発表ソフト", "cp932"),
        ("表/予定", "cp932"),
        ("許功蓋", "big5"),
        ("作业", "gbk"),
        ("誠", "gbk"),  # 0xD5 0x5C
        ("홍길동_과제", "cp949"),
        ("Übung", "cp437"),
        ("Übung", "cp1252"),
        ("dž\\x", "utf-8"),
    ],
)
def test_the_name_of_a_folder_in_a_students_zip_does_not_matter(
    course: Course, zip_: Path, folder: str, encoding: str
) -> None:
    own = zipped(folder.encode(encoding))
    assert collect(course, pack(zip_, {"A B_1_assignsubmission_file_/a.zip": own})) == 0
    assert in_submitted(course) == {"A-B_1": ALL}


@pytest.mark.parametrize("folder", ["a\\b", "line\nbreak", "bell\a", "turn\u202e", "a\u2028b"])
def test_signs_in_the_folders_of_a_students_zip_do_not_matter(
    course: Course, zip_: Path, folder: str
) -> None:
    own = packed({f"{folder}/{name}.ipynb": notebook(name) for name in NAMES})
    assert collect(course, pack(zip_, {"A B_1_assignsubmission_file_/a.zip": own})) == 0
    assert in_submitted(course) == {"A-B_1": ALL}


@pytest.mark.parametrize(
    "name",
    [
        "../2-tanh.ipynb",
        "a/..\\..\\2-tanh.ipynb",
        "..\\2-tanh.ipynb",
        "/root/2-tanh.ipynb",
        "\\\\server\\share\\2-tanh.ipynb",
        "C:\\2-tanh.ipynb",
        "C:2-tanh.ipynb",
        "a/C:\\2-tanh.ipynb",
    ],
)
def test_hostile_names_in_a_students_zip_are_refused(course: Course, zip_: Path, name: str) -> None:
    own = packed({name: notebook("2-tanh", "hostile"), "1-complexity.ipynb": b"{}"})
    assert collect(course, pack(zip_, {"A B_1_assignsubmission_file_/a.zip": own})) == 1
    assert in_submitted(course) == {"A-B_1": ["1-complexity.ipynb"]}
    assert any("not used" in remark for remark in remarks(course).values())
    assert {path.name for path in zip_.parent.iterdir()} == {"course", "submissions.zip"}


@pytest.mark.parametrize(
    ("folder", "encoding"),
    [
        ("発表ソフト", "cp932"),
        ("許功蓋", "big5"),
        ("王小明", "gbk"),
        ("홍길동", "cp949"),
        ("Müller", "cp437"),
    ],
)
def test_students_folders_have_their_names(
    course: Course, zip_: Path, folder: str, encoding: str
) -> None:
    zip_.write_bytes(zipped(folder.encode(encoding)))
    assert collect(course, zip_, "--from", "folder") == 0
    assert list(in_submitted(course)) == [folder]


def test_two_students_with_a_backslash_in_their_folders_are_not_mixed(
    course: Course, zip_: Path
) -> None:
    pack(zip_, {f"a\\{one}/2-tanh.ipynb": notebook("2-tanh", one) for one in "xy"} | {"b/x": b""})
    assert collect(course, zip_, "--from", "folder") == 1
    assert "a" not in in_submitted(course)
    assert len(remarks(course)) >= 2


def test_nothing_is_written_outside(course: Course, zip_: Path) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("表\\..\\..\\x.ipynb", notebook("2-tanh"))
    before = files_of(zip_.parent).keys()
    collect(course, pack(zip_, {"A B_1_assignsubmission_file_/a.zip": made.getvalue()}))
    new = files_of(zip_.parent).keys() - before - {"submissions.zip"}
    assert all(name.startswith(("course/collected/", "course/submitted/")) for name in new)
