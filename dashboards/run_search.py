"""One trial by its key, its run id, or the beginning of either; and where MLflow shows its run."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit, urlunsplit

from .errors import RecordError
from .outline import near_miss
from .wording import count, listing

if TYPE_CHECKING:
    from .frames import Frames

LEAST = 6
"""Characters that a beginning must have."""
LOCAL = "http://127.0.0.1:5000"
"""Where ``layerwise ui`` serves MLflow's own pages."""
START = "start it with: layerwise ui"


def found(frames: Frames, text: str) -> str:
    """The key of the trial whose key or run id is ``text``, or alone begins with it.

    Raises ``RecordError`` where there is none (with the likeliest one), where several begin so,
    and where fewer than six characters are given.
    """
    text = text.strip()
    keys, ids = (frames.runs[name].astype(str).tolist() for name in ("key", "run_id"))
    for exact in (keys, ids):
        if text in exact:
            return keys[exact.index(text)]
    if len(text) < LEAST:
        raise RecordError("run", f"must be named by at least {LEAST} characters", text)
    fits = [key for key, run in zip(keys, ids, strict=True) if _begins(text, key, run)]
    if len(fits) > 1:
        some = listing([key[: len(text) + 6] + "…" for key in fits[:3]])
        rule = f"must begin one key only, and {count(len(fits), 'trial')} begin so"
        raise RecordError("run", rule, text, f"Give more of it: {some}")
    if not fits:
        # Of what is as long as the text, lest the rest of a key drown the likeness.
        likely = near_miss(text[:32], {name[: len(text[:32])] for name in (*keys, *ids)})
        remedy = f"Did you mean {likely!r}?" if likely else None
        raise RecordError("run", "must be the key or the run id of a trial", text[:100], remedy)
    return fits[0]


def mlflow_address(tracking_uri: str, experiment_id: str, run_id: str) -> tuple[str, str]:
    """The page of a run in MLflow's own pages, and what to do first, "" if it is there already.

    A server shows its runs itself; its address comes without user, password and query. For a
    database or a folder it is the page that ``layerwise ui`` serves; "" and a reason where
    MLflow's pages are somebody else's.
    """
    page = f"#/experiments/{quote(experiment_id, safe='')}/runs/{quote(run_id, safe='')}"
    parts = urlsplit(tracking_uri)
    if parts.scheme in ("http", "https"):
        host = quote(parts.netloc.rpartition("@")[2], safe=":[]")
        path = quote(parts.path.rstrip("/"), safe="/%")
        return f"{urlunsplit((parts.scheme, host, path, '', ''))}/{page}", ""
    if parts.scheme.partition("+")[0] in ("databricks", "databricks-uc"):
        return "", "look for the run in the workspace that keeps this record"
    return f"{LOCAL}/{page}", START


def _begins(text: str, key: str, run: str) -> bool:
    return key.startswith(text) or run.startswith(text)
