#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command of Wasmi 2.0.0.
#: command wasmi-cli-2.0.0
set -eu
. "${0%/*}/../install.sh"

begin 4 "$@"
need_cc
need_cargo 1.86
step "fetching the crate wasmi_cli 2.0.0"
lock wasmi_cli-2.0.0
copied_crate wasmi_cli 2.0.0
step "fetching what it needs"
cargo_fetch
step "compiling (2 min of CPU)"
cargo_offline build
step "putting it into place"
place_library "$target/release/wasmi" wasmi
found=$("$fresh/wasmi" --version)
case $found in
*" 2.0.0"*) ;;
*) fail 5 "expected the program to say version 2.0.0, it said '$found'" ;;
esac
finish "crate wasmi_cli 2.0.0" 2.0.0 "MIT or Apache-2.0" "$("$RUSTC" --version), release"
