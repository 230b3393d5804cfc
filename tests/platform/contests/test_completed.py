"""What networks make of half a sample, on small networks that were really trained."""

from __future__ import annotations

import numpy as np
import pytest
from made_pairs import PIXELS, made_pairs

from layerwise.models import Stack, create
from layerwise.models.estimator import Estimator
from layerwise.platform.contests import completed
from layerwise.platform.contests.completed import (
    Completed,
    require_completing,
    tags_of_neighbours,
)
from layerwise.platform.contests.modality_controls import tags_merit
from layerwise.platform.contests.pairs import Given, Samples
from layerwise.platform.errors import StudyError

GIVEN = Given.of(made_pairs())


def bimodal(**settings: object) -> Estimator:
    made = {"first_visible": PIXELS, "standardised": True, "layers": (12,), "hidden": 6}
    return create("bimodal_autoencoder", **{**made, **settings})


@pytest.fixture(scope="module")
def network() -> Estimator:
    return bimodal(epochs=60, learning_rate=0.01, batch_size=30).fit(GIVEN.data.train)


def test_what_is_missing_is_not_read(network: Estimator) -> None:
    test = GIVEN.test
    found = Completed.by(network, test, GIVEN)
    rows = test.rows.copy()
    rows[:, PIXELS:] = 1 - rows[:, PIXELS:]
    other = Completed.by(network, Samples(rows, test.pairs), GIVEN)
    np.testing.assert_array_equal(other.of_image.tags, found.of_image.tags)
    np.testing.assert_array_equal(other.codes[0], found.codes[0])
    assert not np.array_equal(other.of_tags.image, found.of_tags.image)
    np.testing.assert_allclose(found.of_image.image, test.pairs.image)
    np.testing.assert_array_equal(found.of_tags.tags, test.pairs.tags)


def test_a_code_is_that_of_the_sample_once_it_is_filled_in(network: Estimator) -> None:
    found = Completed.by(network, GIVEN.test, GIVEN)
    for code, known in zip(found.codes, ("first", "second"), strict=True):
        filled = network.complete(GIVEN.test.rows, known)
        np.testing.assert_array_equal(code, network.encode(filled))
    assert found.filled.codes == found.codes
    assert found.filled.tags is not None
    assert found.filled.tags.shape == GIVEN.test.pairs.tags.shape


def test_tags_of_neighbours_are_those_of_training_samples(
    network: Estimator, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = Completed.by(network, GIVEN.test, GIVEN)
    monkeypatch.setattr(completed, "NEIGHBOURS", (3,))
    merit = tags_merit(GIVEN.validation.pairs)
    found, words = tags_of_neighbours(network, test, GIVEN, merit)
    assert words == "3 nearest"
    places = network.retrieve(
        network.complete(GIVEN.test.rows, "first"), GIVEN.train.rows, 3
    ).places
    expected = GIVEN.train.pairs.tags[places].mean(1)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_a_stack_completes_as_its_lowest_layer_does(network: Estimator) -> None:
    upper = create("autoencoder", visible=6, hidden=4, epochs=1)
    stack = Stack([network, upper.fit(network.encode(GIVEN.data.train))])
    require_completing("top", stack, GIVEN)
    found = Completed.by(stack, GIVEN.test, GIVEN)
    assert found.codes[0].shape == (len(GIVEN.test.rows), 4)


def test_networks_that_cannot_complete_are_refused() -> None:
    plain = create("autoencoder", visible=22, hidden=3)
    with pytest.raises(StudyError, match="to be used for modalities, but got 'autoencoder'"):
        require_completing("codes", plain, GIVEN)
    elsewhere = bimodal(visible=22, first_visible=10)
    with pytest.raises(StudyError, match=r"after the 16 of the image, but got 10.*Write first_v"):
        require_completing("codes", elsewhere, GIVEN)
    halves = bimodal(visible=22, first_visible=0)
    with pytest.raises(StudyError, match="but got 11"):
        require_completing("codes", halves, GIVEN)
    require_completing("codes", bimodal(visible=22), GIVEN)
