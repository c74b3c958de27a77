"""`course watch`: what arrives is graded, once, whatever happens meanwhile."""

import os
import shutil
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from grader.course import lock
from grader.course.directory import Course
from grader.nbgrader_app import commands
from tests.courses import ASSIGNMENT, COURSE, copy_of, filled_in, hand_in, run_course
from tests.gradebook.rows import rows
from tests.instructors.watch.watching import (
    COURSE_ID,
    NAME,
    Student,
    Watching,
    configure,
    is_whole,
    page,
    submit,
    text_of,
    watching,
    with_exchange,
)
from tests.lacking import lacks
from tests.running import eventually, stopped, stops

LOOP = "while True:\n    pass\n"


def graded(course: Course, student: str) -> None:
    """Wait until there is the page of a student."""
    eventually(f"the page of {student}", lambda: is_whole(page(course, student)))


def test_what_is_put_into_submitted_is_graded_and_again_when_it_changes(
    course: Course, temporary: Path
) -> None:
    with watching(course, temporary) as process:
        submit(course, "ada")
        graded(course, "ada")
        assert "9</strong> of 15" in text_of(page(course, "ada"))
        submit(course, "ada", **{"growth-exponent": "growth_exponent = 3"})
        eventually("the new page", lambda: "7</strong> of 15" in text_of(page(course, "ada")))
        process.sleeps()
        assert process.status.graded == 2
    log = (course.root / "watch.log").read_text()
    assert log.count("[ada, 1-complexity] begins") == 2


def test_a_submission_by_the_exchange_comes_back_as_a_page(
    course: Course, temporary: Path, tmp_path: Path
) -> None:
    with_exchange(course, tmp_path / "exchange")
    # Only what nbgrader submit writes last can say that the work is complete.
    configure(course, "c.Watch.quiet_seconds = 3600")
    ada = Student("ada", tmp_path / "ada", tmp_path / "exchange")
    inbound = tmp_path / "exchange" / COURSE_ID / "inbound"
    with watching(course, temporary, "--exchange", "--release") as process:
        half = inbound / f"bob+{ASSIGNMENT}+2030-01-01 12:00:00.000000 UTC"
        half.mkdir()
        (half / f"{NAME}.ipynb").write_text("{")
        (half / "timestamp.txt").write_text("2030-01-01 12:00:00.000000 UTC")
        ada.submit(course)
        eventually("a released page", lambda: process.status.graded == 1)
        (fetched,) = ada.fetched()
        assert "9</strong> of 15" in fetched
        assert not (course.submitted / "bob").exists()
        eventually("one that arrives", lambda: process.status.arriving == 1)
        # She hands in once more: another page, beside the first.
        ada.submit(course, **{"growth-exponent": "growth_exponent = 3"})
        eventually("the second page", lambda: process.status.graded == 2)
        first, second = ada.fetched()
        assert first == fetched and "7</strong> of 15" in second
        (half / "submission_secret.txt").write_text("0" * 128)
        half.chmod(0o777)
        graded(course, "bob")


def test_a_submission_in_the_name_of_another_account_is_not_collected(
    course: Course, temporary: Path, tmp_path: Path
) -> None:
    with_exchange(course, tmp_path / "exchange")
    configure(course, "c.ExchangeCollect.check_owner = True")
    bob = Student("bob", tmp_path / "bob", tmp_path / "exchange")
    with watching(course, temporary, "--exchange") as process:
        bob.submit(course)
        ((said, _),) = eventually("a remark", lambda: process.status.remarks)
        assert "says that it is of bob, but belongs to the account" in said
        assert not (course.submitted / "bob").exists()


