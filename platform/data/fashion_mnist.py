"""Fashion-MNIST: 70 000 pictures of clothes in ten classes, in the image of MNIST but harder.

The published test set of 10 000 is ``test``, as with :mod:`.mnist`. Labels are 0 T-shirt or top,
1 trouser, 2 pullover, 3 dress, 4 coat, 5 sandal, 6 shirt, 7 sneaker, 8 bag, 9 ankle boot.
"""

from __future__ import annotations

from .mnist_files import MnistFiles

NAME = "fashion_mnist"
SHAPE = "28x28 grey pixels from 0 to 1"
SAMPLES = 70_000
LICENCE = "MIT"
SOURCE = "Xiao, Rasul & Vollgraf 2017: Fashion-MNIST, arXiv:1708.07747"

_FILES = MnistFiles(NAME, first=(9, 0, 0, 3, 0))

REMEDY = _FILES.remedy
where = _FILES.where
read = _FILES.read
