# SPDX-License-Identifier: Apache-2.0
# Messages.  Progress goes to stderr, so that what a command prints can be piped.

say() { printf '== %s\n' "$*" >&2; }

# die EXIT-CODE LINE..
die() {
  die_code=$1
  shift
  for die_line in "$@"; do printf 'dev: %s\n' "$die_line" >&2; done
  exit "$die_code"
}

# took START: seconds since START, as "12 s" or "3 min 05 s"
took() {
  took_s=$(($(date +%s) - $1))
  if [ "$took_s" -lt 60 ]; then printf '%d s' "$took_s"; else printf '%d min %02d s' $((took_s / 60)) $((took_s % 60)); fi
}
