# SPDX-License-Identifier: Apache-2.0
# ./dev install: builds, installs, and looks whether a new shell would find what was installed.

# Programs and libraries of a prefix that the system does not search: what to set.
print_settings() { # PREFIX LIBDIR
  printf '%s\n' "To use it, put these lines into your shell's start-up file:" \
    "  export PATH=\"$1/bin:\$PATH\"" \
    "  export LD_LIBRARY_PATH=\"$1/$2\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}\"" \
    "  export PKG_CONFIG_PATH=\"$1/$2/pkgconfig\${PKG_CONFIG_PATH:+:\$PKG_CONFIG_PATH}\"" \
    "  export CMAKE_PREFIX_PATH=\"$1\${CMAKE_PREFIX_PATH:+:\$CMAKE_PREFIX_PATH}\"" \
    "  export MANPATH=\"$1/share/man:\${MANPATH:-}\""
}

# Nearest folder of a path that exists already.
existing_parent() {
  parent=$1
  while [ ! -e "$parent" ]; do parent=$(dirname "$parent"); done
  printf '%s\n' "$parent"
}

dev_install() {
  prefix=/usr/local
  destdir=
  while [ $# -gt 0 ]; do
    case $1 in
    --prefix=*) prefix=${1#*=} ;;
    --destdir=*) destdir=${1#*=} ;;
    --prefix | --destdir)
      [ $# -ge 2 ] || die 2 "expected a folder after $1"
      if [ "$1" = --prefix ]; then prefix=$2; else destdir=$2; fi
      shift
      ;;
    *) die 2 "install takes --prefix P and --destdir D, found '$1'" ;;
    esac
    shift
  done
  case $prefix in /*) ;; *) prefix=$root/$prefix ;; esac
  case $destdir in '' | /*) ;; *) destdir=$root/$destdir ;; esac
  place=$(existing_parent "$destdir$prefix")
  [ -w "$place" ] || die 2 "expected a folder that $(id -un) may write to, found $place of $(stat -c %U "$place")" \
    "install somewhere of your own (./dev install --prefix ~/.local), or run this command as root"
  set_up
  configure "$build" -Dprefix="$prefix"
  regenerate "$build"
  # shellcheck disable=SC2046
  compile "$build" $(product_targets "$build")
  say "installing to $destdir$prefix"
  if [ -n "$destdir" ]; then set -- --destdir "$destdir"; else set --; fi
  "$meson" install -C "$build" --no-rebuild --quiet "$@" >&2 </dev/null || die 3 "the installation failed (above)"

  libdir=$("$meson" introspect "$build" --buildoptions | /usr/bin/python3 -c '
import json, sys
print(next(option["value"] for option in json.load(sys.stdin) if option["name"] == "libdir"))')
  if [ -n "$destdir" ]; then
    say "installed below $destdir; nothing to check until it stands at $prefix"
    return 0
  fi
  if [ "$(id -u)" = 0 ]; then
    # The prefixes whose library folders Debian's loader searches.
    case $prefix in /usr | /usr/local) ldconfig ;; esac
  fi
  found=yes
  if [ "$(PATH=$caller_path && command -v sgperf || true)" = "$prefix/bin/sgperf" ]; then
    say "found in PATH: $(sgperf --version)"
  else
    say "not found in PATH: $prefix/bin/sgperf ($("$prefix/bin/sgperf" --version))"
    found=no
  fi
  # The loader only complains, on stderr; the program runs all the same.
  preload=$(LD_PRELOAD=libsgperf.so /bin/sh -c 'cat /proc/$$/maps' 2>/dev/null | sed -n 's|.* \(/.*libsgperf\.so[^ ]*\)$|\1|p' | sed -n 1p)
  case $preload in
  "$prefix/"*) say "found by the loader: LD_PRELOAD=libsgperf.so is $preload" ;;
  '')
    say "not found by the loader: LD_PRELOAD=libsgperf.so"
    found=no
    ;;
  *)
    say "the loader finds another one first: LD_PRELOAD=libsgperf.so is $preload"
    found=no
    ;;
  esac
  [ "$found" = yes ] || print_settings "$prefix" "$libdir"
}
