"""MNIST: 70 000 handwritten digits, 28x28 pixels, the field's common ground.

The published test set of 10 000 is ``test``, so that numbers can be compared with papers; the
share ``test`` of a study has no say in it. ``validation`` is a share of the 60 000.
"""

from __future__ import annotations

from .mnist_files import MnistFiles

NAME = "mnist"
SHAPE = "28x28 grey pixels from 0 to 1"
SAMPLES = 70_000
LICENCE = "CC BY-SA 3.0"
SOURCE = "LeCun, Cortes & Burges 1998: The MNIST database of handwritten digits"

_FILES = MnistFiles(NAME, first=(5, 0, 4, 1, 9))

REMEDY = _FILES.remedy
where = _FILES.where
read = _FILES.read
