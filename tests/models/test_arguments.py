"""Arguments as scikit-learn wants them: stored as given, by flat names, checked when used."""

from __future__ import annotations

import pytest
from sklearn.model_selection import GridSearchCV

from layerwise.models import Estimator, HyperparameterError, UnknownModelError, create


def test_parts_are_named_as_scikit_learn_names_them() -> None:
    network = create("denoising_autoencoder", corruption={"level": 0.1})
    parameters = network.get_params()
    assert parameters["corruption__level"] == 0.1
    assert parameters["corruption__kind"] == "masking"
    assert Estimator(**parameters).settings == network.settings
    network.set_params(corruption__level=0.4)
    assert network.settings["corruption.level"] == 0.4
    assert create("denoising_autoencoder", corruption__level=0.4).settings == network.settings


def test_a_path_given_twice_is_refused() -> None:
    with pytest.raises(HyperparameterError, match=r"corruption\.level: must be given once"):
        create("autoencoder", corruption={"level": 0.1}, corruption__level=0.2)


def test_mistakes_are_kept_until_they_matter() -> None:
    wrong = Estimator("autoencodr", hidden=-1)
    assert wrong.get_params()["hidden"] == -1
    with pytest.raises(UnknownModelError, match=r"Did you mean autoencoder\?"):
        _ = wrong.settings
    wrong.set_params(model="autoencoder")
    with pytest.raises(HyperparameterError, match="hidden"):
        _ = wrong.settings


def test_a_grid_search_finds_the_better_code() -> None:
    import numpy as np

    rng = np.random.default_rng(1)
    x = rng.normal(size=(80, 2)) @ rng.normal(size=(2, 6))
    network = create("linear_autoencoder", epochs=30, learning_rate=0.02)

    def score(fitted: Estimator, x: np.ndarray, y: object = None) -> float:
        return float(fitted.score_samples(x).mean())

    search = GridSearchCV(network, {"hidden": [1, 2]}, scoring=score, cv=3).fit(x)
    assert search.best_params_ == {"hidden": 2}
