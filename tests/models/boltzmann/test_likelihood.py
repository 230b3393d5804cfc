"""The partition function by both sides, and jointly."""

from __future__ import annotations

import pytest
import torch

from layerwise.models import InputError
from layerwise.models.boltzmann.likelihood import binary_states, log_partition

MACHINES = 3


def parameters(visible: int, hidden: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(visible)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(MACHINES, *shape, generator=generator, dtype=torch.float64)

    return {
        "weight": normal(visible, hidden),
        "visible_bias": normal(visible),
        "hidden_bias": normal(hidden),
    }


def turned(given: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same machine with its sides exchanged."""
    return {
        "weight": given["weight"].mT,
        "visible_bias": given["hidden_bias"],
        "hidden_bias": given["visible_bias"],
    }


def test_both_sides_and_the_joint_sum_agree() -> None:
    given = parameters(8, 6)
    v, h = binary_states(8), binary_states(6)
    minus_energy = (
        torch.einsum("nv,tvh,mh->tnm", v, given["weight"], h)
        + (given["visible_bias"] @ v.T)[:, :, None]
        + (given["hidden_bias"] @ h.T)[:, None]
    )
    jointly = minus_energy.logsumexp((1, 2))
    by_hiddens = log_partition(given)
    by_visibles = minus_energy.logsumexp(2).logsumexp(1)
    for found in (by_hiddens, by_visibles, log_partition(turned(given))):
        torch.testing.assert_close(found, jointly, rtol=1e-10, atol=1e-10)


def test_the_smaller_side_is_enumerated_whichever_it_is() -> None:
    wide = parameters(40, 3)
    torch.testing.assert_close(log_partition(wide), log_partition(turned(wide)))


def test_more_states_than_fit_one_slice() -> None:
    given = {name: torch.zeros_like(value) for name, value in parameters(14, 15).items()}
    expected = torch.full(
        (MACHINES,), 29 * torch.log(torch.tensor(2.0)).item(), dtype=torch.float64
    )
    torch.testing.assert_close(log_partition(given), expected)


def test_single_precision_is_summed_in_double() -> None:
    given = parameters(8, 6)
    single = log_partition({name: value.float() for name, value in given.items()})
    assert single.dtype == torch.float32
    torch.testing.assert_close(single.double(), log_partition(given), rtol=1e-6, atol=1e-5)


def test_machines_too_wide_to_enumerate_are_refused() -> None:
    with pytest.raises(InputError, match="at most 20 units, but got '21 visible and 22 hidden"):
        log_partition(parameters(21, 22))


def test_binary_states_are_all_different() -> None:
    states = binary_states(5)
    assert states.shape == (32, 5)
    assert len({tuple(row) for row in states.tolist()}) == 32
    assert set(states.flatten().tolist()) == {0.0, 1.0}
