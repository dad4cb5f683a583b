# SPDX-License-Identifier: Apache-2.0
# ./dev lint: form first (seconds), then clang-tidy (minutes).

source_files() { # files of our own in C and C++
  find . \( -name 'build*' -o -name '.[a-z]*' -o -name sgperf.data -o -name sgperf.data.old \) -prune -o \
    -type f \( -name '*.c' -o -name '*.h' -o -name '*.cc' -o -name '*.hpp' \) -print | sort
}

dev_lint() {
  [ $# -eq 0 ] || die 2 "lint takes no arguments, found: $*"
  set_up develop
  lint_failed=0
  say "clang-format"
  # The headers that other people's programs compile are set by hand, with tabs, so that a table stays a table.
  source_files | grep -v '^./include/' | xargs clang-format-16 --dry-run -Werror || lint_failed=1
  say "rustfmt"
  find bindings examples tests -name target -prune -o -name '*.rs' -print0 | xargs -0 /usr/bin/rustfmt --check --edition 2021 || lint_failed=1
  say "shellcheck"
  shellcheck -s dash -e SC1090,SC1091,SC2154,SC2034 dev packaging/dev/*.sh examples/*/build.sh engines/*.sh engines/*/*.sh benchmarks/*.sh || lint_failed=1
  shellcheck .ci/run || lint_failed=1
  configure "$build"
  # Tidy reads generated headers, so they must be there.
  compile "$build"
  say "clang-tidy"
  # gcc's switches in the compile commands that clang does not know are no finding.  A shell around each: version 16 dies of
  # some files (its check of optionals), and xargs would stop there.
  # shellcheck disable=SC2016
  source_files | grep '\.cc\?$' | grep -v -e '^./benchmarks/' -e '^./tests/compile/' | sed 's|^\./||' |
    xargs -P "$(jobs)" -n 1 sh -c 'clang-tidy-16 -p "$0" --quiet --extra-arg=-Wno-unknown-warning-option "$1" && exit 0
      [ $? -lt 128 ] || printf "%s: clang-tidy died of it: nothing is known of this file\n" "$1" >&2
      exit 1' "$build" || lint_failed=1
  if [ "$lint_failed" = 0 ]; then say "nothing found"; else say "findings above"; fi
  return "$lint_failed"
}
