"""The errors of the platform, all of them :class:`~layerwise.models.errors.LayerwiseError`.

LayerwiseError
├── StudyError      the person's mistake in a study: nothing was started
├── DataError       a data set that is missing or cannot be trained on
├── HomeError       the folder for results cannot be used
├── StoreError      a stored stage is missing, damaged or cannot be written
├── TrackingError   MLflow refused or cannot be reached
└── ClusterError    a cluster, or one of its nodes, cannot do what is asked of it
"""

from __future__ import annotations

from ..models.errors import LayerwiseError


class StudyError(LayerwiseError, ValueError):
    """A study that cannot be run as written."""


class DataError(LayerwiseError, ValueError):
    """A data set that is missing, empty, not finite or of the wrong width."""


class HomeError(LayerwiseError, OSError):
    """The home folder cannot be created, read or written."""


class StoreError(LayerwiseError, OSError):
    """A stage's entry is missing, damaged, or could not be written."""


class TrackingError(LayerwiseError, RuntimeError):
    """The record could not be written or read."""


class ClusterError(LayerwiseError, RuntimeError):
    """A cluster does not answer, refuses, or has nodes that cannot take part."""
