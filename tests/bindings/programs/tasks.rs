// SPDX-License-Identifier: Apache-2.0
//! tasks TASKS POLLS: tasks that yield, each poll on another thread than the one before. An instrumented future is in its
//! scope while it is polled; a frame that moves with its task ends on the thread that ends it.

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc::{channel, Receiver, Sender};
use std::task::{Context, Poll, Waker};
use std::thread;

struct YieldTimes(u32);
impl Future for YieldTimes {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        Poll::Pending
    }
}

fn step() {
    sgperf::scope!("tasks::step"); // a child of whatever is open where it runs
    std::hint::black_box(());
}

static WHOLE: sgperf::Site = sgperf::site!("tasks::whole");

async fn task(yields: u32) {
    let mut whole = sgperf::Frame::new();
    whole.begin(&WHOLE);
    step();
    YieldTimes(yields).await;
    step();
    whole.end();
}

type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Polls what comes and hands it on, to the next thread of the ring or to `done`.
fn worker(tasks: Receiver<Option<Task>>, next: Sender<Option<Task>>, done: Sender<()>) {
    let mut context = Context::from_waker(Waker::noop());
    while let Ok(Some(mut task)) = tasks.recv() {
        match task.as_mut().poll(&mut context) {
            Poll::Ready(()) => done.send(()).expect("main waits"),
            Poll::Pending => next.send(Some(task)).expect("a ring"),
        }
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u32>().expect("a number"));
    let (tasks, polls) = (arguments.next().expect("TASKS"), arguments.next().expect("POLLS"));
    const THREADS: usize = 3;
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| channel()).unzip();
    let (done, finished) = channel();
    let handles: Vec<_> = receivers
        .into_iter()
        .enumerate()
        .map(|(index, receiver)| {
            let (next, done) = (senders[(index + 1) % THREADS].clone(), done.clone());
            thread::spawn(move || worker(receiver, next, done))
        })
        .collect();
    for number in 0..tasks {
        let task = sgperf::instrument!("tasks::polled", task(polls - 1));
        senders[number as usize % THREADS].send(Some(Box::pin(task))).expect("a worker");
    }
    for _ in 0..tasks {
        finished.recv().expect("a task");
    }
    for sender in &senders {
        sender.send(None).expect("a worker");
    }
    for handle in handles {
        handle.join().expect("a worker");
    }
    println!("{tasks} tasks");
}
