# SPDX-License-Identifier: Apache-2.0
"""What the scripts of pyperformance use of pyperf, without its processes: each benchmark runs its work once, in this process.

pyperf starts workers of its own and takes the times of loops in them; a sandbox has no processes, and here the runs and the
times are sgperf's.  SGPERF_LOOPS says how often the work is done in one run (default 1).
"""

import argparse
import os
import sys
from time import perf_counter

__all__ = ["Runner", "perf_counter", "python_implementation", "python_has_jit"]


def python_implementation():
    return sys.implementation.name


def python_has_jit():
    return sys.implementation.name == "pypy"


class Runner:
    def __init__(self, values=None, warmups=None, processes=None, loops=0, min_time=0.1, metadata=None, show_name=True,
                 program_args=None, add_cmdline_args=None, _argparser=None, **other):
        self.metadata = dict(metadata or {})
        self.argparser = _argparser or argparse.ArgumentParser()
        self.args = None
        self.loops = int(os.environ.get("SGPERF_LOOPS", "1"))

    def parse_args(self, args=None):
        if self.args is None:
            self.args = self.argparser.parse_args(args)
        return self.args

    def _done(self, name):
        self.parse_args()
        # What engines are compared by: which benchmarks came to their end.
        print("done", name)

    def bench_func(self, name, func, *args, inner_loops=None, metadata=None):
        self.parse_args()
        for _ in range(self.loops):
            func(*args)
        self._done(name)

    def bench_time_func(self, name, time_func, *args, inner_loops=None, metadata=None):
        self.parse_args()
        time_func(self.loops, *args)
        self._done(name)

    def bench_async_func(self, name, func, *args, inner_loops=None, metadata=None, loop_factory=None):
        import asyncio

        self.parse_args()

        async def main():
            for _ in range(self.loops):
                await func(*args)

        if loop_factory is None:
            asyncio.run(main())
        else:
            with asyncio.Runner(loop_factory=loop_factory) as runner:
                runner.run(main())
        self._done(name)

    def bench_command(self, name, command, metadata=None):
        self.parse_args()
        import subprocess

        for _ in range(self.loops):
            subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self._done(name)

    def timeit(self, name, stmt=None, setup="pass", teardown="pass", inner_loops=None, duplicate=None, metadata=None,
               globals=None):
        import timeit

        self.parse_args()
        timeit.Timer(stmt, setup, globals=globals).timeit(self.loops)
        self._done(name)
