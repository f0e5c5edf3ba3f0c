#!/usr/bin/env python3
"""The grid by one thread, by one process of two threads and by two ranks of one thread, in turns.

    python3 tools/bench/ranks.py build/release/tools/denoscope [ROUNDS [RANKS]]

64 cells of the shipped UNet on Fashion-MNIST. For each round the seconds of the grid (from the
first unit to the last) and of the whole command with tables, figures and page; then medians of the
ratios, the share of the ranks' time without work, and whether cells are the same bytes.
"""
import csv
import filecmp
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

program = str(pathlib.Path(sys.argv[1]).resolve())
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
ranks = int(sys.argv[3]) if len(sys.argv) > 3 else 2
root = pathlib.Path(__file__).resolve().parents[2]
grid = ["analyze", "--model", str(root / "models/fashion-unet"), "--images", "0-7",
        "--sigmas", "0.05:5:log8", "--evaluation-images", "0", "--quiet"]
launch = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", str(ranks)]


def run(folder, command):
    start = time.monotonic()
    subprocess.run(command + ["--out", str(folder)], check=True, stdout=subprocess.DEVNULL)
    whole = time.monotonic() - start
    spans, waiting = {}, 0
    for row in csv.DictReader(open(folder / "timing.csv")):
        spans[row["rank"]] = spans.get(row["rank"], 0) + float(row["seconds"])
        waiting += float(row["seconds"]) if row["unit"] == "waiting" else 0
    return {"grid": max(spans.values()), "whole": whole, "idle": waiting / sum(spans.values())}


def same_cells(a, b):
    names = sorted(os.listdir(a / "cells"))
    return names == sorted(os.listdir(b / "cells")) and not filecmp.cmpfiles(
        a / "cells", b / "cells", names, shallow=False)[1]


kinds = {"one thread": [program] + grid + ["--threads", "1"],
         "one process, 2 threads": [program] + grid + ["--threads", "2"],
         f"{ranks} ranks": launch + [program] + grid + ["--threads", "1"]}
results = {kind: [] for kind in kinds}
same = True
for number in range(rounds):
    with tempfile.TemporaryDirectory() as folder:
        folders = {}
        for i, (kind, command) in enumerate(kinds.items()):
            folders[kind] = pathlib.Path(folder) / str(i)
            results[kind].append(run(folders[kind], command))
            print("{}: {:22} grid {grid:6.1f} s, whole command {whole:6.1f} s".format(
                number, kind, **results[kind][-1]), flush=True)
        same = same and same_cells(folders["one thread"], folders[f"{ranks} ranks"])
for kind in list(kinds)[:2]:
    for what in ("grid", "whole"):
        ratios = [a[what] / b[what] for a, b in zip(results[kind], results[f"{ranks} ranks"])]
        print(f"{ranks} ranks over {kind}, {what}: {statistics.median(ratios):.2f} times as fast "
              f"({min(ratios):.2f} to {max(ratios):.2f})")
idle = [r["idle"] for r in results[f"{ranks} ranks"]]
print(f"time of ranks without work: {100 * statistics.median(idle):.1f} % "
      f"(at most {100 * max(idle):.1f} %); cells the same bytes: {'yes' if same else 'NO'}")
