#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches clang for WASI (npm package @yowasp/clang, 72 MiB of WebAssembly; LLVM's licence) into the cache and puts a small
# source beside it, so that
#     sgperf bench -e wasmtime giants
# finds it: a compiler inside a sandbox, for compile times and cold starts.  Run again it only checks, and needs no network.
# Exit codes: 0 ready, 2 wrong use, 4 this machine cannot fetch it (the message says what is missing).
set -eu

version=22.0.0-git20542-10
sha256=24fbed474c7b5b4968fd73fc4827440b93fb351c1b6264516130300eff3e7bf5

. "$(dirname -- "$0")/npm-module.sh"
no_arguments "$@"
npm_module @yowasp/clang 27 gen/llvm.core.wasm "$cache/workloads/clang/clang.wasm"
for file in work.c clang.args clang.stdout.expected; do cp "$here/clang/$file" "$cache/workloads/clang/$file"; done
say "ready: $cache/workloads/clang/clang.wasm"
