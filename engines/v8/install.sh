#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# V8 10.2: the library and headers of Debian's node 18, unpacked into a folder, since these packages conflict with another node.
#: engine v8-10.2
set -eu
. "${0%/*}/../install.sh"

begin 2 "$@"
step "fetching Debian's libnode108, libnode-dev and libc-ares2"
debs v8 libnode108 libnode-dev libc-ares2

step "putting it into place"
lib=$root/usr/lib/x86_64-linux-gnu
number() { sed -n "s/^#define V8_$1 \([0-9]*\)\$/\1/p" "$root/usr/include/node/v8-version.h"; }
version=$(number MAJOR_VERSION).$(number MINOR_VERSION).$(number BUILD_NUMBER).$(number PATCH_LEVEL)
case $version in
10.2.*) ;;
*) fail 5 "expected V8 10.2 in libnode-dev, found '$version'" ;;
esac
mkdir "$fresh/lib" "$fresh/include"
cp "$lib/libnode.so.108" "$fresh/lib/"
cp -L "$lib/libcares.so.2" "$fresh/lib/"
cp -R "$root/usr/include/node" "$fresh/include/"
LD_LIBRARY_PATH=$fresh/lib loads "$fresh/lib/libnode.so.108" "Debian: apt install --no-install-recommends libicu72 libnghttp2-14 libuv1 libssl3 libbrotli1 zlib1g"
finish "Debian packages $(deb_versions)" "$version" "BSD-3-Clause (V8), MIT (node)" "by Debian"
