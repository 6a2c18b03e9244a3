//! The service under TLS, with certificates that change while it serves.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use doorward_tls::Roots;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use reqwest::Client;
use tempfile::TempDir;

use crate::support::{Doorward, Place};

/// Far more than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Certificates for localhost, each signed by itself, in a directory.
struct Certificates(TempDir);

impl Certificates {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Makes `<name>.crt` and `<name>.key`.
    fn make(&self, name: &str, last_year: i32) -> &Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        parameters.not_before = date_time_ymd(2020, 1, 1);
        parameters.not_after = date_time_ymd(last_year, 12, 31);
        fs::write(self.path(&format!("{name}.crt")), parameters.self_signed(&key).unwrap().pem()).unwrap();
        let file = self.path(&format!("{name}.key"));
        fs::write(&file, key.serialize_pem()).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
        self
    }

    /// Has the service use the certificate `<name>` from now on, one file after the other.
    fn renew(&self, name: &str) {
        for kind in ["crt", "key"] {
            fs::rename(self.path(&format!("{name}.{kind}")), self.path(&format!("tls.{kind}"))).unwrap();
        }
    }

    fn place(&self) -> Place {
        Place::new()
            .with("DOORWARD_TLS_CERTIFICATE_FILE", self.path("tls.crt"))
            .with("DOORWARD_TLS_KEY_FILE", self.path("tls.key"))
    }

    /// A client that trusts these certificates, and takes a new connection each time.
    fn client(&self, trusted: &[&str]) -> Client {
        self.keeping_client(trusted, 0)
    }

    fn keeping_client(&self, trusted: &[&str], kept: usize) -> Client {
        let all: Vec<_> = trusted
            .iter()
            .map(|name| fs::read_to_string(self.path(&format!("{name}.crt"))).unwrap())
            .collect();
        let roots = self.path("roots");
        fs::write(&roots, all.concat()).unwrap();
        let config = doorward_tls::Client::trusting(Roots::File(roots)).config().unwrap();
        Client::builder()
            .pool_max_idle_per_host(kept)
            .tls_backend_preconfigured(config)
            .timeout(PATIENCE)
            .build()
            .unwrap()
    }
}

fn url(service: &Doorward, path: &str) -> String {
    format!("https://localhost:{}{path}", service.address().port())
}

/// Requests without a pause until somebody says that it is enough; all of them must be answered.
struct Load {
    is_over: Arc<AtomicBool>,
    answered: Arc<AtomicUsize>,
    task: tokio::task::JoinHandle<()>,
}

