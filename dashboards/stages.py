"""The stages of a study side by side: the best of each, what that stands on, what it adds to it.

The best of a stage is its first setting by its own objective (``effects.ranked``). It stands on
settings of other stages: of those that are looked at the nearest, however many lie between. What it
adds to them is paired, each trial less the very trial that it started from, and is told of readouts
alone: other measures are about what a stage reads itself, which no other stage does.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from .effects import ranked
from .lineage import parent_keys
from .memory import remembered
from .outline import finished, measure_of, objective, own_swept
from .reliability import about
from .settings import seeds_of
from .statistics import Interval, interval
from .statistics import rows as records
from .wording import (
    capital,
    count,
    listing,
    measure_label,
    plus_minus,
    setting_text,
    value_text,
)

if TYPE_CHECKING:
    from .frames import Frames

READOUTS = ("probe_accuracy", "neighbour_accuracy")
"""How much of the labels is told from the codes: of the same samples at every depth."""
KINDS = (
    *((name,) for name in READOUTS),
    ("reconstruction_error",),
    ("unexplained_variance",),
    ("nonzero_units", "active_units", "hoyer_sparsity"),
    ("dead_units",),
)
"""What is shown, as far as it is shared; of several names the first that tells settings apart."""
SPLITS = ("test", "validation")
"""The best was chosen on validation samples, so that test ones flatter it less."""
DIFFERENCE = ["difference", "difference_low", "difference_high", "pairs"]
COLUMNS = [
    *("stage", "setting", "text", "metric", "mean", "low", "high", "n", "unreliable"),
    *("below", "below_setting", "below_rank", "below_mean", *DIFFERENCE),
]
NAN = float("nan")


def recorded(frames: Frames) -> tuple[str, ...]:
    """The stages that have trials, in the study's order."""
    return tuple(name for name in frames.stages if len(frames.trials(name)))


def told(frames: Frames, stages: tuple[str, ...]) -> tuple[str, ...]:
    """Those of ``stages`` of which a setting is ranked."""
    return tuple(name for name in stages if len(ranked(frames, name)))


@remembered
def metrics(frames: Frames, stages: tuple[str, ...]) -> tuple[str, ...]:
    """The metrics that the best of every one of ``stages`` has, none where fewer than two have any.

    The study's objective is among them where they share its measure. A stage of which nothing is
    ranked takes no part.
    """
    ends = told(frames, stages)
    if len(ends) < 2:
        return ()
    aim = measure_of(objective(frames)[0])
    kinds = KINDS if any(aim in names for names in KINDS) else ((aim,), *KINDS)
    found = []
    for names in kinds:
        shared = [name for measure in names if (name := _shared(frames, ends, measure))]
        # Codes of sigmoids have no zeros: their L0 is but their width.
        telling = [name for name in shared if _varies(frames, ends, name)]
        found += (telling or shared)[:1]
    return tuple(found)


@remembered
def table(frames: Frames, stages: tuple[str, ...]) -> pd.DataFrame:
    """A row per stage, shared metric and setting that the stage's best stands on.

    ``stage, setting, text`` (its stage's own swept values), ``metric, mean, low, high, n`` over its
    seeds, ``unreliable`` (bounds in words, "" where it is sound); ``below, below_setting,
    below_rank, below_mean``: what it stands on among ``stages``, its rank there and its mean (""
    and NaN where on nothing); ``difference, difference_low, difference_high, pairs``: the interval
    of each trial's value less that of the trial it started from, NaN and 0 but for ``READOUTS``.
    """
    found = []
    for stage in told(frames, stages):
        setting = str(ranked(frames, stage).index[0])
        text = best_text(frames, stage)
        on = standing_on(frames, stage, stages)
        for metric in metrics(frames, stages):
            trials = _trials(frames, stage, setting, metric)
            mean = interval(trials[metric].to_numpy())
            doubt = str(about(trials, metric) or "")
            own = (stage, setting, text, metric, mean.mean, mean.low, mean.high, mean.n, doubt)
            rows = [_row(frames, metric, trials, *one) for one in on.items()]
            found += [(*own, *row) for row in rows or [("", "", NAN, NAN, NAN, NAN, NAN, 0)]]
    return pd.DataFrame(found, columns=COLUMNS)


