#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command bun, with JavaScriptCore, from npm.
#: command bun-1.4.5
set -eu
. "${0%/*}/../install.sh"

begin 2 "$@"
step "fetching @oven/bun-linux-x64 1.4.5 from npm"
npm_program @oven/bun-linux-x64 1.4.5 bin/bun bun
step "putting it into place"
case $found in
"1.4.5"*) ;;
*) fail 5 "expected the program to say '1.4.5', it said '$found'" ;;
esac
finish "npm @oven/bun-linux-x64 1.4.5" 1.4.5 "MIT" "as published"
