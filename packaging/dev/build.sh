# SPDX-License-Identifier: Apache-2.0
# meson and ninja.  By path: the first ones in a developer's PATH may belong to a Python that lacks meson.

meson=/usr/bin/meson
ninja=/usr/bin/ninja

# One job a core, but no more than memory allows: a translation unit with the JSON and option parsers takes about 1 GB.
jobs() {
  jobs_n=$(nproc)
  jobs_fit=$(($(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo) / 1000000))
  [ "$jobs_fit" -ge 1 ] || jobs_fit=1
  if [ "$jobs_fit" -lt "$jobs_n" ]; then jobs_n=$jobs_fit; fi
  printf '%d\n' "$jobs_n"
}

# The tree that a build folder was set up for; empty if it was not.
source_of() {
  [ -f "$1/build.ninja" ] || return 0
  tr ',' '\n' <"$1/meson-info/meson-info.json" 2>/dev/null | sed -n 's/.*"source": *"\([^"]*\)".*/\1/p'
}

# Engines of the cache whose headers meson looks for.
headers_in_cache() {
  for headers in "$SGPERF_CACHE"/engines/v8-*/include; do
    if [ -d "$headers" ]; then printf '%s\n' "$headers"; fi
  done
}

# configure DIR OPTION..: meson setup once; later only what differs from last time
configure() {
  configure_dir=$1
  shift
  mkdir -p "$configure_dir"
  if [ "$(source_of "$configure_dir")" = "$root" ]; then
    if [ "$(cat "$configure_dir/.headers" 2>/dev/null)" != "$(headers_in_cache)" ]; then
      say "looking again at what is installed, for $configure_dir"
      "$meson" setup --reconfigure --clearcache "$configure_dir" "$root" >/dev/null || die 3 "meson could not configure $configure_dir again"
      headers_in_cache >"$configure_dir/.headers"
    fi
    if [ $# -eq 0 ] || [ "$(cat "$configure_dir/.options" 2>/dev/null)" = "$*" ]; then return 0; fi
    say "changing options of $configure_dir: $*"
    "$meson" configure "$configure_dir" "$@" >&2 || die 3 "meson could not change the options of $configure_dir"
  else
    # Left over from an interrupted set-up, or from a tree that stood elsewhere: nothing of it can be used.
    if [ -n "$(ls -A "$configure_dir")" ] && [ ! -e "$configure_dir/meson-private" ]; then
      die 2 "expected $configure_dir to be a build folder or empty, found other files in it; name another one in SGPERF_BUILD"
    fi
    say "configuring $configure_dir"
    rm -rf "${configure_dir:?}"
    mkdir -p "$configure_dir"
    configure_log=$(mktemp)
    if ! "$meson" setup "$configure_dir" "$root" "$@" >"$configure_log" 2>&1; then
      cat "$configure_log" >&2
      rm -f "$configure_log"
      die 3 "meson setup failed (above)"
    fi
    rm -f "$configure_log" # meson keeps one of its own in meson-logs/
  fi
  printf '%s\n' "$*" >"$configure_dir/.options"
  headers_in_cache >"$configure_dir/.headers"
}

# compile DIR [TARGET..]: without targets everything that is built by default
compile() {
  compile_dir=$1
  shift
  compile_start=$(date +%s)
  say "building $compile_dir with $(jobs) jobs"
  "$ninja" -C "$compile_dir" -j "$(jobs)" "$@" >&2 || die 3 "the build failed (above)"
  say "built ($(took "$compile_start"))"
}

# After a change of a meson.build the list of targets is that of before, until ninja has made its own file anew.
regenerate() {
  regenerate_log=$(mktemp)
  if ! "$ninja" -C "$1" build.ninja >"$regenerate_log" 2>&1; then
    cat "$regenerate_log" >&2
    rm -f "$regenerate_log"
    die 3 "meson could not configure $1 again (above)"
  fi
  rm -f "$regenerate_log"
}

# What is built by default and is not a test, one a line.
product_targets() {
  "$ninja" -C "$1" -t query all | sed -n -e '/^  outputs:/q' -e 's/^    //p' | grep -v -e '^tests/' -e '^|' -e '^meson-'
}

# The product without its tests: what a demo, an installation or a benchmark needs.
build_product() {
  configure "$build"
  regenerate "$build"
  # A word a target; names of targets have no blanks.
  # shellcheck disable=SC2046
  compile "$build" $(product_targets "$build")
}
