"""The front a person uses: arguments, refusals, and scikit-learn's habits."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler
from sklearn.utils.estimator_checks import check_estimator

from layerwise.models import (
    Estimator,
    HyperparameterError,
    InputError,
    TrialDiverged,
    UnknownModelError,
    create,
    names,
)

PROBABILITIES = (
    "bernoulli_rbm", "rectified_rbm", "deep_belief_network", "deep_boltzmann_machine",
    "multimodal_boltzmann_machine",
)  # fmt: skip
OTHER_MATRICES = ("replicated_softmax", "convolutional_autoencoder", *PROBABILITIES)
# What scikit-learn's own list of exceptions says of any pipeline, and a habit that is not offered.
OF_PIPELINES = {
    "check_estimators_overwrite_params": "a pipeline fits the very steps it was given",
    "check_dont_overwrite_parameters": "a pipeline fits the very steps it was given",
    "check_transformer_preserve_dtypes": "set_output is not offered",
}
X = np.random.default_rng(0).random((40, 6))


def test_visible_is_read_from_the_data() -> None:
    network = create("autoencoder", hidden=3, epochs=1)
    with pytest.raises(InputError, match="must be fitted"):
        network.weights()
    assert network.fit_transform(X).shape == (40, 3)
    assert (network.visible_, network.hidden_) == (6, 3)
    assert network.visible is None


def test_outputs_are_numpy_of_the_asked_precision() -> None:
    for dtype in ("float32", "float64"):
        network = create("autoencoder", hidden=3, epochs=1, dtype=dtype).fit(X)
        assert network.encode(X).dtype == network.weights()["weight"].dtype == dtype
        np.testing.assert_allclose(network.decode(network.encode(X)), network.reconstruct(X))
        np.testing.assert_array_equal(network.transform(X), network.encode(X))


def test_the_callers_array_is_neither_changed_nor_needed_writable() -> None:
    x = X.astype(np.float32)
    before = x.copy()
    x.flags.writeable = False
    create("autoencoder", hidden=3, epochs=1).fit(x).encode(x)
    np.testing.assert_array_equal(x, before)


def test_fitting_again_starts_from_the_start() -> None:
    network = create("autoencoder", hidden=3, epochs=2)
    first = network.fit(X).weights()["weight"]
    np.testing.assert_array_equal(network.fit(X).weights()["weight"], first)
    assert len(network.history_["train/loss"]) == 2


def test_samples_follow_their_seed() -> None:
    machine = create("bernoulli_rbm", visible=6, hidden=4, seed=3)
    machine.set_weights({name: array + 0.5 for name, array in machine.weights().items()})
    samples = machine.sample(5, steps=10)
    assert samples.shape == (5, 6)
    assert ((samples > 0) & (samples < 1)).all()
    np.testing.assert_array_equal(samples, machine.sample(5, steps=10, seed=3))
    assert not np.array_equal(samples, machine.sample(5, steps=10, seed=4))
    for wrong in ({"n": 0}, {"n": 1, "steps": 0}):
        with pytest.raises(InputError, match="at least one sample and one step"):
            machine.sample(**wrong)


def test_log_likelihoods_are_normalised() -> None:
    machine = create("bernoulli_rbm", visible=6, hidden=4, dtype="float64")
    states = (np.arange(64)[:, None] >> np.arange(6)) & 1
    assert np.exp(machine.log_likelihood(states)).sum() == pytest.approx(1)


def test_a_loss_that_leaves_the_finite_numbers_is_said_with_its_step() -> None:
    network = create("linear_autoencoder", optimiser="momentum", learning_rate=1e6, epochs=50)
    with pytest.raises(
        TrialDiverged, match=r"linear_autoencoder, step \d+: .*Lower the learning rate"
    ):
        network.fit(X)
    with pytest.raises(InputError, match="must be fitted"):
        network.encode(X)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(UnknownModelError, match=r"Did you mean autoencoder\?"):
        create("autoencodr")
    with pytest.raises(
        HyperparameterError, match="dtype: must be float32 or float64, but got 'int8'"
    ):
        create("autoencoder", dtype="int8")
    for visible in (0, "six"):
        with pytest.raises(HyperparameterError, match="visible: must be a whole number"):
            create("autoencoder", visible=visible)  # type: ignore[arg-type]
    with pytest.raises(HyperparameterError, match="corruption"):
        create("autoencoder", corruption=0.3)


def test_weights_set_before_fitting_make_the_network() -> None:
    made = create("autoencoder", visible=6, hidden=3)
    other = create("autoencoder", hidden=3).set_weights(made.weights())
    np.testing.assert_array_equal(other.encode(X), made.encode(X))
    for wrong in ({}, {"weight": np.zeros(3)}):
        with pytest.raises(InputError, match=r"set_weights\(weight\)"):
            create("autoencoder", hidden=3).set_weights(wrong)


def test_changed_parameters_leave_the_others() -> None:
    network = create("denoising_autoencoder", hidden=3, corruption={"kind": "gaussian"}, epochs=1)
    network.fit(X).set_params(corruption={"level": 0.5}, seed=2)
    assert network.settings["corruption.kind"] == "gaussian"
    assert network.settings["corruption.level"] == 0.5
    assert (network.seed, network.settings["hidden"]) == (2, 3)
    with pytest.raises(InputError, match="must be fitted"):
        network.encode(X)


PLAIN = [name for name in names() if name not in OTHER_MATRICES]


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.filterwarnings("ignore:Estimator Estimator does not inherit")
def test_scikit_learns_own_checks_pass(name: str) -> None:
    """In double precision: the checks ask for 1e-7 between a batch and its parts."""
    network = create(name, hidden=4, epochs=2, dtype="float64")
    results = check_estimator(network, on_fail="raise", on_skip=None)
    assert len(results) > 40


@pytest.mark.parametrize("name", PROBABILITIES)
def test_they_pass_behind_a_scaler_where_inputs_must_be_probabilities(name: str) -> None:
    network = create(name, hidden=4, epochs=2, dtype="float64")
    pipeline = make_pipeline(MinMaxScaler(clip=True), network)
    results = check_estimator(
        pipeline, on_fail="raise", on_skip=None, expected_failed_checks=OF_PIPELINES
    )
    assert len(results) > 40


def test_scikit_learn_can_clone_and_chain_it() -> None:
    network = create("autoencoder", hidden=3, epochs=1, corruption={"level": 0.1}).fit(X)
    twin = clone(network)
    assert isinstance(twin, Estimator)
    assert twin.get_params() == network.get_params()
    assert twin.network_ is None
    codes = make_pipeline(clone(network), create("autoencoder", hidden=2, epochs=1)).fit_transform(
        X
    )
    assert codes.shape == (40, 2)


def test_its_text_makes_it_again() -> None:
    network = create("autoencoder", visible=6, hidden=3, corruption={"level": 0.1})
    again = eval(repr(network), {"create": create})
    assert again.get_params() == network.get_params()
