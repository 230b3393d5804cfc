"""Why a record could not be read, in a person's words."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from .errors import RecordError

if TYPE_CHECKING:
    from mlflow.exceptions import MlflowException

LOG = logging.getLogger("layerwise.dashboards")
USER, PASSWORD, TOKEN = (f"MLFLOW_TRACKING_{name}" for name in ("USERNAME", "PASSWORD", "TOKEN"))
"""The environment's variables from which MLflow's client takes who is asking."""

REFUSED = (401, 403)
"""What a server answers that does not know who is asking, or knows and does not want to tell."""


def database_file(tracking_uri: str) -> Path | None:
    """The file behind a ``sqlite:///`` address; None for servers and other databases."""
    name = tracking_uri.removeprefix("sqlite:///").partition("?")[0]
    if not tracking_uri.startswith("sqlite:///") or name in ("", ":memory:"):
        return None
    return Path(name).absolute()


def place(tracking_uri: str) -> str:
    """The record in a person's words: the database's file, or the server without passwords."""
    path = database_file(tracking_uri)
    return f"the record {path}" if path else f"MLflow at {without_credentials(tracking_uri)}"


def without_credentials(address: str) -> str:
    """An address without the user and the password that it may hold."""
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def explained(error: Exception, tracking_uri: str) -> RecordError:
    """What went wrong with a reading; what nobody has foreseen is logged as well."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    if isinstance(error, RecordError):
        return error
    where = place(tracking_uri)
    if isinstance(error, MlflowException):
        if (status := _status(error)) in REFUSED:
            return _refused(where, status)
    elif not isinstance(error, SQLAlchemyError | OSError):
        LOG.exception("%s cannot be read", where, exc_info=error)
    said = str(error).partition("\n")[0] or type(error).__name__
    if "database is locked" in said:
        return RecordError(where, "is locked by somebody who writes")
    return RecordError(where, f"cannot be read ({said})")


def check_admitted(tracking_uri: str) -> None:
    """Ask a server for next to nothing, and raise ``RecordError`` where it refuses who is asking.

    Anything else that may be wrong with it can pass, and is left to whoever reads on.
    """
    if not tracking_uri.startswith(("http://", "https://")):
        return
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    try:
        MlflowClient(tracking_uri).search_experiments(max_results=1)
    except MlflowException as error:
        if _status(error) in REFUSED:
            raise explained(error, tracking_uri) from error


def _status(error: MlflowException) -> int:
    # MLflow leaves this method untyped.
    code: Callable[[], int] = error.get_http_status_code
    return code()


def _refused(where: str, status: int) -> RecordError:
    """The server has an answer, but not for this user."""
    user = os.environ.get(USER)
    if user:
        who = f"the user {user!r}"
    else:
        who = f"the bearer of {TOKEN}" if os.environ.get(TOKEN) else ""
    both = f"{USER} and {PASSWORD}"
    if status == 403:
        remedy = f"Ask for the right to read, or set {both} to those of a user who has it."
        return RecordError(
            where, f"does not let {who or 'this user'} read that (403)", None, remedy
        )
    if not who:
        rule = "wants to know who is asking (401)"
        return RecordError(where, rule, None, f"Set {both}.")
    known = "with this password" if user else ""
    rule = " ".join(filter(None, ("does not admit", who, known, "(401)")))
    return RecordError(where, rule, None, f"Set {both} to what the server knows.")
