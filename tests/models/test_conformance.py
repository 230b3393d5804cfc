"""What every registered variant must do; one that registers is tested here with no more work."""

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
    digits_for,
    settings,
    trained,
)

from layerwise.models import HyperparameterError, InputError, create, load, names, registry
from layerwise.models.estimator import Estimator

every_case = pytest.mark.parametrize("case", CASES, ids=str)
every_variant = pytest.mark.parametrize("name", names())


@every_case
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
def test_shapes_and_types(case: Case, dtype: torch.dtype) -> None:
    network = cohort(case, [settings(case)] * 5, [0, 1, 2, 0, 1], dtype)
    x = case.samples([0], dtype).all()
    network.meet(x)
    code = network.encode(x)
    shape = (5, x.shape[1])
    assert code.shape == (*shape, HIDDEN)
    assert network.jacobian_norm(x, code).shape == shape
    assert network.decode(code).shape == network.reconstruct(x).shape == (*shape, VISIBLE)
    assert network.score_samples(x).shape == shape
    gradients, reported = network.gradients(x, network.draws(1, 0))
    assert "weight" in gradients or any(name.endswith(".weight") for name in gradients)
    for name, gradient in gradients.items():
        assert gradient.shape == network.parameters[name].shape
    measured = network.evaluate(x, x)
    assert {"loss", "reconstruction_error"} <= reported.keys()
    assert all(value.shape == (5,) for value in [*reported.values(), *measured.values()])
    everything = [code, *gradients.values(), *reported.values(), *measured.values()]
    assert all(tensor.dtype == dtype for tensor in everything)
    assert not any(parameter.requires_grad for parameter in network.parameters.values())


@every_case
def test_the_jacobian_is_the_derivative_of_the_code(case: Case) -> None:
    network = cohort(case, [settings(case)] * 2, [0, 1])
    x = case.samples([0]).all()[:, :4]
    network.meet(x)
    found = network.jacobian(x)
    norm = network.jacobian_norm(x, network.encode(x))
    for row in range(4):

        def code(v: torch.Tensor) -> torch.Tensor:
            return network.encode(v[None])[:, 0]

        expected = torch.autograd.functional.jacobian(code, x[0, row : row + 1])[:, :, 0]
        torch.testing.assert_close(found[:, row], expected, rtol=1e-10, atol=1e-14)
        expected_norm = expected.square().sum((1, 2)).sqrt()
        torch.testing.assert_close(norm[:, row], expected_norm, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("case", [c for c in CASES if hasattr(c.variant, "loss")], ids=str)
def test_gradients_are_those_of_the_loss(case: Case) -> None:
    """Central differences of the loss at the same draws, for every single weight.

    For every variant that descends a function, its ``loss``. Contrastive divergence descends
    none: test_bernoulli_rbm.py has it by enumeration. A variant names parameters as ``surrogates``
    whose gradient its paper puts in the place of the derivative, and its own test has them.
    """
    rng = np.random.default_rng(2)
    network = cohort(case, [settings(case, rng) for _ in range(3)], [0, 1, 1])
    for parameter in network.parameters.values():
        parameter += 0.1 * torch.rand(parameter.shape, dtype=torch.float64)
    x = case.samples([0, 1, 2]).batch(torch.arange(8)[None])
    found, _ = network.gradients(x, network.draws(1, 0))

    def loss() -> torch.Tensor:
        of_all: torch.Tensor = network.loss(x, network.draws(1, 0))[0]  # type: ignore[attr-defined]
        return of_all

    step = 1e-5
    surrogates = getattr(case.variant, "surrogates", frozenset())
    assert surrogates < network.parameters.keys()
    for name, parameter in network.parameters.items():
        if name in surrogates:
            continue
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
    def weights(seed: int) -> tuple[dict[str, np.ndarray], set[str]]:
        network = cohort(case, [settings(case)], [seed], torch.float32)
        samples = case.samples([0], torch.float32)
        trained(network, samples, samples)
        learned, _ = network.gradients(samples.all(), network.draws(1, 0))
        return network.weights(), network.parameters.keys() - learned.keys()

    (first, fixed), (again, _), (other, _) = weights(1), weights(1), weights(2)
    for name, array in first.items():
        np.testing.assert_array_equal(array, again[name])
        # What the data alone decides, such as a fixed variance, is the same for every seed.
        assert name in fixed or not np.array_equal(array, other[name])


@every_variant
def test_the_loss_falls_on_digits(name: str) -> None:
    x = digits_for(name)[:600]
    network = create(name, epochs=15).fit(x)
    error = network.history_["train/reconstruction_error"]
    assert len(error) == 15
    assert error[-1] < 0.75 * error[0]
    assert network.encode(x[:3]).shape == (3, network.hidden_)


@every_case
def test_a_saved_network_comes_back_bit_for_bit(case: Case, tmp_path: Path) -> None:
    x = case.samples([0]).all()[0].numpy()
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
