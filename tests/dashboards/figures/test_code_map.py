"""The plane of codes: places, classes, images, and records that are not whole."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from layerwise.dashboards.figures import code_map
from layerwise.dashboards.frames import Frames

NAME = "inside/code_map/0"


def changed(frames: Frames, entry: dict[str, Any] | None = None, **arrays: Any) -> Frames:
    """The frames with other arrays, and an entry with other values."""
    [own] = frames.study["inside"]["code_map"]
    inside = {**frames.study["inside"], "code_map": [{**own, **(entry or {})}]}
    named = {f"{NAME}/{part}": np.asarray(array) for part, array in arrays.items()}
    study = {**frames.study, "inside": inside}
    return replace(frames, study=study, images={**frames.images, **named}, memory={})


def test_every_sample_has_its_place_and_label(crossing: Frames) -> None:
    table = code_map.table(crossing)
    points, labels = (crossing.images[f"{NAME}/{part}"] for part in ("points", "labels"))
    np.testing.assert_array_equal(table[["first", "second"]], points)
    names = np.array(["zero", "one", "two"])[labels.astype(int)]
    assert list(table["label"]) == list(names)
    drawn = code_map.draw(crossing)
    assert sum(len(trace["x"]) for trace in drawn.traces) == len(points)
    looks = {(t["marker"]["symbol"], t["marker"]["color"]) for t in drawn.traces}
    assert len(looks) == 3
    assert "40\u00a0% of variance" in drawn.layout["xaxis"]["title"]["text"]
    assert drawn.layout["yaxis"]["scaleanchor"] == "x"
    code_map.figure(crossing)


def test_every_point_has_its_image_and_some_stand_in_the_plane(crossing: Frames) -> None:
    drawn = code_map.draw(crossing)
    addresses = [address for trace in drawn.traces for address in trace["customdata"]]
    assert len(addresses) == 60
    assert all(address.startswith("data:image/png;base64,") for address in addresses)
    assert sum(map(len, addresses)) < 300_000
    shown = drawn.layout["images"]
    assert 10 < len(shown) <= code_map.IN_PLANE
    assert {image["source"] for image in shown} <= set(addresses)
    at = np.array([[image["x"], image["y"]] for image in shown])
    apart = np.abs(at[:, None] - at[None]).max(-1) + 1e9 * np.eye(len(at))
    assert apart.min() > shown[0]["sizex"]
    narrow = code_map.draw(crossing, thumbnails=False)
    assert "images" not in narrow.layout
    assert narrow.traces[0]["customdata"]


def test_large_images_are_made_smaller_or_left_out(
    crossing: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = np.random.default_rng(0).integers(0, 256, (60, 28, 28))
    frames = changed(crossing, thumbnails=images)
    whole = sum(len(a) for t in code_map.draw(frames).traces for a in t["customdata"])
    monkeypatch.setattr(code_map, "MOST_CHARACTERS", whole - 1)
    frames = changed(crossing, thumbnails=images)
    halved = sum(len(a) for t in code_map.draw(frames).traces for a in t["customdata"])
    assert halved < whole / 2
    monkeypatch.setattr(code_map, "MOST_CHARACTERS", 10)
    drawn = code_map.draw(changed(crossing, thumbnails=images))
    assert drawn.traces[0]["customdata"] is None
    assert "images" not in drawn.layout


def test_the_sentence_tells_how_far_labels_differ(crossing: Frames) -> None:
    table = code_map.table(crossing)
    points = table[["first", "second"]].to_numpy()
    within = sum(
        ((part - part.mean(0)) ** 2).sum()
        for _, group in table.groupby("label")
        for part in [group[["first", "second"]].to_numpy()]
    )
    share = 1 - within / ((points - points.mean(0)) ** 2).sum()
    assert code_map.between_classes(points, list(table["label"])) == pytest.approx(share)
    text = code_map.sentence(crossing)
    assert text.startswith("60 of 269 validation samples in the code of the best setting")
    assert "hold 65\u00a0% of their variance" in text
    assert f"make {100 * share:.0f}\u00a0% of the plane's variance" in text
    key = crossing.study["inside"]["code_map"][0]["key"]
    runs = crossing.runs.assign(**{"validation/neighbour_accuracy": np.nan})
    runs.loc[runs["key"] == key, "validation/neighbour_accuracy"] = 0.951
    measured = replace(crossing, runs=runs, memory={})
    assert "in the full code the 5 nearest training codes tell 95.1" in code_map.sentence(measured)


def test_many_classes_share_the_last_look(crossing: Frames) -> None:
    labels = np.arange(60) % 13
    frames = changed(crossing, {"classes": [str(i) for i in range(13)]}, labels=labels)
    traces = code_map.draw(frames).traces
    assert len(traces) == code_map.CLASSES
    assert traces[-1]["name"] == code_map.OTHER
    assert sum(len(trace["x"]) for trace in traces) == 60
    looks = {(trace["marker"]["symbol"], trace["marker"]["color"]) for trace in traces}
    assert len(looks) == len(traces)
    ten = changed(crossing, {"classes": [str(i) for i in range(10)]}, labels=np.arange(60) % 10)
    assert [trace["name"] for trace in code_map.draw(ten).traces] == [str(i) for i in range(10)]


def test_hostile_labels_are_plain_and_short(crossing: Frames) -> None:
    classes = ["<img src=x onerror=alert(1)>", "x" * 5000, "%{x}"]
    drawn = code_map.draw(changed(crossing, {"classes": classes}))
    text = json.dumps([(t["name"], t["text"]) for t in drawn.traces])
    assert "<img" not in text
    assert "%{" not in text
    assert len(text) < 10_000


def test_points_that_are_no_numbers_are_left_out(crossing: Frames) -> None:
    points = crossing.images[f"{NAME}/points"].copy()
    points[7] = np.nan
    table = code_map.table(changed(crossing, points=points))
    assert len(table) == 59
    assert 8 not in set(table["sample"])
    code_map.figure(changed(crossing, points=points))
    assert code_map.table(changed(crossing, points=points * np.nan)).empty


def test_what_does_not_fit_is_left_out(crossing: Frames) -> None:
    odd = changed(
        crossing,
        {"classes": "abc", "shares": [None]},
        labels=np.zeros(3),
        thumbnails=np.zeros((5, 8, 8)),
    )
    drawn = code_map.draw(odd)
    assert drawn.traces[0]["customdata"] is None
    assert set(code_map.table(odd)["label"]) == {""}
    assert "variance" not in drawn.layout["xaxis"]["title"]["text"]
    assert "labels" not in code_map.sentence(odd)
    one = changed(crossing, points=np.ones((1, 2)), labels=np.zeros(1))
    code_map.figure(one)
    assert code_map.sentence(one)
    unknown = changed(crossing, labels=np.full(60, 99))
    assert set(code_map.table(unknown)["label"]) == {""}


def test_no_record(one_seed: Frames, crossing: Frames) -> None:
    assert code_map.table(one_seed).empty
    assert code_map.draw(one_seed).traces == []
    assert code_map.sentence(one_seed) == "No code was recorded."
    assert code_map.table(changed(crossing, points=np.zeros((4, 3)))).empty
