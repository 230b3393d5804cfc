"""What deep autoencoders share: parts under prefixes, and a contraction without a closed form."""

from __future__ import annotations

import pytest
import torch
from made_cohorts import Case, cohort, made_samples, settings

from layerwise.models.autoencoders.deep import Deep, gathered

CASE = Case("deep_autoencoder", {"layers": (5, 4)})
X = made_samples([0]).all()[:, :6]


def network(**given: object) -> Deep:
    made = cohort(CASE, [settings(CASE, **given)] * 2, [3, 4])
    assert isinstance(made, Deep)
    return made


def test_the_parts_compute_with_the_whole_networks_parameters() -> None:
    made = network()
    assert list(made.parameters) == [
        f"{number}.{name}"
        for number in (1, 2, 3)
        for name in ("weight", "hidden_bias", "decoder_weight", "decoder_bias")
    ]
    for prefix, part in zip("123", made.parts(), strict=True):
        for name, value in part.parameters.items():
            assert value is made.parameters[f"{prefix}.{name}"]
    before = made.encode(X)
    made.parameters["2.hidden_bias"] += 1
    assert not torch.equal(made.encode(X), before)


def test_parts_start_apart_from_each_other() -> None:
    """The first numbers drawn for one part are not those of another."""
    first = network().parameters
    ratios = first["2.weight"].flatten(1)[:, :9] / first["3.weight"].flatten(1)[:, :9]
    assert (ratios.std(1) > 0.1).all()


def test_names_are_gathered_under_their_prefix() -> None:
    one = torch.ones(1)
    assert gathered({"1": {"weight": one}, "2": {"1.weight": one}}) == {
        "1.weight": one,
        "2.1.weight": one,
    }


def test_the_contractive_penalty_is_the_mean_squared_jacobian_norm() -> None:
    made = network(**{"contraction.weight": 0.7, "probes": 1000})
    expected = 0.7 * made.jacobian(X).square().sum((2, 3)).mean(-1)
    found = made.contracted(X, made.draws(1, 0))
    torch.testing.assert_close(found, expected, rtol=0.05, atol=0)
    plain = network(probes=1000)
    x = made_samples([0, 1]).all()[:, :6]
    without = plain.loss(x, plain.draws(1, 0))[0]
    penalty = made.contracted(x, made.draws(1, 0))
    torch.testing.assert_close(made.loss(x, made.draws(1, 0))[0], without + penalty)


def test_contraction_makes_the_code_move_less() -> None:
    def norm(weight: float) -> float:
        made = network(**{"contraction.weight": weight})
        optimiser = made.make_optimiser()
        for step in range(60):
            optimiser.step(made.parameters, made.gradients(X, made.draws(1, step))[0])
        return float(made.jacobian_norm(X, made.encode(X)).mean())

    assert norm(0.1) < 0.7 * norm(0.0)


def test_weights_of_tied_layers_are_listed_once() -> None:
    made = network(tied=True)
    assert not any("decoder_weight" in name for name in made.weights())
    made.set_weights(made.weights(1), 0)
    assert torch.equal(made.parameters["1.weight"][0], made.parameters["1.weight"][1])
    assert made.untied()["2.decoder_weight"].shape == (2, 4, 5)


@pytest.mark.parametrize("keep", [[1], [1, 0]])
def test_selected_trials_go_on_with_their_own_parts(keep: list[int]) -> None:
    made = network()
    code = made.encode(X)
    made.select(torch.tensor(keep))
    torch.testing.assert_close(made.encode(X), code[keep], rtol=1e-12, atol=1e-14)
