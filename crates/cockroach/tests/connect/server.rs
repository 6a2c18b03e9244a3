//! A PostgreSQL of a test's own, for how it encrypts is a matter of the whole server. It is gone with the test.

use std::ffi::OsStr;
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Once;
use std::thread;

use doorward_cockroach::ConnectionUrl;
use tempfile::TempDir;

use crate::certificates::Identity;
use crate::database::url;

/// The superuser that every test connects as.
pub(crate) const USER: &str = "app";
/// Asked for where an address is not trusted.
pub(crate) const PASSWORD: &str = "correct horse/battery@staple";

/// A running server, which listens at `localhost` and at a Unix socket.
pub(crate) struct Server {
    process: Child,
    port: u16,
    cluster: Cluster,
}

/// A directory with a database, which may be run.
struct Cluster {
    directory: TempDir,
    programs: PathBuf,
    /// Who runs it, where we are root: PostgreSQL refuses to run as that.
    owner: Option<(u32, u32)>,
}

impl Server {
    /// A server that trusts everybody, and encrypts nothing. `None` where PostgreSQL is not installed, which is said.
    pub(crate) fn plain() -> Option<Self> {
        Some(Cluster::create()?.start("host all all localhost trust", &[]))
    }

    /// A server with this certificate and these rules of who may come in.
    pub(crate) fn encrypted(identity: &Identity, authority: &Path, rules: &str) -> Option<Self> {
        let cluster = Cluster::create()?;
        let (certificate, key) = identity.write(cluster.directory.path(), "server");
        cluster.hand_over(&certificate);
        cluster.hand_over(&key);
        let authority = fs::read(authority).unwrap();
        fs::write(cluster.directory.path().join("client-authority.crt"), authority).unwrap();
        let directory = cluster.directory.path().display().to_string();
        let settings = [
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", certificate.display()),
            format!("ssl_key_file={}", key.display()),
            format!("ssl_ca_file={directory}/client-authority.crt"),
        ];
        Some(cluster.start(rules, &settings))
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A URL of the form `postgresql://app@localhost:port/postgres?…`.
    pub(crate) fn url(&self, parameters: &str) -> ConnectionUrl {
        url(&format!("postgresql://{USER}@localhost:{}/postgres?{parameters}", self.port))
    }
}

impl Cluster {
    fn create() -> Option<Self> {
        let Some(programs) = programs() else {
            missing();
            return None;
        };
        let directory = tempfile::Builder::new().prefix("doorward").tempdir().unwrap();
        let is_root = fs::metadata(directory.path()).unwrap().uid() == 0;
        let cluster = Self { directory, programs, owner: is_root.then(unprivileged) };
        cluster.hand_over(cluster.directory.path());
        let password = cluster.directory.path().join("password");
        fs::write(&password, PASSWORD).unwrap();
        cluster.hand_over(&password);
        let made = cluster
            .command("initdb")
            .args(["--auth=trust", "--username", USER, "--encoding=UTF8", "--locale=C", "--no-sync"])
            .arg(format!("--pwfile={}", password.display()))
            .arg(cluster.data())
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Some(cluster)
    }

    fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// Gives a file to whoever runs the server.
    fn hand_over(&self, file: &Path) {
        if let Some((user, group)) = self.owner {
            chown(file, Some(user), Some(group)).unwrap();
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.directory.path()).stdin(Stdio::null());
        if let Some((user, group)) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }

    /// Starts it on a free port. Somebody else may take that in between; then another one is tried.
    fn start(self, rules: &str, settings: &[String]) -> Server {
        fs::write(self.data().join("pg_hba.conf"), format!("local all all trust\n{rules}\n")).unwrap();
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            if let Some(process) = self.run(port, settings) {
                return Server { process, port, cluster: self };
            }
        }
        panic!("PostgreSQL does not start");
    }

    fn run(&self, port: u16, settings: &[String]) -> Option<Child> {
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.data()).args(["-h", "localhost", "-p", &port.to_string()]);
        command.arg("-k").arg(self.directory.path()).args(["-c", "fsync=off"]);
        for setting in settings {
            command.args(["-c", setting]);
        }
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap()).lines().map_while(Result::ok);
        let ready = log.any(|line| line.contains("database system is ready to accept connections"));
        if !ready {
            process.wait().unwrap();
            return None;
        }
        // It stops when nobody reads what it says.
        thread::spawn(move || log.for_each(drop));
        Some(process)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut stop = self.cluster.command("pg_ctl");
        stop.args(["stop", "--mode=immediate", "--silent", "-D"]).arg(self.cluster.data());
        if !stop.status().is_ok_and(|status| status.success()) {
            self.process.kill().ok();
        }
        self.process.wait().ok();
    }
}

/// The directory of PostgreSQL's programs, which Debian keeps out of the path.
fn programs() -> Option<PathBuf> {
    let in_path = Command::new("initdb").arg("--version").output().is_ok()
        && Command::new("postgres").arg("--version").output().is_ok();
    if in_path {
        return Some(PathBuf::new());
    }
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let directories = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    directories.filter(|directory| directory.join("postgres").exists()).max()
}

/// The user and the group that a server runs as.
fn unprivileged() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let find = |name| {
        let fields: Vec<_> =
            users.lines().find(|line| line.split(':').next() == Some(name))?.split(':').collect();
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    find("postgres").or_else(|| find("nobody")).expect("a user who is not root")
}

/// Without PostgreSQL these tests show nothing. Where that must not be, they fail.
fn missing() {
    static SAID: Once = Once::new();
    assert!(!is_required(), "PostgreSQL is not installed");
    // `eprintln!` would be captured, and hidden while the test passes.
    let line = "PostgreSQL is not installed: tests of TLS to the database are left out\n";
    SAID.call_once(|| io::stderr().write_all(line.as_bytes()).unwrap());
}

#[expect(clippy::disallowed_methods, reason = "it is not a setting of the service")]
fn is_required() -> bool {
    std::env::var_os("CI").is_some()
        || std::env::var_os("TEST_SERVICES").as_deref() == Some(OsStr::new("required"))
}
