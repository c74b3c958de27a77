"""Check your notebooks before you hand them in. It only reads them; it runs nothing of yours.

In a terminal, in the folder of the notebooks:    python handin.py
In a cell of a notebook:                          import handin; handin.check()
The same, and put them into one zip file:         python handin.py --zip    handin.check(zip=True)
The same, and hand them in, if your course offers that:             python handin.py --submit

Save the notebooks first: what is not saved is not seen. handin.json says what the notebooks must
hold; keep it, and handin_cells.py, beside this file.
"""

import argparse
import builtins
import getpass
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unicodedata
import zipfile
from pathlib import Path

from handin_cells import ids_of, inspect, read

HERE = Path(__file__).resolve().parent


def check(directory=".", zip=False):
    """Print what is found in a folder; with `zip`, put the notebooks into one file, too."""
    if os.environ.get("NBGRADER_EXECUTION"):  # a cell that was left in a notebook
        print("handin: 노트북을 채점하는 중에는 확인할 것이 없어요")
    else:
        is_ready(directory, zip)


def is_ready(directory, zip, submit=False, anyway=False):
    """The same; returns whether all notebooks are ready, and handed in if that is asked for."""
    directory = Path(directory).expanduser().resolve()
    table = HERE / "handin.json"
    for path in (directory, table):
        if not path.exists():
            print(f"handin: 다음이 없어요: {path}. 처음에 받은 폴더에서 복사해 오세요.")
            return False
    assignment, wanted = expected(table)
    print(f"확인하는 폴더: {directory}. 파일은 마지막으로 저장된 상태로 확인해요.")
    print("NO: 고치지 않으면 점수를 받지 못해요. look: 확인해 보세요. 괜찮을 수도 있어요.\n")
    files = choose(directory, wanted)
    ready = [name for name in wanted if report(name, wanted[name], *files[name])]
    if zip:
        chosen = {name: file for name, (file, _) in files.items() if file}
        write_zip(directory / f"{assignment}.zip", chosen)
    all_ready = len(ready) == len(wanted)
    start = "다 됐어요" if all_ready else "아직 덜 됐어요"
    print(f"제출 준비: {start}. 노트북 {len(wanted)}개 중 {len(ready)}개가 완성됐어요.")
    if submit:
        own = {name: file for name, (file, _) in files.items() if file}
        return hand_in(own, table, all_ready or anyway)
    return all_ready


def expected(table):
    """The name of the assignment, and what each of its notebooks must hold, from handin.json."""
    said = json.loads(table.read_text(encoding="utf-8"))
    return said["assignment"], said["notebooks"]


# Which file is which notebook


def choose(directory, wanted):
    """For each notebook its file, or None, and the other files that seem to be it."""
    files = sorted(path for path in directory.iterdir() if path.is_file())
    own = {f"{name}.ipynb" for name in wanted}
    others = {path: name_of(path, wanted) for path in files if path.name not in own}
    chosen = {}
    for name in wanted:
        alike = [path for path, its_name in others.items() if its_name == name]
        path = directory / f"{name}.ipynb"
        if path.is_file():
            chosen[name] = path, alike
        else:
            chosen[name] = (alike[0], []) if len(alike) == 1 else (None, alike)
    return chosen


# Browsers add .txt or .json, systems and Colab what they call a copy, behind the end, too.
ENDS = re.compile(r"\.ipynb(?![a-z0-9_])[^.]*(\.(json|txt)(?![a-z0-9_])[^.]*)?$", re.IGNORECASE)


def is_notebook(file):
    """Whether a file is called as notebooks, and copies of them, are."""
    return ENDS.search(file) is not None


def name_of(path, wanted):
    """The notebook that a file under another name is: by its name, or by its cells."""
    sure = is_notebook(path.name)
    if not sure and path.suffix.lower() not in ("", ".json", ".txt"):
        return None
    words = _words(ENDS.sub("", path.name))
    named = [name for name in wanted if _words(name) in words]
    if not sure and len(named) != 1:
        return None
    cells, _ = read(path)
    there = {id_ for cell in cells or () for id_ in ids_of(cell)}
    hits = sorted((len(there & {each["id"] for each in wanted[name]}), name) for name in wanted)
    next_best = hits[-2][0] if len(hits) > 1 else 0
    inside = hits[-1][1] if hits[-1][0] > max(1, 2 * next_best) else None
    if len(named) == 1 and inside in ((None, named[0]) if sure else (named[0],)):
        return named[0]
    return inside if not named else None


def _words(text):
    text = unicodedata.normalize("NFKC", text).lower()
    return "-" + re.sub(r"[^a-z0-9]+", "-", text).strip("-") + "-"


# One notebook


def report(name, wanted, path, alike):
    """Print what is found in one notebook; returns whether it is ready."""
    points = sum(cell.get("points", 0) for cell in wanted)
    print(f"{name}.ipynb, {points}점" + (f", 저장: {_when(path)}" if path else ""))
    wrong, looks = [], []
    if path is None:
        wrong.append(_missing(name, alike))
    else:
        if path.name != f"{name}.ipynb":
            looks.append(f"지금 파일 이름: {path.name!r}. {name}.ipynb로 바꾸세요.")
        for other in alike:
            newer = other.stat().st_mtime > path.stat().st_mtime
            looks.append(
                f"{other.name!r}도 있어요{' (이쪽이 더 최근 파일이에요)' if newer else ''}. "
                f"{path.name}만 인정돼요."
            )
        cells, problem = read(path)
        if problem:
            wrong.append(problem)
        else:
            inspect(cells, wanted, wrong, looks)
    for line in wrong:
        print(f"  NO    {line}")
    for line in looks:
        print(f"  look  {line}")
    if not wrong:
        print(f"  ok    채점 대상: {_graded(wanted)}")
    print()
    return not wrong


