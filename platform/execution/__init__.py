"""Finished trials from a plan, on Ray: the searcher, the trainable, the session."""
