"""Phases of training, what each learns and reports, and what a machine can begin from."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from deep_machines import HIDDEN, VISIBLE, deep
from enumerated_machines import made_states

from layerwise.models import HyperparameterError, InputError, create
from layerwise.models.boltzmann.bernoulli_rbm import BernoulliRBM
from layerwise.models.boltzmann.deep_belief_network import DeepBeliefNetwork
from layerwise.models.boltzmann.deep_boltzmann_machine import DeepBoltzmannMachine
from layerwise.models.boltzmann.greedy import JOINT, GreedyMachine
from layerwise.models.boltzmann.multimodal_boltzmann_machine import MultimodalBoltzmannMachine
from layerwise.models.boltzmann.rectified_rbm import RectifiedRBM
from layerwise.models.network import Network
from layerwise.models.registry import resolve
from layerwise.models.training import Samples, Training

VARIANTS = (DeepBeliefNetwork, DeepBoltzmannMachine, MultimodalBoltzmannMachine)
DOUBLING = {DeepBeliefNetwork: ("none", "none"), DeepBoltzmannMachine: ("up", "down")}
every_variant = pytest.mark.parametrize("variant", VARIANTS)
every_joint_variant = pytest.mark.parametrize("variant", list(DOUBLING))


def rbm(visible: int, hidden: int, trials: int = 1, **given: Any) -> BernoulliRBM:
    settings = resolve(BernoulliRBM, {"hidden": hidden, **given})
    made = BernoulliRBM(visible, [settings] * trials, list(range(trials)), torch.float64)
    generator = torch.Generator().manual_seed(visible)
    for parameter in made.parameters.values():
        parameter += torch.randn(parameter.shape, generator=generator, dtype=torch.float64)
    return made


def stack(variant: type[GreedyMachine], trials: int = 1) -> list[BernoulliRBM]:
    first, last = DOUBLING[variant]
    return [
        rbm(VISIBLE, 4, trials, doubling=first), rbm(4, HIDDEN, trials, doubling=last),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("epochs", "pretraining", "layers", "phases"),
    [
        (7, 2, (4,), [1, 1, 2, 2, JOINT, JOINT, JOINT]),
        (7, 3, (4,), [1, 1, 2, 2, JOINT, JOINT, JOINT]),
        (7, 1, (4, 4), [1, 2, 3, JOINT, JOINT, JOINT, JOINT]),
        (2, 5, (4,), [JOINT, JOINT]),
        (3, 0, (4,), [JOINT, JOINT, JOINT]),
    ],
)
def test_the_phase_follows_from_the_epoch(
    epochs: int, pretraining: int, layers: tuple[int, ...], phases: list[int]
) -> None:
    """No layer gets more than an equal share of the epochs, so that some are always joint."""
    made = deep(DeepBeliefNetwork, layers, epochs=epochs, pretraining_epochs=pretraining)
    assert [made.phase(epoch) for epoch in range(1, epochs + 1)] == phases


@every_joint_variant
def test_a_machine_that_began_from_a_stack_learns_jointly(variant: type[GreedyMachine]) -> None:
    made = deep(variant, epochs=7, pretraining_epochs=2)
    made.begin_from(stack(variant))
    assert {made.phase(epoch) for epoch in range(1, 8)} == {JOINT}


@every_variant
def test_every_parameter_is_learned_in_some_phase(variant: type[GreedyMachine]) -> None:
    made = deep(variant, (4, 4), epochs=4)
    x = made_states(20, VISIBLE)[None]
    made.meet(x)
    learned = [set(made.gradients(x, made.draws(epoch, 0))[0]) for epoch in range(1, 5)]
    assert learned[3] == set.union(*learned) == made.parameters.keys()
    assert all(names < learned[3] for names in learned[:3])


@every_variant
def test_joint_gradients_are_scaled_and_others_are_not(variant: type[GreedyMachine]) -> None:
    x = made_states(20, VISIBLE)[None]
    for epoch, factor in [(1, 1.0), (3, 0.25)]:
        found = []
        for rate in (1.0, 0.25):
            made = deep(variant, epochs=3, joint_rate=rate)
            made.meet(x)
            found.append(made.gradients(x, made.draws(epoch, 0))[0])
        for name, value in found[0].items():
            torch.testing.assert_close(found[1][name], factor * value)


@every_variant
def test_the_error_is_that_of_the_layers_trained_so_far(variant: type[GreedyMachine]) -> None:
    x = made_states(20, VISIBLE)[None]
    made = deep(variant, epochs=3)
    made.meet(x)
    joint = made.gradients(x, made.draws(3, 0))[1]["reconstruction_error"]
    expected = (made.reconstruct(x) - x).square().sum(-1).mean(-1)
    torch.testing.assert_close(joint, expected)
    names = [name for name in made.parameters if "2." in name and "weight" in name]
    first = made.gradients(x, made.draws(1, 0))[1]["reconstruction_error"]
    for name in names:
        made.parameters[name].fill_(torch.nan)
    alone = made.gradients(x, made.draws(1, 0))[1]["reconstruction_error"]
    torch.testing.assert_close(first, alone)


@every_variant
def test_training_resumes_in_every_phase_bit_for_bit(variant: type[GreedyMachine]) -> None:
    samples = Samples(made_states(30, VISIBLE)[None], (0, 0))

    def fresh() -> GreedyMachine:
        return deep(variant, trials=2, epochs=6, pretraining_epochs=2)

    whole = fresh()
    training = Training(whole, samples, None, 6)
    checkpoints = [training.checkpoint() for _ in training]
    for checkpoint in checkpoints[1:-1]:
        again = fresh()
        list(Training(again, samples, None, 6, checkpoint))
        for name, value in whole.parameters.items():
            assert torch.equal(again.parameters[name], value), (checkpoint.epoch, name)
        assert again.state.keys() == whole.state.keys()
        assert all(torch.equal(again.state[name], v) for name, v in whole.state.items())


def test_a_machine_of_one_layer_is_refused() -> None:
    with pytest.raises(HyperparameterError, match="A machine of one layer is a `bernoulli_rbm`"):
        create("deep_belief_network", layers=[])


@every_joint_variant
def test_what_it_cannot_begin_from_is_refused(variant: type[GreedyMachine]) -> None:
    first, last = DOUBLING[variant]
    top = rbm(4, HIDDEN, doubling=last)
    rectified = RectifiedRBM(VISIBLE, [resolve(RectifiedRBM, {"hidden": 4})], [0], torch.float64)
    other = "both" if first == "none" else "none"
    cases: list[tuple[list[Network], str]] = [
        ([], "at least one layer"),
        ([rbm(VISIBLE + 1, 4, doubling=first), top], "6 visible units"),
        ([rbm(VISIBLE, 4, 2, doubling=first), top], "1 trials"),
        ([rbm(VISIBLE, 5, doubling=first), rbm(5, HIDDEN, doubling=last)], r"layers of \[4\]"),
        ([rectified, top], "binary hidden units as layer 1, but got 'rectified_rbm'"),
        ([rbm(VISIBLE, 4, hidden_units="gaussian"), top], "binary hidden units as layer 1"),
        ([rbm(VISIBLE, 4, doubling=other), top], f"doubling {first}, but got '{other}'"),
    ]
    for layers, message in cases:
        made = deep(variant)
        with pytest.raises(InputError, match=message):
            made.begin_from(layers)
        assert not made.began


@every_joint_variant
def test_the_stack_it_began_from_stays_as_it_is(variant: type[GreedyMachine]) -> None:
    layers = stack(variant, trials=2)
    before = [{n: p.clone() for n, p in layer.parameters.items()} for layer in layers]
    made = deep(variant, trials=2, epochs=1)
    made.begin_from(layers)
    samples = Samples(made_states(30, VISIBLE)[None], (0, 0))
    visible_bias = made.parameters["visible_bias"].clone()
    training = iter(Training(made, samples, None, 1))
    next(training)
    assert torch.equal(made.parameters["visible_bias"], visible_bias)
    list(training)
    assert not torch.equal(made.parameters["visible_bias"], visible_bias)
    for layer, held in zip(layers, before, strict=True):
        assert all(torch.equal(layer.parameters[name], value) for name, value in held.items())
