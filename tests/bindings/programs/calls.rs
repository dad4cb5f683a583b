// SPDX-License-Identifier: Apache-2.0
//! calls live|off: every call into the runtime, with one and without.

use sgperf::{Error, Kind, Row};

static SWITCHED: sgperf::Site = sgperf::site!("calls::switched");

fn live() {
    assert!(sgperf::version() >= sgperf::VERSION);
    assert!(sgperf::feature("session") && !sgperf::feature("no such thing"));
    sgperf::set_thread_name("calls main").unwrap();

    // Sites made at run time: the same name is the same site, kinds are apart.
    let site = sgperf::Site::intern("calls::dynamic").unwrap();
    assert!(std::ptr::eq(site, sgperf::Site::intern("calls::dynamic").unwrap()));
    for _ in 0..7 {
        sgperf::scope!(*site);
    }
    sgperf::Counter::intern("calls::dynamic_bytes").unwrap().add(40);
    sgperf::Counter::intern("calls::dynamic_bytes").unwrap().add(2);
    sgperf::Gauge::intern("calls::dynamic_depth").unwrap().max(9);
    assert_eq!(sgperf::Site::intern("").err().map(Error::errno), Some(22));

    // Switched off while it is open, on again later: only what began live is counted.
    {
        sgperf::scope!(SWITCHED);
        assert_eq!(sgperf::enable("calls::switched", false), Ok(1));
    }
    for _ in 0..5 {
        sgperf::scope!(SWITCHED);
    }
    {
        sgperf::scope!(SWITCHED);
        assert_eq!(sgperf::enable("calls::switched", true), Ok(1));
    }
    sgperf::scope!(SWITCHED);

    // Phases.
    {
        sgperf::phase!("compile");
        sgperf::phase!("inner", 7);
    }
    sgperf::phase::begin("execute", 1).unwrap();
    sgperf::phase::begin("execute", 2).unwrap();
    sgperf::phase::end("execute", 1).unwrap();
    assert_eq!(sgperf::phase::end("execute", 2).err().map(Error::errno), Some(2), "closed with the first, as aborted");
    sgperf::bench::start(3).unwrap();
    assert_eq!(sgperf::bench::start(3).err().map(Error::errno), Some(114));
    sgperf::bench::end(3).unwrap();
    assert_eq!(sgperf::bench::end(3).err().map(Error::errno), Some(2));

    // JIT code; a name longer than any that fits is cut at a character.
    let code = [0x90u8, 0x90, 0xc3];
    sgperf::jit::load("calls!nops [test]", &code).unwrap();
    sgperf::jit::unload(code.as_ptr()).unwrap();
    let owned = sgperf::jit::Code::load(&"\u{e9}".repeat(400), &code[1..]).unwrap();
    drop(owned);
    sgperf::flush().unwrap();

    // The program's own table.
    let mut before = [Row::EMPTY; 32];
    let had = sgperf::snapshot(&mut before).unwrap();
    assert!(had < before.len());
    sgperf::count!("calls::after", 5);
    for _ in 0..3 {
        sgperf::scope!(*site);
    }
    let mut after = [Row::EMPTY; 32];
    let have = sgperf::snapshot(&mut after).unwrap();
    sgperf::subtract(&mut after[..have], &before[..had]);
    let row = |name: &str| after[..have].iter().find(|row| row.name() == name).unwrap_or_else(|| panic!("no {name}"));
    assert_eq!((row("calls::dynamic").kind(), row("calls::dynamic").count()), (Kind::Scope, 3));
    assert!(row("calls::dynamic").total() >= row("calls::dynamic").self_time());
    assert_eq!((row("calls::after").kind(), row("calls::after").total()), (Kind::Counter, 5));
    assert_eq!((row("calls::dynamic_depth").kind(), row("calls::dynamic_depth").max()), (Kind::Gauge, 9));
    assert_eq!(row("calls::dynamic_bytes").total(), 0, "not since the first snapshot");
    assert_eq!(sgperf::snapshot(&mut []), Ok(have));

    sgperf::detach().unwrap();
    for _ in 0..5 {
        sgperf::scope!(*site);
    }
    println!("live");
}

fn off() {
    let none = Err(Error::NO_RUNTIME);
    assert_eq!(sgperf::version(), 0);
    assert!(!sgperf::feature("session"));
    assert_eq!(sgperf::set_thread_name("calls"), none);
    let site = sgperf::Site::intern("calls::dynamic").unwrap();
    sgperf::scope!(*site);
    sgperf::Counter::intern("calls::dynamic").unwrap().add(1);
    assert_eq!(sgperf::enable("*", true).map(drop), none);
    sgperf::phase!("compile");
    assert_eq!(sgperf::phase::begin("execute", 0), none);
    assert_eq!(sgperf::phase::end("execute", 0), none);
    assert_eq!(sgperf::bench::start(1), none);
    assert_eq!(sgperf::bench::end(1), none);
    assert_eq!(sgperf::jit::load("calls", &[0xc3]), none);
    assert_eq!(sgperf::jit::unload([0u8].as_ptr()), none);
    assert!(sgperf::jit::Code::load("calls", &[0xc3]).is_err());
    assert_eq!(sgperf::snapshot(&mut [Row::EMPTY; 4]).map(drop), none);
    assert_eq!(sgperf::flush(), none);
    assert_eq!(sgperf::detach(), none);
    assert!(Error::NO_RUNTIME.to_string().contains("no sgperf runtime"));
    println!("off");
}

fn main() {
    match std::env::args().nth(1).as_deref() {
        Some("live") => live(),
        Some("off") => off(),
        other => panic!("expected live or off, found {other:?}"),
    }
}
