# SPDX-License-Identifier: Apache-2.0
# ./dev fuzz: the readers under libFuzzer.  A finding is kept beside its corpus, and the command fails.

fuzz_names() {
  "$ninja" -C "$fuzz_dir" -t targets all | sed -n 's|^tests/fuzz/fuzz-\([a-z0-9-]*\): .*_LINKER$|\1|p' | sort -u
}

# configure_fuzz: $build-fuzz, for libFuzzer's eyes in the readers themselves, not only in the program around them.
# Fuzzing asks for many runs, and findings for lines: neither for -O2 nor for variables.
configure_fuzz() {
  fuzz_dir=$build-fuzz
  fuzz_args='-fsanitize=fuzzer-no-link -fno-sanitize-recover=undefined -gline-tables-only'
  CC=clang-16 CXX=clang++-16 CC_LD=lld-16 CXX_LD=lld-16 configure "$fuzz_dir" -Doptimization=1 -Ddebug=false \
    -Db_sanitize=address,undefined -Db_lundef=false -Dwarning_level=1 -Dwerror=false -Drust=disabled -Dfuzz=true \
    "-Dc_args=$fuzz_args" "-Dcpp_args=$fuzz_args"
  regenerate "$fuzz_dir"
}

# compile_fuzz NAME..
compile_fuzz() {
  # shellcheck disable=SC2046
  compile "$fuzz_dir" tests/fuzz/seeds $(printf 'tests/fuzz/fuzz-%s\n' "$@")
}

dev_fuzz() {
  fuzz_wanted=
  while [ $# -gt 0 ]; do
    case $1 in
    --)
      shift
      break
      ;;
    -*) die 2 "fuzz takes names, then -- and arguments for libFuzzer; found '$1'" ;;
    *) fuzz_wanted="$fuzz_wanted $1" ;;
    esac
    shift
  done
  set_up
  configure_fuzz
  fuzz_known=$(fuzz_names | tr '\n' ' ')
  [ -n "$fuzz_known" ] || die 3 "expected programs called fuzz-NAME in tests/fuzz, found none"
  for name in $fuzz_wanted; do
    case " $fuzz_known" in *" $name "*) ;; *) die 2 "nothing to fuzz is called '$name'; there are: $fuzz_known" ;; esac
  done
  : "${fuzz_wanted:=$fuzz_known}"
  # shellcheck disable=SC2086
  compile_fuzz $fuzz_wanted
  fuzz_failed=0
  for name in $fuzz_wanted; do
    say "fuzzing $name${*:+: $*}"
    "$root/tests/fuzz/run.sh" "$name" "$fuzz_dir/tests/fuzz/fuzz-$name" "$root/tests/fuzz/seeds/$name" \
      "$fuzz_dir/tests/fuzz/seeds/$name" "$@" || fuzz_failed=1
  done
  return "$fuzz_failed"
}
