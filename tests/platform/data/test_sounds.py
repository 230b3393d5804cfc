"""The hits that come along are half a second each, and rows tell which one they are of."""

from __future__ import annotations

import numpy as np

from layerwise.platform.data import shipped, sounds
from layerwise.platform.data.sound import Sound, spectrum


def test_a_group_is_a_hit() -> None:
    samples = sounds.read()
    assert samples.sound == Sound(rate=sounds.RATE)
    assert samples.x.shape == (sounds.SAMPLES, samples.sound.width)
    assert 0 <= samples.x.min() <= samples.x.max() <= 1
    assert samples.groups is not None
    np.testing.assert_array_equal(samples.groups, np.repeat(np.arange(130), 64))
    assert samples.labels is not None
    labels = samples.labels.reshape(130, 64)
    assert (labels == labels[:, :1]).all()
    assert len(set(labels[:, 0].tolist())) == 12


def test_labels_are_the_families_of_the_names() -> None:
    samples = sounds.read()
    assert samples.labels is not None
    names = shipped.arrays("sounds.npz", ("names",))["names"].tolist()
    assert names == sorted(names)
    kicks = [
        name for name, label in zip(names, samples.labels[::64], strict=True) if label == "kick"
    ]
    assert kicks == [name for name in names if name.startswith("bd_")]


def test_a_bass_drum_is_low_and_a_cymbal_high() -> None:
    found = shipped.arrays("sounds.npz", ("audio", "names"))
    names = found["names"].tolist()

    def centre(name: str) -> float:
        power = np.abs(spectrum(found["audio"][names.index(name)] / 32_768, Sound())) ** 2
        return float(power.sum(0) @ np.linspace(0, sounds.RATE / 2, 129) / power.sum())

    assert centre("bd_808") < 300
    assert centre("drum_cymbal_closed") > 1500