def _missing(name, alike):
    if alike:
        there = " or ".join(repr(path.name) for path in alike)
        return (f"이 폴더에 없어요. 혹시 이 파일인가요: {there}? 맞는 파일의 이름을 "
                f"{name}.ipynb로 바꾸세요.")
    return f"이 폴더에 없어요. {name}.ipynb라는 이름으로 이 폴더에 넣으세요."


def _when(path):
    saved = path.stat().st_mtime
    minutes = (time.time() - saved) / 60
    ago = f"{minutes:.0f}분" if minutes < 120 else f"{minutes / 60:.0f}시간"
    if minutes > 48 * 60:
        ago = f"{minutes / 60 / 24:.0f}일"
    return f"{time.strftime('%Y-%m-%d %H:%M', time.localtime(saved))} ({ago} 전)"


def _graded(wanted):
    graded = [cell for cell in wanted if cell.get("points")]
    return ", ".join(
        f"{cell['id']} {cell['points']}" + (" (사람이 채점)" if cell["kind"] == "manual" else "")
        for cell in graded
    )


# The zip file


def write_zip(target, files):
    """Put the notebooks into one file, under their own names."""
    if not files:
        print("zip 파일에 넣을 노트북이 없어서 만들지 않았어요.\n")
        return
    new = target.with_name(f"{target.name}.new")
    with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for name, path in files.items():
            archive.write(path, f"{name}.ipynb")
    new.replace(target)
    size = target.stat().st_size / 1e6
    print(f"{target.name} 파일을 만들었어요 (노트북 {len(files)}개, {size:.1f} MB). 이 파일을 "
          "제출하세요.\n")


# Handing in


def hand_in(files, table, complete):
    """Hand in the notebooks in the way that the course offers; returns whether it did."""
    said = json.loads(table.read_text(encoding="utf-8"))
    way = said.get("submit")
    if not way:
        print("제출하지 않았어요. 이 수업에서는 여기서 바로 제출할 수 없어요. 수업에서 안내한 "
              "방법으로 제출하세요.")
        return False
    if not files:
        print("제출하지 않았어요. 노트북이 없어요.")
        return False
    if not complete:
        print("제출하지 않았어요. NO라고 표시된 것을 고치세요. 지금 상태로 제출하려면: "
              "--submit --anyway")
        return False
    with tempfile.TemporaryDirectory() as made:
        work = Path(made, said["assignment"])
        work.mkdir()
        for name, path in files.items():  # under their own names, and as they were just read
            shutil.copyfile(path, work / f"{name}.ipynb")
        where = _to_folder(work, way["folder"]) if "folder" in way else _to_exchange(work, way)
    if where:
        print(f"제출했어요. 시각: {time.strftime('%H:%M:%S')}, 노트북 {len(files)}개, 제출한 "
              f"곳: {where}.")
    return bool(where)


def _to_exchange(work, way):
    """Let nbgrader hand in; returns where to, or None if it refused."""
    command = [sys.executable, "-m", "nbgrader", "submit", str(work), "--course", way["course"]]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode == 0:
        return "수업의 제출 폴더(exchange)"
    said = [line for line in done.stderr.splitlines() if line.strip()]
    print(f"제출하지 못했어요. nbgrader의 메시지: {said[-1] if said else '없음'}")
    return None


def _to_folder(work, folder):
    """Copy into the folder of this account; returns where to, or None if there is none."""
    target = Path(folder, getpass.getuser())
    if not target.is_dir():
        print(f"제출하지 못했어요. {target} 폴더가 없어요. 강사에게 만들어 달라고 하세요.")
        return None
    for path in sorted(work.iterdir()):
        new = target / f".{path.name}.new"  # so that none is there half
        shutil.copyfile(path, new)
        new.replace(target / path.name)
    return target


def main(arguments=None):
    """The command line; returns the exit code: 0 if all notebooks are ready, else 1."""
    parser = argparse.ArgumentParser(description="제출하기 전에 노트북을 확인해요.")
    parser.add_argument("directory", nargs="?", default=".", help="폴더 (기본값: 지금 폴더)")
    parser.add_argument("--zip", action="store_true", help="노트북을 zip 파일 하나로도 묶어요")
    parser.add_argument("--submit", action="store_true", help="수업에서 지원하면 노트북을 제출까지 "
                                                              "해요")
    parser.add_argument(
        "--anyway", action="store_true", help="--submit과 함께 쓰면 준비되지 않은 것도 제출해요"
    )
    options = parser.parse_args(arguments)
    try:
        done = is_ready(options.directory, options.zip, options.submit, options.anyway)
        return 0 if done else 1
    except OSError as error:
        print(f"handin: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    code = main()
    if not hasattr(builtins, "get_ipython"):  # in a notebook, %run would show an error
        sys.exit(code)
