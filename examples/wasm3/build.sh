#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the example: build.sh OUT makes OUT/wasm3-plain, wasm3 as it comes, and OUT/wasm3-sgperf, the same with sgperf.patch.
# wasm3's sources are those of the crate wasm3x-sys (fetch.toml has the version), fetched once by cargo, kept in the cache
# ($SGPERF_CACHE). Run again it only checks. Other variables: CARGO, CC, JOBS, SGPERF_INCLUDE (folder of sgperf/sgperf.h),
# LAYOUTS=N (for benchmarks: also wasm3-plain.1 to .N and wasm3-sgperf.1 to .N, linked in other orders).
# Exit codes: 0 ready, 1 a compiler failed, 2 wrong use, 3 could not fetch, 4 a program is missing, 5 other sources than expected.
set -eu

say() { printf '%s\n' "wasm3/build.sh: $*" >&2; }
fail() { # CODE MESSAGE
  say "$2"
  exit "$1"
}

case ${1-} in
-h | --help)
  sed -n '3,7s/^# \{0,1\}//p' "$0"
  exit 0
  ;;
esac
if [ $# -ne 1 ] || [ -z "$1" ]; then fail 2 "expected one argument, the folder for the results, found $#: $*"; fi

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cache=${SGPERF_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, and neither is SGPERF_CACHE}/.cache}/sgperf}
crate=wasm3x-sys-$(sed -n 's/^wasm3x-sys = "=\([0-9.]*\)"$/\1/p' "$here/fetch.toml")
sources=$cache/sources/$crate
include=${SGPERF_INCLUDE:-}
for place in "$here/../../include" "$(pkg-config --variable=includedir sgperf-client 2>/dev/null || true)"; do
  if [ -z "$include" ] && [ -f "$place/sgperf/sgperf.h" ]; then include=$place; fi
done
[ -n "$include" ] || fail 4 "expected sgperf/sgperf.h in the tree or by pkg-config sgperf-client, found neither; set SGPERF_INCLUDE"
. "$here/../../engines/cargo.sh"
find_cargo
cc=$(command -v "${CC:-cc}" || true)
layouts=${LAYOUTS:-}

# What results are made of. Size and time of the compiler: asking for its version takes longer than all else here.
stamp=$( (
  cd "$here"
  sha256sum build.sh fetch.toml files.sha256 host.c sgperf.patch "$include/sgperf/sgperf.h"
  stat -L -c '%n %s %Y' "$cc" 2>/dev/null || true
) | sha256sum)

is_ready() { # FOLDER
  [ -x "$1/wasm3-plain" ] && [ -x "$1/wasm3-sgperf" ] && [ -x "$1/wasm3-sgperf${layouts:+.$layouts}" ] && [ "$(cat "$1/wasm3.stamp" 2>/dev/null)" = "$stamp" ]
}

# ---- sources ----

