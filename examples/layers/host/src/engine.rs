// SPDX-License-Identifier: Apache-2.0
//! The engine, and the host function through which a guest leaves it.

use std::fs::File;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;

use layers_table::{Errno, Table};
use wasmi::{Caller, Engine, Linker, Module, Store, TypedFunc};

pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// A compiled module; any number of threads may instantiate it.
pub struct Program {
    module: Module,
    linker: Linker<Host>,
}

impl Program {
    pub fn load(path: &Path) -> Result<Program, Error> {
        let wasm = std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let engine = Engine::default();
        let module = Module::new(&engine, &wasm)?;
        let mut linker = Linker::new(&engine);
        linker.func_wrap("env", "syscall", syscall)?;
        Ok(Program { module, linker })
    }
}

/// What the host keeps for one guest.
struct Host {
    table: Table,
    panics: u64,
}

/// calls, number, other, argument: as in guest.c.
pub type Arguments = (i32, i32, i32, i32);

/// An instance, with descriptors of its own.
pub struct Guest {
    store: Store<Host>,
    run: TypedFunc<Arguments, i32>,
}

impl Guest {
    pub fn new(program: &Program) -> Result<Guest, Error> {
        let null = || File::open("/dev/null").map(Into::into);
        let table = Table::new(vec![null()?, null()?, null()?]);
        let mut store = Store::new(program.module.engine(), Host { table, panics: 0 });
        let instance = program.linker.instantiate_and_start(&mut store, &program.module)?;
        let run = instance.get_typed_func::<Arguments, i32>(&store, "run")?;
        Ok(Guest { store, run })
    }

    /// What the guest's last system call returned.
    pub fn run(&mut self, arguments: Arguments) -> Result<i32, Error> {
        sgperf::scope!("host::run");
        Ok(self.run.call(&mut self.store, arguments)?)
    }

    /// Handlers that panicked.
    pub fn panics(&self) -> u64 {
        self.store.data().panics
    }
}

/// The import `env.syscall`. A handler's panic ends here, as a fault of the guest: it must not unwind into the engine.
fn syscall(mut caller: Caller<'_, Host>, number: i32, a: i32, b: i32, c: i32) -> i32 {
    sgperf::scope!("host::syscall");
    let host = caller.data_mut();
    let call = AssertUnwindSafe(|| layers_dispatch::make_syscall(&mut host.table, number, [a, b, c]));
    let result = catch_unwind(call).unwrap_or_else(|_| {
        host.panics += 1;
        Err(Errno::FAULT)
    });
    result.unwrap_or_else(|Errno(error)| -error)
}
