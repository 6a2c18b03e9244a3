//! TLS on both sides, with the files of both.

use std::path::Path;

use diesel::sql_types::{Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use doorward_cockroach::{ConnectionUrl, GetError, Pool, PoolSettings};
use tempfile::TempDir;

use crate::certificates::Authority;
use crate::database::url;
use crate::server::{PASSWORD, Server, USER};

const BY_CERTIFICATE: &str = "hostssl all all all cert";

/// A server that wants to see a certificate, and a directory with one for us.
struct Meeting {
    authority: Authority,
    directory: TempDir,
    server: Server,
}

impl Meeting {
    fn arrange() -> Option<Self> {
        let authority = Authority::named("ours");
        let directory = tempfile::tempdir().unwrap();
        let authority_file = authority.write(directory.path(), "authority.crt");
        authority.client(USER).write(directory.path(), "me");
        let server = Server::encrypted(&authority.server("localhost"), &authority_file, BY_CERTIFICATE)?;
        Some(Self { authority, directory, server })
    }

    /// As it should be, with something more or something else.
    fn url(&self, change: impl Fn(String) -> String) -> ConnectionUrl {
        let directory = self.directory.path().display();
        let files = ["sslrootcert=authority.crt", "sslcert=me.crt", "sslkey=me.key"]
            .map(|file| file.replace('=', &format!("={directory}/")))
            .join("&");
        let port = self.server.port();
        url(&change(format!("postgresql://{USER}@localhost:{port}/postgres?sslmode=verify-full&{files}")))
    }

    async fn refusal(&self, change: impl Fn(String) -> String) -> String {
        refusal(self.url(change)).await
    }
}

async fn refusal(url: ConnectionUrl) -> String {
    let error = Pool::new(url, PoolSettings::default()).unwrap().get().await.unwrap_err();
    assert!(matches!(error, GetError::Connect(_)), "{error:?}");
    error.reason()
}

/// Whether the connection is encrypted, and as whom we are known.
async fn seen_by_the_server(pool: &Pool) -> (bool, Option<String>) {
    let mut connection = pool.get().await.unwrap();
    let seen = diesel::dsl::sql::<(Bool, Nullable<Text>)>(
        "SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    );
    seen.get_result(&mut connection).await.unwrap()
}

#[tokio::test]
async fn both_sides_know_each_other_by_their_certificates() {
    let Some(meeting) = Meeting::arrange() else { return };
    let pool = Pool::new(meeting.url(|url| url), PoolSettings::default()).unwrap();
    let (encrypted, known_as) = seen_by_the_server(&pool).await;
    assert!(encrypted && known_as.unwrap().contains("/CN=app"));
}

#[tokio::test]
async fn who_is_not_the_database_is_not_spoken_to() {
    let Some(meeting) = Meeting::arrange() else { return };
    Authority::named("theirs").write(meeting.directory.path(), "stranger.crt");
    let unknown = meeting.refusal(|url| url.replace("authority.crt", "stranger.crt")).await;
    assert!(unknown.contains("invalid peer certificate: UnknownIssuer"), "{unknown}");
    let misnamed = meeting.refusal(|url| url.replace("localhost", "127.0.0.1")).await;
    assert!(misnamed.contains("certificate not valid for name \"127.0.0.1\""), "{misnamed}");
}

#[tokio::test]
async fn a_database_whose_certificate_has_expired_is_not_spoken_to() {
    let authority = Authority::named("ours");
    let directory = tempfile::tempdir().unwrap();
    let file = authority.write(directory.path(), "authority.crt");
    let expired = authority.expired(authority.server("localhost"));
    let Some(server) = Server::encrypted(&expired, &file, BY_CERTIFICATE) else { return };
    let reason = refusal(server.url(&format!("sslrootcert={}", file.display()))).await;
    assert!(reason.contains("invalid peer certificate: certificate expired"), "{reason}");
}

#[tokio::test]
async fn the_database_says_why_it_does_not_want_us() {
    let Some(meeting) = Meeting::arrange() else { return };
    meeting.authority.client("somebody").write(meeting.directory.path(), "other");
    Authority::named("theirs").client(USER).write(meeting.directory.path(), "forged");
    let files = format!("&sslcert={0}/me.crt&sslkey={0}/me.key", meeting.directory.path().display());

    let other = meeting.refusal(|url| url.replace("/me.", "/other.")).await;
    assert!(other.contains("certificate authentication failed for user \"app\""), "{other}");
    let forged = meeting.refusal(|url| url.replace("/me.", "/forged.")).await;
    assert!(forged.contains("UnknownCA"), "{forged}");
    let without = meeting.refusal(|url| url.replace(&files, "")).await;
    assert!(without.contains("connection requires a valid client certificate"), "{without}");
    let clear = refusal(meeting.server.url("sslmode=disable")).await;
    assert!(clear.contains("no pg_hba.conf entry") && clear.contains("no encryption"), "{clear}");
}

#[tokio::test]
async fn require_takes_any_certificate_but_insists_on_encryption() {
    let Some(meeting) = Meeting::arrange() else { return };
    let root = format!("&sslrootcert={}/authority.crt", meeting.directory.path().display());
    let url = meeting.url(|url| {
        url.replace(&root, "").replace("verify-full", "require").replace("localhost", "127.0.0.1")
    });
    assert!(seen_by_the_server(&Pool::new(url, PoolSettings::default()).unwrap()).await.0);

    let Some(plain) = Server::plain() else { return };
    let reason = refusal(plain.url("sslmode=require")).await;
    assert!(reason.contains("server does not support TLS"), "{reason}");
}

#[tokio::test]
async fn a_renewed_certificate_is_used_without_a_restart() {
    let Some(meeting) = Meeting::arrange() else { return };
    let directory: &Path = meeting.directory.path();
    meeting.authority.expired(meeting.authority.client(USER)).write(directory, "me");
    let pool = Pool::new(meeting.url(|url| url), PoolSettings::default()).unwrap();
    let reason = pool.get().await.unwrap_err().reason();
    assert!(reason.contains("CertificateExpired"), "{reason}");

    meeting.authority.client(USER).write(directory, "me");
    assert!(seen_by_the_server(&pool).await.0);
}

#[tokio::test]
async fn a_file_that_goes_away_is_named_by_the_next_connection() {
    let Some(meeting) = Meeting::arrange() else { return };
    let pool = Pool::new(meeting.url(|url| url), PoolSettings::default()).unwrap();
    std::fs::remove_file(meeting.directory.path().join("me.key")).unwrap();
    let reason = pool.get().await.unwrap_err().reason();
    assert!(reason.contains("me.key cannot be read: No such file"), "{reason}");
    let error = Pool::new(meeting.url(|url| url), PoolSettings::default()).unwrap_err().to_string();
    assert!(error.contains("me.key cannot be read"), "{error}");
}

#[tokio::test]
async fn a_password_is_bound_to_the_encrypted_channel_and_never_repeated() {
    let authority = Authority::named("ours");
    let directory = tempfile::tempdir().unwrap();
    let file = authority.write(directory.path(), "authority.crt");
    let rules = "hostssl all all all scram-sha-256";
    let Some(server) = Server::encrypted(&authority.server("localhost"), &file, rules) else { return };
    let parameters = format!("sslrootcert={}&channel_binding=require", file.display());
    let right = server.url(&parameters).with_password(PASSWORD);
    assert!(seen_by_the_server(&Pool::new(right, PoolSettings::default()).unwrap()).await.0);

    let wrong = server.url(&parameters).with_password("wrong horse");
    let error = Pool::new(wrong, PoolSettings::default()).unwrap().get().await.unwrap_err();
    assert!(error.reason().contains("password authentication failed"), "{}", error.reason());
    assert!(!format!("{error:?} {}", error.reason()).contains("horse"));
}
