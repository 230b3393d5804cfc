"""A head without CPUs and two nodes of one CPU each, on this machine. Run as a script.

Prints one JSON line: the address, and the process of each node's raylet; then waits for the end of
its standard input. A script, because Ray's test cluster changes the environment of its process.
"""

from __future__ import annotations

import json
import sys

from ray.cluster_utils import Cluster


def main() -> None:
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    nodes = [cluster.add_node(num_cpus=1) for _ in range(2)]
    cluster.wait_for_nodes()
    raylets = [
        info.process.pid
        for node in nodes
        for kind, infos in node.all_processes.items()
        for info in infos
        if kind == "raylet"
    ]
    print(json.dumps({"address": cluster.address, "raylets": raylets}), flush=True)
    sys.stdin.read()
    cluster.shutdown()


if __name__ == "__main__":
    main()
