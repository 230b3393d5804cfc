"""Workers that share each batch take the steps of one worker that has it whole."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from made_cohorts import BATCH, CASES, ROWS, Case, cohort, settings
from sharing import groups, together

from layerwise.models import registry
from layerwise.models.data_parallel import ALONE, Share
from layerwise.models.network import Network
from layerwise.models.training import Epoch, Samples, Training

DIVISIBLE = [case for case in CASES if not case.variant.indivisible(settings(case))]
TRIALS = 4
# The last batch of an epoch has two rows: the third worker gets none of them.
assert ROWS % BATCH == 2

pair = pytest.fixture(scope="module", name="pair")(lambda: groups(2))
three = pytest.fixture(scope="module", name="three")(lambda: groups(3))


def train(case: Case, dtype: torch.dtype, share: Share) -> tuple[Network, list[Epoch]]:
    """Trials with numbers, seeds and sources of their own, trained."""
    rng = np.random.default_rng(11)
    trials = [settings(case, rng) for _ in range(TRIALS)]
    network = cohort(case, trials, rng.integers(0, 2, TRIALS).tolist(), dtype)
    network.share = share
    sources = rng.integers(0, 3, TRIALS).tolist()
    train, validation = case.samples(sources, dtype), case.samples(sources, dtype, 31)
    return network, list(Training(network, train, validation, 3))


def assert_as_alone(
    case: Case, dtype: torch.dtype, found: list[tuple[Network, list[Epoch]]], tolerance: float
) -> None:
    network, epochs = train(case, dtype, ALONE)
    for (one, _), (other, _) in pairwise(found):
        for name, value in one.parameters.items():
            assert torch.equal(value, other.parameters[name]), f"workers differ in {name}"
    shared, shared_epochs = found[0]
    for name, value in network.parameters.items():
        mine = shared.parameters[name]
        assert mine.stride() == value.stride()
        torch.testing.assert_close(mine, value, rtol=tolerance, atol=tolerance)
    for epoch, expected in zip(shared_epochs, epochs, strict=True):
        assert epoch.metrics.keys() == expected.metrics.keys()
        for name, values in expected.metrics.items():
            np.testing.assert_allclose(
                epoch.metrics[name], values, rtol=tolerance, atol=tolerance, err_msg=name
            )


@pytest.mark.parametrize("case", DIVISIBLE, ids=str)
def test_three_workers_give_the_numbers_of_one(case: Case, three: list) -> None:  # type: ignore[type-arg]
    found = together(three, partial(train, case, torch.float64))
    assert_as_alone(case, torch.float64, found, 1e-10)


@pytest.mark.parametrize(
    "model",
    [
        "autoencoder", "sparse_autoencoder", "denoising_autoencoder", "contractive_autoencoder",
        "bernoulli_rbm", "gaussian_rbm",
    ],
)  # fmt: skip
def test_two_workers_give_the_numbers_of_one_in_single_precision(model: str, pair: list) -> None:  # type: ignore[type-arg]
    case = Case(model)
    found = together(pair, partial(train, case, torch.float32))
    assert_as_alone(case, torch.float32, found, 1e-5)


def test_labels_are_shared_with_their_samples(pair: list) -> None:  # type: ignore[type-arg]
    case = Case("fine_tune", {"objective": "classification", "classes": 3})
    label_N = torch.arange(ROWS) % 3

    def classify(share: Share) -> Network:
        network = cohort(case, [settings(case)], [0])
        network.share = share
        samples = Samples(case.samples([0]).x_PNV, (0,), label_N)
        assert list(Training(network, samples, samples, 3))
        return network

    alone = classify(ALONE)
    for shared in together(pair, classify):
        for name, value in alone.parameters.items():
            torch.testing.assert_close(shared.parameters[name], value, rtol=1e-10, atol=1e-12)


def test_a_trial_that_diverges_leaves_every_worker_in_the_same_step(pair: list) -> None:  # type: ignore[type-arg]
    case = Case("linear_autoencoder", {"optimiser": "momentum"})

    def diverge(share: Share) -> list[dict[int, int]]:
        trials = [settings(case, learning_rate=rate) for rate in (0.01, 1e6)]
        network = cohort(case, trials, [0, 1])
        network.share = share
        return [epoch.diverged for epoch in Training(network, case.samples([0, 0]), None, 3)]

    expected = diverge(ALONE)
    assert any(expected)
    assert together(pair, diverge) == [expected, expected]


@pytest.mark.parametrize("rows", [1, 2, 3, 16, 50])
def test_every_row_belongs_to_one_worker(rows: int, three: list) -> None:  # type: ignore[type-arg]
    def counted(share: Share) -> torch.Tensor:
        own = share.take(rows)
        mean = torch.arange(float(rows))[own].mean()
        assert share.averaged({"row": mean})["row"] == pytest.approx((rows - 1) / 2)
        part = torch.zeros(rows)
        part[share.part(rows)] = 1
        return share.summed({"rows": part})["rows"]

    for taken in together(three, counted):
        assert torch.equal(taken, torch.ones(rows))


def test_a_mean_can_be_differentiated(pair: list) -> None:  # type: ignore[type-arg]
    """Of a function that is not linear, too: (mean x)² has the gradient 2 mean x / n."""
    x = torch.arange(5.0)

    def gradient(share: Share) -> torch.Tensor:
        own = share.take(5)
        mine = x[own].clone().requires_grad_()
        (share.mean(mine.mean()) ** 2).backward()
        assert mine.grad is not None
        whole = torch.zeros(5)
        whole[own] = mine.grad * len(mine) / 5
        return share.summed({"gradient": whole})["gradient"]

    for found in together(pair, gradient):
        torch.testing.assert_close(found, torch.full((5,), 2 * 2.0 / 5))


def test_the_first_worker_decides(three: list) -> None:  # type: ignore[type-arg]
    decided = together(three, lambda share: share.from_first([share.rank + 7, share.rank - 1]))
    assert decided == [[7, -1]] * 3
    assert ALONE.from_first([3]) == [3]


def test_what_needs_the_whole_batch_says_so() -> None:
    refused = {case.model for case in CASES} - {case.model for case in DIVISIBLE}
    assert {"batch_top_k_autoencoder", "deep_boltzmann_machine"} <= refused
    for model in refused:
        variant = registry.lookup(model)
        assert variant.indivisible(registry.resolve(variant, {}))


PROCESS = """
import sys
import torch, torch.distributed as distributed
sys.path.insert(0, sys.argv[1])
from made_cohorts import Case
from test_data_parallel import train
from layerwise.models.data_parallel import SharedBatches
torch.set_num_threads(1)
place, rank = sys.argv[2], int(sys.argv[3])
distributed.init_process_group("gloo", f"file://{place}/meet", rank=rank, world_size=2)
network, _ = train(Case("bernoulli_rbm"), torch.float64, SharedBatches(distributed.group.WORLD))
torch.save(network.parameters, f"{place}/{rank}.pt")
distributed.destroy_process_group()
"""


def test_two_processes_give_the_numbers_of_one(tmp_path: Path) -> None:
    here = str(Path(__file__).parent)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, here, str(tmp_path), str(rank)],
            env=os.environ | {"GLOO_SOCKET_IFNAME": "lo"},
        )
        for rank in (0, 1)
    ]
    assert [process.wait(60) for process in processes] == [0, 0]
    alone, _ = train(Case("bernoulli_rbm"), torch.float64, ALONE)
    for rank in (0, 1):
        found = torch.load(tmp_path / f"{rank}.pt")
        for name, value in alone.parameters.items():
            torch.testing.assert_close(found[name], value, rtol=1e-10, atol=1e-12)
