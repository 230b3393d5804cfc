"""What is measured once, at the end of a stage: too costly for every epoch."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

import torch
from torch import Tensor

from ..boltzmann.units import Bernoulli, Multinomial
from .agreement import adjusted_rand_index, normalised_mutual_information
from .clustering import kmeans
from .displacement import distance_travelled
from .readout import Probe, neighbour_accuracy
from .reconstruction import reconstruction_errors
from .spectrum import effective_rank, spectrum

if TYPE_CHECKING:
    from ..network import Network

# Samples at most: that readers of labels learn from, that are read or clustered, that are carried
# by the field.
LEARNT, READ, CARRIED = 1000, 1000, 100
# Noise levels of the displacement, in the inputs' own unit.
LEVELS = (0.0, 0.1, 0.25, 0.5)
# Eigenvalues take about the cube of the Jacobian's smaller side for each sample.
SPECTRA, CUBES = 32, 2**29


class Examination:
    """Examines a trained network; what readers learn from the training samples they learn once.

    Args:
        network: after training.
        train_TNV, train_label_N: what it has learned from; labels are whole numbers from 0.
    """

    def __init__(
        self, network: Network, train_TNV: Tensor, train_label_N: Tensor | None = None
    ) -> None:
        self._network = network
        self._train_TNV = train_TNV
        self._labels_N = None if train_label_N is None else evenly(train_label_N, LEARNT)

    @cached_property
    def _train_codes(self) -> Tensor:
        return self._network.encode(evenly(self._train_TNV, LEARNT, 1))

    @cached_property
    def _probe(self) -> Probe:
        assert self._labels_N is not None
        return Probe(self._train_codes, self._labels_N)

    @torch.no_grad()
    def of(self, x_TNV: Tensor, label_N: Tensor | None = None) -> dict[str, Tensor]:
        """The final measures of samples (1 or T, N, V), a number per trial, (T,).

        mean_squared_error, root_mean_squared_error, unexplained_variance, cross_entropy
                                 as in :func:`~.reconstruction.reconstruction_errors`
        leading_singular_value   largest singular value of ∂code/∂input, mean over samples
        effective_rank           directions in which the code moves, mean over samples
        displacement_LEVEL       mean ‖r(x̃) − x̃‖ where Gaussian noise of this level is added; not
                                 of counts, to which it cannot be added

        and with labels:

        probe_accuracy           share of samples a linear probe of the training codes tells rightly
        neighbour_accuracy       the same for the 5 nearest training codes
        cluster_information      mutual information of label and cluster, normalised, from 0 to 1
        cluster_agreement        adjusted Rand index of label and cluster, 0 by chance, at most 1;
                                 clusters are those of k-means, one for each class

        and what the variant adds by its ``final_measures`` of all samples.

        So that it stays cheap, readers of labels and reconstructions see at most 1000 samples of
        each set, the displacement 100, the spectrum 32 and fewer of wide codes: always evenly
        spaced ones, the same for all trials.
        """
        network = self._network
        few_TBV = evenly(x_TNV, READ, 1)
        code_TBH = network.encode(few_TBV)
        inputs = _inputs(network, few_TBV)
        found = reconstruction_errors(
            network.reconstruct(few_TBV), few_TBV, inputs == "probabilities"
        )

        cubes = min(network.hidden, network.visible) ** 3
        spectra = max(1, min(SPECTRA, CUBES // cubes))
        spectrum_TBS = spectrum(network, evenly(x_TNV, spectra, 1))
        found["leading_singular_value"] = spectrum_TBS[..., 0].mean(-1)
        found["effective_rank"] = effective_rank(spectrum_TBS).mean(-1)

        if inputs != "counts":
            level_L, carried_TBV = x_TNV.new_tensor(LEVELS), evenly(x_TNV, CARRIED, 1)
            distance_TL = distance_travelled(network, carried_TBV, level_L, network.draws())
            for column, level in enumerate(LEVELS):
                found[f"displacement_{level:g}"] = distance_TL[:, column]

        if self._labels_N is not None and label_N is not None:
            label_B = evenly(label_N, READ)
            found["probe_accuracy"] = self._probe.accuracy(code_TBH, label_B)
            found["neighbour_accuracy"] = neighbour_accuracy(
                self._train_codes, self._labels_N, code_TBH, label_B
            )
            found |= _clustered(network, code_TBH, label_B)
        return found | network.final_measures(x_TNV, self._train_TNV)


def examine(
    network: Network,
    train_TNV: Tensor,
    x_TNV: Tensor,
    train_label_N: Tensor | None = None,
    label_N: Tensor | None = None,
) -> dict[str, Tensor]:
    """The final measures (T,) of one set of samples, as :meth:`Examination.of` gives them."""
    return Examination(network, train_TNV, train_label_N).of(x_TNV, label_N)


def _clustered(network: Network, code_TBH: Tensor, label_B: Tensor) -> dict[str, Tensor]:
    classes = min(len(torch.unique(label_B)), code_TBH.shape[1])
    cluster_TB = kmeans(code_TBH, classes, network.draws())
    return {
        "cluster_information": normalised_mutual_information(cluster_TB, label_B).to(network.dtype),
        "cluster_agreement": adjusted_rand_index(cluster_TB, label_B).to(network.dtype),
    }


def _inputs(network: Network, x_TBV: Tensor) -> Literal["probabilities", "counts", "numbers"]:
    """What inputs are to a network: it has refused what are no probabilities, or no counts."""
    side = getattr(network, "visible_side", None)
    units = None if side is None else side(x_TBV)
    if isinstance(units, Multinomial):
        return "counts"
    binary = isinstance(units, Bernoulli)
    if binary or getattr(network, "reconstruction", "") == "cross_entropy":
        return "probabilities"
    return "numbers"


def evenly(values: Tensor, most: int, dim: int = 0) -> Tensor:
    """At most that many entries along a dimension, from the first on at even distances."""
    length = values.shape[dim]
    if length <= most:
        return values
    rows = torch.arange(most, device=values.device) * length // most
    return values.index_select(dim, rows)
