"""A cluster that is only imagined, as a person names it: ``64 gpus``, ``4 nodes x 8 gpus``."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Self

from ..errors import StudyError
from ..study.terms import Resources

MOST = 1_000_000
_WRITTEN = re.compile(r"(?:(\d+)\s*nodes?\s*(?:x|×|\*|of)\s*)?(\d+)\s*(cpu|gpu)s?", re.IGNORECASE)
_EXAMPLES = 'Write "64 gpus", "8 cpus" or "4 nodes x 8 gpus".'


@dataclass(frozen=True)
class ImaginedCluster:
    """Equal nodes with ``per_node`` devices each, all of one ``kind``: ``cpu`` or ``gpu``."""

    nodes: int
    per_node: int
    kind: str

    @classmethod
    def of(cls, written: str) -> Self:
        """Read what a person writes.

        Raises:
            StudyError: anything but a number of devices, and perhaps of nodes.
        """
        found = _WRITTEN.fullmatch(written.strip())
        if found is None:
            rule = "must be a number of gpus or cpus, and perhaps of nodes"
            raise StudyError("--simulate", rule, written, _EXAMPLES)
        nodes, devices, kind = found.groups()
        cluster = cls(int(nodes or 1), int(devices), kind.lower())
        if not 1 <= cluster.nodes * cluster.per_node <= MOST:
            raise StudyError("--simulate", f"must have 1 to {MOST} devices", written, _EXAMPLES)
        return cluster

    @property
    def devices(self) -> int:
        """How many there are on all nodes together."""
        return self.nodes * self.per_node

    def __str__(self) -> str:
        devices = f"{self.per_node} {self.kind}{'' if self.per_node == 1 else 's'}"
        return devices if self.nodes == 1 else f"{self.nodes} nodes x {devices}"

    def side_by_side(self, resources: Resources) -> int:
        """How many cohorts train at once, each with what the study asks for.

        A study that asks for no GPU gets a whole one for each of its workers here.

        Raises:
            StudyError: a cohort needs more than there is, or GPUs where there are none.
        """
        if self.kind == "gpu":
            each = resources.gpus_per_worker or 1.0
        elif resources.gpus_per_worker:
            rule = "must name gpus: the study asks for them in `resources`"
            raise StudyError("--simulate", rule, str(self), _EXAMPLES)
        else:
            each = resources.cpus_per_worker or 1.0
        # 0.1 goes ten times into 1, though not in binary.
        on_a_node = math.floor(self.per_node / each + 1e-9)
        places = on_a_node * self.nodes // resources.workers
        if not places:
            needs = f"{resources.workers} × {each:g} {self.kind}s"
            rule = f"must have room for one cohort, which needs {needs}"
            raise StudyError("--simulate", rule, str(self), _EXAMPLES)
        return places
