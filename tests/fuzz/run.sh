#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# run.sh NAME PROGRAM SEEDS.. [-ARG..]: one reader under libFuzzer; without ARG for SGPERF_FUZZ_SECONDS (60).
# A finding stays beside the corpus, in $SGPERF_CACHE/fuzz/NAME/.  With SGPERF_FUZZ_SEED the run begins with the seeds alone
# and draws the same numbers each time: what is red once is red again.
set -eu

name=$1
program=$2
shift 2
corpus=${SGPERF_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sgperf}/fuzz/$name
mkdir -p "$corpus"
kept=$corpus
fixed=${SGPERF_FUZZ_SEED:+"-seed=$SGPERF_FUZZ_SEED"}
if [ -n "$fixed" ]; then
  corpus=$(mktemp -d)
  trap 'rm -rf "$corpus"' EXIT
fi
limit=-max_total_time=${SGPERF_FUZZ_SECONDS:-60}
for argument; do
  shift
  case $argument in
  -*) limit= ;;
  # Seeds that come with the tree or are made by the build are read, never written; not every reader has both.
  *) [ -d "$argument" ] || continue ;;
  esac
  set -- "$@" "$argument"
done

# A small quarantine: memory is the reader's own, and the limit says something.  77, libFuzzer's own exit code, is a skip
# for meson.  Inputs of 64 KiB hold every seed, and what a reader does with more is no different.
export ASAN_OPTIONS=quarantine_size_mb=16
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
status=0
"$program" -error_exitcode=1 -timeout=5 -timeout_exitcode=1 -rss_limit_mb=512 -max_len=65536 \
  -print_final_stats=1 ${limit:+"$limit"} ${fixed:+"$fixed"} "-artifact_prefix=$kept/finding-" "$corpus" "$@" || status=$?
exit "$status"
