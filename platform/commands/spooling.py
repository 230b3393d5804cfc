"""What a run does where its record cannot be written: it is kept, and said in one line."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import TrackingError
from ..execution.execution import Outcome, tracked
from ..tracking.recording_process import Opening
from .plan import Prepared


@dataclass(frozen=True)
class Spooled:
    """An execution in the spool: in which folder, why, and what writes it later."""

    folder: Path
    cause: str
    command: str

    def __str__(self) -> str:
        return f"{self.cause}; it is spooled in {self.folder}: `{self.command}` writes it later"


def spooled(
    prepared: Prepared,
    outcome: Outcome,
    opening: Opening,
    begun: float,
    ending: Mapping[str, Any],
    error: TrackingError,
) -> Spooled | None:
    """Keep an execution that the record refused; None where the disk refuses it as well.

    Args:
        prepared, outcome: the study and what became of it.
        opening: of its record.
        begun: when the command began, on the monotonic clock.
        ending: as given to :meth:`.recording_process.RecordingProcess.finish`.
        error: why the record could not be written.
    """
    from ..tracking.spool import Execution, Spool
    from ..tracking.tracked_execution import commit

    now = time.time()
    execution = Execution(
        name=opening.tags["layerwise.execution"],
        study=opening.study,
        plan_key=opening.plan_key,
        tags={**commit(), **opening.tags},
        question=opening.question,
        # Backwards from now: the wall clock may have been set since the command began.
        started=now - (time.monotonic() - begun),
        ended=now,
        **ending,
    )
    known = {trial.key: trial for trial in outcome.plan.trials()}
    reused = set(outcome.reused)
    trials = (
        tracked(known[key], manifest, reused=key in reused)
        for key, manifest in outcome.manifests.items()
        if key in known
    )
    home = prepared.home
    try:
        folder = Spool(home.spool).keep(execution, trials)
    except OSError:
        return None
    cause = f"{error.where}: {error.rule}"
    return Spooled(folder, cause, f"layerwise --home {home.path} sync {opening.study}")
