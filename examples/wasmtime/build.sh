#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the example: build.sh OUT makes OUT/host-plain, on Wasmtime as it comes and with the crate sgperf disabled, and
# OUT/host-sgperf, on Wasmtime with sgperf.patch. Crates are fetched once, by cargo, and built in the cache ($SGPERF_CACHE);
# the first build takes some minutes. Run again it only checks. Other variables: CARGO (rustc is the one beside it), JOBS.
# Exit codes: 0 ready, 1 a compiler failed, 2 wrong use, 3 could not fetch, 4 a program is missing, 5 other sources than expected.
set -eu

results='host-plain host-sgperf'
patched='wasmtime wasmtime-internal-cranelift'

say() { printf '%s\n' "wasmtime/build.sh: $*" >&2; }
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
root=$(CDPATH='' cd -- "$here/../.." && pwd)
cache=${SGPERF_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, and neither is SGPERF_CACHE}/.cache}/sgperf}
work=$cache/linking/wasmtime.build
version=$(sed -n 's/^wasmtime = { version = "=\([0-9.]*\)".*/\1/p' "$here/fetch.toml")
sources=$cache/sources/wasmtime-$version
. "$here/../../engines/cargo.sh"
find_cargo
rustc=${cargo%/*}/rustc

# What results are made of. Size and time of the compiler: asking for its version takes longer than all else here.
inputs() { find "examples/wasmtime" bindings/rust -name target -prune -o -type f ! -name Cargo.lock ! -name '*.md' -print | LC_ALL=C sort; }
source_stamp=$(cd "$root" && inputs | xargs sha256sum | sha256sum)
tool_stamp=$(stat -L -c '%n %s %Y' "$cargo" "$rustc" 2>/dev/null | sha256sum)

# is_ready FOLDER: it has all results, of these sources and, where we could build, of these tools
is_ready() {
  for result in $results wasmtime.stamp; do
    if ! [ -f "$1/$result" ]; then return 1; fi
  done
  {
    read -r sources_then
    read -r tools_then
  } <"$1/wasmtime.stamp"
  [ "$sources_then" = "$source_stamp" ] && { [ -z "$cargo" ] || [ "$tools_then" = "$tool_stamp" ]; }
}

# publish FROM TO: each result appears at once or not at all, and the stamp last
publish() {
  mkdir -p "$2"
  rm -f "$2/wasmtime.stamp"
  for result in $results wasmtime.stamp; do
    cp "$1/$result" "$2/.$result.$$"
    mv "$2/.$result.$$" "$2/$result"
  done
}

# ---- sources ----

fetch() {
  if [ -d "$sources" ]; then return 0; fi
  say "fetching Wasmtime $version and what it needs"
  mkdir -p "$cache/sources"
  scratch=$(mktemp -d "$cache/sources/.fetch-XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  mkdir "$scratch/src" "$scratch/kept"
  : >"$scratch/src/lib.rs"
  cp "$here/fetch.toml" "$scratch/Cargo.toml"
  # Vendored: whole packages whose checksums cargo has compared. Only those that are patched are kept.
  (cd "$scratch" && "$cargo" vendor --quiet --versioned-dirs vendor >/dev/null) ||
    fail 3 "cargo could not fetch the crate wasmtime $version; is there a network?"
  for crate in $patched; do mv "$scratch/vendor/$crate-$version" "$scratch/kept/$crate"; done
  mv "$scratch/kept" "$sources" 2>/dev/null || [ -d "$sources" ]
  rm -rf "$scratch"
  trap - EXIT
}

# The patch has no lines of Wasmtime's around its own, and goes by line numbers: it fits exactly these files.
check() {
  if ! (cd "$sources" && sha256sum --check --status "$here/files.sha256"); then
    (cd "$sources" && sha256sum --check --quiet "$here/files.sha256" >&2) || true
    fail 5 "expected the files that files.sha256 lists in $sources, found others (above); remove that folder to fetch them again"
  fi
}

# ---- the build ----

# tree NAME: a copy of the tree's layout; Cargo.lock and whatever else cargo writes stay out of the tree. The lock file of
# an earlier build is kept: same versions, no network.
tree() {
  lock=examples/wasmtime/Cargo.lock
  rm -rf "$work/$1.new"
  mkdir -p "$work/$1.new"
  (cd "$root" && inputs | tar -cf - -T -) | tar -C "$work/$1.new" -xmf -
  if [ -f "$work/$1/$lock" ]; then cp "$work/$1/$lock" "$work/$1.new/$lock"; fi
  rm -rf "${work:?}/$1"
  mv "$work/$1.new" "$work/$1"
}

# cargo_build NAME RESULT ARGUMENT..: of tree NAME
cargo_build() {
  cd "$work/$1/examples/wasmtime"
  cargo_result=$2
  shift 2
  # From what is there if that is enough, so that nothing needs the network twice.
  if ! "$cargo" fetch --quiet --offline "$@" 2>/dev/null; then
    "$cargo" fetch --quiet "$@" || fail 3 "cargo could not fetch the crate wasmtime $version and what it needs; is there a network?"
  fi
  case $cargo_result in *-plain) set -- "$@" --features sgperf/disable ;; esac
  "$cargo" build --quiet --offline --release --jobs "${JOBS:-$(nproc)}" "$@" || fail 1 "cargo could not build the example (above)"
  cp "$CARGO_TARGET_DIR/release/host" "$cargo_result"
}

build() {
  [ -x "$cargo" ] || fail 4 "expected the program cargo (or its path in CARGO), found none, and no earlier build of these sources in $work; Debian: apt install cargo-web rustc-web"
  [ -x "$rustc" ] || fail 4 "expected rustc beside cargo, at $rustc, found none; Debian: apt install rustc-web"
  command -v patch >/dev/null || fail 4 "expected the program patch, found none; Debian: apt install patch"
  fetch
  check
  fresh=$work/fresh
  rm -rf "$fresh"
  mkdir -p "$fresh"
  # Crates below the patched ones are the same for both, and compiled once. Warnings are the engine's own business.
  export RUSTC="$rustc" CARGO_TARGET_DIR="$work/target" RUSTFLAGS="--cap-lints=warn"
  say "building in $work (some minutes at first)"
  tree plain
  (cargo_build plain "$fresh/host-plain")
  tree sgperf
  mkdir "$work/sgperf/patched"
  for crate in $patched; do cp -R "$sources/$crate" "$work/sgperf/patched/"; done
  patch --quiet --strip=1 --directory="$work/sgperf/patched" --fuzz=0 <"$here/sgperf.patch" >&2 || fail 5 "sgperf.patch does not fit (above)"
  (
    set --
    for crate in $patched; do set -- "$@" --config "patch.crates-io.$crate.path=\"$work/sgperf/patched/$crate\""; done
    cargo_build sgperf "$fresh/host-sgperf" "$@"
  )
  printf '%s\n%s\n' "$source_stamp" "$tool_stamp" >"$fresh/wasmtime.stamp"
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
