"""The executions that a record holds, one row each: what ran when, and what it took."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from .collector import collector_paused
from .errors import RecordError
from .outline import near_miss
from .unreadable import explained

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Run

_A_PAGE = 1000
_CONDITION = "tags.`layerwise.kind` = 'study'"


def executions(tracking_uri: str, study: str | None = None) -> list[dict[str, object]]:
    """A row per execution, the newest first.

    ``study``: the study's name, or None for all. Each row has ``study``, ``started`` (ISO 8601, in
    UTC), ``status`` (RUNNING, FINISHED, FAILED or KILLED), ``trials``, ``cohorts``, ``reused``,
    ``seconds`` (in all) and ``host``; None where the execution has not said it (yet).

    Raises ``RecordError`` when there is no such study, or the record cannot be read.
    """
    with collector_paused():
        # Seconds of import, not to be paid by whoever imports this package.
        from mlflow import MlflowClient
        from mlflow.exceptions import MlflowException
        from sqlalchemy.exc import SQLAlchemyError

        try:
            client = MlflowClient(tracking_uri)
            names = _experiments(client)
            if study is None:
                wanted = list(names)
            elif not (wanted := [number for number, name in names.items() if name == study]):
                guess = near_miss(study, names.values())
                remedy = f"Did you mean {guess!r}?" if guess else "Run the study first."
                raise RecordError("study", "must be one that the record knows", study, remedy)
            return [_row(names[run.info.experiment_id], run) for run in _runs(client, wanted)]
        except (MlflowException, SQLAlchemyError) as error:
            raise explained(error, tracking_uri) from error


def _experiments(client: MlflowClient) -> dict[str, str]:
    """Names by id."""
    found: dict[str, str] = {}
    token: str | None = None
    while True:
        page = client.search_experiments(max_results=_A_PAGE, page_token=token)
        found |= {str(e.experiment_id): str(e.name) for e in page}
        token = page.token
        if not token:
            return found


def _runs(client: MlflowClient, experiments: list[str]) -> Iterator[Run]:
    token: str | None = None
    while experiments:
        page = client.search_runs(
            experiments,
            filter_string=_CONDITION,
            max_results=_A_PAGE,
            order_by=["attributes.start_time DESC"],
            page_token=token,
        )
        yield from page
        token = page.token
        if not token:
            return


def _row(study: str, run: Run) -> dict[str, object]:
    started = datetime.fromtimestamp(run.info.start_time / 1000, tz=UTC)
    metrics = run.data.metrics
    counts = {name: _whole(metrics.get(name)) for name in ("trials", "cohorts", "reused")}
    return {
        "study": study,
        "started": started.isoformat(timespec="seconds"),
        "status": run.info.status,
        **counts,
        "seconds": metrics.get("seconds/total"),
        "host": run.data.tags.get("layerwise.host"),
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else round(value)
