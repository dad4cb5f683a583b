# SPDX-License-Identifier: Apache-2.0
"""Runs one script of pyperformance: run.benchmark("bm_async_tree", ["io"])."""

import os
import runpy
import sys


def benchmark(folder, options):
    root = os.path.dirname(os.path.abspath(__file__))
    where = os.path.join(root, "pyperformance", "data-files", "benchmarks", folder)
    # The script's own modules, the stand-in for pyperf (in this folder), then packages that the script needs.
    sys.path[:0] = [where, root, os.path.join(root, "site")]
    script = os.path.join(where, "run_benchmark.py")
    sys.argv = [script, *options]
    runpy.run_path(script, run_name="__main__")
