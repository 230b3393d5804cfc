"""What a person writes: a study, its stages and its search domains, in YAML or in Python."""

from .data_terms import Data
from .domains import Choice, Domain, Grid, Integers, LogUniform, Uniform
from .effort import Budget, SeedsUntil
from .promotion import Keep
from .proposing import Proposals
from .stage import Stage
from .stopping import Halving, Median, Plateau, Stop
from .study import Study
from .terms import Objective, Resources

__all__ = [
    "Budget",
    "Choice",
    "Data",
    "Domain",
    "Grid",
    "Halving",
    "Integers",
    "Keep",
    "LogUniform",
    "Median",
    "Objective",
    "Plateau",
    "Proposals",
    "Resources",
    "SeedsUntil",
    "Stage",
    "Stop",
    "Study",
    "Uniform",
]
