#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the workload `mruby` in the cache: a Ruby interpreter (Debian's source package mruby) and its script in one
# module of about 1 MB, and the same as a native object.  Then
#     sgperf bench -e wasmtime -e native mruby
# finds it.  Installs nothing: the Ruby that mruby's own build wants is unpacked from Debian's packages for as long as
# the build takes (about a minute).  Run again it only checks, and needs no network.
# Exit codes: 0 ready, 2 wrong use, 4 this machine cannot build it (the message says what is missing).
set -eu

version=3.1.0
sha256=64ce0a967028a1a913d3dfc8d3f33b295332ab73be6f68e96d0f675f18c79ca8

say() { printf '%s\n' "build-mruby: $*"; }
fail() {
  printf '%s\n' "build-mruby: $*" >&2
  exit 4
}

case ${1-} in
'') ;;
-h | --help)
  sed -n '3,8s/^# \{0,1\}//p' "$0"
  exit 0
  ;;
*)
  printf '%s\n' "build-mruby: expected no argument, found '$1'" >&2
  exit 2
  ;;
esac

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
cache=${SGPERF_CACHE:-${XDG_CACHE_HOME:-${HOME:?is not set, and neither is SGPERF_CACHE}/.cache}/sgperf}
folder=$cache/workloads/mruby
archive=$cache/sources/mruby_$version.orig.tar.gz
clang=${CLANG:-clang-16} llvm_ar=${LLVM_AR:-llvm-ar-16}

# Of everything that the result is made from.
inputs() {
  cat "$here/build-mruby.sh" "$here/sgperf_bench.h" "$here/mruby/mruby.c" "$here/mruby/script.rb" \
    "$here/mruby/mruby.stdout.expected" "$here/mruby/build_config.rb" "$here/mruby/setjmp.h" |
    sha256sum | cut -d ' ' -f 1
}
made_from=$(inputs)
if [ -f "$folder/mruby.wasm" ] && [ -f "$folder/mruby.so" ] && [ "$(cat "$folder/made-from" 2>/dev/null)" = "$made_from" ]; then
  say "ready: $folder/mruby.wasm"
  exit 0
fi

for program in apt-get apt-cache dpkg-deb "$clang" "$llvm_ar" gcc tar; do
  command -v "$program" >/dev/null 2>&1 ||
    fail "expected the program '$program' to build mruby, found none; packaging/debian-12.txt names the packages"
done
mkdir -p "$folder" "$cache/sources" || fail "cannot create $folder and $cache/sources"
work=$(mktemp -d "$folder/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
log=$work/log

# Lists of source packages of the sites that this machine's apt is set to, in a folder of ours.
private_apt() {
  "$@" -o "Dir::Etc::SourceList=$work/apt/sources.list" -o "Dir::Etc::SourceParts=$work/apt/parts" \
    -o "Dir::State::Lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o Debug::NoLocking=true \
    -o APT::Sandbox::User="$(id -un)"
}
right_archive() { [ -f "$archive" ] && [ "$(sha256sum <"$archive" | cut -d ' ' -f 1)" = "$sha256" ]; }
if ! right_archive; then
  say "fetching the source package mruby $version"
  mkdir -p "$work/apt/parts" "$work/apt/lists/partial" "$work/apt/cache/archives/partial" "$work/source"
  for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    if [ -f "$list" ]; then sed -n 's/^deb /deb-src /p' "$list" >>"$work/apt/sources.list"; fi
  done
  for list in /etc/apt/sources.list.d/*.sources; do
    if [ -f "$list" ]; then sed 's/^Types:.*/Types: deb-src/' "$list" >"$work/apt/parts/${list##*/}"; fi
  done
  private_apt apt-get -qq update >>"$log" 2>&1 || fail "apt-get could not fetch the lists of source packages; is there a network?
$(tail -n 5 "$log")"
  (cd "$work/source" && private_apt apt-get -qq source --download-only mruby) >>"$log" 2>&1 ||
    fail "apt-get could not fetch the source package mruby
$(tail -n 5 "$log")"
  for file in "$work/source/mruby_$version"*.orig.tar.gz; do mv "$file" "$archive"; done 2>/dev/null ||
    fail "expected mruby $version, found $(cd "$work/source" && echo *); put mruby_$version.orig.tar.gz at $archive"
  right_archive || {
    found=$(sha256sum <"$archive" | cut -d ' ' -f 1)
    rm -f "$archive"
    fail "expected mruby_$version.orig.tar.gz with sha256 $sha256, found $found; the package has changed"
  }
fi
mkdir "$work/mruby"
tar -xzf "$archive" -C "$work/mruby" --strip-components=1 || fail "$archive cannot be unpacked"

# Ruby itself, unpacked, not installed.
mkdir "$work/packages" "$work/ruby"
(cd "$work/packages" && apt-get -qq download ruby3.1 libruby3.1 libyaml-0-2 rake) >>"$log" 2>&1 ||
  fail "apt-get could not download ruby3.1, libruby3.1, libyaml-0-2 and rake, which mruby's build needs (run apt-get update?)
$(tail -n 5 "$log")"
for package in "$work/packages"/*.deb; do dpkg-deb -x "$package" "$work/ruby"; done
ruby=$work/ruby/usr
rake=$(echo "$ruby"/share/rubygems-integration/all/gems/rake-*/lib)
triplet=$(gcc -print-multiarch)
private_ruby() {
  LD_LIBRARY_PATH=$ruby/lib/$triplet RUBYLIB=$rake:$ruby/lib/ruby/3.1.0:$ruby/lib/$triplet/ruby/3.1.0 \
    "$ruby/bin/ruby3.1" --disable-gems "$@"
}

