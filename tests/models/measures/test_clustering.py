"""k-means: clear groups are found, the objective is scikit-learn's, trials do not touch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from codes_of_digits import codes
from sklearn.cluster import KMeans

from layerwise.models.draws import Draws
from layerwise.models.errors import InputError
from layerwise.models.measures.agreement import adjusted_rand_index
from layerwise.models.measures.clustering import kmeans


def inertia(code: np.ndarray, cluster: np.ndarray) -> float:
    groups = [code[cluster == c] for c in np.unique(cluster)]
    return float(sum(((group - group.mean(0)) ** 2).sum() for group in groups))


def test_groups_far_apart_are_found() -> None:
    rng = np.random.default_rng(1)
    label = np.arange(120) % 6
    code = 50 * rng.normal(size=(4, 6, 3))[:, label] + rng.normal(size=(4, 120, 3))
    found = kmeans(torch.from_numpy(code), 6, Draws([0, 1, 2, 3], dtype=torch.float64))
    assert adjusted_rand_index(found, torch.from_numpy(label)).tolist() == [1.0] * 4


def test_the_objective_is_as_low_as_scikit_learns() -> None:
    _, _, code, _ = codes(16)
    found = kmeans(code, 10, Draws([0], dtype=torch.float64), starts=8)
    reference = KMeans(10, n_init=8, random_state=0).fit(code[0].numpy())
    assert inertia(code[0].numpy(), found[0].numpy()) < 1.03 * reference.inertia_


def test_every_sample_is_with_its_nearest_centre() -> None:
    _, _, code, _ = codes(16)
    found = kmeans(code, 10, Draws([0], dtype=torch.float64))[0]
    centre = torch.stack([code[0][found == c].mean(0) for c in range(10)])
    assert torch.equal(torch.cdist(code[0], centre).argmin(1), found)


def test_more_starts_are_never_worse() -> None:
    _, _, code, _ = codes(16)
    values = [
        inertia(
            code[0].numpy(), kmeans(code, 10, Draws([5], dtype=torch.float64), starts)[0].numpy()
        )
        for starts in (1, 12)
    ]
    assert values[1] <= values[0]


def test_a_trial_is_clustered_alike_alone_and_beside_others() -> None:
    rng = np.random.default_rng(2)
    code = torch.from_numpy(rng.normal(size=(6, 90, 4)))
    seeds = [0, 1, 0, 2, 1, 0]
    together = kmeans(code, 5, Draws(seeds, dtype=torch.float64))
    for trial, seed in enumerate(seeds):
        alone = kmeans(code[trial : trial + 1], 5, Draws([seed], dtype=torch.float64))
        assert torch.equal(alone[0], together[trial])


def test_equal_codes_and_too_few_codes() -> None:
    assert kmeans(torch.ones(1, 8, 2), 3, Draws([0])).shape == (1, 8)
    with pytest.raises(InputError, match="at least 3 samples, but got 2"):
        kmeans(torch.ones(1, 2, 2), 3, Draws([0]))