fetch() {
  if [ -d "$sources" ]; then return 0; fi
  [ -x "$cargo" ] || fail 4 "expected the program cargo (or its path in CARGO), found none, and no sources in $sources; Debian: apt install cargo-web"
  say "fetching the crate $crate"
  mkdir -p "$cache/sources"
  scratch=$(mktemp -d "$cache/sources/.fetch-XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  mkdir "$scratch/src"
  : >"$scratch/src/lib.rs"
  cp "$here/fetch.toml" "$scratch/Cargo.toml"
  # Vendored: whole packages whose checksums cargo has compared. Lock file and all else stay in the scratch folder.
  (cd "$scratch" && "$cargo" vendor --quiet --versioned-dirs vendor >/dev/null) ||
    fail 3 "cargo could not fetch the crate $crate; is there a network?"
  mv "$scratch/vendor/$crate/wasm3/source" "$sources" 2>/dev/null || [ -d "$sources" ] ||
    fail 5 "expected wasm3/source in the crate $crate, found none"
  rm -rf "$scratch"
  trap - EXIT
}

# The patch has no lines of wasm3's around its own, and goes by line numbers: it fits exactly these files.
check() {
  if ! (cd "$sources" && sha256sum --check --status "$here/files.sha256"); then
    (cd "$sources" && sha256sum --check --quiet "$here/files.sha256" >&2) || true
    fail 5 "expected the files of $crate that files.sha256 lists in $sources, found others (above); remove that folder to fetch them again"
  fi
}

# ---- the build ----

# compile FOLDER RESULT FLAG..: wasm3 and the host in FOLDER. What runs is in functions of m3_exec.h, and added code would move
# them within their cache lines, which can change their speed by itself: every function starts a line of its own, in both
# programs alike. (What that is worth here has not been measured.)
# shellcheck disable=SC2016
compile() {
  compile_folder=$1
  compile_result=$2
  shift 2
  for file in "$compile_folder"/*.c "$here/host.c"; do
    case $file in */m3_api_uvwasi.c | */m3_api_tracer.c | */m3_api_meta_wasi.c) continue ;; esac
    printf '%s\n' "$file"
  done |
    xargs -P "${JOBS:-$(nproc)}" -I{} sh -c 'object=$1/$(basename "$2").o; folder=$1; file=$2; shift 2; exec "$@" -c "$file" -o "$object"' \
      compile "$compile_folder" {} "$cc" -std=gnu11 -O3 -g -falign-functions=64 -fno-align-loops -w -Dd_m3HasWASI -Dd_m3LogOutput=0 -Dd_m3RecordBacktraces=0 \
      -I"$compile_folder" -I"$include" "$@" || fail 1 "$cc could not build wasm3 (above)"
  "$cc" -o "$compile_result" "$compile_folder"/*.o -lm || fail 1 "$cc could not link $compile_result"
  # Where code lies decides about a percent of its speed, whatever it does: the same orders for both programs.
  layout=0
  while [ "$layout" -lt "${layouts:-0}" ]; do
    layout=$((layout + 1))
    (
      cd "$compile_folder"
      # shellcheck disable=SC2046
      "$cc" -o "$compile_result.$layout" $(for object in *.o; do printf '%s %s\n' "$(echo "$layout $object" | cksum)" "$object"; done | sort -n | sed 's/.* //') -lm
    ) || fail 1 "$cc could not link $compile_result.$layout"
  done
}

build() { # FOLDER
  [ -x "$cc" ] || fail 4 "expected a C compiler (or its name in CC), found none; Debian: apt install gcc"
  command -v patch >/dev/null || fail 4 "expected the program patch, found none; Debian: apt install patch"
  fetch
  check
  cp -R "$sources" "$1/plain"
  cp -R "$sources" "$1/patched"
  patch --quiet --strip=1 --directory="$1/patched" --fuzz=0 <"$here/sgperf.patch" >&2 || fail 5 "sgperf.patch does not fit (above)"
  say "building wasm3 twice"
  compile "$1/plain" "$1/wasm3-plain" -DSGPERF_DISABLE
  compile "$1/patched" "$1/wasm3-sgperf"
}

mkdir -p "$1" || fail 2 "cannot create the folder $1"
out=$(CDPATH='' cd -- "$1" && pwd)
if is_ready "$out"; then exit 0; fi
exec 9>"$out/.lock"
flock 9 # one build at a time; the others find it ready
if is_ready "$out"; then exit 0; fi
fresh=$(mktemp -d "$out/.build-XXXXXX")
trap 'rm -rf "$fresh"' EXIT
(build "$fresh")
# Each result appears at once or not at all, and the stamp last.
rm -f "$out/wasm3.stamp"
mv "$fresh"/wasm3-plain* "$fresh"/wasm3-sgperf* "$out/"
printf '%s\n' "$stamp" >"$fresh/wasm3.stamp"
mv "$fresh/wasm3.stamp" "$out/"