@pytest.mark.slow("watch")
def test_an_exchange_that_goes_away_is_told_of_and_gets_the_pages_when_it_is_back(
    course: Course, temporary: Path, tmp_path: Path
) -> None:
    exchange, away = tmp_path / "exchange", tmp_path / "away"
    with_exchange(course, exchange)
    configure(course, "c.Watch.poll_seconds = 1")
    ada = Student("ada", tmp_path / "ada", exchange)
    ada.submit(course)
    with watching(course, temporary, "--exchange", "--release") as process:
        assert len(ada.fetched()) == 1
        exchange.rename(away)
        process.has_trouble("the exchange")
        folder = course.submitted / "ada" / ASSIGNMENT
        (folder / f"{NAME}.ipynb").write_text("{")  # put right by hand, say
        process.has_trouble("is not there, so no page can be released")
        assert not exchange.exists()  # nbgrader would have made it
        away.rename(exchange)
        process.has_no_trouble()
        assert "Not graded" in ada.fetched()[0]
        ada.submit(course)  # and it is watched as before
        eventually("the page", lambda: len(ada.fetched()) == 2)


@pytest.mark.slow("watch")
def test_archives_are_collected_and_a_broken_one_is_told_of(
    course: Course, temporary: Path, tmp_path: Path
) -> None:
    work = copy_of(course, tmp_path / "elsewhere")
    for student in ("ada", "bob"):
        submit(work, student)
    drop = tmp_path / "drop"
    drop.mkdir()
    archive = shutil.make_archive(str(tmp_path / "class"), "zip", work.submitted)
    whole = Path(archive).read_bytes()
    with watching(course, temporary, "--drop", str(drop), "--from", "folder") as process:
        (drop / "class.zip").write_bytes(whole[: len(whole) // 2])
        process.has_trouble("class.zip")
        assert not list(course.submitted.iterdir())
        submit(course, "carl")  # it holds up nobody
        graded(course, "carl")
        (drop / "class.zip").write_bytes(whole)
        graded(course, "ada")
        graded(course, "bob")
        process.has_no_trouble()
    with watching(course, temporary, "--drop", str(drop), "--from", "folder") as process:
        assert process.status.graded == 0  # nothing is done twice


def test_a_folder_is_collected_as_work_comes_into_it(
    course: Course, temporary: Path, tmp_path: Path
) -> None:
    share = copy_of(course, tmp_path / "share")
    submit(share, "ada")
    with watching(course, temporary, "--collect", str(share.submitted)) as process:
        assert page(course, "ada").is_file()
        submit(share, "bob")
        graded(course, "bob")
        assert process.sleeps().status.graded == 2


# Fair and bounded


@pytest.mark.slow("watch")
def test_endless_notebooks_hold_up_nobody(course: Course, temporary: Path) -> None:
    configure(course, "c.Watch.slow_seconds = 1")
    with watching(course, temporary) as process:
        for student in ("loops", "loops-too"):  # as many as there are jobs
            submit(course, student, **{"growth-exponent": LOOP})
        eventually("both to run", lambda: len(process.status.running) == 2)
        submit(course, "ada")
        graded(course, "ada")
        assert {who for who, _, _ in process.status.running} >= {"loops", "loops-too"}
        assert not page(course, "loops").is_file()


@pytest.mark.slow("watch")
def test_the_other_pages_do_not_wait_for_a_notebook_that_takes_long(
    course: Course, temporary: Path
) -> None:
    other = "3-backprop"
    shutil.copy(COURSE.source / f"{other}.ipynb", course.source)
    commands.generate(course, with_gradebook=False)
    with watching(course, temporary) as process:
        submit(course, "ada", **{"growth-exponent": LOOP})
        hand_in(course, "ada", other, filled_in(course, other))
        there = page(course, "ada").with_name(f"{other}.html")
        eventually("the page of the other notebook", lambda: is_whole(there))
        assert "Not graded yet" in there.read_text()
        assert [name for _, name, _ in process.status.running] == [NAME]


@pytest.mark.slow("watch")
def test_a_limit_on_attempts_holds_over_a_kill_and_the_page_says_when_the_next_is_graded(
    course: Course, temporary: Path
) -> None:
    configure(course, "c.Watch.attempts_per_hour = 1")
    process = Watching.start(course, temporary).sleeps()
    submit(course, "ada")
    graded(course, "ada")
    said = "1 submission an hour is graded, and this was number 1. The next one is graded on"
    assert said in text_of(page(course, "ada"))
    submit(course, "ada", **{"growth-exponent": "growth_exponent = 3"})
    eventually("the limit", lambda: process.status.later)
    process.kill()
    with watching(course, temporary) as process:
        ((who, until, why),) = process.status.later
        assert (who, why) == ("ada", "1 submissions in an hour are graded")
        assert 3000 < until - time.time() < 3600
        submit(course, "bob")  # each student has a limit of their own
        graded(course, "bob")
        assert said in text_of(page(course, "ada"))
    with sqlite3.connect(course.gradebook) as gradebook:  # an hour later
        gradebook.execute("UPDATE course_attempt SET at = at - 3600")
    with watching(course, temporary) as process:
        assert "7</strong> of 15" in text_of(page(course, "ada"))
        assert not process.status.later


def _waits(process: Watching, count: int) -> None:
    """Wait until so many are in the queue."""
    eventually(f"{count} in the queue", lambda: process.status.queue == count)


@pytest.mark.slow("watch")
def test_many_at_once_are_worked_off_in_the_order_of_their_arrival(
    course: Course, temporary: Path
) -> None:
    names = [f"student-{number:02}" for number in range(9, -1, -1)]
    process = Watching.start(course, temporary, "--jobs", "1").sleeps()
    with lock.alone(course):  # until all are there
        for number, name in enumerate(names):
            submit(course, name)
            _waits(process, number + 1)
        told = run_course(course, "watch", "--status").stdout
        assert "waiting  10: student-09, student-08" in told
        assert "waits for another run" in told
    process.sleeps()
    done = [who for who, _, _ in process.status.done]
    assert done == names
    process.end()


# Safe to leave alone


def _stops(process: Watching, point: str) -> None:
    """Wait until the main process has stopped."""
    main = psutil.Process(process.process.pid)
    eventually(f"a stop: {point}", lambda: stopped([main]))


@pytest.mark.slow("kills")
def test_a_run_that_is_killed_anywhere_neither_loses_nor_doubles_work(
    course: Course, temporary: Path, tmp_path: Path
) -> None:
    undisturbed = copy_of(course, tmp_path / "undisturbed")
    submit(undisturbed, "ada")
    assert run_course(undisturbed, "grade").returncode == 0
    for point in ("work-handed-back", "notebook-in-place", "record-written", "recorded"):
        killed = copy_of(course, tmp_path / point)
        submit(killed, "ada")
        process = Watching.start(killed, temporary, stop_at=point)
        _stops(process, point)
        process.kill()
        with watching(killed, temporary) as process:
            graded(killed, "ada")
            again = process.sleeps().status.graded
        assert again == (0 if point == "recorded" else 1), point
        assert rows(killed) == rows(undisturbed), point


@pytest.mark.slow("watch")
def test_a_worker_that_is_killed_costs_nothing(course: Course, temporary: Path) -> None:
    with watching(course, temporary) as process:
        (stops(temporary) / "cell-run").touch()
        submit(course, "ada")
        main = psutil.Process(process.process.pid)
        found = eventually("a stop", lambda: stopped(main.children()))
        found[0].kill()
        graded(course, "ada")
        assert "9</strong> of 15" in text_of(page(course, "ada"))


@pytest.mark.slow("watch")
def test_a_locked_gradebook_is_told_of_and_waited_for(course: Course, temporary: Path) -> None:
    with watching(course, temporary) as process:
        gradebook = sqlite3.connect(course.gradebook)
        gradebook.execute("BEGIN EXCLUSIVE")
        submit(course, "ada")
        process.has_trouble("gradebook.db is in use by another program")
        assert run_course(course, "watch", "--status").returncode == 1
        gradebook.close()
        graded(course, "ada")
        process.has_no_trouble()


# The course is on a disk of its own, which only this process and its children see.
OWN_DISK = """
set -e
mount -t tmpfs -o size=64m none /mnt
cp -a "$1/." /mnt/
cd /mnt
shift
exec "$@"
"""


@pytest.mark.slow("watch")
def test_a_full_disk_is_told_of_and_waited_for(course: Course, temporary: Path) -> None:
    if os.geteuid() != 0:
        lacks("root", "a disk of one's own needs mounts")
    before = ("unshare", "--mount", "sh", "-c", OWN_DISK, "sh", str(course.root))
    process = Watching.start(course, temporary, before=before)
    try:
        there = Path(f"/proc/{process.process.pid}/root/mnt")
        eventually("the copy", lambda: (there / ".course-watch.json").is_file())
        process.course = Course(there, ASSIGNMENT)
        process.sleeps()
        filler = there / "submitted" / "filler"
        with lock.alone(process.course):  # until the disk is full
            submit(process.course, "ada")
            with suppress(OSError), filler.open("wb", 0) as file:
                while True:
                    file.write(bytes(1 << 12))
        eventually("a trouble", lambda: any("No space left" in line for line in process.lines))
        assert not page(process.course, "ada").is_file()
        filler.unlink()
        graded(process.course, "ada")
        process.has_no_trouble()
        assert "9</strong> of 15" in text_of(page(process.course, "ada"))
    finally:
        process.process.terminate()
        process.process.wait(60)


def test_another_run_and_a_watch_wait_for_each_other(course: Course, temporary: Path) -> None:
    with watching(course, temporary) as process:
        with lock.alone(course):
            submit(course, "ada")
            eventually("it waits", lambda: process.status.doing.startswith("waits for another"))
            assert not page(course, "ada").is_file()
        graded(course, "ada")
        done = run_course(course, "grade")
        assert done.returncode == 0 and "1 unchanged" in done.stdout
        second = run_course(course, "watch")
        assert second.returncode == 2 and "Another course watch looks after" in second.stderr


def test_who_waits_where_a_watch_is_idle_is_not_told_that_it_grades(
    course: Course, capsys: pytest.CaptureFixture[str]
) -> None:
    def grades() -> None:
        with lock.alone(course):
            pass

    with lock.watching(course), ThreadPoolExecutor() as threads:
        with lock.alone(course):  # another run, not the watch
            waits = threads.submit(grades)
            eventually("it waits", lambda: lock.somebody_waits(course))
        waits.result()
    assert capsys.readouterr().out == (
        "course watch, or another run, has the course; "
        "this begins when it has finished what it has in hand.\n"
    )


@pytest.mark.slow("watch")
def test_who_waits_for_the_course_has_it_when_what_is_in_hand_is_done(
    course: Course, temporary: Path
) -> None:
    two = (NAME, "3-backprop")  # of which one runs, and one has to be begun still
    configure(course, "c.Watch.slow_seconds = 3600")  # or bob's runs beside one that is stopped
    shutil.copy(COURSE.source / f"{two[1]}.ipynb", course.source)
    commands.generate(course, with_gradebook=False)
    with watching(course, temporary, "--jobs", "1") as process:
        (stops(temporary) / "cell-run").touch()
        for name in two:
            hand_in(course, "ada", name, filled_in(course, name))
        main = psutil.Process(process.process.pid)
        worker = eventually("a stop", lambda: stopped(main.children()))[0]
        submit(course, "bob")
        with ThreadPoolExecutor() as threads:
            waits = threads.submit(run_course, course, "grade")
            eventually("it waits", lambda: lock.somebody_waits(course))
            worker.resume()
            done = waits.result()
        assert "this begins when it has finished what it has in hand" in done.stdout
        assert done.returncode == 0, done.stdout + done.stderr
        assert "2 unchanged" in done.stdout and "[1/2" in done.stdout  # bob was not taken up
        process.sleeps()


@pytest.mark.slow("watch")
def test_a_changed_exercise_is_for_a_person_and_new_work_waits_until_then(
    course: Course, temporary: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has changed here is a file of the configuration that was not there before."""
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    with watching(course, temporary) as process:
        submit(course, "ada")
        graded(course, "ada")
        before = process.sleeps().process.pid
        policy = 'c.FeedbackPolicy.hidden_tests = "nothing"\n'
        (tmp_path / course.config.name).write_text(policy)
        submit(course, "bob")
        process.has_trouble("differ from those that the class was graded by")
        assert not page(course, "bob").is_file()
        assert run_course(course, "grade").returncode == 0
        submit(course, "carl")
        graded(course, "carl")
        assert "of hidden tests are not shown" in text_of(page(course, "carl"))
        assert process.process.pid == before
        assert any("begins anew" in line for line in process.lines)


def test_a_configuration_that_cannot_be_read_ends_nothing(course: Course, temporary: Path) -> None:
    """It would, if the new beginning failed."""
    as_it_was = course.config.read_text(encoding="utf-8")
    with watching(course, temporary) as process:
        configure(course, "c.Watch.quiet_seconds = (")
        submit(course, "ada")
        process.has_trouble("cannot begin anew")
        assert "was never closed" in process.troubles
        assert not page(course, "ada").is_file()
        course.config.write_text(as_it_was, encoding="utf-8")
        process.has_no_trouble()
        graded(course, "ada")


@pytest.mark.slow("watch")
def test_it_begins_anew_where_it_was_begun(course: Course, temporary: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    (begun / "hand-in").mkdir(parents=True)
    process = Watching.start(
        *(course, temporary, "--collect", "hand-in"),
        before=("env", "--chdir", str(begun)),
        of_course=("--course-dir", "../course"),
    ).sleeps()
    configure(course, "c.Watch.poll_seconds = 1")
    submit(course, "ada")
    eventually("its beginning anew", lambda: any("begins anew" in line for line in process.lines))
    graded(course, "ada")
    assert process.is_alive and str(begun / "hand-in") in process.status.places
    process.end()


@pytest.mark.slow("watch")
def test_pages_show_more_when_the_due_date_has_come(course: Course, temporary: Path) -> None:
    submit(course, "ada")
    configure(course, 'c.FeedbackPolicy.before_due = "nothing"')
    assert run_course(course, "grade").returncode == 0
    assert "Received" in text_of(page(course, "ada"))
    soon = time.time() + 20
    with sqlite3.connect(course.gradebook) as gradebook:
        due = time.strftime("%Y-%m-%d %H:%M:%S.000000", time.gmtime(soon))
        gradebook.execute("UPDATE assignment SET duedate = ?", (due,))
    with watching(course, temporary):
        eventually("the points", lambda: "9</strong> of 15" in text_of(page(course, "ada")))
        assert time.time() >= soon - 1


@pytest.mark.slow("watch")
def test_it_costs_nothing_while_nothing_happens(course: Course, temporary: Path) -> None:
    with watching(course, temporary) as process:
        submit(course, "ada")
        graded(course, "ada")
        process.sleeps()
        main = psutil.Process(process.process.pid)
        family = [main, *main.children(recursive=True)]

        def wakes() -> int:
            return sum(each.num_ctx_switches().voluntary for each in family)

        def sleeps() -> bool:
            before = wakes()
            time.sleep(1)
            return wakes() - before <= 2

        # A loop of any kind would wake more often in each second; the first ones are still of ada.
        eventually("a second in which nothing wakes", sleeps)


def test_status_without_a_watch_says_so(course: Course) -> None:
    done = run_course(course, "watch", "--status")
    assert done.returncode == 1
    assert "No course watch looks after this course." in done.stdout
