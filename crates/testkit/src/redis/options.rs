//! What a server for a test is like.

use std::path::Path;
use std::sync::Arc;

use super::{Authority, RedisServer};

/// How a server is set up. By default: no password, no encryption, and nothing is written to disk.
#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    pub(super) password: Option<String>,
    pub(super) user: Option<User>,
    pub(super) append_only: bool,
    pub(super) tls: Option<Tls>,
    pub(super) is_sentinel: bool,
    pub(super) lines: Vec<String>,
}

/// Somebody who may log in beside the default user.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) password: String,
    pub(super) rules: String,
}

#[derive(Clone, Debug)]
pub(super) struct Tls {
    pub(super) authority: Arc<Authority>,
    /// For whom the server's certificate is.
    pub(super) name: String,
    pub(super) clients: Clients,
}

/// Whether clients must show a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clients {
    /// Anybody may come.
    Anybody,
    /// They must have one of the same authority.
    Certified,
}

impl RedisOptions {
    /// A plain server.
    pub fn new() -> Self {
        Self::default()
    }

    /// The default user needs this password, as the seed's `requirepass` has it.
    pub fn password(self, password: &str) -> Self {
        Self { password: Some(password.to_owned()), ..self }
    }

    /// There is a user of this name, with these rights, such as `~* +@all -config`. URLs of the server name this user.
    pub fn user(self, name: &str, password: &str, rules: &str) -> Self {
        let user = User { name: name.to_owned(), password: password.to_owned(), rules: rules.to_owned() };
        Self { user: Some(user), ..self }
    }

    /// What is written is on disk before it is answered.
    pub fn append_only(self) -> Self {
        Self { append_only: true, ..self }.line("appendonly yes").line("appendfsync always")
    }

    /// The most memory, and what happens when it is used up.
    pub fn memory(self, bytes: u64, policy: &str) -> Self {
        self.line(&format!("maxmemory {bytes}")).line(&format!("maxmemory-policy {policy}"))
    }

    /// A replica of this server, which must have the same password and the same kind of encryption.
    pub fn replica_of(self, primary: &RedisServer) -> Self {
        self.line(&format!("replicaof 127.0.0.1 {}", primary.port()))
    }

    /// Everything is encrypted. The server's certificate is of this authority and for `name` only: `localhost` and
    /// `127.0.0.1` are what URLs and replicas use.
    pub fn encrypted(self, authority: &Arc<Authority>, name: &str, clients: Clients) -> Self {
        let tls = Tls { authority: authority.clone(), name: name.to_owned(), clients };
        Self { tls: Some(tls), ..self }
    }

    /// One more line of the configuration.
    pub fn line(mut self, line: &str) -> Self {
        self.lines.push(line.to_owned());
        self
    }

    /// It watches other servers, instead of being one.
    pub(super) fn sentinel(self) -> Self {
        Self { is_sentinel: true, ..self }
    }

    /// The configuration of a server in this directory.
    pub(super) fn configuration(&self, port: u16, directory: &Path) -> String {
        let mut lines = vec![
            "bind 127.0.0.1".to_owned(),
            format!("dir {}", directory.display()),
            "save \"\"".to_owned(),
            "enable-debug-command local".to_owned(),
            "repl-diskless-sync-delay 0".to_owned(),
        ];
        match &self.tls {
            None => lines.push(format!("port {port}")),
            Some(tls) => {
                let pair = tls.authority.issue(directory, "server", &tls.name);
                let clients = if tls.clients == Clients::Certified { "yes" } else { "no" };
                lines.extend([
                    "port 0".to_owned(),
                    format!("tls-port {port}"),
                    format!("tls-cert-file {}", pair.certificate.display()),
                    format!("tls-key-file {}", pair.key.display()),
                    format!("tls-ca-cert-file {}", tls.authority.file().display()),
                    format!("tls-auth-clients {clients}"),
                    "tls-replication yes".to_owned(),
                    "tls-cluster yes".to_owned(),
                ]);
            }
        }
        if let Some(password) = &self.password {
            lines.push(format!("requirepass \"{password}\""));
            lines.push(format!("masterauth \"{password}\""));
        }
        if let Some(User { name, password, rules }) = &self.user {
            lines.push(format!("user {name} on \">{password}\" {rules}"));
        }
        lines.extend(self.lines.iter().cloned());
        lines.join("\n") + "\n"
    }
}
