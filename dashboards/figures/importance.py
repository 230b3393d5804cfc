"""How much of the objective's variance each swept hyperparameter explains, and how much is chance.

On a complete grid exactly: the functional ANOVA f(x) = f₀ + Σ fᵢ(xᵢ) + Σ fᵢⱼ(xᵢ, xⱼ) + … of the
setting means (Hooker 2007; Hutter, Hoos & Leyton-Brown 2014), each term's share of the variance.
Elsewhere the correlation ratio η² (Pearson 1905): the share that lies between the bins of one
hyperparameter; such shares overlap. With B bins and n settings it is (B − 1) / (n − 1) on average
over all permutations of the settings, as where the hyperparameter does nothing.
Seeds: the mean variance within a setting as a share of the variance over all trials. Every share is
over the values that were tried; other ranges give other shares.
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..effects import with_starting_seeds
from ..memory import remembered
from ..outline import finished, objective, swept
from ..palette import LIGHT
from ..statistics import rows as records
from ..wording import axis_label, count, listing, measure_label, number
from .style import Drawing, axis, checked, drawing, labels_above, legend, typed, wrapped

if TYPE_CHECKING:
    from ..frames import Frames

Floats = NDArray[np.float64]
EXACT, BINNED = "functional ANOVA", "correlation ratio"
COLUMNS = ["term", "kind", "share", "chance", "method"]
HIGHER, SEEDS = "three or more together", "seeds"
KINDS = {
    "main": ("a hyperparameter alone", LIGHT.categorical[0], ""),
    "interaction": ("two or more together", LIGHT.categorical[1], "/"),
    "seeds": ("seeds, of the variance over trials", LIGHT.reference, "x"),
}
MOST_BINS, MOST_DRAWN = 8, 12
"""Of a hyperparameter; bars of a kind (the table has all terms)."""


def decomposition(values: Floats) -> tuple[Floats, dict[tuple[int, int], float], float]:
    """Shares of the variance of ``values`` on a complete grid, an axis for each hyperparameter.

    Returns those of the main effects, of the pairwise interactions by their axes, and of all that
    is of a higher order. The variance must not be 0.
    """
    axes = range(values.ndim)
    centred = values - values.mean()
    total = float(np.mean(centred**2))

    def over_others(*kept: int) -> Floats:
        others = tuple(one for one in axes if one not in kept)
        return np.asarray(centred.mean(axis=others, keepdims=True))

    alone = [over_others(one) for one in axes]
    rest = centred - sum(alone)
    pairs: dict[tuple[int, int], float] = {}
    for first, second in itertools.combinations(axes, 2):
        together = over_others(first, second) - alone[first] - alone[second]
        pairs[first, second] = float(np.mean(together**2)) / total
        rest = rest - together
    main = np.array([float(np.mean(part**2)) / total for part in alone])
    higher = float(np.mean(rest**2)) / total if values.ndim > 2 else 0.0
    return main, pairs, higher


def correlation_ratio(codes: NDArray[np.intp], values: Floats) -> float:
    """η²: the share of the variance of ``values`` (n,) between the groups ``codes`` (n,)."""
    centred = values - values.mean()
    sums, sizes = np.bincount(codes, weights=centred), np.bincount(codes)
    between = float(np.sum(sums**2 / np.maximum(sizes, 1)))
    return min(between / float(np.sum(centred**2)), 1.0)


def bins(codes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Bins with about as many settings each, from the places (n,) of their values in order.

    As many as the root of n, between 2 and ``MOST_BINS``; equal values share a bin.
    """
    wanted = int(np.clip(np.sqrt(len(codes)), 2, MOST_BINS))
    if codes.max() < wanted:
        return codes
    before = np.concatenate([[0], np.cumsum(np.bincount(codes))])[:-1][codes]
    return np.unique(before * wanted // len(codes), return_inverse=True)[1]


@remembered
def table(frames: Frames, stage: str) -> pd.DataFrame:
    """``term, kind, share, chance, method``: shares in 0–1, those that belong together sorted.

    ``kind``: main, interaction or seeds; ``chance``: the share of a hyperparameter that does
    nothing, where shares are correlation ratios. Empty with fewer than two swept hyperparameters,
    and where the settings do not differ.
    """
    empty = pd.DataFrame(columns=COLUMNS)
    paths = swept(frames, stage)
    values_SR, points = _measured(frames, stage, paths)
    if len(paths) < 2 or len(values_SR) < 2:
        return empty
    means = np.nanmean(values_SR, axis=1)
    if np.ptp(means) <= 1e-12 * np.abs(means).max():
        return empty
    codes, levels = zip(*(_places(column) for column in points), strict=True)
    labels = [axis_label(frames, path) for path in paths]
    found: list[tuple[str, str, float, float, str]] = []
    if math.prod(levels) == len(means) == len(set(zip(*codes, strict=True))):
        grid = np.empty(levels)
        grid[codes] = means
        main, pairs, higher = decomposition(grid)
        found += [(t, "main", float(s), 0.0, EXACT) for t, s in zip(labels, main, strict=True)]
        crossed = [(f"{labels[i]} × {labels[j]}", share) for (i, j), share in pairs.items()]
        crossed += [(HIGHER, higher)] if len(paths) > 2 else []
        found += [(term, "interaction", share, 0.0, EXACT) for term, share in crossed]
    else:
        for label, code in zip(labels, codes, strict=True):
            binned = bins(code)
            chance = (len(np.unique(binned)) - 1) / (len(means) - 1)
            found.append((label, "main", correlation_ratio(binned, means), chance, BINNED))
    found.sort(key=lambda term: (term[1] != "main", -term[2]))
    seeds = seeds_share(values_SR)
    found += [(SEEDS, "seeds", seeds, 0.0, "")] if seeds is not None else []
    return pd.DataFrame(found, columns=COLUMNS)


def seeds_share(values_SR: Floats) -> float | None:
    """Mean variance within settings over that of all trials, both by the count; None: one seed."""
    known = np.isfinite(values_SR)
    if not (known.sum(axis=1) > 1).any():
        return None
    centred = values_SR - np.nanmean(values_SR)
    within = centred - np.nanmean(centred, axis=1, keepdims=True)
    return float(min(np.nansum(within**2) / np.nansum(centred**2), 1.0))


def _measured(
    frames: Frames, stage: str, paths: tuple[str, ...]
) -> tuple[Floats, list[NDArray[np.object_]]]:
    """The objective of finished settings (S, R seeds), and their values, (S,) for each path.

    Only those seeds count that every setting finished, so that all are compared by the same; where
    there is no such seed, each setting has its own (NaN elsewhere).
    """
    metric, _ = objective(frames, stage)
    trials = with_starting_seeds(frames, finished(frames, stage, metric))
    if trials.empty:
        return np.empty((0, 0)), []
    rows, settings = pd.factorize(trials["setting"].to_numpy())
    columns, seeds = pd.factorize(trials["seed"].to_numpy())
    values_SR = np.full((len(settings), len(seeds)), np.nan)
    values_SR[rows, columns] = trials[metric].to_numpy(dtype=float)
    common = np.isfinite(values_SR).all(axis=0)
    first = np.unique(rows, return_index=True)[1]
    points = [trials[path].to_numpy(dtype=object)[first] for path in paths]
    return (values_SR[:, common] if common.any() else values_SR), points


def _places(values: NDArray[np.object_]) -> tuple[NDArray[np.intp], int]:
    """Where each value stands among the distinct ones in order, a missing one first; how many."""
    codes = pd.Categorical(list(values)).codes.astype(np.intp)
    codes = codes - codes.min()
    return codes, int(codes.max()) + 1


def draw(frames: Frames, stage: str, beside: bool = True) -> Drawing:
    """A bar per term; labels ``beside`` the bars or above them. Ticks mark what chance explains."""
    shown = [row for kind in KINDS for row in _of(frames, stage, kind)[:MOST_DRAWN]]
    names = [wrapped(row["term"], 34 if beside else 42) for row in shown]
    room = 14 * sum(name.count("<br>") + 1 for name in names) if beside else 30 * len(names)
    margin = {"l": 12, "r": 56, "t": 40 if beside else 92, "b": 54}
    drawn = drawing(64 + margin["t"] + room + 16 * len(names), margin=margin)
    for kind, (title, colour, pattern) in KINDS.items():
        own = [(place, row) for place, row in enumerate(shown) if row["kind"] == kind]
        fill = {"shape": pattern, "fillmode": "overlay", "fgcolor": LIGHT.background, "size": 7}
        text = {"textposition": "outside", "textfont": {"size": 12.5, "color": LIGHT.text}}
        size = {"orientation": "h", "width": 0.55 if beside else 0.36, "cliponaxis": False}
        marker = {"color": colour, "pattern": fill}
        bars = _marks(own, "share", title)
        drawn.traces += [typed("bar", marker=marker, **bars, **text, **size)] if own else []
    if chances := [(place, row) for place, row in enumerate(shown) if row["chance"]]:
        mark = {"symbol": "line-ns-open", "size": 20, "color": LIGHT.text, "line": {"width": 2}}
        marks = _marks(chances, "chance", "on average without any influence")
        drawn.traces.append(typed("scatter", mode="markers", marker=mark, **marks))
    drawn.layout["xaxis"] = axis("share of the variance, %", range=[0, 100])
    labels: dict[str, Any] = {"tickvals": list(range(len(shown))), "ticktext": names}
    labels |= {"showticklabels": beside, "tickfont": {"color": LIGHT.text, "size": 13}}
    reach = [len(shown) - 0.4, -0.6 if beside else -0.8]
    drawn.layout["yaxis"] = axis(range=reach, showgrid=False, ticks="", **labels)
    drawn.annotations += [] if beside else labels_above(names)
    drawn.layout.update(showlegend=bool(shown), legend=legend())
    return drawn


figure = checked(draw)


def sentence(frames: Frames, stage: str) -> str:
    """What explains most, how much the hyperparameters do together, how much seeds do, and how."""
    main, together, seeds = (_of(frames, stage, kind) for kind in KINDS)
    if not main:
        if len(swept(frames, stage)) < 2:
            return "Fewer than two hyperparameters are swept, so there is nothing to share out."
        return "Too few settings have finished with different results to say what explains them."
    label = measure_label(frames, objective(frames, stage)[0])
    settings = count(len(_measured(frames, stage, swept(frames, stage))[0]), "setting")
    text = f"Share of the variance of the {label} over {settings} that each explains alone: "
    text += listing([f"{row['term']} {_percent(row['share'])}" for row in main])
    if main[0]["method"] == EXACT:
        text += f"; only together: {_percent(sum(row['share'] for row in together))}"
        pairs = [row for row in together if row["term"] != HIGHER]
        if len(pairs) > 1 and pairs[0]["share"] >= 0.005:
            text += f" (most of it {pairs[0]['term']}, {_percent(pairs[0]['share'])})"
        text += ". This is the exact functional ANOVA of a complete grid."
    else:
        chance = [f"{row['term']} {_percent(row['chance'])}" for row in main]
        text += ". The settings are no complete grid, so these are correlation ratios over bins, "
        text += f"which overlap; without any influence, on average: {listing(chance)}."
    if seeds:
        share = _percent(seeds[0]["share"])
        text += f" Of the variance over all trials, {share} lies between seeds of one setting."
    return text


def _marks(rows: list[tuple[int, dict[str, Any]]], column: str, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "x": [100 * row[column] for _, row in rows],
        "y": [place for place, _ in rows],
        "text": [f" {_percent(row[column])}" for _, row in rows],
        "hovertemplate": f"{name}: %{{text}}<extra></extra>",
    }


def _of(frames: Frames, stage: str, kind: str) -> list[dict[str, Any]]:
    return [row for row in records(table(frames, stage)) if row["kind"] == kind]


def _percent(share: float) -> str:
    """In percent to two digits; what is below a tenth of one is said to be so."""
    if 0 < share < 0.001:
        return "below 0.1\u00a0%"
    return f"{number(100 * share, 2 if share < 0.995 else 3)}\u00a0%"
