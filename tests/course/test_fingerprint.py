"""The fingerprint covers the modules that decide a score: a change of one grades anew."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from jupyter_client.manager import KernelManager
from nbgrader.apps import AutogradeApp
from nbgrader.converters import GenerateAssignment
from traitlets.config import Configurable

from grader.basics import config_file
from grader.course import fingerprint
from grader.course.directory import Course
from grader.engine.kernels.provisioner import SandboxProvisioner
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


def all_three(course: Course) -> set[str]:
    config_file._files.cache_clear()  # as in a process that begins now
    return {*of_both(course), fingerprint.of_assignment(course)}


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

    before = all_three(configured)
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    assert not before & all_three(configured)
    own, nbgraders = config_file.load(configured.config), NbgraderSession(configured).config
    assert own.SandboxedExecute.judge == "apart"
    for section in ("SandboxedExecute", "CourseDirectory"):
        asked = {key: value for key, value in nbgraders[section].items() if key != "root"}
        assert own[section] == asked


def in_home(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / "jupyter" / name).write_text(text, encoding="utf-8")


OF_A_PERSON = [
    ("jupyter_config.py", "c.ServerApp.port = 9001\nc.LabApp.open_browser = False\n"),
    ("jupyter_config.py", '"""Mine."""\nc = get_config()\nc.ServerApp.tokens = {"a": [1]}\n'),
    ("jupyter_config.json", '{"version": 1, "ServerApp": {"port": 9001}}'),
    (
        "nbgrader_config.py",
        "c = get_config()\n# mine\nc.CourseDirectory.root = '/home/me/course'\n",
    ),
    ("nbgrader_config.py", "c.CourseDirectory.db_url = 'postgresql+psycopg://me@db/grades'\n"),
    ("nbgrader_config.json", "{}"),
]


@pytest.mark.parametrize(("name", "text"), OF_A_PERSON)
def test_what_a_person_sets_for_a_server_is_in_no_fingerprint(
    name: str, text: str, configured: Course, tmp_path: Path
) -> None:
    before, process = all_three(configured), fingerprint.of_process(configured)
    in_home(tmp_path, name, text)
    assert all_three(configured) == before
    assert fingerprint.of_process(configured) != process  # course watch begins anew


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("jupyter_config.py", "c.ServerApp.port = 9001\nc.OurLatePlugin.factor = 2\n"),
        ("jupyter_config.py", "c.Application.log_level = 10\n"),  # a section that is not known
        ("jupyter_config.py", "import os\nos.environ['OMP_NUM_THREADS'] = '1'\n"),
        ("jupyter_config.py", "c.ServerApp.port = print('x') or 1\n"),  # may do anything
        ("jupyter_config.py", "c.ServerApp.tags = {'a', 'b'}\n"),
        ("jupyter_config.py", "c.ServerApp.Deeper.factor = 2\n"),
        ("jupyter_config.py", "c.ServerApp.tags.append('a')\n"),
        ("jupyter_config.py", "if True:\n    c.OurLatePlugin.factor = 2\n"),
        ("jupyter_config.py", "load_subconfig('more.py')\n"),
        ("jupyter_config.json", '{"OurLatePlugin": {"factor": 2}}'),
        ("jupyter_config.json", '{"ServerApp": {"OurLatePlugin": {"factor": 2}}}'),
        ("nbgrader_config.py", "c.ClearSolutions.code_stub = {'python': 'x'}\n"),
        ("nbgrader_config.py", "c.CourseDirectory.source_directory = 'other'\n"),
    ],
)
def test_what_may_decide_is_in_the_fingerprints(
    name: str, text: str, configured: Course, tmp_path: Path
) -> None:
    (tmp_path / "jupyter" / "more.py").write_text("c.X.y = 1\n", encoding="utf-8")
    before = all_three(configured)
    in_home(tmp_path, name, text)
    assert not before & all_three(configured)


def test_a_setting_may_move_among_the_files_of_a_person(configured: Course, tmp_path: Path) -> None:
    in_home(tmp_path, "jupyter_config.py", "c.X.y = [1]\nc.X.z = 'a'\nc.ServerApp.port = 1\n")
    before = all_three(configured)
    in_home(tmp_path, "jupyter_config.py", "c.ServerApp.port = 2\n")
    in_home(tmp_path, "nbgrader_config.py", "c = get_config()\nc.X.z = 'b'\n")
    in_home(tmp_path, "nbgrader_config.json", '{"X": {"z": "a", "y": [1]}}')  # counts more
    assert all_three(configured) == before
    in_home(tmp_path, "nbgrader_config.json", '{"X": {"z": "a", "y": [true]}}')
    assert not before & all_three(configured)


def test_what_a_course_loads_counts_as_it_is_wherever_it_lies(
    configured: Course, tmp_path: Path
) -> None:
    other = tmp_path / "jupyter" / "shared.py"
    other.write_text("c.ServerApp.port = 1\n", encoding="utf-8")
    configured.config.write_text(f"load_subconfig({str(other)!r})\n", encoding="utf-8")
    before = all_three(configured)
    other.write_text("c.ServerApp.port = 2\n", encoding="utf-8")
    assert not before & all_three(configured)


DECIDING = (
    *("nbgrader.apps.autograde", "nbgrader.apps.generate", "nbgrader.converters"),
    *("nbgrader.preprocessors", "nbgrader.plugins", "nbgrader.coursedir", "grader.nbgrader_app"),
    *("nbconvert", "nbclient", "jupyter_client", "ipykernel", "grader.engine", "grader.scoring"),
)


def test_the_sections_of_servers_are_those_of_no_class_that_grades() -> None:
    """Neither of a converter, a preprocessor or a kernel, nor of what these inherit from."""
    todo: list[type] = [Configurable]
    graded: set[str] = set()
    while todo:
        kind = todo.pop()
        todo += kind.__subclasses__()
        if kind.__module__.startswith(DECIDING):
            graded |= {each.__name__ for each in kind.__mro__}
    loaded = (AutogradeApp, GenerateAssignment, SandboxProvisioner, KernelManager)
    assert {each.__name__ for each in loaded} <= graded
    assert graded & fingerprint._OF_SERVERS == set()


def test_another_grader_with_a_server_of_their_own_grades_nothing_anew(
    small_course: Course, tmp_path: Path
) -> None:
    """One course, one gradebook, two accounts."""
    hand_in(small_course, "all-right", NAME, filled_in(small_course, NAME))
    program = "import sys; from grader.cli import main; sys.exit(main())"
    said = []
    for number, (name, text) in enumerate([OF_A_PERSON[0], OF_A_PERSON[3], OF_A_PERSON[1]]):
        home = tmp_path / f"home-{number}"
        (home / ".jupyter").mkdir(parents=True)
        (home / ".jupyter" / name).write_text(text, encoding="utf-8")
        env = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER_")}
        done = subprocess.run(
            [sys.executable, "-c", program, "grade", "--jobs", "1"],
            cwd=small_course.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={**env, "HOME": str(home), "COLUMNS": "100", "PYTHONPATH": str(PACKAGE.parent)},
        )
        assert "Traceback" not in done.stderr, done.stderr
        said.append(done.stdout)
    assert f"all-right, {NAME}: graded" in said[0]
    for again in said[1:]:
        assert f"all-right, {NAME}: graded" not in again and "1 unchanged" in again


def test_where_jupyter_looks_for_files_that_are_not_there_is_in_no_fingerprint(
    configured: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = of_both(configured)
    config_file._files.cache_clear()
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
