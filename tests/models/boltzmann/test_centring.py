"""The centred gradient against a machine that is written with its offsets, and its invariance."""

from __future__ import annotations

import torch
from enumerated_machines import HIDDEN, VISIBLE, machine, made_states

from layerwise.models.boltzmann.bernoulli_rbm import BernoulliRBM
from layerwise.models.boltzmann.centring import centred
from layerwise.models.boltzmann.restricted_boltzmann_machine import Phase

Parameters = dict[str, torch.Tensor]


def phase(made: BernoulliRBM, v: torch.Tensor) -> Phase:
    input = made.hidden_input(v[None])
    return Phase(v[None], input, torch.sigmoid(input))


def gap(data: Phase, chain: Phase, mu: torch.Tensor, lam: torch.Tensor) -> torch.Tensor:
    """⟨(v − μ)(h − λ)ᵀ⟩ of the chain minus that of the data."""
    one, other = (
        (p.v_TBV[0] - mu).T @ (p.mean_TBH[0] - lam) / p.v_TBV.shape[1] for p in (chain, data)
    )
    return one - other


def offsets(made: BernoulliRBM) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return (
        torch.rand(VISIBLE, generator=generator, dtype=torch.float64),
        torch.rand(HIDDEN, generator=generator, dtype=torch.float64),
    )


def test_a_step_is_that_of_the_machine_with_offsets() -> None:
    """E = −(v − μ)ᵀW(h − λ) − b̃ᵀ(v − μ) − c̃ᵀ(h − λ): b = b̃ − Wλ, c = c̃ − Wᵀμ, before and after."""
    made, rate = machine(BernoulliRBM), 0.1
    mu, lam = offsets(made)
    data, chain = phase(made, made_states(20)), phase(made, made_states(31).flip(0))
    weight, b, c = (made.parameters[n][0] for n in ("weight", "visible_bias", "hidden_bias"))
    inner_b, inner_c = b + weight @ lam, c + weight.T @ mu
    stepped = weight - rate * gap(data, chain, mu, lam)
    inner_b = inner_b - rate * (chain.v_TBV[0].mean(0) - data.v_TBV[0].mean(0))
    inner_c = inner_c - rate * (chain.mean_TBH[0].mean(0) - data.mean_TBH[0].mean(0))
    expected = {
        "weight": stepped,
        "visible_bias": inner_b - stepped @ lam,
        "hidden_bias": inner_c - stepped.T @ mu,
    }
    found = centred(made.contrast(data, chain), mu[None], mu[None], lam[None])
    for name, value in expected.items():
        step = made.parameters[name][0] - rate * found[name][0]
        torch.testing.assert_close(step, value, rtol=1e-12, atol=1e-13)


def test_without_offsets_it_is_the_gradient_itself() -> None:
    made = machine(BernoulliRBM)
    data, chain = phase(made, made_states(20)), phase(made, made_states(31).flip(0))
    plain = made.contrast(data, chain)
    zeros = torch.zeros(1, VISIBLE, dtype=torch.float64)
    found = centred(plain, zeros, zeros, zeros[:, :HIDDEN])
    for name, value in plain.items():
        assert torch.equal(found[name], value)


def turned_over(parameters: Parameters) -> Parameters:
    """The machine that says of 1 − v what this one says of v."""
    weight = parameters["weight"]
    return {
        "weight": -weight,
        "visible_bias": -parameters["visible_bias"],
        "hidden_bias": parameters["hidden_bias"] + weight.sum(1),
    }


def test_an_image_and_its_negative_are_learned_alike() -> None:
    """Melchior, Fischer & Wiskott 2016, section 3: centring makes the gradient flip-invariant."""
    made, rate = machine(BernoulliRBM), 0.1
    mu, lam = offsets(made)
    x, dreamt = made_states(20), made_states(31).flip(0)
    negative = machine(BernoulliRBM)
    negative.parameters = turned_over(made.parameters)

    def stepped(of: BernoulliRBM, v: torch.Tensor, w: torch.Tensor, mu: torch.Tensor) -> Parameters:
        gradients = of.contrast(phase(of, v), phase(of, w))
        gradients = centred(gradients, mu[None], mu[None], lam[None])
        return {name: of.parameters[name] - rate * g for name, g in gradients.items()}

    expected = turned_over(stepped(made, x, dreamt, mu))
    found = stepped(negative, 1 - x, 1 - dreamt, 1 - mu)
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-12, atol=1e-13)
    uncentred = stepped(negative, 1 - x, 1 - dreamt, 0 * mu)
    assert not torch.allclose(uncentred["weight"], expected["weight"], atol=1e-3)


def test_offsets_follow_the_data_or_the_average_with_the_chain() -> None:
    old, data, chain = (torch.full((1, 2), value) for value in (0.5, 1.0, 0.2))
    for kind, expected in (("data", 0.55), ("average", 0.51)):
        made = machine(BernoulliRBM, **{"centring.kind": kind, "centring.rate": 0.1})
        moved = made.centring.moved(old.double(), data.double(), chain.double())
        torch.testing.assert_close(moved, torch.full((1, 2), expected, dtype=torch.float64))


def test_training_keeps_running_means_of_both_sides() -> None:
    made = machine(BernoulliRBM, **{"centring.kind": "data", "centring.rate": 1.0})
    x = made_states(20)[None]
    made.meet(x)
    torch.testing.assert_close(made.state["visible_offset"], x.mean(1))
    made.gradients(x[:, :5], made.draws(1, 0))
    torch.testing.assert_close(made.state["visible_offset"], x[:, :5].mean(1))
    torch.testing.assert_close(made.state["hidden_offset"], made.encode(x[:, :5]).mean(1))
