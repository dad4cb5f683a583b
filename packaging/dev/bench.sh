# SPDX-License-Identifier: Apache-2.0
# ./dev bench: the benchmarks of sgperf itself, one program each (docs/bench.md).

bench_names() {
  "$ninja" -C "$build" -t query all | sed -n -e '/^  outputs:/q' -e 's|^    tests/bench/bench-\([a-z0-9-]*\)$|\1|p'
}

# The benchmarks and the programs and libraries that they start or load.
bench_targets() {
  "$ninja" -C "$build" -t query all | sed -n -e '/^  outputs:/q' -e 's|^    \(tests/bench/[^/]*\)$|\1|p' | grep -v '/test_'
}

dev_bench() {
  bench_json=
  bench_wanted=
  for argument in "$@"; do
    case $argument in
    --json) bench_json=--json ;;
    -*) die 2 "bench takes names and --json, found '$argument'" ;;
    *) bench_wanted="$bench_wanted $argument" ;;
    esac
  done
  # Some benchmarks are of Rust programs; the others do not need the compiler.
  case " ${bench_wanted:- rust-scope linked } " in
  *" rust-scope "* | *" linked "*)
    set_up rust
    configure "$build" -Drust=enabled
    ;;
  *)
    set_up
    configure "$build"
    ;;
  esac
  regenerate "$build"
  bench_known=$(bench_names | tr '\n' ' ')
  for name in $bench_wanted; do
    case " $bench_known" in
    *" $name "*) ;;
    *) die 2 "no benchmark is called '$name'; there are: $bench_known" ;;
    esac
  done
  : "${bench_wanted:=$bench_known}"
  # Benchmarks start the command and its workers, so the product is built as well.
  # shellcheck disable=SC2046
  compile "$build" $(product_targets "$build") $(bench_targets)
  case " $bench_wanted " in
  *" linked "*)
    LAYOUTS=16 linked wasm3
    linked wasmtime
    ;;
  esac
  case " $bench_wanted " in
  *" record "*) need_wasmtime_command ;;
  esac
  bench_failed=0
  for name in $bench_wanted; do
    say "$name on $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sed -n 1p), load $(cut -d' ' -f1-3 /proc/loadavg)"
    # With --json stdout has objects and nothing else.
    SGPERF_BUILD_DIR=$build SGPERF_SOURCE_DIR=$root "$build/tests/bench/bench-$name" ${bench_json:+"$bench_json"} || bench_failed=1
  done
  return "$bench_failed"
}
