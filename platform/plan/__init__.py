"""From a study to the tree of its trials, and to the cohorts that train together. Needs no Ray."""

from .tree import Plan, PlannedStage, Source, Trial, plan

__all__ = ["Plan", "PlannedStage", "Source", "Trial", "plan"]
