//! Runs the real binary on a free port, in a directory of its own, and ends no process but that.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Condvar, Mutex, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use doorward_client::requests::Registration;
use doorward_client::{Client, Error};
use reqwest::{Method, StatusCode};
use serde_json::Value;
use tempfile::TempDir;

/// Far more than anything here takes; whoever waits longer has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// An empty place to start in, with settings that everything there has.
pub(crate) struct Place {
    directory: TempDir,
    settings: Vec<(&'static str, OsString)>,
}

impl Place {
    pub(crate) fn new() -> Self {
        // The HTTP client wants to know who does TLS, also where nobody does. Another test may have said so.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { directory: tempfile::tempdir().unwrap(), settings: Vec::new() }
    }

    /// The same with one more setting.
    pub(crate) fn with(mut self, variable: &'static str, value: impl Into<OsString>) -> Self {
        self.settings.push((variable, value.into()));
        self
    }

    /// The same for a test that asks more often than anybody may.
    pub(crate) fn without_throttles(self) -> Self {
        let throttles = [
            "DOORWARD_THROTTLE_LOGIN_NETWORK",
            "DOORWARD_THROTTLE_LOGIN_GUESSES",
            "DOORWARD_THROTTLE_LOGIN_ACCOUNT",
            "DOORWARD_THROTTLE_REGISTRATION",
            "DOORWARD_THROTTLE_REFRESH",
            "DOORWARD_THROTTLE_CHANGES",
        ];
        throttles.into_iter().fold(self, |place, variable| place.with(variable, "off"))
    }

    /// Does not exist before the first start.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// The database, unless a setting says otherwise.
    pub(crate) fn database(&self) -> PathBuf {
        self.data_dir().join("doorward.db")
    }

    /// A file beside the data directory.
    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A file beside the data directory that nobody else reads.
    pub(crate) fn secret(&self, name: &str, content: &str) -> PathBuf {
        let path = self.file(name, content);
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path
    }

    /// The binary, at home here, with cheap passwords and with nothing of this process's settings.
    #[expect(clippy::disallowed_methods, reason = "what must not be handed down is named nowhere else")]
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("DOORWARD_"))
        {
            command.env_remove(name);
        }
        command
            .current_dir(self.directory.path())
            .env("DOORWARD_DATA_DIR", self.data_dir())
            .env("DOORWARD_BIND", "127.0.0.1:0")
            .env("DOORWARD_BCRYPT_COST", if cfg!(feature = "test-costs") { "4" } else { "10" })
            .envs(self.settings.iter().map(|(variable, value)| (variable, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().unwrap()
    }

    /// Runs a command, which must end with this code; what it said on standard output and on standard error.
    pub(crate) fn ends_with(&self, code: i32, arguments: &[&str]) -> (String, String) {
        let Output { status, stdout, stderr } = self.run(arguments);
        let [said, complaint] = [stdout, stderr].map(|stream| String::from_utf8(stream).unwrap());
        assert_eq!(status.code(), Some(code), "{arguments:?}:\n{said}{complaint}");
        (said, complaint)
    }

    /// The service does not start; why.
    pub(crate) fn refuses_to_serve(&self) -> String {
        self.ends_with(1, &["serve"]).1
    }

    /// The service does not start, which may pass; why.
    pub(crate) fn refuses_to_serve_yet(&self) -> String {
        self.ends_with(75, &["serve"]).1
    }

    /// Starts the service once and stops it, as somebody does who tries it.
    pub(crate) fn serves(&self) {
        let service = self.start();
        service.banner();
        let (status, _, stderr) = service.stop();
        assert!(status.success(), "{stderr}");
    }

    /// Begins a command.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Doorward {
        Doorward::spawn(self.command().args(arguments))
    }

    /// Starts the service.
    pub(crate) fn start(&self) -> Doorward {
        Doorward::spawn(&mut self.command())
    }

    /// Starts the service with more settings.
    pub(crate) fn start_with(&self, settings: &[(&str, &Path)]) -> Doorward {
        Doorward::spawn(self.command().envs(settings.iter().copied()))
    }

    /// Starts the service with more settings, and has nobody read its log.
    pub(crate) fn start_unheard(&self, settings: &[(&str, &Path)]) -> Unheard {
        let mut child = self.command().envs(settings.iter().copied()).spawn().unwrap();
        let log = child.stderr.take().unwrap();
        let stdout = Stream::read(child.stdout.take().unwrap());
        Unheard { service: Doorward { child, stdout, stderr: Stream::default() }, log }
    }
}

/// A service whose log stays in its pipe, which is soon full.
pub(crate) struct Unheard {
    service: Doorward,
    log: ChildStderr,
}

impl Unheard {
    pub(crate) fn url(&self, path: &str) -> String {
        let banner = self.service.banner();
        let (_, api) = banner.split_once("API").unwrap();
        format!("{}{path}", api.trim_start().split_once("/api/").unwrap().0)
    }

    /// Asks it to stop, and waits.
    pub(crate) fn stop(self) -> ExitStatus {
        let Self { service, log: _unread } = self;
        service.stop().0
    }

