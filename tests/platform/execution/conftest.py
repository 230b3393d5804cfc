"""As a worker has it by default: one thread of torch's, which is the fastest at these sizes."""

import torch

torch.set_num_threads(1)
