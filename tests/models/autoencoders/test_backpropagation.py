"""The gradient by hand is the one by automatic differentiation, whatever is combined."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, made_samples, settings

from layerwise.models import registry
from layerwise.models.activations import ACTIVATIONS
from layerwise.models.autoencoders.autoencoder import Autoencoder
from layerwise.models.corruption import KINDS

BY_HAND = (
    "autoencoder", "linear_autoencoder", "sparse_autoencoder", "denoising_autoencoder",
    "contractive_autoencoder",
)  # fmt: skip


def assert_same(structure: dict[str, Any], sources: list[int], seeds: list[int]) -> None:
    """Gradients and reported numbers of three trials with numbers of their own, both ways."""
    case = Case("autoencoder", structure)
    rng = np.random.default_rng(0)
    network = cohort(case, [settings(case, rng) for _ in seeds], seeds)
    assert isinstance(network, Autoencoder)
    for parameter in network.parameters.values():
        parameter += 0.1 * torch.rand(parameter.shape, dtype=torch.float64)
    x = made_samples(sources).all()[:, :9]
    by_hand, automatic = (
        gradients(x, network.draws(1, 0))
        for gradients in (network.gradients, network.differentiated)
    )
    for found, expected in zip(by_hand, automatic, strict=True):
        assert list(found) == list(expected)
        for name, value in expected.items():
            torch.testing.assert_close(found[name], value, rtol=1e-10, atol=1e-13, msg=name)


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("output", [*ACTIVATIONS, "cross_entropy"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_for_every_activation_and_distance(activation: str, output: str, tied: bool) -> None:
    distance = {"output_activation": output}
    if output == "cross_entropy":
        distance = {"output_activation": "sigmoid", "reconstruction": output}
    assert_same({"activation": activation, "tied": tied, **distance}, [0], [0, 1, 1])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("entropy", [False, True])
def test_for_every_noise_with_and_without_emphasis(kind: str, entropy: bool) -> None:
    distance = {"output_activation": "sigmoid", "reconstruction": "cross_entropy"}
    assert_same({"corruption.kind": kind, **(distance if entropy else {})}, [0], [0, 1, 1])


@pytest.mark.parametrize(
    ("kind", "activation"), [("l1", "tanh"), ("kl", "tanh"), ("kl", "sigmoid")]
)
def test_for_every_sparsity(kind: str, activation: str) -> None:
    assert_same({"sparsity.kind": kind, "activation": activation}, [0], [0, 1, 1])


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("seeds", [[0], [0, 0, 0], [0, 1, 2]])
@pytest.mark.parametrize("sources", [[0, 0, 0], [2, 0, 1]])
def test_for_inputs_and_draws_of_one_or_several_trials(
    sources: list[int], seeds: list[int], tied: bool
) -> None:
    assert_same({"tied": tied}, sources[: len(seeds)], seeds)


def test_a_variant_with_a_loss_of_its_own_is_differentiated() -> None:
    for name in BY_HAND:
        variant = registry.lookup(name)
        assert issubclass(variant, Autoencoder)
        assert not variant.own_loss

    class Doubled(Autoencoder):
        def penalised(self, loss_T: torch.Tensor, code_TBH: torch.Tensor) -> torch.Tensor:
            return 2 * super().penalised(loss_T, code_TBH)

    assert Doubled.own_loss
    case = Case("autoencoder")
    once, twice = (
        variant(12, [settings(case)], [0], torch.float64) for variant in (Autoencoder, Doubled)
    )
    x = made_samples([0]).all()
    gradients, _ = once.gradients(x, once.draws(1, 0))
    doubled, _ = twice.gradients(x, twice.draws(1, 0))
    for name, gradient in gradients.items():
        torch.testing.assert_close(doubled[name], 2 * gradient)
