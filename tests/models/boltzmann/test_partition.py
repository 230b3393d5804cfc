"""Estimates of the partition function against enumeration, and when they must not be trusted."""

from __future__ import annotations

import pytest
import torch
from made_machines import exact_samples, made_parameters
from torch import Tensor
from torch.nn.functional import softplus

from layerwise.models import InputError
from layerwise.models.boltzmann.likelihood import exact_log_partition
from layerwise.models.boltzmann.machine import (
    Machine,
    bernoulli_machine,
    gaussian_machine,
    replicated_softmax_machine,
)
from layerwise.models.boltzmann.partition import Partition, estimate, partition_of
from layerwise.models.boltzmann.starting_points import base_rate
from layerwise.models.boltzmann.units import Gaussian, Rectified
from layerwise.models.draws import Draws


def draws(*seeds: int) -> Draws:
    return Draws(seeds or (0,), dtype=torch.float64)


def sandwich(
    machine: Machine, temperatures: int, schedule: str = "linear", base_TV: Tensor | None = None
) -> Partition:
    """Downwards from exact samples, so that both directions bound on average."""
    return estimate(
        machine, draws(*[0] * len(machine.weight_TVH)), temperatures, schedule=schedule,
        data_TNV=exact_samples(machine, 100), base_TV=base_TV, burn_in=0,
    )  # fmt: skip


def separated(trials: int = 1) -> Machine:
    """All units off, or all units on: two modes of 12 × 12 units with a barrier of 34 nats.

    The mode of units that are on has 99 % of the mass, and at no temperature a way leads there.
    """
    return bernoulli_machine(
        {
            "weight": torch.ones(trials, 12, 12, dtype=torch.float64),
            "visible_bias": torch.full((trials, 12), -5.8, dtype=torch.float64),
            "hidden_bias": torch.full((trials, 12), -5.8, dtype=torch.float64),
        }
    )


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("temperatures", "nats"), [(100, 0.5), (1000, 0.05)])
def test_ten_machines_between_both_directions(temperatures: int, nats: float, scale: float) -> None:
    """8 × 6 with weights from N(0, scale²), and 100 chains."""
    machine = bernoulli_machine(made_parameters(8, 6, 10, scale=scale))
    exact = exact_log_partition(machine)
    found = sandwich(machine, temperatures)
    assert found.reverse_T is not None
    assert not found.exact
    assert ((found.log_z_T - exact).abs() < nats).all()
    assert ((found.reverse_T - exact).abs() < nats).all()
    assert ((found.low_T <= exact) & (exact <= found.high_T)).all()
    assert found.reliable_T.all()


def test_ten_thousand_temperatures_come_within_a_hundredth() -> None:
    machine = bernoulli_machine(made_parameters(8, 6))
    found = sandwich(machine, 10_000)
    error = found.log_z_T - exact_log_partition(machine)
    assert error.abs().item() < 0.01
    assert found.reliable_T.all()


def test_the_base_rate_may_be_the_machines_own_or_the_datas() -> None:
    machine = bernoulli_machine(made_parameters(8, 6, 4, scale=2.0))
    exact = exact_log_partition(machine)
    data = sandwich(machine, 200, base_TV=base_rate(machine, exact_samples(machine, 1000)))
    own = sandwich(machine, 200)
    graded = sandwich(machine, 2000, schedule="graded")
    for found in (data, own, graded):
        torch.testing.assert_close(found.log_z_T, exact, rtol=0, atol=0.3)
    assert (data.effective_samples_T > own.effective_samples_T).all()


def test_a_machine_without_weights_is_the_base_rate() -> None:
    """log p(v) = Σ_i v_i b_i − softplus(b_i), whatever the hidden biases and however wide it is."""
    given = made_parameters(40, 30)
    given["weight"].zero_()
    machine = bernoulli_machine(given)
    v = (draws().uniform("v", 20, 40) < 0.5).double()
    bias = given["visible_bias"][:, None]
    expected = (v * bias - softplus(bias)).sum(-1)
    found = estimate(machine, draws(), 10, burn_in=2)
    log_p = machine.log_unnormalised(v) - found.log_z_T[:, None]
    torch.testing.assert_close(log_p, expected, rtol=0, atol=1e-10)
    assert found.effective_samples_T.item() == pytest.approx(100)
    assert (found.high_T - found.low_T).item() < 1e-10
    narrow = {
        **given,
        "weight": given["weight"][..., :9],
        "hidden_bias": given["hidden_bias"][:, :9],
    }
    machine = bernoulli_machine(narrow)
    exact = machine.log_unnormalised(v) - exact_log_partition(machine)[:, None]
    torch.testing.assert_close(exact, expected, rtol=0, atol=1e-10)


