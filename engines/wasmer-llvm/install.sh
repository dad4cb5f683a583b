#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Wasmer 7.4.2 with all three compilers.  That of LLVM is the crate wasmer-compiler-llvm, under the Business Source License
# 1.1 (no use in production without its licensor's consent); LLVM 22.1 is Debian's, linked in.  Heavy: 25 minutes of CPU.
#: asked engine wasmer-llvm-7.4.2
set -eu
. "${0%/*}/../install.sh"
. "$recipes/wasmer/build.sh"

begin 5 "$@"
need "${CXX:-c++}" g++ "LLVM is C++"
wasmer_project wasmer-c-api
step "fetching Debian's llvm-22-dev and what it is linked with"
# Libraries as well as their -dev packages: these hold links to them.
debs llvm-22 llvm-22-dev llvm-22 llvm-22-runtime llvm-22-linker-tools llvm-22-tools libllvm22 libpolly-22-dev \
  zlib1g zlib1g-dev libzstd1 libzstd-dev libxml2 libxml2-dev libz3-4 libz3-dev libffi8 libffi-dev libedit2 libbsd0 libmd0
llvm_version=$(sed -n 's/^llvm-22 1:\([0-9.]*\)-.*/\1/p' "$root/packages.txt")
export LLVM_SYS_221_PREFIX="$root/usr/lib/llvm-22"
export LD_LIBRARY_PATH="$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export LIBRARY_PATH="$root/usr/lib/x86_64-linux-gnu${LIBRARY_PATH:+:$LIBRARY_PATH}"
step "compiling (25 min of CPU)"
wasmer_library singlepass,cranelift,llvm
finish "crate wasmer-c-api $wasmer_version, Debian packages $(deb_versions)" "$wasmer_version" \
  "MIT; the LLVM compiler (crate wasmer-compiler-llvm $wasmer_version) BUSL-1.1; LLVM $llvm_version Apache-2.0 WITH LLVM-exception" \
  "$("$RUSTC" --version), release, features $features, LLVM $llvm_version linked statically"
