"""A table that is streamed, as a command does it: with a Ray of its own, and one line to see."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commanding import layerwise

STUDY = """
study: {name}
question: Are the numbers the same?
data: {{path: {path}, stream: {stream}, label: kind, scale: unit}}
seeds: [0, 1]
stages:
  - {{name: first, model: denoising_autoencoder, hidden: 6, epochs: 2}}
  - {{name: second, model: autoencoder, hidden: 3, epochs: 2}}
"""


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    generator = np.random.default_rng(0)
    folder = tmp_path / "parts"
    folder.mkdir()
    for number in range(3):
        frame = pd.DataFrame(generator.random((400, 8)), columns=list("abcdefgh"))
        frame["kind"] = np.where(frame["a"] > 0.5, "up", "down")
        frame.to_parquet(folder / f"{number}.parquet", row_group_size=100)
    return folder


def weights(home: Path) -> dict[str, bytes]:
    """Every file of numbers in a store."""
    found = [*home.rglob("store/**/*.safetensors"), *home.rglob("store/**/*.npy")]
    return {f"{path.parent.name}/{path.name}": path.read_bytes() for path in found}


def test_a_study_gives_the_same_bits_either_way(parts: Path, tmp_path: Path) -> None:
    answers = {}
    for stream in ("true", "false"):
        file = tmp_path / f"{stream}.yaml"
        file.write_text(STUDY.format(name=f"s-{stream}", path=parts, stream=stream))
        ended = layerwise(
            "--home", stream, "run", str(file), "--json", cwd=tmp_path,
            listing=tmp_path / "list", LAYERWISE_CACHE=str(tmp_path / "cache"),
        )  # fmt: skip
        assert ended.code == 0, ended.error
        # Whatever Ray and Ray Data say is in a log.
        assert "streaming_executor" not in ended.error
        assert "Traceback" not in ended.error
        answers[stream] = json.loads(ended.output)["ranked"]
    assert answers["true"] == answers["false"]
    streamed, whole = weights(tmp_path / "true"), weights(tmp_path / "false")
    assert len(streamed) > 4
    assert streamed == whole
    assert "streaming_executor" in (tmp_path / "cache" / "preparing.log").read_text()


def test_a_mistake_in_the_table_ends_before_anything_starts(parts: Path, tmp_path: Path) -> None:
    frame = pd.read_parquet(parts / "1.parquet")
    frame.loc[7, "c"] = np.inf
    frame.to_parquet(parts / "1.parquet")
    file = tmp_path / "study.yaml"
    file.write_text(STUDY.format(name="s", path=parts, stream="true"))
    ended = layerwise(
        "plan", str(file), cwd=tmp_path, listing=tmp_path / "list",
        LAYERWISE_CACHE=str(tmp_path / "cache"),
    )  # fmt: skip
    assert ended.code == 2
    assert ended.error.strip().endswith(
        "1.parquet, column c, row 7 (from 0): must be a finite number, but got 'inf'. "
        "Fill in or remove samples with missing values"
    )
    assert "Traceback" not in ended.error
    assert not list((tmp_path / "cache" / "prepared" / "making").iterdir())


def test_an_array_is_described_without_ray(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", np.ones((100, 3)))
    ended = layerwise("data", "./t.npy", cwd=tmp_path, listing=tmp_path / "list")
    assert ended.code == 0
    assert "0.0 MiB, in memory" in ended.output
    assert "ray" not in ended.imported
