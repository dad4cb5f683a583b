# SPDX-License-Identifier: Apache-2.0
# Debian packages: what is missing of a list is installed by apt, as root or through sudo; nothing else ever runs as root.

# named_in LIST..: the packages of these lists, one a line
named_in() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$@"; }

# missing: which of the packages on standard input are not installed, as one line
missing() {
  while read -r package; do
    status=$(dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null </dev/null | sed -n '/^installed$/p' | head -n 1)
    [ "$status" = installed ] || printf '%s\n' "$package"
  done | tr '\n' ' ' | sed 's/ *$//'
}

# Which way to run apt: prints "root", "sudo", "ask" (sudo that asks for a password on this terminal) or "none".
apt_way() {
  if [ "$(id -u)" = 0 ]; then
    echo root
  elif ! command -v sudo >/dev/null 2>&1; then
    echo none
  elif sudo -n apt-get --version >/dev/null 2>&1 </dev/null; then
    echo sudo
  elif [ -t 0 ] && [ -t 2 ]; then
    echo ask
  else
    echo none
  fi
}

run_apt() { # WAY ARGUMENTS..
  run_apt_way=$1
  shift
  case $run_apt_way in
  root) DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 "$@" </dev/null >&2 ;;
  *)
    # A sudo rule may allow apt-get and yet no variable in front of it.
    if sudo -n DEBIAN_FRONTEND=noninteractive apt-get --version >/dev/null 2>&1 </dev/null; then
      sudo -n DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 "$@" </dev/null >&2
    else
      sudo -n apt-get -q -o Dpkg::Use-Pty=0 "$@" </dev/null >&2
    fi
    ;;
  esac
}

print_apt_line() { # REASON PACKAGE..
  reason=$1
  shift
  printf 'dev: %s; run this line as root, then the same command again:\n' "$reason" >&2
  printf 'apt-get update && apt-get install -y --no-install-recommends %s\n' "$*"
}

# need_packages LIST..: returns with everything of these lists installed, or ends the script
need_packages() {
  command -v dpkg-query >/dev/null 2>&1 ||
    die 2 "expected Debian 12 (amd64), found a system without dpkg" \
      "install what stands in $* with your system's packages and build with meson and ninja (docs/development.md)"
  missing=$(named_in "$@" | missing)
  [ -n "$missing" ] || return 0
  # A word a package from here on.
  # shellcheck disable=SC2086
  set -- $missing
  way=$(apt_way)
  if [ "$way" = ask ]; then
    say "$# Debian packages are missing: sudo asks for your password to run apt-get, and nothing else, as root"
    sudo -v || way=none
  fi
  if [ "$way" = none ]; then
    print_apt_line "$# Debian packages are missing, and this user is not root and has no sudo" "$@"
    exit 2
  fi
  packages_start=$(date +%s)
  say "installing $# Debian packages: $*"
  # Lists first, but only now: a machine that has everything never needs the network.
  run_apt "$way" update || say "apt-get update failed; trying with the lists that are there"
  run_apt "$way" install -y --no-install-recommends "$@" || {
    print_apt_line "apt-get could not install what is missing" "$@"
    exit 2
  }
  missing=$(printf '%s\n' "$@" | missing)
  [ -z "$missing" ] || die 2 "expected to be installed now, but are not: $missing"
  say "Debian packages are there ($(took "$packages_start"))"
}
