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

# configure DIR OPTION..: meson setup, once; later ones only if an option differs
configure() {
  configure_dir=$1
  shift
  mkdir -p "$configure_dir"
  if [ -f "$configure_dir/build.ninja" ] && [ "$(cat "$configure_dir/.configured" 2>/dev/null)" = "$root $*" ]; then return 0; fi
  say "configuring $configure_dir"
  if [ -f "$configure_dir/build.ninja" ] && [ "$(cut -d' ' -f1 "$configure_dir/.configured" 2>/dev/null)" = "$root" ]; then
    "$meson" configure "$configure_dir" "$@" >&2 || die 3 "meson could not change the options of $configure_dir"
  else
    # Left over from an interrupted set-up, or from a tree that stood elsewhere: nothing of it can be used.
    if [ -n "$(ls -A "$configure_dir")" ] && [ ! -e "$configure_dir/meson-private" ] && [ ! -e "$configure_dir/.configured" ]; then
      die 2 "expected $configure_dir to be a build folder or empty, found other files in it; name another one in SGPERF_BUILD"
    fi
    rm -rf "${configure_dir:?}"
    mkdir -p "$configure_dir"
    "$meson" setup "$configure_dir" "$root" "$@" >"$configure_dir.log" 2>&1 || {
      cat "$configure_dir.log" >&2
      die 3 "meson setup failed (above)"
    }
    mv "$configure_dir.log" "$configure_dir/setup.log"
  fi
  printf '%s %s\n' "$root" "$*" >"$configure_dir/.configured"
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

# What is built by default and is not a test, one a line.
product_targets() {
  "$ninja" -C "$1" -t query all | sed -n -e '/^  outputs:/q' -e 's/^    //p' | grep -v -e '^tests/' -e '^|' -e '^meson-'
}

# The product without its tests: what a demo, an installation or a benchmark needs.
build_product() {
  configure "$build"
  # A word a target; names of targets have no blanks.
  # shellcheck disable=SC2046
  compile "$build" $(product_targets "$build")
}
