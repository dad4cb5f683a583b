#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# WAMR 2.4.3 with its LLVM JIT, on Debian's LLVM 16; and its ahead-of-time compiler, as a library with functions of ours.
#: engine wamr-llvm-2.4.3
set -eu
. "${0%/*}/../install.sh"
. "$recipes/wamr/build.sh"

begin 6 "$@"
need_cc
need "${CXX:-c++}" g++ "to build WAMR's JIT"
need cmake cmake "to build WAMR"
need ninja ninja-build "to build WAMR"
need_cargo 1.82
llvm=/usr/lib/x86_64-linux-gnu/libLLVM-16.so.1
[ -f "$llvm" ] || fail 4 "expected LLVM 16 at $llvm, found none; Debian: apt install libllvm16"
wamr_sources llvm
wamr_own host_cpu.c compilation/sgperf_host_cpu.c
wamr_own aot_compiler.h compilation/sgperf_aot_compiler.h
wamr_own aot_compiler.c compilation/sgperf_aot_compiler.c
step "fetching Debian's llvm-16-dev (headers)"
debs llvm-16-dev llvm-16-dev
# Debian's own LLVMConfig.cmake wants every library that LLVM has ever had; the headers and one library are enough.
mkdir -p "$source/llvm"
cat >"$source/llvm/LLVMConfig.cmake" <<CMAKE
set(LLVM_PACKAGE_VERSION 16.0.6)
set(LLVM_INCLUDE_DIRS "$root/usr/lib/llvm-16/include")
set(LLVM_DEFINITIONS -D_GNU_SOURCE -D__STDC_CONSTANT_MACROS -D__STDC_FORMAT_MACROS -D__STDC_LIMIT_MACROS)
set(LLVM_AVAILABLE_LIBS "$llvm")
CMAKE
with_llvm="-DWAMR_BUILD_JIT=1 -DWAMR_BUILD_LAZY_JIT=0 -DLLVM_DIR=$source/llvm"
step "compiling WAMR $wamr_version with its LLVM JIT (1 min of CPU)"
# No tail calls: WAMR's JIT has none.
# shellcheck disable=SC2086
wamr_build build $with_llvm
step "compiling WAMR's ahead-of-time compiler (1 min of CPU)"
# The crate has no wamrc, but the compiler that the JIT is made of: as a library of its own, since it is switched by the
# preprocessor.  It runs no guest, and prints nothing: stdout is the guest's.
compiler='-UWASM_ENABLE_JIT -DWASM_ENABLE_JIT=0 -DWASM_ENABLE_WAMR_COMPILER=1'
# shellcheck disable=SC2086
wamr_build build-wamrc $with_llvm -DWAMR_DISABLE_HW_BOUND_CHECK=1 -DWAMR_BH_VPRINTF=sgperf_wamrc_discard \
  -DCMAKE_C_FLAGS="$compiler" -DCMAKE_CXX_FLAGS="$compiler" -DCMAKE_SHARED_LINKER_FLAGS=-Wl,-Bsymbolic
step "putting it into place"
wamr_place
place_library "$source/build-wamrc/libiwasm.so" libsgperf-wamrc.so
finish "crate $wamr_crate, Debian package $(deb_versions)" "$wamr_version" "Apache-2.0 WITH LLVM-exception" "$("$cc" --version | sed -n 1p), $wamr_switches -DWAMR_BUILD_JIT=1 -DWAMR_BUILD_LAZY_JIT=0, LLVM 16.0.6"
