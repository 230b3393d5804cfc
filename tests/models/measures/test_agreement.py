"""Agreement of groupings against scikit-learn's, and at its ends."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from sklearn.metrics.cluster import contingency_matrix

from layerwise.models.measures.agreement import (
    adjusted_rand_index,
    contingency,
    normalised_mutual_information,
)


@pytest.mark.parametrize("classes", [1, 2, 7])
@pytest.mark.parametrize("clusters", [1, 3, 10])
def test_groupings_agree_as_scikit_learn_says(classes: int, clusters: int) -> None:
    rng = np.random.default_rng(clusters)
    label = rng.integers(0, classes, 150)
    # From chance to a grouping that follows the labels.
    cluster = np.stack(
        [np.where(rng.random(150) < p, label, rng.integers(0, clusters, 150)) for p in (0, 0.5, 1)]
    )
    information = normalised_mutual_information(torch.from_numpy(cluster), torch.from_numpy(label))
    agreement = adjusted_rand_index(torch.from_numpy(cluster), torch.from_numpy(label))
    for trial in range(3):
        expected = normalized_mutual_info_score(label, cluster[trial])
        assert information[trial].item() == pytest.approx(expected, abs=1e-12)
        expected = adjusted_rand_score(label, cluster[trial])
        assert agreement[trial].item() == pytest.approx(expected, abs=1e-12)
    table = contingency(torch.from_numpy(cluster), torch.from_numpy(label))[1]
    expected = contingency_matrix(cluster[1], label)
    np.testing.assert_array_equal(table[table.any(1)][:, table.any(0)], expected)


def test_names_of_clusters_do_not_matter() -> None:
    label = torch.arange(60) % 4
    cluster = torch.stack([label, 3 - label, (label + 1) % 4])
    assert adjusted_rand_index(cluster, label).tolist() == [1.0] * 3
    torch.testing.assert_close(
        normalised_mutual_information(cluster, label), torch.ones(3, dtype=torch.float64)
    )
