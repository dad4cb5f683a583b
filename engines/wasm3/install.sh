#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# wasm3 0.9.0: the C sources in the crate wasm3x-sys, compiled here.
#: engine wasm3-0.9.0
set -eu
. "${0%/*}/../install.sh"

begin 3 "$@"
need_cc
step "fetching the crate wasm3x-sys 0.2.1"
need_cargo 1.82
crate wasm3x-sys 0.2.1
version=$(sed -n 's/^#define M3_VERSION *"\(.*\)"$/\1/p' "$crate/wasm3/source/wasm3.h")
[ "$version" = 0.9.0 ] || fail 5 "expected wasm3 0.9.0 in the crate, found '$version'"

step "compiling wasm3 $version"
switches='-O3 -fPIC -Dd_m3HasWASI -Dd_m3LogOutput=0'
# Two ways to give WASI: the other one needs uvwasi, which Debian does not have.
set --
for file in "$crate"/wasm3/source/*.c; do
  case $file in */m3_api_uvwasi.c) continue ;; esac
  set -- "$@" "$file"
done
set -- "$@" "$recipes/wasm3/build_info.c"
# shellcheck disable=SC2086
"$cc" $switches -w -shared -Wl,-z,defs -I"$crate/wasm3/source" -o "$fresh/libwasm3.so" "$@" -lm >&2 || fail 1 "$cc could not build wasm3 (above)"

step "putting it into place"
mkdir "$fresh/include"
cp "$crate"/wasm3/source/*.h "$fresh/include/"
finish "crate wasm3x-sys 0.2.1" "$version" MIT "$("$cc" --version | sed -n 1p), $switches"
