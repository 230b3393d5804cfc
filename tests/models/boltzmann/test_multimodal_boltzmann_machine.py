"""Two modalities that meet in one layer: what each sees, and what one tells of the other."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest
import torch
from deep_machines import SETTLED, VISIBLE, deep, states_of
from enumerated_machines import CHAINS, chi_square, drawn, made_states, state_index
from torch import Tensor

from layerwise.models import HyperparameterError, InputError, create
from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.boltzmann.multimodal_boltzmann_machine import MultimodalBoltzmannMachine
from layerwise.models.estimator import Estimator
from layerwise.models.registry import resolve

FIRST = 2


def machine(layers: tuple[int, ...] = (3,), **given: object) -> MultimodalBoltzmannMachine:
    return deep(
        MultimodalBoltzmannMachine, layers, **{"first_visible": FIRST, "hidden": 2, **given}
    )


def log_likelihood(made: MultimodalBoltzmannMachine, v: Tensor) -> Tensor:
    """log p(v) of rows (N, V) up to the partition function, by summing over all hidden states."""
    structure = made.structure
    hidden = tuple(range(2, len(structure.layers)))
    h = states_of(structure, hidden)
    count = prod(2 ** structure[i].width for i in hidden)
    rows = v.repeat_interleave(count, 0)[None]
    states = made.clamp(rows) | {i: state.repeat(1, len(v), 1) for i, state in h.items()}
    energy = structure.energy(made.parameters, states)
    return (-energy).view(-1, len(v), count).logsumexp(-1)


def test_the_modalities_have_pathways_and_one_layer_in_common() -> None:
    made = machine((3, 2))
    shapes = {name: tuple(value.shape[1:]) for name, value in made.parameters.items()}
    assert shapes == {
        "first.1.weight": (2, 3), "second.1.weight": (4, 3),
        "first.2.weight": (3, 2), "second.2.weight": (3, 2),
        "first.3.weight": (2, 2), "second.3.weight": (2, 2),
        "first.visible_bias": (2,), "second.visible_bias": (4,),
        "first.1.hidden_bias": (3,), "second.1.hidden_bias": (3,),
        "first.2.hidden_bias": (2,), "second.2.hidden_bias": (2,),
        "3.hidden_bias": (2,),
    }  # fmt: skip


def test_the_energy_is_its_definition() -> None:
    made = machine()
    p = {name: value[0] for name, value in made.parameters.items()}
    s = states_of(made.structure, (0, 1, 2, 3, 4))
    v1, v2, h1, h2, h = (s[i][0] for i in range(5))
    expected = -(
        ((v1 @ p["first.1.weight"]) * h1).sum(1) + ((h1 @ p["first.2.weight"]) * h).sum(1)
        + ((v2 @ p["second.1.weight"]) * h2).sum(1) + ((h2 @ p["second.2.weight"]) * h).sum(1)
        + v1 @ p["first.visible_bias"] + v2 @ p["second.visible_bias"]
        + h1 @ p["first.1.hidden_bias"] + h2 @ p["second.1.hidden_bias"] + h @ p["2.hidden_bias"]
    )  # fmt: skip
    torch.testing.assert_close(made.structure.energy(made.parameters, s)[0], expected)


@pytest.mark.parametrize("layers", [(3,), (3, 2)])
def test_the_bound_lies_below_the_likelihood(layers: tuple[int, ...]) -> None:
    made = machine(layers, trials=2, **SETTLED)
    v = binary_states(VISIBLE)
    exact = log_likelihood(made, v)
    exact = exact - exact.logsumexp(1, keepdim=True)
    bound = made.log_likelihood_bound(v[None])
    assert (bound <= exact + 1e-10).all()
    assert (exact - bound).mean() < 0.5


def test_the_density_of_real_inputs_integrates_to_one() -> None:
    """Two Gaussian units on a grid, four binary ones summed over."""
    made = machine(first_units="gaussian", scale=0.5, **SETTLED)
    grid = torch.arange(-7, 7, 0.25, dtype=torch.float64)
    first = torch.cartesian_prod(grid, grid)
    log_z = made.partition().log_z_T
    total, worst = torch.zeros(()).double(), torch.inf
    for second in binary_states(4):
        v = torch.cat([first, second.expand(len(first), -1)], 1)
        log_p = log_likelihood(made, v)[0] - log_z
        total = total + (log_p.exp() * 0.25**2).sum()
        gap = log_p - made.log_likelihood_bound(v[None])[0]
        worst = min(worst, gap.min().item())
    torch.testing.assert_close(total.item(), 1.0, rtol=0, atol=1e-6)
    assert -1e-10 < worst < 0.1


def test_sweeps_leave_the_distribution_as_it_is() -> None:
    made = machine(gibbs_steps=3)
    p = made.machine().log_unnormalised(binary_states(8)[None])[0].softmax(0)
    start = binary_states(8)[drawn(p, CHAINS)]
    after = made.gibbs(start[None], made.draws(1, 0))[0]
    assert 0.75 < chi_square(state_index(after), p) < 1.3


@pytest.mark.parametrize("known", ["first", "second"])
def test_a_missing_modality_follows_its_conditional_distribution(known: str) -> None:
    made = machine()
    log_p = log_likelihood(made, binary_states(VISIBLE))[0]
    x = binary_states(VISIBLE)[27]
    given = slice(0, FIRST) if known == "first" else slice(FIRST, None)
    rest = slice(FIRST, None) if known == "first" else slice(0, FIRST)
    fits = (binary_states(VISIBLE)[:, given] == x[given]).all(1)
    weight = torch.where(fits, log_p, -torch.inf).softmax(0)
    expected = weight @ binary_states(VISIBLE)[:, rest]
    found = made.complete(x.expand(1, 20_000, -1), known, steps=40)
    assert torch.equal(found[0, :, given], x[given].expand(20_000, -1))
    torch.testing.assert_close(
        found[0, :, rest].mean(0), expected, rtol=0, atol=5 * 0.5 / 20_000**0.5
    )


def test_what_stands_in_the_missing_place_is_not_read() -> None:
    made = machine(trials=2)
    x, y = made_states(9, VISIBLE)[None], made_states(9, VISIBLE)[None].clone()
    y[..., FIRST:] = 0.5
    found = made.complete(x, "first", 7)
    assert torch.equal(found, made.complete(y, "first", 7))
    assert not torch.equal(found, made.complete(y, "first", 8))
    with pytest.raises(InputError, match="knows first or second, but got 'third'"):
        made.complete(x, "third")


def test_a_longer_chain_tells_what_is_expected_not_one_thing_that_may_be() -> None:
    made = machine()
    x = made_states(1, VISIBLE)[None].expand(1, 500, -1)
    single, averaged = (made.complete(x, "first", steps)[0, :, FIRST:] for steps in (1, 200))
    # Half of 200 steps, if they were independent, would leave a hundredth of the variance.
    assert (averaged.var(0) < 0.1 * single.var(0)).all()


def test_real_visible_units_are_sampled_with_their_variance() -> None:
    made = machine(first_units="gaussian", scale=0.4)
    start = made.independent(20_000, made.draws(), "test")
    torch.testing.assert_close(
        start[0].mean(1), made.parameters["first.visible_bias"], rtol=0, atol=0.04
    )
    torch.testing.assert_close(start[0].var(1), torch.ones(1, FIRST).double(), rtol=0, atol=0.05)
    made.state["particles"] = torch.cat([start[i] for i in (0, 1, 4)], -1)
    made.gibbs_steps = 30
    v = made.gibbs(made.state["particles"], made.draws(1, 0))[0, :, :FIRST]
    # Given all hidden states v₁ ~ N(b + Wh, 1), and the mixture over them is wider.
    assert (v.var(0) > 1).all()


def standardised(x: np.ndarray, **settings: object) -> Estimator:
    made = {"first_visible": FIRST, "first_units": "gaussian", "layers": (4,), "hidden": 3,
            "epochs": 0, "dtype": "float64", "standardised": True}  # fmt: skip
    return create("multimodal_boltzmann_machine", **{**made, **settings}).fit(x)


def real_and_binary(samples: int) -> np.ndarray:
    rng = np.random.default_rng(4)
    real = rng.normal(3, 5, (samples, FIRST))
    return np.concatenate([real, rng.random((samples, VISIBLE - FIRST)) < 0.4], 1)


def test_standardised_units_are_the_inputs_at_mean_0_and_variance_1() -> None:
    x = real_and_binary(200)
    z = x.copy()
    z[:, :FIRST] = (x[:, :FIRST] - x[:, :FIRST].mean(0)) / x[:, :FIRST].std(0)
    made, plain = standardised(x, epochs=3), standardised(z, epochs=3, standardised=False)
    for name, weight in plain.weights().items():
        np.testing.assert_allclose(made.weights()[name], weight, atol=1e-9)
    np.testing.assert_allclose(made.encode(x), plain.encode(z), atol=1e-9)
    deviation = np.where(np.arange(VISIBLE) < FIRST, x.std(0), 1)
    mean = np.where(np.arange(VISIBLE) < FIRST, x.mean(0), 0)
    np.testing.assert_allclose(
        made.reconstruct(x), mean + deviation * plain.reconstruct(z), atol=1e-9
    )
    np.testing.assert_allclose(made.sample(5, 3), mean + deviation * plain.sample(5, 3), atol=1e-9)
    for known in ("first", "second"):
        found, expected = made.complete(x, known), plain.complete(z, known)
        np.testing.assert_allclose(found, mean + deviation * expected, atol=1e-9)
    np.testing.assert_array_equal(made.complete(x, "first")[:, :FIRST], x[:, :FIRST])
    # A density per unit of the input: in wider units there is less of it.
    volume = np.log(x[:, :FIRST].std(0)).sum()
    np.testing.assert_allclose(made.score_samples(x), plain.score_samples(z) - volume)


def test_only_real_units_are_standardised() -> None:
    with pytest.raises(HyperparameterError, match="needs real units for the first modality"):
        create("multimodal_boltzmann_machine", standardised=True)


def test_inputs_too_narrow_for_two_modalities_are_refused() -> None:
    cases: list[tuple[dict[str, int], int]] = [({}, 1), ({"first_visible": 4}, 4)]
    for given, visible in cases:
        settings = resolve(MultimodalBoltzmannMachine, given)
        with pytest.raises(InputError, match="needs inputs for two modalities"):
            MultimodalBoltzmannMachine(visible, [settings], [0])


def test_one_modality_completes_the_other_after_training() -> None:
    """Each modality shows the same one of four classes, by patterns of its own."""
    rng = np.random.default_rng(0)
    patterns = np.array(list(product((0.0, 1.0), repeat=2)))
    which = rng.integers(0, 4, 400)
    first = np.repeat(patterns[which], 4, axis=1)
    second = np.repeat(patterns[which][:, ::-1], 3, axis=1)
    x = np.concatenate([first, second], 1)
    flipped = np.where(rng.random(x.shape) < 0.05, 1 - x, x)
    trained = create(
        "multimodal_boltzmann_machine", hidden=8, layers=[8], first_visible=8, epochs=60,
        pretraining_epochs=20,
    ).fit(flipped)  # fmt: skip
    network = trained.network_
    assert isinstance(network, MultimodalBoltzmannMachine)
    for known, missing in [("first", slice(8, None)), ("second", slice(0, 8))]:
        found = network.complete(torch.tensor(x, dtype=torch.float32)[None], known)[0].numpy()
        right = (found[:, missing] > 0.5) == (x[:, missing] > 0.5)
        assert right.mean() > 0.9, known
