# SPDX-License-Identifier: Apache-2.0
# ./dev test: everything is built, every test runs, and the last line has the totals over all runners.

# Sanitizers: what reads bytes that others wrote (guests, files), and programs whose threads share sites.
# Names are those of `meson test --list`; what they need is built once more, so both lists are short.
asan_tests='wasi wasi-fuzz record-mutation merge stats formats/jit perf-data'
tsan_tests='libsgperf/threads libsgperf/scopes libsgperf/snapshot'

# A minute of libFuzzer for every reader; each counts as one test.
. "$root/packaging/dev/fuzz.sh"
. "$root/packaging/dev/docker.sh"

# run_tests DIR [TEST..]: never ends the script; the totals tell
run_tests() {
  run_dir=$1
  shift
  /usr/bin/python3 "$root/packaging/dev/tests.py" forget "$run_dir"
  (cd "$run_dir" && MESON_TESTTHREADS=$(jobs) "$meson" test --no-rebuild --print-errorlogs "$@" </dev/null >&2) || true
}

# sanitized DIR SANITIZERS TEST..: builds what these tests need, with its own options, and runs them
sanitized() {
  sanitized_dir=$1
  sanitized_kind=$2
  shift 2
  configure "$sanitized_dir" -Dbuildtype=debugoptimized -Db_sanitize="$sanitized_kind" -Db_lundef=false -Dwarning_level=1 -Dwerror=false
  regenerate "$sanitized_dir"
  # shellcheck disable=SC2046
  compile "$sanitized_dir" $(/usr/bin/python3 "$root/packaging/dev/tests.py" targets "$sanitized_dir" "$@")
  run_tests "$sanitized_dir" "$@"
}

dev_test() {
  [ $# -eq 0 ] || die 2 "test takes no arguments, found: $*; a single test: meson test -C build NAME"
  test_start=$(date +%s)
  set_up rust
  need_wasmtime_command
  need_engines # before meson looks for V8's headers
  need_docker
  configure "$build" -Drust=enabled
  compile "$build"
  say "running the tests"
  run_tests "$build"
  set -- "$build"
  if [ -n "$asan_tests" ]; then
    say "address and undefined behaviour sanitizers: $asan_tests"
    # shellcheck disable=SC2086
    sanitized "$build-asan" address,undefined $asan_tests
    set -- "$@" "$build-asan"
  fi
  if [ -n "$tsan_tests" ]; then
    say "thread sanitizer: $tsan_tests"
    # shellcheck disable=SC2086
    sanitized "$build-tsan" thread $tsan_tests
    set -- "$@" "$build-tsan"
  fi
  fuzz_start=$(date +%s)
  configure_fuzz
  # shellcheck disable=SC2046
  compile_fuzz $(fuzz_names)
  say "fuzzing each reader for a minute, $(jobs) at a time"
  SGPERF_FUZZ_SEED=1
  export SGPERF_FUZZ_SEED
  run_tests "$fuzz_dir" --suite fuzz
  set -- "$@" "$fuzz_dir"
  say "fuzzing took $(took "$fuzz_start")"
  say "tests took $(took "$test_start")"
  print_left_out
  /usr/bin/python3 "$root/packaging/dev/tests.py" totals "$@"
}
