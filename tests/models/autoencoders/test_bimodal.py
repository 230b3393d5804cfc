"""Two modalities, one code: what one lacks is completed from the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, settings

from layerwise.models import HyperparameterError, InputError, create, load
from layerwise.models.autoencoders.bimodal import BimodalAutoencoder
from layerwise.models.estimator import Estimator

CASE = Case("bimodal_autoencoder", {"first_visible": 5})


def network(missing: list[float]) -> BimodalAutoencoder:
    made = cohort(CASE, [settings(CASE, missing=m) for m in missing], [0] * len(missing))
    assert isinstance(made, BimodalAutoencoder)
    return made


def correlated(samples: int, seed: int) -> np.ndarray:
    """Two modalities of 5 and 7 inputs that are two views of the same 3 causes."""
    rng = np.random.default_rng(7)
    views = rng.normal(size=(3, 12))
    return np.tanh(np.random.default_rng(seed).normal(size=(samples, 3)) @ views)


def test_the_code_is_that_of_two_pathways_that_meet() -> None:
    made = network([0.5])
    x = torch.rand(1, 4, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    p = {name: value[0] for name, value in made.parameters.items()}
    first = torch.tanh(x[0, :, :5] @ p["first.1.weight"])
    second = torch.tanh(x[0, :, 5:] @ p["second.1.weight"])
    code = torch.cat([first, second], -1) @ p["fused.weight"]
    torch.testing.assert_close(made.encode(x)[0], code)
    joint = torch.tanh(code @ p["fused.decoder_weight"])
    parts = [
        joint[:, :9] @ p["first.1.decoder_weight"],
        joint[:, 9:] @ p["second.1.decoder_weight"],
    ]
    torch.testing.assert_close(made.decode(code[None])[0], torch.cat(parts, -1))


def test_the_share_of_samples_that_lack_a_modality_is_as_asked() -> None:
    made = network([0.0, 0.4, 1.0])
    x = torch.ones(1, 4000, 12, dtype=torch.float64)
    shown = made.shown(x, made.draws(1, 0))
    assert shown.shape == (3, 4000, 12)
    lacks_first, lacks_second = shown[..., :5].sum(-1) == 0, shown[..., 5:].sum(-1) == 0
    assert not (lacks_first & lacks_second).any()
    for lacks in (lacks_first, lacks_second):
        np.testing.assert_allclose(lacks.double().mean(-1), [0, 0.2, 0.5], atol=0.025)
    # A larger share lacks what the smaller one lacks, and more: paired comparisons.
    assert (lacks_first[2] | ~lacks_first[1]).all()
    assert ((shown == 1) | (shown == 0)).all()
    other = made.shown(x, made.draws(1, 1))
    assert not torch.equal(other, shown)


def test_trials_that_lack_the_same_share_see_the_same_input() -> None:
    made = network([0.4, 0.4])
    assert made.shown(torch.ones(1, 9, 12), made.draws(1, 0)).shape == (1, 9, 12)


def test_the_loss_asks_for_both_modalities_whatever_is_shown() -> None:
    made = network([1.0])
    x = torch.rand(1, 8, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    shown = made.shown(x, made.draws(1, 0))
    expected = (made.reconstruct(shown) - x).square().sum(-1).mean(-1)
    torch.testing.assert_close(made.loss(x, made.draws(1, 0))[0], expected)


@pytest.mark.parametrize(("known", "unknown"), [("first", slice(5, 12)), ("second", slice(0, 5))])
def test_the_other_modality_is_completed_better_than_by_its_mean(
    known: str, unknown: slice
) -> None:
    x, seen = correlated(600, 0), correlated(200, 1)
    made = create(
        "bimodal_autoencoder", first_visible=5, layers=(32,), hidden=6, epochs=60,
        learning_rate=0.01, dtype="float64",
    ).fit(x)  # fmt: skip
    model = made.network_
    assert isinstance(model, BimodalAutoencoder)
    hidden = seen.copy()
    hidden[:, unknown] = 99
    completed = model.complete(torch.tensor(hidden)[None], known)[0].numpy()
    kept = np.delete(np.arange(12), unknown)
    np.testing.assert_array_equal(completed[:, kept], seen[:, kept])
    error = np.square(completed - seen)[:, unknown].mean()
    of_mean = np.square(x.mean(0) - seen)[:, unknown].mean()
    assert error < 0.25 * of_mean
    # Trained on whole samples only, it would not have learned to do without.
    whole = create(
        "bimodal_autoencoder", first_visible=5, layers=(32,), hidden=6, epochs=60,
        learning_rate=0.01, dtype="float64", missing=0,
    ).fit(x)  # fmt: skip
    assert isinstance(whole.network_, BimodalAutoencoder)
    poorer = whole.network_.complete(torch.tensor(hidden)[None], known)[0].numpy()
    assert np.square(poorer - seen)[:, unknown].mean() > 2 * error


def standardised(x: np.ndarray, **settings: object) -> Estimator:
    made = {"first_visible": 5, "layers": (8,), "hidden": 4, "dtype": "float64", "epochs": 0}
    return create("bimodal_autoencoder", standardised=True, **{**made, **settings}).fit(x)


def test_standardised_pathways_read_what_differs_from_the_mean() -> None:
    x = correlated(50, 0)
    x[:, 3] = 7
    z = (x - x.mean(0)) / np.where(x.std(0) > 1e-12, x.std(0), np.inf)
    made = standardised(x)
    plain = create("bimodal_autoencoder", 12, first_visible=5, layers=(8,), hidden=4,
                   dtype="float64").set_weights(made.weights())  # fmt: skip
    np.testing.assert_allclose(made.encode(x), plain.encode(z), atol=1e-12)
    # So units and origins of inputs do not matter.
    rng = np.random.default_rng(2)
    other = x * rng.uniform(0.1, 10, 12) + rng.normal(size=12)
    np.testing.assert_allclose(standardised(other).encode(other), made.encode(x), atol=1e-9)


def test_a_standardised_input_that_is_missing_is_the_mean() -> None:
    x = correlated(50, 0)
    made = standardised(x)
    blank = x.copy()
    blank[:, 5:] = x[:, 5:].mean(0)
    expected = np.concatenate([x[:, :5], made.reconstruct(blank)[:, 5:]], 1)
    np.testing.assert_allclose(made.complete(x, "first"), expected)
    network = made.network_
    assert isinstance(network, BimodalAutoencoder)
    network.missing = network._missing = torch.ones(1, dtype=torch.float64)
    shown = network.shown(torch.tensor(x)[None], network.draws(1, 0))[0].numpy()
    at_mean = np.isclose(shown, x.mean(0), atol=1e-9)
    lacks = np.stack([at_mean[:, :5].all(1), at_mean[:, 5:].all(1)])
    assert (lacks.sum(0) == 1).all()
    kept = np.where(lacks[0][:, None], shown[:, 5:] == x[:, 5:], True)
    assert kept.all()


def test_means_are_kept_with_the_network(tmp_path: Path) -> None:
    x = correlated(60, 0)
    made = standardised(x, epochs=2)
    again = load(made.save(tmp_path))
    np.testing.assert_array_equal(again.encode(x), made.encode(x))
    np.testing.assert_array_equal(again.complete(x, "second"), made.complete(x, "second"))


def test_what_it_cannot_be_is_refused() -> None:
    x = correlated(9, 0)
    with pytest.raises(InputError, match="12 of them for the first, but got '12 feature"):
        create("bimodal_autoencoder", first_visible=12).fit(x)
    with pytest.raises(InputError, match="1 of them for the first, but got '1 feature"):
        create("bimodal_autoencoder").fit(x[:, :1])
    with pytest.raises(HyperparameterError, match="layers: must name at least one layer"):
        create("bimodal_autoencoder", layers=())
    with pytest.raises(InputError, match="complete: knows first or second, but got 'third'"):
        network([0.5]).complete(torch.ones(1, 1, 12), "third")
