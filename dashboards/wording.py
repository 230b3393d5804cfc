"""Words and numbers for people: labels of axes and measures, settings, intervals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .outline import measure_of

if TYPE_CHECKING:
    from .frames import Frames
    from .statistics import Interval

MINUS = "−"
SPLITS = {"train": "training", "validation": "validation", "test": "test", "untrained": "untrained"}
WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def number(value: float, digits: int = 3, decimals: int | None = None) -> str:
    """``value`` to ``digits`` significant digits (or ``decimals`` places); "–" if not a number."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if decimals is None:
        if not value:
            return "0"
        size = abs(value)
        if not 1e-4 <= size < 1e6:
            mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
            mantissa = mantissa.rstrip("0").rstrip(".")
            return f"{mantissa}e{int(exponent)}".replace("-", MINUS)
        decimals = places(value, digits)
    text = f"{value:.{decimals}f}"
    return text.replace("-", MINUS if float(text) else "")


def places(value: float, digits: int = 3) -> int:
    """Decimal places that show ``digits`` significant digits of ``value``, 0 to 8."""
    if not value or not math.isfinite(value):
        return digits - 1
    return min(max(digits - 1 - math.floor(math.log10(abs(value))), 0), 8)


def spread(interval: Interval, digits: int = 3) -> str:
    """Such as "0.79 to 0.85", with as many places as the mean needs; "" without bounds."""
    if not interval.known:
        return ""
    decimals = shared_places(interval, digits)
    low, high = (number(bound, decimals=decimals) for bound in (interval.low, interval.high))
    return f"{low} to {high}"


def estimate(interval: Interval, digits: int = 3) -> str:
    """Such as "0.82 (95 % interval 0.79 to 0.85)", or the mean alone."""
    if not interval.known:
        return number(interval.mean, digits)
    mean = number(interval.mean, decimals=shared_places(interval, digits))
    return f"{mean} (95 % interval {spread(interval, digits)})"


def plus_minus(interval: Interval, digits: int = 3) -> str:
    """Such as "0.82 ± 0.03", or the mean alone."""
    if not interval.known:
        return number(interval.mean, digits)
    half = interval.high - interval.mean
    if not interval.mean and not half:
        return "0"
    most = places(interval.mean, digits + 1) if interval.mean else 8
    decimals = min(places(half, 2) if half else most, most)
    return f"{number(interval.mean, decimals=decimals)} ± {number(half, decimals=decimals)}"


def shared_places(interval: Interval, digits: int = 3) -> int:
    """Decimal places for a mean and its bounds: the mean's digits, two of the half width."""
    half = interval.high - interval.mean
    most = places(interval.mean, digits + 1)
    return min(max(places(interval.mean, digits), places(half, 2) if half else 0), most)


def value_text(value: Any) -> str:
    """A hyperparameter's value as one would write it: 0.1, 1e−4, gaussian."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    as_float = float(value)
    if as_float.is_integer() and abs(as_float) < 1e6:
        return str(int(as_float)).replace("-", MINUS)
    shown = number(as_float, 4)
    return shown.rstrip("0").rstrip(".") if "." in shown and "e" not in shown else shown


def axis_entry(frames: Frames, path: str) -> Mapping[str, Any]:
    """The entry of study.json's ``axes`` for a column; ``<stage>.<path>`` looks up its path."""
    axes: Mapping[str, Mapping[str, Any]] = frames.study.get("axes") or {}
    if path in axes:
        return axes[path]
    stage, _, inner = path.partition(".")
    return axes.get(inner, {}) if stage in frames.stages else {}


def axis_label(frames: Frames, path: str) -> str:
    """Such as "noise level", or "noise level (first)" for a hyperparameter of a stage below."""
    entry = axis_entry(frames, path)
    stage, _, inner = path.partition(".")
    from_below = stage in frames.stages and inner
    label = str(entry.get("label") or (inner if from_below else path))
    return f"{label} ({stage})" if from_below else label


def measure_label(frames: Frames, metric: str, split: bool = True) -> str:
    """Such as "validation reconstruction error"; without the split "reconstruction error"."""
    measure = measure_of(metric)
    known = (frames.study.get("metrics") or {}).get(measure) or {}
    label = str(known.get("label") or measure.replace("_", " "))
    prefix = metric.split("/", 1)[0] if "/" in metric else ""
    return f"{SPLITS.get(prefix, prefix)} {label}".strip() if split else label


def measure_unit(frames: Frames, metric: str) -> str:
    """The unit of a measure, "" if it has none."""
    known = (frames.study.get("metrics") or {}).get(measure_of(metric)) or {}
    return str(known.get("unit") or "")


def setting_text(frames: Frames, values: Mapping[str, Any], paths: Sequence[str]) -> str:
    """Such as "noise level 0.1, sparsity weight 0"; "the only setting" if nothing is swept."""
    parts = [f"{axis_label(frames, path)} {value_text(values[path])}" for path in paths]
    return ", ".join(parts) or "the only setting"


def count(n: int, noun: str, plural: str | None = None) -> str:
    """Such as "3 seeds", "1 seed"."""
    return f"{n:,} {noun if n == 1 else plural or noun + 's'}".replace(",", " ")


def word(n: int) -> str:
    """Such as "three" for 3; digits beyond ten."""
    return WORDS[n] if 0 <= n < len(WORDS) else f"{n:,}".replace(",", " ")


def listing(parts: Sequence[str]) -> str:
    """Such as "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def capital(text: str) -> str:
    """The first letter a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def duration(seconds: float) -> str:
    """Such as "8.2 s", "3 min 20 s", "2 h 5 min"."""
    if seconds < 60:
        return f"{number(seconds, 2)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
