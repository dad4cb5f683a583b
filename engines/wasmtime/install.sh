#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Wasmtime 50.0.1: the library in its PyPI package, and the list of its signatures.
#: engine wasmtime-50.0.1
set -eu
. "${0%/*}/../install.sh"

begin 2 "$@"
step "fetching wasmtime from PyPI"
wheel "$recipes/wasmtime/pypi.txt" wasmtime/linux-x86_64/_libwasmtime.so wasmtime/_bindings.py
step "putting it into place"
version=$(sed -n 's/^wasmtime==\([0-9.]*\).*/\1/p' "$recipes/wasmtime/pypi.txt")
finish "PyPI wasmtime $version" "$version" "Apache-2.0 WITH LLVM-exception" "as published"
