"""Where copies are kept: the dashboards and the platform agree on it."""

from __future__ import annotations

from pathlib import Path

import pytest

from layerwise.dashboards import kept_histories
from layerwise.platform.cache import cache_folder


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LAYERWISE_CACHE": "/somewhere"}, "/somewhere"),
        ({"LAYERWISE_CACHE": "~/copies"}, "/home/someone/copies"),
        ({"XDG_CACHE_HOME": "/caches"}, "/caches/layerwise"),
        ({}, "/home/someone/.cache/layerwise"),
    ],
)
def test_both_keep_copies_in_one_folder(
    variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LAYERWISE_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/someone")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert cache_folder() == Path(expected) == kept_histories.cache_folder()


def test_a_relative_one_is_the_same_for_workers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LAYERWISE_CACHE", "here")
    assert cache_folder() == tmp_path / "here" == kept_histories.cache_folder()
