"""Streamed tables are bit for bit those that are read whole, and take little memory."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layerwise.platform.data import DataSet, DataSource, free_memory, load, pieces
from layerwise.platform.data.dataset import SPLITS
from layerwise.platform.errors import DataError

MAKE = Callable[..., DataSource]

TERMS = st.fixed_dictionaries(
    {},
    optional={
        "scale": st.sampled_from(["unit", "standardise"]),
        "samples": st.integers(20, 90),
        "split_seed": st.integers(0, 50),
        "label": st.just("kind"),
        "validation": st.sampled_from([0.1, 0.3]),
    },
)


def assert_same(found: DataSet, expected: DataSet) -> None:
    """Both are the same data to every reader."""
    assert found.digest == expected.digest
    assert found.label_digest == expected.label_digest
    assert (found.name, found.features) == (expected.name, expected.features)
    for split in SPLITS:
        np.testing.assert_array_equal(getattr(found, split), getattr(expected, split))
    assert (found.scaling is None) == (expected.scaling is None)
    if found.scaling is not None and expected.scaling is not None:
        np.testing.assert_array_equal(found.scaling.offset, expected.scaling.offset)
        np.testing.assert_array_equal(found.scaling.factor, expected.scaling.factor)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    rows=st.lists(st.integers(1, 60), min_size=1, max_size=4).filter(lambda r: sum(r) >= 40),
    kinds=st.lists(st.sampled_from(["f4", "f8", "i8", "?"]), min_size=1, max_size=4),
    group=st.integers(1, 40),
    terms=TERMS,
    extra=st.sampled_from([{}, {"binarise": "sampled"}, {"anomalous": ["odd"]}]),
    seed=st.integers(0, 1000),
)
def test_streamed_is_read_whole(
    tmp_path: Path, cache: Path, source: MAKE,
    rows: list[int], kinds: list[str], group: int, terms: dict[str, Any], extra: dict[str, Any],
    seed: int,
) -> None:  # fmt: skip
    if "binarise" in extra:
        terms = {**terms, "scale": "unit"}
    if "anomalous" in extra:
        terms = {**terms, "label": "kind", "contamination": 0.05}
    folder = tmp_path / "parts"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    generator = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            f"c{number}": (generator.normal(size=sum(rows)) * 1e6).astype(kind)
            for number, kind in enumerate(kinds)
        }
    )
    frame["kind"] = generator.choice(["normal", "usual", "odd"], sum(rows), p=[0.6, 0.3, 0.1])
    frame.loc[[0, 1, 2, 3, 4, 5], "kind"] = "odd"
    if "label" not in terms:
        del frame["kind"]
    frame.to_parquet(tmp_path / "parts.parquet", row_group_size=group)
    for number, start in enumerate(np.cumsum([0, *rows[:-1]])):
        part = frame[start : start + rows[number]]
        part.to_parquet(folder / f"{number}.parquet", row_group_size=group)

    def read(path: Path, stream: bool) -> DataSet | str:
        try:
            return load(source(path=path, stream=stream, **terms, **extra))
        except DataError as error:
            return str(error.rule)

    small = pytest.MonkeyPatch()
    with small.context() as patched:
        patched.setattr(pieces, "BLOCK_BYTES", 200)
        patched.setattr(pieces, "PIECE_BYTES", 900)
        expected = read(tmp_path / "parts.parquet", False)
        for path, stream in ((folder, False), (folder, True), (tmp_path / "parts.parquet", True)):
            found = read(path, stream)
            if isinstance(found, DataSet) and isinstance(expected, DataSet):
                assert_same(found, expected)
                assert (found.folder is not None) == stream
            else:
                assert found == expected


def test_an_array_is_streamed_as_well(tmp_path: Path, cache: Path, source: MAKE) -> None:
    x = np.random.default_rng(0).integers(-(2**60), 2**60, (500, 3))
    np.save(tmp_path / "t.npy", x)
    for terms in ({}, {"scale": "standardise"}, {"samples": 100}):
        whole = load(source(path=tmp_path / "t.npy", stream=False, **terms))
        found = load(source(path=tmp_path / "t.npy", stream=True, **terms))
        assert_same(found, whole)
        assert isinstance(found.train, np.memmap)


def test_a_second_start_reads_nothing(tmp_path: Path, cache: Path, source: MAKE) -> None:
    pd.DataFrame({"a": np.arange(50.0)}).to_parquet(tmp_path / "t.parquet")
    first = load(source(path=tmp_path / "t.parquet", stream=True))

    def refuse(table: object) -> Any:
        raise AssertionError("it is prepared")

    second = load(source(path=tmp_path / "t.parquet", stream=True), refuse)
    assert_same(second, first)
    pd.DataFrame({"a": np.arange(51.0)}).to_parquet(tmp_path / "t.parquet")
    assert len(load(source(path=tmp_path / "t.parquet", stream=True)).train) == 36


def test_memory_decides_where_nothing_is_said(
    tmp_path: Path, cache: Path, source: MAKE, monkeypatch: pytest.MonkeyPatch
) -> None:
    np.save(tmp_path / "t.npy", np.ones((100, 10)))  # 4000 bytes as float32
    assert load(source(path=tmp_path / "t.npy")).folder is None
    monkeypatch.setattr(free_memory, "free_bytes", lambda: 8 * 4000 - 1)
    assert load(source(path=tmp_path / "t.npy")).folder is not None
    assert load(source(path=tmp_path / "t.npy", stream=False)).folder is None


def test_it_travels_as_the_name_of_its_folder(tmp_path: Path, cache: Path, source: MAKE) -> None:
    frame = pd.DataFrame(np.random.default_rng(0).random((5000, 20)))
    frame.columns = [f"c{number}" for number in range(20)]
    frame.assign(kind=np.arange(5000) % 3).to_parquet(tmp_path / "t.parquet")
    data = load(source(path=tmp_path / "t.parquet", stream=True, label="kind", scale="unit"))
    assert data.classes == (0, 1, 2)
    assert data.class_numbers is not None
    sent = pickle.dumps(data)
    assert len(sent) < 5000
    there = pickle.loads(sent)
    assert_same(there, data)
    assert isinstance(there.train, np.memmap)
    assert data.folder is not None
    os.rename(data.folder, tmp_path / "elsewhere")
    with pytest.raises(DataError, match=r"all nodes share.*LAYERWISE_CACHE"):
        pickle.loads(sent)
    os.rename(tmp_path / "elsewhere", data.folder)
    manifest = data.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace(data.digest, "0" * 64))
    with pytest.raises(DataError, match=r"all nodes share.*but got 'other data'"):
        pickle.loads(sent)


HELD = """
import json, os, sys, threading
import numpy, pyarrow.parquet
from types import SimpleNamespace
from layerwise.platform.data import load

