# SPDX-License-Identifier: Apache-2.0
# ./dev fuzz: the readers under libFuzzer.  A finding is kept beside its corpus, and the command fails.

fuzz_names() {
  "$ninja" -C "$fuzz_dir" -t targets all | sed -n 's|^tests/fuzz/fuzz-\([a-z0-9-]*\): .*_LINKER$|\1|p' | sort -u
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
  [ $# -gt 0 ] || set -- -max_total_time=60
  set_up develop
  fuzz_dir=$build-fuzz
  CC=clang-16 CXX=clang++-16 configure "$fuzz_dir" -Dbuildtype=debugoptimized -Db_sanitize=address,undefined -Db_lundef=false \
    -Dwarning_level=1 -Dwerror=false -Dfuzz=true
  regenerate "$fuzz_dir"
  fuzz_known=$(fuzz_names | tr '\n' ' ')
  [ -n "$fuzz_known" ] || die 3 "expected programs called fuzz-NAME in tests/fuzz, found none"
  for name in $fuzz_wanted; do
    case " $fuzz_known" in *" $name "*) ;; *) die 2 "nothing to fuzz is called '$name'; there are: $fuzz_known" ;; esac
  done
  : "${fuzz_wanted:=$fuzz_known}"
  # shellcheck disable=SC2046
  compile "$fuzz_dir" $(for name in $fuzz_wanted; do printf 'tests/fuzz/fuzz-%s\n' "$name"; done)
  fuzz_failed=0
  for name in $fuzz_wanted; do
    say "fuzzing $name: $*"
    corpus=$SGPERF_CACHE/fuzz/$name
    mkdir -p "$corpus"
    # Seeds that come with the tree are read, never written.
    seeds=$root/tests/fuzz/seeds/$name
    [ -d "$seeds" ] || seeds=
    "$fuzz_dir/tests/fuzz/fuzz-$name" "$@" "-artifact_prefix=$corpus/finding-" "$corpus" ${seeds:+"$seeds"} || fuzz_failed=1
  done
  return "$fuzz_failed"
}
