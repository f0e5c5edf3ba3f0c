"""Writes a state dict as PyTorch saves it, for `denoscope bench weights FILE`.

usage: state_dict.py FILE [MEGABYTES]   default 130, float32, the tensors of a deep UNet
"""
import sys

import torch

path = sys.argv[1]
left = int(1e6 * float(sys.argv[2] if len(sys.argv) > 2 else 130)) // 4
torch.manual_seed(0)
state = {}
block = 0
while left > 0:
    features = (64, 128, 256, 512)[block % 4]
    for name, shape in (("conv.weight", (features, features, 3, 3)), ("conv.bias", (features,))):
        state[f"blocks.{block}.{name}"] = torch.randn(shape)
        left -= state[f"blocks.{block}.{name}"].numel()
    block += 1
torch.save(state, path)
