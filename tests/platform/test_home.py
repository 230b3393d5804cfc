"""A home that can be used is made; one that cannot is refused before anything starts."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from layerwise.platform.errors import HomeError
from layerwise.platform.home import Home


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LAYERWISE_HOME", raising=False)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)


def test_the_option_wins_over_the_variable_and_that_over_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert Home.from_environment().path == tmp_path / ".layerwise"
    monkeypatch.setenv("LAYERWISE_HOME", "")
    assert Home.from_environment(None).path == tmp_path / ".layerwise"
    monkeypatch.setenv("LAYERWISE_HOME", "~/here")
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert Home.from_environment().path == tmp_path / "me" / "here"
    assert Home.from_environment("a/../there").path == tmp_path / "there"


@pytest.mark.parametrize("option", ["", "  "])
def test_an_empty_option_is_a_mistake(option: str) -> None:
    with pytest.raises(HomeError, match="must name a folder"):
        Home.from_environment(option)


def test_ensure_makes_every_folder_and_leaves_no_probe(tmp_path: Path) -> None:
    home = Home(tmp_path / "deep" / "down")
    home.ensure()
    home.ensure()
    names = {path.name for path in home.path.iterdir()}
    assert names == {"artifacts", "store", "reports", "logs", "plans"}
    assert {folder.name for folder in home.folders} == names


def test_making_and_checking_a_home_creates_nothing(tmp_path: Path) -> None:
    Home(tmp_path / "deep" / "down").check_writable()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a b", "ü ñ", "50% off", "a#1", "x;y&z=1", "'q\"", "a@b:c", "-"])
def test_the_tracking_uri_opens_this_home_s_database(tmp_path: Path, name: str) -> None:
    home = Home(tmp_path / name)
    home.ensure()
    assert not home.database.exists()
    engine = create_engine(home.tracking_uri)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE runs (key TEXT)")
    engine.dispose()
    assert home.database.stat().st_size > 0


@pytest.mark.parametrize("name", ["what?", "a%20b"])
def test_a_path_that_no_uri_can_hold_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    home = Home(tmp_path / name)
    for use in (home.check_writable, home.ensure, lambda: home.tracking_uri):
        with pytest.raises(HomeError, match="must do without"):
            use()
    assert not home.path.exists()
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking:5000")
    home.ensure()


def test_the_variable_wins_over_the_home_s_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://tracking:5000")
    assert Home(tmp_path).tracking_uri == "http://tracking:5000"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "")
    assert Home(tmp_path).tracking_uri == f"sqlite:///{tmp_path}/mlflow.db"


def refused(home: Home, match: str) -> None:
    for use in (home.check_writable, home.ensure):
        with pytest.raises(HomeError, match=match) as caught:
            use()
        assert "--home" in str(caught.value)
        assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("home", ["file", "file/below", "file/far/below"])
def test_a_file_in_the_way_is_named(tmp_path: Path, home: str) -> None:
    (tmp_path / "file").write_text("a file")
    refused(Home(tmp_path / home), "file: must be a folder, but got 'a file'")


def test_a_file_in_place_of_a_folder_inside_is_named(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    refused(Home(tmp_path), "logs: must be a folder")


def test_a_link_to_nowhere_is_named(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    refused(Home(tmp_path / "link"), "nowhere, which does not exist")


def test_a_link_to_a_folder_is_a_home(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    Home(tmp_path / "link").ensure()
    assert (tmp_path / "disk" / "store").is_dir()


@pytest.mark.parametrize("home", [".", "new", "far/below"])
def test_a_folder_without_permission_is_refused(
    tmp_path: Path, forbid_writing: Callable[[Path], None], home: str
) -> None:
    forbid_writing(tmp_path)
    refused(Home(tmp_path / home), "must be writable, but got 'no permission to write")


def test_a_store_without_permission_is_refused(
    tmp_path: Path, forbid_writing: Callable[[Path], None]
) -> None:
    Home(tmp_path).ensure()
    forbid_writing(tmp_path / "store")
    refused(Home(tmp_path), "must be writable")


def test_a_name_too_long_for_the_disk_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HomeError, match="File name too long"):
        Home(tmp_path / ("x" * 300)).ensure()


def test_a_full_disk_is_refused(small_disk: Path) -> None:
    refused(Home(small_disk / "home"), r"needs 16 MiB of free disk, but got '1\.0 MiB'")
    assert not list(small_disk.iterdir())


def test_a_record_is_asked_for_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    home = Home(tmp_path / "home")
    with pytest.raises(HomeError, match=r"holds no record\. Run a study first"):
        home.check_record()
    assert not home.path.exists()
    home.ensure()
    home.database.touch()
    home.check_record()