    /// Reads the log from now on.
    pub(crate) fn hear(self) -> Doorward {
        let Self { mut service, log } = self;
        service.stderr = Stream::read(log);
        service
    }
}

/// A service that runs until it is stopped or dropped.
pub(crate) struct Doorward {
    child: Child,
    stdout: Stream,
    stderr: Stream,
}

impl Doorward {
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().unwrap();
        let stdout = Stream::read(child.stdout.take().unwrap());
        let stderr = Stream::read(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// Where it listens, as soon as it says so.
    pub(crate) fn address(&self) -> SocketAddr {
        address_in(&self.log_with("serving")).unwrap()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    /// What is told when everything is up, the first admin included.
    pub(crate) fn banner(&self) -> String {
        self.said(&self.stdout, "Ctrl-C stops it.")
    }

    /// The log, as soon as it says this.
    pub(crate) fn log_with(&self, part: &str) -> String {
        self.said(&self.stderr, part)
    }

    /// What a command says, as soon as it says this.
    pub(crate) fn said_with(&self, part: &str) -> String {
        self.said(&self.stdout, part)
    }

    fn said(&self, stream: &Stream, part: &str) -> String {
        let said = stream.wait_for(part);
        assert!(
            said.is_some(),
            "{part:?} was not said, but:\n{}{}",
            self.stdout.so_far(),
            self.stderr.so_far()
        );
        said.unwrap()
    }

    /// What asks the service.
    pub(crate) fn client(&self) -> Client {
        Client::with_http(&self.url(""), http()).unwrap()
    }

    /// One request as it is written; the status and the body.
    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        token: &str,
        body: &Value,
    ) -> (StatusCode, Value) {
        let request = http().request(method, self.url(path)).bearer_auth(token);
        let response = request.json(body).send().await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Opens an account.
    pub(crate) async fn register(&self, username: &str, password: &str) {
        self.client().register(&Registration::new(username, password)).await.unwrap();
    }

    /// Logs in; access and refresh token.
    pub(crate) async fn tokens(&self, username: &str, password: &str) -> [String; 2] {
        let session = self.client().login(username, password).await.unwrap();
        let tokens = [session.access_token().await, session.refresh_token().await.unwrap()];
        tokens.map(|token| token.expose().to_owned())
    }

    /// The status for whoever asks who they are.
    pub(crate) async fn me(&self, access: &str) -> StatusCode {
        status(self.client().on_behalf(access).me().await)
    }

    /// The status of a login.
    pub(crate) async fn login(&self, username: &str, password: &str) -> StatusCode {
        status(self.client().login(username, password).await)
    }

    pub(crate) async fn readiness(&self) -> StatusCode {
        status(self.client().readiness().await)
    }

    /// What is told of a store by a service that is ready.
    pub(crate) async fn state_of(&self, store: &str) -> String {
        let stores = self.client().readiness().await.unwrap().stores;
        stores.into_iter().find(|named| named.name == store).unwrap().state.to_string()
    }

    /// Sends a signal, by its name.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", name, &pid]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for the end; answers the status and everything that was said.
    pub(crate) fn wait(mut self) -> (ExitStatus, String, String) {
        // What it says ends with the process.
        assert!(self.stdout.wait_for_end(), "still running");
        let status = self.child.wait().unwrap();
        (status, self.stdout.end(), self.stderr.end())
    }

    /// Asks it to stop, and waits.
    pub(crate) fn stop(self) -> (ExitStatus, String, String) {
        self.signal("TERM");
        self.wait()
    }
}

/// An HTTP client, for requests that are written by hand.
pub(crate) fn http() -> reqwest::Client {
    static MADE: OnceLock<reqwest::Client> = OnceLock::new();
    // A connection belongs to the runtime of one test, so none is kept for another.
    let make = || doorward_client::http().timeout(PATIENCE).pool_max_idle_per_host(0).build().unwrap();
    MADE.get_or_init(make).clone()
}

/// The status of an answer, whatever it says.
fn status<T>(answer: Result<T, Error>) -> StatusCode {
    match answer {
        Err(Error::Refused(refusal)) => StatusCode::from_u16(refusal.status).unwrap(),
        answer => answer.map(|_| StatusCode::OK).unwrap(),
    }
}

impl Drop for Doorward {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `address=127.0.0.1:1`, or the same in JSON.
fn address_in(log: &str) -> Option<SocketAddr> {
    let (_, rest) = log.split_once("address")?;
    let text = rest.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    text.split(|letter: char| letter.is_whitespace() || letter == '"').next()?.parse().ok()
}

/// What a process says, as far as it has said it.
#[derive(Default)]
struct Stream {
    heard: Arc<(Mutex<Heard>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Heard {
    text: String,
    ended: bool,
}

impl Stream {
    fn read(source: impl Read + Send + 'static) -> Self {
        let heard = Arc::new((Mutex::new(Heard::default()), Condvar::new()));
        let ours = Arc::clone(&heard);
        let reader = thread::spawn(move || {
            let (heard, more) = &*ours;
            for line in BufReader::new(source).lines().map_while(Result::ok) {
                heard.lock().unwrap().text.extend([line.as_str(), "\n"]);
                more.notify_all();
            }
            heard.lock().unwrap().ended = true;
            more.notify_all();
        });
        Self { heard, reader: Some(reader) }
    }

    /// Everything up to now, as soon as `part` is in it.
    fn wait_for(&self, part: &str) -> Option<String> {
        let (heard, more) = &*self.heard;
        let missing = |heard: &mut Heard| !heard.text.contains(part) && !heard.ended;
        let (heard, _) = more.wait_timeout_while(heard.lock().unwrap(), PATIENCE, missing).unwrap();
        heard.text.contains(part).then(|| heard.text.clone())
    }

    /// Whether nothing more is to come.
    fn wait_for_end(&self) -> bool {
        let (heard, more) = &*self.heard;
        let (heard, _) =
            more.wait_timeout_while(heard.lock().unwrap(), PATIENCE, |heard| !heard.ended).unwrap();
        heard.ended
    }

    fn so_far(&self) -> String {
        self.heard.0.lock().unwrap().text.clone()
    }

    fn end(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.so_far()
    }
}
