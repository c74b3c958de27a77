"""`course doctor`: each bad state is really made, and is told with what to do about it."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from importlib import metadata
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.basics.errors import UserError
from grader.course.directory import Course
from grader.course.notebook_data import DataSet
from grader.instructors.doctor import command, files, jupyter, machine
from grader.instructors.doctor.engine import Engine
from grader.instructors.doctor.finding import Finding, guarded
from grader.instructors.grading import command as grading
from grader.nbgrader_app.opening import open_courses, open_for
from grader.nbgrader_app.session import NbgraderSession
from tests.courses import ASSIGNMENT, COURSE, copy_of, run_course


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader changes the directory, and its configuration the environment."""
    monkeypatch.chdir(COURSE.root)
    monkeypatch.setenv("SVHN_DIR", str(COURSE.root / "data" / "synthetic"))


# The whole


def test_a_line_for_each_probe_also_where_much_is_missing(empty: Course) -> None:
    """TensorFlow and nbgrader cannot be imported, and there is no source: no traceback."""
    broken = empty.root / "broken"
    for name in ("tensorflow", "nbgrader", "rich"):
        (broken / name).mkdir(parents=True)
        (broken / name / "__init__.py").write_text("raise ImportError('broken', name=__name__)\n")
    done = run_course(empty, "doctor", PYTHONPATH=str(broken), LC_ALL="C.UTF-8")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    # What data there are stands in the configuration, which imports nbgrader.
    names = [name for name, _ in command.probes(Engine(), empty) if name != "data"]
    lines = [line for line in done.stdout.splitlines() if line[:1] in "✓!✗"]
    assert [line[8:22].strip() for line in lines] == names
    assert "the package nbgrader is missing" in done.stdout
    assert "To do: Install the tool anew with pip, in this environment." in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100 + len(sys.executable)


def test_the_exit_code_says_whether_all_is_well(
    course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [Finding("ok", "there"), Finding("ok", "there, too")]

    def probes(engine: Engine, course: Course) -> list[tuple[str, Callable[[Course], Finding]]]:
        return [(str(n), lambda course, one=one: one) for n, one in enumerate(found)]  # type: ignore[misc]

    monkeypatch.setattr(command, "probes", probes)
    assert command.run(course) == 0
    assert "doctor: all is well" in capsys.readouterr().out
    found.append(Finding("warning", "slow", "wait"))
    assert command.run(course) == 1
    assert "To do: wait\ndoctor: 0 wrong, 1 to look at, 2 ok\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "found", "todo"),
    [
        (UserError("It is missing. Get it"), "It is missing", "Get it"),
        (ModuleNotFoundError("no", name="scipy.io"), "the package scipy is missing", "make setup"),
        (ZeroDivisionError("by zero"), "ZeroDivisionError: by zero", "make setup"),
    ],
)
def test_a_probe_that_fails_is_a_finding(
    error: Exception, found: str, todo: str, course: Course
) -> None:
    def probe(course: Course) -> Finding:
        raise error

    finding = guarded(probe, course)
    assert finding.state == "wrong"
    assert found in finding.found
    assert todo in finding.todo


