"""Processes that start children of the same parents at the same moment. A script: ``ROOT KEY…``.

A script and not a test, because it forks, and forking pytest's process would copy its threads.
Prints, for each process, which codes it computed.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path

import torch
from without_ray import TWO_LAYERS

from layerwise.platform.data import load
from layerwise.platform.execution.frozen_codes import sources
from layerwise.platform.store import Store
from layerwise.platform.study import Study

PROCESSES = 4


class Heard(logging.Handler):
    """Notes which codes were computed."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Called for each line of the log."""
        if "are computed" in record.getMessage():
            self.keys.append(record.getMessage().split()[2])


def main(root: Path, keys: list[str]) -> None:
    """Fork, start all at once, and print what each did."""
    torch.set_num_threads(1)
    data = load(Study(**TWO_LAYERS).data)
    heard = Heard()
    logger = logging.getLogger("layerwise.execution")
    logger.setLevel(logging.INFO)
    logger.addHandler(heard)
    ready, go = os.pipe()
    found = []
    for _ in range(PROCESSES):
        read, write = os.pipe()
        if os.fork() == 0:
            os.close(go)
            os.read(ready, 1)  # until the parent closes its end
            store = Store(root)
            tensors = sources(
                [(key,) for key in keys], data, store, torch.float32, torch.device("cpu")
            )
            said = {"computed": heard.keys, "shape": list(tensors["train"].shape)}
            os.write(write, json.dumps(said).encode())
            os._exit(0)
        os.close(write)
        found.append(read)
    os.close(ready)
    os.close(go)
    for _ in found:
        assert os.wait()[1] == 0
    print(json.dumps([json.loads(os.read(one, 65536)) for one in found]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
