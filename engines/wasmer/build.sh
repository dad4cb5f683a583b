# SPDX-License-Identifier: Apache-2.0
# Wasmer's crates, compiled: for engines/wasmer, engines/wasmer-llvm and engines/wasmer-cli, which share what is compiled.

wasmer_version=7.4.2

# wasmer_project CRATE: fetched, with all that it needs
wasmer_project() {
  need_cc
  need_cargo 1.95
  step "fetching the crate $1 $wasmer_version"
  lock "wasmer-$wasmer_version"
  # A build script insists on this name.
  target=$sources/wasmer-$wasmer_version/target
  copied_crate "$1" "$wasmer_version"
  step "fetching what it needs (about 450 crates)"
  cargo_fetch
}

# wasmer_library FEATURE,..: the C API with these compilers
wasmer_library() {
  features=sys-default,$1,compiler,wasi,middlewares,wat
  cargo_offline build --lib --no-default-features --features "$features"
  step "putting it into place"
  place_library "$target/release/libwasmer.so" libwasmer.so
  mkdir "$fresh/include"
  cp "$project"/*.h "$fresh/include/"
}
