"""Samples, batches, epochs, and trials that leave the finite numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import torch
from made_cohorts import BATCH, ROWS, Case, cohort, made_samples, settings, trained

from layerwise.models import InputError
from layerwise.models.draws import Draws
from layerwise.models.training import Epoch, Samples, Training

PLAIN = Case("autoencoder")


def test_each_trial_reads_its_source() -> None:
    samples = made_samples([2, 0, 2])
    x = samples.x_PNV
    assert torch.equal(samples.all(), x[[2, 0, 2]])
    assert torch.equal(samples.first(4), x[[2, 0, 2], :4])
    rows = torch.tensor([[3, 1], [0, 0], [5, 2]])
    expected = torch.stack([x[s, r] for s, r in zip((2, 0, 2), rows, strict=True)])
    assert torch.equal(samples.batch(rows), expected)
    assert torch.equal(samples.batch(rows[:1]), torch.stack([x[s, rows[0]] for s in (2, 0, 2)]))
    assert samples.select([1]).source == (0,)


def test_a_common_source_is_shared() -> None:
    samples = made_samples([1, 1, 1])
    assert samples.all().shape[0] == samples.first(3).shape[0] == 1
    rows = torch.tensor([[3, 1], [0, 0], [5, 2]])
    assert torch.equal(samples.batch(rows), samples.x_PNV[1][rows])
    assert samples.batch(rows[:1]).shape[0] == 1


@pytest.mark.parametrize("shape", [(4, 5), (1, 0, 5), (1, 4, 0)])
def test_samples_that_are_none_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match=r"must have shape \(sources, samples, visible\)"):
        Samples(torch.zeros(shape), (0,))


def test_a_source_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="one of 2 sources"):
        Samples(torch.zeros(2, 4, 5), (0, 2))


def test_an_epoch_sees_every_sample_once_in_the_order_of_its_seed() -> None:
    network = cohort(PLAIN, [settings(PLAIN)], [3])
    seen: list[torch.Tensor] = []

    class Watched(Samples):
        def batch(self, rows: torch.Tensor) -> torch.Tensor:
            seen.append(rows)
            return super().batch(rows)

    samples = Watched(made_samples([0]).x_PNV, (0,))
    training = Training(network, samples, None, 2)
    for _ in training:
        pass
    assert training.steps_per_epoch == -(-ROWS // BATCH) == 4
    assert [rows.shape[1] for rows in seen] == [16, 16, 16, 2] * 2
    for epoch in (1, 2):
        order = torch.cat(seen[4 * (epoch - 1) : 4 * epoch], dim=1)
        assert torch.equal(order, Draws([3], epoch=epoch).permutation("order", ROWS))


def test_epochs_report_before_training_and_after_each() -> None:
    network = cohort(PLAIN, [settings(PLAIN)] * 2, [0, 1])
    first = network.evaluate(made_samples([0, 1]).all(), made_samples([0, 1]).all())
    epochs = trained(network, made_samples([0, 1]), made_samples([0, 1]))
    assert [epoch.number for epoch in epochs] == [0, 1, 2, 3]
    assert all(name.startswith("validation/") for name in epochs[0].metrics)
    assert epochs[1].metrics.keys() - epochs[0].metrics.keys() == {
        "train/loss",
        "train/reconstruction_error",
    }
    for name, value in first.items():
        np.testing.assert_allclose(epochs[0].metrics[f"validation/{name}"], value)


def test_training_loss_is_the_mean_over_samples_however_they_are_batched() -> None:
    """With a learning rate of 0 an epoch of unequal batches reports what one pass would."""
    network = cohort(PLAIN, [settings(PLAIN, learning_rate=0.0)], [0])
    expected = network.evaluate(made_samples([0]).all(), made_samples([0]).all())
    epochs = trained(network, made_samples([0]), made_samples([0]))
    for epoch in epochs[1:]:
        np.testing.assert_allclose(
            epoch.metrics["train/reconstruction_error"],
            expected["reconstruction_error"],
            rtol=1e-12,
        )


def diverging(rates: list[float]) -> tuple[list[Epoch], Training]:
    linear = Case("linear_autoencoder", {"optimiser": "momentum"})
    network = cohort(
        linear, [settings(linear, learning_rate=rate) for rate in rates], range(len(rates))
    )
    samples = made_samples([0] * len(rates))
    training = Training(network, samples, samples, 3)
    return list(training), training


def test_a_learning_rate_without_bounds_is_reported_with_its_step() -> None:
    epochs, training = diverging([0.01, 1e6, 0.001])
    reference, _ = diverging([0.01, 0.0, 0.001])
    assert training.trials == (0, 2)
    reported = [epoch.diverged for epoch in epochs if epoch.diverged]
    assert len(reported) == 1
    [(trial, step)] = reported[0].items()
    assert trial == 1
    number = next(epoch.number for epoch in epochs if epoch.diverged)
    assert (number - 1) * training.steps_per_epoch <= step < number * training.steps_per_epoch
    for epoch, expected in zip(epochs, reference, strict=True):
        for name, values in epoch.metrics.items():
            kept = [expected.trials.index(trial) for trial in epoch.trials if trial != 1]
            mine = [i for i, trial in enumerate(epoch.trials) if trial != 1]
            np.testing.assert_allclose(values[mine], expected.metrics[name][kept], rtol=1e-10)


def test_a_training_ends_when_every_trial_has_diverged() -> None:
    epochs, training = diverging([1e6, 1e7])
    assert training.trials == ()
    assert epochs[-1].diverged.keys() == {0, 1}
    assert epochs[-1].number < 3
    assert all(len(values) == 0 for values in epochs[-1].metrics.values())


def test_weights_that_leave_in_the_last_step_are_noticed() -> None:
    """The loss of the last batch is still finite; the weights after it are not."""
    linear = Case("linear_autoencoder", {"optimiser": "momentum", "batch_size": ROWS})
    network = cohort(linear, [settings(linear, learning_rate=1e308)], [0])
    epochs = trained(network, made_samples([0]), made_samples([0]))
    assert [epoch.diverged for epoch in epochs] == [{}, {0: 0}]


def test_trials_leave_between_epochs_and_the_rest_go_on() -> None:
    def run(leaving: Mapping[int, Sequence[int]]) -> tuple[Training, list[Epoch]]:
        trials = [settings(PLAIN, learning_rate=rate) for rate in (0.01, 0.02, 0.03)]
        network = cohort(PLAIN, trials, [0, 1, 2])
        training = Training(network, made_samples([0, 1, 2]), made_samples([0, 1, 2]), 3)
        epochs = []
        for epoch in training:
            epochs.append(epoch)
            training.leave(leaving.get(epoch.number, ()))
        return training, epochs

    whole, _ = run({})
    training, epochs = run({0: [0], 2: [2]})
    assert [epoch.trials for epoch in epochs] == [(0, 1, 2), (1, 2), (1, 2), (1,)]
    assert training.network.seeds == (1,)
    assert training.train.source == (1,)
    for name, expected in whole.network.weights(1).items():
        np.testing.assert_allclose(training.network.weights(0)[name], expected, rtol=1e-12)


def test_a_training_ends_when_every_trial_has_left() -> None:
    network = cohort(PLAIN, [settings(PLAIN)] * 2, [0, 1])
    training = Training(network, made_samples([0, 0]), made_samples([0, 0]), 3)
    numbers = []
    for epoch in training:
        numbers.append(epoch.number)
        training.leave(training.trials if epoch.number == 1 else ())
    assert numbers == [0, 1]
    assert training.trials == ()


def test_only_trials_in_training_can_leave() -> None:
    network = cohort(PLAIN, [settings(PLAIN)] * 2, [0, 1])
    training = Training(network, made_samples([0, 0]), None, 1)
    training.leave([1])
    with pytest.raises(InputError, match=r"still in training, \(0,\), but got \[1\]"):
        training.leave([1])
    assert training.trials == (0,)


def test_training_without_validation_measures_nothing() -> None:
    network = cohort(PLAIN, [settings(PLAIN)], [0])
    epochs = list(Training(network, made_samples([0]), None, 1))
    assert epochs[0].metrics == {}
    assert set(epochs[1].metrics) == {"train/loss", "train/reconstruction_error"}
