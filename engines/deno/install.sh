#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command deno, with a newer V8, from npm.
#: command deno-2.9.6
set -eu
. "${0%/*}/../install.sh"

begin 2 "$@"
step "fetching @deno/linux-x64-glibc 2.9.6 from npm"
npm_program @deno/linux-x64-glibc 2.9.6 deno deno
step "putting it into place"
case $found in
"deno 2.9.6"*) ;;
*) fail 5 "expected the program to say 'deno 2.9.6', it said '$found'" ;;
esac
finish "npm @deno/linux-x64-glibc 2.9.6" 2.9.6 "MIT" "as published"
