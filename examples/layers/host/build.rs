// SPDX-License-Identifier: Apache-2.0

/// libkernel.so lies beside the program.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-link-arg-bins=-Wl,-rpath,$ORIGIN");
}
