"""The record: what is written to MLflow, by the driver alone, beside the training."""
