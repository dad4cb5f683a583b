// SPDX-License-Identifier: Apache-2.0
//! A host of Wasmtime as its users write them, with phases, scopes, the hooks of a benchmark, and names for profilers:
//!
//!     host [--aot FILE] [--compile N] [--repeat N] [--invoke NAME] MODULE.wasm [ARGUMENT..]
//!
//! `--compile N` compiles N times and runs nothing; `--repeat N` instantiates and runs N times; `--aot FILE` writes the
//! machine code to FILE and runs it from there. The guest's exit code is the program's, 134 if it traps.

mod code;
mod options;
mod wasi;

use std::process::ExitCode;
use wasmtime::{Config, Engine, Error, Instance, Linker, Module, Result, Store};

use crate::code::NamedCode;
use crate::options::Options;
use crate::wasi::{Exit, World};

const TRAPPED: u8 = 134; // as a program that aborts

fn compile(engine: &Engine, bytes: &[u8]) -> Result<Module> {
    sgperf::phase!("compile");
    sgperf::scope!("wasmtime_host::compile");
    Module::new(engine, bytes)
}

/// Ahead of time: to a file, and from there as another process would.
fn through_file(engine: &Engine, module: &Module, path: &str) -> Result<Module> {
    {
        sgperf::phase!("serialize");
        std::fs::write(path, module.serialize()?).map_err(|error| Error::msg(format!("{path}: {error}")))?;
    }
    sgperf::phase!("deserialize");
    // Safety: written a moment ago by this engine.
    unsafe { Module::deserialize_file(engine, path) }
}

fn linker(engine: &Engine, module: &Module) -> Result<Linker<World>> {
    sgperf::scope!("wasmtime_host::linker");
    let mut linker = Linker::new(engine);
    wasi::define(&mut linker)?;
    // Without a runtime there is nobody to measure: the hooks do nothing.
    linker.func_wrap("bench", "start", || drop(sgperf::bench::start(0)))?;
    linker.func_wrap("bench", "end", || drop(sgperf::bench::end(0)))?;
    linker.define_unknown_imports_as_traps(module)?;
    Ok(linker)
}

fn instantiate(linker: &Linker<World>, store: &mut Store<World>, module: &Module) -> Result<Instance> {
    sgperf::phase!("instantiate");
    linker.instantiate(store, module)
}

/// The guest's exit code.
fn execute(instance: Instance, store: &mut Store<World>, name: &str) -> Result<u8> {
    let start = instance.get_typed_func::<(), ()>(&mut *store, name)?;
    sgperf::phase!("execute");
    match start.call(store, ()) {
        Ok(()) => Ok(0),
        Err(error) => match error.downcast_ref::<Exit>() {
            Some(Exit(code)) => Ok(*code),
            None => Err(error),
        },
    }
}

fn run(options: &Options) -> Result<u8> {
    sgperf::scope!("wasmtime_host::run");
    let bytes = std::fs::read(&options.module)?;
    let engine = Engine::new(&Config::new())?;
    for _ in 0..options.compile {
        compile(&engine, &bytes)?;
    }
    if options.compile > 0 {
        return Ok(0);
    }
    let mut module = compile(&engine, &bytes)?;
    if let Some(path) = &options.aot {
        module = through_file(&engine, &module, path)?;
    }
    let _code = NamedCode::load(&module);
    let linker = linker(&engine, &module)?;
    let mut exit = 0;
    for _ in 0..options.repeat {
        let mut store = Store::new(&engine, World::new(&options.arguments));
        let instance = instantiate(&linker, &mut store, &module)?;
        exit = execute(instance, &mut store, &options.invoke)?;
        if exit != 0 {
            break;
        }
    }
    Ok(exit)
}

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("host: {message}");
            return ExitCode::from(64);
        }
    };
    match run(&options) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("host: {}: {error:?}", options.module);
            ExitCode::from(if error.is::<wasmtime::Trap>() { TRAPPED } else { 2 })
        }
    }
}
