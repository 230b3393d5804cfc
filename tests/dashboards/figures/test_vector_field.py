"""Arrows of a plane: their numbers another way, closed forms, and records that are not whole."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from layerwise.dashboards.figures import vector_field
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.study_sections import images

SIDE = 12
DIRECTION = np.array([0.6, 0.8])


def plane(across: float = 1.0, up: float = 1.0, side: int = SIDE) -> np.ndarray:
    """A grid (side², 2) from −across to across and −up to up."""
    axes = np.linspace(-across, across, side), np.linspace(-up, up, side)
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)


def recorded(frames: Frames, entry: dict[str, Any] | None = None, **arrays: Any) -> Frames:
    """The frames with a field: by default back to the line through 0 along ``DIRECTION``."""
    points = plane()
    parts = {
        "points": points,
        "vectors": np.outer(points @ DIRECTION, DIRECTION) - points,
        "samples": np.linspace(-1, 1, 40)[:, None] * DIRECTION,
    } | arrays
    own = {
        "key": frames.study["inside"]["code_map"][0]["key"],
        "split": "validation",
        "samples": 40,
        "of": 269,
        "quantity": "reconstruction",
        "corruption": "gaussian",
        "noise_level": 0.25,
        "arrays": {part: f"inside/field/0/{part}" for part in parts},
    }
    named = {f"inside/field/0/{part}": np.asarray(array) for part, array in parts.items()}
    inside = {**frames.study["inside"], "field": [own | (entry or {})]}
    study = {**frames.study, "inside": inside}
    return replace(frames, study=study, images={**frames.images, **named}, memory={})


def ends(frames: Frames, **options: Any) -> tuple[np.ndarray, np.ndarray]:
    """Where the drawn arrows begin and end, (n, 2) each."""
    arrows = vector_field.draw(frames, **options).traces[1]
    assert set(arrows["x"][2::3]) == set(arrows["y"][2::3]) == {None}
    starts, tips = (
        np.column_stack([arrows["x"][at::3], arrows["y"][at::3]]).astype(float) for at in (0, 1)
    )
    return starts, tips


def test_the_table_has_every_vector(crossing: Frames) -> None:
    frames = recorded(crossing)
    table = vector_field.table(frames)
    assert list(table) == ["x", "y", "dx", "dy", "length"]
    np.testing.assert_allclose(table[["x", "y"]], plane())
    away = table["x"] * 0.8 - table["y"] * 0.6
    # The distance from the line, and orthogonal to it.
    np.testing.assert_allclose(table["length"], away.abs(), atol=1e-12)
    np.testing.assert_allclose(0.6 * table["dx"] + 0.8 * table["dy"], 0, atol=1e-12)
    vector_field.figure(frames)


def test_arrows_keep_their_directions_and_end_before_the_next_point(crossing: Frames) -> None:
    frames = recorded(crossing)
    starts, tips = ends(frames)
    table = vector_field.table(frames)
    np.testing.assert_allclose(starts, table[["x", "y"]], atol=1e-3)
    drawn, vectors = tips - starts, table[["dx", "dy"]].to_numpy()
    lengths = np.hypot(*drawn.T)
    step = 2 / (SIDE - 1)
    assert lengths.max() == pytest.approx(vector_field.ROOM * step, rel=0.01)
    long = lengths > 0.1 * step
    cosine = (drawn * vectors).sum(1)[long] / lengths[long] / table["length"][long]
    np.testing.assert_allclose(cosine, 1, atol=2e-3)
    # Where they are not cut, all have one scale, and no more than a quarter is cut.
    whole = table["length"] <= np.quantile(table["length"], vector_field.FULL)
    scale = lengths[whole & long] / table["length"][whole & long]
    np.testing.assert_allclose(scale, scale.iloc[0], rtol=0.02)
    assert whole.mean() >= vector_field.FULL


def test_both_axes_have_one_scale_unless_one_input_dwarfs_the_other(crossing: Frames) -> None:
    layout = vector_field.draw(recorded(crossing)).layout
    assert layout["yaxis"]["scaleanchor"] == "x"
    points = plane(1.0, 1000.0)
    long = recorded(crossing, points=points, vectors=-points)
    assert "scaleanchor" not in vector_field.draw(long).layout["yaxis"]
    starts, tips = ends(long)
    steps = np.array([2, 2000]) / (SIDE - 1)
    assert (np.abs(tips - starts) <= steps).all()
    # They all lead to the middle, in the units of each axis.
    np.testing.assert_array_equal(np.sign(np.round(tips - starts, 6)), -np.sign(points))


def test_every_point_tells_its_vector_and_length(crossing: Frames) -> None:
    frames = recorded(crossing)
    samples, _, places = vector_field.draw(frames).traces
    assert len(places["text"]) == SIDE**2
    assert "at (−1.00, −1.00)<br>r(x) − x = (0.160, −0.120)" in places["text"][0]
    assert "<b>0.200</b>" in places["text"][0]
    assert len(samples["x"]) == 40
    score = recorded(crossing, {"quantity": "score"})
    assert "−∂F(x)/∂x = (" in vector_field.draw(score).traces[2]["text"][0]


def test_a_narrow_page_has_fewer_arrows_with_equal_margins(crossing: Frames) -> None:
    points = plane(side=24)
    frames = recorded(crossing, points=points, vectors=-points)
    starts, _ = ends(frames, narrow=True)
    assert len(starts) == 144
    assert len(ends(frames)[0]) == 576
    steps = np.diff(np.unique(starts[:, 0]))
    np.testing.assert_allclose(steps, 4 / 23, rtol=0.01)
    narrow = vector_field.draw(frames, narrow=True)
    assert narrow.height < vector_field.draw(frames).height
    low, high = narrow.layout["xaxis"]["range"]
    assert low < starts[:, 0].min() < starts[:, 0].max() < high


def test_the_sentence_is_computed(crossing: Frames) -> None:
    frames = recorded(crossing)
    points, samples = plane(), np.linspace(-1, 1, 40)[:, None] * DIRECTION
    lengths = np.abs(points @ [0.8, -0.6])
    near, toward = [], 0
    for point, length in zip(points, lengths, strict=True):
        distances = [float(np.linalg.norm(point - sample)) for sample in samples]
        way = samples[int(np.argmin(distances))] - point
        toward += bool(way @ (DIRECTION * (point @ DIRECTION) - point) > 0)
        if min(distances) <= 2 / (SIDE - 1) * 2**0.5:
            near.append(length)
    text = vector_field.sentence(frames)
    assert text.startswith("In the best setting, trained with gaussian noise of level 0.25, r(x)")
    assert f"is {lengths.mean():.3f} long on average over 144 points" in text
    assert f"and {np.mean(near):.3f} over those within a step of a sample" in text
    assert f". {100 * toward / 144:.0f}\u00a0% of all arrows point" in text
    assert "nearest of the 40 samples drawn" in text


def test_vectors_that_lead_away_are_counted_so(crossing: Frames) -> None:
    points = plane()
    text = vector_field.sentence(recorded(crossing, vectors=points, samples=np.zeros((1, 2))))
    assert ". 0\u00a0% of all arrows point toward the nearest of the 1 sample drawn" in text
    back = vector_field.sentence(recorded(crossing, vectors=-points, samples=np.zeros((1, 2))))
    assert ". 100\u00a0% of all arrows point" in back


@pytest.mark.parametrize("level", [None, 0.0, "x", True, float("nan")])
def test_noise_that_is_none_is_not_told(crossing: Frames, level: Any) -> None:
    text = vector_field.sentence(recorded(crossing, {"noise_level": level}))
    assert "noise" not in text


def test_a_field_of_zeros_is_dots(crossing: Frames) -> None:
    frames = recorded(crossing, vectors=np.zeros((SIDE**2, 2)))
    starts, tips = ends(frames)
    np.testing.assert_array_equal(starts, tips)
    assert set(vector_field.draw(frames).traces[1]["marker"]["size"]) == {0}
    assert "is 0 long" in vector_field.sentence(frames)
    vector_field.figure(frames)


def test_what_is_no_number_is_left_out(crossing: Frames) -> None:
    vectors, samples = -plane(), np.zeros((5, 2))
    vectors[3, 1], samples[2] = np.nan, np.inf
    frames = recorded(crossing, vectors=vectors, samples=samples)
    table = vector_field.table(frames)
    assert len(table) == SIDE**2 - 1
    assert np.isfinite(table.to_numpy()).all()
    assert len(vector_field.draw(frames).traces[0]["x"]) == 4
    json.dumps(vector_field.draw(frames).spec(), allow_nan=False)
    assert vector_field.table(recorded(crossing, vectors=vectors * np.nan)).empty


@pytest.mark.parametrize(
    ("entry", "arrays"),
    [
        ({}, {"vectors": np.zeros((7, 2))}),
        ({}, {"points": np.zeros((4, 3)), "vectors": np.zeros((4, 3))}),
        ({}, {"points": np.zeros(4)}),
        ({}, {"points": np.ones((4, 2)), "vectors": np.ones((4, 2))}),
        ({"quantity": "<img src=x onerror=alert(1)>"}, {}),
        ({"quantity": ["score"]}, {}),
        ({"arrays": {}}, {}),
        ({"arrays": 3}, {}),
    ],
)
def test_what_does_not_fit_is_no_field(
    crossing: Frames, entry: dict[str, Any], arrays: dict[str, Any]
) -> None:
    frames = recorded(crossing, entry, **arrays)
    assert vector_field.table(frames).empty
    assert vector_field.draw(frames).traces == []
    assert vector_field.sentence(frames).startswith("No field")


def test_samples_may_be_missing(crossing: Frames) -> None:
    frames = recorded(crossing, samples=np.zeros((0, 2)))
    assert "nearest" not in vector_field.sentence(frames)
    assert vector_field.draw(frames).traces[0]["x"] == []
    vector_field.figure(frames)


def test_hostile_names_are_plain_text_of_one_line(crossing: Frames) -> None:
    frames = recorded(crossing, {"corruption": "<img src=x onerror=alert(1)>\n" + "x" * 5000})
    assert len(vector_field.sentence(frames)) < 400
    assert "<img" not in json.dumps(vector_field.draw(frames).spec())


def test_it_stands_among_what_is_inside_only_where_it_is_recorded(crossing: Frames) -> None:
    names = [chart.name for chart in images(recorded(crossing)).charts]
    assert names.index("field") == names.index("code-map") - 1
    assert "field" not in [chart.name for chart in images(crossing).charts]
