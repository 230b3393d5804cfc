"""Unrolled, a layer goes up and down as before, by weights that are no longer shared."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import CASES, VISIBLE, Case, cohort, settings, trained

from layerwise.models import InputError
from layerwise.models.autoencoders.autoencoder import Autoencoder
from layerwise.models.network import Network
from layerwise.models.unrolling import require_stack, untied


def unrolls(case: Case) -> bool:
    """Whether a variant does not refuse."""
    try:
        cohort(case, [settings(case)], [0]).unrolled()
    except InputError:
        return False
    return True


def after_training(case: Case) -> Network:
    network = cohort(case, [settings(case, learning_rate=rate) for rate in (0.01, 0.02)], [0, 1])
    samples = case.samples([0, 1])
    trained(network, samples, samples)
    return network


UNROLLING = [case for case in CASES if unrolls(case)]


def test_autoencoders_and_machines_of_one_layer_unroll() -> None:
    found = {case.model for case in UNROLLING}
    assert {"top_k_autoencoder", "convolutional_autoencoder", "rectified_rbm"} < found
    with pytest.raises(InputError, match="replicated_softmax: cannot be unrolled"):
        after_training(Case("replicated_softmax")).unrolled()


# A deep Boltzmann machine's code settles over many passes; its unrolled form goes up once
# (tests/models/boltzmann/test_deep_boltzmann_machine.py).
ONE_PASS = [case for case in UNROLLING if case.model != "deep_boltzmann_machine"]


@pytest.mark.parametrize("case", ONE_PASS, ids=str)
def test_it_encodes_and_decodes_as_the_trained_layer_does(case: Case) -> None:
    network = after_training(case)
    x = case.samples([0, 1]).all()
    made = network.unrolled()
    code = network.encode(x)
    torch.testing.assert_close(made.encode(x), code, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(made.decode(code), network.decode(code), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("case", UNROLLING, ids=str)
def test_the_way_down_has_weights_of_its_own_and_the_layer_keeps_its(case: Case) -> None:
    network = after_training(case)
    x = case.samples([0, 1]).all()
    before, made = network.encode(x), network.unrolled()
    assert isinstance(made, Autoencoder)
    code = made.encode(x)
    for name, parameter in made.parameters.items():
        if "decoder_weight" in name:
            parameter.zero_()
    assert torch.equal(made.encode(x), code)
    assert not torch.equal(made.decode(code), network.decode(code))
    for parameter in made.parameters.values():
        parameter += 1
    assert torch.equal(network.encode(x), before)


def test_factors_are_multiplied_into_the_weights() -> None:
    """One unit each, σ² = 4: up h = σ(c + v W/σ²), down v = b + W h."""
    layer = cohort(Case("gaussian_rbm"), [settings(Case("gaussian_rbm"), hidden=1)], [0], visible=1)
    for name, value in {"weight": 2.0, "hidden_bias": 0.5, "visible_bias": -1.0}.items():
        layer.parameters[name].fill_(value)
    layer.parameters["log_variance"].fill_(torch.log(torch.tensor(4.0, dtype=torch.float64)))
    made = layer.unrolled()
    one = torch.ones(1, 1, 1, dtype=torch.float64)
    torch.testing.assert_close(made.encode(one), torch.sigmoid(one * (0.5 + 1 * 2 / 4)))
    torch.testing.assert_close(made.decode(one), one * (-1 + 2))


def test_untied_passes_are_copies() -> None:
    case = Case("autoencoder")
    layer = cohort(case, [settings(case)] * 2, [0, 1])
    made = untied(layer, layer.parameters, "tanh", "sigmoid")
    assert (made.activation, made.output_activation, made.tied) == ("tanh", "sigmoid", False)
    for name, parameter in made.parameters.items():
        assert torch.equal(parameter, layer.parameters[name])
        assert parameter.data_ptr() != layer.parameters[name].data_ptr()


def test_what_no_stack_is_is_refused() -> None:
    case = Case("autoencoder")

    def layer(visible: int, hidden: int, trials: int = 2) -> Network:
        trial = settings(case, hidden=hidden)
        return cohort(case, [trial] * trials, list(range(trials)), visible=visible)

    top = layer(VISIBLE, 3)
    require_stack(top, [layer(VISIBLE, 5), layer(5, 3)])
    for layers, message in [
        ([], "at least one layer"),
        ([layer(VISIBLE, 5), layer(6, 3)], "a layer 2 with 5 visible units, but got 6"),
        ([layer(11, 3)], "a layer 1 with 12 visible units, but got 11"),
        ([layer(VISIBLE, 5), layer(5, 3, trials=1)], "a layer 2 of 2 trials, but got 1"),
        ([layer(VISIBLE, 5)], "a stack with a code of 3, but got 5"),
    ]:
        with pytest.raises(InputError, match=message):
            require_stack(top, layers)
