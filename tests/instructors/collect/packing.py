"""Archives as Moodle, Canvas and students make them, and a course to collect them into."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from grader import cli
from grader.course.directory import Course
from tests.contract import CONTRACT
from tests.courses import ASSIGNMENT

NAMES = tuple(CONTRACT)
ALL = sorted(f"{name}.ipynb" for name in NAMES)
UTC_NOON = (2026, 11, 20, 12, 0, 0)


def notebook(name: str, text: str = "") -> bytes:
    """A small notebook with the cells of `name`; `text` makes it another one."""
    cells = [
        {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": cell.grade_id}},
            "source": text,
        }
        for cell in CONTRACT[name]
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def packed(
    files: Mapping[str, bytes], time: tuple[int, int, int, int, int, int] = UTC_NOON
) -> bytes:
    """A zip archive; all its files have one time, as in those that platforms make."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, time), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def pack(
    path: Path,
    files: Mapping[str, bytes],
    time: tuple[int, int, int, int, int, int] = UTC_NOON,
) -> Path:
    """The same, in a file."""
    path.write_bytes(packed(files, time))
    return path


def moodle(who: str, *names: str, end: str = "_", text: str = "") -> dict[str, bytes]:
    """A student's folder in Moodle's archive; older versions end its name with another _."""
    folder = f"{who}_assignsubmission_file{end}"
    return {f"{folder}/{name}.ipynb": notebook(name, text) for name in names or NAMES}


def canvas(who: str, *names: str, first: int = 90_001, copy: str = "") -> dict[str, bytes]:
    """A student's files in Canvas's archive."""
    return {
        f"{who}_{first + number}_{name}{copy}.ipynb": notebook(name)
        for number, name in enumerate(names or NAMES)
    }


def in_submitted(course: Course) -> dict[str, list[str]]:
    """The files of each student in submitted/."""
    return {
        student.name: sorted(path.name for path in (student / ASSIGNMENT).iterdir())
        for student in sorted(course.submitted.glob("*"))
        if (student / ASSIGNMENT).is_dir()
    }


def submitted(course: Course, student: str, name: str) -> bytes:
    """A notebook in submitted/."""
    return (course.submission(student) / f"{name}.ipynb").read_bytes()


def files_of(root: Path) -> dict[str, bytes]:
    """Every file below `root`."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def collect(course: Course, source: Path, *options: str) -> int:
    """`course collect`; returns its exit code."""
    step = ["collect", str(source), "--assignment", course.assignment]
    return cli.main(["--course-dir", str(course.root), *step, "--timezone", "UTC", *options])


def remarks(course: Course) -> dict[str, str]:
    """What the report says of files and students that somebody should look at."""
    with (course.collected / "report.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["name in the source"] or row["student"]: row["remark"]
            for row in csv.DictReader(file)
            if row["what"] in ("left", "note")
        }


def versions(course: Course, student: str) -> list[str]:
    """The names of what is kept of a student."""
    records = course.collected.glob(f"{student}/{course.assignment}/*/received.json")
    return sorted(path.parent.name for path in records)
