// SPDX-License-Identifier: Apache-2.0
//! What profilers call the module's machine code.

use wasmtime::Module;

/// Every function of a module, known to sgperf as long as this value lives: drop it before the module.
pub struct NamedCode<'module> {
    module: &'module Module,
    /// Offsets in the module's text.
    loaded: Vec<usize>,
}

impl NamedCode<'_> {
    pub fn load(module: &Module) -> NamedCode<'_> {
        sgperf::scope!("wasmtime_host::name_code");
        let text = module.text();
        let name = module.name().unwrap_or("wasm");
        let mut loaded = Vec::new();
        // Nobody listens without a runtime, and names cost an allocation each.
        if sgperf::feature("jit.code") {
            for function in module.functions() {
                let code = &text[function.offset..function.offset + function.len];
                let index = function.index.as_u32();
                let title = match &function.name {
                    Some(function) => format!("{name}!{function}"),
                    None => format!("{name}!func[{index}]"),
                };
                if sgperf::jit::load(&title, code).is_ok() {
                    loaded.push(function.offset);
                }
            }
        }
        NamedCode { module, loaded }
    }
}

impl Drop for NamedCode<'_> {
    fn drop(&mut self) {
        for &offset in &self.loaded {
            let _ = sgperf::jit::unload(self.module.text()[offset..].as_ptr());
        }
    }
}
