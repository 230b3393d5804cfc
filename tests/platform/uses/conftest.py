"""Trained networks as a use sees them."""

from used_networks import trained, use_store

__all__ = ["trained", "use_store"]
