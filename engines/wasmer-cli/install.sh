#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command wasmer 7.4.2, with its compilers Singlepass and Cranelift.  Heavy: 22 minutes of CPU, less after `wasmer`.
#: heavy command wasmer-cli-7.4.2
set -eu
. "${0%/*}/../install.sh"
. "$recipes/wasmer/build.sh"

begin 4 "$@"
wasmer_project wasmer-cli
step "compiling (22 min of CPU, less after wasmer)"
features=sys,wat,singlepass,cranelift
cargo_offline build --bin wasmer --no-default-features --features "$features"
step "putting it into place"
place_library "$target/release/wasmer" wasmer
found=$("$fresh/wasmer" --version)
[ "$found" = "wasmer $wasmer_version" ] || fail 5 "expected the program to say 'wasmer $wasmer_version', it said '$found'"
finish "crate wasmer-cli $wasmer_version" "$wasmer_version" MIT "$("$RUSTC" --version), release, features $features"
