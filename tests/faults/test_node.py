"""A whole node of a cluster is killed: its raylet, and every worker on it, at a random moment."""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from disturbed import MARK, Disturbed
from running import environment

Moment = Callable[[float, float], float]


@dataclass(frozen=True)
class Nodes:
    """A cluster: where it answers, and the process of each node's raylet."""

    address: str
    raylets: list[int]


@pytest.fixture
def nodes(disturbed: Disturbed) -> Iterator[Nodes]:
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    disturbed.variables |= token
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("two_nodes.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=environment(**token, **{MARK: disturbed.mark, "RAY_TMPDIR": str(disturbed.ray)}),
    )
    assert process.stdout is not None
    yield Nodes(**json.loads(process.stdout.readline()))
    process.communicate()


def below(pid: int) -> list[int]:
    """The processes that a process has started, and those that these have started."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(child), *below(int(child))]
    return found


def test_a_whole_node_is_killed(disturbed: Disturbed, nodes: Nodes, moment: Moment) -> None:
    process = disturbed.start("--no-report", "--address", nodes.address)
    disturbed.wait(moment, training=True)
    busy = [raylet for raylet in nodes.raylets if set(below(raylet)) & set(disturbed.workers())]
    victim = random.choice(busy or nodes.raylets)
    node = [victim, *below(victim)]
    survived = disturbed.stored()
    for pid in node:
        os.kill(pid, signal.SIGKILL)
    print(f"killed {len(node)} processes of a node with {len(survived)} trials stored")
    disturbed.end(process)
    disturbed.check(survived)
