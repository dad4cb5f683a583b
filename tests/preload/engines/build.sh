#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds an engine as a shared library and a host that is linked with it: build.sh wasm3|wamr OUT makes OUT/libwasm3.so or
# OUT/libiwasm.so, and OUT/host. The sources are those of a crate, fetched once by cargo and kept in the cache ($SGPERF_CACHE).
# Exit codes: 0 ready, 1 a compiler failed, 2 wrong use, 3 could not fetch, 4 a program is missing.
set -eu

fail() { # CODE MESSAGE
  printf '%s\n' "preload/engines/build.sh: $2" >&2
  exit "$1"
}

[ $# -eq 2 ] || fail 2 "expected an engine (wasm3 or wamr) and a folder for the results, found $# arguments"
case $1 in
wasm3) name=wasm3x-sys version=0.2.1 inside=wasm3/source ;;
wamr) name=wamr-sys version=0.1.1 inside=wasm-micro-runtime ;;
*) fail 2 "expected wasm3 or wamr, found $1" ;;
esac
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cache=${SGPERF_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, and neither is SGPERF_CACHE}/.cache}/sgperf}
sources=$cache/sources/$name-$version
for program in cc cmake make; do
  command -v $program >/dev/null || fail 4 "expected the program $program, found none; Debian: apt install gcc cmake make"
done

if [ ! -d "$sources" ]; then
  if [ -z "${CARGO-}" ] && [ -x /usr/bin/cargo ]; then CARGO=/usr/bin/cargo; fi
  cargo=$(command -v "${CARGO:-cargo}") || fail 4 "expected the program cargo, found none, and no sources in $sources; Debian: apt install cargo-web"
  mkdir -p "$cache/sources"
  scratch=$(mktemp -d "$cache/sources/.fetch-XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  mkdir "$scratch/src"
  : >"$scratch/src/lib.rs"
  printf '[package]\nname = "sources"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\n%s = "=%s"\n' "$name" "$version" >"$scratch/Cargo.toml"
  # Vendored: whole packages whose checksums cargo has compared; nothing is compiled.
  (cd "$scratch" && "$cargo" vendor --quiet --versioned-dirs vendor >/dev/null) ||
    fail 3 "cargo could not fetch the crate $name-$version; is there a network?"
  mv "$scratch/vendor/$name-$version/$inside" "$sources" 2>/dev/null || [ -d "$sources" ] ||
    fail 3 "expected $inside in the crate $name-$version, found none"
  rm -rf "$scratch"
  trap - EXIT
fi

mkdir -p "$2"
out=$(CDPATH='' cd -- "$2" && pwd)
if [ "$1" = wasm3 ]; then
  library=wasm3
  mkdir -p "$out/objects"
  (cd "$sources" && printf '%s\n' m3_*.c | grep -v m3_api_) | xargs -P "$(nproc)" -I{} \
    cc -std=gnu11 -O2 -w -fPIC -Dd_m3LogOutput=0 -c "$sources/{}" -o "$out/objects/{}.o" || fail 1 "wasm3 could not be compiled (above)"
  cc -shared -o "$out/libwasm3.so" "$out"/objects/*.o -lm || fail 1 "wasm3 could not be linked (above)"
else
  library=iwasm
  # An interpreter, and no more than the C API.
  (cmake -S "$sources/product-mini/platforms/linux" -B "$out/objects" -DCMAKE_BUILD_TYPE=Release -DWAMR_BUILD_INTERP=1 -DWAMR_BUILD_FAST_INTERP=0 \
    -DWAMR_BUILD_AOT=0 -DWAMR_BUILD_JIT=0 -DWAMR_BUILD_LIBC_WASI=0 -DWAMR_BUILD_LIBC_BUILTIN=1 -DWAMR_DISABLE_HW_BOUND_CHECK=1 &&
    make -C "$out/objects" -j "$(nproc)" libiwasm) >"$out/log" 2>&1 || {
    cat "$out/log" >&2
    fail 1 "WAMR could not be compiled (above)"
  }
  mv "$out/objects/libiwasm.so" "$out"
fi
cc -std=gnu11 -Wall -Wextra -Werror -O1 "$here/$1_host.c" -L"$out" "-l$library" "-Wl,-rpath,$out" -o "$out/host" ||
  fail 1 "the host could not be built (above)"
