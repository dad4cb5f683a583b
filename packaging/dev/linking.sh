# SPDX-License-Identifier: Apache-2.0
# sgperf linked into engines of the registries: what examples/wasm3, examples/wasmtime and examples/layers build, in the cache.

linking=$SGPERF_CACHE/linking

# linked NAME: examples/NAME is built, in $linking/NAME
linked() {
  linked_start=$(date +%s)
  say "building examples/$1 in the cache, as it is and with sgperf"
  sh "$root/examples/$1/build.sh" "$linking/$1" >&2 </dev/null || die 3 "examples/$1 could not be built (above)"
  say "examples/$1 is there ($(took "$linked_start"))"
}

# measured TITLE RECORDING PROGRAM ARGUMENT..: runs it unmeasured, then recorded, and prints the report
measured() {
  measured_title=$1
  measured_data=$2
  shift 2
  say "$measured_title"
  printf '\n$' >&2
  printf ' %s' "$@" >&2
  printf '     # as it is: off, nothing of sgperf is needed\n' >&2
  "$@" </dev/null || die 3 "the program failed (above)"
  demo_step "the same program, measured" record -q -o "$measured_data" -- "$@" || die 3 "the program failed under sgperf (above)"
  demo_step "what its scopes say" report "$measured_data" || die 3 "the report failed (above)"
}

demo_linking() {
  linked wasm3
  linked wasmtime
  linked layers
  workloads=$build/benchmarks
  measured "wasm3, a C engine, with a patch of ours" "$build/demo-wasm3.data" \
    "$linking/wasm3/wasm3-sgperf" "$workloads/fibonacci/fibonacci.wasm"
  measured "Wasmtime, a Rust engine, with a patch of ours and a host of ours" "$build/demo-wasmtime.data" \
    "$linking/wasmtime/host-sgperf" "$workloads/fibonacci/fibonacci.wasm"
  demo_step "one million close(-1) through three crates and a C library; then each site alone" \
    record -q --isolate -o "$build/demo-layers.data" -- "$linking/layers/layers" 1000000 ||
    die 3 "the layers failed (above)"
  demo_step "one table over all modules" report "$build/demo-layers.data" || die 3 "the report failed (above)"
}
