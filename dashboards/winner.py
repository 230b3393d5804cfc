"""Whether the winner is clear, in a sentence: for the terminal, the JSON and the report alike."""

from __future__ import annotations

import numpy as np

from .comparisons import Contest
from .wording import count, number, word


def said(found: Contest, until: float = 0.0, adds: bool = False) -> str:
    """What the comparison with the best allows to say; "" for a single setting.

    Args:
        found: how the settings stand.
        until: the share of the best's value within which a difference is close enough.
        adds: whether the study adds seeds to those that contend.
    """
    others, contenders = found.compared - 1, int(found.contending.sum()) - 1
    if found.state == "alone":
        return ""
    if found.state == "unknown":
        return "With one seed nothing says how much of the order is chance."
    if not found.seeds:
        return "Its seeds have not all ended: nothing is compared yet."
    seeds = count(found.seeds, "seed")
    if found.state == "clear":
        rest = "the other setting is not" if others == 1 else f"none of the other {others} is"
        return f"The winner is clear: with 95\u00a0% confidence {rest} the best."
    some = "all" if contenders == others else word(contenders)
    among = f"{some} of the other {others} settings" if others > 1 else "the other one"
    if found.state == "close":
        share = f"{100 * until:g}\u00a0%"
        reach = number(_widest(found), 2)
        return (
            f"Close enough with {seeds}: {among} may be better, but its distance from the best is "
            f"known to ±{reach}, within {share} of the best's value."
            if contenders == 1
            else f"Close enough with {seeds}: {among} may be better, but their distances from the "
            f"best are known to ±{reach}, within {share} of the best's value."
        )
    when = f" with {seeds}"
    if adds:
        when += ", and more are to come" if found.waiting else ", the most that the study allows"
    text = f"Not distinguishable from the best{when}: {among}."
    if contenders == others:
        return text
    return f"{text} With 95\u00a0% confidence the best is among these {word(contenders + 1)}."


def _widest(found: Contest) -> float:
    """Half the widest interval of those that contend."""
    widths = (found.high - found.low)[found.contending]
    return float(np.nanmax(widths)) / 2
