//! A server on a free port, and a client that checks the envelope of everything it receives.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::JoinHandle;

use doorward_domain::accounts::AccountRules;
use doorward_domain::port::{Probe, PublishedKeys, StoreError};
use doorward_domain::sessions::SessionRules;
use doorward_domain::throttle::Guard;
use doorward_http::HttpSettings;
use doorward_testkit::{fake, sample};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::certificates::{self, Certificates};

/// The password of everybody here.
pub(crate) const PASSWORD: &str = sample::PASSWORD;

/// A running service and its insides.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) inside: fake::Service,
    pub(crate) client: Client,
    scheme: &'static str,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A response, taken apart.
pub(crate) struct Reply {
    pub(crate) method: Method,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text: String = self.text.chars().take(1_000).collect();
        write!(formatter, "{} {:?} {text}", self.status, self.headers)
    }
}

impl Reply {
    pub(crate) fn code(&self) -> &str {
        self.body["results"]["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn results(&self) -> &Value {
        &self.body["results"]
    }

    /// Fails unless the status is this one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Fails unless it is this failure.
    #[track_caller]
    pub(crate) fn expect_failure(self, status: u16, code: &str) -> Self {
        let reply = self.expect(status);
        assert_eq!(reply.code(), code, "{}", reply.text);
        reply
    }

    /// The faults of a `validation_failed`.
    pub(crate) fn faulty_fields(&self) -> Vec<&str> {
        assert_eq!(self.code(), "validation_failed", "{}", self.text);
        self.results()["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| fault["field"].as_str().unwrap())
            .collect()
    }
}

/// Tokens of a login.
#[derive(Clone, Debug)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
}

impl Tokens {
    pub(crate) fn of(reply: &Reply) -> Self {
        let text = |name: &str| reply.results()[name].as_str().unwrap().to_owned();
        Self { access: text("access_token"), refresh: text("refresh_token") }
    }
}

struct NoKeys;

impl PublishedKeys for NoKeys {
    fn jwks(&self) -> String {
        r#"{"keys":[]}"#.to_owned()
    }
}

/// A store that is out of reach.
pub(crate) struct Unreachable;

#[async_trait::async_trait]
impl Probe for Unreachable {
    fn name(&self) -> &'static str {
        "far"
    }

    async fn probe(&self) -> Result<(), StoreError> {
        Err(StoreError::Unavailable("connection refused by 10.0.0.1".into()))
    }
}

/// A store whose adapter has a bug.
pub(crate) struct Panicking;

