//! One server.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::Signal;
use tempfile::TempDir;
use url::Url;

use super::process::Process;
use super::{RedisOptions, port, wait};

/// What a server says when it takes commands.
const READY: &str = "Ready to accept connections";

/// What a sentinel says then.
const WATCHING: &str = "Sentinel ID is";

/// What it says when somebody else took its port in the meantime.
const TAKEN: &str = "Address already in use";

/// How often another port is tried.
const TRIES: usize = 5;

/// A server on a port of `127.0.0.1`, with a directory of its own. Both are gone with this value.
#[derive(Debug)]
pub struct RedisServer {
    options: RedisOptions,
    port: u16,
    directory: TempDir,
    process: Option<Process>,
}

impl RedisServer {
    /// Starts a server, and waits until it answers.
    pub fn start(options: RedisOptions) -> Self {
        let mut server = Self { options, port: port::free(), directory: directory(), process: None };
        for _ in 0..TRIES {
            match server.run() {
                Ok(()) => return server,
                Err(said) => assert!(said.contains(TAKEN), "Redis does not start:\n{said}"),
            }
            server.port = port::free();
        }
        panic!("Redis finds no free port");
    }

    fn run(&mut self) -> Result<(), String> {
        let configuration = self.directory.path().join("redis.conf");
        fs::write(&configuration, self.options.configuration(self.port, self.directory.path())).unwrap();
        let (arguments, ready): (&[&str], _) =
            if self.options.is_sentinel { (&["--sentinel"], WATCHING) } else { (&[], READY) };
        self.process = Some(Process::start(&configuration, arguments, ready)?);
        Ok(())
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A URL for this database, with the server's user and password.
    pub fn url(&self, database: i64) -> String {
        let (scheme, host) =
            if self.options.tls.is_some() { ("rediss", "localhost") } else { ("redis", "127.0.0.1") };
        let mut url: Url = format!("{scheme}://{host}:{}/{database}", self.port).parse().unwrap();
        if let Some(user) = &self.options.user {
            url.set_username(&user.name).unwrap();
            url.set_password(Some(&user.password)).unwrap();
        } else {
            url.set_password(self.password()).unwrap();
        }
        url.into()
    }

    /// Runs a command as the default user, and answers what `redis-cli` prints: values without decoration, errors as
    /// the server words them. Options such as `-n 1` may stand before the command.
    pub fn cli(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        command.args(["-p", &self.port.to_string()]);
        if let Some(tls) = &self.options.tls {
            let pair = tls.authority.client("redis-cli");
            // The test may be about a certificate for somebody else.
            command.args(["--tls", "--insecure", "--cacert"]).arg(tls.authority.file());
            command.arg("--cert").arg(pair.certificate).arg("--key").arg(pair.key);
        }
        if let Some(password) = self.password() {
            command.env("REDISCLI_AUTH", password);
        }
        let ran = command.args(arguments).output().unwrap();
        let said = String::from_utf8(ran.stdout).unwrap();
        assert!(ran.status.success(), "redis-cli: {said}{}", String::from_utf8_lossy(&ran.stderr));
        said.trim_end().to_owned()
    }

    /// A value of `INFO`.
    pub fn told(&self, name: &str) -> String {
        let report = self.cli(&["INFO", "everything"]);
        let found = report.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        found.unwrap_or_else(|| panic!("INFO has no {name}")).trim().to_owned()
    }

    /// Ends the server as a loss of power does.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Restarts the server with all its data. After [`kill`](Self::kill), with what it had on disk.
    pub fn restart(&mut self) {
        if self.process.is_some() && !self.options.append_only {
            self.save();
        }
        if let Some(process) = self.process.take() {
            process.terminate();
        }
        self.run().unwrap();
    }

    /// Starts the server with nothing in it, killed before if it still runs.
    pub fn restart_empty(&mut self) {
        self.kill();
        fs::remove_file(self.dump()).ok();
        fs::remove_dir_all(self.directory.path().join("appendonlydir")).ok();
        self.run().unwrap();
    }

    /// Everything that is in the server now, for [`restart_with`](Self::restart_with).
    pub fn save(&self) -> Vec<u8> {
        assert_eq!(self.cli(&["SAVE"]), "OK");
        fs::read(self.dump()).unwrap()
    }

    /// Starts the server with what it once had, killed before if it still runs. It must not be an append-only one,
    /// which would not read this.
    pub fn restart_with(&mut self, saved: &[u8]) {
        assert!(!self.options.append_only, "an append-only server reads its own files");
        self.kill();
        fs::write(self.dump(), saved).unwrap();
        self.run().unwrap();
    }

    /// Stops the process where it is. Connections stay open, and nobody answers.
    pub fn stop_answering(&self) {
        self.signal(Signal::STOP);
    }

    /// Lets it go on.
    pub fn answer_again(&self) {
        self.signal(Signal::CONT);
    }

    /// Waits until a value of `INFO` is this one.
    pub fn wait_until(&self, name: &str, value: &str) {
        wait::until(&format!("{name} is {value}"), || (self.told(name) == value).then_some(()));
    }

    pub(super) fn is_running(&self) -> bool {
        self.process.is_some()
    }

    pub(super) fn password(&self) -> Option<&str> {
        self.options.password.as_deref()
    }

    fn signal(&self, signal: Signal) {
        self.process.as_ref().unwrap().signal(signal);
    }

    fn dump(&self) -> PathBuf {
        self.directory.path().join("dump.rdb")
    }
}

fn directory() -> TempDir {
    tempfile::Builder::new().prefix("doorward-redis").tempdir().unwrap()
}
