"""What a released notebook has for Colab: tried in a directory with nothing but the notebook."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode

from grader.course.directory import Course
from grader.nbgrader_app import commands
from grader.notebooks import cells, colab
from tests.courses import COURSE, copy_of, filled_in, hand_in, line_of, run_course

NAME = "1-complexity"
GITHUB = "https://github.com/you/deep-learning-3/blob/main"
FILES = {"checks.py": b"one = 1\n", "more/figures.py": b"two = 2\n"}


class _Quiet(SimpleHTTPRequestHandler):
    """A server that says nothing; of half.py it sends a part, and hangs up."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if not self.path.endswith("half.py"):
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b"half = 1\n")


@contextmanager
def server(directory: Path) -> Iterator[str]:
    """Serve a directory on this machine; gives its address."""
    handler = partial(_Quiet, directory=str(directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{serving.server_port}"
        finally:
            serving.shutdown()


@pytest.fixture
def public(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """The files at a public address."""
    directory = tmp_path / "public"
    for name, content in FILES.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with server(directory) as url:
        yield directory, url


def digests(files: dict[str, bytes]) -> dict[str, str]:
    return {name: sha256(content).hexdigest() for name, content in files.items()}


def run_cell(url: str, files: dict[str, bytes], directory: Path, **env: str) -> str:
    """Run the cell in a directory; returns the error's last line, "" if there is none."""
    notebook = nbformat.v4.new_notebook()
    colab.add(notebook, NAME, url, digests(files))
    directory.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", notebook.cells[0].source],
        cwd=directory,
        env={**os.environ, "no_proxy": "127.0.0.1", **env},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


def there(directory: Path) -> dict[str, bytes]:
    files = (path for path in directory.rglob("*") if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


def test_the_files_are_fetched_into_an_empty_directory(
    public: tuple[Path, str], tmp_path: Path
) -> None:
    assert run_cell(public[1], FILES, tmp_path / "empty") == ""
    assert there(tmp_path / "empty") == FILES


def test_what_is_there_is_left_as_it_is_and_the_network_is_not_asked(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    for name in FILES:
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_text("a student's change")
    assert run_cell("http://nowhere.invalid", FILES, here) == ""
    assert set(there(here).values()) == {b"a student's change"}


def test_a_missing_file_is_an_error_that_names_it(public: tuple[Path, str], tmp_path: Path) -> None:
    said = run_cell(public[1], {**FILES, "gone.py": b""}, tmp_path / "empty")
    assert "gone.py cannot be had from" in said and "404" in said


def test_a_changed_file_is_not_kept(public: tuple[Path, str], tmp_path: Path) -> None:
    (public[0] / "checks.py").write_text("one = 2\n")
    said = run_cell(public[1], FILES, tmp_path / "empty")
    assert "checks.py did not come whole, or is not the file" in said
    assert not (tmp_path / "empty" / "checks.py").exists()


def test_a_half_sent_file_is_not_kept(public: tuple[Path, str], tmp_path: Path) -> None:
    said = run_cell(public[1], {"half.py": b"half = 1\nrest = 2\n"}, tmp_path / "empty")
    assert "half.py" in said and "Run this cell again" in said
    assert there(tmp_path / "empty") == {}


def test_without_a_network_the_error_says_so(tmp_path: Path) -> None:
    said = run_cell("http://nowhere.invalid", FILES, tmp_path / "empty")
    assert "checks.py cannot be had from http://nowhere.invalid" in said


def test_in_grading_the_cell_does_nothing(tmp_path: Path) -> None:
    said = run_cell("http://nowhere.invalid", FILES, tmp_path / "e", NBGRADER_EXECUTION="autograde")
    assert said == ""


@pytest.mark.parametrize(
    ("url", "badge", "files"),
    [
        (
            GITHUB,
            "https://colab.research.google.com/github/you/deep-learning-3/blob/main/x.ipynb",
            "https://raw.githubusercontent.com/you/deep-learning-3/main",
        ),
        (
            f"{GITHUB.replace('blob', 'tree')}/in/a-folder/",
            "https://colab.research.google.com/github/you/deep-learning-3/blob/main/in/a-folder/x.ipynb",
            "https://raw.githubusercontent.com/you/deep-learning-3/main/in/a-folder",
        ),
        ("https://example.org/dl", None, "https://example.org/dl"),
    ],
)
def test_the_addresses(url: str, badge: str | None, files: str) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Title")])
    colab.add(notebook, "x", url, {})
    title, code = notebook.cells
    assert (f"({badge})" in title.source) if badge else title.source == "# Title"
    assert f'get_files("{files}", ' in code.source


def test_both_are_taken_out_again() -> None:
    notebook = cells.read_notebook(COURSE.release / f"{NAME}.ipynb")
    before = [dict(cell) for cell in notebook.cells]
    colab.add(notebook, NAME, GITHUB, {"checks.py": "0"})
    assert len(notebook.cells) == len(before) + 1
    assert [dict(cell) for cell in colab.without(notebook.cells)] == before


@pytest.fixture(scope="module")
def published(released: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """A course whose release is at a public address, and made for that."""
    course = copy_of(released, tmp_path_factory.mktemp("published") / "course")
    with server(course.release) as url:
        with course.config.open("a", encoding="utf-8") as config:
            config.write(f"\nc.Course.public_url = {url!r}\n")
        commands.generate(course, with_gradebook=False)
        yield course


def test_a_notebook_alone_runs_to_its_end(
    published: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    notebook = filled_in(published, NAME)
    assert [cell.id for cell in notebook.cells][1] == colab.CELL
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(notebook, timeout=300, resources=resources).execute()
    assert (tmp_path / "checks.py").is_file()


def test_the_release_is_what_a_fresh_generation_makes_and_nbgrader_grades_it(
    published: Course, tmp_path: Path
) -> None:
    course = copy_of(published, tmp_path / "course")
    done = run_course(course, "release", "--check")
    assert done.returncode == 0, done.stdout
    hand_in(course, "ada", NAME, filled_in(course, NAME))
    done = run_course(course, "grade")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "release/ is not what source/ makes" not in done.stdout
    assert line_of(done.stdout, "ada") == "ada 9 9 1 cell"
    executed = cells.read_notebook(course.executed("ada", NAME))
    assert colab.CELL not in _ids(executed) and "colab" not in executed.cells[0].source


def _ids(notebook: NotebookNode) -> list[str]:
    return [cell.id for cell in notebook.cells]
