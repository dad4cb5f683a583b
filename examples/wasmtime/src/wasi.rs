// SPDX-License-Identifier: Apache-2.0
//! As much of WASI preview 1 as a program needs that computes and prints: arguments, standard streams, clocks, random
//! numbers, exit. No files: what a module imports beyond this traps when it is called.

use std::fs::File;
use std::io::{Read, Write};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use wasmtime::{Caller, Error, Extern, Linker, Memory, Result};

const SUCCESS: i32 = 0;
const BADF: i32 = 8;
const FAULT: i32 = 21;
const INVAL: i32 = 28;
const IO: i32 = 29;
const SPIPE: i32 = 70;

/// What the host keeps of one run of a guest.
pub struct World {
    arguments: Vec<String>,
    started: Instant,
}

impl World {
    pub fn new(arguments: &[String]) -> World {
        World { arguments: arguments.to_vec(), started: Instant::now() }
    }
}

/// proc_exit(code) on its way out of the guest.
#[derive(Debug)]
pub struct Exit(pub u8);

impl std::fmt::Display for Exit {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "exit with code {}", self.0)
    }
}
impl std::error::Error for Exit {}

type Guest<'a> = Caller<'a, World>;

fn memory(guest: &mut Guest<'_>) -> Result<Memory> {
    match guest.get_export("memory") {
        Some(Extern::Memory(memory)) => Ok(memory),
        _ => Err(Error::msg("expected a WASI module to export its memory, found none")),
    }
}

fn write_u32(guest: &mut Guest<'_>, at: u32, value: u32) -> Result<()> {
    Ok(memory(guest)?.write(guest, at as usize, &value.to_le_bytes())?)
}

