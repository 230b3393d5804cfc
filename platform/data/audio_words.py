"""460 spoken words of at most a second: 92 words in five languages, one speaker a language.

Labels are the languages. Each word is spoken once by each speaker, so language and speaker cannot
be told apart. A group is a recording.
"""

from __future__ import annotations

from pathlib import Path

from . import data_folder
from .sound import Sound
from .sound_folder import from_waves
from .source import Samples

NAME = "audio_words"
SHAPE = "129 levels of a spectrum from 0 to 1, 8 ms apart"
SAMPLES = 44_060
LICENCE = "CC BY-SA 3.0 (English, Spanish, French), CC BY 3.0 (Italian, Russian); not bundled"
SOURCE = "recordings of asterisk-core-sounds 1.6.1"
REMEDY = "Set LAYERWISE_DATA to the folder that holds audio_words.npz and audio_words.json"

_FILE, _NAMES = "audio_words.npz", "audio_words.json"
_ARRAYS = {
    "audio": ("int16", (460, 8000)),
    "language": ("uint8", (460,)),
    "length": ("uint16", (460,)),
}


def where() -> Path | None:
    """Where the file is looked for. None when LAYERWISE_DATA is not set."""
    return data_folder.where(_FILE)


def read() -> Samples:
    """All words, without the silence after them, as rows of :class:`.sound.Sound`'s defaults.

    Raises DataError when a file is missing or damaged.
    """
    found = data_folder.arrays(NAME, _FILE, _ARRAYS)
    languages = data_folder.words(NAME, _NAMES, "languages", 5)
    lengths = found["length"].tolist()
    waves = [wave[:most] / 32_768 for wave, most in zip(found["audio"], lengths, strict=True)]
    return from_waves(waves, data_folder.chosen(languages, found["language"]), Sound())
