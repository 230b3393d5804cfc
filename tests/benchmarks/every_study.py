"""Every study that ships, at its own size, one after the other, from nothing: what a night is for.

    python tests/benchmarks/every_study.py [NAME…] [--home DIR]

Prints for each study how long it took and how its claims came out, and at the end the path of the
gallery. Exits 1 if a study did not end well; claims that do not hold are told, and are no failure.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from layerwise.studies import shipped_studies

LIMIT = 300
"""Seconds that a study may take on two cores."""
MARKS = {"holds": "✓", "fails": "✗", "untold": "?"}
LAYERWISE = (sys.executable, "-m", "layerwise.platform.cli")


def main() -> int:
    """Run them; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these studies")
    parser.add_argument("--home", type=Path, help="where results are kept (default: a new folder)")
    arguments = parser.parse_args()
    shipped = shipped_studies()
    own = [name for name, file in shipped.items() if file.parent.name != "papers"]
    names = arguments.names or own
    home = arguments.home or Path(tempfile.mkdtemp(prefix="layerwise-studies-"))
    lost = [name for name in names if not _run(name, home)]
    gallery = subprocess.run(
        [*LAYERWISE, "--home", str(home), "report", "--gallery"],
        capture_output=True,
        text=True,
        check=True,
    )
    print(f"gallery   {gallery.stdout.strip()}")
    if lost:
        print(f"did not end well: {', '.join(lost)}")
    return 1 if lost else 0


def _run(name: str, home: Path) -> bool:
    """Whether a study ended well."""
    started = time.monotonic()
    words = [*LAYERWISE, "--home", str(home), "run", name, "--json"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    seconds = time.monotonic() - started
    if ended.returncode:
        print(f"{name:24} exit code {ended.returncode}\n{ended.stderr[-2000:]}", flush=True)
        return False
    found = json.loads(ended.stdout)
    late = f"  more than {LIMIT} s" if seconds > LIMIT else ""
    trials = found["plan"]["trials"]
    print(f"{name:24} {seconds:6.1f} s  {trials:4d} trials{late}", flush=True)
    for claim in found["claims"]:
        print(f"    {MARKS[claim['verdict']]} {claim['said']}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
