//! Several nodes on one database: one service.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::time::{Duration, Instant};

use doorward_testkit::postgres::TestDatabase;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::databases::{empty, migrated};
use crate::support::{Doorward, Place};

const ADA: (&str, &str) = ("ada@example.com", "correct horse batt");

/// A node with the keys and the pepper of `shared`.
fn node(database: &TestDatabase, shared: &Path) -> Place {
    Place::new()
        .at(&database.url())
        .with("DOORWARD_KEYS_DIR", shared.join("keys"))
        .with("DOORWARD_PEPPER_FILE", shared.join("pepper"))
}

async fn log_out(service: &Doorward, access: &str) {
    let (status, body) = service.ask(Method::GET, "/api/auth/logout", access, &Value::Null).await;
    assert_eq!(status, StatusCode::OK, "{body}");
}

#[tokio::test]
async fn whoever_logs_in_on_one_node_is_known_on_the_other_until_they_log_out_on_either() {
    let Some(database) = migrated().await else { return };
    let shared = tempfile::tempdir().unwrap();
    let places = [(); 2].map(|()| node(&database, shared.path()));
    let [a, b] = [&places[0], &places[1]].map(Place::start);
    for service in [&a, &b] {
        assert_eq!(service.readiness().await, StatusCode::OK);
        service.banner();
    }
    a.register(ADA.0, ADA.1).await;
    for (here, there) in [(&a, &b), (&b, &a)] {
        let [access, refresh] = here.tokens(ADA.0, ADA.1).await;
        assert_eq!((here.me(&access).await, there.me(&access).await), (StatusCode::OK, StatusCode::OK));
        let (status, _) = there.ask(Method::POST, "/api/auth/refresh", &refresh, &Value::Null).await;
        assert_eq!(status, StatusCode::OK);
        let [access, _] = here.tokens(ADA.0, ADA.1).await;
        log_out(here, &access).await;
        assert_eq!(there.me(&access).await, StatusCode::UNAUTHORIZED);
    }
    for service in [a, b] {
        let (status, _, stderr) = service.stop();
        assert!(status.success() && stderr.contains("stopped"), "{stderr}");
    }
}

#[tokio::test]
async fn nodes_that_start_at_once_on_a_new_database_agree_on_keys_and_make_one_admin() {
    let Some(database) = migrated().await else { return };
    let shared = tempfile::tempdir().unwrap();
    let places = [(); 3].map(|()| node(&database, shared.path()));
    let services: Vec<_> = places.iter().map(Place::start).collect();
    let banners: Vec<_> = services.iter().map(Doorward::banner).collect();
    assert_eq!(banners.iter().filter(|banner| banner.contains("password  ")).count(), 1, "{banners:?}");
    services[0].register(ADA.0, ADA.1).await;
    for service in &services {
        assert_eq!(service.login(ADA.0, ADA.1).await, StatusCode::OK);
    }
}

#[tokio::test]
async fn a_node_needs_no_directory_of_its_own_where_its_secrets_are_elsewhere() {
    let Some(database) = migrated().await else { return };
    let shared = tempfile::tempdir().unwrap();
    let place = node(&database, shared.path());
    place.serves();
    assert!(!place.data_dir().exists());
}

#[tokio::test]
async fn a_database_that_is_not_there_yet_is_waited_for() {
    let Some(database) = migrated().await else { return };
    let unused = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let service = Place::new().at(&database.url_through(unused)).start();
    service.log_with("the database is not there yet");
    let forwarding = tokio::spawn(forward(unused, database.server().address()));
    let service = tokio::task::spawn_blocking(move || {
        service.banner();
        service
    });
    assert_eq!(service.await.unwrap().readiness().await, StatusCode::OK);
    forwarding.abort();
}

/// Passes on everything to another address.
async fn forward(from: SocketAddr, to: String) {
    let listener = tokio::net::TcpListener::bind(from).await.unwrap();
    loop {
        let (mut near, _) = listener.accept().await.unwrap();
        let to = to.clone();
        tokio::spawn(async move {
            let mut far = tokio::net::TcpStream::connect(to).await.unwrap();
            // Whoever closes the connection ends this.
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        });
    }
}

#[test]
fn a_database_out_of_reach_ends_the_start_without_telling_the_password() {
    let place = Place::new()
        .at("postgresql://doorward:open-sesame@127.0.0.1:1/doorward")
        .with("DOORWARD_DATABASE_START_TIMEOUT", "1ms");
    let refused = place.refuses_to_serve_yet();
    let last = refused.lines().last().unwrap();
    assert!(last.starts_with("doorward: postgresql://127.0.0.1:1/doorward is out of reach: "), "{refused}");
    assert!(last.contains("Connection refused") && !refused.contains("sesame"), "{refused}");
}

#[test]
fn nobody_has_to_wait_for_a_database_that_is_not_there() {
    let service = Place::new().at("postgresql://doorward@127.0.0.1:1/doorward").start();
    service.log_with("the database is not there yet");
    let asked = Instant::now();
    let (status, _, stderr) = service.stop();
    assert_eq!(status.code(), Some(0), "{stderr}");
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
}

#[tokio::test]
async fn the_password_of_a_database_may_be_in_a_file_that_nobody_else_reads() {
    let Some(database) = empty().await else { return };
    let place = Place::new().at(&database.url());
    let file = place.file("secret", "open sesame\n");
    let place = place.with("DOORWARD_DATABASE_PASSWORD_FILE", &file);
    for (mode, code, said) in [(0o640, 1, "has mode 0640, which lets others in"), (0o600, 1, "pending")] {
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
        let (status, complaint) = place.ends_with(code, &["migrate", "status"]);
        let told = status + &complaint;
        assert!(told.contains(said) && !told.contains("sesame"), "{told}");
        assert!(
            !complaint.contains("mode") || complaint.contains("database_password_file = "),
            "{complaint}"
        );
    }
}
