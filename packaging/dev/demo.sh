# SPDX-License-Identifier: Apache-2.0
# ./dev demo: the main job on real engines, from an empty machine to the report.

# demo_step TEXT COMMAND..: shows what is run as one would type it
demo_step() {
  say "$1"
  shift
  printf '\n$ sgperf' >&2
  printf ' %s' "$@" >&2
  printf '\n' >&2
  "$sgperf" "$@" </dev/null
}

dev_demo() {
  case $* in
  '' | --linking) ;;
  *) die 2 "demo takes no arguments or --linking, found: $*" ;;
  esac
  demo_start=$(date +%s)
  sgperf=$build/cli/command/sgperf
  if [ "$*" = --linking ]; then
    set_up rust
    build_product
    demo_linking
    say "demo took $(took "$demo_start")"
    return 0
  fi
  set_up
  build_product
  demo_step "5 engine tiers x 5 workloads, every output verified" \
    bench -e wasmtime:cranelift -e wasmtime:winch -e wasm2c -e wabt -e native --raw \
    --processes 3 --warmups 0 --iterations 1 -o "$build/demo.data" fibonacci n-body sieve heapsort ackermann ||
    die 3 "the demonstration failed (above)"
  demo_step "what was measured" report "$build/demo.data" || die 3 "the report failed (above)"
  demo_step "one million calls of fd_close(-1), cold and once more: where the time goes, from the guest to the kernel" \
    bench --scopes -e wasm2c --raw --no-calibration --processes 1 --warmups 0 --iterations 1 --phase execute \
    -o "$build/demo-scopes.data" wasi-fd_close ||
    die 3 "the scope table failed (above)"
  demo_step "the scope table" report "$build/demo-scopes.data" || die 3 "the report failed (above)"
  say "demo took $(took "$demo_start")"
  cat <<NEXT

Next, type:
  alias sgperf='$sgperf'
  sgperf engines                          what can be measured here
  sgperf bench -e wasmtime -e wasm2c sha256 base64
  sgperf report                           the latest recording
  sgperf report --format csv $build/demo.data
  sgperf env                              the line that preloads the runtime into any program
  ./dev demo --linking                    scopes in wasm3, Wasmtime and a layered system call
  ./dev install --prefix ~/.local         the command, the library, headers and man page
  ./dev test                              all tests
NEXT
}
