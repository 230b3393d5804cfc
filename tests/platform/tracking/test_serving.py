"""What MLflow calls when it loads a served network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from mlflow.exceptions import MlflowException

from layerwise.models import Estimator, Stack, create
from layerwise.models.inputs import Inputs
from layerwise.platform.tracking.serving import (
    PARAMETERS,
    TASKS,
    ServedNetwork,
    _load_pyfunc,
    tasks,
)

X = np.random.default_rng(0).random((20, 6)).astype(np.float32)


def made(model: str = "autoencoder", **hyperparameters: Any) -> Estimator:
    return create(model, visible=6, hidden=2, **hyperparameters)


def test_it_answers_as_the_network_does(tmp_path: Path) -> None:
    network = made(epochs=1).fit(X)
    network.save(tmp_path)
    served = _load_pyfunc(str(tmp_path))
    np.testing.assert_array_equal(served.predict(X.astype(float)), network.reconstruct(X))
    for task, answer in {
        "encode": network.encode(X),
        "anomaly_score": network.anomaly_score(X),
        "score": network.score(X),
    }.items():
        np.testing.assert_array_equal(served.predict(X.tolist(), {"task": task}), answer)
        np.testing.assert_array_equal(served.predict(pd.DataFrame(X), {"task": task}), answer)


def test_each_network_is_asked_what_it_has() -> None:
    common = ("reconstruct", "encode", "anomaly_score")
    assert tasks(made()) == (*common, "score")
    assert tasks(made("bernoulli_rbm")) == (*common, "free_energy", "sample")
    assert tasks(made("bimodal_autoencoder")) == (*common, "complete", "score")
    classifier = made("fine_tune", objective="classification", classes=2)
    assert set(tasks(classifier)) >= {*common, "predict", "class_probability"}
    stack = Stack([made(), create("bernoulli_rbm", visible=2, hidden=2)])
    assert tasks(stack) == (*common, "sample")
    assert {task for *_, readers in PARAMETERS.values() for task in readers} <= set(TASKS)


def test_a_machine_is_sampled_without_rows() -> None:
    machine = made("bernoulli_rbm", epochs=1).fit(X)
    served = ServedNetwork(machine)
    wanted = {"task": "sample", "n": 3, "steps": 5, "seed": 7}
    np.testing.assert_array_equal(served.predict(None, wanted), machine.sample(3, 5, 7))
    without = {"task": "sample", "n": 3, "steps": 5, "seed": None}
    np.testing.assert_array_equal(served.predict([], without), machine.sample(3, 5))


def test_a_modality_is_completed_from_the_one_that_is_known() -> None:
    network = made("bimodal_autoencoder", epochs=1).fit(X)
    served = ServedNetwork(network)
    for known in ("first", "second"):
        answer = served.predict(X, {"task": "complete", "known": known})
        np.testing.assert_array_equal(answer, network.complete(X, known))
    with pytest.raises(
        MlflowException, match="known: must be one of first, second, but got 'both'"
    ):
        served.predict(X, {"task": "complete", "known": "both"})


def test_rows_in_the_datas_own_units_are_scaled_and_come_back_in_them() -> None:
    offset, factor = np.full(6, 10.0), np.full(6, 0.5)
    network = made(epochs=1).fit(X)
    network.inputs = Inputs(6, offset=offset, factor=factor)
    served = ServedNetwork(network)
    own = X / 0.5 + 10
    answer = served.predict(own, {"units": "data"})
    np.testing.assert_allclose(answer, network.reconstruct(X) / 0.5 + 10, rtol=1e-5)
    codes = served.predict(own, {"task": "encode", "units": "data"})
    np.testing.assert_allclose(codes, network.encode(X), rtol=1e-4)
    np.testing.assert_array_equal(served.predict(X), network.reconstruct(X))


@pytest.mark.parametrize(
    ("rows", "params", "said"),
    [
        (X, {"task": "recontruct"}, r"score, but got 'recontruct'\. Did you mean 'reconstruct'\?"),
        (X, {"task": "free_energy"}, "task: must be one of reconstruct, encode, anomaly_score"),
        (X, {"units": "metres"}, "units: must be one of network, data, but got 'metres'"),
        (X[:, :5], {}, "rows: must be rows of 6 numbers, but got 'rows of 5'"),
        (np.ones((1, 7)), {}, "rows: must be rows of 6 numbers, but got 'rows of 7'"),
        (X * np.nan, {}, "row 0, column 0: must be a finite number, but got nan"),
        ([["a"] * 6], {}, "row 0, column 0: must be a number, but got 'a'"),
    ],
)
def test_what_cannot_be_answered_is_a_bad_request(rows: Any, params: Any, said: str) -> None:
    with pytest.raises(MlflowException, match=said) as raised:
        ServedNetwork(made()).predict(rows, params)
    assert raised.value.get_http_status_code() == 400


def test_a_request_is_bounded() -> None:
    served = ServedNetwork(made("bernoulli_rbm"))
    for name, most in {"n": 10_000, "steps": 100_000}.items():
        with pytest.raises(MlflowException, match=f"{name}: must be from 1 to {most}, but got"):
            served.predict(None, {"task": "sample", name: most + 1})