def held():
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024

source = SimpleNamespace(
    name=None, path=sys.argv[1], validation=0.15, test=0.15, split_seed=0, binarise=None,
    scale="standardise", label=None, anomalous=None, contamination=0.0, samples=None,
    stream=sys.argv[2] == "true", image=None, sound=None)
before = most = held()
done = threading.Event()
def watch():
    global most
    while not done.wait(0.002):
        most = max(most, held())
thread = threading.Thread(target=watch)
thread.start()
digest = load(source).digest
done.set()
thread.join()
print(json.dumps([most - before, digest]))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_stays_bounded(tmp_path: Path, cache: Path) -> None:
    frame = pd.DataFrame(np.random.default_rng(0).random((800_000, 50), dtype=np.float32))
    frame.columns = [f"c{number}" for number in range(50)]
    frame.to_parquet(tmp_path / "t.parquet", row_group_size=20_000)  # 153 MiB

    def peak(stream: str) -> tuple[float, str]:
        command = [sys.executable, "-c", HELD, str(tmp_path / "t.parquet"), stream]
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
        mib, digest = json.loads(ended.stdout)
        return mib, digest

    (streamed, digest), (whole, expected) = peak("true"), peak("false")
    assert digest == expected
    # Some blocks and what decoding them takes, not the table.
    assert streamed < 200
    assert streamed < whole / 3
