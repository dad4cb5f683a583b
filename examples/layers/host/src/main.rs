// SPDX-License-Identifier: Apache-2.0
//! layers [CALLS [THREADS [NUMBER [OTHER [ARGUMENT]]]]]
//!
//! Runs guest.wasm, which lies beside the program, on each of THREADS threads: CALLS system calls NUMBER(ARGUMENT), or
//! NUMBER and OTHER in turn. Default: one million close(-1) on one thread.

mod engine;

use std::process::ExitCode;
use std::sync::Once;
use std::thread;

use engine::{Arguments, Error, Guest, Program};

struct Options {
    threads: usize,
    arguments: Arguments,
}

fn options(given: &[String]) -> Result<Options, String> {
    let number = |at: usize, default: i32, least: i32| match given.get(at) {
        None => Ok(default),
        Some(text) => match text.parse::<i32>() {
            Ok(number) if number >= least => Ok(number),
            _ => Err(format!("expected a whole number from {least} to {}, found '{text}'", i32::MAX)),
        },
    };
    if let Some(extra) = given.get(5) {
        return Err(format!("expected at most 5 arguments, found one more: '{extra}'"));
    }
    let calls = number(0, 1_000_000, 0)?;
    let threads = number(1, 1, 1)? as usize;
    let first = number(2, layers_dispatch::CLOSE, i32::MIN)?;
    let other = number(3, first, i32::MIN)?;
    let argument = number(4, -1, i32::MIN)?;
    Ok(Options { threads, arguments: (calls, first, other, argument) })
}

/// What a guest's last system call returned, and how many handlers panicked.
fn run(program: &Program, arguments: Arguments) -> Result<(i32, u64), Error> {
    let mut guest = Guest::new(program)?;
    let last = guest.run(arguments)?;
    Ok((last, guest.panics()))
}

fn run_all(options: &Options) -> Result<(), Error> {
    let program = Program::load(&std::env::current_exe()?.with_file_name("guest.wasm"))?;
    let results: Vec<_> = if options.threads == 1 {
        vec![run(&program, options.arguments)]
    } else {
        thread::scope(|scope| {
            let spawn = |number| {
                let program = &program;
                scope.spawn(move || {
                    let _ = sgperf::set_thread_name(&format!("guest {number}"));
                    run(program, options.arguments)
                })
            };
            let threads: Vec<_> = (1..=options.threads).map(spawn).collect();
            threads.into_iter().map(|thread| thread.join().expect("a thread that does not panic")).collect()
        })
    };
    for (index, result) in results.into_iter().enumerate() {
        let (last, panics) = result?;
        let calls = options.arguments.0;
        print!("guest {}: {calls} system calls, the last returned {last}", index + 1);
        println!("{}", if panics > 0 { format!("; {panics} handlers panicked") } else { String::new() });
    }
    Ok(())
}

/// One message says it all; a guest can make a handler panic a million times.
fn report_first_panic_only() {
    static FIRST: Once = Once::new();
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| FIRST.call_once(|| report(info))));
}

fn main() -> ExitCode {
    let given: Vec<String> = std::env::args().skip(1).collect();
    let options = match options(&given) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("layers: {message}\nusage: layers [CALLS [THREADS [NUMBER [OTHER [ARGUMENT]]]]]");
            return ExitCode::from(2);
        }
    };
    report_first_panic_only();
    match run_all(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("layers: {error}");
            ExitCode::FAILURE
        }
    }
}
