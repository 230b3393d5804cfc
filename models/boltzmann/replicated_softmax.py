"""Replicated softmax: a restricted Boltzmann machine of the words in documents."""

from __future__ import annotations

import torch
from torch import Tensor

from ..autoencoders.autoencoder import Autoencoder
from ..draws import Draws
from ..errors import InputError
from ..hyperparameter import default, structural
from ..measures import ROWS
from ..measures.examination import evenly
from ..network import Network
from ..registry import register
from ..trial_axis import product
from .annealing import CHAINS, TEMPERATURES
from .likelihood import enumerable, exact_log_partitions
from .machine import Machine, replicated_softmax_machine
from .partition import Normaliser, Partition, estimate
from .restricted_boltzmann_machine import Phase, RestrictedBoltzmannMachine
from .units import Bernoulli, Multinomial, Units

# Hidden units up to which the perplexity is worth its sum over all their states in every epoch.
SUMMED_IN_TRAINING = 10


@register(
    "replicated_softmax",
    equation="E(v̂, h) = −v̂ᵀWh − bᵀv̂ − D cᵀh,  D = Σ_k v̂_k",
    paper="Salakhutdinov & Hinton 2009, NIPS 22, Replicated softmax: an undirected topic model",
)
class ReplicatedSoftmax(RestrictedBoltzmannMachine):
    """E(v̂, h) = −v̂ᵀWh − bᵀv̂ − D cᵀh over the counts v̂ of a document of D words and binary h.

    p(h_j = 1 | v̂) = σ(D c_j + (v̂W)_j); given h, the D words are drawn one by one from
    softmax(b + Wh). Documents of every length share the weights. A likelihood is that of the words
    in their order, as in the paper: without a multinomial coefficient. ``decode`` gives the
    probability of each word, ``reconstruct`` D times that.
    """

    learning_rate = default(0.0001)
    words: int = structural(
        100, low=1, high=1_000_000, meaning="length of the documents that are sampled", unit="words"
    )

    @property
    def hidden_side(self) -> Units:
        """Bernoulli units."""
        return Bernoulli()

    def visible_side(self, v_TBV: Tensor) -> Units:
        """Words, as many as each document has."""
        return Multinomial(v_TBV.sum(-1))

    def hidden_input(self, v_TBV: Tensor) -> Tensor:
        """D c + v̂W, (T, B, H)."""
        length_TB1 = v_TBV.sum(-1, keepdim=True)
        said_TBH = product(v_TBV, self.parameters["weight"])
        return torch.addcmul(said_TBH, length_TB1, self.parameters["hidden_bias"][:, None])

    def hidden_rest(self, v_TBV: Tensor, mean_TV: Tensor) -> Tensor:
        """D (c + μW) with μ the mean shares of the words, (T, B, H)."""
        return v_TBV.sum(-1, keepdim=True) * super().hidden_rest(v_TBV, mean_TV)

    def sensitivity(self) -> Tensor:
        """W + c, (T, V, H): one word more also makes D larger."""
        return self.parameters["weight"] + self.parameters["hidden_bias"][:, None]

    def decode(self, code_TBH: Tensor) -> Tensor:
        """The probability of each word, softmax(b + Wh), (T, B, V)."""
        return torch.softmax(self.visible_input(code_TBH), -1)

    def reconstruct(self, x_TBV: Tensor) -> Tensor:
        """The expected counts D softmax(b + Wh) at the mean h, (T, B, V)."""
        return x_TBV.sum(-1, keepdim=True) * self.decode(self.encode(x_TBV))

    def unrolled(self) -> Autoencoder:
        """Refused: a softmax over words is no autoencoder's output."""
        return Network.unrolled(self)

    def first_visible_bias(self, mean_TV: Tensor) -> Tensor:
        """The log of the words' shares, with a hundredth of a word per document added to each."""
        return (mean_TV + 0.01).log().log_softmax(-1)

    def centre(self, v_TBV: Tensor) -> Tensor:
        """The mean share of each word, (1 or T, V)."""
        return (v_TBV / v_TBV.sum(-1, keepdim=True).clamp(min=1)).mean(1)

    def start(self, count: int, draws: Draws, purpose: str, x_TNV: Tensor | None = None) -> Tensor:
        """Documents of independent words, of the data's lengths or of ``words`` words."""
        bias_TCV = self.parameters["visible_bias"][:, None].expand(-1, count, -1)
        length_TC = bias_TCV.new_full((1, count), self.words)
        if x_TNV is not None:
            spread_C = torch.linspace(0, x_TNV.shape[1] - 1, count, device=x_TNV.device).long()
            length_TC = x_TNV[:, spread_C].sum(-1)
        return Multinomial(length_TC).sample(bias_TCV, draws, purpose)

    def meet(self, x_TNV: Tensor) -> None:
        """Refuse what is no count of words, and start as every machine does.

        Raises:
            InputError: negative numbers, fractions, or a document without words.
        """
        if (x_TNV < 0).any() or (x_TNV != x_TNV.round()).any():
            low, fractions = x_TNV.min().item(), int((x_TNV != x_TNV.round()).sum())
            got = f"a smallest one of {low:g} and {fractions} fractions"
            raise InputError(self.name, "needs counts of words: whole numbers from 0", got)
        if (x_TNV.sum(-1) == 0).any():
            raise InputError(self.name, "needs a word in every document", "an empty one")
        super().meet(x_TNV)

    def contrast(self, data: Phase, chain: Phase) -> dict[str, Tensor]:
        """As for every machine, but the hidden biases count once for each word."""
        said_TH, dreamt_TH = (
            (p.v_TBV.sum(-1, keepdim=True) * p.mean_TBH).mean(1) for p in (data, chain)
        )
        return super().contrast(data, chain) | {"hidden_bias": dreamt_TH - said_TH}

    def machine(self) -> Machine:
        """The tensors of the partition function of documents of ``words`` words."""
        return replicated_softmax_machine(self.parameters, self.words)

    @torch.no_grad()
    def normaliser(
        self,
        v_TBV: Tensor,
        temperatures: int = TEMPERATURES,
        chains: int = CHAINS,
        near_TNV: Tensor | None = None,
        *,
        annealed: bool = False,
    ) -> Normaliser:
        """log Z_D of each document's length D: an estimate of its own for every length there is.

        Downward chains start at ``near``, or where it is left out at the documents themselves.

        Args:
            annealed: whether it is estimated where it could be summed, too.
        """
        start_TBV = v_TBV if near_TNV is None else near_TNV
        length_L, place_TB = torch.unique(v_TBV.sum(-1), return_inverse=True)
        if enumerable(self.machine()) and not annealed:
            log_z_TL = exact_log_partitions(self.parameters, length_L)
            partitions = [Partition.exactly(log_z_T) for log_z_T in log_z_TL.unbind(1)]
        else:
            partitions = [
                estimate(
                    replicated_softmax_machine(self.parameters, int(length)), self.draws(),
                    temperatures, chains, schedule=self.annealing.schedule,
                    data_TNV=evenly(start_TBV, chains, 1),
                )
                for length in length_L.tolist()
            ]  # fmt: skip
        return Normaliser.chosen(partitions, place_TB)

    def evaluate(self, x_TNV: Tensor, train_TNV: Tensor) -> dict[str, Tensor]:
        """The measures, and with at most 10 hidden units ``perplexity`` per word.

        exp(−mean_n (log p(v̂_n))/D_n) (Salakhutdinov & Hinton 2009, section 4.2).
        """
        measures, parts = super().evaluate(x_TNV, train_TNV), torch.split(x_TNV, ROWS, dim=1)
        errors = [(self.reconstruct(x_TBV) - x_TBV).square().sum(-1) for x_TBV in parts]
        measures["reconstruction_error"] = torch.cat(errors, 1).mean(-1)
        if self.hidden <= SUMMED_IN_TRAINING:
            rates = [self.log_likelihood(x) / x.sum(-1).clamp(min=1) for x in parts]
            measures["perplexity"] = (-torch.cat(rates, 1).mean(-1)).exp()
        return measures
