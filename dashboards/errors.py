"""The errors of this package, all of them :class:`DashboardError`.

DashboardError
├── RecordError     a record that cannot be read as asked
└── ExportError     image files that cannot be made here

They repeat the form of the platform's errors (where, rule, got, remedy) without importing them,
because figures must open without the packages that train.
"""

from __future__ import annotations


class DashboardError(Exception):
    """Says where, which rule, what was found, and the remedy."""

    def __init__(
        self, where: str, rule: str, got: object = None, remedy: str | None = None
    ) -> None:
        self.where = where
        self.rule = rule
        self.got = got
        self.remedy = remedy
        super().__init__(where, rule, got, remedy)

    def __str__(self) -> str:
        found = "" if self.got is None else f", but got {self.got!r}"
        remedy = f". {self.remedy}" if self.remedy else ""
        return f"{self.where}: {self.rule}{found}{remedy}"


class RecordError(DashboardError, LookupError):
    """MLflow holds no such study or run, or what it holds is not a study's record."""


class ExportError(DashboardError, RuntimeError):
    """Images cannot be made here."""
