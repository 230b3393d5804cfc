"""The content-addressed store of trained stages: atomic, verified, all of a cohort or nothing."""

from .store import Entry, MissingEntry, Store

__all__ = ["Entry", "MissingEntry", "Store"]
