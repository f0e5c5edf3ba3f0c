#!/usr/bin/env python3
"""The scaling model of docs/scale.md, as its tables: seconds from costs measured on one core.

    python3 tools/bench/scale.py [CORES_A_NODE]     default 32

Every cost below was measured on 2 cores (AMD EPYC, 2 MB of L2, shared) by the command beside it;
network and disk are assumptions. Change them to those of your machine; `--dry-run --ranks N`
measures the first three groups itself.
"""
import math
import sys

CORES = int(sys.argv[1]) if len(sys.argv) > 1 else 32
NODES = (1, 10, 100, 1000)

# analyze: seconds of a cell and of an evaluation, one thread (tools/bench/ranks.py; --dry-run).
CELL = {784: 0.42, 3072: 7.9}
LEVEL = {784: 0.12, 3072: 5.9}  # of the linear twin, once a rank and noise level
EVALUATION = {784: 4.6, 3072: 9.0}
NULLS = {784: 2.5, 3072: 5.0}  # of all null denoisers, a noise level
CELL_BYTES = {784: 0.47e6, 3072: 1.84e6}
START, TABLES = 3.3, 6.0  # before the first cell on each rank; after the last on one
# jacobian: seconds of a row (d = 12,288, 196,608: photo-unet, 64x64, 256x256), --dry-run.
ROW = {12288: 0.0024, 196608: 0.071}
# jacobian --top: seconds of a product, photo-unet; products of 32 pairs at 256x256.
PRODUCT, PRODUCTS, BLOCK, BASIS = 0.115, 1400, 8, 120
# ELPA, float64: multiplications and additions a second and core (bench spectrum --elpa, d = 3072).
ELPA_RATE = 35e9
# train: images a second and core, bytes a step, seconds a step that no rank is spared.
IMAGES, STEP_BYTES, STEP_FIXED = 376, 1.57e6, 0.003
# Assumed of a node: bytes a second of network, of memory; of the disk all nodes share.
NETWORK, MEMORY, DISK, LATENCY = 10e9, 200e9, 5e9, 2e-6


def grid(d, images, levels, draws):
    cells = images * levels * draws

    def seconds(nodes):
        ranks = nodes * CORES
        work = cells * CELL[d] + levels * (EVALUATION[d] + NULLS[d])
        own_levels = min(levels, levels / ranks + 1)
        even = work / ranks + own_levels * LEVEL[d]
        longest = max(EVALUATION[d], CELL[d] + LEVEL[d])
        disk = cells * CELL_BYTES[d] / DISK
        return START + max(even, longest, disk) + TABLES
    return seconds


def rows(d):
    def seconds(nodes):
        blocks = math.ceil(math.ceil(d / 224) / (nodes * CORES))
        return max(224 * blocks * ROW[d], 4 * d * d / DISK)
    return seconds


def pairs(d):
    def seconds(nodes):
        ranks = nodes * CORES
        block = max(BLOCK, ranks)
        steps = PRODUCTS / block
        one = math.ceil(block / ranks) * PRODUCT
        hear = 4 * d * block / NETWORK + LATENCY * math.log2(max(2, ranks))
        alike = 16 * d * BASIS * block / 30e9  # orthogonality, on every rank
        return steps * (one + hear + alike)
    return seconds


def spectrum(d):
    def seconds(nodes):
        ranks = nodes * CORES
        work = 14 / 3 * d**3 / (ELPA_RATE * ranks)
        memory = 8 * d**3 / 6 / (MEMORY * nodes)  # the reduction reads what is left at every column
        talk = d * 4 * LATENCY * math.log2(max(2, ranks))
        talk += 3 * 8 * d * d / (NETWORK * math.sqrt(nodes) * math.sqrt(CORES)) * math.log2(max(2, nodes))
        return max(work, memory) + talk
    return seconds


def training(batch):
    def seconds(nodes):  # of 1000 steps
        ranks = min(batch, nodes * CORES)
        own = math.ceil(batch / ranks) / IMAGES
        draw = 16e-6 * batch
        talk = 2 * STEP_BYTES / NETWORK + 2 * LATENCY * math.log2(max(2, ranks)) if ranks > 1 else 0
        return 1000 * (own + draw + STEP_FIXED + talk)
    return seconds


def text(seconds):
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s" if seconds >= 10 else f"{seconds:.2g} s"


TABLE = [
    ("grid, d = 784: 8 images x 12 levels", grid(784, 8, 12, 1)),
    ("grid, d = 784: 1000 images x 12 levels x 4 draws", grid(784, 1000, 12, 4)),
    ("grid, d = 3072: 1000 images x 12 levels x 4 draws", grid(3072, 1000, 12, 4)),
    ("all rows, d = 12,288", rows(12288)),
    ("all rows, d = 196,608 (155 GB)", rows(196608)),
    ("32 leading pairs, d = 196,608", pairs(196608)),
    ("whole spectrum, d = 12,288", spectrum(12288)),
    ("whole spectrum, d = 49,152", spectrum(49152)),
    ("whole spectrum, d = 196,608 (1.2 TB)", spectrum(196608)),
    ("1000 steps of training, batch 64", training(64)),
    ("1000 steps of training, batch 1024", training(1024)),
]
print(f"| work | 1 core | " + " | ".join(f"{n} node{'s' if n > 1 else ''}" for n in NODES) + " |")
print("|---|" + "---|" * (len(NODES) + 1))
for name, seconds in TABLE:
    cores, CORES = CORES, 1
    one = seconds(1)
    CORES = cores
    print(f"| {name} | {text(one)} | " + " | ".join(text(seconds(n)) for n in NODES) + " |")
