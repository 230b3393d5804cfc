"""The served network under its study's name in MLflow's model registry, so that it has an address.

``models:/STUDY@best`` is the network of the newest execution that was not broken off, for
``mlflow models serve`` and ``mlflow.pyfunc.load_model`` alike.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

ALIAS = "best"
# The trial whose weights a version holds.
_KEY = "layerwise.key"

_log = logging.getLogger("layerwise.model_registry")


def register(client: MlflowClient, study: str, model_id: str, key: str) -> str | None:
    """Make a logged model the study's ``@best``; returns its version, None without a registry.

    The same weights, by their trial's ``key``, have one version for ever. A registry that refuses
    costs the study nothing: MLflow's file store has none, and a server may keep its own closed.
    """
    import sqlalchemy.exc
    from mlflow.exceptions import MlflowException

    try:
        version = _version(client, study, key) or _create(client, study, model_id, key)
        client.set_registered_model_alias(study, ALIAS, version)
    except (MlflowException, sqlalchemy.exc.SQLAlchemyError, OSError) as error:
        _log.warning("%s was not registered as models:/%s@%s: %s", model_id, study, ALIAS, error)
        return None
    return version


def _version(client: MlflowClient, study: str, key: str) -> str | None:
    """The newest version with these weights."""
    # The name of a study has no quotation marks.
    found = client.search_model_versions(f"name = '{study}' and tags.`{_KEY}` = '{key}'")
    return max((str(version.version) for version in found), key=int, default=None)


def _create(client: MlflowClient, study: str, model_id: str, key: str) -> str:
    from mlflow.exceptions import MlflowException

    # Most studies have a name in the registry after their first execution, and so may this one:
    # another execution can have made it since anyone looked.
    with contextlib.suppress(MlflowException):
        client.create_registered_model(study)
    model = client.get_logged_model(model_id)
    made = client.create_model_version(
        study,
        # Where the files are; "models:/<id>" would be looked up under MLflow's global address.
        source=model.artifact_location,
        run_id=model.source_run_id,
        tags={_KEY: key},
        model_id=model_id,
        await_creation_for=0,
    )
    return str(made.version)
