"""The marginalised denoising autoencoder against noise that is drawn, and its minimum in one go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from made_cohorts import Case, cohort, digits, settings

from layerwise.models import HyperparameterError, InputError, create
from layerwise.models.autoencoders.autoencoder import Autoencoder
from layerwise.models.autoencoders.marginalised_denoising import MarginalisedDenoisingAutoencoder
from layerwise.models.corruption import DRAWN
from layerwise.models.draws import Draws

NAME = "marginalised_denoising_autoencoder"
DIGITS = torch.tensor(digits()[:100])[None]


def pair(
    start: str = "random", **given: Any
) -> tuple[MarginalisedDenoisingAutoencoder, Autoencoder]:
    """The marginalised network and one that draws its noise, with the same weights."""
    case = Case(NAME)
    marginalised = cohort(case, [settings(case, start=start, **given)], [0], visible=64)
    assert isinstance(marginalised, MarginalisedDenoisingAutoencoder)
    case = Case("autoencoder")
    drawing = cohort(case, [settings(case, **given)], [0], visible=64)
    assert isinstance(drawing, Autoencoder)
    drawing.parameters = marginalised.parameters
    return marginalised, drawing


def monte_carlo(network: Autoencoder, corruptions: int = 2000) -> float:
    """The mean loss over that many corruptions of each sample."""
    repeats = 20
    x = DIGITS.repeat(1, repeats, 1)
    losses = [
        network.loss(x, Draws([7], epoch=1, step=step, dtype=torch.float64))[0].item()
        for step in range(corruptions // repeats)
    ]
    return float(np.mean(losses))


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("start", ["random", "closed_form"])
def test_the_linear_loss_is_the_mean_over_2000_corruptions(start: str, kind: str) -> None:
    marginalised, drawing = pair(start, **{
        "corruption.kind": kind, "corruption.level": 0.4, "activation": "identity",
    })  # fmt: skip
    marginalised.meet(DIGITS)
    drawing.parameters = marginalised.parameters
    loss, error = marginalised.loss(DIGITS, marginalised.draws())
    assert torch.equal(loss, error)
    assert loss.item() == pytest.approx(monte_carlo(drawing), rel=0.01)
    mean, variance = marginalised.corruption.moments(DIGITS)
    spread = marginalised.spread(variance, marginalised.encode(mean))
    assert spread.item() > 0.05 * loss.item(), "the tolerance is less than what the noise adds"


def test_penalties_are_those_of_the_code_at_the_mean() -> None:
    marginalised, _ = pair(**{"sparsity.weight": 0.1, "contraction.weight": 0.2})
    loss, error = marginalised.loss(DIGITS, marginalised.draws())
    mean, _ = marginalised.corruption.moments(DIGITS)
    l1 = 0.1 * marginalised.encode(mean).abs().sum(-1).mean()
    contraction = 0.2 * marginalised.parameters["weight"].square().sum()
    torch.testing.assert_close(loss - error, (l1 + contraction)[None])


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("tied", [False, True])
def test_the_expansion_is_the_mean_over_2000_weak_corruptions(kind: str, tied: bool) -> None:
    level = 0.1 if kind == "gaussian" else 0.01
    marginalised, drawing = pair(**{
        "corruption.kind": kind, "corruption.level": level, "activation": "tanh", "tied": tied,
    })  # fmt: skip
    for parameter in marginalised.parameters.values():
        parameter *= 0.5
    loss, _ = marginalised.loss(DIGITS, marginalised.draws())
    assert loss.item() == pytest.approx(monte_carlo(drawing), rel=0.01)


@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu"])
@pytest.mark.parametrize("kind", DRAWN)
def test_what_the_variance_adds_is_by_way_of_the_jacobian(kind: str, activation: str) -> None:
    """Σ_i var(x̃_i) ‖∂r/∂x_i‖² at a single sample, where no mean over a batch comes in."""
    marginalised, drawing = pair(**{
        "corruption.kind": kind, "corruption.level": 0.3, "activation": activation,
    })  # fmt: skip
    mean, variance = marginalised.corruption.moments(DIGITS[:, :1])
    found = marginalised.spread(variance, marginalised.encode(mean))
    jacobian = torch.autograd.functional.jacobian(drawing.reconstruct, mean)[0, 0, :, 0, 0]
    expected = (variance[0, 0] * jacobian.square().sum(0)).sum()
    torch.testing.assert_close(found[0], expected, rtol=1e-10, atol=0)


@pytest.mark.parametrize("kind", DRAWN)
@pytest.mark.parametrize("hidden", [5, 64])
def test_the_closed_form_is_the_minimum(kind: str, hidden: int) -> None:
    """No gradient is left; and for full rank it is mSDA's W = E[x̃ᵀx̃]⁻¹ E[x̃ᵀx], with a bias."""
    marginalised, _ = pair(
        "closed_form", **{"corruption.kind": kind, "corruption.level": 0.3, "hidden": hidden}
    )
    random, _ = marginalised.gradients(DIGITS, marginalised.draws())
    marginalised.meet(DIGITS)
    gradients, _ = marginalised.gradients(DIGITS, marginalised.draws())
    for name, gradient in gradients.items():
        assert gradient.abs().max() < 1e-10 * random[name].abs().max()
    if hidden == 64:
        one = torch.ones(len(DIGITS[0]), 1, dtype=torch.float64)
        mean, variance = marginalised.corruption.moments(DIGITS)
        seen = torch.cat([mean[0], one], dim=1)
        noise = torch.cat([variance[0].sum(0), torch.zeros(1, dtype=torch.float64)])
        solved = (
            torch.linalg.pinv(seen.T @ seen + noise.diag(), hermitian=True) @ seen.T @ DIGITS[0]
        )
        expected = seen @ solved
        torch.testing.assert_close(marginalised.reconstruct(mean)[0], expected, rtol=0, atol=1e-9)


