"""From a study to the tree of its trials, and to the cohorts that train together. Needs no Ray."""

from .tree import Plan, PlannedStage, plan
from .trial import Source, Trial

__all__ = ["Plan", "PlannedStage", "Source", "Trial", "plan"]
