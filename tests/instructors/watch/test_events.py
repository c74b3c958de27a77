"""What wakes a watch, and where only the clock can."""

import threading
from pathlib import Path

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


def test_an_alarm_that_rang_before_is_not_missed() -> None:
    alarm = Alarm()
    alarm.ring()
    assert alarm.wait(None)
    assert not alarm.wait(0)
    threading.Timer(0.01, alarm.ring).start()
    assert alarm.wait(None)