def test_shows_what_an_old_terminal_can(capsys: pytest.CaptureFixture[str]) -> None:
    code = (
        "from grader.instructors.doctor import command; "
        "from grader.instructors.doctor.finding import Finding; "
        "command.show('data', Finding('wrong', 'gone: é', 'make data'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[0].split() == ["?", "wrong", "data", "gone:", "?"]


# The machine


def test_names_the_packages_that_are_not_as_pinned(empty: Course, tmp_path: Path) -> None:
    site = tmp_path / "site"
    for name, version in (("a-package", "1.0"), ("other-package", "2.0")):
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    empty.requirements.write_text(
        "-e .\na-package==1.0\n    # via other-package\nother-package==2.1\n"
        "not-there==3.0\nnot-here==1 ; sys_platform == 'none'\n"
    )
    code = (
        "import sys; from pathlib import Path; from grader.course.directory import Course; "
        "from grader.instructors.doctor import machine; "
        f"print(machine.packages(Course(Path(sys.argv[1]), {ASSIGNMENT!r})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(empty.root)],
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (
        "state='wrong', found='2 of 3 are not what is pinned: not-there is missing; " in done.stdout
    )
    assert "other-package is 2.0, not 2.1'" in done.stdout
    assert "-m pip install -r requirements.txt" in done.stdout


@pytest.mark.parametrize(
    "line",
    [
        "packaging=={}",
        "packaging=={}  # via black",
        "packaging=={} \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n    # via black",
        "packaging=={} ; python_version > '3.8' # via black",
        "packaging == {}",
        "-r other.txt\n--index-url https://example.org\nnot-pinned>=1\npackaging=={}",
    ],
)
def test_as_pinned_is_well(line: str, empty: Course) -> None:
    version = metadata.version("packaging")
    empty.requirements.write_text(f"{line.format(version)}\n")
    finding = machine.packages(empty)
    assert (finding.state, finding.found.partition(" are")[0]) == ("ok", "all 1")
    empty.requirements.write_text(f"{line.format('0.1')}\n")
    assert "packaging is" in machine.packages(empty).found
    empty.requirements.unlink()
    assert machine.packages(empty).state == "warning"


def test_warns_of_a_python_that_students_are_not_told_of(empty: Course) -> None:
    here = "{}.{}".format(*sys.version_info)
    for told, expected in (("", "ok"), (here, "ok"), ("3.10", "warning")):
        empty.config.write_text(f"c = get_config()\nc.Course.python = {told!r}\n")
        finding = machine.python(empty)
        assert finding.state == expected
        assert ("Students are told that Python 3.10 grades" in finding.todo) == (told == "3.10")


def test_a_python_of_another_version(empty: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine.python(empty).state == "ok"
    monkeypatch.setattr(machine, "NEWEST", (3, 10))
    monkeypatch.setattr(machine, "OLDEST", (3, 9))
    finding = machine.python(empty)
    assert (finding.state, "needs 3.9 to 3.10" in finding.todo) == ("wrong", True)


def test_the_range_of_python_is_that_of_the_package() -> None:
    text = (COURSE.root / "pyproject.toml").read_text()
    oldest, newest = ".".join(map(str, machine.OLDEST)), machine.NEWEST[1] + 1
    assert f'requires-python = ">={oldest},<3.{newest}"' in text


def test_text_that_is_not_utf8(course: Course) -> None:
    code = (
        "from pathlib import Path; from grader.course.directory import Course; "
        "from grader.instructors.doctor import machine; print(machine.text(Course(Path('.'), '-')))"
    )
    env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
    said = {
        utf8: subprocess.run(
            [sys.executable, "-c", code],
            env={**env, "PYTHONUTF8": utf8},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for utf8 in ("0", "1")
    }
    assert "state='warning'" in said["0"]
    assert "Set LANG=C.UTF-8" in said["0"]
    assert "state='ok'" in said["1"]


def test_a_clock_that_is_behind(empty: Course) -> None:
    assert machine.clock(empty).state == "ok"
    os.utime(empty.config, (4e9, 4e9))
    finding = machine.clock(empty)
    assert (finding.state, "set the clock" in finding.todo) == ("warning", True)


@pytest.mark.parametrize(
    ("limit", "free"), [(None, 8 << 30), ("max", 8 << 30), (str(2 << 30), 1 << 30)]
)
def test_memory_is_what_the_machine_or_the_container_has_left(
    limit: str | None, free: int, tmp_path: Path
) -> None:
    group = tmp_path / "sys/fs/cgroup"
    for directory in (group, tmp_path / "proc"):
        directory.mkdir(parents=True)
    lines = f"MemTotal: {16 << 20} kB\nMemAvailable: {8 << 20} kB\n"
    (tmp_path / "proc/meminfo").write_text(lines)
    if limit:
        (group / "memory.max").write_text(limit)
        # Half a gigabyte of it is contents of files, which give way.
        (group / "memory.current").write_text(str(3 << 29))
        about = f"anon {1 << 30}\nfile {1 << 29}\nactive_file {1 << 28}\ninactive_file {1 << 28}\n"
        (group / "memory.stat").write_text(about)
    assert machine.free_memory(tmp_path) == free


@pytest.mark.parametrize(
    ("gigabytes", "libraries", "state", "todo"),
    [
        (None, 1.0, "ok", ""),
        (0.1, None, "ok", ""),  # not measured
        (1.5, 1.0, "wrong", "End other programs"),
        (1.2, 0.2, "warning", "--jobs 3"),
        (900, 1.0, "ok", ""),
    ],
)
def test_little_memory_for_what_the_notebooks_import(
    gigabytes: float | None,
    libraries: float | None,
    state: str,
    todo: str,
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    free = None if gigabytes is None else int(gigabytes * machine.GB)
    monkeypatch.setattr(machine, "free_memory", lambda: free)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3})
    taken = None if libraries is None else int(libraries * machine.GB)
    finding = machine.memory(course, taken)
    assert finding.state == state
    assert todo in finding.todo


@pytest.mark.parametrize(("gigabytes", "state"), [(0.1, "wrong"), (1, "warning"), (50, "ok")])
def test_little_disk(
    gigabytes: float, state: str, empty: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = int(gigabytes * machine.GB)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(size, 0, size))
    assert machine.disk(empty).state == state


# The course's files


LOOK = """import pathlib, sys
directory = pathlib.Path(sys.argv[2])
print(sys.argv[1], (directory / "numbers.csv").read_text())
sys.exit(int((directory / "code").read_text()))
"""


@pytest.mark.parametrize(
    ("printed", "code", "state", "found", "todo"),
    [
        ("7 numbers", 0, "ok", "found 7 numbers (numbers)", "make numbers"),
        ("7 numbers\nCount them.", 3, "warning", "found 7 numbers (numbers)", "Count them."),
        ("no numbers", 4, "wrong", "found no numbers", "make numbers"),
    ],
)
def test_data_are_what_the_program_of_the_course_says(
    printed: str, code: int, state: str, found: str, todo: str, tmp_path: Path
) -> None:
    course = Course(tmp_path, ASSIGNMENT)
    (tmp_path / "look.py").write_text(LOOK)
    directory = tmp_path / "numbers"
    given = DataSet(
        "NUMBERS", ("1-a",), directory, ("numbers.csv",), "make numbers", "look.py found"
    )
    finding = files.data(given, course)
    assert (finding.state, finding.todo) == ("wrong", "make numbers")
    assert finding.found == "there is no numbers, which 1-a reads"
    directory.mkdir()
    assert files.data(given, course).found == "numbers has no numbers.csv, which 1-a reads"
    (directory / "numbers.csv").write_text(printed)
    finding = files.data(given, course)  # the program fails
    assert finding.state == "wrong"
    assert finding.found.startswith("numbers cannot be looked at (FileNotFoundError: ")
    (directory / "code").write_text(str(code))
    finding = files.data(given, course)
    assert (finding.state, finding.found, finding.todo) == (state, found, todo)
    (tmp_path / "look.py").unlink()
    finding = guarded(partial(files.data, given), course)
    assert finding.found == "look.py, which c.NotebookData.sets names, is missing"
    assert files.data(replace(given, look=""), course).state == "ok"


def test_a_line_for_each_set_of_data_and_none_without(empty: Course) -> None:
    assert [name for name, _ in command.probes(Engine(), empty)].count("data") == 1
    empty.config.write_text("c = get_config()\n")
    assert "data" not in [name for name, _ in command.probes(Engine(), empty)]
    empty.config.write_text("1 / 0\n")
    assert "configuration" in [name for name, _ in command.probes(Engine(), empty)]


def test_release(released: Course, tmp_path: Path) -> None:
    course = copy_of(released, tmp_path / "course")
    with (course.release / "checks.py").open("a") as file:
        file.write("# changed\n")
    finding = files.release(course)
    assert finding.state == "wrong"
    assert finding.found.startswith("checks.py is not what source/ makes")
    assert "more" not in finding.found  # all else is the same
    assert finding.todo == "course release"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook with one submission."""
    path = tmp_path_factory.mktemp("made") / "gradebook.db"
    with Gradebook(f"sqlite:///{path}", "deep-learning") as gradebook:
        gradebook.add_assignment(ASSIGNMENT)
        gradebook.add_student("someone")
        gradebook.update_or_create_submission(ASSIGNMENT, "someone")
    return path


@pytest.fixture
def with_gradebook(empty: Course, made: Path) -> Course:
    shutil.copy(made, empty.gradebook)
    return empty


def test_no_gradebook_yet_is_well(empty: Course) -> None:
    assert files.gradebook(empty).state == "ok"
    assert not empty.gradebook.exists()


def test_a_whole_gradebook_is_left_as_it_is(with_gradebook: Course) -> None:
    before = with_gradebook.gradebook.read_bytes()
    finding = files.gradebook(with_gradebook)
    assert finding.state == "ok"
    assert "1 submission" in finding.found
    assert with_gradebook.gradebook.read_bytes() == before


def test_a_damaged_gradebook(with_gradebook: Course) -> None:
    path = with_gradebook.gradebook
    content = bytearray(path.read_bytes())
    content[4096 * 2 :: 7] = bytes(len(content[4096 * 2 :: 7]))
    path.write_bytes(content)
    finding = files.gradebook(with_gradebook)
    assert finding.state == "wrong"
    assert "put back a copy" in finding.todo
    path.write_bytes(b"no database" * 1000)
    assert files.gradebook(with_gradebook).state == "wrong"


def test_a_gradebook_of_an_older_nbgrader(with_gradebook: Course) -> None:
    with closing(sqlite3.connect(with_gradebook.gradebook)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '167914646830'")
    finding = guarded(files.gradebook, with_gradebook)
    assert finding.found == "The gradebook gradebook.db is of an older nbgrader"
    assert (finding.state, "nbgrader db upgrade" in finding.todo) == ("wrong", True)


def test_a_locked_gradebook(with_gradebook: Course) -> None:
    with closing(sqlite3.connect(with_gradebook.gradebook)) as database:
        database.execute("BEGIN EXCLUSIVE")
        finding = files.gradebook(with_gradebook)
    assert (finding.state, "in use" in finding.found) == ("warning", True)


def test_grades_in_git(with_gradebook: Course) -> None:
    assert files.privacy(with_gradebook).state == "ok"  # no repository
    for words in (["init", "-q"], ["add", "nbgrader_config.py"]):
        subprocess.run(["git", "-C", str(with_gradebook.root), *words], check=True)
    assert files.privacy(with_gradebook).state == "ok"
    git = ["git", "-C", str(with_gradebook.root)]
    work = with_gradebook.collected / "학생" / "2-tanh.ipynb"  # git writes this name with \\
    work.parent.mkdir(parents=True)
    work.touch()
    (with_gradebook.root / "explanations-2.csv").touch()
    subprocess.run(
        [*git, "add", "-f", "gradebook.db", "collected", "explanations-2.csv"], check=True
    )
    finding = files.privacy(with_gradebook)
    assert finding.state == "wrong"
    assert "git rm -r --cached collected explanations-2.csv gradebook.db;" in finding.todo


def test_students_work_in_git_where_the_course_names_its_own_folders(empty: Course) -> None:
    with empty.config.open("a") as config:
        config.write("\nc.CourseDirectory.submitted_directory = 'of students/handed in'\n")
        config.write("c.CourseDirectory.feedback_directory = '/srv/pages'\n")
    course = open_for(ASSIGNMENT, empty.root)
    for path in (course.submission("kim") / "2-tanh.ipynb", course.root / "of students/rules.md"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for words in (["init", "-q"], ["add", "-A"]):
        subprocess.run(["git", "-C", str(course.root), *words], check=True)
    finding = files.privacy(course)
    assert finding.state == "wrong"
    assert finding.found.endswith(": of students/handed in")
    assert "git rm -r --cached 'of students/handed in';" in finding.todo


@pytest.mark.usefixtures("here")
def test_exchange(empty: Course, tmp_path: Path) -> None:
    root = tmp_path / "exchange"

    assert files.exchange(empty).state == "ok"  # none
    with empty.config.open("a") as file:
        file.write(f"\nc.Exchange.root = {str(root)!r}\n")
    finding = files.exchange(empty)
    assert (finding.state, f"mkdir -p {root}" in finding.todo) == ("wrong", True)
    root.mkdir(mode=0o755)
    root.chmod(0o755)
    finding = files.exchange(empty)
    assert (finding.state, "chmod" in finding.todo) == ("warning", True)
    root.chmod(0o777)
    assert files.exchange(empty).state == "ok"


@pytest.mark.usefixtures("here")
def test_configuration(empty: Course) -> None:
    assert files.configuration(empty).state == "ok"
    with empty.config.open("a") as file:
        file.write("\nc.SandboxProvisioner.memory = 'much'\n")
    finding = files.configuration(empty)
    assert finding.state == "wrong"
    assert "'memory' trait" in finding.found


# Jupyter and the engine


def test_extensions(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    assert jupyter.extensions(course).state == "ok"
    page = tmp_path / "labconfig" / "page_config.json"
    page.parent.mkdir()
    part = f"{jupyter.LAB}:validate-assignment"
    page.write_text(json.dumps({"disabledExtensions": {part: True}}))
    finding = jupyter.extensions(course)
    assert (finding.state, part in finding.found) == ("warning", True)
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    off = {"ServerApp": {"jpserver_extensions": {jupyter.SERVER[0]: False}}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(off))
    finding = jupyter.extensions(course)
    assert finding.state == "wrong"
    assert "formgrader" in finding.found
    assert f"jupyter server extension enable --sys-prefix {jupyter.SERVER[0]}" in finding.todo


def test_a_slow_kernel() -> None:
    assert jupyter.judged(1.0, "").state == "ok"
    assert jupyter.judged(60.0, "").state == "warning"


@pytest.fixture
def light(empty: Course) -> Course:
    """A course whose warm process imports little."""
    with empty.config.open("a") as file:
        file.write("\nc.SandboxProvisioner.warm = ['json']\n")
    return empty


@pytest.mark.usefixtures("here")
def test_the_sandbox_and_its_kernel(light: Course) -> None:
    engine = Engine()
    try:
        finding = engine.sandbox(light)
        assert finding.state in ("ok", "warning")
        assert finding.found.startswith(("full: 14 attempts", "reduced: "))
        kernel = engine.kernel(light)
        assert kernel.found.startswith("a fork answers after")
        assert "what the notebooks import takes 0." in engine.memory(light).found
    finally:
        engine.close()


@pytest.mark.usefixtures("here")
def test_the_other_sandbox_and_a_library_that_is_missing(light: Course) -> None:
    with light.config.open("a") as file:
        file.write("\nc.SandboxProvisioner.tier = 'reduced'\n")
        file.write("c.SandboxProvisioner.warm = ['json', 'not_there']\n")
    engine = Engine()
    try:
        finding, kernel = engine.sandbox(light), engine.kernel(light)
    finally:
        engine.close()
    assert kernel.state == "wrong"
    if finding.state == "wrong":  # this machine has no Landlock
        assert "reduced sandbox: start" in finding.found
    else:
        assert finding.state == "warning"
        assert "names and sizes of files outside can be seen" in finding.found
        assert "chosen by a setting" in finding.todo
        assert "No module named 'not_there'" in kernel.found


@pytest.mark.usefixtures("here")
def test_a_course_that_notebooks_could_read(light: Course) -> None:
    with light.config.open("a") as file:
        file.write(f"\nc.SandboxProvisioner.readable = [{str(light.root.parent)!r}]\n")
    engine = Engine()
    finding = engine.sandbox(light)
    assert (finding.state, "notebooks may read" in finding.found) == ("wrong", True)
    assert engine.kernel(light).state == "wrong"


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    ("setting", "place"),
    [
        ("source_directory = '{}/source'", "source"),
        ("submitted_directory = '{}/work'", "work"),
        ("autograded_directory = '{}/run'", "run"),
        ("feedback_directory = '{}/pages'", "pages"),
        ("db_url = 'sqlite:///{}/grades.db'", "grades.db"),
        ("", "course/collected"),
        ("", "course/backups"),
        ("", "course/source"),
        ("", "course/hidden"),
        ("", "course/answers"),
    ],
)
def test_what_lies_apart_from_the_course_must_not_be_read_by_notebooks_either(
    setting: str, place: str, light: Course
) -> None:
    """Each place of solutions, students' work and grades, shown alone or with what is around it."""
    around = light.root.parent / "elsewhere"
    shown = light.root.parent / place if place.startswith("course/") else around
    with light.config.open("a") as file:
        file.write(f"\nc.SandboxProvisioner.readable = [{str(shown)!r}]\n")
        if setting:
            file.write(f"c.CourseDirectory.{setting.format(around)}\n")
    if place == "source":
        shutil.move(light.source.parent, around / place)
    (course,) = open_courses(light.root)
    with pytest.raises(UserError, match=f"may read {shown}, and so .*{Path(place).name}"):
        grading.engine_settings(course, NbgraderSession(course))
    finding = Engine().sandbox(course)
    assert (finding.state, "notebooks may read" in finding.found) == ("wrong", True)
