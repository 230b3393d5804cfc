"""Names, descriptions, and what loading costs."""

from __future__ import annotations

import itertools
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.data import DataSource, describe, digits, load, names
from layerwise.platform.data.source import Samples
from layerwise.platform.errors import DataError

MAKE = Callable[..., DataSource]

TIMED = """
import sys, time, types
import layerwise.platform.errors
before = set(sys.modules)
from layerwise.platform.data import load, names
assert names()[:2] == ("digits", "mnist")
source = types.SimpleNamespace(
    name="digits", path=None, validation=0.15, test=0.15, split_seed=0, binarise=None, scale=None,
    label=None, anomalous=None, contamination=0.0, samples=None, stream=None,
    image=None, sound=None)
load(source)
began = time.perf_counter()
load(source)
print(time.perf_counter() - began)
print(*({name.split(".")[0] for name in set(sys.modules) - before}
        & {"torch", "sklearn", "pandas", "ray", "mlflow", "scipy", "pyarrow", "PIL"}))
"""


def test_loading_digits_is_fast_and_imports_nothing_heavy() -> None:
    run = subprocess.run([sys.executable, "-c", TIMED], capture_output=True, text=True, check=True)
    seconds, imported = run.stdout.splitlines()
    assert float(seconds) < 0.15
    assert imported == ""


@pytest.mark.parametrize("name", names())
def test_every_data_set_is_described(name: str) -> None:
    found = describe(name)
    assert found.name == name
    assert found.samples > 100
    assert all([found.shape, found.licence, found.source, found.where])


def test_a_data_set_that_is_not_there_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAYERWISE_DATA", raising=False)
    assert "LAYERWISE_DATA" in describe("mnist").where


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("digit", "Did you mean digits?"),
        ("MNIST ", "Choose one of digits, mnist"),
        ("cifar", "{path: table.csv}"),
        (None, "Choose one of"),
    ],
)
def test_an_unknown_name_is_met_with_the_nearest(
    source: MAKE, name: str | None, remedy: str
) -> None:
    with pytest.raises(DataError, match="must be a known data set") as caught:
        load(source(name))
    assert remedy in str(caught.value)
    if name:
        with pytest.raises(DataError):
            describe(name)


