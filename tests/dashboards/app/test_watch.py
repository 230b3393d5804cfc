"""One thread reads MLflow, seldom and never in vain, and everybody sees what it saw."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import growing_study
import pytest
from growing_study import Growing, trial
from mlflow import MlflowClient
from tracking_server import served

from layerwise.dashboards.app import watch as watch_module
from layerwise.dashboards.app.watch import Listed, Watch
from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.reader import Reader

INTERVAL = 0.02
Begin = Callable[..., Growing]
Open = Callable[..., Watch]


@pytest.fixture
def opened(tracking_uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens watches that look often; they are closed at the end."""
    made: list[Watch] = []
    # Here readings are as long as the machine is busy; how long the pauses are is tested alone.
    monkeypatch.setattr(watch_module, "DUTY", 0.0)

    def opened(uri: str = tracking_uri, patience: float = 30.0) -> Watch:
        made.append(Watch(uri, INTERVAL, patience))
        return made[-1]

    yield opened
    for watch in made:
        watch.close()
        assert not watch._thread.is_alive()


@pytest.fixture
def begin(home: Path, tracking_uri: str, request: pytest.FixtureRequest) -> Begin:
    """Begins an execution of a study that is the test's own."""
    name = f"watched {request.node.name}"
    return lambda **tags: Growing(tracking_uri, home, name, **tags)


def until(done: Callable[[], bool], seconds: float = 60.0) -> None:
    limit = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < limit, "it did not come to that"
        time.sleep(INTERVAL / 2)


def looks(watch: Watch, study: str, count: int = 3) -> None:
    """Wait for so many more looks at a study that somebody watches."""
    subject = watch._studies[study]
    target = subject.tries + count
    until(lambda: watch.version(study) > 0 and subject.tries >= target)


def test_a_snapshot_is_the_study(opened: Open, crossing: Frames) -> None:
    watch = opened()
    before = time.time()
    found = watch.snapshot("crossing")
    assert found.frames.runs.equals(crossing.runs)
    assert found.frames.study == crossing.study
    assert (found.version, found.state, found.planned, found.problem) == (1, "finished", 36, "")
    assert before <= found.read_at <= time.time()


def test_trials_of_another_process_appear(
    opened: Open, home: Path, tracking_uri: str, crossing: Frames
) -> None:
    watch, study = opened(), "watched from elsewhere"
    command = [sys.executable, str(Path(growing_study.__file__)), tracking_uri, str(home), study]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "begun\n"
        assert watch.snapshot(study).state == "running"
        for number in range(3):
            known = watch.version(study)
            print(number, file=writer.stdin)
            assert writer.stdout.readline().startswith("added")
            until(lambda known=known: watch.version(study) > known)  # type: ignore[misc]
            looks(watch, study)
            keys = set(watch.snapshot(study).frames.runs["key"])
            assert keys == {trial(other).key for other in range(number + 1)}
        writer.stdin.close()
    until(lambda: watch.snapshot(study).state == "killed")


def test_the_version_grows_only_when_something_changed(opened: Open, begin: Begin) -> None:
    watch, growing = opened(), begin()
    first = watch.snapshot(growing.study)
    looks(watch, growing.study)
    same = watch.snapshot(growing.study)
    assert same.version == first.version == 1
    assert same.frames is first.frames
    assert same.read_at > first.read_at
    # What is written of another study is no change of this one, but is looked through.
    readings = watch.readings
    MlflowClient(watch.tracking_uri).create_experiment(f"beside {growing.study}")
    until(lambda: watch.version(growing.study) == 1 and watch.readings > readings)
    assert watch.snapshot(growing.study).frames is first.frames
    growing.add(0)
    until(lambda: watch.version(growing.study) == 2)
    growing.finish(0)
    until(lambda: watch.snapshot(growing.study).state == "finished")
    looks(watch, growing.study)
    assert watch.snapshot(growing.study).frames.complete
    last = watch.version(growing.study)
    looks(watch, growing.study)
    assert watch.version(growing.study) == last


