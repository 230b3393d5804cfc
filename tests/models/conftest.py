"""One torch thread: at these sizes a second one costs more than it brings."""

from __future__ import annotations

import torch

torch.set_num_threads(1)
