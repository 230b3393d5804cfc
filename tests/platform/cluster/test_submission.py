"""What is shipped of a study, and its name; submitting is tested on a cluster."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from layerwise.platform.cluster import submission as submissions
from layerwise.platform.cluster.submission import Submission
from layerwise.platform.data.mnist_files import IDX_FILES
from layerwise.platform.errors import StudyError
from layerwise.platform.study import Study
from layerwise.platform.study.reading import read_study

KEY = "0123456789abcdef" * 4
STAGES = [{"name": "codes", "model": "autoencoder", "hidden": 3, "learning_rate": 1e-5}]


def submission(data: object = "digits") -> Submission:
    study = Study(study="shipped", data=data, stages=STAGES)  # type: ignore[arg-type]
    return Submission(study, KEY, Path("/shared/a home"), "http://mlflow:5000")


def test_the_name_comes_from_the_key() -> None:
    assert submission().id == "shipped-0123456789abcdef"
    assert replace(submission(), key=KEY[::-1]).id != submission().id


def test_the_command_is_quoted_and_takes_the_jobs_signals() -> None:
    assert submission().entrypoint == (
        "exec python -m layerwise.platform.cli --home '/shared/a home' run shipped.yaml"
        " --address auto"
    )


def test_the_wheel_and_the_study_are_shipped_and_nothing_else(tmp_path: Path) -> None:
    packed = submission().pack(tmp_path)
    assert set(packed) == {"working_dir", "py_modules", "env_vars"}
    working = Path(packed["working_dir"])
    assert [path.name for path in working.iterdir()] == ["shipped.yaml"]
    assert read_study(working / "shipped.yaml") == submission().study
    [made] = packed["py_modules"]
    assert zipfile.is_zipfile(made)
    assert packed["env_vars"]["MLFLOW_TRACKING_URI"] == "http://mlflow:5000"
    assert packed["env_vars"]["RAY_CHDIR_TO_TRIAL_DIR"] == "0"
    assert "RAY_AUTH_TOKEN" not in packed["env_vars"]


def test_a_table_travels_with_its_study(tmp_path: Path) -> None:
    table = tmp_path / "here" / "my table.npy"
    table.parent.mkdir()
    np.save(table, np.eye(5))
    (tmp_path / "packed").mkdir()
    packed = submission({"path": str(table), "validation": 0.2}).pack(tmp_path / "packed")
    working = Path(packed["working_dir"])
    assert (working / table.name).read_bytes() == table.read_bytes()
    table.unlink()
    there = read_study(working / "shipped.yaml")
    assert there.data.path == working / table.name
    assert there.data.validation == 0.2
    assert there.stages == submission().study.stages


def test_mnist_is_found_where_the_job_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mnist.npz").write_bytes(b"of the archive")
    monkeypatch.setenv("LAYERWISE_DATA", str(tmp_path))
    packed = submission("mnist").pack(tmp_path)
    assert (Path(packed["working_dir"]) / "mnist.npz").read_bytes() == b"of the archive"
    assert packed["env_vars"]["LAYERWISE_DATA"] == "."


def test_a_folder_travels_with_its_study(tmp_path: Path) -> None:
    folder = tmp_path / "here" / "pictures.v2"
    (folder / "cats").mkdir(parents=True)
    (folder / "cats" / "1.png").write_bytes(b"of a picture")
    (tmp_path / "packed").mkdir()
    image = {"size": 16, "colour": "rgb"}
    packed = submission({"path": str(folder), "image": image}).pack(tmp_path / "packed")
    working = Path(packed["working_dir"])
    assert (working / "pictures.v2" / "cats" / "1.png").read_bytes() == b"of a picture"
    there = read_study(working / "shipped.yaml").data
    assert there.path == working / "pictures.v2"
    assert there.mapping()["image"] == image


def test_a_data_set_of_several_files_travels_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "austen_counts.npz").write_bytes(b"counts")
    (tmp_path / "austen_counts.json").write_bytes(b"words")
    (tmp_path / "unasked.npz").write_bytes(b"others")
    monkeypatch.setenv("LAYERWISE_DATA", str(tmp_path))
    working = Path(submission("austen_counts").pack(tmp_path)["working_dir"])
    shipped = {file.name for file in working.iterdir()} - {"shipped.yaml"}
    assert shipped == {"austen_counts.npz", "austen_counts.json"}
    (tmp_path / "fashion_mnist").mkdir()
    for file in IDX_FILES.values():
        (tmp_path / "fashion_mnist" / file).write_bytes(file.encode())
    (tmp_path / "again").mkdir()
    working = Path(submission("fashion_mnist").pack(tmp_path / "again")["working_dir"])
    assert len([*(working / "fashion_mnist").iterdir()]) == 4


def test_what_comes_with_the_dependencies_stays(tmp_path: Path) -> None:
    packed = submission("wine").pack(tmp_path)
    assert "LAYERWISE_DATA" not in packed["env_vars"]
    assert [file.name for file in Path(packed["working_dir"]).iterdir()] == ["shipped.yaml"]


def test_a_table_too_large_to_ship_is_said(tmp_path: Path) -> None:
    table = tmp_path / "large.npy"
    with table.open("wb") as stream:
        stream.truncate((submissions.LARGEST_MIB + 1) * 2**20)
    with pytest.raises(StudyError, match=r"large.npy: must be at most 100 MiB.*'101 MiB'"):
        submission({"path": str(table)}).pack(tmp_path)
