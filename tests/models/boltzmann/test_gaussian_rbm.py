"""Energy, likelihood, noise and learning of a machine with real visible units."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from enumerated_machines import CHAINS, HIDDEN, VISIBLE, chi_square, drawn, machine, state_index
from made_cohorts import digits

from layerwise.models import create
from layerwise.models.boltzmann.gaussian_rbm import STEEPEST, GaussianRBM
from layerwise.models.boltzmann.likelihood import binary_states


def energy(made: GaussianRBM, v: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
    """Σ(v − b)²/2σ² − Σ (v/σ²) W h − cᵀh of the first trial, (N, M)."""
    p = {name: value[0] for name, value in made.parameters.items()}
    variance = p["log_variance"].exp()
    alone = ((v - p["visible_bias"]).square() / (2 * variance)).sum(1, keepdim=True)
    return alone - (v / variance) @ p["weight"] @ h.T - h @ p["hidden_bias"]


def real_states(rows: int, visible: int = VISIBLE) -> torch.Tensor:
    generator = torch.Generator().manual_seed(4)
    return torch.randn(rows, visible, generator=generator, dtype=torch.float64)


def hidden_marginal(made: GaussianRBM) -> torch.Tensor:
    """p(h) over all 2^H states: ∫ exp(−E) dv is a Gaussian integral, with the mean b + Wh."""
    p = {name: value[0] for name, value in made.parameters.items()}
    h, variance = binary_states(made.hidden), p["log_variance"].exp()
    mean = p["visible_bias"] + h @ p["weight"].T
    log_p = ((mean.square() - p["visible_bias"].square()) / (2 * variance)).sum(1)
    log_p = log_p + h @ p["hidden_bias"]
    return (log_p - log_p.logsumexp(0)).exp()


def test_free_energy_sums_the_hidden_states_out() -> None:
    made = machine(GaussianRBM)
    v = real_states(50)
    summed = -(-energy(made, v, binary_states(HIDDEN))).logsumexp(1)
    torch.testing.assert_close(made.free_energy(v[None])[0], summed, rtol=1e-12, atol=1e-12)


def test_conditionals_are_those_of_the_energy() -> None:
    made = machine(GaussianRBM)
    v, h = real_states(9), binary_states(HIDDEN)
    posterior = torch.softmax(-energy(made, v, h), dim=1)
    torch.testing.assert_close(made.encode(v[None])[0], posterior @ h, rtol=1e-11, atol=0)
    # The visible mean is where the energy is least.
    at = made.decode(h[None])[0].requires_grad_()
    slope = torch.autograd.grad(energy(made, at, h).diagonal().sum(), at)[0]
    torch.testing.assert_close(slope, torch.zeros_like(slope), rtol=0, atol=1e-12)


def test_the_density_integrates_to_one() -> None:
    made = machine(GaussianRBM, 2, hidden=3, scale=0.5)
    line = torch.linspace(-15, 15, 601, dtype=torch.float64)
    grid = torch.cartesian_prod(line, line)
    density = made.log_likelihood(grid[None])[0].exp().view(601, 601)
    total = torch.trapezoid(torch.trapezoid(density, line), line)
    assert total.item() == pytest.approx(1, abs=1e-8)


def test_sampled_visibles_have_the_models_variance() -> None:
    made = machine(GaussianRBM)
    v = torch.zeros(1, 100_000, VISIBLE, dtype=torch.float64)
    made.parameters["weight"].zero_()
    states, mean = made.sweep(v, made.hidden_input(v), made.draws(), "sweep")
    variance = made.parameters["log_variance"].exp()[0]
    torch.testing.assert_close((states - mean)[0].var(0), variance, rtol=0.02, atol=0)
    torch.testing.assert_close(mean[0, 0], made.parameters["visible_bias"][0])


def test_chains_that_start_at_the_model_stay_there() -> None:
    """Geweke's test: hidden states by χ², visible ones by their mixture's mean and covariance."""
    made = machine(GaussianRBM, scale=0.6)
    p, h = hidden_marginal(made), binary_states(HIDDEN)
    units = made.visible_side(h)
    v = units.sample(made.visible_input(h[drawn(p, CHAINS)][None]), made.draws(), "start")
    for step in range(5):
        v, _ = made.sweep(v, made.hidden_input(v), made.draws(1, step), "sweep")
    again = made.hidden_side.sample(made.hidden_input(v), made.draws(), "hidden")
    assert 0.75 < chi_square(state_index(again[0]), p) < 1.3
    means = made.decode(h[None])[0]
    mean = p @ means
    covariance = (means - mean).T @ (p[:, None] * (means - mean))
    covariance += made.parameters["log_variance"][0].exp().diag()
    spread = covariance.diagonal().sqrt()
    error = ((v[0].mean(0) - mean) / spread).abs().max().item()
    assert error < 4.5 / CHAINS**0.5
    scaled = (v[0].T.cov() - covariance) / torch.outer(spread, spread)
    assert scaled.abs().max().item() < 5 * 2**0.5 / CHAINS**0.5


def test_gradients_stay_finite_from_a_hundred_random_starts() -> None:
    """Weights and variances anywhere, standardised data, learned variance, three epochs."""
    x = digits()[:200]
    x = (x - x.mean(0)) / np.where(x.std(0) > 0, x.std(0), 1)
    data = torch.tensor(x)[None]
    made = machine(GaussianRBM, 64, trials=100, scale=0.0, hidden=16, variance="learned")
    made.meet(data)
    for name, parameter in made.parameters.items():
        start = made.draws().normal(f"start/{name}", *parameter.shape[1:])
        parameter += start * (2.0 if name == "log_variance" else 0.5)
    optimiser = made.make_optimiser()
    for step in range(30):
        rows = data[:, step * 20 % 200 :][:, :20]
        gradients, reported = made.gradients(rows, made.draws(1, step))
        assert all(bool(g.isfinite().all()) for g in gradients.values())
        assert reported["loss"].isfinite().all()
        assert gradients["log_variance"].abs().max() <= STEEPEST
        optimiser.step(made.parameters, gradients)
        made.constrain(made.draws(1, step))
    assert all(bool(p.isfinite().all()) for p in made.parameters.values())


@pytest.mark.parametrize("variance", ["fixed", "learned"])
@pytest.mark.parametrize("unit", [0.01, 300.0])
def test_it_learns_the_same_from_inputs_in_any_unit(variance: str, unit: float) -> None:
    x = digits()[:200]
    given = {"hidden": 8, "epochs": 3, "variance": variance, "dtype": "float64"}
    one = create("gaussian_rbm", **given).fit(x)
    other = create("gaussian_rbm", **given).fit(x * unit)
    np.testing.assert_allclose(other.encode(x * unit), one.encode(x), rtol=1e-8)
    first, second = one.weights(), other.weights()
    in_unit = first["log_variance"] + 2 * np.log(unit)
    np.testing.assert_allclose(second["log_variance"], in_unit, rtol=1e-8)
    np.testing.assert_allclose(second["weight"], first["weight"] * unit, rtol=1e-7, atol=1e-12)


def test_the_variance_left_to_the_noise_is_learned() -> None:
    """Two clusters at ±2 with noise 0.5: σ² falls from the data's 4.25 towards 0.25."""
    rng = np.random.default_rng(0)
    sign = rng.choice([-1.0, 1.0], (1000, 1))
    x = 2 * sign + 0.5 * rng.normal(size=(1000, 4))
    made = create("gaussian_rbm", hidden=1, epochs=150, learning_rate=0.03, variance="learned")
    fixed = create("gaussian_rbm", hidden=1, epochs=1, variance="fixed").fit(x)
    np.testing.assert_allclose(np.exp(fixed.weights()["log_variance"]), x.var(0), rtol=1e-5)
    found = np.exp(made.fit(x).weights()["log_variance"])
    assert (found < 0.5).all()
    assert (found > 0.15).all()


def test_an_input_that_is_constant_does_not_stop_it() -> None:
    x = np.hstack([digits()[:100], np.full((100, 2), 3.0)])
    made = create("gaussian_rbm", hidden=8, epochs=5, variance="learned").fit(x)
    np.testing.assert_allclose(made.reconstruct(x)[:, -2:], 3, atol=0.3)
