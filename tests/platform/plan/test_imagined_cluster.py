"""Clusters as a person names them."""

from __future__ import annotations

import pytest

from layerwise.platform.errors import StudyError
from layerwise.platform.plan.imagined_cluster import ImaginedCluster
from layerwise.platform.study.terms import Resources


@pytest.mark.parametrize(
    ("written", "nodes", "per_node", "kind"),
    [
        ("64 gpus", 1, 64, "gpu"),
        ("8 cpus", 1, 8, "cpu"),
        ("1 GPU", 1, 1, "gpu"),
        (" 4 nodes x 8 gpus ", 4, 8, "gpu"),
        ("4 nodes × 8 GPUs", 4, 8, "gpu"),
        ("1 node of 2 cpus", 1, 2, "cpu"),
    ],
)
def test_what_can_be_read(written: str, nodes: int, per_node: int, kind: str) -> None:
    found = ImaginedCluster.of(written)
    assert found == ImaginedCluster(nodes, per_node, kind)
    assert found.devices == nodes * per_node
    assert ImaginedCluster.of(str(found)) == found


@pytest.mark.parametrize("written", ["", "64", "gpus", "0 gpus", "4 nodes", "64 tpus", "-1 cpus"])
def test_what_cannot_be_read_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(StudyError, match="4 nodes x 8 gpus"):
        ImaginedCluster.of(written)


@pytest.mark.parametrize(
    ("written", "resources", "places"),
    [
        ("64 gpus", {}, 64),
        ("64 gpus", {"gpus": 0.25}, 256),
        ("4 nodes x 8 gpus", {"gpus": 3}, 8),
        ("4 nodes x 8 gpus", {"gpus": 1, "workers": 4}, 8),
        ("10 gpus", {"gpus": 0.1}, 100),
        ("8 cpus", {"cpus": 2}, 4),
        ("2 nodes x 3 cpus", {"cpus": 2}, 2),
        ("8 cpus", {"cpus_per_worker": 2, "workers": 2}, 2),
    ],
)
def test_what_runs_side_by_side(written: str, resources: dict[str, float], places: int) -> None:
    assert ImaginedCluster.of(written).side_by_side(Resources.of(resources)) == places


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(StudyError, match="must have room for one cohort, which needs 2 × 8 gpus"):
        ImaginedCluster.of("1 gpu").side_by_side(Resources(gpus=8, workers=2))
    with pytest.raises(StudyError, match="must name gpus"):
        ImaginedCluster.of("64 cpus").side_by_side(Resources(gpus=1))