/// The buffers of an iovec array, as ranges of the memory.
fn buffers(guest: &mut Guest<'_>, at: u32, count: u32) -> Result<Option<Vec<(usize, usize)>>> {
    let memory = memory(guest)?;
    let bytes = memory.data(guest);
    let word = |at: u64| {
        let at = usize::try_from(at).ok()?;
        Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    let range = |index: u64| {
        let start = word(u64::from(at) + 8 * index)? as usize;
        let end = start.checked_add(word(u64::from(at) + 8 * index + 4)? as usize)?;
        (end <= bytes.len()).then_some((start, end))
    };
    Ok((0..u64::from(count)).map(range).collect())
}

fn fd_write(mut guest: Guest<'_>, fd: i32, at: i32, count: i32, written_at: i32) -> Result<i32> {
    sgperf::scope!("wasmtime_host::fd_write");
    let Some(ranges) = buffers(&mut guest, at as u32, count as u32)? else {
        return Ok(INVAL);
    };
    let memory = memory(&mut guest)?;
    let bytes = memory.data(&guest);
    let mut written = 0;
    for (start, end) in ranges {
        let result = match fd {
            1 => std::io::stdout().write_all(&bytes[start..end]),
            2 => std::io::stderr().write_all(&bytes[start..end]),
            _ => return Ok(BADF),
        };
        if result.is_err() {
            return Ok(IO);
        }
        written += end - start;
    }
    if fd == 1 && std::io::stdout().flush().is_err() {
        return Ok(IO);
    }
    sgperf::count!("wasmtime_host::bytes_written", written);
    write_u32(&mut guest, written_at as u32, written as u32)?;
    Ok(SUCCESS)
}

fn fd_read(mut guest: Guest<'_>, fd: i32, at: i32, count: i32, read_at: i32) -> Result<i32> {
    sgperf::scope!("wasmtime_host::fd_read");
    if fd != 0 {
        return Ok(BADF);
    }
    let Some(ranges) = buffers(&mut guest, at as u32, count as u32)? else {
        return Ok(INVAL);
    };
    let memory = memory(&mut guest)?;
    let mut had = 0;
    if let Some(&(start, end)) = ranges.iter().find(|(start, end)| start < end) {
        match std::io::stdin().read(&mut memory.data_mut(&mut guest)[start..end]) {
            Ok(bytes) => had = bytes,
            Err(_) => return Ok(IO),
        }
    }
    write_u32(&mut guest, read_at as u32, had as u32)?;
    Ok(SUCCESS)
}

/// Standard streams are character devices without a position; there are no others.
fn fd_fdstat_get(mut guest: Guest<'_>, fd: i32, at: i32) -> Result<i32> {
    if !(0..3).contains(&fd) {
        return Ok(BADF);
    }
    let mut stat = [0u8; 24];
    stat[0] = 2; // filetype: character_device
    stat[8..16].copy_from_slice(&0x42u64.to_le_bytes()); // rights: fd_read, fd_write
    memory(&mut guest)?.write(&mut guest, at as u32 as usize, &stat)?;
    Ok(SUCCESS)
}

fn args_sizes_get(mut guest: Guest<'_>, count_at: i32, size_at: i32) -> Result<i32> {
    let count = guest.data().arguments.len() as u32;
    let size: usize = guest.data().arguments.iter().map(|argument| argument.len() + 1).sum();
    write_u32(&mut guest, count_at as u32, count)?;
    write_u32(&mut guest, size_at as u32, size as u32)?;
    Ok(SUCCESS)
}

fn args_get(mut guest: Guest<'_>, pointers_at: i32, text_at: i32) -> Result<i32> {
    let memory = memory(&mut guest)?;
    let (mut pointer, mut text) = (pointers_at as u32, text_at as u32);
    for argument in guest.data().arguments.clone() {
        write_u32(&mut guest, pointer, text)?;
        memory.write(&mut guest, text as usize, argument.as_bytes())?;
        memory.write(&mut guest, text as usize + argument.len(), &[0])?;
        pointer += 4;
        text += argument.len() as u32 + 1;
    }
    Ok(SUCCESS)
}

fn clock_time_get(mut guest: Guest<'_>, clock: i32, _precision: i64, at: i32) -> Result<i32> {
    let time = match clock {
        0 => SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default(),
        1..=3 => guest.data().started.elapsed(),
        _ => return Ok(INVAL),
    };
    memory(&mut guest)?.write(&mut guest, at as u32 as usize, &(time.as_nanos() as u64).to_le_bytes())?;
    Ok(SUCCESS)
}

fn random_get(mut guest: Guest<'_>, at: i32, size: i32) -> Result<i32> {
    let begin = at as u32 as usize;
    let Some(bytes) = memory(&mut guest)?.data_mut(&mut guest).get_mut(begin..begin + size as u32 as usize) else {
        return Ok(FAULT);
    };
    Ok(match File::open("/dev/urandom").and_then(|mut file| file.read_exact(bytes)) {
        Ok(()) => SUCCESS,
        Err(_) => IO,
    })
}

pub fn define(linker: &mut Linker<World>) -> Result<()> {
    const MODULE: &str = "wasi_snapshot_preview1";
    linker.func_wrap(MODULE, "fd_write", fd_write)?;
    linker.func_wrap(MODULE, "fd_read", fd_read)?;
    linker.func_wrap(MODULE, "fd_fdstat_get", fd_fdstat_get)?;
    linker.func_wrap(MODULE, "args_sizes_get", args_sizes_get)?;
    linker.func_wrap(MODULE, "args_get", args_get)?;
    linker.func_wrap(
        MODULE,
        "environ_sizes_get",
        |mut guest: Guest<'_>, count_at: i32, size_at: i32| -> Result<i32> {
            write_u32(&mut guest, count_at as u32, 0)?;
            write_u32(&mut guest, size_at as u32, 0)?;
            Ok(SUCCESS)
        },
    )?;
    linker.func_wrap(MODULE, "environ_get", |_: i32, _: i32| SUCCESS)?;
    linker.func_wrap(MODULE, "clock_time_get", clock_time_get)?;
    linker.func_wrap(MODULE, "random_get", random_get)?;
    linker.func_wrap(MODULE, "fd_close", |fd: i32| {
        sgperf::scope!("wasmtime_host::fd_close");
        if (0..3).contains(&fd) {
            SUCCESS
        } else {
            BADF
        }
    })?;
    linker.func_wrap(
        MODULE,
        "fd_seek",
        |fd: i32, _: i64, _: i32, _: i32| if (0..3).contains(&fd) { SPIPE } else { BADF },
    )?;
    linker.func_wrap(MODULE, "fd_prestat_get", |_: i32, _: i32| BADF)?;
    linker.func_wrap(MODULE, "fd_prestat_dir_name", |_: i32, _: i32, _: i32| BADF)?;
    linker.func_wrap(MODULE, "proc_exit", |code: i32| -> Result<()> { Err(Error::new(Exit(code as u8))) })?;
    Ok(())
}
