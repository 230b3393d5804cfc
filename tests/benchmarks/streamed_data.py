"""What streaming a table costs and saves: peak memory and seconds, beside reading it whole.

    python tests/benchmarks/streamed_data.py [--mib 600]

A Parquet table of that size is read three ways, each by a process of its own that has imported
everything before: whole, streamed through Ray Data as a command does it, and once more when it is
prepared. Memory is what the process itself holds (RssAnon), without pages of files that the system
can drop, and without Ray's own processes, whose object store is printed apart.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow
from pyarrow import parquet

WIDTH = 100
GROUP = 20_000

READ = """
import json, sys, threading, time
import numpy, pyarrow.parquet, ray.data
from layerwise.platform.commands.loading import load
from layerwise.platform.study.data_terms import Data

def held(name="RssAnon"):
    lines = open("/proc/self/status").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024

source = Data(path=sys.argv[1], stream=sys.argv[2] == "true", scale="standardise")
before = most = held()
shared = held("RssShmem")
done = threading.Event()

def watch():
    global most, shared
    while not done.wait(0.005):
        most, shared = max(most, held()), max(shared, held("RssShmem"))

thread = threading.Thread(target=watch)
thread.start()
began = time.perf_counter()
data = load(source)
digest = data.digest
seconds = time.perf_counter() - began
done.set()
thread.join()
print(json.dumps({"mib": most - before, "shared_mib": shared, "seconds": seconds,
                  "digest": digest}))
"""


def write(path: Path, mib: float) -> int:
    """A table of about that many MiB of float32; returns its rows."""
    rows = int(mib * 2**20 / (4 * WIDTH))
    generator = np.random.default_rng(0)
    names = [f"c{number}" for number in range(WIDTH)]
    schema = pyarrow.schema([(name, pyarrow.float32()) for name in names])
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, GROUP):
            x = generator.standard_normal((WIDTH, min(GROUP, rows - start)), dtype=np.float32)
            writer.write_table(pyarrow.Table.from_arrays([*map(pyarrow.array, x)], schema=schema))
    return rows


def read(path: Path, stream: bool, cache: Path) -> dict[str, float]:
    """Peak memory and seconds of a process that loads the table."""
    # Ray reads its environment when it is imported, here before the session could set it.
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token"}
    ended = subprocess.run(
        [sys.executable, "-c", READ, str(path), str(stream).lower()],
        env={**os.environ, **quiet, "LAYERWISE_CACHE": str(cache)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mib", type=float, default=600.0)
    mib = parser.parse_args().mib
    with tempfile.TemporaryDirectory() as folder:
        path, cache = Path(folder, "table.parquet"), Path(folder, "cache")
        rows = write(path, mib)
        ways = {
            "read whole": read(path, False, cache),
            "streamed": read(path, True, cache),
            "streamed, prepared before": read(path, True, cache),
        }
    whole = ways["read whole"]
    assert len({found["digest"] for found in ways.values()}) == 1, "the same numbers"
    print(f"{rows} rows of {WIDTH} numbers, {mib:.0f} MiB as float32")
    for name, found in ways.items():
        print(
            f"{name:27} {found['mib']:7.0f} MiB at most"
            f" ({found['mib'] / whole['mib']:.2f} of read whole),"
            f" object store {found['shared_mib']:4.0f} MiB, {found['seconds']:6.2f} s"
        )


if __name__ == "__main__":
    main()
