"""A trial is found by what one copies of it; a link to MLflow shows nobody's password."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layerwise.dashboards.errors import RecordError
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.run_search import found, mlflow_address


def test_keys_and_run_ids_are_found_whole_and_by_their_beginnings(crossing: Frames) -> None:
    for row in crossing.runs[["key", "run_id"]].to_dict("records"):
        for name in ("key", "run_id"):
            assert found(crossing, row[name]) == row["key"]
            assert found(crossing, f" {row[name][:12]}\n") == row["key"]


def test_a_beginning_must_be_long_enough_and_of_one_trial(crossing: Frames) -> None:
    key = crossing.runs["key"].iloc[0]
    with pytest.raises(RecordError, match="at least 6 characters"):
        found(crossing, key[:5])
    with pytest.raises(RecordError, match="at least 6 characters"):
        found(crossing, "")
    runs = crossing.runs.assign(key=[f"abcdef{place:04d}" for place in range(36)])
    alike = replace(crossing, runs=runs, memory={})
    with pytest.raises(RecordError, match=r"36 trials begin so.*abcdef0000…, abcdef0001…"):
        found(alike, "abcdef")
    assert found(alike, "abcdef0007") == "abcdef0007"


def test_a_whole_key_that_begins_another_is_that_key(crossing: Frames) -> None:
    runs = crossing.runs.assign(key=["abcdef" + "0" * place for place in range(36)])
    assert found(replace(crossing, runs=runs, memory={}), "abcdef") == "abcdef"


def test_what_is_not_there_is_answered_with_the_likeliest(crossing: Frames) -> None:
    key = crossing.runs["key"].iloc[3]
    wrong = key[:9] + ("0" if key[9] != "0" else "1") + key[10:14]
    with pytest.raises(RecordError, match=f"Did you mean '{key[:14]}'"):
        found(crossing, wrong)
    evil = "<img src=x onerror=alert(1)>" * 200
    with pytest.raises(RecordError, match="key or the run id") as caught:
        found(crossing, evil)
    assert len(str(caught.value)) < 300


def test_a_server_shows_its_runs_itself() -> None:
    page = "#/experiments/7/runs/abc"
    assert mlflow_address("http://host:5000", "7", "abc") == (f"http://host:5000/{page}", "")
    given_path = mlflow_address("https://me:secret@host/mlflow/?token=secret#x", "7", "abc")
    assert given_path == (f"https://host/mlflow/{page}", "")
    assert mlflow_address("http://[::1]:5000/", "7", "abc")[0] == f"http://[::1]:5000/{page}"


@pytest.mark.parametrize(
    "uri", ["sqlite:////tmp/mlflow.db", "postgresql://me:secret@db/x", "/mlruns"]
)
def test_a_store_without_pages_is_shown_by_ours(uri: str) -> None:
    link, how = mlflow_address(uri, "7", "abc")
    assert link == "http://127.0.0.1:5000/#/experiments/7/runs/abc"
    assert how == "start it with: layerwise ui"


def test_pages_of_others_have_no_link() -> None:
    assert mlflow_address("databricks://profile", "7", "abc")[0] == ""


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_no_name_leaves_its_place_in_the_address(user: str, experiment: str, run: str) -> None:
    plain = user.translate({ord(letter): None for letter in "/?#\\[]@\t\r\n"})
    try:
        link, _ = mlflow_address(f"http://{plain}:pass@host/", experiment, run)
    except ValueError:  # urllib refuses some characters in a user's name
        return
    assert link.startswith("http://host/#/experiments/")
    assert not set(link) & set(" \"<>'")
    assert link.count("/") == 7
