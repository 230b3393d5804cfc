"""A trial of a study: what determines its numbers, and the key that this makes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from ...models import registry

if TYPE_CHECKING:
    from ..data import DataSet

Metrics = Mapping[str, float]

# The rules by which siblings are compared, and the metric that says when one of them has lost.
COMPARING = ("halving", "median")
STOPPED = "stopped_at"


@dataclass(frozen=True)
class Source:
    """What a plan needs to know of a data set; without labels, ``labels`` is "" and ``classes`` 0.

    ``digest`` and ``labels`` are the hashes of the inputs and of the labels, ``visible`` the width
    of a sample, ``samples`` how many are trained on.
    """

    digest: str
    visible: int
    samples: int
    labels: str = ""
    classes: int = 0

    @classmethod
    def of(cls, data: DataSet) -> Self:
        """What a plan needs to know of this data set."""
        labels = data.label_digest or ""
        return cls(data.digest, data.visible, len(data.train), labels, len(data.classes))


@dataclass(frozen=True)
class Trial:
    """One setting of one stage under one parent, with one seed.

    ``parents`` are the keys of the trials it stands on, none at a root. ``setting`` is the same for
    trials that differ in nothing but the seed, all the way up. ``settings`` are all
    hyperparameters, ``written`` those the person wrote, ``swept`` those with a search domain, and
    ``inherited`` the swept ones of the stages above, under ``stage.path``. ``stack`` are the trials
    whose networks lie below, the one that sees the data first, empty where several parents are
    joined. A ``joint`` trial starts from them as one network, and reads the data. ``stop`` are the
    rules that end it early, as a study writes them: ``{"halving": {"by": …, "from": 5, …}, …}``.
    """

    key: str
    stage: str
    depth: int
    model: str
    seed: int
    visible: int
    dtype: str
    settings: Mapping[str, Any] = field(compare=False)
    written: Mapping[str, Any] = field(compare=False)
    swept: Mapping[str, Any] = field(compare=False)
    inherited: Mapping[str, Any] = field(compare=False)
    parents: tuple[str, ...] = ()
    setting: str = ""
    stack: tuple[Trial, ...] = field(default=(), compare=False, repr=False)
    joint: bool = False
    stop: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, compare=False)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The keys of the trials whose codes it reads; none where it reads the data."""
        return () if self.joint else self.parents

    @property
    def compared(self) -> dict[str, Mapping[str, Any]]:
        """The rules among ``stop`` that may drop it for what its siblings are: it has then lost."""
        return {name: rule for name, rule in self.stop.items() if name in COMPARING}

    @property
    def stopped_key(self) -> str:
        """The key of what is left of this trial when such a rule dropped it.

        It is another than ``key``: under other rules, or none, the trial is still to be trained.
        """
        return digest({"key": self.key, "stop": self.compared})

    @property
    def structure(self) -> tuple[object, ...]:
        """What trials must have in common to train in one cohort."""
        declared = registry.lookup(self.model).hyperparameters
        structures = tuple(
            (path, value) for path, value in self.settings.items() if declared[path].structural
        )
        below = tuple(trial.structure for trial in self.stack) if self.joint else ()
        return (
            self.stage, self.model, self.visible, self.dtype, len(self.parents), structures, below
        )  # fmt: skip

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths of its layers above the input, the code last."""
        return (*self.settings.get("layers", ()), self.settings["hidden"])


def digest(content: object) -> str:
    """sha256 of the canonical JSON of plain values."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
