"""What a person writes: a study, its stages and its search domains, in YAML or in Python."""

from .domains import Choice, Domain, Grid, Integers, LogUniform, Uniform
from .stage import Keep, Stage
from .study import Study
from .terms import Data, Objective, Resources

__all__ = [
    "Choice",
    "Data",
    "Domain",
    "Grid",
    "Integers",
    "Keep",
    "LogUniform",
    "Objective",
    "Resources",
    "Stage",
    "Study",
    "Uniform",
]
