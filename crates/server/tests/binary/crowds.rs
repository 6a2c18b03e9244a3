//! More at once than there is room for: connections, and guesses.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use reqwest::StatusCode;
use serde_json::json;
use tokio::net::TcpStream;

use crate::support::{Doorward, Place, http};

const ADA: (&str, &str) = ("ada@example.com", "correct horse batt");

impl Place {
    /// Starts the service after these words to the shell; it, and where Linux tells about its process.
    pub(crate) fn start_in_shell(&self, words: &str) -> (Doorward, PathBuf) {
        let service = self.command();
        let mut shell = Command::new("sh");
        let script = format!("echo \"process $$ begins\" >&2\n{words}\nexec \"$0\"");
        shell
            .arg("-c")
            .arg(script)
            .arg(service.get_program())
            .current_dir(service.get_current_dir().unwrap());
        for (name, value) in service.get_envs() {
            match value {
                Some(value) => shell.env(name, value),
                None => shell.env_remove(name),
            };
        }
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let service = Doorward::spawn(&mut shell);
        let log = service.log_with(" begins");
        let process = log.split_whitespace().nth(1).unwrap();
        (service, PathBuf::from("/proc").join(process))
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn dos_05_and_r32_a_service_without_room_for_more_files_goes_on_when_there_is_some() {
    const CONNECTIONS: usize = 300;
    let place = Place::new();
    let (service, process) = place.start_in_shell("ulimit -n 128");
    service.banner();
    service.register(ADA.0, ADA.1).await;
    let [access, _] = service.tokens(ADA.0, ADA.1).await;
    let limits = std::fs::read_to_string(process.join("limits")).unwrap();
    let files = limits.lines().find(|line| line.starts_with("Max open files")).unwrap();
    assert_eq!(files.split_whitespace().nth(3), Some("128"), "{files}");

    let mut crowd = Vec::new();
    for _ in 0..CONNECTIONS {
        let connection = TcpStream::connect(service.address()).await.unwrap();
        connection.writable().await.unwrap();
        connection.try_write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        crowd.push(connection);
    }
    // Whoever came first is in, so the service has taken in what it could.
    crowd[0].readable().await.unwrap();
    drop(crowd);

    assert_eq!(service.me(&access).await, StatusCode::OK);
    assert_eq!(service.login(ADA.0, ADA.1).await, StatusCode::OK);
    service.register("bob@example.com", ADA.1).await;
    assert_eq!(service.readiness().await, StatusCode::OK);
    let (status, _, log) = service.stop();
    assert!(status.success() && !log.contains("panicked"), "{log}");
}

#[tokio::test]
async fn rac_07_wrong_passwords_that_are_compared_at_once_are_all_counted() {
    const GUESSES: usize = 40;
    let place = Place::new().with("DOORWARD_THROTTLE_LOGIN_GUESSES", "5 per 1h");
    let service = place.start();
    service.banner();
    service.register(ADA.0, ADA.1).await;
    let client = http();
    let guesses = (0..GUESSES).map(|_| {
        let guess = client.post(service.url("/api/auth/login"));
        let guess = guess.json(&json!({ "username": ADA.0, "password": "wrong" })).send();
        tokio::spawn(async move { guess.await.unwrap().status() })
    });
    let mut answers = Vec::new();
    for guess in guesses.collect::<Vec<_>>() {
        answers.push(guess.await.unwrap());
    }
    let count = |status| answers.iter().filter(|answer| **answer == status).count();
    let (compared, refused) = (count(StatusCode::UNAUTHORIZED), count(StatusCode::TOO_MANY_REQUESTS));
    assert_eq!((compared, refused), (5, GUESSES - 5), "{answers:?}");
}
