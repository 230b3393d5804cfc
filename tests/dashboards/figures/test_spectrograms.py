"""Panels in seconds and hertz, distances in the sentence, sounds to hear."""

from __future__ import annotations

import io
import json
import wave

import numpy as np
import pytest
from made_uses import HOSTILE, RATE, made_arrays, with_uses

from layerwise.dashboards.figures import spectrograms, waveform
from layerwise.dashboards.frames import Frames
from layerwise.dashboards.sounds import sounds


def test_a_panel_per_sound_and_part(crossing: Frames) -> None:
    frames = with_uses(crossing)
    table = spectrograms.table(frames)
    assert list(table["part"]) == ["original", "corrupted", "resynthesised"] * 2
    drawn = spectrograms.draw(frames)
    assert len(drawn.traces) == 6
    levels = sounds(frames)[0].levels["original"]
    first = drawn.traces[0]
    # 129 frequencies: blocks of two by two, the last one alone.
    assert np.array(first["z"]).shape == (65, 31)
    assert first["z"][3][5] == pytest.approx(levels[6:8, 10:12].mean(), abs=0.06)
    assert first["y0"] + 32 * first["dy"] == pytest.approx((64 + 0.5) * RATE / 2 / 128)
    assert first["dx"] == pytest.approx(2 / 61)
    assert drawn.layout["xaxis"]["range"] == [0, 1.0]
    for columns in (1, 3):
        spectrograms.figure(frames, columns)


def test_a_sound_without_its_corruption_begins_its_own_row(crossing: Frames) -> None:
    made = with_uses(crossing).study["inside"]["sound"]
    arrays = {part: name for part, name in made[0]["arrays"].items() if part != "corrupted"}
    frames = with_uses(crossing, sound=[{**made[0], "arrays": arrays}, made[1]])
    drawn = spectrograms.draw(frames)
    domains = [drawn.layout[f"xaxis{n}"]["domain"][0] for n in ("", "2", "3", "4", "5")]
    assert domains[0] == domains[2] == 0
    spectrograms.figure(frames)


def test_the_sentence_tells_mean_distances(crossing: Frames) -> None:
    frames = with_uses(crossing)
    found = sounds(frames)
    out, before = (
        np.mean([one.distance(part) for one in found]) for part in ("resynthesised", "corrupted")
    )
    text = spectrograms.sentence(frames)
    assert text.startswith(f"Resynthesised sounds are {out:.1f} (95\u00a0% interval")
    assert f"mean over 2 sounds, corrupted ones {before:.1f} dB" in text
    alone = with_uses(crossing, sound=frames.study["inside"]["sound"][:1])
    assert "The resynthesised sound is" in spectrograms.sentence(alone)
    many = with_uses(crossing, sound=frames.study["inside"]["sound"] * 3)
    assert spectrograms.sentence(many).endswith("2 sounds not drawn.")
    assert len(spectrograms.draw(many).traces) == 12


def test_every_wave_can_be_heard(crossing: Frames) -> None:
    files, left = spectrograms.players(with_uses(crossing))
    assert left == 0
    assert [label for label, _ in files][:2] == [
        "a rising tone: original",
        "a rising tone: corrupted",
    ]
    with wave.open(io.BytesIO(files[0][1])) as file:
        heard = np.frombuffer(file.readframes(RATE), "<i2") / 32767
    expected = made_arrays()["inside/sound/0/original_wave"]
    np.testing.assert_allclose(heard, expected, atol=2e-5)


def test_what_has_no_room_is_left_out_and_said(
    crossing: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    longer = np.zeros(RATE + 1)
    frames = with_uses(crossing, sound__1__original_wave=longer)
    most = 6 * waveform.characters(RATE)
    monkeypatch.setattr(waveform.fitting, "__defaults__", (most,))
    files, left = spectrograms.players(frames)
    assert left == 1
    assert "two tones: original" not in [label for label, _ in files]
    assert "the longest recording is left out" in spectrograms.note(frames)


def test_waves_that_are_none_are_not_heard(crossing: Frames) -> None:
    broken = np.full(RATE, np.nan)
    files, left = spectrograms.players(with_uses(crossing, sound__0__corrupted_wave=broken))
    assert (len(files), left) == (5, 0)
    made = [{**one, "rate": "fast"} for one in with_uses(crossing).study["inside"]["sound"]]
    assert spectrograms.players(with_uses(crossing, sound=made)) == ([], 0)


def test_hostile_names_and_no_record(crossing: Frames) -> None:
    [own, _] = with_uses(crossing).study["inside"]["sound"]
    drawn = spectrograms.draw(with_uses(crossing, sound=[{**own, "name": HOSTILE}]))
    titles = json.dumps(drawn.annotations)
    assert "<img" not in titles
    assert "%{" not in titles
    assert spectrograms.table(crossing).empty
    assert spectrograms.draw(crossing).traces == []
    assert spectrograms.sentence(crossing) == "No sound was recorded."
    assert spectrograms.players(crossing) == ([], 0)
