#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Wasmi 2.0.0: the crate of its C API as a shared library.
#: engine wasmi-2.0.0
set -eu
. "${0%/*}/../install.sh"

begin 4 "$@"
need_cc
need_cargo 1.86
step "fetching the crate wasmi_c_api_impl 2.0.0"
lock wasmi
copied_crate wasmi_c_api_impl 2.0.0
step "fetching what it needs"
cargo_fetch
step "compiling (2 min of CPU)"
# As a release of an interpreter is built: across crates at once, and without unwinding, which the C API cannot do anyway.
export CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 CARGO_PROFILE_RELEASE_PANIC=abort
cargo_offline rustc --lib --features simd --crate-type cdylib

step "putting it into place"
place_library "$target"/release/libwasmi*.so libwasmi.so
mkdir "$fresh/include"
cp -R "$project/include/." "$fresh/include/"
finish "crate wasmi_c_api_impl 2.0.0" 2.0.0 "MIT or Apache-2.0" "$("$RUSTC" --version), release, fat LTO, one codegen unit, panic=abort, feature simd"
