"""Steps against closed forms and against torch's own optimisers."""

from __future__ import annotations

import pytest
import torch

from layerwise.models.optimisers import OPTIMISERS, Adam, Momentum, Optimiser


def numbers(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def test_momentum_ends_at_its_terminal_speed() -> None:
    rate, momentum, gradient = numbers(0.1, 0.02), numbers(0.5, 0.9), 3.0
    optimiser = Momentum(rate, momentum, numbers(0, 0), numbers(0, 0))
    parameters = {"weight": torch.zeros(2, 3, dtype=torch.float64)}
    before = parameters["weight"]
    for _ in range(400):
        before = parameters["weight"].clone()
        optimiser.step(parameters, {"weight": torch.full((2, 3), gradient, dtype=torch.float64)})
    step = before - parameters["weight"]
    expected = (rate * gradient / (1 - momentum))[:, None].expand(2, 3)
    torch.testing.assert_close(step, expected, rtol=1e-9, atol=0)


def test_momentum_changes_at_its_share_of_training() -> None:
    """Before the switch a constant gradient ends at lr · g/(1 − μ₀), after it at lr · g/(1 − μ)."""
    rate, final, initial = numbers(0.1, 0.1), numbers(0.9, 0.9), numbers(0.5, 0.2)
    optimiser = Momentum(rate, final, numbers(0, 0), numbers(0, 0), initial, numbers(0.4, 0.0))
    parameters = {"bias": torch.zeros(2, 1, dtype=torch.float64)}

    def terminal_step(progress: float) -> torch.Tensor:
        before = parameters["bias"]
        for _ in range(300):
            before = parameters["bias"].clone()
            optimiser.step(parameters, {"bias": torch.ones(2, 1, dtype=torch.float64)}, progress)
        return (before - parameters["bias"])[:, 0]

    torch.testing.assert_close(
        terminal_step(0.39), numbers(0.1 / 0.5, 0.1 / 0.1), rtol=1e-9, atol=0
    )
    torch.testing.assert_close(terminal_step(0.4), numbers(1.0, 1.0), rtol=1e-9, atol=0)
    optimiser.select(torch.tensor([1]))
    optimiser.step({"bias": parameters["bias"][1:]}, {}, 0.0)
    assert optimiser.momentum.tolist() == [0.9]


RATES, MOMENTA, DECAYS = [0.1, 0.003, 0.02], [0.9, 0.5, 0.0], [0.0, 0.3, 0.1]
SLOWING = [0.0, 1.0, 0.7]


def reference(kind: str, trial: int, weights: list[torch.Tensor]) -> torch.optim.Optimizer:
    """torch's optimiser for one trial; decay is decoupled and spares the bias."""
    rate, momentum, decay = RATES[trial], MOMENTA[trial], DECAYS[trial]
    if kind == "adam":
        groups = [{"params": weights[:1], "weight_decay": decay},
                  {"params": weights[1:], "weight_decay": 0.0}]  # fmt: skip
        return torch.optim.AdamW(groups, lr=rate, betas=(momentum, 0.999), eps=1e-8)
    return torch.optim.SGD(weights, lr=rate, momentum=momentum)


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_fifty_steps_are_those_of_torch(kind: str) -> None:
    generator = torch.Generator().manual_seed(0)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    ours = {"weight": normal(3, 5, 4), "hidden_bias": normal(3, 4)}
    theirs = [[p[trial].clone() for p in ours.values()] for trial in range(3)]
    references = [reference(kind, trial, weights) for trial, weights in enumerate(theirs)]
    optimiser = OPTIMISERS[kind](
        numbers(*RATES), numbers(*MOMENTA), numbers(*DECAYS), numbers(*SLOWING)
    )
    for step in range(50):
        gradients = {"weight": normal(3, 5, 4), "hidden_bias": normal(3, 4)}
        optimiser.step(ours, gradients, progress=step / 50)
        for trial, weights in enumerate(theirs):
            rate = RATES[trial] * (1 - SLOWING[trial] * step / 50)
            for group in references[trial].param_groups:
                group["lr"] = rate
            if kind == "momentum":  # SGD's own weight decay is not decoupled.
                weights[0].mul_(1 - rate * DECAYS[trial])
            for weight, gradient in zip(weights, gradients.values(), strict=True):
                weight.grad = gradient[trial]
            references[trial].step()
    for trial, weights in enumerate(theirs):
        for parameter, weight in zip(ours.values(), weights, strict=True):
            torch.testing.assert_close(parameter[trial], weight, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("kind", [Adam, Momentum])
def test_trials_that_stay_keep_their_memory(kind: type[Optimiser]) -> None:
    generator = torch.Generator().manual_seed(0)
    gradients = torch.randn(9, 4, 2, 3, generator=generator, dtype=torch.float64)
    rest = (
        numbers(0.1, 0.2, 0.3, 0.4),
        numbers(0.9, 0.8, 0.7, 0.6),
        numbers(0, 0.1, 0.2, 0.3),
        numbers(0, 0, 0.5, 1),
    )
    kept = torch.tensor([3, 1])
    whole, selected = kind(*rest), kind(*rest)
    parameters = [{"weight": torch.zeros(4, 2, 3, dtype=torch.float64)} for _ in range(2)]
    for step, gradient in enumerate(gradients):
        if step == 4:
            selected.select(kept)
            parameters[1]["weight"] = parameters[1]["weight"][kept]
        whole.step(parameters[0], {"weight": gradient})
        selected.step(parameters[1], {"weight": gradient[kept] if step >= 4 else gradient})
    assert torch.equal(parameters[0]["weight"][kept], parameters[1]["weight"])


def test_a_parameter_that_joins_later_starts_like_the_others() -> None:
    """Adam's first step is lr long whatever the gradient, whenever it is taken."""
    number = torch.tensor([0.1], dtype=torch.float64)
    optimiser = Adam(number, torch.tensor([0.9], dtype=torch.float64), 0 * number, 0 * number)
    parameters = {name: torch.zeros(1, 3, dtype=torch.float64) for name in ("early", "late")}
    gradient = torch.tensor([[0.5, -2.0, 3.0]], dtype=torch.float64)
    for _ in range(50):
        optimiser.step(parameters, {"early": gradient})
    optimiser.step(parameters, {"late": gradient})
    torch.testing.assert_close(parameters["late"], -0.1 * gradient.sign(), rtol=1e-6, atol=0)
