#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Wasmer 7.4.2 with its compilers Singlepass and Cranelift.  Heavy: 22 minutes of CPU.
#: heavy engine wasmer-7.4.2
set -eu
. "${0%/*}/../install.sh"
. "$recipes/wasmer/build.sh"

begin 4 "$@"
wasmer_project wasmer-c-api
step "compiling (22 min of CPU)"
wasmer_library singlepass,cranelift
finish "crate wasmer-c-api $wasmer_version" "$wasmer_version" MIT "$("$RUSTC" --version), release, features $features"
