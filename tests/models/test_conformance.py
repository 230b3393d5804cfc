"""What every registered variant must do; a variant that registers is tested here with no more work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from made_cohorts import (
    CASES,
    HIDDEN,
    VISIBLE,
    Case,
    cohort,
    digits,
    made_samples,
    settings,
    trained,
)

from layerwise.models import HyperparameterError, InputError, create, load, names, registry
from layerwise.models.estimator import Estimator
from layerwise.models.network import Network
from layerwise.models.training import Epoch, Training

TRIALS = 24
every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_variant = pytest.mark.parametrize("name", names())


def mixed(case: Case) -> tuple[list[dict[str, object]], list[int], list[int]]:
    """24 trials with numbers, seeds and sources of their own."""
    rng = np.random.default_rng(11)
    trials = [settings(case, rng) for _ in range(TRIALS)]
    seeds = rng.integers(0, 4, TRIALS).tolist()
    return trials, seeds, rng.integers(0, 3, TRIALS).tolist()


def assert_same(
    one: tuple[Network, list[Epoch], int],
    other: tuple[Network, list[Epoch], int],
    rtol: float,
    ignore: tuple[str, ...] = (),
) -> None:
    """Every metric of every epoch, and the weights, of one trial in two trainings."""
    (network, epochs, trial), (network2, epochs2, trial2) = one, other
    assert len(epochs) == len(epochs2)
    for epoch, epoch2 in zip(epochs, epochs2, strict=True):
        assert epoch.metrics.keys() == epoch2.metrics.keys()
        for name, values in epoch.metrics.items():
            if not name.endswith(ignore or "-"):
                value = values[epoch.trials.index(trial)]
                value2 = epoch2.metrics[name][epoch2.trials.index(trial2)]
                where = f"{name} in epoch {epoch.number}"
                np.testing.assert_allclose(value, value2, rtol=rtol, atol=rtol / 100, err_msg=where)
    weights = network.weights(epochs[-1].trials.index(trial))
    weights2 = network2.weights(epochs2[-1].trials.index(trial2))
    for name, array in weights.items():
        np.testing.assert_allclose(array, weights2[name], rtol=rtol, atol=rtol / 10, err_msg=name)


@every_case
def test_a_trial_gives_the_same_numbers_fused_alone_and_shuffled(case: Case) -> None:
    trials, seeds, sources = mixed(case)
    network = cohort(case, trials, seeds)
    fused = trained(network, made_samples(sources), made_samples(sources))
    order = np.random.default_rng(3).permutation(TRIALS).tolist()
    elsewhere = cohort(case, [trials[i] for i in order], [seeds[i] for i in order])
    samples = made_samples([sources[i] for i in order])
    shuffled = trained(elsewhere, samples, samples)
    for trial in range(TRIALS):
        alone = cohort(case, [trials[trial]], [seeds[trial]])
        samples = made_samples([sources[trial]])
        epochs = trained(alone, samples, samples)
        assert_same((network, fused, trial), (alone, epochs, 0), 1e-10)
        assert_same((network, fused, trial), (elsewhere, shuffled, order.index(trial)), 1e-10)


@every_case
def test_trials_that_share_seed_and_source_give_the_same_numbers_alone(case: Case) -> None:
    trials, _, _ = mixed(case)
    network = cohort(case, trials, [2] * TRIALS)
    samples = made_samples([1] * TRIALS)
    fused = trained(network, samples, samples)
    for trial in (0, 7, TRIALS - 1):
        alone = cohort(case, [trials[trial]], [2])
        samples = made_samples([1])
        assert_same((network, fused, trial), (alone, trained(alone, samples, samples), 0), 1e-10)


@pytest.mark.parametrize("case", [case for case in CASES if not case.sampled], ids=str)
def test_single_precision_agrees_to_four_digits(case: Case) -> None:
    trials, seeds, sources = mixed(case)
    network = cohort(case, trials, seeds, torch.float32)
    samples = made_samples(sources, torch.float32)
    fused = trained(network, samples, samples)
    for trial in range(0, TRIALS, 5):
        alone = cohort(case, [trials[trial]], [seeds[trial]], torch.float32)
        samples = made_samples([sources[trial]], torch.float32)
        epochs = trained(alone, samples, samples)
        # A count of units above a threshold may jump by one unit where rounding differs.
        counts = ("active_units", "dead_units")
        assert_same((network, fused, trial), (alone, epochs, 0), 1e-4, ignore=counts)


@every_case
def test_a_trial_that_diverges_leaves_and_its_siblings_do_not_notice(case: Case) -> None:
    trials, seeds, sources = mixed(case)
    lost = 5
    kept = [i for i in range(TRIALS) if i != lost]
    network = cohort(case, trials, seeds)
    training = Training(network, made_samples(sources), made_samples(sources), 3)
    epochs = []
    for epoch in training:
        epochs.append(epoch)
        if epoch.number == 1:
            network.parameters["weight"][lost] = torch.nan
    steps_per_epoch = training.steps_per_epoch
    assert [epoch.diverged for epoch in epochs] == [{}, {}, {lost: steps_per_epoch}, {}]
    assert epochs[2].trials == epochs[3].trials == tuple(kept)
    assert all(np.isfinite(v).all() for epoch in epochs for v in epoch.metrics.values())

    without = cohort(case, [trials[i] for i in kept], [seeds[i] for i in kept])
    samples = made_samples([sources[i] for i in kept])
    expected = trained(without, samples, samples)
    for trial, index in zip(kept, range(TRIALS - 1), strict=True):
        assert_same((network, epochs, trial), (without, expected, index), 1e-10)


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@every_case
def test_a_gpu_gives_the_numbers_of_a_processor(case: Case) -> None:
    trials, seeds, sources = mixed(case)
    results = []
    for device in (torch.device("cpu"), torch.device("cuda")):
        network = cohort(case, trials, seeds, device=device)
        samples = made_samples(sources, device=device)
        results.append((network, trained(network, samples, samples)))
    (network, epochs), (network2, epochs2) = results
    for trial in range(TRIALS):
        assert_same((network, epochs, trial), (network2, epochs2, trial), 1e-8)


@every_case
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_shapes_and_types(case: Case, dtype: torch.dtype) -> None:
    network = cohort(case, [settings(case)] * 5, [0, 1, 2, 0, 1], dtype)
    x = made_samples([0], dtype).all()
    network.meet(x)
    code = network.encode(x)
    shape = (5, x.shape[1])
    assert code.shape == network.slope(code).shape == (*shape, HIDDEN)
    assert network.decode(code).shape == network.reconstruct(x).shape == (*shape, VISIBLE)
    assert network.score_samples(x).shape == shape
    gradients, reported = network.gradients(x, network.draws(1, 0))
    assert {n: g.shape for n, g in gradients.items()} == {
        n: p.shape for n, p in network.parameters.items()
    }
    measured = network.evaluate(x, x)
    assert {"loss", "reconstruction_error"} <= reported.keys()
    assert all(value.shape == (5,) for value in [*reported.values(), *measured.values()])
    everything = [code, *gradients.values(), *reported.values(), *measured.values()]
    assert all(tensor.dtype == dtype for tensor in everything)
    assert not any(parameter.requires_grad for parameter in network.parameters.values())


@every_case
def test_the_slope_is_the_derivative_of_the_code(case: Case) -> None:
    network = cohort(case, [settings(case)], [0])
    x = made_samples([0]).all()[:, :4]
    jacobian = torch.autograd.functional.jacobian(lambda v: network.encode(v[None])[0, 0], x[0, :1])
    expected = (
        network.slope(network.encode(x[:, :1]))[0, 0][:, None] * network.parameters["weight"][0].T
    )
    torch.testing.assert_close(jacobian[:, 0], expected, rtol=1e-10, atol=1e-14)


@every_case
def test_gradients_are_those_of_the_loss(case: Case) -> None:
    """Central differences of the loss at the same draws, for every single weight."""
    if case.sampled:
        pytest.skip("contrastive divergence descends no function; see test_bernoulli_rbm.py")
    rng = np.random.default_rng(2)
    network = cohort(case, [settings(case, rng) for _ in range(3)], [0, 1, 1])
    for parameter in network.parameters.values():
        parameter += 0.1 * torch.rand(parameter.shape, dtype=torch.float64)
    x = made_samples([0, 1, 2]).batch(torch.arange(8)[None])
    found, _ = network.gradients(x, network.draws(1, 0))

    def loss() -> torch.Tensor:
        return network.loss(x, network.draws(1, 0))[0]  # type: ignore[attr-defined]

    step = 1e-5
    for name, parameter in network.parameters.items():
        numeric = torch.empty_like(parameter)
        for index in np.ndindex(*parameter.shape[1:]):
            entry = (slice(None), *index)
            before = parameter[entry].clone()
            parameter[entry] = before + step
            above = loss()
            parameter[entry] = before - step
            numeric[entry] = (above - loss()) / (2 * step)
            parameter[entry] = before
        torch.testing.assert_close(found[name], numeric, rtol=1e-6, atol=1e-8)


@every_case
def test_a_seed_decides_everything(case: Case) -> None:
    def weights(seed: int) -> dict[str, np.ndarray]:
        network = cohort(case, [settings(case)], [seed], torch.float32)
        samples = made_samples([0], torch.float32)
        trained(network, samples, samples)
        return network.weights()

    first, again, other = weights(1), weights(1), weights(2)
    for name, array in first.items():
        np.testing.assert_array_equal(array, again[name])
        assert not np.array_equal(array, other[name])


@every_variant
def test_the_loss_falls_on_digits(name: str) -> None:
    network = create(name, epochs=15).fit(digits()[:600])
    error = network.history_["train/reconstruction_error"]
    assert len(error) == 15
    assert error[-1] < 0.75 * error[0]
    assert network.encode(digits()[:3]).shape == (3, network.hidden_)


@every_case
def test_a_saved_network_comes_back_bit_for_bit(case: Case, tmp_path: Path) -> None:
    x = made_samples([0]).all()[0].numpy()
    network = create(case.model, **registry.nest({**case.structure, "hidden": 5, "epochs": 1}))
    network.fit(x).save(tmp_path)
    again = load(tmp_path)
    assert isinstance(again, Estimator)
    assert again.settings == network.settings
    for method in ("encode", "reconstruct", "score_samples"):
        np.testing.assert_array_equal(getattr(again, method)(x), getattr(network, method)(x))
    assert again.weights().keys() == network.weights().keys()


@every_case
def test_the_configuration_makes_the_same_estimator(case: Case) -> None:
    network = create(case.model, VISIBLE, seed=3, **registry.nest(case.structure))
    twin = Estimator(**network.get_params())
    restored = Estimator.restored(network.configuration(), network.weights())
    for other in (twin, restored):
        assert other.get_params() == network.get_params()
        for name, array in network.weights().items():
            np.testing.assert_array_equal(other.weights()[name], array)


@every_variant
def test_what_it_cannot_take_is_refused(name: str) -> None:
    network = create(name, visible=4, epochs=1)
    good = np.full((6, 4), 0.5)
    holed = good.copy()
    holed[2, 1] = np.nan
    for bad, message in [
        (holed, "Row 2, column 1"),
        (np.full((6, 4), np.inf), "finite"),
        (np.full((6, 3), 0.5), "needs 4 columns, but got 3"),
        (np.full(4, 0.5), "needs a matrix"),
        (np.empty((0, 4)), "needs a matrix"),
        (np.full((6, 4), "a"), "real numbers"),
        (np.full((6, 4), 1j), "real numbers"),
        ([[0.5, 0.5], [0.5]], "needs a matrix"),
    ]:
        for method in (network.fit, network.encode, network.reconstruct, network.score_samples):
            with pytest.raises(InputError, match=message):
                method(bad)
    with pytest.raises(InputError, match="must be fitted"):
        create(name).encode(good)


@every_variant
def test_the_registry_says_what_it_is(name: str) -> None:
    variant = registry.lookup(name)
    documentation = variant.__doc__ or ""
    assert variant.equation
    assert str(variant.year) in variant.paper
    assert "=" in documentation, "the docstring gives the equation"
    for path, hyperparameter in variant.hyperparameters.items():
        assert hyperparameter.path == path
        assert hyperparameter.meaning
        assert hyperparameter.check(hyperparameter.default) == hyperparameter.default
        if hyperparameter.kind in ("real", "integer"):
            assert hyperparameter.unit
            assert hyperparameter.low is not None or hyperparameter.high is not None
        if hyperparameter.kind == "choice":
            assert hyperparameter.default in hyperparameter.choices


@every_variant
def test_a_misspelt_hyperparameter_is_told_apart(name: str) -> None:
    with pytest.raises(HyperparameterError, match=r"Did you mean learning_rate\?"):
        create(name, learning_rte=0.1)
    with pytest.raises(HyperparameterError, match="hidden"):
        create(name, hidden=0)