def test_a_table_of_one_s_own_is_split_with_its_labels(source: MAKE, tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    x = np.arange(200, dtype=np.int64).reshape(100, 2)
    np.savez(path, x=x, y=np.arange(100))
    data = load(source(path=path))
    assert (data.name, data.visible, data.image_shape) == ("mine", 2, None)
    assert data.labels is not None
    assert [len(data.labels[s]) for s in ("train", "validation", "test")] == [70, 15, 15]
    np.testing.assert_array_equal(data.validation[:, 0], 2 * data.labels["validation"])
    every = np.concatenate([data.train, data.validation, data.test])
    np.testing.assert_array_equal(every[np.argsort(every[:, 0])], x)
    for split in (data.train, data.validation, data.test):
        assert split.dtype == np.float32
        assert split.flags.c_contiguous
        assert split.flags.writeable


def test_a_table_keeps_the_name_a_study_gives_it(source: MAKE, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((20, 2)))
    data = load(source("sensors", path=tmp_path / "x.npy"))
    assert data.name == "sensors"
    assert data.labels is None


def test_a_table_in_the_home_folder_is_found(
    source: MAKE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    np.save(tmp_path / "x.npy", np.ones((20, 2)))
    assert load(source(path="~/x.npy")).visible == 2


def test_every_name_is_read_from_its_file() -> None:
    for name in names():
        assert describe(name).name == name


def test_samples_are_the_first_of_the_permutation(source: MAKE) -> None:
    whole, fewer = load(source("digits")), load(source("digits", samples=300))
    assert [len(getattr(fewer, s)) for s in ("train", "validation", "test")] == [210, 45, 45]
    # The first ones of the permutation are the first training samples.
    np.testing.assert_array_equal(fewer.train, whole.train[:210])
    assert load(source("digits", samples=5000)).digest == whole.digest
    with pytest.raises(DataError, match="needs enough samples"):
        load(source("digits", samples=3))


def test_scale_is_of_the_training_samples(source: MAKE) -> None:
    data, raw = load(source("wine", scale="standardise")), load(source("wine"))
    np.testing.assert_allclose(data.train.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(data.train.std(0), 1, atol=1e-4)
    assert data.scaling is not None
    expected = (raw.test - data.scaling.offset) * data.scaling.factor
    np.testing.assert_allclose(data.test, expected, atol=1e-4)
    constant = load(source("digits", scale="standardise"))
    assert (constant.train[:, 0] == 0).all()
    assert raw.scaling is None


def test_values_of_any_range_are_binarised_once_scaled(source: MAKE) -> None:
    with pytest.raises(DataError, match="values from 0 to 1"):
        load(source("wine", binarise="sampled"))
    data = load(source("wine", binarise="sampled", scale="unit"))
    assert set(np.unique(data.test)) == {0, 1}


def test_of_scaled_rows_no_sound_is_made(source: MAKE) -> None:
    assert load(source("sounds")).sound is not None
    assert load(source("sounds", scale="standardise")).sound is None


def test_groups_stay_whole(source: MAKE) -> None:
    data = load(source("photographs"))
    assert data.groups is not None
    assert [len(data.groups[s]) for s in data.groups] == [
        len(data.train),
        len(data.validation),
        len(data.test),
    ]
    for one, other in itertools.combinations(data.groups.values(), 2):
        assert not set(one.tolist()) & set(other.tolist())


@pytest.mark.parametrize("contamination", [0.0, 0.05])
def test_anomalies_are_in_test(source: MAKE, contamination: float) -> None:
    data = load(source("digits", anomalous=[7, "3"], contamination=contamination))
    whole = load(source("digits"))
    assert data.labels is not None
    assert whole.labels is not None
    assert data.classes == (0, 1)
    assert data.labels["validation"].sum() == 0
    assert data.labels["train"].mean() == pytest.approx(contamination, abs=1e-3)
    odd = sum(int(np.isin(y, (3, 7)).sum()) for y in whole.labels.values())
    assert data.labels["train"].sum() + data.labels["test"].sum() == odd
    # Those that were let in stand among the others.
    places = np.flatnonzero(data.labels["train"])
    assert not contamination or places.mean() < 0.8 * len(data.train)
    every = np.concatenate([data.train, data.validation, data.test])
    both = np.concatenate([whole.train, whole.validation, whole.test])
    assert len(every) == len(both)
    np.testing.assert_array_equal(np.sort(every.sum(1)), np.sort(both.sum(1)))


def test_anomalies_of_a_group_stay_together(source: MAKE) -> None:
    data = load(source("sounds", anomalous=["bass"], contamination=0.02))
    assert data.groups is not None
    assert data.labels is not None
    assert data.labels["validation"].sum() == 0
    assert 0 < data.labels["train"].mean() <= 0.02
    assert not set(data.groups["train"].tolist()) & set(data.groups["test"].tolist())


def test_a_published_test_set_keeps_its_samples(
    source: MAKE, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    train = Samples(generator.random((100, 2)), np.arange(100) % 4)
    test = Samples(generator.random((20, 2)), np.arange(20) % 4)
    monkeypatch.setattr(digits, "read", lambda: (train, test))
    data = load(source("digits", anomalous=[3], contamination=0.1, test=0.5))
    assert data.labels is not None
    np.testing.assert_array_equal(data.test, test.x.astype(np.float32))
    assert data.labels["test"].tolist() == [0, 0, 0, 1] * 5
    assert len(data.train) + len(data.validation) == 75 + int(data.labels["train"].sum())
    assert data.labels["train"].mean() == pytest.approx(0.1, abs=0.01)
    assert len(load(source("digits", samples=40)).test) == 20


@pytest.mark.parametrize(
    ("terms", "match"),
    [
        ({"name": "wine", "label": "kind"}, "data.label: is a term of tables"),
        ({"name": "wine", "anomalous": ["class_7"]}, "must be labels of wine.*Did you mean class_"),
        ({"path": "t.npy", "anomalous": [1]}, "needs labels"),
        ({"path": "t.npy", "image": object()}, "data.image: is a term of folders"),
        ({"path": ".", "label": "kind"}, "data.label: needs a table with names, but got .* .npy"),
        (
            {"path": "texts", "label": "kind"},
            "data.label: is a term of tables, but got 'the folder",
        ),
        ({"path": "texts", "stream": True}, "data.stream: needs a table that is .parquet or .npy"),
        ({"path": "t.csv", "stream": True}, "data.stream: needs .* but got '.csv'. Save it as"),
        ({"path": "t.npz", "stream": True}, "data.stream: needs .* but got '.npz'. Save it as"),
        ({"name": "wine", "stream": True}, "data.stream: is a term of tables"),
    ],
)
def test_terms_that_do_not_concern_the_data(
    source: MAKE, tmp_path: Path, terms: dict[str, object], match: str
) -> None:
    folder = tmp_path / "parts"
    (folder / "texts").mkdir(parents=True)
    np.save(folder / "t.npy", np.ones((20, 2)))
    if "path" in terms:
        if str(terms["path"]) != ".":
            (folder / "texts" / "a.txt").write_text("words")
            (folder / "t.csv").write_text("1,2")
            np.savez(folder / "t.npz", x=np.ones((20, 2)))
        terms = {**terms, "path": folder / str(terms["path"])}
    with pytest.raises(DataError, match=match):
        load(source(**terms))


def test_a_large_table_is_never_there_twice(source: MAKE, tmp_path: Path) -> None:
    path = tmp_path / "large.npy"
    table = np.random.default_rng(0).random((60_000, 100))  # 48 MB
    np.save(path, table)
    del table
    tracemalloc.start()
    data = load(source(path=path, scale="standardise"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    splits = sum(x.nbytes for x in (data.train, data.validation, data.test))
    assert splits == 24_000_000
    # The splits, and blocks on the way; the file itself is not in it.
    assert peak < splits + 48_000_000
