"""Training speed of `denoscope train` beside PyTorch in its ordinary form, in one run.

usage: train.py DENOSCOPE [ROUNDS] [FEATURES]   default 5 rounds, features 32,64,120

The same conditioned UNet, batch, noise, loss, clipping, Adam and moving average, written as one
writes it in Python: NCHW, defaults, as many threads. Each round runs both; the median ratio counts.
"""
import json
import math
import os
import statistics
import subprocess
import sys
import time

import torch
from torch import nn

BATCH, STEPS, SIDE = 64, 20, 28


class Block(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.conv1 = nn.Conv2d(features, features, 3, padding=1)
        self.conv2 = nn.Conv2d(features, features, 3, padding=1)

    def forward(self, x):
        return x + self.conv2(torch.relu(self.conv1(x)))


class UNet(nn.Module):
    def __init__(self, features):
        super().__init__()
        pairs = list(zip(features[:-1], features[1:]))
        self.head = nn.Conv2d(2, features[0], 3, padding=1)
        self.down = nn.ModuleList(Block(f) for f in features[:-1])
        self.shrink = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairs)
        self.mid = Block(features[-1])
        self.grow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairs)
        self.up = nn.ModuleList(Block(f) for f in features[:-1])
        self.enlarge = nn.Upsample(scale_factor=2)
        self.tail = nn.Conv2d(features[0], 1, 3, padding=1)

    def forward(self, x):
        x, skips = self.head(x), []
        for block, shrink in zip(self.down, self.shrink):
            x = block(x)
            skips.append(x)
            x = shrink(x)
        x = self.mid(x)
        for grow, block, skip in zip(reversed(self.grow), reversed(self.up), reversed(skips)):
            x = block(self.enlarge(grow(x)) + skip)
        return self.tail(x)


def denoise(network, y, sigma, q):
    s = sigma.view(-1, 1, 1, 1)
    scale = (s * s + q * q).sqrt()
    level = (s.log() / 4).expand(-1, 1, SIDE, SIDE)
    return (q / scale) ** 2 * y + s * q / scale * network(torch.cat([y / scale, level], 1))


def python_rate(features):
    torch.manual_seed(0)
    network, averaged = UNet(features), UNet(features)
    averaged.load_state_dict(network.state_dict())
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    images, q = torch.rand(2000, 1, SIDE, SIDE), 0.5

    def step():
        x = images[torch.randint(len(images), (BATCH,))]
        sigma = torch.exp(torch.rand(BATCH) * math.log(13 / 0.02) + math.log(0.02))
        s = sigma.view(-1, 1, 1, 1)
        y = x + s * torch.randn_like(x)
        weight = (s * s + q * q) / (s * q) ** 2
        loss = (weight * (denoise(network, y, sigma, q) - x) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            for a, p in zip(averaged.parameters(), network.parameters()):
                a.lerp_(p, 0.001)

    for _ in range(5):
        step()
    begin = time.perf_counter()
    for _ in range(STEPS):
        step()
    return BATCH * STEPS / (time.perf_counter() - begin)


def denoscope_rate(program, features):
    command = [program, "bench", "train", "--repeats", "1", "--json", "--features", features]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def main():
    program = sys.argv[1]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    features = sys.argv[3] if len(sys.argv) > 3 else "32,64,120"
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    ratios = []
    for _ in range(rounds):
        ours = denoscope_rate(program, features)
        theirs = python_rate([int(f) for f in features.split(",")])
        ratios.append(ours["images_per_second"] / theirs)
        print(f"denoscope {ours['images_per_second']:.0f} images/s, "
              f"{ours['peak_share']:.2f} of the convolution peak; PyTorch {torch.__version__} "
              f"{theirs:.0f}; ratio {ratios[-1]:.2f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.2f}")


main()
