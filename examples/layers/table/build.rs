// SPDX-License-Identifier: Apache-2.0

/// build.sh compiles libkernel.so first and says where it is.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LAYERS_KERNEL");
    match std::env::var("LAYERS_KERNEL") {
        Ok(folder) => println!("cargo::rustc-link-search=native={folder}"),
        Err(_) => println!("cargo::error=expected the folder of libkernel.so in LAYERS_KERNEL; build with build.sh"),
    }
}
