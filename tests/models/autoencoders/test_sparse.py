"""The sparse autoencoder keeps its units near the target."""

from __future__ import annotations

from made_cohorts import digits

from layerwise.models import create


def test_units_come_to_speak_as_rarely_as_the_target_asks() -> None:
    x = digits()[:600]
    free, held = (
        create("sparse_autoencoder", hidden=32, epochs=40, sparsity={"weight": w, "target": 0.1})
        .fit(x)
        .encode(x)
        .mean(0)
        for w in (0.0, 3.0)
    )
    assert abs(held - 0.1).mean() < 0.02
    assert abs(free - 0.1).mean() > 0.1
