# SPDX-License-Identifier: Apache-2.0
"""Runs one script of pyperformance: run.benchmark("bm_async_tree", ["io"])."""

import os
import runpy
import sys


def loops_without_sockets():
    """asyncio's loop wakes itself through a pair of sockets, for other threads and signals; WASI has none of the three."""
    from asyncio import selector_events

    selector_events.BaseSelectorEventLoop._make_self_pipe = lambda loop: None
    selector_events.BaseSelectorEventLoop._close_self_pipe = lambda loop: None


def benchmark(folder, options):
    root = os.path.dirname(os.path.abspath(__file__))
    where = os.path.join(root, "pyperformance", "data-files", "benchmarks", folder)
    # The script's own modules, the stand-in for pyperf (in this folder), then packages that the script needs.
    sys.path[:0] = [where, root, os.path.join(root, "site")]
    script = os.path.join(where, "run_benchmark.py")
    sys.argv = [script, *options]
    if sys.platform == "wasi":
        loops_without_sockets()
    runpy.run_path(script, run_name="__main__")
