"""The machine's energy, its conditionals, its other hidden units, and the doubling rule."""

from __future__ import annotations

import pytest
import torch
from enumerated_machines import HIDDEN, VISIBLE, binary_joint, machine, made_states

from layerwise.models import HyperparameterError, InputError, create
from layerwise.models.boltzmann.bernoulli_rbm import BernoulliRBM
from layerwise.models.boltzmann.likelihood import binary_states, exact_log_partition


def energy(made: BernoulliRBM, v: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    """−vᵀWh − bᵀv − cᵀh of the first trial for states (N, V) and (M, H), (N, M)."""
    p = {name: value[0] for name, value in made.parameters.items()}
    return -(v @ p["weight"] @ h.T) - (v @ p["visible_bias"])[:, None] - h @ p["hidden_bias"]


def test_conditionals_are_those_of_the_joint_distribution() -> None:
    made = machine(BernoulliRBM)
    p, v, h = binary_joint(made), binary_states(VISIBLE), binary_states(HIDDEN)
    hidden_given_visible = p @ h / p.sum(1, keepdim=True)
    visible_given_hidden = p.T @ v / p.sum(0)[:, None]
    torch.testing.assert_close(made.encode(v[None])[0], hidden_given_visible, rtol=1e-12, atol=0)
    torch.testing.assert_close(made.decode(h[None])[0], visible_given_hidden, rtol=1e-12, atol=0)


def test_free_energy_sums_the_hidden_states_out() -> None:
    made = machine(BernoulliRBM)
    v = binary_states(VISIBLE)
    summed = -(-energy(made, v, binary_states(HIDDEN))).logsumexp(1)
    torch.testing.assert_close(made.free_energy(v[None])[0], summed, rtol=1e-12, atol=1e-12)


def test_free_energy_is_exact_for_inputs_far_from_zero() -> None:
    """Hidden inputs of 30: torch's own softplus would be wrong in the tenth digit."""
    made = machine(BernoulliRBM, scale=0.0)
    made.parameters["hidden_bias"].fill_(30.0)
    v = binary_states(VISIBLE)[:1]
    summed = -(-energy(made, v, binary_states(HIDDEN))).logsumexp(1)
    torch.testing.assert_close(made.free_energy(v[None])[0], summed, rtol=1e-14, atol=0)


def test_the_partition_function_is_the_sum_over_either_side_and_over_both() -> None:
    made = machine(BernoulliRBM)
    v, h = binary_states(VISIBLE), binary_states(HIDDEN)
    jointly = (-energy(made, v, h)).logsumexp((0, 1))
    by_visibles = (-made.free_energy(v[None])[0]).logsumexp(0)
    for found in (by_visibles, exact_log_partition(made.machine())[0]):
        torch.testing.assert_close(found, jointly, rtol=0, atol=1e-10)


def test_a_gaussian_code_is_integrated_out() -> None:
    made = machine(BernoulliRBM, hidden=2, hidden_units="gaussian")
    v = made_states(5)
    h = torch.linspace(-30, 30, 60_001, dtype=torch.float64)
    a = made.hidden_input(v[None])[0]
    integrals = torch.trapezoid(torch.exp(a[..., None] * h - h.square() / 2), h).log().sum(-1)
    expected = -(v @ made.parameters["visible_bias"][0]) - integrals
    torch.testing.assert_close(made.free_energy(v[None])[0], expected, rtol=1e-10, atol=0)
    torch.testing.assert_close(made.encode(v[None])[0], a)


def test_a_gaussian_code_is_learned() -> None:
    """A linear code of one unit finds the one direction along which these inputs vary."""
    x = torch.cat([made_states(1).repeat(200, 1), 1 - made_states(1).repeat(200, 1)]).numpy()
    made = create(
        "bernoulli_rbm", hidden=1, hidden_units="gaussian", learning_rate=0.01, epochs=60
    ).fit(x)
    code = made.encode(x)[:, 0]
    assert abs(code[:200].mean() - code[200:].mean()) > 2
    assert ((made.reconstruct(x) > 0.5) == x).all()


@pytest.mark.parametrize(("doubling", "up", "down"), [("up", 2, 1), ("down", 1, 2), ("both", 2, 2)])
def test_a_doubled_machine_is_one_with_tied_copies(doubling: str, up: int, down: int) -> None:
    """Its free energy and conditionals are those of the machine with each copy written out."""
    made = machine(BernoulliRBM, 3, hidden=2, doubling=doubling)
    p = made.parameters
    whole = BernoulliRBM(
        3 * up, [{**made.settings[0], "hidden": 2 * down, "doubling": "none"}], [0], torch.float64
    )
    whole.parameters = {
        "weight": p["weight"].repeat(1, up, down),
        "visible_bias": p["visible_bias"].repeat(1, up),
        "hidden_bias": p["hidden_bias"].repeat(1, down),
    }
    states = binary_states(3 * up)[None]
    averages = states.view(1, -1, up, 3).mean(2)
    torch.testing.assert_close(made.free_energy(averages), whole.free_energy(states))
    torch.testing.assert_close(made.encode(averages), whole.encode(states)[..., :2])
    hidden = binary_states(2 * down)[None]
    averages = hidden.view(1, -1, down, 2).mean(2)
    torch.testing.assert_close(made.decode(averages), whole.decode(hidden)[..., :3])


def test_doubling_doubles_what_comes_from_one_side() -> None:
    """Salakhutdinov & Hinton 2009, equations for the first, the last, and the middle layers."""
    v, h = made_states(5)[None], made_states(5, HIDDEN)[None]
    for doubling, up, down in (("up", 2, 1), ("down", 1, 2), ("both", 2, 2), ("none", 1, 1)):
        made = machine(BernoulliRBM, doubling=doubling)
        p = made.parameters
        bottom_up = torch.sigmoid(p["hidden_bias"][:, None] + up * (v @ p["weight"]))
        top_down = torch.sigmoid(p["visible_bias"][:, None] + down * (h @ p["weight"].mT))
        torch.testing.assert_close(made.encode(v), bottom_up)
        torch.testing.assert_close(made.decode(h), top_down)


def test_a_doubled_machine_has_no_likelihood() -> None:
    with pytest.raises(InputError, match="deep_boltzmann_machine"):
        machine(BernoulliRBM, doubling="up").log_likelihood(made_states(2)[None])


def test_what_does_not_go_together_is_refused() -> None:
    with pytest.raises(HyperparameterError, match="doubling: must be none"):
        create("bernoulli_rbm", doubling="up", hidden_units="gaussian")
    with pytest.raises(HyperparameterError, match="temperatures: must be 1"):
        create("bernoulli_rbm", doubling="up", persistent=True, temperatures=3)


def test_visible_biases_start_at_the_log_odds_of_the_data() -> None:
    made = machine(BernoulliRBM)
    x = torch.tensor([[1.0, 0, 0, 0, 1, 1, 0, 1], [1, 1, 0, 0, 0, 1, 0, 0]], dtype=torch.float64)
    made.meet(x[None])
    odds = x.mean(0).clamp(0.01, 0.99)
    torch.testing.assert_close(made.parameters["visible_bias"][0], (odds / (1 - odds)).log())


def test_inputs_that_are_no_probabilities_are_refused() -> None:
    with pytest.raises(InputError, match="needs inputs from 0 to 1"):
        create("bernoulli_rbm").fit([[0.0, 1.5]])