say "building mruby (a minute or two)"
(cd "$work/mruby" && NO_ERRORS=$here/mruby CLANG=$clang LLVM_AR=$llvm_ar MRUBY_CONFIG=$here/mruby/build_config.rb \
  private_ruby -e 'require "rake"; Rake.application.run' -- -j "$(nproc)") >>"$log" 2>&1 </dev/null ||
  fail "mruby's build failed
$(tail -n 20 "$log" | cut -c 1-300)"

# The script as C text.
sed 's/\\/\\\\/g; s/"/\\"/g; s/^/"/; s/$/\\n"/' "$here/mruby/script.rb" >"$work/script.inc"
compile() { # compile KIND COMPILER.. -o FILE
  kind=$1
  shift
  "$@" -O2 -std=gnu11 -ffp-contract=off -DMRB_INT64 -DMRB_NO_BOXING -I"$here/mruby" -I"$work" -I"$here" \
    -I"$work/mruby/include" -I"$work/mruby/build/$kind/include" "$here/mruby/mruby.c" \
    "$work/mruby/build/$kind/lib/libmruby.a" -lm >>"$log" 2>&1 || fail "the program around mruby cannot be compiled
$(tail -n 20 "$log")"
}
compile wasm "$clang" --target=wasm32-wasi -mexec-model=command -Wl,--strip-debug -o "$work/mruby.wasm"
compile native gcc -shared -fPIC -fvisibility=hidden -Dmain=native_entry -o "$work/mruby.so"

# What the script says is Ruby's own: another implementation must say the same.
if ! private_ruby -e 'print eval(File.read(ARGV[0]))' "$here/mruby/script.rb" >"$work/said" 2>>"$log" ||
  ! cmp -s "$work/said" "$here/mruby/mruby.stdout.expected"; then
  fail "$ruby/bin/ruby3.1 does not print what $here/mruby/mruby.stdout.expected holds
$(tail -n 5 "$log")"
fi

cp "$work/mruby/LICENSE" "$folder/LICENSE"
cp "$here/mruby/mruby.stdout.expected" "$folder/mruby.stdout.expected"
mv "$work/mruby.so" "$folder/mruby.so"
mv "$work/mruby.wasm" "$folder/mruby.wasm"
printf '%s\n' "$made_from" >"$folder/made-from"
say "ready: $folder/mruby.wasm ($(($(wc -c <"$folder/mruby.wasm") / 1000)) kB)"
