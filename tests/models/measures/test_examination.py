"""The final measures: alike for one trial and for many, and few enough samples."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from made_cohorts import VISIBLE, Case, cohort, made_samples, settings

from layerwise.models.measures import examination
from layerwise.models.measures.examination import Examination, evenly, examine
from layerwise.models.measures.readout import Probe, probe_accuracy
from layerwise.models.training import Training

LABELS = {"probe_accuracy", "neighbour_accuracy", "cluster_information", "cluster_agreement"}


def labels(rows: int) -> torch.Tensor:
    """Which of 4 quarters the first two inputs of the first source lie in."""
    x = made_samples([0], rows=rows).all()[0]
    above = x > x.median(0).values
    return above[:, 0] + 2 * above[:, 1]


@pytest.mark.parametrize(
    "case",
    [
        Case("denoising_autoencoder"),
        Case("bernoulli_rbm"),
        Case("autoencoder", {"output_activation": "sigmoid", "reconstruction": "cross_entropy"}),
    ],
    ids=str,
)
def test_a_trial_is_examined_alike_alone_and_beside_others(case: Case) -> None:
    rng = np.random.default_rng(4)
    trials = [settings(case, rng) for _ in range(24)]
    seeds, sources = rng.integers(0, 4, 24).tolist(), rng.integers(0, 3, 24).tolist()
    network = cohort(case, trials, seeds)
    samples = made_samples(sources, rows=200)
    for _ in Training(network, samples, None, 2):
        pass
    train, rest = samples.all()[:, :140], samples.all()[:, 140:]
    label = labels(200)
    together = examine(network, train, rest, label[:140], label[140:])
    assert together.keys() > LABELS
    of_probabilities = case.model == "bernoulli_rbm" or case.structure != {}
    assert ("cross_entropy" in together) == of_probabilities
    for trial in range(24):
        alone = cohort(case, [trials[trial]], [seeds[trial]])
        alone.parameters = {n: p[trial : trial + 1] for n, p in network.parameters.items()}
        rows = slice(trial, trial + 1)
        found = examine(alone, train[rows], rest[rows], label[:140], label[140:])
        assert found.keys() == together.keys()
        for name, value in found.items():
            assert value.shape == (1,)
            assert value.dtype == network.dtype
            message = f"{name} of trial {trial}"
            torch.testing.assert_close(
                value[0], together[name][trial], rtol=1e-10, atol=1e-10, msg=message
            )


def test_readers_learn_once_and_give_each_set_its_own_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fitted = []

    class Counted(Probe):
        def __init__(self, *given: torch.Tensor) -> None:
            fitted.append(self)
            super().__init__(*given)

    monkeypatch.setattr(examination, "Probe", Counted)
    case = Case("autoencoder")
    network = cohort(case, [settings(case)] * 3, [0, 1, 2])
    x, label = made_samples([0], rows=90).all(), labels(90)
    first, second = (x[:, 30:60], label[30:60]), (x[:, 60:], label[60:])
    examined = Examination(network, x[:, :30], label[:30])
    found = [examined.of(*first), examined.of(*second)]
    assert len(fitted) == 1
    for measures, (part, own) in zip(found, (first, second), strict=True):
        alone = examine(network, x[:, :30], part, label[:30], own)
        assert measures.keys() == alone.keys()
        assert all(torch.equal(measures[name], value) for name, value in alone.items())


def test_counts_of_words_take_no_noise() -> None:
    case = Case("replicated_softmax")
    network = cohort(case, [settings(case)] * 2, [0, 1])
    rows = made_samples([0]).all()
    counts = (6 * rows).floor()
    network.meet(counts)
    found = examine(network, counts, counts)
    assert not any(name.startswith("displacement") for name in found)
    error = network.evaluate(counts, counts)["reconstruction_error"]
    torch.testing.assert_close(found["mean_squared_error"] * VISIBLE, error)


def test_without_labels_there_is_nothing_to_read() -> None:
    case = Case("autoencoder")
    network = cohort(case, [settings(case)] * 2, [0, 1])
    x = made_samples([0]).all()
    found = examine(network, x, x)
    assert not LABELS & found.keys()
    assert {"displacement_0", "displacement_0.25", "effective_rank"} < found.keys()
    torch.testing.assert_close(
        found["mean_squared_error"] * VISIBLE, network.evaluate(x, x)["reconstruction_error"]
    )


def test_fewer_samples_than_classes() -> None:
    case = Case("autoencoder")
    network = cohort(case, [settings(case)], [0])
    x = made_samples([0]).all()[:, :3]
    label = torch.tensor([0, 5, 9])
    found = examine(network, x, x, label, label)
    assert all(value.isfinite().all() for value in found.values())
    assert found["cluster_information"].item() == pytest.approx(1)


def test_many_samples_are_thinned_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examination, "LEARNT", 20)
    monkeypatch.setattr(examination, "READ", 10)
    case = Case("autoencoder")
    network = cohort(case, [settings(case)] * 2, [0, 1])
    x, label = made_samples([0], rows=45).all(), labels(45)
    found = examine(network, x, x, label, label)
    train_rows, rows = torch.arange(20) * 45 // 20, torch.arange(10) * 45 // 10
    train, read = network.encode(x[:, train_rows]), network.encode(x[:, rows])
    expected = probe_accuracy(train, label[train_rows], read, label[rows])
    assert torch.equal(found["probe_accuracy"], expected)


def test_even_rows_start_at_the_first_and_keep_all_where_they_can() -> None:
    assert evenly(torch.arange(10), 4).tolist() == [0, 2, 5, 7]
    assert evenly(torch.arange(10), 10).tolist() == list(range(10))
    assert evenly(torch.arange(6).view(1, 6, 1), 2, 1).flatten().tolist() == [0, 3]
