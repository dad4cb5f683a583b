#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fetches pyperformance (PyPI, MIT licence) and what its scripts need into the cache, so that
#     sgperf bench -e wasmtime -e native pyperformance
# and `sgperf bench .. bm_nbody.py` find its scripts, each in CPython for WASI (fetch-python-wasi.sh) and in the machine's own.
# Packages come as pure Python only: what needs a compiled module is a row that says so.  Run again it only checks.
# Exit codes: 0 ready, 2 wrong use, 4 this machine cannot fetch it (the message says what is missing).
set -eu

version=1.14.0
sha256=94068ac2935b6952ccb5e8a302eb9cebc26e82454494bef6e53822738adf0049

say() { printf '%s\n' "fetch-pyperformance: $*"; }
fail() {
  printf '%s\n' "fetch-pyperformance: $*" >&2
  exit 4
}

case ${1-} in
'') ;;
-h | --help)
  sed -n '3,7s/^# \{0,1\}//p' "$0"
  exit 0
  ;;
*)
  printf '%s\n' "fetch-pyperformance: expected no argument, found '$1'" >&2
  exit 2
  ;;
esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cache=${SGPERF_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, and neither is SGPERF_CACHE}/.cache}/sgperf}
workloads=$cache/workloads
folder=$workloads/pyperformance

if [ "$(cat "$folder/version" 2>/dev/null)" != "$version" ]; then
  # The system's Python by path: the first one of a developer's PATH may lack the venv module.
  python=$cache/venv/bin/python
  if ! "$python" -m pip --version >/dev/null 2>&1; then
    base=/usr/bin/python3
    [ -x "$base" ] || base=$(command -v python3) || fail "expected python3 to fetch pyperformance, found none (Debian: apt install python3 python3-venv)"
    rm -rf "$cache/venv"
    "$base" -m venv "$cache/venv" || fail "expected a Python with the venv module, found none (Debian: apt install python3-venv)"
  fi
  mkdir -p "$workloads" || fail "cannot create $workloads"
  work=$(mktemp -d "$workloads/.fetch-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  trap 'exit 130' INT TERM
  say "fetching pyperformance $version from PyPI"
  printf 'pyperformance==%s --hash=sha256:%s\n' "$version" "$sha256" >"$work/list"
  "$python" -m pip --quiet --disable-pip-version-check download --no-deps --require-hashes --dest "$work" --requirement "$work/list" ||
    fail "could not fetch pyperformance $version: is PyPI reachable from here (pip's own settings and proxies apply)?"
  mkdir "$work/out"
  "$python" -m zipfile -e "$work"/pyperformance-*.whl "$work/out" || fail "the wheel of pyperformance cannot be unpacked"
  say "fetching the pure Python packages that its scripts need"
  # awk: some of the files end without a newline.
  awk 1 "$work"/out/pyperformance/data-files/benchmarks/*/requirements.txt | tr -d '\r' |
    sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/==/!d' | sort -u >"$work/needs"
  while read -r package; do
    "$python" -m pip --quiet --disable-pip-version-check install --no-deps --upgrade --target "$work/out/site" --platform any \
      --implementation py --abi none --python-version 3.12 --only-binary=:all: "$package" >"$work/pip.log" 2>&1 </dev/null ||
      say "left out: $package is not to be had as pure Python; scripts that need it will say so"
  done <"$work/needs"
  # They name programs outside of the folder, where a sandbox must not look.
  rm -f "$work"/out/site/*.dist-info/RECORD
  # A script of a line for each entry of its list of benchmarks, and the suite.
  "$python" - "$work/out" <<'PYTHON' || fail "the list of benchmarks of pyperformance $version is not as expected"
import os, sys, tomllib

out = sys.argv[1]
root = os.path.join(out, "pyperformance", "data-files", "benchmarks")
names = []
for line in open(os.path.join(root, "MANIFEST")):
    words = line.split()
    if len(words) != 2 or words[0].startswith("#") or not words[1].startswith("<local"):
        continue
    name, where = words[0], words[1].strip("<>").partition(":")[2]
    folder = "bm_" + (where or name)
    metafile = os.path.join(root, folder, "bm_%s.toml" % name if where else "pyproject.toml")
    with open(metafile, "rb") as file:
        options = tomllib.load(file).get("tool", {}).get("pyperformance", {}).get("extra_opts", [])
    with open(os.path.join(out, "bm_%s.py" % name), "w") as file:
        file.write("import run\n\nrun.benchmark(%r, %r)\n" % (folder, options))
    names.append(name)
if len(names) < 50:
    sys.exit("%d benchmarks found" % len(names))
with open(os.path.join(out, "pyperformance.suite"), "w") as file:
    file.write("# Every script of pyperformance, by its own names.\n")
    file.writelines("pyperformance/bm_%s.py\n" % name for name in names)
PYTHON
  printf '%s\n' "$version" >"$work/out/version"
  rm -rf "$folder"
  mv "$work/out" "$folder"
fi
# Ours, of this version of sgperf.
for file in run.py pyperf.py; do cp "$here/pyperformance/$file" "$folder/$file"; done
cp "$folder/pyperformance.suite" "$workloads/pyperformance.suite"
say "ready: $(grep -c -v '^#' "$workloads/pyperformance.suite") scripts in $folder"
