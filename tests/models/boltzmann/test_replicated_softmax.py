"""Documents of words by enumeration: energies, partition functions, chains, and what is refused."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch
from enumerated_machines import CHAINS, chi_square, drawn, machine

from layerwise.models import InputError, create
from layerwise.models.boltzmann.likelihood import binary_states
from layerwise.models.boltzmann.replicated_softmax import ReplicatedSoftmax

WORDS, HIDDEN, LENGTH = 3, 2, 4
SEQUENCES = torch.tensor(list(product(range(WORDS), repeat=LENGTH)))
COUNTS = torch.nn.functional.one_hot(SEQUENCES, WORDS).sum(1).double()


def small(**given: object) -> ReplicatedSoftmax:
    return machine(ReplicatedSoftmax, WORDS, hidden=HIDDEN, words=LENGTH, **given)


def minus_energy(made: ReplicatedSoftmax, v: torch.Tensor) -> torch.Tensor:
    """v̂ᵀWh + bᵀv̂ + D cᵀh for counts (N, K) and all hidden states, (N, 2^H)."""
    p, h = {name: value[0] for name, value in made.parameters.items()}, binary_states(HIDDEN)
    length = v.sum(1, keepdim=True)
    return (
        v @ p["weight"] @ h.T + (v @ p["visible_bias"])[:, None] + length * (h @ p["hidden_bias"])
    )


def test_free_energy_sums_the_hidden_states_out() -> None:
    made = small()
    for v in (COUNTS, 3 * COUNTS):
        expected = -minus_energy(made, v).logsumexp(1)
        torch.testing.assert_close(made.free_energy(v[None])[0], expected, rtol=1e-12, atol=1e-12)


def test_the_partition_function_over_sequences_is_that_over_hiddens() -> None:
    made = small()
    by_sequences = minus_energy(made, COUNTS).logsumexp((0, 1))
    log_p = made.log_likelihood(COUNTS[None])[0]
    by_hiddens = -made.free_energy(COUNTS[None])[0] - log_p
    torch.testing.assert_close(by_hiddens, by_sequences.expand(81), rtol=0, atol=1e-10)
    assert log_p.exp().sum().item() == pytest.approx(1, abs=1e-10)


def test_every_length_has_its_own_partition_function() -> None:
    made = small()
    v = torch.cat([COUNTS[:7], torch.eye(WORDS, dtype=torch.float64)])
    found = made.log_likelihood(v[None])[0]
    torch.testing.assert_close(found[:7], made.log_likelihood(COUNTS[None, :7])[0])
    assert found[7:].exp().sum().item() == pytest.approx(1, abs=1e-12)


def test_conditionals_are_those_of_the_joint_distribution() -> None:
    made, h = small(), binary_states(HIDDEN)
    p = minus_energy(made, COUNTS)
    posterior = torch.softmax(p, 1)
    torch.testing.assert_close(made.encode(COUNTS[None])[0], posterior @ h, rtol=1e-12, atol=0)
    expected = (torch.softmax(p, 0).T @ COUNTS) / LENGTH
    torch.testing.assert_close(made.decode(h[None])[0], expected, rtol=1e-12, atol=0)
    counts = made.reconstruct(COUNTS[None])
    torch.testing.assert_close(counts.sum(-1), torch.full_like(counts[..., 0], LENGTH))


def test_chains_that_start_at_the_model_stay_there() -> None:
    """Geweke's test over the 231 bags of 20 words; every document keeps its length."""
    made, words = small(), 20
    every = torch.tensor(list(product(range(words + 1), repeat=WORDS))).double()
    bags = every[every.sum(1) == words]
    orders = torch.lgamma(torch.tensor(words + 1.0)) - torch.lgamma(bags + 1).sum(1)
    p_bag = torch.softmax(minus_energy(made, bags).logsumexp(1) + orders, 0)
    v = bags[drawn(p_bag, CHAINS)][None]
    for step in range(5):
        v, _ = made.sweep(v, made.hidden_input(v), made.draws(1, step), "sweep")
    assert (v.sum(-1) == words).all()
    index = (v[0][:, None] == bags).all(-1).long().argmax(1)
    assert 0.75 < chi_square(index, p_bag) < 1.3


def test_particles_have_the_lengths_of_the_data() -> None:
    made = small(persistent=True, particles=5, temperatures=3)
    x = torch.cat([COUNTS, 2 * COUNTS])[None]
    made.meet(x)
    lengths = made.state["particles"].sum(-1).view(3, 5)
    assert lengths.tolist() == [[LENGTH, LENGTH, LENGTH, 2 * LENGTH, 2 * LENGTH]] * 3
    made.gradients(x, made.draws(1, 0))
    assert torch.equal(made.state["particles"].sum(-1).view(3, 5), lengths)


def test_samples_are_expected_counts_of_documents_of_the_asked_length() -> None:
    sampled = small().sample(50, 3, small().draws())
    torch.testing.assert_close(sampled.sum(-1), torch.full((1, 50), LENGTH, dtype=torch.float64))


def test_the_machine_that_knows_nothing_has_the_perplexity_of_the_vocabulary() -> None:
    made = machine(ReplicatedSoftmax, 9, hidden=2, scale=0.0)
    made.parameters["weight"].zero_()
    x = torch.randint(1, 5, (1, 20, 9), generator=torch.Generator().manual_seed(0)).double()
    assert made.evaluate(x, x)["perplexity"].item() == pytest.approx(9)


def test_topics_are_learned() -> None:
    """Documents about one of two halves of the vocabulary: half the perplexity of no topics."""
    rng = np.random.default_rng(0)
    topic = rng.integers(0, 2, 400)
    p = np.where(np.arange(10) // 5 == topic[:, None], 0.2, 0.0)
    x = np.array([rng.multinomial(20, row) for row in p]).astype(float)
    made = create(
        "replicated_softmax", hidden=2, epochs=100, batch_size=50, learning_rate=0.002
    ).fit(x)
    perplexity = np.exp(-made.log_likelihood(x).mean() / 20)
    assert perplexity < 6.5


def test_what_is_no_count_is_refused() -> None:
    for bad, message in (
        ([[1.0, -2.0]], "a smallest one of -2"),
        ([[0.5, 2.0]], "1 fractions"),
        ([[1.0, 2.0], [0.0, 0.0]], "needs a word in every document"),
    ):
        with pytest.raises(InputError, match=message):
            create("replicated_softmax").fit(bad)
