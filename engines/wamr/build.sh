# SPDX-License-Identifier: Apache-2.0
# WAMR's sources in the crate wamrx-sys, and CMake over them: for engines/wamr and engines/wamr-llvm.

wamr_crate='wamrx-sys 0.3.0'
wamr_version=2.4.3

# wamr_sources KIND: sets `source`, a folder with a copy of the sources, which CMake writes into, and of builds
wamr_sources() {
  step "fetching the crate $wamr_crate"
  # shellcheck disable=SC2086
  crate $wamr_crate
  source=$sources/wamr-$wamr_version-$1
  lock "wamr-$wamr_version-$1"
  if [ "${SGPERF_FORCE-}" = 1 ]; then rm -rf "$source"; fi
  if [ ! -f "$source/.complete" ]; then
    rm -rf "$source"
    mkdir "$source"
    cp -R "$crate/wasm-micro-runtime" "$source/wamr"
    chmod -R u+w "$source"
    : >"$source/.complete"
  fi
  wamr_own inside.c common/sgperf_inside.c
  step "fetching Debian's libsimde-dev"
  debs simde libsimde-dev
  simde=$root/usr/include
}

# Sources of ours among WAMR's, so that they see its headers: engines/wamr says what for.
wamr_own() { # FILE PLACE
  cmp -s "$recipes/wamr/$1" "$source/wamr/core/iwasm/$2" || cp "$recipes/wamr/$1" "$source/wamr/core/iwasm/$2"
}

# The same for all builds; the rest is theirs.
wamr_switches='-DWAMR_BUILD_PLATFORM=linux -DWAMR_BUILD_TARGET=X86_64 -DWAMR_BUILD_INTERP=1 -DWAMR_BUILD_AOT=1 -DWAMR_BUILD_LIBC_WASI=1 -DWAMR_BUILD_LIBC_BUILTIN=0 -DWAMR_BUILD_SIMD=1 -DWAMR_BUILD_REF_TYPES=1 -DWAMR_BUILD_LINUX_PERF=1 -DBUILD_SHARED_LIBS=ON'

# wamr_build FOLDER SWITCH..: the library, as FOLDER/libiwasm.so in $source
wamr_build() {
  tree=$source/$1
  shift
  # CMake forgets every switch when the path of the compiler is another one than last time, and then would fetch simde itself.
  wamr_compiler=$(command -v "$cc")
  if [ "$(cat "$tree/.configured" 2>/dev/null)" != "$wamr_compiler $simde $wamr_switches $*" ]; then rm -rf "$tree"; fi
  # shellcheck disable=SC2086
  cmake -S "$source/wamr" -B "$tree" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_C_COMPILER="$wamr_compiler" $wamr_switches \
    -DFETCHCONTENT_FULLY_DISCONNECTED=ON -DFETCHCONTENT_SOURCE_DIR_SIMDE="$simde" "$@" </dev/null >&2 ||
    fail 1 "cmake could not configure WAMR (above)"
  printf '%s\n' "$wamr_compiler $simde $wamr_switches $*" >"$tree/.configured"
  ninja -C "$tree" -j "$(jobs)" </dev/null >&2 || fail 1 "WAMR could not be built (above)"
}

# wamr_place: the library, and the headers that belong to it (wasm_c_api.h has another layout than the standard's wasm.h)
wamr_place() {
  place_library "$source/build/libiwasm.so" libiwasm.so
  mkdir "$fresh/include"
  cp "$source"/wamr/core/iwasm/include/*.h "$fresh/include/"
}
