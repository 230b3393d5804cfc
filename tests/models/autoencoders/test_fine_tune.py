"""A trained stack goes on as one network: from where it was, end to end, for two objectives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, made_samples, settings, trained

from layerwise.models import HyperparameterError, InputError, create
from layerwise.models.network import Network
from layerwise.models.training import Samples, Training

TUNED = Case("fine_tune")
# Stacks of a layer of 9 units and one of 7, of all kinds of units.
STACKS: dict[str, tuple[Case, Case]] = {
    "bernoulli": (Case("bernoulli_rbm"), Case("bernoulli_rbm")),
    "linear code": (Case("gaussian_rbm"), Case("bernoulli_rbm", {"hidden_units": "gaussian"})),
    "doubled": (
        Case("bernoulli_rbm", {"doubling": "up"}),
        Case("bernoulli_rbm", {"doubling": "down"}),
    ),
    "rectified": (Case("rectified_rbm"), Case("rectified_rbm", {"visible_units": "gaussian"})),
    "tied": (
        Case("autoencoder", {"tied": True}),
        Case("denoising_autoencoder", {"activation": "tanh"}),
    ),
    "selecting": (Case("top_k_autoencoder", {"k": 4}), Case("batch_top_k_autoencoder", {"k": 3})),
    "deep": (Case("convolutional_autoencoder"), Case("deep_autoencoder")),
}
SEEDS, RATES = [0, 1, 1], [0.003, 0.01, 0.02]
LABELS = torch.arange(50) % 3


def stack(name: str, trials: list[int]) -> list[Network]:
    """The trained layers of these trials."""
    layers: list[Network] = []
    samples = made_samples([0] * len(trials))
    visible = samples.x_PNV.shape[-1]
    for case, hidden in zip(STACKS[name], (9, 7), strict=True):
        own = [settings(case, hidden=hidden, learning_rate=RATES[i]) for i in trials]
        layer = cohort(case, own, [SEEDS[i] for i in trials], visible=visible)
        trained(layer, samples, samples)
        with torch.no_grad():
            codes = layer.encode(samples.all())
        samples, visible = Samples(codes, tuple(range(len(trials)))), hidden
        layers.append(layer)
    return layers


def tuned(name: str, trials: list[int], **given: Any) -> Network:
    own = [settings(TUNED, learning_rate=RATES[i], **given) for i in trials]
    made = cohort(TUNED, own, [SEEDS[i] for i in trials])
    made.begin_from(stack(name, trials))
    return made


@pytest.mark.parametrize("name", STACKS)
def test_before_training_it_is_the_stack(name: str) -> None:
    x = made_samples([0]).all()
    lower, upper = stack(name, [0, 1, 2])
    made = tuned(name, [0, 1, 2])
    code = upper.encode(lower.encode(x))
    torch.testing.assert_close(made.encode(x), code, rtol=1e-12, atol=1e-12)
    output = lower.decode(upper.decode(code))
    torch.testing.assert_close(made.decode(code), output, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", STACKS)
@pytest.mark.parametrize("objective", ["reconstruction", "classification"])
def test_a_trial_is_tuned_the_same_alone_and_beside_others(name: str, objective: str) -> None:
    def run(trials: list[int]) -> tuple[Network, list[Any]]:
        made = tuned(name, trials, objective=objective, classes=3)
        samples = Samples(made_samples([0]).x_PNV, (0,) * len(trials), LABELS)
        return made, list(Training(made, samples, samples, 3))

    (together, epochs), (alone, own) = run([0, 1, 2]), run([1])
    for epoch, epoch2 in zip(epochs, own, strict=True):
        for metric, values in epoch2.metrics.items():
            np.testing.assert_allclose(epoch.metrics[metric][1], values[0], rtol=1e-10, atol=1e-12)
    for parameter, array in alone.weights().items():
        np.testing.assert_allclose(together.weights(1)[parameter], array, rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("name", STACKS)
def test_its_layers_leave_with_their_trials(name: str) -> None:
    x = made_samples([0]).all()
    made = tuned(name, [0, 1, 2])
    before = made.reconstruct(x)
    made.select(torch.tensor([2, 0]))
    torch.testing.assert_close(made.reconstruct(x), before[[2, 0]], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["bernoulli", "rectified", "deep"])
def test_gradients_are_the_derivatives_of_either_loss(name: str) -> None:
    x = made_samples([0]).all()[:, :8]
    given = {"corruption.level": 0.1, "sparsity.weight": 0.01, "contraction.weight": 0.1}
    for objective in ("reconstruction", "classification"):
        made = tuned(name, [0, 1], objective=objective, classes=3, **given)
        if objective == "classification":
            made.parameters["readout_weight"] += torch.linspace(-1, 1, 21).view(7, 3)

        def gradients(made: Network = made, supervised: bool = made.supervised) -> Any:
            draws = made.draws(1, 0)
            if supervised:
                return made.supervised_gradients(x, LABELS[None, :8], draws)
            return made.gradients(x, draws)

        found, _ = gradients()
        step = 1e-6
        for parameter, value in made.parameters.items():
            # A direction through all weights at once, of which each has its own share.
            generator = torch.Generator().manual_seed(len(parameter))
            way = torch.randn(value.shape[1:], generator=generator, dtype=value.dtype)
            value += step * way
            above = gradients()[1]["loss"]
            value -= 2 * step * way
            numeric = (above - gradients()[1]["loss"]) / (2 * step)
            value += step * way
            slope = (
                (found[parameter] * way).flatten(1).sum(1) if parameter in found else 0 * numeric
            )
            torch.testing.assert_close(slope, numeric, rtol=1e-5, atol=1e-7)


def test_a_classification_leaves_the_decoders_and_says_how_it_does() -> None:
    made = tuned("tied", [0, 1, 2], objective="classification", classes=3)
    before = {name: value.clone() for name, value in made.parameters.items()}
    x_PNV = made_samples([0]).x_PNV
    labels = (3 * x_PNV[0, :, 0].argsort().argsort()) // 50
    samples = Samples(x_PNV, (0, 0, 0), labels)
    first, *_, last = Training(made, samples, samples, 60)
    np.testing.assert_allclose(first.metrics["validation/classification_loss"], np.log(3))
    assert (last.metrics["validation/classification_loss"] < 0.8).all()
    assert {"train/loss", "train/reconstruction_error", "train/classification_error"} <= set(
        last.metrics
    )
    for name, value in made.parameters.items():
        assert torch.equal(value, before[name]) == ("decoder" in name)
    x = samples.all()
    probability = made.class_probability(x)  # type: ignore[attr-defined]
    torch.testing.assert_close(probability.sum(-1), torch.ones(3, 50, dtype=torch.float64))
    wrong = (probability.argmax(-1) != labels).double().mean(-1)
    measured = made.supervised_measures(x, labels)["classification_error"]
    torch.testing.assert_close(measured, wrong)


def test_a_few_labelled_samples_are_all_that_a_classification_sees() -> None:
    x = np.random.default_rng(0).random((40, 4))
    y = np.arange(40) % 3
    few, same, all_of_them = (
        create("fine_tune", hidden=3, objective="classification", classes=3, epochs=3, **more)
        for more in ({"labelled": 12}, {}, {"labelled": 0})
    )
    few.fit(x, y)
    # What lies behind the first twelve, labels and samples, makes no difference.
    same.fit(x[:12], y[:12])
    for name, weight in same.weights().items():
        np.testing.assert_array_equal(few.weights()[name], weight)
    all_of_them.fit(x, y)
    assert any((all_of_them.weights()[n] != w).any() for n, w in same.weights().items())


def test_reconstruction_learns_from_all_samples() -> None:
    x = np.random.default_rng(0).random((40, 4))
    few, all_of_them = (
        create("fine_tune", hidden=3, epochs=2, labelled=labelled).fit(x) for labelled in (5, 0)
    )
    for name, weight in few.weights().items():
        np.testing.assert_array_equal(all_of_them.weights()[name], weight)


def test_labels_it_does_not_know_are_refused() -> None:
    x = np.random.default_rng(0).random((6, 4))
    network = create("fine_tune", hidden=3, objective="classification", classes=3, epochs=1)
    with pytest.raises(InputError, match="needs labelled samples"):
        network.fit(x)
    with pytest.raises(InputError, match="labels from 0 to 2"):
        network.fit(x, np.arange(6))
    with pytest.raises(InputError, match="trained for classification"):
        create("fine_tune", visible=4).network_.class_probability(torch.ones(1, 1, 4))  # type: ignore[union-attr]


def test_stacks_it_cannot_tune_are_refused() -> None:
    for wrong, message in [
        ({"hidden": 6}, "a stack with a code of 6, but got 7"),
        ({}, "a layer 1 of 3 trials, but got 2"),
    ]:
        made = cohort(TUNED, [settings(TUNED, **wrong)] * 3, [0] * 3)
        with pytest.raises(InputError, match=message):
            made.begin_from(stack("bernoulli", [0, 1, 2] if wrong else [0, 1]))
    with pytest.raises(HyperparameterError, match="cross_entropy needs outputs between 0 and 1"):
        tuned("tied", [0], output_activation="sigmoid", reconstruction="cross_entropy")
    with pytest.raises(HyperparameterError, match="tied: must be false"):
        create("fine_tune", tied=True)
