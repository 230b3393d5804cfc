"""A cluster on this one machine: a head and workers, each at an address of its own, by token.

``python -m layerwise.platform.cluster.loopback`` starts one, says how to use it, and ends it with
Ctrl-C. It is what a cluster is, with nothing mocked: every node has its own raylet, a worker can
be killed, and who has no token is refused.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from types import TracebackType
from typing import Any, Self

from ..errors import ClusterError
from ..store.liveness import identity, is_alive

# Ray takes 127.0.0.1 for the machine's outward address.
_ADDRESS = "127.0.1.{}"
_PATIENCE_SECONDS = 120.0
_STOP_SECONDS = 15.0
_OBJECT_STORE_BYTES = 100 * 2**20
_STARTS = 3
_NOT_THEIRS = {"RAY_ADDRESS", "RAY_API_SERVER_ADDRESS", "MLFLOW_TRACKING_URI", "LAYERWISE_HOME"}

# Ports at random, for several nodes live at one place.
_ANY_PORT = (
    *("--min-worker-port", "0", "--max-worker-port", "0"),
    *("--dashboard-agent-listen-port", "0", "--metrics-export-port", "0"),
)


@dataclass(eq=False)
class Node:
    """A node of the cluster: its address, and the process that all of it descends from."""

    address: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes]
    starts: int = 1
    killed: bool = False

    def kill(self) -> None:
        """End every process of the node at once, as when its power fails."""
        for pid in _family(self.process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.killed = True


class LoopbackCluster:
    """``with LoopbackCluster(workers=2) as cluster: … cluster.address, cluster.environment …``.

    ``address`` is where jobs are submitted, ``gcs`` what a driver on this machine joins.

    Args:
        workers: how many nodes beside the head.
        cpus: of every node, the head included; whole.
        token: that clients need; a random one when left out.
        further: environment variables of the nodes.

    Raises:
        ClusterError: a node does not come up.
    """

    def __init__(
        self,
        workers: int = 2,
        cpus: int = 1,
        token: str | None = None,
        further: Mapping[str, str] | None = None,
    ) -> None:
        self.token = token or secrets.token_hex(32)
        self.nodes: list[Node] = []
        self._workers = workers
        self._cpus = cpus
        self._further = dict(further or {})
        self._port, dashboard, self._client_port = _free_ports(3)
        self.address = f"http://{_ADDRESS.format(1)}:{dashboard}"
        self.gcs = f"{_ADDRESS.format(1)}:{self._port}"
        # A socket's path has 107 characters at most, and Ray's are long.
        self.folder = Path(tempfile.mkdtemp(prefix="layerwise-loopback-"))

    @property
    def environment(self) -> dict[str, str]:
        """What a client of the cluster needs in its environment."""
        return {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": self.token}

    def __enter__(self) -> Self:
        try:
            self.nodes.append(self._start(1, self._head()))
            self._wait_for(1)
            for _ in range(self._workers):
                self.add_worker()
            self._wait_for(1 + self._workers)
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def add_worker(self, inside: Sequence[str] = ()) -> Node:
        """Start one more node; returns before it is up.

        Args:
            inside: a command that runs the one appended to it, such as one that unshares mounts.
        """
        node = self._start(len(self.nodes) + 1, ("--address", self.gcs), inside)
        self.nodes.append(node)
        return node

    def wait(self) -> None:
        """Wait until every node that was started and lives is part of the cluster."""
        self._wait_for(sum(not node.killed for node in self.nodes))

    def stop(self) -> None:
        """End every node; what does not end when told is killed."""
        processes = [identity(pid) for node in self.nodes for pid in _family(node.process.pid)]
        for node in reversed(self.nodes):
            node.process.terminate()
        until = time.monotonic() + _STOP_SECONDS
        for node in self.nodes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                node.process.wait(max(0.1, until - time.monotonic()))
        for process in filter(is_alive, processes):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process.split("/")[2]), signal.SIGKILL)
        for node in self.nodes:
            node.process.wait()
        self.nodes.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _head(self) -> Sequence[str]:
        host, port = self.address.removeprefix("http://").split(":")
        return (
            *("--head", "--port", str(self._port)),
            *("--dashboard-host", host, "--dashboard-port", port),
            *("--ray-client-server-port", str(self._client_port)),
        )

    def _start(self, number: int, role: Sequence[str], inside: Sequence[str] = ()) -> Node:
        address = _ADDRESS.format(number)
        command = [
            *inside,
            *(sys.executable, "-m", "ray.scripts.scripts", "start", "--block", *role),
            *("--node-ip-address", address, "--disable-usage-stats"),
            # Of its own: what is shipped is installed there, once for each node.
            *("--temp-dir", str(self.folder / str(number))),
            *("--num-cpus", str(self._cpus), "--num-gpus", "0"),
            *("--object-store-memory", str(_OBJECT_STORE_BYTES), *_ANY_PORT),
        ]
        log = self.folder / f"node-{number}.log"
        return Node(address, command, log, self._launch(command, log))

    def _launch(self, command: Sequence[str], log: Path) -> subprocess.Popen[bytes]:
        # Ray runs `python` and `pip` for what is shipped: those of this very interpreter.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        kept = {name: value for name, value in os.environ.items() if name not in _NOT_THEIRS}
        with log.open("wb") as stream:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stream,
                stderr=subprocess.STDOUT,
                env={**kept, **self.environment, "PATH": path, **self._further},
                # Ctrl-C ends the cluster in order, not its nodes at random.
                start_new_session=True,
            )

    def _wait_for(self, count: int) -> None:
        until = time.monotonic() + _PATIENCE_SECONDS
        while self._alive() < count:
            for node in self.nodes:
                if node.killed or node.process.poll() is None:
                    continue
                if node.starts == _STARTS:
                    said = node.log.read_text(errors="replace").strip().splitlines() or [""]
                    raise ClusterError(f"node {node.address}", "must come up", said[-1])
                # Ray gives a node 30 s, which a busy machine may not have.
                node.process = self._launch(node.command, node.log)
                node.starts += 1
            if time.monotonic() > until:
                rule = f"must have {count} nodes within {_PATIENCE_SECONDS:.0f} s"
                raise ClusterError(self.address, rule, self._alive())
            time.sleep(0.2)

    def _alive(self) -> int:
        """How many nodes the head counts; 0 while it is not up."""
        request = urllib.request.Request(
            f"{self.address}/api/v0/nodes", headers={"Authorization": f"Bearer {self.token}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.read().count(b'"ALIVE"'))
        except (urllib.error.URLError, OSError):
            return 0


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as held:
        ports = []
        for _ in range(count):
            probe = held.enter_context(socket.socket())
            probe.bind(("", 0))
            ports.append(int(probe.getsockname()[1]))
        return ports


def _family(pid: int) -> list[int]:
    """The process and all that descend from it; nothing for one that has ended."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    children: dict[int, list[int]] = {}
    known = set()
    for line in listed.stdout.splitlines():
        one, parent = map(int, line.split())
        children.setdefault(parent, []).append(one)
        known.add(one)
    found = [pid] if pid in known else []
    for member in found:
        found += children.get(member, [])
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Start a cluster, say how to use it, and end it with Ctrl-C."""
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="nodes beside the head (default: 2)")
    parser.add_argument("--cpus", type=int, default=1, help="of every node (default: 1)")
    chosen = parser.parse_args(arguments)

    def end(*_: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    try:
        with LoopbackCluster(chosen.workers, chosen.cpus) as cluster:
            for name, value in cluster.environment.items():
                print(f"export {name}={quote(value)}")
            home = Path(tempfile.gettempdir()) / "layerwise-on-loopback"
            print(f"layerwise submit quickstart --address {cluster.address} --storage {home}")
            print("# Ctrl-C ends the cluster", flush=True)
            signal.pause()
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    return 0


if __name__ == "__main__":
    sys.exit(main())