@remembered
def standing_on(
    frames: Frames, stage: str, stages: tuple[str, ...]
) -> dict[tuple[str, str], dict[str, str]]:
    """By (stage, setting) among ``stages``: from each trial of a stage's best to the one below it.

    Every way down is followed to the first of ``stages`` that it meets; what is not in the record
    is on no way.
    """
    above, home = parent_keys(frames), _home(frames)
    trials = frames.trials(stage)
    found: dict[tuple[str, str], dict[str, str]] = {}
    for key in trials.loc[trials["setting"] == ranked(frames, stage).index[0], "key"]:
        ahead = list(above[key])
        for name in ahead:
            if name in home and home[name][0] in stages:
                found.setdefault(home[name], {})[str(key)] = name
            else:
                ahead += [one for one in above.get(name, ()) if one not in ahead]
    order = {name: place for place, name in enumerate(stages)}
    return dict(sorted(found.items(), key=lambda one: order[one[0][0]]))


def best_text(frames: Frames, stage: str) -> str:
    """The best setting of a stage in its stage's own swept values."""
    row = records(ranked(frames, stage).head(1))[0]
    paths = [path for path in own_swept(frames, stage) if row[path] == row[path]]
    return setting_text(frames, row, [path for path in paths if row[path] is not None])


@remembered
def in_words(frames: Frames, stages: tuple[str, ...]) -> pd.DataFrame:
    """A column per stage under a first one that names the rows, all of them text.

    What it is and has, its best setting, what that stands on, its measures with their intervals,
    and what it adds to the readouts of the stage below.
    """
    every = records(table(frames, stages))
    lines: dict[str, list[str]] = {}

    def line(name: str, cells: list[str]) -> None:
        if any(cells):
            lines[name] = [cell or "–" for cell in cells]

    own = [[row for row in every if row["stage"] == stage] for stage in stages]
    ends = told(frames, stages)
    line("Model", [str(frames.stage(name).get("model", "")).replace("_", " ") for name in stages])
    line("Trials", [_counted(frames, name) for name in stages])
    line("Settings", [str(frames.trials(name)["setting"].nunique()) for name in stages])
    line("Best setting", [best_text(frames, name) if name in ends else "" for name in stages])
    line("Stands on", [_footing(frames, name, stages) if name in ends else "" for name in stages])
    line("Units of its code", [_units(frames, name) for name in stages])
    for metric in metrics(frames, stages):
        label = capital(measure_label(frames, metric))
        of = [[row for row in rows if row["metric"] == metric] for rows in own]
        line(label, [_value(rows[0]) if rows else "" for rows in of])
        line(f"{label} against the stage below", [_gain(rows) for rows in of])
    return pd.DataFrame(
        [[name, *cells] for name, cells in lines.items()], columns=["", *stages], dtype=object
    )


def place_in_words(rank: float) -> str:
    """Such as "the best", "the 2nd best", or "a setting without a rank"."""
    if rank != rank:
        return "a setting without a rank"
    place = int(rank)
    end = "th" if 10 < place % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return "the best" if place == 1 else f"the {place}{end} best"


def _row(
    frames: Frames,
    metric: str,
    trials: pd.DataFrame,
    below: tuple[str, str],
    pairs: Mapping[str, str],
) -> tuple[Any, ...]:
    """The columns of ``table`` from ``below`` on, given the best's trials that have the metric."""
    stage, setting = below
    rank = _rank(frames, stage, setting)
    mean = interval(_trials(frames, stage, setting, metric)[metric].to_numpy()).mean
    found = Interval(NAN, NAN, NAN, 0)
    if measure_of(metric) in READOUTS:
        base = finished(frames, stage, metric).set_index("key")[metric]
        own = trials.set_index("key")[metric]
        both = [(own[a], base[b]) for a, b in pairs.items() if a in own.index and b in base.index]
        found = interval([float(a) - float(b) for a, b in both])
    return (stage, setting, rank, mean, found.mean, found.low, found.high, found.n)


