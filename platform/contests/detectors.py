"""Detectors of anomalies: each gives a sample (V,) a number, the higher the more anomalous.

A network is asked for its own share of what it was trained to lower:

free energy            F(v) = −log p(v) − log Z of a Boltzmann machine (Hinton 2012, section 16.1;
                       of a deep one the variational bound)
denoising error        E ‖r(x̃) − x‖² over the network's own corruption x̃ of x (Vincent et al. 2010,
                       JMLR 11:3371). After Gaussian noise r points towards where samples are
                       denser (Alain & Bengio 2014, JMLR 15:3743, theorem 1): who is carried far
                       from where it stood was in a sparse region. ‖(r(x) − x)/σ²‖, the length of
                       that score at x itself, orders samples as the reconstruction error does
reconstruction error   ‖r(x) − x‖² (Japkowicz, Myers & Gluck 1995, IJCAI)

What they have to beat needs no network: the part that principal components leave out, the distance
to training samples (Ramaswamy, Rastogi & Shim 2000, SIGMOD) and an isolation forest (Liu, Ting &
Zhou 2008, ICDM).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ...models.corruption import Corruption
from ...models.draws import Draws
from ...models.estimator import Estimator
from ...models.stack import Stack
from ..answer.controls import PrincipalComponents
from ..answer.evenly import evenly

Scores = NDArray[np.float64]
Detector = Callable[[np.ndarray], Scores]
"""Samples (n, V) → scores (n,); a sample's score does not depend on the others."""

FREE_ENERGY = "free_energy"
DENOISING_ERROR = "denoising_error"
RECONSTRUCTION_ERROR = "reconstruction_error"
_ENERGIES = ("free_energy", "variational_free_energy")
DRAWS = 32
"""Corruptions over which the denoising error is averaged."""
SHARE = 0.9
"""Of the training samples' variance, in the components of PCA beside an overcomplete code."""
MOST_REMEMBERED = 10_000
"""Training samples among which neighbours are looked for."""


def of_network(network: Estimator | Stack, seed: int) -> dict[str, Detector]:
    """All detectors that a network is, by name; the first is its own by rule.

    The rule asks what the network was trained for, never how well it detects: free energy before
    denoising error before reconstruction error, whichever it has.

    seed: of the corruptions.
    """
    found: dict[str, Detector] = {}
    lowest: Any = network.layers[0] if isinstance(network, Stack) else network
    if isinstance(network, Estimator) and any(hasattr(network.variant, one) for one in _ENERGIES):
        found[FREE_ENERGY] = lambda x: _wide(network.anomaly_score(x))
    corruption = getattr(lowest.network_, "corruption", None)
    if corruption is not None and bool((corruption.level > 0).all()):
        found[DENOISING_ERROR] = lambda x: denoising_error(network, corruption, x, seed)
    found[RECONSTRUCTION_ERROR] = lambda x: _error(network.reconstruct(x), x)
    return found


def denoising_error(
    network: Estimator | Stack, corruption: Corruption, x: np.ndarray, seed: int
) -> Scores:
    """E ‖r(x̃) − x‖² of x (n, V), (n,), over ``DRAWS`` corruptions.

    All samples see the same ones, so that equal samples have equal scores, and none depends on
    which others are asked about. Every second Gaussian one is the one before, mirrored at x: what
    is odd in the noise then cancels.
    """
    total = np.zeros(len(x))
    # A sample stands where a trial does, for which draws are shared.
    x_N1V = torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32))[:, None]
    mirrored = corruption.kind == "gaussian"
    for step in range(DRAWS // 2 if mirrored else DRAWS):
        draws = Draws([seed], epoch=0, step=step).within("anomaly")
        seen_N1V = corruption(x_N1V, draws)
        for seen in (seen_N1V, 2 * x_N1V - seen_N1V) if mirrored else (seen_N1V,):
            total += _error(network.reconstruct(seen[:, 0].numpy()), x)
    return np.asarray(total / DRAWS)


def components(train: np.ndarray, code: int) -> int:
    """How many principal components stand beside a code of that size.

    As many, where the code is narrower than the input. Of as many components as inputs nothing
    would be left out: beside an overcomplete code stand those that hold ``SHARE`` of the variance.
    """
    visible: int = train.shape[1]
    if code < visible:
        return code
    variances = np.linalg.eigvalsh(np.cov(train, rowvar=False).reshape(visible, visible))[::-1]
    needed = int(np.searchsorted(np.cumsum(variances), SHARE * variances.sum())) + 1
    return int(max(1, min(visible - 1, needed)))


def principal(train: np.ndarray, count: int) -> Detector:
    """‖x − x̂‖², x̂ the projection on ``count`` principal components of train (n, V).

    Without any component it is the squared distance from the mean.
    """
    pca = PrincipalComponents(train.astype(np.float64), count)
    return lambda x: _error(pca.reconstruct(x.astype(np.float64)), x)


def nearest(train: np.ndarray, neighbours: int) -> Detector:
    """The distance to the ``neighbours``-th nearest of train (n, V)."""
    from sklearn.neighbors import NearestNeighbors

    among = train[evenly(len(train), MOST_REMEMBERED)].astype(np.float64)
    found = NearestNeighbors(n_neighbors=min(neighbours, len(among))).fit(among)
    return lambda x: np.asarray(found.kneighbors(x.astype(np.float64))[0][:, -1])


def forest(train: np.ndarray, seed: int) -> Detector:
    """An isolation forest of scikit-learn's defaults; scores from 0 to 1."""
    from sklearn.ensemble import IsolationForest

    grown = IsolationForest(random_state=seed).fit(train)
    return lambda x: -_wide(grown.score_samples(x))


def _error(reconstruction: np.ndarray, x: np.ndarray) -> Scores:
    return np.asarray(np.square(_wide(reconstruction) - x).sum(1))


def _wide(values: np.ndarray) -> Scores:
    # Sums of squares in float32 tie where samples differ little.
    return np.asarray(values, dtype=np.float64)
