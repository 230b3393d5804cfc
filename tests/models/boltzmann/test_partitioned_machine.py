"""What networks make of their partition function: likelihoods, bounds, and the health of chains."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import Case, cohort, made_samples, settings
from torch import Tensor

from layerwise.models import HyperparameterError, InputError, create
from layerwise.models.boltzmann.likelihood import exact_log_partition
from layerwise.models.boltzmann.partition import Normaliser, Partition, estimate
from layerwise.models.boltzmann.partitioned_machine import PartitionedMachine
from layerwise.models.training import Samples

WIDE = 25
FEW = {"annealing.temperatures": 50, "annealing.chains": 20}
LIKELIHOOD = {"", "_low", "_high", "_reliable"}


def network(model: str, visible: int = 12, trials: int = 2, **given: object) -> PartitionedMachine:
    """Weights large enough to matter, in a network that has met data."""
    case = Case(model)
    made = cohort(case, [settings(case, **given)] * trials, range(trials), visible=visible)
    assert isinstance(made, PartitionedMachine)
    made.meet(data(visible))
    generator = torch.Generator().manual_seed(7)
    for name, value in made.parameters.items():
        if "weight" in name:
            noise = torch.randn(value.shape[1:], generator=generator, dtype=torch.float64)
            value += 0.4 * noise
    return made


def data(visible: int = 12, rows: int = 60) -> Tensor:
    generator = torch.Generator().manual_seed(3)
    return (torch.rand(1, rows, visible, generator=generator) < 0.4).double()


def named(measures: dict[str, Tensor], prefix: str) -> set[str]:
    return {name.removeprefix(prefix) for name in measures if name.startswith(prefix)}


def test_small_machines_end_a_stage_with_their_exact_likelihood() -> None:
    made = network("bernoulli_rbm")
    found = made.final_measures(data(), data())
    exact = made.log_likelihood(data()).mean(-1)
    for suffix in ("", "_low", "_high"):
        torch.testing.assert_close(found[f"log_likelihood{suffix}"], exact)
    assert found["log_likelihood_reliable"].tolist() == [1, 1]
    assert found.keys() == {f"log_likelihood{suffix}" for suffix in LIKELIHOOD}


def test_wide_machines_end_a_stage_without_unless_it_is_asked_for() -> None:
    assert network("bernoulli_rbm", WIDE, hidden=WIDE).final_measures(data(WIDE), data(WIDE)) == {}
    made = network("bernoulli_rbm", WIDE, hidden=WIDE, **FEW)
    found = made.final_measures(data(WIDE), data(WIDE))
    assert named(found, "log_likelihood") == LIKELIHOOD
    assert (found["log_likelihood_low"] < found["log_likelihood"]).all()
    assert (found["log_likelihood"] < found["log_likelihood_high"]).all()
    assert all(value.shape == (2,) for value in found.values())


@pytest.mark.parametrize("model", ["bernoulli_rbm", "deep_boltzmann_machine"])
def test_an_estimate_asked_for_stands_beside_the_sum(model: str) -> None:
    given = {"annealing.temperatures": 400, "annealing.chains": 60}
    made, without = network(model, **given), network(model)
    found = made.final_measures(data(), data())
    name = "log_likelihood" if model == "bernoulli_rbm" else "log_likelihood_bound"
    for suffix in LIKELIHOOD:
        summed = without.final_measures(data(), data())[name + suffix]
        assert torch.equal(found[name + suffix], summed)
        assert found[f"{name}_annealed{suffix}"].shape == (2,)
    error = (found[f"{name}_annealed"] - found[name]).abs()
    assert (error > 0).all()
    assert (error < 0.25).all()
    assert (found[f"{name}_annealed_low"] < found[name]).all()
    assert (found[name] < found[f"{name}_annealed_high"]).all()


def test_a_sum_and_an_estimate_are_both_kept_until_the_machine_changes() -> None:
    made = network("bernoulli_rbm")
    near = data()
    summed = made.normaliser(near[:, :5], 20, 10, near).log_z_TB
    annealed = made.normaliser(near[:, :5], 20, 10, near, annealed=True).log_z_TB
    assert not torch.equal(summed, annealed)
    assert torch.equal(made.normaliser(near[:, 5:], 20, 10, near).log_z_TB, summed)
    again = made.normaliser(near[:, 5:], 20, 10, near, annealed=True).log_z_TB
    assert torch.equal(again, annealed)
    made.parameters["hidden_bias"] += 1
    for asked in (False, True):
        changed = made.normaliser(near, 20, 10, near, annealed=asked).log_z_TB
        assert (changed > torch.maximum(summed, annealed) + 1).all()


def test_documents_of_each_length_are_annealed_beside_their_sums() -> None:
    made = network("replicated_softmax", **{"annealing.temperatures": 300})
    found = made.final_measures(2 * data(rows=8), 2 * data(rows=8))
    assert named(found, "log_likelihood_annealed") == LIKELIHOOD
    torch.testing.assert_close(
        found["log_likelihood_annealed"], found["log_likelihood"], rtol=0, atol=0.3
    )


def test_a_likelihood_does_not_depend_on_what_is_measured_beside_it() -> None:
    made = network("bernoulli_rbm", WIDE, hidden=WIDE)
    together = made.log_likelihood(data(WIDE))
    alone = made.log_likelihood(data(WIDE)[:, 4:5])
    torch.testing.assert_close(together[:, 4:5], alone, rtol=0, atol=1e-10)


def test_an_estimate_serves_two_sets_of_samples_until_the_machine_changes() -> None:
    made = network("bernoulli_rbm", WIDE, hidden=WIDE)
    near = data(WIDE)
    first = made.normaliser(near[:, :5], 20, 10, near).log_z_TB
    assert torch.equal(made.normaliser(near[:, 5:], 20, 10, near).log_z_TB, first)
    assert not torch.equal(made.normaliser(near[:, 5:], 21, 10, near).log_z_TB, first)
    made.parameters["hidden_bias"] += 1
    assert (made.normaliser(near, 20, 10, near).log_z_TB > first + 1).all()


def test_a_known_normaliser_is_not_estimated_again() -> None:
    made = network("bernoulli_rbm", WIDE, hidden=WIDE)
    normaliser = made.normaliser(data(WIDE), temperatures=20, chains=10)
    found = made.log_likelihood(data(WIDE), normaliser)
    expected = -made.free_energy(data(WIDE)) - normaliser.log_z_TB
    assert torch.equal(found, expected)
    assert normaliser.reliable_T.shape == (2,)


@pytest.mark.parametrize(
    ("model", "given"),
    [
        ("bernoulli_rbm", {}),
        ("bernoulli_rbm", {"hidden_units": "gaussian"}),
        ("gaussian_rbm", {}),
        ("deep_boltzmann_machine", {}),
        ("deep_belief_network", {}),
    ],
)
def test_estimates_from_the_networks_own_tensors_agree_with_sums(
    model: str, given: dict[str, object]
) -> None:
    made = network(model, **given)
    found = estimate(
        made.machine(), made.draws(), 300, data_TNV=made.machine_states(data()), burn_in=50
    )
    torch.testing.assert_close(found.log_z_T, made.partition().log_z_T, rtol=0, atol=0.25)
    assert made.partition().exact


def test_deep_machines_end_a_stage_with_a_bound() -> None:
    for model in ("deep_boltzmann_machine", "deep_belief_network"):
        made = network(model)
        found = made.final_measures(data(), data())
        assert named(found, "log_likelihood_bound") == LIKELIHOOD
        bound = made.log_unnormalised(data()) - exact_log_partition(made.machine())[:, None]
        torch.testing.assert_close(found["log_likelihood_bound"], bound.mean(-1))
        assert (bound < 0).all()


def test_persistent_chains_tell_their_health() -> None:
    made = network("bernoulli_rbm", persistent=True, particles=20)
    found = made.final_measures(data(), data())
    states = made.persistent_states()
    assert states is not None
    assert states.shape == (2, 20, 12)
    assert (found["particle_r_hat"] < 1.1).all()
    assert (found["particle_effective_samples"] > 100).all()
    assert (found["particle_effective_samples"] <= 20 * 100 * 4).all()


def test_chains_that_do_not_mix_are_told() -> None:
    """Two modes, all units on and all off, and chains that start in both."""
    made = network("bernoulli_rbm", persistent=True, particles=20)
    made.parameters["weight"].fill_(1.5)
    made.parameters["visible_bias"].fill_(-1.5 * 3.5)
    made.parameters["hidden_bias"].fill_(-1.5 * 5.5)
    made.state["particles"].zero_()
    made.state["particles"][:, 10:] = 1
    assert (made.final_measures(data(), data())["particle_r_hat"] > 1.1).all()


def test_only_particles_at_the_machines_own_temperature_count() -> None:
    made = network("bernoulli_rbm", persistent=True, particles=9, temperatures=3)
    assert made.state["particles"].shape == (2, 27, 12)
    states = made.persistent_states()
    assert states is not None
    assert torch.equal(states, made.state["particles"][:, :9])
    trace = made.along_chains(states, 5, made.draws())
    assert trace.shape == (2, 9, 5)
    torch.testing.assert_close(trace[..., 0], made.log_unnormalised(states))


def test_documents_of_each_length_have_a_partition_function_of_their_own() -> None:
    made = network("replicated_softmax", trials=2)
    v = torch.tensor([[3.0, 1], [0, 2], [5, 0], [0, 2]], dtype=torch.float64)
    v = torch.cat([v, torch.zeros(4, 10, dtype=torch.float64)], 1)[None]
    found = made.normaliser(v)
    assert found.reliable_T.all()
    assert torch.equal(found.log_z_TB[:, 1], found.log_z_TB[:, 3])
    for row, length in enumerate(v[0].sum(-1).tolist()):
        one = network("replicated_softmax", trials=2, words=int(length))
        torch.testing.assert_close(found.log_z_TB[:, row], one.partition().log_z_T)


def test_wide_document_models_are_estimated_length_by_length() -> None:
    """Without weights log Z_D = D log Σ_k exp(b_k) + Σ_j softplus(D c_j), and nothing varies."""
    made = network("replicated_softmax", hidden=21)
    made.parameters["weight"].zero_()
    made.parameters["hidden_bias"].fill_(0.3)
    found = made.normaliser(2 * data(), temperatures=4, chains=3)
    length = 2 * data().sum(-1)
    bias = made.parameters["visible_bias"].logsumexp(-1)[:, None]
    expected = length * bias + 21 * torch.log1p((0.3 * length).exp())
    for bound in (found.log_z_TB, found.low_TB, found.high_TB):
        torch.testing.assert_close(bound, expected, rtol=1e-10, atol=1e-10)


def test_one_unreliable_length_makes_a_trial_unreliable() -> None:
    def of(log_z: float, reliable: list[bool]) -> Partition:
        value = torch.full((2,), log_z)
        return Partition(value, value - 1, value + 2, False, value, value, torch.tensor(reliable))

    found = Normaliser.chosen(
        [of(1.0, [True, True]), of(5.0, [True, False])], torch.tensor([[1, 0, 1]])
    )
    assert found.log_z_TB.tolist() == [[5, 1, 5]] * 2
    assert found.low_TB.tolist() == [[4, 0, 4]] * 2
    assert found.high_TB.tolist() == [[7, 3, 7]] * 2
    assert found.reliable_T.tolist() == [True, False]


def test_machines_without_a_likelihood_say_so() -> None:
    doubled = network("bernoulli_rbm", doubling="up")
    assert doubled.final_measures(data(), data()) == {}
    with pytest.raises(InputError, match="doubled"):
        doubled.partition()
    with pytest.raises(HyperparameterError, match=r"annealing\.temperatures: must be 0"):
        create("bernoulli_rbm", doubling="up", annealing={"temperatures": 10})
    with pytest.raises(HyperparameterError, match="do not follow their free energy"):
        create("rectified_rbm", annealing={"temperatures": 10})


def test_the_estimate_is_each_trials_own() -> None:
    case = Case("bernoulli_rbm")
    trial = settings(case, hidden=WIDE, **FEW)
    x = made_samples([0]).all()
    samples = Samples(torch.cat([x, x, x], -1)[..., :WIDE], (0,)).all()
    together = cohort(case, [trial] * 3, [4, 5, 4], visible=WIDE)
    alone = cohort(case, [trial], [5], visible=WIDE)
    for made in (together, alone):
        made.meet(samples)
    wholes = together.final_measures(samples, samples)
    for name, value in alone.final_measures(samples, samples).items():
        torch.testing.assert_close(wholes[name][1:2], value, rtol=1e-10, atol=1e-10)
        assert torch.equal(wholes[name][0], wholes[name][2])
