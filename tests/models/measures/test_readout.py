"""Probe and neighbours against scikit-learn's on codes of digits."""

from __future__ import annotations

import pytest
import torch
from codes_of_digits import codes
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from layerwise.models.measures import readout
from layerwise.models.measures.readout import neighbour_accuracy, probe_accuracy


@pytest.mark.parametrize("hidden", [16, 48])
def test_the_probe_is_within_a_point_and_a_half_of_scikit_learns(hidden: int) -> None:
    train, train_label, test, test_label = codes(hidden)
    reference = make_pipeline(StandardScaler(), LogisticRegression(max_iter=10_000))
    reference.fit(train[0].numpy(), train_label.numpy())
    expected = reference.score(test[0].numpy(), test_label.numpy())
    assert abs(probe_accuracy(*codes(hidden)).item() - expected) < 0.015
    assert expected > 0.75


def test_the_probe_does_not_see_scale_shift_or_silent_units() -> None:
    train, train_label, test, test_label = codes(16)
    expected = probe_accuracy(train, train_label, test, test_label)
    scale = torch.logspace(-3, 3, 16, dtype=torch.float64)
    constant = torch.full_like(train[..., :1], 0.1)
    moved = [
        torch.cat([code * scale + 5, constant[:, : code.shape[1]]], -1) for code in (train, test)
    ]
    found = probe_accuracy(moved[0], train_label, moved[1], test_label)
    assert (found - expected).abs() < 0.005


def test_a_unit_that_has_all_but_fallen_silent_says_nothing() -> None:
    train, train_label, test, test_label = codes(16)
    train, test = train.float(), test.float()
    expected = probe_accuracy(train, train_label, test, test_label)
    # A code of 1e-39 is no zero, but one over its spread is infinite in single precision.
    faint = [torch.cat([code, code[..., :1] * 1e-39], -1) for code in (train, test)]
    assert faint[0][..., -1].std() > 0
    assert probe_accuracy(faint[0], train_label, faint[1], test_label) == expected


@pytest.mark.parametrize("neighbours", [1, 5])
def test_neighbours_are_scikit_learns(neighbours: int, monkeypatch: pytest.MonkeyPatch) -> None:
    train, train_label, test, test_label = codes(16)
    reference = KNeighborsClassifier(neighbours).fit(train[0].numpy(), train_label.numpy())
    expected = reference.score(test[0].numpy(), test_label.numpy())
    assert neighbour_accuracy(*codes(16), neighbours=neighbours).item() == pytest.approx(expected)
    monkeypatch.setattr(readout, "DISTANCES", 50_000)
    assert neighbour_accuracy(*codes(16), neighbours=neighbours).item() == pytest.approx(expected)


def test_trials_are_read_one_by_one() -> None:
    parts = [codes(16, seed) for seed in (0, 1)]
    train, test = (torch.cat([part[i] for part in parts]) for i in (0, 2))
    for accuracy in (probe_accuracy, neighbour_accuracy):
        found = accuracy(train, parts[0][1], test, parts[0][3])
        assert found.tolist() == [accuracy(*part).item() for part in parts]
        assert len(set(found.tolist())) == 2


def test_fewer_samples_than_neighbours() -> None:
    code = torch.tensor([[[0.0], [0.1], [1.0]]])
    label = torch.tensor([0, 0, 1])
    assert neighbour_accuracy(code, label, code, label).tolist() == [pytest.approx(2 / 3)]
