# SPDX-License-Identifier: Apache-2.0
# Where cargo is, for the recipes of engines and for examples/*/build.sh.  $CARGO counts first; then Debian's, whose version
# is known to be enough (packaging/debian-12-rust.txt); then the first of PATH.

# find_cargo: sets `cargo` to a path, or to nothing where there is none
find_cargo() {
  if [ -z "${CARGO-}" ] && [ -x /usr/bin/cargo ]; then CARGO=/usr/bin/cargo; fi
  cargo=$(command -v "${CARGO:-cargo}" || true)
}
