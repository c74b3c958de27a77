"""svhn.py: what it draws, what it refuses, and downloads from a server on the loopback."""

import hashlib
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import scipy.io

import svhn
import svhn_synthetic

ROOT = Path(__file__).resolve().parents[2]
HANDOUT = ROOT / "source" / "deep-learning-3"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test sees or changes the cache of the person who runs it."""
    cache = tmp_path / "cache"
    monkeypatch.setattr(svhn, "CACHE", cache)
    monkeypatch.delenv("SVHN_DIR", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return cache


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    svhn.write(tmp_path / "drawn", train=30, test=12, seed=1)
    return tmp_path / "drawn"


def arrays(n: int = 12) -> dict[str, np.ndarray]:
    """The two arrays of a right file."""
    X, y = svhn.draw(n, seed=5)
    return {"X": X, "y": y}


# What is drawn


def test_drawn_arrays_have_the_stored_format() -> None:
    X, y = svhn.draw(25, seed=0)
    assert X.shape == (32, 32, 3, 25)
    assert y.shape == (25, 1)
    assert X.dtype == y.dtype == np.uint8


def test_each_class_has_its_share() -> None:
    train = svhn_synthetic.share_out(5000, svhn.TRAIN_COUNTS)
    test = svhn_synthetic.share_out(1000, svhn.TEST_COUNTS)
    assert train.sum() == 5000
    assert test.sum() == 1000
    assert (train[0], test[0]) == (946, 196)  # 18.9 % and 19.6 %
    exact = 5000 * np.array(svhn.TRAIN_COUNTS) / 73257
    assert np.abs(train - exact).max() < 1
    _, y = svhn.draw(100, seed=3)
    expected = svhn_synthetic.share_out(100, svhn.TRAIN_COUNTS)
    assert np.bincount(y.ravel(), minlength=11)[1:].tolist() == expected.tolist()


def test_share_out_gives_what_is_left_to_the_largest_remainders() -> None:
    assert svhn_synthetic.share_out(10, [1, 1, 1]).tolist() == [4, 3, 3]
    assert svhn_synthetic.share_out(3, [50, 30, 20]).tolist() == [1, 1, 1]
    assert svhn_synthetic.share_out(0, [2, 1]).tolist() == [0, 0]


def test_same_seed_same_files_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("a", 4), ("b", 4), ("c", 5)):
        svhn.write(tmp_path / name, train=20, test=10, seed=seed)
    for file in (svhn.TRAIN, svhn.TEST):
        a, b, c = ((tmp_path / name / file).read_bytes() for name in "abc")
        assert a == b
        assert a != c


def test_training_and_test_set_share_no_image(drawn: Path) -> None:
    train, test = (scipy.io.loadmat(drawn / name)["X"] for name in (svhn.TRAIN, svhn.TEST))
    seen = {train[..., i].tobytes() for i in range(train.shape[3])}
    assert len(seen) == 30
    assert not any(test[..., i].tobytes() in seen for i in range(test.shape[3]))


def test_drawn_images_are_pictures_with_contrast() -> None:
    X, _ = svhn.draw(200, seed=6)
    assert np.median(X.std(axis=(0, 1, 2))) > 20
    assert 90 < X.mean() < 150


def test_drawn_files_say_that_they_are_synthetic(drawn: Path) -> None:
    assert svhn.is_synthetic(drawn)
    assert b"synthetic" in scipy.io.loadmat(drawn / svhn.TRAIN)["__header__"]


def test_interrupted_writing_leaves_the_old_file(
    drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in drawn.iterdir()}

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        svhn.write(drawn, train=10, test=5, seed=9)
    assert {path.name: path.read_bytes() for path in drawn.iterdir()} == before


# What find() chooses


def test_find_takes_svhn_dir(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVHN_DIR", str(drawn))
    assert svhn.find() == drawn


def test_find_refuses_svhn_dir_without_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SVHN_DIR", str(tmp_path))
    with pytest.raises(svhn.DataError, match=r"There is no file .*train_32x32\.mat: "):
        svhn.find()
    monkeypatch.setenv("SVHN_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(svhn.DataError, match=r"There is no directory .*set SVHN_DIR"):
        svhn.find()


def test_find_draws_once_and_says_that_it_is_synthetic(
    own_cache: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # write() took its defaults when it was defined; small ones will do here.
    real_write = svhn.write
    monkeypatch.setattr(svhn, "write", lambda d: real_write(d, train=20, test=10))
    assert svhn.find() == own_cache / "synthetic"
    printed = capsys.readouterr().out
    assert "synthetic" in printed
    assert "svhn.download()" in printed
    first = (own_cache / "synthetic" / svhn.TRAIN).stat().st_mtime_ns
    svhn.find()
    assert (own_cache / "synthetic" / svhn.TRAIN).stat().st_mtime_ns == first


def test_find_draws_a_broken_synthetic_set_again(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_write = svhn.write
    monkeypatch.setattr(svhn, "write", lambda d: real_write(d, train=20, test=10))
    svhn.find()
    cut = own_cache / "synthetic" / svhn.TEST
    cut.write_bytes(cut.read_bytes()[:5000])
    svhn.check(svhn.find())


def test_find_prefers_downloaded_files_that_are_right(
    own_cache: Path, drawn: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_cache.mkdir()
    sums = {}
    for name in (svhn.TRAIN, svhn.TEST):
        content = (drawn / name).read_bytes()
        (own_cache / name).write_bytes(content)
        sums[name] = hashlib.md5(content).hexdigest()
    monkeypatch.setattr(svhn, "MD5", sums)
    assert svhn.find() == own_cache


# What check() refuses


def not_mat(path: Path) -> None:
    path.write_text("<html>Not found</html>" * 50)


def empty(path: Path) -> None:
    path.write_bytes(b"")


def version_7_3(path: Path) -> None:
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in arrays().items():
            file[name] = array
    header = b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM"
    with open(path, "r+b") as raw:
        raw.write(header)


def plain_hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["X"] = np.zeros(3)


def compressed_and_flipped(path: Path) -> None:
    scipy.io.savemat(path, arrays(), do_compression=True)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def saves(**changes: Any) -> Callable[[Path], None]:
    """A file whose arrays are right but for `changes`."""

    def save(path: Path) -> None:
        content = {name: a for name, a in (arrays() | changes).items() if a is not None}
        scipy.io.savemat(path, content)

    return save


RIGHT = arrays()
BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "not a mat file": (not_mat, "broken or no MATLAB file"),
    "empty": (empty, "broken or no MATLAB file"),
    "version 7.3": (version_7_3, "broken or no MATLAB file"),
    "plain HDF5": (plain_hdf5, "broken or no MATLAB file"),
    "compressed, one byte flipped": (compressed_and_flipped, "broken or no MATLAB file"),
    "no y": (saves(y=None), "no X or no y"),
    "no X": (saves(X=None), "no X or no y"),
    "X and y swapped": (saves(X=RIGHT["y"], y=RIGHT["X"]), "X is uint8 of shape"),
    "images first": (saves(X=np.moveaxis(RIGHT["X"], 3, 0)), "X is uint8 of shape"),
    "grey images": (saves(X=RIGHT["X"][:, :, 0]), "X is uint8 of shape"),
    "no images": (saves(X=RIGHT["X"][..., :0], y=RIGHT["y"][:0]), "X is uint8 of shape"),
    "pixels as floats": (saves(X=RIGHT["X"] / 255), "X is float64"),
    "one label too few": (saves(y=RIGHT["y"][:-1]), "y has the shape"),
    "labels from 0": (saves(y=RIGHT["y"] - 1), "labels that are not"),
    "label 11": (saves(y=np.full((12, 1), 11)), "labels that are not"),
    "labels as text": (saves(y=np.full((12, 1), "a")), "y "),
    "X is text": (saves(X="house"), "X is"),
}


@pytest.mark.parametrize(("break_it", "reason"), BROKEN.values(), ids=list(BROKEN))
@pytest.mark.parametrize("name", [svhn.TRAIN, svhn.TEST])
def test_check_refuses(
    drawn: Path, name: str, break_it: Callable[[Path], None], reason: str
) -> None:
    (drawn / name).unlink()
    break_it(drawn / name)
    with pytest.raises(svhn.DataError) as caught:
        svhn.check(drawn)
    message = str(caught.value)
    assert reason in message
    assert name in message
    assert "svhn.download()" in message
    assert "\n" not in message


@pytest.mark.parametrize("kept", [0.999, 0.9, 0.5, 0.05, 0.002])
@pytest.mark.parametrize("compressed", [False, True])
def test_check_refuses_a_file_that_is_cut_off(drawn: Path, kept: float, compressed: bool) -> None:
    path = drawn / svhn.TRAIN
    scipy.io.savemat(path, arrays(30), do_compression=compressed)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(svhn.DataError, match=svhn.TRAIN):
        svhn.check(drawn)


def test_check_sees_files_with_each_others_name(drawn: Path) -> None:
    train, test = drawn / svhn.TRAIN, drawn / svhn.TEST
    train.rename(drawn / "kept")
    test.rename(train)
    (drawn / "kept").rename(test)
    with pytest.raises(svhn.DataError, match="each other's name"):
        svhn.check(drawn)


def test_files_that_svhn_has_not_drawn_count_as_real(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, count in ((svhn.TRAIN, 30), (svhn.TEST, 12)):
        scipy.io.savemat(tmp_path / name, arrays(count))
    monkeypatch.setenv("SVHN_DIR", str(tmp_path))
    assert svhn.find() == tmp_path
    assert not svhn.is_synthetic(tmp_path)


# Downloads, from a server on the loopback


class Server(http.server.ThreadingHTTPServer):
    """Serves `files`; of the one named `cut`, only the first half arrives."""

    files: dict[str, bytes]
    cut: str | None = None
    asked: list[str]


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name = self.path.lstrip("/")
        self.server.asked.append(name)
        content = self.server.files.get(name)
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if name == self.server.cut else content)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(drawn: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as server:
        server.files = {name: (drawn / name).read_bytes() for name in (svhn.TRAIN, svhn.TEST)}
        server.asked = []
        sums = {name: hashlib.md5(c).hexdigest() for name, c in server.files.items()}
        monkeypatch.setattr(svhn, "MD5", sums)
        monkeypatch.setattr(svhn, "URL", f"http://127.0.0.1:{server.server_port}/")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_download_fetches_once(server: Server, own_cache: Path) -> None:
    assert svhn.download() == own_cache
    assert {p.name: p.read_bytes() for p in own_cache.iterdir()} == server.files
    svhn.download()
    assert server.asked == [svhn.TRAIN, svhn.TEST]
    assert svhn.find() == own_cache


def test_download_refuses_a_corrupt_file(server: Server, own_cache: Path) -> None:
    right = server.files[svhn.TEST]
    server.files[svhn.TEST] = right[:-1] + b"!"
    with pytest.raises(svhn.DataError, match=r"test_32x32\.mat could not be downloaded"):
        svhn.download()
    assert [p.name for p in own_cache.iterdir()] == [svhn.TRAIN]
    server.files[svhn.TEST] = right
    svhn.download()
    assert (own_cache / svhn.TEST).read_bytes() == right
    assert server.asked == [svhn.TRAIN, svhn.TEST, svhn.TEST]


def test_download_starts_afresh_after_the_server_cut_off(server: Server, own_cache: Path) -> None:
    server.cut = svhn.TRAIN
    with pytest.raises(svhn.DataError, match="nothing broken was kept"):
        svhn.download()
    assert list(own_cache.iterdir()) == []
    server.cut = None
    svhn.check(svhn.download())


def test_download_replaces_a_half_file_from_elsewhere(server: Server, own_cache: Path) -> None:
    own_cache.mkdir()
    (own_cache / svhn.TRAIN).write_bytes(server.files[svhn.TRAIN][:1000])
    svhn.check(svhn.download())


def test_download_without_server_says_what_to_do(
    own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as closed:
        port = closed.server_port
    monkeypatch.setattr(svhn, "URL", f"http://127.0.0.1:{port}/")
    with pytest.raises(svhn.DataError, match="check the internet connection"):
        svhn.download()


def test_nothing_is_downloaded_during_grading(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    with pytest.raises(svhn.DataError, match="during grading"):
        svhn.download()
    assert server.asked == []


# The command line


def test_command_line_in_a_process_of_its_own(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-B", HANDOUT / "svhn.py"],
        env=os.environ | {"SVHN_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"svhn.py: There is no file {tmp_path}")
    assert len(result.stderr.splitlines()) == 1


def test_command_line_draws_and_finds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    new = tmp_path / "new"
    sentence = f"{new}: synthetic house numbers, 30 for training, 10 for testing\n"
    sizes = ["--train", "30", "--test", "10", "--seed", "2"]
    assert svhn.main(["draw", "--dir", str(new), *sizes]) == 0
    assert capsys.readouterr() == (sentence, "")
    monkeypatch.setenv("SVHN_DIR", str(new))
    for arguments in ([], ["where"]):
        assert svhn.main(arguments) == 0
        assert capsys.readouterr() == (sentence, "")


def test_command_line_downloads(
    server: Server, own_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert svhn.main(["download"]) == 0
    # The progress bar comes before it, wherever that is shown.
    assert capsys.readouterr().out.splitlines()[-1].startswith(f"{own_cache}: ")
    (own_cache / svhn.TRAIN).unlink()
    server.files.clear()
    assert svhn.main(["download"]) == 1
    assert "404" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--train", "-1"],
        ["--train", "5", "--test", "9"],
        ["--train", "5", "--test", "0"],
        ["--train", "5", "--test", "5", "--seed", "-1"],
        ["--dir", "/dev/null/x", "--train", "5", "--test", "5"],
    ],
)
def test_command_line_errors_are_one_sentence(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert svhn.main(["draw", *arguments]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("svhn.py: ")
    assert len(err.splitlines()) == 1
