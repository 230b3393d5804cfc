"""Sound through a small code: how near is what comes out, with noise going in and without?

The rows of a held-out clip, in their time, go through the network and become magnitudes again. The
log-spectral distance to the clip (Gray & Markel 1976, IEEE Trans. ASSP 24:380) is measured for each
clip, and its mean over clips told.

Then white noise is added to the clips, its power is subtracted from the spectrum, and the network
restores what is left: spectral subtraction leaves and takes too much at random, from frequency to
frequency, which few numbers cannot describe and so do not keep. It has to beat subtraction with a
floor below the noise, which is the better for it where nothing restores what is left.

With labels, a third question: is the clip whose mean code is nearest one of the same label? Asked
are the clips that no network learned from, and any other clip may be the answer. Everything is done
with as many principal components as a code has units, too, and with the untrained network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from ..answer.controls import PrincipalComponents
from ..answer.evenly import evenly
from ..answer.inside_entries import Inside
from ..contests import clips
from ..contests.clips import Clip, Noisy
from ..data import DataSet
from ..data.dataset import SPLITS
from ..data.sound import Magnitudes, Wave, griffin_lim, log_spectral_distance, to_magnitudes
from ..errors import DataError
from ..study import validation as rules
from .findings import Contestant, Findings, Measured
from .trained import Leaf, Trained
from .use import Use

MOST_CLIPS = 100
"""Held-out clips that are listened to, the same ones for every contestant."""
MOST_NOISY = 40
"""Of them, with noise: each waits for its phases."""
MOST_SHOWN = 4
FLOOR = 0.001
"""Of the noise's power, for subtraction alone: 30 dB below it. On validation clips of ``sounds`` it
was the best of 0, 0.001, 0.01 and 0.1."""

Through = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Listening(Use):
    """Resynthesis, restoration from noise, and nearest clips.

    snr: of the noisy clips, the clip's mean power over the noise's in decibels, from −20 to 80.
    subtract: how many times the noise's power is taken from a noisy spectrum, from 0 to 10; 2 is
    in the range of Berouti, Schwartz & Makhoul 1979, ICASSP.
    """

    name: ClassVar[str] = "sound"
    snr: float = 10.0
    subtract: float = 2.0

    def __post_init__(self) -> None:
        problems = rules.Problems()
        for setting, least, most in (("snr", -20, 80), ("subtract", 0, 10)):
            with problems.under(setting):
                rule = f"must be a number from {least} to {most}"
                value = rules.number(rules.plain(getattr(self, setting)), rule)
                if not least <= value <= most:
                    raise rules.wrong(rule, value)
                object.__setattr__(self, setting, value)
        problems.raise_any()

    def check(self, data: DataSet) -> None:
        """Needs rows that are sound, as they are: neither scaled nor binarised; and their clips."""
        if data.sound is None:
            rule = "needs rows of sound, neither scaled nor made binary"
            remedy = "Write {name: sounds}, or the path of a folder of WAV files, and no `scale`"
            raise DataError("use.sound", rule, f"{data.name}, whose rows are none", remedy)
        if data.groups is None:
            raise DataError("use.sound", "needs to know which clip a row is from", data.name)

    def look(self, trained: Trained) -> Findings:
        """Distances with noise and without, and the labels of nearest clips."""
        data = trained.data
        contenders = list(_contenders(trained))
        heard = _some(list(clips.of(data, "test")), MOST_CLIPS)
        quiet = _some(heard, MOST_NOISY)
        noisy = [clips.noisy(clip, self.snr) for clip in quiet]
        kept = trained.seeds
        measures = [
            Measured("sound/log_spectral_distance", "log-spectral distance", "dB", "lower", tuple(
                one.contestant(lambda code: _distance(code.through, heard)) for one in contenders
                if one.name != "raw"
            )),
            Measured("sound/denoised_distance", f"distance restored from {self.snr:g} dB of noise",
                     "dB", "lower", (
                *(one.contestant(lambda code: _apart(quiet, self.restore(code.through, noisy)))
                  for one in contenders if one.name != "raw"),
                Contestant.fixed("spectral_subtraction", "spectral subtraction alone", _apart(
                    quiet, [one.subtracted(self.subtract, FLOOR) for one in noisy]), kept),
                Contestant.fixed("noisy", "the noisy sound", _apart(
                    quiet, [one.magnitudes for one in noisy]), kept),
            )),
        ]  # fmt: skip
        if len(data.classes) > 1:
            every = {split: list(clips.of(data, split)) for split in SPLITS}
            measures.append(
                Measured("sound/same_label", "nearest clip of the same label",
                         "share of held-out clips", "higher", tuple(
                    one.contestant(lambda code: _same_label(code.encode, every))
                    for one in contenders if one.name != "mean"
                ))
            )  # fmt: skip
        inside = self._inside(trained.leaves, heard)
        return Findings(measures, inside, self._said(trained, heard))

    def restore(self, through: Through, noisy: Sequence[Noisy]) -> list[Magnitudes]:
        """(windows, frequencies) that a network gives for what subtraction left of each clip."""
        left = [clips.to_rows(one.subtracted(self.subtract), one.clip.sound) for one in noisy]
        made = zip(noisy, _each(through, left), strict=True)
        return [to_magnitudes(rows, one.clip.sound) for one, rows in made]

    def _inside(self, leaves: Sequence[Leaf], heard: Sequence[Clip]) -> Inside:
        """Clips of different labels through the first network, and one in noise through the last.

        A study that trains a network for noise has it after the one that codes.
        """
        inside = Inside()
        leaf, restoring = leaves[0], leaves[-1]
        through = leaf.network(leaf.seeds[0]).reconstruct
        *plain, last = _different(heard, MOST_SHOWN)
        for clip in plain:
            given, made = clip.magnitudes, to_magnitudes(through(clip.rows), clip.sound)
            # Phases of their own each: nothing but the code is heard.
            waves = {part: griffin_lim(one, clip.sound) for part, one in
                     (("original", given), ("resynthesised", made))}  # fmt: skip
            shown = {"original": given, "resynthesised": made}
            _add(inside, leaf, clip, clip.label or "clip", shown, waves)
        noisy = clips.noisy(last, self.snr)
        restored = restoring.network(restoring.seeds[0]).reconstruct
        shown = {
            "original": last.magnitudes,
            "corrupted": noisy.magnitudes,
            "resynthesised": self.restore(restored, [noisy])[0],
        }
        waves = {part: noisy.wave(one) for part, one in shown.items()}
        waves["original"] = griffin_lim(last.magnitudes, last.sound)
        _add(inside, restoring, last, f"{last.label or 'clip'} in noise", shown, waves)
        return inside

    def _said(self, trained: Trained, heard: Sequence[Clip]) -> list[str]:
        sound, leaf = heard[0].sound, trained.leaves[0]
        width = leaf.trials[0].widths[-1]
        every = 1000 * sound.frames * sound.hop / sound.rate
        return [
            f"In {leaf.label}, {width} numbers stand for {every:g} ms of sound, where the spectrum "
            f"has {sound.width}.",
            f"{len(heard)} clips that no network learned from are listened to; distances are means "
            "over them.",
            f"In noise the clip’s mean power is {self.snr:g} dB over the noise’s, whose power is "
            f"known and taken off {self.subtract:g} times before a network sees it.",
            "Rows hold no phases: what there is to hear has those of Griffin & Lim, or in noise "
            "the noisy ones.",
        ]


class _Code(NamedTuple):
    """encode: rows (n, width) → codes (n, H). through: rows → rows, by way of the codes."""

    encode: Through
    through: Through


@dataclass(frozen=True)
class _Contender:
    """Who is compared, with the code of each seed; a control that no seed changes has one code."""

    name: str
    label: str
    control: bool
    codes: dict[int, _Code]

    def contestant(self, measure: Callable[[_Code], float]) -> Contestant:
        """With its number for each seed; one code is measured once."""
        found: dict[int, float] = {}
        for code in self.codes.values():
            if id(code) not in found:
                found[id(code)] = measure(code)
        values = {seed: found[id(code)] for seed, code in self.codes.items()}
        return Contestant(self.name, self.label, self.control, values)


def _contenders(trained: Trained) -> Iterator[_Contender]:
    """The networks first; controls of later leaves bear the name of their stage."""
    train, seeds = trained.data.train, trained.seeds
    sizes: dict[int, str] = {}
    controls: list[_Contender] = []
    for leaf in trained.leaves:
        under = f"{leaf.stage}/" if controls else ""
        networks = {seed: leaf.network(seed) for seed in leaf.seeds}
        codes = {seed: _Code(one.encode, one.reconstruct) for seed, one in networks.items()}
        yield _Contender(leaf.stage, leaf.label, False, codes)
        before = {seed: leaf.untrained(seed) for seed in leaf.seeds}
        codes = {seed: _Code(one.encode, one.reconstruct) for seed, one in before.items()}
        label = f"{leaf.label}, untrained" if under else "untrained"
        controls.append(_Contender(f"{under}untrained", label, True, codes))
        width = min(leaf.trials[0].widths[-1], train.shape[1])
        if width not in sizes:
            sizes[width] = f"{under}pca"
            label = f"PCA, {width} components"
            fixed = dict.fromkeys(seeds, _principal(train, width))
            controls.append(_Contender(sizes[width], label, True, fixed))
    yield from controls
    mean = train.mean(0)
    same = _Code(lambda x: x, lambda x: np.tile(mean, (len(x), 1)))
    yield _Contender("mean", "the mean spectrum", True, dict.fromkeys(seeds, same))
    same = _Code(lambda x: x, lambda x: x)
    yield _Contender("raw", "the spectra themselves", True, dict.fromkeys(seeds, same))


def _principal(train: np.ndarray, width: int) -> _Code:
    pca = PrincipalComponents(train, width)
    return _Code(lambda x: (x - pca.mean) @ pca.axes.T, pca.reconstruct)


def _each(network: Through, rows: Sequence[np.ndarray]) -> list[np.ndarray]:
    """What a network makes of the rows of each clip, all of them at once."""
    ends = np.cumsum([len(own) for own in rows])[:-1]
    return np.split(network(np.concatenate(rows)), ends)


def _distance(through: Through, heard: Sequence[Clip]) -> float:
    """Mean log-spectral distance of clips from themselves, in dB."""
    made = zip(heard, _each(through, [clip.rows for clip in heard]), strict=True)
    return _apart(heard, [to_magnitudes(rows, clip.sound) for clip, rows in made])


def _apart(heard: Sequence[Clip], made: Sequence[Magnitudes]) -> float:
    """Mean log-spectral distance of what was made of clips from the clips, in dB."""
    pairs = zip(heard, made, strict=True)
    return float(np.mean([log_spectral_distance(clip.magnitudes, one) for clip, one in pairs]))


def _same_label(encode: Through, every: dict[str, list[Clip]]) -> float:
    """Share of validation and test clips whose nearest clip by the mean code has their label."""
    asked = [*every["validation"], *every["test"]]
    among = [*asked, *every["train"]]
    codes = np.stack([code.mean(0, np.float64) for code in _each(encode, [c.rows for c in among])])
    apart = np.square(codes[: len(asked), None] - codes[None]).sum(-1)
    np.fill_diagonal(apart, np.inf)
    labels = np.array([clip.label for clip in among])
    return float((labels[apart.argmin(1)] == labels[: len(asked)]).mean())


def _some(heard: list[Clip], most: int) -> list[Clip]:
    return [heard[place] for place in evenly(len(heard), most)]


def _different(heard: Sequence[Clip], most: int) -> list[Clip]:
    """At most so many clips, the first of its label each; of one label, some of all."""
    firsts = list({clip.label: clip for clip in reversed(heard)}.values())[::-1]
    return _some(firsts if len(firsts) > 1 else list(heard), most)


def _add(
    inside: Inside,
    leaf: Leaf,
    clip: Clip,
    name: str,
    shown: dict[str, Magnitudes],
    waves: dict[str, Wave],
) -> None:
    """An entry; its waves are as loud as −1 … 1 allows, all by the same factor."""
    sound = clip.sound
    peak = max(float(np.abs(wave).max()) for wave in waves.values()) or 1.0
    seconds = len(shown["original"]) * sound.hop / sound.rate
    entry: dict[str, object] = {
        "key": leaf.trials[0].key,
        "name": name,
        "rate": sound.rate,
        "extent": [seconds, sound.rate / 2],
    }
    arrays = {part: one.T for part, one in shown.items()}
    arrays |= {f"{part}_wave": wave / peak for part, wave in waves.items()}
    inside.add("sound", entry, arrays)