def _trials(frames: Frames, stage: str, setting: str, metric: str) -> pd.DataFrame:
    """The trials over which a setting's mean of a metric is taken."""
    if metric not in frames.runs.columns:
        return frames.runs.iloc[:0].assign(**{metric: NAN})
    trials = seeds_of(frames, stage, metric)
    return trials[trials["setting"] == setting]


def _shared(frames: Frames, stages: tuple[str, ...], measure: str) -> str:
    """The metric of a measure that the best of every stage has; "" where there is none."""
    bests = [(stage, str(ranked(frames, stage).index[0])) for stage in stages]
    for metric in (f"{split}/{measure}" for split in SPLITS):
        if all(len(_trials(frames, *best, metric)) for best in bests):
            return metric
    return ""


def _varies(frames: Frames, stages: tuple[str, ...], metric: str) -> bool:
    return any(finished(frames, stage, metric)[metric].nunique() > 1 for stage in stages)


@remembered
def _home(frames: Frames) -> dict[str, tuple[str, str]]:
    """By the key of each trial its stage and setting."""
    columns = (frames.runs[name].astype(str) for name in ("key", "stage", "setting"))
    return {key: (stage, setting) for key, stage, setting in zip(*columns, strict=True)}


def _counted(frames: Frames, stage: str) -> str:
    """Such as "9, 1 failed"."""
    state = frames.trials(stage)["status"]
    lost, running = (
        state.isin(["FAILED", "KILLED"]).sum(),
        state.isin(["RUNNING", "SCHEDULED"]).sum(),
    )
    parts = [f"{len(state)}"]
    parts += [
        f"{number} {word}" for number, word in ((lost, "failed"), (running, "running")) if number
    ]
    return ", ".join(parts)


def _units(frames: Frames, stage: str) -> str:
    """The width of the best setting's code, "" where the record does not tell."""
    trials, order = frames.trials(stage), ranked(frames, stage)
    if order.empty or "hidden" not in trials:
        return str(frames.stage(stage).get("hidden") or "")
    widths = trials.loc[trials["setting"] == order.index[0], "hidden"].dropna()
    return value_text(widths.iloc[0]) if len(widths) else ""


def _footing(frames: Frames, stage: str, stages: tuple[str, ...]) -> str:
    """Such as "the best of first and the 2nd best of second"."""
    on = standing_on(frames, stage, stages)
    return listing([f"{place_in_words(_rank(frames, *one))} of {one[0]}" for one in on])


def _rank(frames: Frames, stage: str, setting: str) -> float:
    """A setting's rank within its stage, NaN where it has none."""
    order = ranked(frames, stage)
    return float(order["rank"].get(setting, NAN)) if len(order) else NAN


def _value(row: dict[str, Any]) -> str:
    seeds = "" if row["n"] > 1 else f", {count(row['n'], 'seed')}"
    doubt = f" ({row['unreliable']})" if row["unreliable"] else ""
    return f"{_whole(Interval.of(row))}{seeds}{doubt}"


def _whole(found: Interval) -> str:
    """A value with its half width, which no narrow column parts."""
    return plus_minus(found).replace(" ", "\u00a0")


def _gain(rows: list[dict[str, Any]]) -> str:
    """The paired differences, each with the stage it is taken from where there are several."""
    known = [row for row in rows if row["pairs"]]
    texts = []
    for row in known:
        found = Interval(*(row[name] for name in DIFFERENCE))
        of = f" ({row['below']})" if len(known) > 1 else ""
        texts.append(f"{'+' if found.mean > 0 else ''}{_whole(found)}{of}")
    return ", ".join(texts)
