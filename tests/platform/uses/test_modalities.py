"""Images with tags: networks against controls, and each half against the other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from made_pairs import PIXELS, made_pairs

from layerwise.platform.answer.controls import PrincipalComponents
from layerwise.platform.contests.completed import Completed
from layerwise.platform.contests.filled import measured
from layerwise.platform.contests.pairs import Given
from layerwise.platform.contests.ranks import average_precision
from layerwise.platform.data import load
from layerwise.platform.errors import DataError, StudyError
from layerwise.platform.study import Data
from layerwise.platform.uses import of
from layerwise.platform.uses.findings import Contestant, Findings
from layerwise.platform.uses.modalities import Modalities

BIMODAL: dict[str, Any] = {
    "name": "bimodal",
    "model": "bimodal_autoencoder",
    "first_visible": PIXELS,
    "standardised": True,
    "layers": [12],
    "hidden": 6,
    "epochs": 60,
    "batch_size": 30,
    "learning_rate": 0.01,
}
MACHINE: dict[str, Any] = {
    "name": "machine",
    "after": [],
    "model": "multimodal_boltzmann_machine",
    "first_visible": PIXELS,
    "layers": [8],
    "hidden": 6,
    "epochs": 3,
}
STUDY: dict[str, Any] = {
    "study": "pairs",
    "data": {"name": "digits"},
    "seeds": [0, 1],
    "stages": [BIMODAL, MACHINE],
}
CONTROLS = ["frequency", "nearest", "ridge", "kernel_ridge", "cca"]


@pytest.fixture(scope="module")
def looked(trained: Any) -> tuple[Any, Findings]:
    found = trained(STUDY, made_pairs())
    return found, Modalities(k=2).look(found)


def contestants(found: Findings, measure: str) -> dict[str, Contestant]:
    [own] = [one for one in found.measures if one.name == f"modalities/{measure}"]
    return {one.name: one for one in own.contestants}


def test_who_is_compared_by_what(looked: tuple[Any, Findings]) -> None:
    _, found = looked
    networks = [
        "bimodal", "bimodal/neighbours", "untrained",
        "machine", "machine/neighbours", "machine/untrained",
    ]  # fmt: skip
    tags = contestants(found, "tag_map")
    assert list(tags) == networks + CONTROLS
    assert [one.control for one in tags.values()] == [
        name in CONTROLS or name.endswith("untrained") for name in tags
    ]
    fills = [name for name in networks if not name.endswith("/neighbours")]
    assert list(contestants(found, "image_rank")) == fills + CONTROLS
    codes = ["bimodal", "untrained", "machine", "machine/untrained", "cca"]
    assert list(contestants(found, "tags_by_code")) == codes
    assert all(one.values.keys() == {0, 1} for one in tags.values())
    whole = ["bimodal", "untrained", "machine", "machine/untrained", "pca"]
    assert list(contestants(found, "whole_tag_map")) == whole
    better = {one.name: one.better for one in found.measures}
    assert [name for name, way in better.items() if way == "lower"] == ["modalities/image_error"]
    assert [one.unit for one in found.measures][1] == "share of the 2 likeliest"


def test_numbers_are_those_of_what_the_network_fills_in(looked: tuple[Any, Findings]) -> None:
    given, found = looked
    pairs = Given.of(given.data)
    for leaf in given.leaves:
        for seed in leaf.seeds:
            made = Completed.by(leaf.network(seed), pairs.test, pairs)
            for measure, number in measured(made.filled, pairs.test.pairs, 2).items():
                own = contestants(found, measure)[leaf.stage].values[seed]
                assert own == pytest.approx(number), measure


def test_a_trained_network_beats_frequencies_and_itself_untrained(
    looked: tuple[Any, Findings],
) -> None:
    _, found = looked
    for measure in ("tag_map", "word_map", "tags_by_code", "image_by_code"):
        own = contestants(found, measure)
        for seed in (0, 1):
            trained, others = own["bimodal"].values[seed], ("untrained", "frequency")
            assert all(trained > own[name].values[seed] for name in others if name in own)


def test_what_is_made_of_whole_samples_is_measured_too(looked: tuple[Any, Findings]) -> None:
    given, found = looked
    pairs = Given.of(given.data)
    whole = contestants(found, "whole_tag_map")
    remade = given.leaves[0].network(1).reconstruct(pairs.test.rows)
    expected = average_precision(remade[:, PIXELS:], pairs.test.pairs.has).mean()
    assert whole["bimodal"].values[1] == pytest.approx(expected)
    # As many components as the code has units.
    pca = PrincipalComponents(given.data.train, 6).reconstruct(pairs.test.rows)
    expected = average_precision(pca[:, PIXELS:], pairs.test.pairs.has).mean()
    assert whole["pca"].values[0] == pytest.approx(expected)


def test_a_look_is_the_same_twice(looked: tuple[Any, Findings]) -> None:
    given, found = looked
    again = Modalities(k=2).look(given)
    assert [one.mapping() for one in again.measures] == [one.mapping() for one in found.measures]
    assert again.said == found.said
    for name, array in found.inside.arrays.items():
        np.testing.assert_array_equal(again.inside.arrays[name], array)


def test_every_network_and_the_pixels_are_shown(looked: tuple[Any, Findings]) -> None:
    given, found = looked
    entries = found.inside.entries["retrieval"]
    names = [("bimodal", False), ("machine", False), ("pixels", True)]
    assert [(one["name"], one["control"]) for one in entries] == names
    assert [one.get("key") for one in entries[:2]] == [leaf.trials[0].key for leaf in given.leaves]
    assert entries[0]["texts"][:3] == entries[2]["texts"][:3]


def test_what_is_said(looked: tuple[Any, Findings]) -> None:
    _, found = looked
    assert "test samples have" in found.said[0]
    assert found.said[1].startswith("bimodal: the tags have a mean average precision of")
    assert "nearest neighbours:" in found.said[-1]


def test_networks_and_data_that_cannot_serve_are_refused(trained: Any) -> None:
    with pytest.raises(DataError, match="needs data of two modalities"):
        Modalities().check(load(Data(name="digits")))
    data = made_pairs()
    Modalities().check(data)
    with pytest.raises(DataError, match="as the first modality"):
        Modalities().check(replace(data, image_shape=None))
    plain = {"name": "codes", "model": "autoencoder", "hidden": 4, "epochs": 1}
    with pytest.raises(StudyError, match="needs networks that complete a modality"):
        Modalities().look(trained({**STUDY, "stages": [plain]}, data))


def test_settings() -> None:
    assert of("modalities") == Modalities()
    assert of({"modalities": {"k": 3}}).mapping() == {"modalities": {"k": 3}}
    for wrong in (0, 101, 2.5, "five"):
        with pytest.raises(StudyError, match="k"):
            of({"modalities": {"k": wrong}})
