"""Where the pictures of house numbers come from: the real SVHN files, or synthetic ones.

    directory = svhn.find()    # a Path; it holds train_32x32.mat and test_32x32.mat
    svhn.download()            # fetch the real files once (246 MB), for non-commercial use

Each file holds X, the images (uint8, 32 x 32 x 3 x N), and y, the labels (N x 1, from 1 to 10,
where 10 stands for the digit 0). In a terminal: `python svhn.py --help`.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pooch
import requests
import scipy.io

from svhn_synthetic import TEST_COUNTS, TRAIN_COUNTS, draw

__all__ = [
    "TEST_COUNTS",
    "TRAIN_COUNTS",
    "DataError",
    "check",
    "download",
    "draw",
    "find",
    "is_synthetic",
    "write",
]

TRAIN, TEST = "train_32x32.mat", "test_32x32.mat"
URL = "http://ufldl.stanford.edu/housenumbers/"
MD5 = {
    TRAIN: "e26dedcc434d2e4c54c9b2d4a06d8373",
    TEST: "eb5a983be6a315427106f1b164d9cef3",
}
CACHE = Path(pooch.os_cache("svhn"))

# The first bytes of a file that this module has drawn; `scipy.io.loadmat` shows them as
# `__header__`. MATLAB wants them to begin so, and to be 116 bytes long.
SYNTHETIC_HEADER = b"MATLAB 5.0 MAT-file, synthetic house numbers drawn by svhn.py".ljust(116)
TRAIN_IMAGES, TEST_IMAGES, SEED = 5000, 1000, 0  # of the synthetic set


class DataError(Exception):
    """Data that are missing or broken; the message says what to do."""


def find() -> Path:
    """The directory of the data: SVHN_DIR, or the downloaded files, or a synthetic set.

    SVHN_DIR is an environment variable. The synthetic set is drawn where nothing else is.
    Raises DataError if SVHN_DIR is set and the files in it are missing or broken.
    """
    chosen = os.environ.get("SVHN_DIR")
    if chosen:
        directory = Path(chosen).expanduser()
        check(directory)
        return directory
    if all(_is_real(CACHE / name) for name in (TRAIN, TEST)):
        return CACHE
    directory = CACHE / "synthetic"
    try:
        check(directory)
    except DataError:  # not drawn yet, or broken: draw it again
        write(directory)
    print(
        f"합성 집 번호를 써요 ({directory}). 실제 집 번호(246 MB)를 내려받으려면 "
        "svhn.download()를 한 번 실행하세요."
    )
    return directory


def download() -> Path:
    """Fetch the real files into the cache, unless they are there; return the directory.

    A broken or half-fetched file is never kept: after an interruption, call it again.
    Raises DataError when the files cannot be fetched, and always during grading.
    """
    if os.environ.get("NBGRADER_EXECUTION"):
        raise DataError(
            "채점할 때는 아무것도 내려받지 않아요. 노트북에서 svhn.download()를 빼세요. "
            "svhn.find()만 있으면 돼요."
        )
    pooch.get_logger().setLevel("WARNING")
    for name, md5 in MD5.items():
        try:
            pooch.retrieve(URL + name, f"md5:{md5}", name, CACHE, progressbar=True)
        except Exception as error:  # of the network, the disk, the checksum: many libraries'
            raise DataError(
                f"{name} 파일을 내려받지 못했어요 (주소: {URL}, 이유: {_reason(error)}). "
                "인터넷 연결과 디스크 공간을 확인하고 다시 해 보세요. 망가진 파일은 남기지 "
                "않았어요."
            ) from error
    return CACHE


def write(
    directory: str | Path, train: int = TRAIN_IMAGES, test: int = TEST_IMAGES, seed: int = SEED
) -> None:
    """Draw a synthetic set of `train` and `test` images; the same seed gives the same files.

    Raises DataError unless there are at least as many training as test images, and a seed >= 0.
    """
    if not (train >= test >= 1 and seed >= 0):
        raise DataError(
            f"훈련 이미지 {train}장과 테스트 이미지 {test}장은 그릴 수 없어요 (시드: {seed}). "
            "각각 한 장 이상이어야 하고, 테스트 이미지가 훈련 이미지보다 많으면 안 되고, "
            "시드는 0 이상이어야 해요."
        )
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    # Two seeds from one, so that the two files share no image.
    _save(directory / TRAIN, *draw(train, 2 * seed, TRAIN_COUNTS))
    _save(directory / TEST, *draw(test, 2 * seed + 1, TEST_COUNTS))


def check(directory: str | Path) -> None:
    """Raise DataError, saying what to do, unless both files in `directory` are right."""
    directory = Path(directory)
    if not directory.is_dir():
        raise DataError(
            f"{directory} 디렉터리가 없어요. SVHN_DIR을 {TRAIN} 파일과 {TEST} 파일이 있는 "
            "디렉터리로 정하거나, 설정을 지우세요."
        )
    n_train, n_test = (_check_file(directory / name) for name in (TRAIN, TEST))
    if n_train < n_test:
        raise DataError(
            f"{TRAIN} 파일에는 이미지가 {n_train}장 있어서, {n_test}장 있는 {TEST} 파일보다 "
            f"적어요. {directory} 디렉터리에서 두 파일의 이름을 서로 바꾸세요."
        )


def is_synthetic(directory: str | Path) -> bool:
    """Whether the files in `directory` were drawn by this module."""
    with open(Path(directory) / TRAIN, "rb") as file:
        return file.read(len(SYNTHETIC_HEADER)) == SYNTHETIC_HEADER


def _check_file(path: Path) -> int:
    """The number of images in the file; raises DataError if it is not what it should be."""
    replace = (
        ("SVHN_DIR 설정을 지우고 svhn.download()를 실행하거나, 다음 명령으로 합성 데이터셋을 "
         f"그리세요: python svhn.py draw --dir {path.parent}")
    )
    if not path.is_file():
        raise DataError(f"{path} 파일이 없어요. {replace}.")
    try:
        content = scipy.io.loadmat(path)
    except Exception as error:  # scipy raises a dozen kinds for files that are cut or foreign
        text = f"{path} 파일이 망가졌거나 MATLAB 파일이 아니에요 ({_reason(error)}). {replace}."
        raise DataError(text) from error
    problem = _problem(content.get("X"), content.get("y"))
    if problem:
        raise DataError(f"{path} 파일에 든 것이 집 번호가 아니에요 ({problem}). {replace}.")
    return len(content["y"])


def _problem(X: np.ndarray | None, y: np.ndarray | None) -> str:
    """What is wrong with the arrays of a file; empty if nothing is."""
    if X is None or y is None:
        return "X나 y가 없어요"
    if X.dtype != np.uint8 or X.ndim != 4 or X.shape[:3] != (32, 32, 3) or not X.size:
        return (f"X는 형상이 {X.shape}, 자료형이 {X.dtype}인데, 형상은 (32, 32, 3, N), 자료형은 "
                "uint8이어야 해요")
    if y.shape != (X.shape[3], 1):
        return (f"y의 형상이 {y.shape}인데, {(X.shape[3], 1)}이어야 해요 (이미지마다 레이블 "
                "하나)")
    if y.dtype.kind not in "iuf" or not np.isin(y, range(1, 11)).all():
        return "y의 레이블 가운데 1부터 10까지의 정수가 아닌 것이 있어요"
    return ""


def _is_real(path: Path) -> bool:
    return path.is_file() and pooch.file_hash(str(path), alg="md5") == MD5[path.name]


def _save(path: Path, X: np.ndarray, y: np.ndarray) -> None:
    """Write the file under another name first: an interruption leaves no half file behind."""
    content = BytesIO()
    scipy.io.savemat(content, {"X": X, "y": y})
    content.seek(0)
    content.write(SYNTHETIC_HEADER)  # in place of one with the time of day
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.getbuffer())
        os.chmod(unfinished, 0o644)  # mkstemp lets nobody else read
        os.replace(unfinished, path)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise


def _reason(error: Exception) -> str:
    """Why a library failed, in a few words."""
    if isinstance(error, (ConnectionError, requests.ConnectionError, requests.Timeout)):
        return "연결이 안 돼요"
    if "does not match the known hash" in str(error):
        return "체크섬이 달라요"
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:100]


def _describe(directory: Path) -> str:
    train, test = (_count(directory / name) for name in (TRAIN, TEST))
    kind = "합성" if is_synthetic(directory) else "실제"
    return f"{directory}: 집 번호({kind}), 훈련 이미지 {train}장, 테스트 이미지 {test}장"


def _count(path: Path) -> int:
    """The number of images, from the file's head alone."""
    shapes = {name: shape for name, shape, _ in scipy.io.whosmat(path)}
    return int(shapes["X"][3])


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="집 번호 이미지를 찾거나, 내려받거나, 그려요.")
    commands = parser.add_subparsers(dest="command", metavar="where|download|draw")
    commands.add_parser("where", help="어느 폴더를 쓰는지 출력해요 (기본값)")
    commands.add_parser("download", help="실제 파일(246 MB)을 캐시에 내려받아요")
    drawing = commands.add_parser("draw", help="합성 데이터를 그려요")
    drawing.add_argument("--dir", type=Path, default=CACHE / "synthetic", help="저장할 곳")
    drawing.add_argument("--train", type=int, default=TRAIN_IMAGES, help="훈련 이미지")
    drawing.add_argument("--test", type=int, default=TEST_IMAGES, help="테스트 이미지")
    drawing.add_argument("--seed", type=int, default=SEED, help="시드가 같으면 파일도 같아요")
    options = parser.parse_args(arguments)
    try:
        if options.command == "download":
            directory = download()
        elif options.command == "draw":
            directory = options.dir
            write(directory, options.train, options.test, options.seed)
            check(directory)
        else:
            directory = find()
        print(_describe(directory))
    except DataError as error:
        print(f"svhn.py: {error}", file=sys.stderr)
        return 1
    except OSError as error:  # a directory that cannot be written, a full disk
        print(f"svhn.py: {error.strerror}: {error.filename or options.command}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
