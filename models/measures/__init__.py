"""What is measured of a network: after every epoch, and at the end."""

from .codes import hoyer_sparsity, lifetime_sparsity
from .evaluation import ACTIVE, JACOBIANS, ROWS, measure

__all__ = [
    "ACTIVE",
    "JACOBIANS",
    "ROWS",
    "hoyer_sparsity",
    "lifetime_sparsity",
    "measure",
]