@pytest.mark.parametrize("readers", [1, 20])
def test_readings_do_not_depend_on_the_number_of_readers(
    opened: Open, begin: Begin, readers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()
    original = Reader.read

    def noted(self: Reader) -> object:
        threads.add(threading.get_ident())
        return original(self)

    monkeypatch.setattr(Reader, "read", noted)
    watch, growing = opened(), begin()
    growing.add(0)
    seen: list[list[int]] = [[] for _ in range(readers)]
    ending = threading.Event()
    started = threading.Barrier(readers)

    def look(mine: list[int]) -> None:
        started.wait()
        while not ending.is_set():
            snapshot = watch.snapshot(growing.study)
            mine += [snapshot.version, len(snapshot.frames.runs)]
            ending.wait(INTERVAL / 2)

    with ThreadPoolExecutor(readers) as pool:
        futures = [pool.submit(look, mine) for mine in seen]
        until(lambda: all(seen))
        assert watch.readings == 1
        growing.add(1, 2)
        until(lambda: all(mine[-1] == 3 for mine in seen))
        looks(watch, growing.study)
        ending.set()
        for future in futures:
            future.result()
    # Of one commit nobody needs more than one reading.
    assert watch.readings == 2
    assert threads == {watch._thread.ident}
    for mine in seen:
        assert mine[::2] == sorted(mine[::2])
        assert {*zip(mine[::2], mine[1::2], strict=True)} <= {(1, 1), (2, 3)}
    growing.record.abandon()


def test_nobody_asking_means_that_nothing_is_read(opened: Open, begin: Begin) -> None:
    watch, growing = opened(patience=0.2), begin()
    watch.snapshot(growing.study)
    subject = watch._studies[growing.study]
    until(lambda: watch._next() == (None, None))
    readings, tries = watch.readings, subject.tries
    growing.add(0)
    time.sleep(5 * INTERVAL)
    assert (watch.readings, subject.tries) == (readings, tries)
    # Whoever comes back sees at once what was there, and soon what is.
    assert watch.snapshot(growing.study).version == 1
    until(lambda: watch.version(growing.study) == 2)
    assert len(watch.snapshot(growing.study).frames.runs) == 1
    growing.record.abandon()


def test_a_version_is_never_waited_for(
    opened: Open, crossing: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on, original = threading.Event(), Reader.read

    def slow(self: Reader) -> object:
        going_on.wait(30)
        return original(self)

    monkeypatch.setattr(Reader, "read", slow)
    watch = opened()
    assert watch.version("crossing") == 0
    until(lambda: watch.readings == 1)
    begun = time.monotonic()
    assert watch.version("crossing") == 0
    assert time.monotonic() - begun < 1
    going_on.set()
    until(lambda: watch.version("crossing") == 1)


def test_an_unknown_study_gets_a_near_miss(opened: Open, crossing: Frames) -> None:
    watch = opened(patience=0.2)
    for _ in range(2):
        with pytest.raises(RecordError, match=r"crosing.*Did you mean 'crossing'"):
            watch.snapshot("crosing")
    # Names that led nowhere are forgotten.
    for number in range(50):
        watch.version(f"guessed {number}")
    until(lambda: watch._next() == (None, None))
    assert watch._studies == {}


def test_a_study_that_is_begun_after_it_was_asked_for(opened: Open, begin: Begin) -> None:
    watch = opened()
    name = "watched test_a_study_that_is_begun_after_it_was_asked_for"
    with pytest.raises(RecordError):
        watch.snapshot(name)
    assert watch.version(name) == 0
    growing = begin()
    assert growing.study == name
    until(lambda: watch.version(name) == 1)
    assert watch.snapshot(name).problem == ""
    growing.record.abandon()


def test_a_deleted_study_stays_on_the_screen_and_says_so(opened: Open, begin: Begin) -> None:
    watch, growing = opened(), begin()
    growing.add(0, 1)
    growing.record.abandon()
    shown = watch.snapshot(growing.study)
    client = MlflowClient(watch.tracking_uri)
    experiment = client.get_run(growing.parent).info.experiment_id
    client.delete_experiment(experiment)
    until(lambda: "was deleted from MLflow" in watch.snapshot(growing.study).problem)
    left = watch.snapshot(growing.study)
    assert left.frames is shown.frames
    assert left.version == shown.version
    with pytest.raises(RecordError, match="was deleted"):
        opened().snapshot(growing.study)
    client.restore_experiment(experiment)
    until(lambda: watch.snapshot(growing.study).problem == "")
    assert watch.snapshot(growing.study).frames.runs.equals(shown.frames.runs)


def test_a_record_that_goes_away_and_comes_back(
    opened: Open, home: Path, tmp_path: Path, crossing: Frames
) -> None:
    database = tmp_path / "mlflow.db"
    shutil.copy(home / "mlflow.db", database)
    watch = opened(f"sqlite:///{database}")
    first = watch.snapshot("crossing")
    away = database.rename(tmp_path / "away")
    until(lambda: watch.snapshot("crossing").problem != "")
    during = watch.snapshot("crossing")
    assert during.problem == f"The record {database} is not there (No such file or directory)."
    assert during.frames is first.frames
    assert (during.version, during.state) == (1, "finished")
    looks(watch, "crossing")
    assert watch.snapshot("crossing").read_at == during.read_at
    database.write_bytes(b"no database at all" * 1000)
    until(lambda: "cannot be read" in watch.snapshot("crossing").problem)
    database.unlink()
    # In its place comes another file, in which a trial is missing.
    shutil.copy(away, database)
    MlflowClient(f"sqlite:////{database}").delete_run(first.frames.runs["run_id"][0])
    until(lambda: watch.snapshot("crossing").problem == "")
    until(lambda: len(watch.snapshot("crossing").frames.runs) == 35)
    with pytest.raises(RecordError, match="is not there"):
        opened(f"sqlite:///{tmp_path / 'nowhere.db'}").snapshot("crossing")


def test_what_goes_wrong_inside_is_said_and_does_not_end_the_thread(
    opened: Open, begin: Begin, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    watch, growing = opened(), begin()
    watch.snapshot(growing.study)
    with monkeypatch.context() as broken:
        broken.setattr(Reader, "_read", lambda *_: {}["nothing"])
        growing.add(0)
        until(lambda: "cannot be read" in watch.snapshot(growing.study).problem)
        assert "KeyError" in caplog.text
    until(lambda: watch.snapshot(growing.study).problem == "")
    assert len(watch.snapshot(growing.study).frames.runs) == 1
    growing.record.abandon()


def test_the_list_of_studies_is_kept_and_refreshed(opened: Open, begin: Begin) -> None:
    watch, growing = opened(), begin()

    def line() -> Listed | None:
        return next((one for one in watch.studies() if one.name == growing.study), None)

    found = line()
    assert found is not None
    assert (found.state, found.trials) == ("running", 0)
    before = watch.studies()
    assert watch.studies() is before
    growing.add(0, 1)
    growing.finish(0, 1)
    until(lambda: (one := line()) is not None and (one.state, one.trials) == ("finished", 2))


@pytest.mark.parametrize(
    ("seconds", "pause"),
    [(0.0, 1.0), (0.05, 1.0), (0.2, 2.0), (0.6, 3.0), (0.999, 3.0), (1.0, 10.0), (3.0, 30.0)],
)
def test_the_pause_bounds_what_reading_takes(
    seconds: float, pause: float, tracking_uri: str
) -> None:
    watch = Watch(tracking_uri)
    assert watch._pause(seconds) == pytest.approx(pause)
    watch.close()


def test_what_a_page_took_to_draw_postpones_the_next_look(
    opened: Open, crossing: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "DUTY", 10.0)
    watch = opened()
    watch.whole("crossing")
    subject = watch._studies["crossing"]
    before = subject.tried
    watch.drawn("crossing", 0.2)
    assert subject.due >= before + 2.0
    watch.drawn("crossing", 7.0)
    assert subject.due <= subject.tried + watch_module.LONGEST_AFTER_PAGES


def test_only_so_many_studies_are_held(
    opened: Open, crossing: Frames, two_stages: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "MOST_HELD", 1)
    watch = opened(patience=0.1)
    watch.snapshot("crossing")
    time.sleep(0.02)
    watch.snapshot("two stages")
    until(lambda: watch._next() == (None, None))
    assert watch._studies["crossing"].value is None
    assert watch._studies["two stages"].value is not None
    # Read once more, it has a version that nobody has seen.
    assert watch.snapshot("crossing").version == 2


def test_whoever_waits_is_let_go_at_the_end(
    tracking_uri: str, crossing: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = threading.Event()
    monkeypatch.setattr(Reader, "read", lambda _: going_on.wait(30))
    watch = Watch(tracking_uri, INTERVAL)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(watch.snapshot, "crossing")
        until(lambda: watch.readings == 1)
        threading.Timer(0.1, going_on.set).start()
        watch._closed = True
        with watch._lock:
            watch._lock.notify_all()
        with pytest.raises(RecordError, match="is being closed"):
            waiting.result()
    watch.close()


@pytest.mark.slow
def test_a_server_that_ends_and_comes_back(home: Path, crossing: Frames, begin: Begin) -> None:
    growing = begin()
    growing.add(0)
    with served(home) as address:
        watch = Watch(address, interval=0.2)
        first = watch.snapshot("crossing")
        assert first.frames.runs.equals(crossing.runs)
        assert "crossing" in [line.name for line in watch.studies()]
        assert watch.snapshot(growing.study).version == 1
    until(lambda: "does not answer" in watch.snapshot("crossing").problem)
    assert watch.snapshot("crossing").frames is first.frames
    growing.add(1, 2)
    with served(home, int(address.rpartition(":")[2])):
        until(lambda: watch.snapshot("crossing").problem == "")
        assert watch.snapshot("crossing").version == 1
        until(lambda: len(watch.snapshot(growing.study).frames.runs) == 3)
        growing.add(3)
        until(lambda: len(watch.snapshot(growing.study).frames.runs) == 4)
        watch.close()
    growing.record.abandon()
