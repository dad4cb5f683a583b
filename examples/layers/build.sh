#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the example: build.sh OUT makes OUT/layers, OUT/libkernel.so and OUT/guest.wasm.
# Sources are copied to the cache ($SGPERF_CACHE) and built there; the crate wasmi is fetched once, by cargo. Run again it
# only checks. Other variables: CARGO (rustc is the one beside it), CC, WASM_CC, JOBS.
# Exit codes: 0 ready, 1 a compiler failed, 2 wrong use, 3 could not fetch, 4 a program is missing.
set -eu

results='layers libkernel.so guest.wasm'

say() { printf '%s\n' "layers/build.sh: $*" >&2; }
fail() { # CODE MESSAGE
  say "$2"
  exit "$1"
}

case ${1-} in
-h | --help)
  sed -n '3,6s/^# \{0,1\}//p' "$0"
  exit 0
  ;;
esac
if [ $# -ne 1 ] || [ -z "$1" ]; then fail 2 "expected one argument, the folder for the results, found $#: $*"; fi

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
cache=${SGPERF_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, and neither is SGPERF_CACHE}/.cache}/sgperf}
work=$cache/linking/layers.build # and not where ./dev has the results

# The system's cargo by path: a developer's PATH may have a wrapper in front that fetches compilers.
. "$here/../../engines/cargo.sh"
find_cargo
rustc=${cargo%/*}/rustc
cc=$(command -v "${CC:-cc}" || true)
wasm_cc=$(command -v "${WASM_CC:-clang-16}" || command -v clang || true)

# ---- what results are made of: a digest of the sources, and one of the tools ----

sources() { # paths below $root, each ended by NUL; what a build by hand may leave beside them is none
  cd "$root"
  for part in build.sh Cargo.toml guest kernel table dispatch host; do find "examples/layers/$part" -type f -print0; done
  find bindings/rust/Cargo.toml bindings/rust/src include/sgperf/sgperf.h -type f -print0
}
source_stamp=$(sources | LC_ALL=C sort -z | (cd "$root" && xargs -0 sha256sum) | sha256sum)
# Size and time of a tool instead of its version: asking four of them would take longer than all else here.
tool_stamp=$(stat -L -c '%n %s %Y' "$cargo" "$rustc" "$cc" "$wasm_cc" 2>/dev/null | sha256sum)

# is_ready FOLDER: it has all results, of these sources and, where we could build, of these tools
is_ready() {
  for result in $results layers.stamp; do
    if ! [ -f "$1/$result" ]; then return 1; fi
  done
  {
    read -r sources_then
    read -r tools_then
  } <"$1/layers.stamp"
  [ "$sources_then" = "$source_stamp" ] && { [ -z "$cargo" ] || [ "$tools_then" = "$tool_stamp" ]; }
}

# publish FROM TO: each result appears at once or not at all, and the stamp last
publish() {
  mkdir -p "$2"
  rm -f "$2/layers.stamp"
  for result in $results layers.stamp; do
    cp "$1/$result" "$2/.$result.$$"
    mv "$2/.$result.$$" "$2/$result"
  done
}

# ---- the build ----

need() { # PATH WHAT PACKAGES
  if ! [ -x "$1" ]; then
    fail 4 "expected $2, found none, and no earlier build of these sources in $work; Debian: apt install $3"
  fi
}

build_c() { # FOLDER
  "$cc" -std=gnu11 -O2 -g -Wall -Wextra -fPIC -fvisibility=hidden -ffile-prefix-map="$root/=" -I"$root/include" -shared \
    -Wl,-soname,libkernel.so -o "$1/libkernel.so" "$here/kernel/kernel.c" || fail 1 "$cc could not build kernel.c"
  "$wasm_cc" --target=wasm32 -std=gnu11 -O2 -Wall -Wextra -nostdlib -Wl,--no-entry -o "$1/guest.wasm" \
    "$here/guest/guest.c" || fail 1 "$wasm_cc could not build guest.c (it needs wasm-ld; Debian: apt install lld-16)"
}

# A copy of the tree's layout: Cargo.lock and whatever else cargo writes stay out of the tree.
copy_sources() { # FOLDER
  lock=examples/layers/Cargo.lock
  rm -rf "$1.new"
  mkdir "$1.new"
  sources | tar -C "$root" --null -T - -cf - | tar -C "$1.new" -xmf -
  if [ -f "$1/$lock" ]; then cp "$1/$lock" "$1.new/$lock"; fi
  rm -rf "$1"
  mv "$1.new" "$1"
}

build_rust() { # FOLDER, with libkernel.so in it
  copy_sources "$work/tree"
  cd "$work/tree/examples/layers"
  export RUSTC="$rustc" CARGO_TARGET_DIR="$work/target" LAYERS_KERNEL="$1"
  # From what is there if that is enough, so that nothing needs the network twice.
  if ! "$cargo" fetch --quiet --offline 2>/dev/null; then
    say "fetching the crate wasmi and what it needs"
    "$cargo" fetch --quiet || fail 3 "cargo could not fetch the crate wasmi and what it needs; is there a network?"
  fi
  say "building in $work (a minute or two at first)"
  "$cargo" build --quiet --offline --release --jobs "${JOBS:-$(nproc)}" || fail 1 "cargo could not build the example"
  cp "$work/target/release/layers" "$1/layers"
}

build() {
  need "$cargo" "the program cargo (or its path in CARGO)" "cargo-web rustc-web"
  need "$rustc" "rustc beside cargo, at $rustc" rustc-web
  need "$cc" "a C compiler (or its name in CC)" gcc
  need "$wasm_cc" "clang-16 (or another clang that makes wasm32, its name in WASM_CC)" "clang-16 lld-16"
  fresh=$work/fresh
  rm -rf "$fresh"
  mkdir -p "$fresh"
  build_c "$fresh"
  (build_rust "$fresh")
  printf '%s\n%s\n' "$source_stamp" "$tool_stamp" >"$fresh/layers.stamp"
  publish "$fresh" "$work/ready"
  rm -rf "$fresh"
}

mkdir -p "$1" || fail 2 "cannot create the folder $1"
out=$(CDPATH='' cd -- "$1" && pwd)
if is_ready "$out"; then exit 0; fi
mkdir -p "$work" || fail 2 "cannot create the folder $work"
exec 9>"$work/lock"
flock 9 # one build at a time; the others find it ready
if ! is_ready "$work/ready"; then build; fi # not "||", which would turn -e off inside
publish "$work/ready" "$out"
