"""The live dashboard: one poller of MLflow, and pages of the figures, filtered by their address."""
