//! A program that runs until the test is over.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process};

/// How many of its last lines are kept for messages.
const KEPT: usize = 50;

/// A running `redis-server`.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
}

impl Process {
    /// Starts it with this configuration, and waits until it says that it is ready. Otherwise, what it said.
    pub(super) fn start(configuration: &Path, arguments: &[&str], ready: &str) -> Result<Self, String> {
        let mut child = Command::new("redis-server")
            .arg(configuration)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let said = Arc::new(Mutex::new(VecDeque::new()));
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let is_ready = lines.any(|line| {
            let is_ready = line.contains(ready);
            note(&said, line);
            is_ready
        });
        if !is_ready {
            child.wait().unwrap();
            return Err(said.lock().make_contiguous().join("\n"));
        }
        // It stops when nobody reads what it says.
        thread::spawn(move || lines.for_each(|line| note(&said, line)));
        Ok(Self { child })
    }

    /// Sends a signal to it.
    pub(super) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Ends it in an orderly way.
    pub(super) fn terminate(mut self) {
        self.signal(Signal::TERM);
        self.child.wait().unwrap();
    }
}

fn note(said: &Mutex<VecDeque<String>>, line: String) {
    let mut said = said.lock();
    if said.len() == KEPT {
        said.pop_front();
    }
    said.push_back(line);
}

/// It ends as if the machine had lost its power.
impl Drop for Process {
    fn drop(&mut self) {
        // After `terminate` there is nothing left to kill.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