def test_modes_that_only_one_direction_sees_make_it_unreliable() -> None:
    """Upward chains all agree, on the wrong answer; the data know better."""
    machine = separated()
    exact = exact_log_partition(machine)
    assert exact.item() > 4.5
    data = exact_samples(machine, 200)
    assert data.mean() > 0.95
    for burn_in in (0, 200):
        found = estimate(machine, draws(), 1000, data_TNV=data, burn_in=burn_in)
        assert found.log_z_T.item() < 1
        assert found.effective_samples_T.item() < 100
        assert not found.reliable_T.any()
        assert found.low_T < exact < found.high_T
        assert "unreliable" in str(found)


def test_modes_that_neither_direction_sees_stay_unseen() -> None:
    """Why a reliable estimate is evidence, not proof: without data both start in the same mode."""
    found = estimate(separated(), draws(), 100)
    assert found.reliable_T.all()
    assert found.high_T < exact_log_partition(separated())


def test_few_effective_samples_make_it_unreliable() -> None:
    """Even where both directions happen to agree: five temperatures are too few here."""
    machine = bernoulli_machine(made_parameters(16, 12, 6, scale=2.0))
    found = sandwich(machine, 5)
    assert found.reverse_T is not None
    agreeing = (found.reverse_T - found.log_z_T).abs() < 1
    assert agreeing.any()
    assert (found.effective_samples_T < 9).all()
    assert not found.reliable_T.any()


def test_wide_machines_are_estimated_and_small_ones_enumerated() -> None:
    small = bernoulli_machine(made_parameters(30, 6, 2))
    exact = partition_of(small, draws(0, 1))
    assert exact.exact
    assert exact.reverse_T is None
    assert exact.reliable_T.all()
    assert torch.equal(exact.log_z_T, exact_log_partition(small))
    assert torch.equal(exact.low_T, exact.high_T)
    assert exact.effective_samples_T.isinf().all()
    wide = partition_of(bernoulli_machine(made_parameters(22, 21, 2, scale=0.2)), draws(0, 1), 20)
    assert not wide.exact
    assert wide.reliable_T.all()
    assert str(exact).count("log Z = ") == 2
    assert " to " in str(wide)
    assert "unreliable" not in str(wide) + str(exact)


def test_a_trial_is_estimated_alone_as_in_any_company() -> None:
    given = made_parameters(9, 7, 3)
    seeds = [5, 2, 5]
    x = (draws().uniform("x", 40, 9) < 0.4).double()
    together = estimate(bernoulli_machine(given), draws(*seeds), 50, 20, data_TNV=x, burn_in=5)
    for trial, seed in enumerate(seeds):
        one = {name: value[trial : trial + 1] for name, value in given.items()}
        alone = estimate(bernoulli_machine(one), draws(seed), 50, 20, data_TNV=x, burn_in=5)
        for name in ("log_z_T", "low_T", "high_T", "reverse_T", "effective_samples_T"):
            torch.testing.assert_close(
                getattr(alone, name)[0], getattr(together, name)[trial], rtol=1e-10, atol=1e-10
            )
    other = estimate(bernoulli_machine(given), draws(1, 2, 3), 50, 20, data_TNV=x, burn_in=5)
    assert (other.log_z_T != together.log_z_T).tolist() == [True, False, True]


def test_gaussian_visibles() -> None:
    given = made_parameters(6, 5, 3) | {
        "log_variance": torch.linspace(-1, 1, 18, dtype=torch.float64).view(3, 6)
    }
    machine = gaussian_machine(given)
    exact = exact_log_partition(machine)
    x = draws().normal("x", 200, 6)
    for data in (None, x):
        found = estimate(machine, draws(0, 0, 0), 1000, data_TNV=data)
        torch.testing.assert_close(found.log_z_T, exact, rtol=0, atol=0.1)
        assert found.reliable_T.all()


def test_gaussian_hiddens() -> None:
    machine = bernoulli_machine(made_parameters(6, 4, 3, scale=0.5), hidden=Gaussian())
    found = estimate(machine, draws(0, 0, 0), 1000)
    torch.testing.assert_close(found.log_z_T, exact_log_partition(machine), rtol=0, atol=0.1)
    assert found.reliable_T.all()


def test_documents() -> None:
    given = made_parameters(10, 5, 2, scale=0.5)
    x = torch.floor(4 * draws().uniform("x", 60, 10))
    for length in (1, 12):
        machine = replicated_softmax_machine(given, length)
        exact = exact_log_partition(machine)
        for data in (None, x):
            found = estimate(machine, draws(0, 0), 500, data_TNV=data, burn_in=100)
            torch.testing.assert_close(found.log_z_T, exact, rtol=0, atol=0.1)
            assert found.reliable_T.all()


def test_rectified_hiddens_have_no_chain_that_knows_the_machine() -> None:
    wide = bernoulli_machine(made_parameters(21, 4), hidden=Rectified())
    with pytest.raises(InputError, match="rectified hidden units needs at most 20 binary visible"):
        partition_of(wide, draws())
    narrow = bernoulli_machine(made_parameters(8, 4), hidden=Rectified())
    assert partition_of(narrow, draws()).exact
