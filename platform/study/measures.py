"""What measures are called where people read them: a label, a unit, and which way is better."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True)
class Measure:
    """One measure in words; ``better`` is "neither" where more is not better and less not worse."""

    label: str
    unit: str
    better: Literal["lower", "higher", "neither"]


_SQUARED = "squared error per sample"
_SHARE = "share of samples"
_UNITS = "units per sample"
_NATS = "nats per sample"

MEASURES: dict[str, Measure] = {
    "loss": Measure("loss", "the objective per sample, penalties included", "lower"),
    "reconstruction_error": Measure("reconstruction error", _SQUARED, "lower"),
    "mean_squared_error": Measure("mean squared error", "squared error per input", "lower"),
    "root_mean_squared_error": Measure("root mean squared error", "error per input", "lower"),
    "unexplained_variance": Measure("unexplained variance", "share of the variance", "lower"),
    "cross_entropy": Measure("cross-entropy", _NATS, "lower"),
    "hoyer_sparsity": Measure("code sparsity", "Hoyer's measure, 0 dense to 1 sparse", "higher"),
    "lifetime_sparsity": Measure(
        "lifetime sparsity", "0 speaks to all samples, 1 to one", "higher"
    ),
    "nonzero_units": Measure("L0", f"nonzero {_UNITS}", "lower"),
    "active_units": Measure("active units", "units with |h| > 0.1 per sample", "lower"),
    "dead_units": Measure("dead units", "units that no sample activates", "lower"),
    "jacobian_norm": Measure("‖J‖", "mean Frobenius norm of the code's Jacobian", "lower"),
    "leading_singular_value": Measure(
        "largest singular value of J", "code's per input's unit", "neither"
    ),
    "effective_rank": Measure("effective rank of J", "directions of the input", "neither"),
    "classification_error": Measure("classification error", _SHARE, "lower"),
    "classification_loss": Measure("classification loss", _NATS, "lower"),
    "probe_accuracy": Measure("probe accuracy", f"{_SHARE} a linear probe tells", "higher"),
    "neighbour_accuracy": Measure("neighbour accuracy", f"{_SHARE} 5 neighbours tell", "higher"),
    "cluster_information": Measure("cluster information", "NMI with the labels", "higher"),
    "cluster_agreement": Measure("cluster agreement", "ARI with the labels", "higher"),
    "free_energy_gap": Measure("free-energy gap", "nats, validation minus training", "lower"),
    "pseudo_likelihood": Measure("pseudo-likelihood", _NATS, "higher"),
    "log_likelihood": Measure("log-likelihood", _NATS, "higher"),
    "log_likelihood_annealed": Measure("log-likelihood by annealing", _NATS, "higher"),
    "log_likelihood_bound": Measure("bound of the log-likelihood", _NATS, "higher"),
    "log_likelihood_bound_annealed": Measure(
        "bound of the log-likelihood by annealing", _NATS, "higher"
    ),
    "perplexity": Measure("perplexity", "equally likely words", "lower"),
    "particle_age": Measure("age of the particles", "Gibbs steps", "neither"),
    "swap_rate": Measure("swap rate", "share of proposals between temperatures", "neither"),
    "particle_r_hat": Measure("R̂ of the particles", "1 where chains agree", "lower"),
    "particle_effective_samples": Measure(
        "effective samples of the particles", "samples in 100 Gibbs steps", "higher"
    ),
}
_ENDS: dict[str, Measure] = {
    "_low": Measure("lower end", _NATS, "higher"),
    "_high": Measure("upper end", _NATS, "higher"),
    "_reliable": Measure("reliable", "1 yes, 0 no", "higher"),
}
_DISPLACEMENT = "displacement_"


def described(names: Iterable[str]) -> dict[str, Measure]:
    """The measures in words, those that are known here."""
    return {name: found for name in names if (found := _described(name)) is not None}


def _described(name: str) -> Measure | None:
    if name.startswith(_DISPLACEMENT):
        level = name.removeprefix(_DISPLACEMENT)
        label = "displacement of clean inputs" if level == "0" else f"displacement at noise {level}"
        return Measure(label, "‖r(x) − x‖ in the inputs' unit", "neither")
    for ending, of in _ENDS.items():
        if name.endswith(ending) and (whole := MEASURES.get(name.removesuffix(ending))):
            return replace(of, label=f"{whole.label}, {of.label}")
    return MEASURES.get(name)