def test_descent_reaches_the_closed_form() -> None:
    x = digits()
    fixed: dict[str, Any] = {
        "hidden": 3, "batch_size": len(x), "corruption": {"kind": "masking", "level": 0.3},
        "dtype": "float64",
    }  # fmt: skip
    solved = create(NAME, start="closed_form", epochs=1, learning_rate=0.0, **fixed).fit(x)
    least = solved.history_["train/loss"][0]
    descended = create(NAME, epochs=600, learning_rate=0.02, **fixed).fit(x)
    losses = descended.history_["train/loss"]
    assert losses[0] > 1.5 * least
    assert 1 <= losses[-1] / least < 1.001


def test_without_noise_it_is_the_principal_components() -> None:
    x = digits()
    fixed: dict[str, Any] = {"hidden": 6, "epochs": 0, "dtype": "float64"}
    denoiser = create(NAME, start="closed_form", corruption={"level": 0.0}, **fixed).fit(x)
    linear = create("linear_autoencoder", start="principal_components", **fixed).fit(x)
    np.testing.assert_allclose(denoiser.encode(x), linear.encode(x), atol=1e-9)


def test_trials_with_noise_of_their_own_are_solved_side_by_side() -> None:
    case = Case(NAME, {"start": "closed_form", "corruption.kind": "masking"})
    levels = (0.0, 0.2, 0.5, 1.0)
    trials = [settings(case, **{"corruption.level": level}) for level in levels]
    network = cohort(case, trials, [0] * 4, visible=64)
    network.meet(DIGITS)
    for trial, values in enumerate(trials):
        alone = cohort(case, [values], [0], visible=64)
        alone.meet(DIGITS)
        for name, array in alone.weights().items():
            np.testing.assert_allclose(network.weights(trial)[name], array, atol=1e-10)
    # When every input is masked, the mean is all that can be said.
    torch.testing.assert_close(network.reconstruct(DIGITS)[3], DIGITS[0].mean(0).expand(100, 64))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"reconstruction": "cross_entropy", "output_activation": "sigmoid"}, "squared_error"),
        ({"output_activation": "sigmoid"}, "must be identity"),
        ({"corruption": {"kind": "grey", "level": 1.0}}, "noise to take the expectation over"),
        ({"corruption": {"emphasis": 0.5}}, "must be 0 where the noise is marginalised"),
        ({"start": "closed_form", "activation": "tanh"}, "linear, untied"),
        ({"start": "closed_form", "tied": True}, "linear, untied"),
    ],
)
def test_what_the_expectation_is_not_known_for_is_refused(
    given: dict[str, Any], message: str
) -> None:
    with pytest.raises(HyperparameterError, match=message):
        create(NAME, **given)


def test_more_units_than_inputs_have_no_closed_form() -> None:
    with pytest.raises(InputError, match="at least as wide as its 9 hidden units, but got 3"):
        create(NAME, hidden=9, start="closed_form").fit(np.eye(3))
