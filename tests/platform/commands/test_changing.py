"""``--set`` and ``--scale`` as a command line has them."""

from __future__ import annotations

import argparse

from layerwise.platform.commands import changing


def test_changes_are_collected_in_order() -> None:
    parser = argparse.ArgumentParser()
    changing.add_arguments(parser)
    words = ["--set", "seeds=[0]", "--scale", "0.5", "--set", "data.name=mnist"]
    found = changing.asked(parser.parse_args(words))
    assert found.values == (("seeds", [0]), ("data.name", "mnist"))
    assert found.scale == 0.5
    assert changing.asked(parser.parse_args([])).values == ()
