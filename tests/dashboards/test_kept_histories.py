"""Histories that were read once: kept while they hold, read again when they do not."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

from layerwise.dashboards import kept_histories
from layerwise.dashboards.frames import Frames, read
from layerwise.dashboards.kept_histories import KeptHistories, cache_folder
from layerwise.dashboards.points import Point, Points


class Record:
    """A record of three runs that notes which of them it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.version = 1.0

    def __call__(self, runs: Iterable[str]) -> Points:
        self.asked.append(list(runs))
        return Points.of(self.rows(self.asked[-1]))

    def rows(self, runs: Iterable[str]) -> list[Point]:
        return [
            (run, f"of {run}", step, step * self.version, 7) for run in runs for step in range(5)
        ]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAYERWISE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(kept_histories, "LEAST_POINTS", 5)
    return tmp_path / "cache"


@pytest.fixture
def kept() -> KeptHistories:
    return KeptHistories("sqlite:///somewhere.db", "1")


def test_what_has_ended_is_read_once(kept: KeptHistories) -> None:
    record = Record()
    for _ in range(2):
        found = kept.read({"a": 10, "b": 11}, record, ["a", "b", "c"])
        assert sorted(found) == sorted(record.rows("abc"))
    assert record.asked == [["a", "b", "c"], ["c"]]


def test_an_update_is_read_and_what_else_is_kept_stays(kept: KeptHistories) -> None:
    record = Record()
    kept.read({"a": 10, "b": 11}, record, ["a", "b"])
    record.version = 2.0
    found = kept.read({"a": 12}, record, ["a"])
    assert list(found) == record.rows("a")
    kept.read({"a": 12, "b": 11}, record, ["a", "b"])
    assert record.asked == [["a", "b"], ["a"], []]


def test_a_run_that_goes_on_again_is_not_taken_from_the_file(kept: KeptHistories) -> None:
    record = Record()
    kept.read({"a": 10}, record, ["a"])
    record.version = 2.0
    assert list(kept.read({}, record, ["a"])) == record.rows("a")


def test_little_is_not_kept(kept: KeptHistories, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_histories, "LEAST_POINTS", 6)
    kept.read({"a": 10}, Record(), ["a"])
    assert not kept.path.exists()


@pytest.mark.parametrize("damage", [b"", b"no file of numbers", b"PK\x03\x04 broken off"])
def test_a_damaged_file_is_read_anew_and_replaced(kept: KeptHistories, damage: bytes) -> None:
    record = Record()
    kept.read({"a": 10}, record, ["a"])
    kept.path.write_bytes(damage)
    for _ in range(2):
        assert list(kept.read({"a": 10}, record, ["a"])) == record.rows("a")
    assert record.asked == [["a"], ["a"], []]


def test_a_file_of_half_its_length(kept: KeptHistories) -> None:
    record = Record()
    kept.read({"a": 10}, record, ["a"])
    kept.path.write_bytes(kept.path.read_bytes()[:-200])
    assert list(kept.read({"a": 10}, record, ["a"])) == record.rows("a")


def test_a_folder_that_cannot_be_made_costs_nothing(kept: KeptHistories, folder: Path) -> None:
    folder.write_text("a file where the folder would be")
    record = Record()
    assert list(kept.read({"a": 10}, record, ["a"])) == record.rows("a")


def test_the_longest_unused_make_room(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [KeptHistories("sqlite:///somewhere.db", str(number)) for number in range(3)]
    for number, one in enumerate(made):
        one.read({"a": 10}, Record(), ["a"])
        os.utime(one.path, (number, number))
    size = made[0].path.stat().st_size
    monkeypatch.setattr(kept_histories, "MOST_BYTES", 2 * size + 100)
    last = KeptHistories("another", "1")
    last.read({"a": 10}, Record(), ["a"])
    assert [one.path.exists() for one in (*made, last)] == [False, False, True, True]
    assert not list(folder.glob("*.partial.npz"))


def test_a_study_is_the_same_from_the_file(crossing: Frames, tracking_uri: str) -> None:
    first, second = (read(tracking_uri, "crossing") for _ in range(2))
    assert list(cache_folder().iterdir())
    for frames in (first, second):
        assert frames.history.equals(crossing.history)
        assert frames.runs.equals(crossing.runs)


def test_where_the_files_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LAYERWISE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "layerwise"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert cache_folder() == tmp_path / "home" / ".cache" / "layerwise"
