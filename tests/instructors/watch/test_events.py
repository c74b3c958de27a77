"""What wakes a watch, and where only the clock can."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from grader.instructors.watch import events
from grader.instructors.watch.events import Alarm, Events
from tests.running import eventually

MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 22 0:35 / /srv/exchange rw,relatime shared:2 - nfs4 server:/exchange rw
41 22 0:36 / /srv/exchange/here rw - tmpfs tmpfs rw
42 22 0:37 / /mnt/a\\040share rw - cifs //server/share rw
43 22 0:38 / /home/ada rw - fuse.sshfs ada@server: rw
44 22 0:39 / /mnt/수업 rw - nfs4 server:/class rw
45 22 0:40 / /mnt/\\354\\210\\231\\354\\240\\234 rw - cifs //server/work rw
46 22 0:41 / /mnt/\udcff\u2028x rw - nfs server:/bytes rw
"""


@pytest.mark.parametrize(
    ("directory", "kind"),
    [
        ("/srv/exchange", "nfs4"),
        ("/srv/exchange/deep-learning/inbound", "nfs4"),
        ("/srv/exchange/here/inbound", ""),
        ("/srv/exchange-of-another", ""),
        ("/mnt/a share/drop", "cifs"),
        ("/home/ada/work", "fuse.sshfs"),
        ("/home/bob", ""),
        ("/mnt/수업/drop", "nfs4"),
        ("/mnt/숙제", "cifs"),
        ("/mnt/\udcff\u2028x/drop", "nfs"),  # a name that is not in UTF-8, with a separator
    ],
)
def test_a_file_system_of_other_machines_is_known_by_its_mount(directory: str, kind: str) -> None:
    why = events.without_events(Path(directory), MOUNTS)
    assert (f"({kind})" in why) if kind else why == ""


def test_a_change_rings_and_a_look_does_not(tmp_path: Path) -> None:
    alarm = Alarm()
    watched = Events(alarm)
    try:
        assert watched.watch(tmp_path) == ""
        deep = tmp_path / "ada" / "assignment"
        deep.mkdir(parents=True)
        eventually("a change", watched.take)
        # Events come in order: once that of the second file is there, all before it are, too.
        (deep / "notebook").write_text("x")
        eventually("a change", watched.take)
        assert list(deep.iterdir()) and (deep / "notebook").read_text() == "x"
    finally:
        watched.close()


def test_a_directory_that_was_put_in_the_place_of_another_is_watched(tmp_path: Path) -> None:
    watched = Events(Alarm())
    try:
        place = tmp_path / "place"
        place.mkdir()
        watched.watch(place)
        place.rename(tmp_path / "away")
        with pytest.raises(FileNotFoundError):
            watched.watch(place)
        place.mkdir()
        watched.watch(place)
        eventually("the events before", lambda: not watched.take())
        (place / "new").write_text("x")
        eventually("a change", watched.take)
    finally:
        watched.close()


def test_where_no_more_can_be_watched_a_sentence_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Events(Alarm())
    try:

        def full(*_: object, **__: object) -> None:
            raise OSError(28, "inotify watch limit reached")

        monkeypatch.setattr(watched._observer, "schedule", full)
        assert "raise fs.inotify.max_user_watches" in watched.watch(tmp_path)
    finally:
        watched.close()


# Watches a directory, says so, and is stopped by the test. When it goes on, it says what it is told
# of the directory, and whether later changes ring: once while events are not trusted, once after.
WATCHES = """
import sys
from pathlib import Path
from grader.instructors.watch import events

place = Path(sys.argv[1])
alarm = events.Alarm()
watched = events.Events(alarm)
print(repr(watched.watch(place)), flush=True)
sys.stdin.readline()
rang = alarm.wait(30)
while not (why := watched.watch(place)) and alarm.wait(30):
    pass
print(rang, why, flush=True)
while alarm.wait(1):
    pass
events._CALM_SECONDS = 0.0
print(repr(watched.watch(place)), flush=True)
(place / "made-last" / "notebook").write_text("x")
print(alarm.wait(30), flush=True)
"""


def test_where_more_changed_than_the_system_tells_of_the_clock_takes_over_for_a_while(
    tmp_path: Path,
) -> None:
    room = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    command = [sys.executable, "-c", WATCHES, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe, stderr=pipe) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline() == "''\n"
        os.kill(watching.pid, signal.SIGSTOP)
        stopped = psutil.Process(watching.pid)
        eventually("its stop", lambda: stopped.status() == psutil.STATUS_STOPPED)
        # Each new file is at least one event, and nobody reads them.
        for number in range(room):
            (tmp_path / str(number)).touch()
        (tmp_path / "made-last").mkdir()
        os.kill(watching.pid, signal.SIGCONT)
        said, errors = watching.communicate("\n", timeout=120)
    rang, again, rings = said.splitlines()
    assert rang == f"True {events._LOST}"
    assert (again, rings) == ("''", "True")
    assert errors == ""


class Busy(threading.Event):
    """Something changes whenever it was just asked whether something has."""

    def is_set(self) -> bool:
        asked = super().is_set()
        self.set()
        return asked


def test_a_change_while_one_is_asked_for_is_not_missed() -> None:
    watched = Events(Alarm())
    try:
        watched._seen = Busy()
        assert not watched.take()
        assert watched.take()
    finally:
        watched.close()


def test_an_alarm_that_rang_before_is_not_missed() -> None:
    alarm = Alarm()
    alarm.ring()
    assert alarm.wait(None)
    assert not alarm.wait(0)
    threading.Timer(0.01, alarm.ring).start()
    assert alarm.wait(None)
