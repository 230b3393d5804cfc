"""What a comparison of two records says in words, computed from their numbers.

Every function returns text, not markup; names from a study are in it as their labels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .outline import measure_of
from .sides import DATA, OBJECTIVE, RESULT
from .statistics import Interval, interval
from .wording import count, estimate, listing, measure_label, number, shared_places, spread

if TYPE_CHECKING:
    from .sides import Pair, Side


def verdict(pair: Pair) -> str:
    """Which side's best setting is better by the common objective, by how much, and how surely."""
    found = pair.obstacles
    if RESULT in found:
        return f"There is nothing to compare yet: {found[RESULT]}."
    if DATA in found:
        return (
            f"These two cannot be compared with one another: {found[DATA]}. What follows shows "
            "each on its own axes; what differs in what was asked is at the end."
        )
    if OBJECTIVE in found:
        text = f"These two were not ranked by the same measure: {found[OBJECTIVE]}."
        both = pair.metric
        if not all(len(side.of_best(both)) for side in pair.sides):
            return f"{text} Neither can be called better."
        gap = _gap_text(pair, both)
        return f"{text} Neither can be called better; {gap}."
    return f"{_answer(pair)} {tested(pair)}".strip()


def tested(pair: Pair) -> str:
    """The same difference on test data, by which no setting was chosen; "" without them."""
    metric = f"test/{measure_of(pair.metric)}"
    held = all(metric in side.frames.runs.columns for side in pair.sides)
    if not held or metric == pair.metric:
        return ""
    if not all(len(side.of_best(metric)) for side in pair.sides):
        return ""
    return f"On test data, by which nothing was chosen, {_gap_text(pair, metric)}."


def chosen_from(pair: Pair) -> str:
    """That the best of many is flattered by luck, where one side had more to choose from."""
    counts = [side.settings for side in pair.sides]
    if not all(counts) or counts[0] == counts[1]:
        return ""
    many, few = sorted(pair.sides, key=lambda side: -side.settings)
    return (
        f"The best of {count(many.settings, 'setting')} ({many.label}) stands against the best of "
        f"{few.settings} ({few.label}): who picks from more is flattered more by luck on the "
        "validation data, but not on test data."
    )


def how(pair: Pair) -> str:
    """How differences were taken."""
    if not pair.same_data:
        return "No difference is given, because the data are not the same."
    seeds = [sorted(side.of_best(pair.metric).index) for side in pair.sides]
    shared = len(pair.seeds(pair.metric))
    if pair.by_seed(pair.metric):
        if shared == 1:
            return "Both have the same one seed, so that a difference has no interval."
        if seeds[0] == seeds[1]:
            return (
                "Differences are paired by seed: both best settings ran with the same "
                f"{shared} seeds on the same data."
            )
        return (
            f"Differences are paired by seed, over the {shared} seeds that both best settings "
            f"have; {pair.left.label} has {len(seeds[0])} in all, {pair.right.label} "
            f"{len(seeds[1])}."
        )
    return (
        f"Differences are not paired: the best settings ran with {_seeds(seeds[0])} "
        f"({pair.left.label}) and {_seeds(seeds[1])} ({pair.right.label}). Their intervals are "
        "Welch’s."
    )


def _answer(pair: Pair) -> str:
    metric = pair.metric
    gap = pair.difference(metric)
    label = measure_label(pair.left.frames, metric)
    left, right = pair.sides
    if not gap.mean:
        value = _value(left, metric)
        return f"Neither is better: the best settings of both have a {label} of {value}."
    lower = left.objective[1]
    better, other = (right, left) if (gap.mean < 0) == lower else (left, right)
    if not gap.known:
        lead = f"{better.label} is ahead, but one seed says nothing of chance"
    elif gap.excludes_zero and _agrees(pair, metric, gap):
        lead = f"{better.label} is better"
    else:
        lead = f"Neither is clearly better: {better.label} is ahead by no more than seeds explain"
    values = [_value(side, metric) for side in (better, other)]
    return (
        f"{lead}. Its best setting has a {label} of {values[0]}, that of {other.label} "
        f"{values[1]}; {_amount(pair, metric)}."
    )


def _agrees(pair: Pair, metric: str, gap: Interval) -> bool:
    """Whether the means over all seeds have the order of the difference over shared ones."""
    left, right = (float(side.of_best(metric).mean()) for side in pair.sides)
    return (right < left) == (gap.mean < 0)


def _value(side: Side, metric: str) -> str:
    return estimate(interval(side.of_best(metric).to_numpy()))


def _gap_text(pair: Pair, metric: str) -> str:
    """Such as "the error of A is lower than that of B by 0.12 (3 %; 95 % interval 0.1 to 0.14)"."""
    gap = pair.difference(metric)
    label = measure_label(pair.left.frames, metric)
    if not gap.mean:
        return f"the {label} is the same on both sides"
    # Said of the side that has less, so that the amount is positive.
    less, more = (pair.right, pair.left) if gap.mean < 0 else (pair.left, pair.right)
    lead = f"the {label} of {less.label} is lower than that of {more.label}"
    return f"{lead} by {_size(pair, metric)}"


def _amount(pair: Pair, metric: str) -> str:
    """Such as "the difference, paired by seed, is 0.12 (3 %; 95 % interval 0.1 to 0.14)"."""
    shared, counts = pair.seeds(metric), [len(side.of_best(metric)) for side in pair.sides]
    if not pair.by_seed(metric):
        kind = "not paired by seed"
    elif counts[0] == counts[1]:
        kind = "paired by seed"
    else:
        kind = f"paired by the {len(shared)} seeds that both have"
    known = pair.difference(metric).known
    return f"the difference{f', {kind},' if known else ''} is {_size(pair, metric)}"


def _size(pair: Pair, metric: str) -> str:
    """The amount of a difference, with what part that is and its interval in brackets."""
    size = pair.difference(metric).size()
    decimals = shared_places(size) if size.known else None
    inside = [
        _share(pair, metric, size),
        f"95\u00a0% interval {spread(size)}" if size.known else "",
    ]
    brackets = "; ".join(text for text in inside if text)
    return f"{number(size.mean, decimals=decimals)}{f' ({brackets})' if brackets else ''}"


def _share(pair: Pair, metric: str, size: Interval) -> str:
    """The amount as a part of the larger mean, where both are positive."""
    means = [float(side.of_best(metric).mean()) for side in pair.sides]
    if min(means) <= 0:
        return ""
    return f"{number(100 * size.mean / max(means), 2)}\u00a0%"


def _seeds(seeds: list[int]) -> str:
    if len(seeds) > 4:
        return count(len(seeds), "seed")
    word = "seed" if len(seeds) == 1 else "seeds"
    return f"{word} {listing([str(seed) for seed in seeds])}"
