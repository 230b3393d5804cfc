"""Everything that libraries say goes into the log, whichever way they say it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SCRIPT = """
import logging, os, subprocess, sys, warnings
from pathlib import Path
from layerwise.platform.console.chatter import into, keep_quiet
keep_quiet()
print("before")
with into(Path(sys.argv[1])) as streams:
    print("printed")
    print("complained", file=sys.stderr)
    os.write(1, b"written below Python\\n")
    subprocess.run(["echo", "said by a child"])
    logging.getLogger("ray").info("logged")
    logging.getLogger("layerwise.store").warning("one entry was damaged")
    warnings.warn("warned")
    print("the answer", file=streams.output)
    print("the remark", file=streams.error)
print("after")
print(os.environ["RAY_USAGE_STATS_ENABLED"], os.environ["MLFLOW_DISABLE_TELEMETRY"])
"""


def test_only_what_is_meant_for_the_person_is_shown(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "run.log"
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(log)], capture_output=True, text=True, check=True
    )
    assert ended.stdout.splitlines() == ["before", "the answer", "after", "0 true"]
    assert ended.stderr.splitlines() == ["layerwise: one entry was damaged", "the remark"]
    logged = log.read_text()
    for words in (
        *("printed", "complained", "written below Python", "said by a child"),
        *("INFO ray: logged", "one entry was damaged", "warned"),
    ):
        assert words in logged
    assert "the answer" not in logged