#[async_trait::async_trait]
impl Probe for Panicking {
    fn name(&self) -> &'static str {
        "panicking"
    }

    async fn probe(&self) -> Result<(), StoreError> {
        panic!("a bug with a secret in its message");
    }
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(fake::Service::default(), HttpSettings::default(), Vec::new())
    }

    pub(crate) fn with_rules(accounts: AccountRules, sessions: SessionRules) -> Self {
        Self::with(fake::Service::new(accounts, sessions), HttpSettings::default(), Vec::new())
    }

    pub(crate) fn with_settings(settings: HttpSettings) -> Self {
        Self::with(fake::Service::default(), settings, Vec::new())
    }

    pub(crate) fn with(inside: fake::Service, settings: HttpSettings, more: Vec<Arc<dyn Probe>>) -> Self {
        Self::guarded(inside, Guard::off(), settings, more)
    }

    pub(crate) fn guarded(
        inside: fake::Service,
        guard: Guard,
        settings: HttpSettings,
        more: Vec<Arc<dyn Probe>>,
    ) -> Self {
        Self::launch(inside, guard, settings, more, None)
    }

    /// One that speaks TLS, and a client that trusts it.
    pub(crate) fn encrypted(
        inside: fake::Service,
        settings: HttpSettings,
        certificates: &Certificates,
    ) -> Self {
        Self::launch(inside, Guard::off(), settings, Vec::new(), Some(certificates))
    }

    fn launch(
        inside: fake::Service,
        guard: Guard,
        settings: HttpSettings,
        more: Vec<Arc<dyn Probe>>,
        certificates: Option<&Certificates>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let mut probes: Vec<Arc<dyn Probe>> = vec![inside.store.clone()];
        probes.extend(more);
        let service = doorward_http::Service {
            accounts: inside.accounts.clone(),
            sessions: inside.sessions.clone(),
            audit: inside.audit.clone(),
            guard,
            keys: Arc::new(NoKeys),
            cursors: Arc::new(fake::ClearCursors),
            ids: inside.ids.clone(),
            probes,
            traces: None,
        };
        let settings = HttpSettings { workers: 1, ..settings };
        let tls = certificates.map(Certificates::server);
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let stopped = async { drop(stopped.await) };
            runtime.block_on(doorward_http::serve(listener, service, settings, tls, stopped)).unwrap();
        });
        let trust = certificates.map_or_else(certificates::trusting_nobody, Certificates::client);
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .tls_backend_preconfigured(trust)
            .build()
            .unwrap();
        let scheme = if certificates.is_some() { "https" } else { "http" };
        Self { address, inside, client, scheme, stop: Some(stop), thread: Some(thread) }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.address)
    }

    /// Sends a request; `body` is sent as JSON.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<Value>,
    ) -> Reply {
        let mut request = self.client.request(method, self.url(path));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        reply(request).await
    }

    pub(crate) async fn get(&self, path: &str, token: &str) -> Reply {
        self.send(Method::GET, path, Some(token), None).await
    }

    pub(crate) async fn put(&self, path: &str, token: &str, body: Value) -> Reply {
        self.send(Method::PUT, path, Some(token), Some(body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(Method::POST, path, None, Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str, token: &str) -> Reply {
        self.send(Method::DELETE, path, Some(token), None).await
    }

    pub(crate) async fn register(&self, username: &str) -> Reply {
        self.post(
            "/api/user",
            json!({ "username": username, "password": PASSWORD, "password_confirm": PASSWORD }),
        )
        .await
    }

    pub(crate) async fn try_login(&self, username: &str, password: &str) -> Reply {
        self.post("/api/auth/login", json!({ "username": username, "password": password })).await
    }

    /// Opens a member's account and logs in.
    pub(crate) async fn member(&self, username: &str) -> Tokens {
        self.inside.member(username).await;
        self.login(username).await
    }

    /// Opens an admin's account and logs in.
    pub(crate) async fn admin(&self, username: &str) -> Tokens {
        self.inside.admin(username).await;
        self.login(username).await
    }

    pub(crate) async fn login(&self, username: &str) -> Tokens {
        Tokens::of(&self.try_login(username, PASSWORD).await.expect(200))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // Idle connections of the client are closed by the stop itself.
            let ended = thread.join();
            if !std::thread::panicking() {
                ended.unwrap();
            }
        }
    }
}

/// Sends a request and checks what holds for every response of ours.
pub(crate) async fn reply(request: reqwest::RequestBuilder) -> Reply {
    let (client, request) = request.build_split();
    let request = request.unwrap();
    let method = request.method().clone();
    let is_encrypted = request.url().scheme() == "https";
    let response = client.execute(request).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = serde_json::from_str(&text).unwrap_or_default();
    let reply = Reply { method, status, headers, text, body };
    check_every_response(&reply);
    assert_eq!(reply.headers.contains_key("strict-transport-security"), is_encrypted, "{reply:?}");
    reply
}

fn check_every_response(reply: &Reply) {
    let header = |name: &str| reply.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert!(header("x-request-id").is_some_and(|id| !id.is_empty()), "{reply:?}");
    assert_eq!(header("x-content-type-options").as_deref(), Some("nosniff"));
    assert!(header("content-security-policy").is_some_and(|policy| policy.starts_with("default-src 'none'")));
    assert_eq!(header("referrer-policy").as_deref(), Some("no-referrer"));
    assert!(header("server").is_none() && header("x-powered-by").is_none() && header("set-cookie").is_none());
    if reply.headers.get("content-type").is_none_or(|kind| kind != "application/json") {
        return;
    }
    if reply.body.get("keys").is_some() || reply.body.get("openapi").is_some() {
        return;
    }
    assert_eq!(header("cache-control").as_deref(), Some("no-store"));
    match reply.status.as_u16() {
        401 => assert!(header("www-authenticate").is_some_and(|challenge| challenge.starts_with("Bearer "))),
        405 => assert!(header("allow").is_some()),
        429 | 503 => {
            assert!(header("retry-after").is_some_and(|seconds| seconds.parse::<u32>().unwrap() >= 1));
        }
        201 => assert!(header("location").is_some()),
        _ => {}
    }
    if reply.method == Method::HEAD {
        assert!(reply.text.is_empty());
        return;
    }
    assert!(!reply.text.contains(PASSWORD) && !reply.text.contains("password_hash\":"), "{reply:?}");
    assert!(reply.text.starts_with("{\"status\":"), "{}", reply.text);
    assert_eq!(reply.body["status"], json!(reply.status.is_success()));
    assert!(reply.body["message"].is_string());
    assert!(reply.body["results"].is_object() || reply.body["results"].is_array());
}