impl Load {
    fn begin(client: Client, url: String) -> Self {
        let (is_over, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (over, count) = (Arc::clone(&is_over), Arc::clone(&answered));
        let task = tokio::spawn(async move {
            while !over.load(Ordering::Relaxed) {
                assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Self { is_over, answered, task }
    }

    /// Waits until so many more were answered.
    async fn goes_on(&self) {
        let enough = self.answered.load(Ordering::Relaxed) + 20;
        while self.answered.load(Ordering::Relaxed) < enough && !self.task.is_finished() {
            tokio::task::yield_now().await;
        }
    }

    async fn end(self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.task.await.unwrap();
    }
}

#[tokio::test]
async fn web_08_with_a_certificate_the_service_speaks_tls_and_nothing_else() {
    let certificates = Certificates::new();
    certificates.make("tls", 2090);
    let service = certificates.place().start();
    let answer = certificates.client(&["tls"]).get(url(&service, "/readyz")).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["strict-transport-security"], "max-age=63072000");
    let banner = service.banner();
    let address = service.address();
    for path in ["/api/", "/docs/", "/readyz"] {
        assert!(banner.contains(&format!("https://{address}{path}")), "{banner}");
    }
    assert!(!banner.contains("http://"), "{banner}");
    let plain = certificates.client(&["tls"]).get(format!("http://{address}/readyz")).send().await;
    assert!(plain.is_err(), "{plain:?}");
    let (status, _, log) = service.stop();
    assert!(status.success() && !log.contains("WARN") && !log.contains("ERROR"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn web_08_a_certificate_is_renewed_while_requests_run() {
    let certificates = Certificates::new();
    certificates.make("tls", 2090).make("new", 2091);
    let service = certificates.place().start();
    let both = ["tls", "new"];
    let loads = [
        Load::begin(certificates.keeping_client(&both, 1), url(&service, "/healthz")),
        Load::begin(certificates.client(&both), url(&service, "/healthz")),
    ];
    let newer = certificates.client(&["new"]);
    for load in &loads {
        load.goes_on().await;
    }
    assert!(newer.get(url(&service, "/healthz")).send().await.is_err());
    certificates.renew("new");
    let begun = Instant::now();
    while newer.get(url(&service, "/healthz")).send().await.is_err() {
        assert!(begun.elapsed() < PATIENCE, "the new certificate is not shown");
    }
    for load in &loads {
        load.goes_on().await;
    }
    for load in loads {
        load.end().await;
    }
    service.log_with("new connections are shown another certificate");
}

#[tokio::test]
async fn on_sighup_the_files_are_read_at_once() {
    let certificates = Certificates::new();
    certificates.make("tls", 2090).make("new", 2091);
    let service = certificates.place().start();
    service.address();
    service.signal("HUP");
    service.log_with("the certificate is the one that is in use");
    fs::write(certificates.path("tls.crt"), "half a certif").unwrap();
    service.signal("HUP");
    let log = service.log_with("the one before stays in use");
    assert!(log.contains("tls.crt has no certificate in PEM"), "{log}");
    let newer = certificates.client(&["new"]);
    certificates.renew("new");
    service.signal("HUP");
    service.log_with("new connections are shown another certificate");
    assert_eq!(newer.get(url(&service, "/healthz")).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn sighup_ends_no_service_that_has_nothing_to_read_again() {
    let service = Place::new().start();
    service.address();
    service.signal("HUP");
    service.log_with("there is nothing to read again on SIGHUP");
    assert_eq!(service.readiness().await, 200);
    let (status, _, log) = service.stop();
    assert!(status.success(), "{log}");
}

/// The database that it waits for is not there.
#[test]
fn sighup_ends_no_service_that_still_starts() {
    let certificates = Certificates::new();
    certificates.make("tls", 2090);
    let place = certificates
        .place()
        .with("DOORWARD_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing?sslmode=disable")
        .with("DOORWARD_DATABASE_START_TIMEOUT", "10m");
    let service = place.begin(&["serve"]);
    service.log_with("127.0.0.1:1");
    service.signal("HUP");
    let (status, _, log) = service.stop();
    assert!(status.success() && log.contains("stopped"), "{log}");
}

#[test]
fn a_check_of_the_settings_remarks_on_a_certificate_that_clients_refuse() {
    let certificates = Certificates::new();
    certificates.make("tls", 2021);
    let (said, _) = certificates.place().ends_with(0, &["config", "check"]);
    assert!(said.contains("tls.crt has expired on 20"), "{said}");
    let certificates = Certificates::new();
    certificates.make("tls", 2090);
    let (said, _) = certificates.place().ends_with(0, &["config", "check"]);
    assert!(!said.contains("tls_certificate_file: "), "{said}");
}

#[test]
fn a_health_check_asks_its_own_node_whatever_its_certificate_and_another_only_if_it_trusts_it() {
    let certificates = Certificates::new();
    certificates.make("tls", 2090);
    let place = certificates.place();
    let service = place.start();
    let own = service.address().to_string();
    assert_eq!(place.ends_with(0, &["healthcheck", "--bind", &own]).0, "ready\n");
    let named = format!("https://localhost:{}", service.address().port());
    let (_, complaint) = place.ends_with(1, &["healthcheck", "--url", &named]);
    assert!(complaint.contains("does not answer: invalid peer certificate"), "{complaint}");
    let trusting = Place::new().with("SSL_CERT_FILE", certificates.path("tls.crt"));
    assert_eq!(trusting.ends_with(0, &["healthcheck", "--url", &named]).0, "ready\n");
}

#[test]
fn an_expired_certificate_is_told_of() {
    let certificates = Certificates::new();
    certificates.make("tls", 2025);
    let service = certificates.place().start();
    let log = service.log_with("the certificate has expired: clients refuse it");
    assert!(log.contains("until=2025-12-31T00:00:00Z"), "{log}");
    let (status, _, log) = service.stop();
    assert!(status.success() && log.matches("has expired").count() == 1, "{log}");
}

#[test]
fn a_certificate_that_will_not_do_ends_the_start_before_anything_is_made() {
    let certificates = Certificates::new();
    certificates.make("tls", 2090).make("other", 2090);
    let key = certificates.path("tls.key");
    let text = fs::read_to_string(&key).unwrap();
    let refused = |expected: &str| {
        let place = certificates.place();
        let told = place.refuses_to_serve();
        assert!(told.contains(expected) && !told.contains("-----"), "{told}");
        assert!(!place.data_dir().exists());
    };
    let permit = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    permit(&key, 0o644);
    refused("tls.key is open to others (mode 0644); close it with: chmod 600");
    permit(&key, 0o600);
    fs::write(&key, fs::read_to_string(certificates.path("other.key")).unwrap()).unwrap();
    refused("tls.key cannot be used together");
    fs::write(&key, &text[..40]).unwrap();
    refused("tls.key has no private key in PEM");
    fs::remove_file(&key).unwrap();
    refused("tls.key cannot be read");
}
