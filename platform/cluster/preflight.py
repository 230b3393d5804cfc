"""Before the first trial: can every node of the cluster take part?

A node that lacks a package, a mount or a route would fail its trials one after another, an hour
into the study. Here each is asked, all at once, and those that cannot are named with what to do.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import ClusterError
from ..home import Home
from . import node_probe, wheel
from .node_probe import CHALLENGE, Hindrances

# What decides a trial's bits, or lets no pickle pass.
COMPARED = ("torch", "numpy", "ray")
TRAINABLE = "layerwise.platform.execution.trial"

# A node may first have to install what was shipped, and to import torch from a shared file system.
PATIENCE_SECONDS = 180.0

_RULES = {
    "answer": "must answer",
    "import": "must be able to import layerwise as the driver does",
    "read": "must see the storage {storage}",
    "write": "must be able to write to the storage {storage}",
    "record": "must reach MLflow",
}
_REMEDIES = {
    "answer": "Look at the node's log, or take it out of the cluster",
    "import": "Install the same versions on every node; layerwise submit ships layerwise itself",
    "read": "Mount the shared folder there, or name one that every node has with --storage",
    "write": "Mount it for writing there, or name another folder with --storage",
    "record": "Open the way to the server, or name another one with --tracking-uri",
}


class UnfitNodesError(ClusterError):
    """Nodes that cannot take part, one per line."""

    def __init__(self, problems: Sequence[ClusterError], nodes: int) -> None:
        self.problems = tuple(problems)
        unfit = len({problem.where for problem in problems})
        super().__init__("preflight", f"{unfit} of {nodes} nodes cannot take part; nothing trained")

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  {problem}" for problem in self.problems)])


@dataclass(frozen=True)
class Node:
    """A node of the cluster: Ray's id of it, and its address."""

    id: str
    address: str


def check(home: Home) -> tuple[Node, ...]:
    """Ask every node of the cluster that this process has joined.

    Args:
        home: the storage, and where MLflow is.

    Returns:
        The nodes, all of which can take part.

    Raises:
        UnfitNodesError: some cannot.
        HomeError: this process cannot write to the storage.
    """
    home.ensure()
    found = _nodes()
    challenge = secrets.token_hex(16)
    meeting = home.path / "preflight" / challenge
    meeting.mkdir(parents=True)
    try:
        (meeting / CHALLENGE).write_text(challenge)
        answers = _ask(found, meeting, challenge, home.tracking_uri)
        for node in found:
            answer = answers.setdefault(node.id, {})
            written = meeting / node.id
            if not {"answer", "read", "write"} & answer.keys() and not _agrees(written, challenge):
                answer["read"] = "what it wrote has not arrived here: it is another folder"
    finally:
        shutil.rmtree(meeting, ignore_errors=True)
    problems = [
        _problem(node, what, said, home)
        for node in found
        for what, said in answers[node.id].items()
    ]
    if problems:
        raise UnfitNodesError(problems, len(found))
    return found


def _nodes() -> tuple[Node, ...]:
    import ray

    alive = [node for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    found = [Node(node["NodeID"], node["NodeManagerAddress"]) for node in alive]
    return tuple(sorted(found, key=lambda node: node.address))


def _ask(
    nodes: Sequence[Node], meeting: Path, challenge: str, tracking_uri: str
) -> dict[str, Hindrances]:
    import ray
    from ray import cloudpickle
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    packaged = {wheel.__name__: wheel.digest()}
    versions = {name: version(name).partition("+")[0] for name in COMPARED}
    cloudpickle.register_pickle_by_value(node_probe)  # type: ignore[no-untyped-call]
    try:
        task: Any = ray.remote(num_cpus=0, max_retries=0)(node_probe.probe)
        asked = {
            node.id: task.options(
                scheduling_strategy=NodeAffinitySchedulingStrategy(node.id, soft=False)
            ).remote(
                TRAINABLE,
                packaged,
                versions,
                str(meeting),
                challenge,
                node.id,
                tracking_uri,
            )
            for node in nodes
        }
    finally:
        cloudpickle.unregister_pickle_by_value(node_probe)  # type: ignore[no-untyped-call]
    answered, _ = ray.wait(
        list(asked.values()), num_returns=len(asked), timeout=PATIENCE_SECONDS, fetch_local=True
    )
    return {node: _answer(asked[node], asked[node] in answered) for node in asked}


def _answer(reference: Any, answered: bool) -> Hindrances:
    import ray

    if not answered:
        ray.cancel(reference, force=True)
        return {"answer": f"nothing within {PATIENCE_SECONDS:.0f} s"}
    try:
        found: Hindrances = ray.get(reference)
    except Exception as error:
        # Whatever kept the task from running there: its set-up, or the end of the node.
        lines = [line for line in str(error).strip().splitlines() if line.strip()]
        return {"answer": lines[-1].strip() if lines else type(error).__name__}
    return found


def _agrees(path: Path, challenge: str) -> bool:
    try:
        return path.read_text() == f"{challenge} {path.name}"
    except OSError:
        return False


def _problem(node: Node, what: str, said: str, home: Home) -> ClusterError:
    rule = _RULES[what].format(storage=home.path)
    return ClusterError(f"node {node.address}", rule, said, f"{_REMEDIES[what]}.")
