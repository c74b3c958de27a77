"""The fingerprint covers the modules that decide a score: a change of one grades anew."""

import os
import shutil
import subprocess
from pathlib import Path

import grimp
import pytest

from grader.basics import config_file
from grader.course import fingerprint
from grader.course.directory import Course
from grader.nbgrader_app.session import NbgraderSession
from tests.copied_package import copy_of_package
from tests.courses import filled_in, hand_in
from tests.running import temporary_directory

NAME = "1-complexity"
AUTOGRADE = "grader.instructors.grading.autograde"
PACKAGE = Path(fingerprint.__file__).parent.parent

# Rooms that grading a notebook needs, and that decide no score: helpers, where things lie, and
# where results are kept. Whoever adds one here says that a change in it leaves old scores right.
NOT_DECIDING = ("basics", "course", "gradebook")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package that the fingerprint is made from."""
    copy = tmp_path / "grader"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "_PACKAGE", copy)
    return copy


def of_both(course: Course) -> tuple[str, str]:
    return fingerprint.of_environment(course, NAME), fingerprint.of_machinery(course)


def test_a_change_of_each_deciding_module_changes_the_fingerprint(
    package: Path, small_course: Course
) -> None:
    """Seen from outside: each module of each room is changed, whatever `deciding` says."""
    before = of_both(small_course)
    silent = []
    for name in fingerprint._DECIDING:
        place = package / name
        modules = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        assert modules, f"{name} holds no module any more"
        for module in modules:
            text = module.read_bytes()
            module.write_bytes(text + b"\n")
            after = of_both(small_course)
            module.write_bytes(text)
            if set(before) & set(after):
                silent.append(str(module.relative_to(package)))
    assert silent == []
    assert of_both(small_course) == before


def test_a_new_module_and_one_that_is_gone_change_the_fingerprint(
    package: Path, small_course: Course
) -> None:
    seen = {of_both(small_course)}
    new = package / "engine" / "sandbox" / "deeper" / "new.py"
    new.parent.mkdir()
    new.write_text("", encoding="utf-8")
    seen.add(of_both(small_course))
    new.unlink()
    (package / "scoring" / "first_error.py").unlink()
    seen.add(of_both(small_course))
    assert len(seen) == 3


def test_where_the_package_is_and_what_decides_nothing_change_no_fingerprint(
    small_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = of_both(small_course)
    copy = tmp_path / "elsewhere" / "grader"
    shutil.copytree(PACKAGE, copy)  # with what Python keeps of compiled modules
    monkeypatch.setattr(fingerprint, "_PACKAGE", copy)
    with (copy / "instructors" / "report" / "page.py").open("a", encoding="utf-8") as file:
        file.write("\n")
    assert of_both(small_course) == before


@pytest.fixture
def configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course whose configuration stands in several files; Jupyter's own lies beside it."""
    course = Course(tmp_path / "course", "week-1")
    course.source.mkdir(parents=True)
    course.config.write_text(
        "c = get_config()\nload_subconfig('more.py')\nc.SandboxedExecute.timeout = 1\n"
    )
    (course.root / "more.py").write_text("load_subconfig('below/last.py')\n")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "jupyter"))
    (tmp_path / "jupyter").mkdir()
    monkeypatch.chdir(tmp_path)  # nbgrader changes it
    return course


WHOLE = "c = get_config()\nc.CourseDirectory.course_id = 'x'\nc.SandboxedExecute.judge = 'apart'\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("course/more.py", WHOLE),
        ("course/below/last.py", WHOLE),
        ("jupyter/nbgrader_config.py", WHOLE),
        ("jupyter/jupyter_config.py", WHOLE),
        ("course/nbgrader_config.json", '{"SandboxedExecute": {"judge": "apart", "timeout": 2}}'),
    ],
)
def test_each_file_of_the_configuration_is_in_the_fingerprints_and_is_read_as_nbgrader_does(
    name: str, text: str, configured: Course, tmp_path: Path
) -> None:
    """Also one that was not there when the fingerprint was first made, as for `course watch`."""

    def all_three() -> set[str]:
        return {*of_both(configured), fingerprint.of_assignment(configured)}

    before = all_three()
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert not before & all_three()
    own, nbgraders = config_file.load(configured.config), NbgraderSession(configured).config
    assert own.SandboxedExecute.judge == "apart"
    for section in ("SandboxedExecute", "CourseDirectory"):
        asked = {key: value for key, value in nbgraders[section].items() if key != "root"}
        assert own[section] == asked


def test_where_jupyter_looks_for_files_that_are_not_there_is_in_no_fingerprint(
    configured: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = of_both(configured)
    config_file.files.cache_clear()
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(configured.root.parent / "other"))
    assert of_both(configured) == before


def test_all_that_grading_imports_lies_in_a_room_that_is_known_to_decide_or_not() -> None:
    graph = grimp.build_graph("grader", cache_dir=None)
    imported = {*graph.find_upstream_modules(AUTOGRADE), AUTOGRADE}
    assert len(imported) > 30  # else the graph is not what this test takes it for
    deciding = {
        ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
        for path in fingerprint.deciding()
    }
    without = tuple(f"grader.{room}." for room in NOT_DECIDING)
    unknown = {name for name in imported - deciding if not name.startswith(without)}
    assert unknown == set(), "decides it? then name its room in fingerprint._DECIDING"
    needless = [room for room in without if not any(m.startswith(room) for m in imported)]
    assert needless == [], "no longer imported: take it out of NOT_DECIDING"


def test_a_finished_class_is_graded_anew_when_a_deciding_module_has_changed(
    small_course: Course,
) -> None:
    hand_in(small_course, "all-right", NAME, filled_in(small_course, NAME))
    with temporary_directory() as base:
        program = copy_of_package(base)

        def changed_and_graded(name: str) -> str:
            with (base / "package" / "grader" / name).open("a", encoding="utf-8") as file:
                file.write("\n")
            done = subprocess.run(
                [*program, "grade", "--no-feedback", "--jobs", "1"],
                cwd=small_course.root,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                env={**os.environ, "COLUMNS": "100"},
            )
            assert "Traceback" not in done.stderr, done.stderr
            return done.stdout

        again = f"all-right, {NAME}: graded"
        assert again in changed_and_graded("scoring/score.py")
        unchanged = changed_and_graded("instructors/report/page.py")
        assert again not in unchanged
        assert "1 unchanged" in unchanged
        assert again in changed_and_graded("scoring/score.py")
