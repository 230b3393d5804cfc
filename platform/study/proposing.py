"""The ``search`` key of a stage: its settings are proposed one after another, not crossed.

::

    search: {sampler: tpe, trials: 20, at_once: 4, by: validation/reconstruction_error}

Under each parent setting so many settings are tried; which they are depends on how the earlier ones
turned out. See :mod:`layerwise.platform.plan.proposals`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from . import validation
from .direction import DIRECTIONS, Direction, Unsaid, filled
from .validation import Problems, wrong

SAMPLERS = ("tpe", "random")
MOST_PROPOSED = 100_000
LARGEST_SEED = 2**31 - 1
_KEYS = ("sampler", "trials", "at_once", "by", "direction", "seed")


@dataclass(frozen=True)
class Proposals:
    """How the settings of a stage are proposed.

    Args:
        trials: settings proposed under each setting of the stages above, from 1. A setting trains
            with every seed of the study.
        sampler: ``tpe``, the tree-structured Parzen estimator of Optuna (Bergstra et al. 2011), or
            ``random``.
        at_once: settings proposed together, and trained side by side, before their results decide
            on the next ones, from 1.
        by: the metric that is learnt from, by its mean over the seeds, or several of them
            for a search of several objectives; the study's objective when empty.
        direction: ``minimize`` or ``maximize``, one for all metrics or one for each; when empty, as
            for ``keep``.
        seed: of the proposals, from 0 to 2³¹ − 1.

    Inside a study `by` and `direction` are tuples of equal length.

    Raises:
        StudyError: an unknown sampler, a metric or direction that is none, or numbers out of range.
    """

    trials: int
    sampler: Literal["tpe", "random"] = "tpe"
    at_once: int = 4
    by: tuple[str, ...] = ()
    direction: tuple[Direction | Unsaid, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        problems = Problems()
        with problems.under("sampler"):
            validation.one_of(self.sampler, SAMPLERS)
        for name, low, high in (
            ("trials", 1, MOST_PROPOSED),
            ("at_once", 1, MOST_PROPOSED),
            ("seed", 0, LARGEST_SEED),
        ):
            with problems.under(name):
                value = validation.integer(validation.plain(getattr(self, name)), low, high)
                object.__setattr__(self, name, value)
        with problems.under("by"):
            object.__setattr__(self, "by", _words(self.by, None))
            validation.distinct(self.by, "the metrics")
        with problems.under("direction"):
            object.__setattr__(self, "direction", _words(self.direction, DIRECTIONS))
            many = len(self.direction)
            if not problems.found and many > 1 and many != len(self.by):
                rule = f"must be one, or one for each of the {len(self.by)} metrics"
                raise wrong(rule, list(self.direction))
        problems.raise_any("search")

    @classmethod
    def of(cls, value: object) -> Proposals:
        """A search from what a study writes: ``{sampler: tpe, trials: 20}``."""
        if isinstance(value, Proposals):
            return value
        remedy = "Write {sampler: tpe, trials: 20}."
        written = validation.mapping(value, "a mapping such as {sampler: tpe, trials: 20}", remedy)
        validation.check_keys(written, ["trials"], [k for k in _KEYS if k != "trials"])
        return cls(**written)

    def resolved(self, metric: str, direction: Direction) -> Proposals:
        """The search with its gaps filled from the objective."""
        by = self.by or (metric,)
        said = self.direction or ("",)
        each = said * len(by) if len(said) == 1 else said
        pairs = [filled(b, d, metric, direction) for b, d in zip(by, each, strict=True)]
        better = tuple(d for _, d in pairs)
        return Proposals(self.trials, self.sampler, self.at_once, by, better, self.seed)

    def mapping(self) -> dict[str, object]:
        """The search as a study writes it, its defaults said."""
        found: dict[str, object] = {key: getattr(self, key) for key in _KEYS}
        for key in ("by", "direction"):
            words = getattr(self, key)
            found[key] = words[0] if len(words) == 1 else list(words)
        return {key: value for key, value in found.items() if value != []}


def _words(value: object, options: Sequence[str] | None) -> tuple[str, ...]:
    """One word or several: metrics, or out of a fixed list."""

    def check(word: object) -> str:
        return validation.metric(word) if options is None else validation.one_of(word, options)

    items = validation.plain(value)
    if items == [] and isinstance(value, tuple):
        return ()
    if not isinstance(items, list):
        return (check(items),)
    problems = Problems()
    for index, item in enumerate(validation.listed(items, "words")):
        with problems.under(index):
            check(item)
    problems.raise_any()
    return tuple(cast(list[str], items))
