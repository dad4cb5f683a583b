#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# WAMR 2.4.3: fast interpreter, and the runtime for its AOT files; no compiler inside.
#: engine wamr-2.4.3
set -eu
. "${0%/*}/../install.sh"
. "$recipes/wamr/build.sh"

begin 4 "$@"
need_cc
need cmake cmake "to build WAMR"
need ninja ninja-build "to build WAMR"
need_cargo 1.82
wamr_sources interp
step "compiling WAMR $wamr_version"
own='-DWAMR_BUILD_FAST_INTERP=1 -DWAMR_BUILD_TAIL_CALL=1'
# shellcheck disable=SC2086
wamr_build build $own
step "putting it into place"
wamr_place
finish "crate $wamr_crate" "$wamr_version" "Apache-2.0 WITH LLVM-exception" "$("$cc" --version | sed -n 1p), $wamr_switches $own"
