//! Where secrets could be seen without being looked for: arguments, help, complaints, and the repository.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Place;

const SECRET: &str = "open-sesame";

/// Settings with a secret in them, each wrong in its own way.
const WRONG: &[(&str, &str)] = &[
    ("DOORWARD_DATABASE_URL", "postgresql://app:open-sesame@db:port/doorward"),
    ("DOORWARD_DATABASE_URL", "postgresql://app:open-sesame@db/doorward?sslmode=prefer"),
    ("DOORWARD_DATABASE_URL", "mysql://app:open-sesame@db/doorward"),
    ("DOORWARD_DATABASE_URL", "app:open-sesame@db/doorward"),
    ("DOORWARD_REDIS_URL", "redis://:open-sesame@cache.example:port/0"),
    ("DOORWARD_REDIS_URL", "redis://:open-sesame@cache.example/0"),
    ("DOORWARD_REDIS_DOCUMENTS_URL", "http://:open-sesame@cache.example/1"),
    ("DOORWARD_PASSWORD", "open-sesame"),
    ("DOORWARD_DATABASE_PASSWORD", "open-sesame"),
    ("DOORWARD_PEPPER", "open-sesame"),
    ("DOORWARD_ADMIN_PASSWORD", "open-sesame"),
];

/// The same where a file says it.
const WRONG_FILES: &[&str] = &[
    "database_url = 'postgresql://app:open-sesame@db:port/doorward'",
    "database_url = postgresql://app:open-sesame@db/doorward",
    "database_url = \"postgresql://app:open-sesame@db/doorward",
    "redis_url = ['redis://:open-sesame@cache.example/0']",
    "redis_url = { url = 'redis://:open-sesame@cache.example/0' }",
    "password = 'open-sesame'",
    "[redis]\nurl = 'redis://:open-sesame@cache.example/0'",
    "redis_url = 'redis://:open-sesame@a.example/0'\nredis_url = 'redis://:open-sesame@b.example/0'",
];

#[test]
fn cfg_01_no_wrong_setting_repeats_a_secret() {
    let place = Place::new();
    for (variable, value) in WRONG {
        let output = place.command().env(variable, value).output().unwrap();
        let said = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap()).concat();
        assert_eq!(output.status.code(), Some(2), "{variable}: {said}");
        let name = variable.trim_start_matches("DOORWARD_");
        assert!(said.to_uppercase().contains(name), "{variable}: {said}");
        assert!(!said.contains(SECRET), "{variable}: {said}");
    }
    for content in WRONG_FILES {
        place.file("doorward.toml", content);
        let (said, complaint) = place.ends_with(2, &["serve"]);
        assert!(complaint.contains("doorward.toml"), "{content}: {complaint}");
        assert!(!said.contains(SECRET) && !complaint.contains(SECRET), "{content}: {complaint}");
    }
}

#[test]
fn cfg_01_no_option_takes_a_secret_and_no_help_shows_one() {
    let place = Place::new()
        .with("DOORWARD_DATABASE_URL", "postgresql://app:open-sesame@127.0.0.1/doorward")
        .with("DOORWARD_REDIS_URL", "redis://:open-sesame@127.0.0.1/0");
    for command in [
        &[][..],
        &["serve"],
        &["admin"],
        &["admin", "create"],
        &["users", "set-password"],
        &["migrate"],
        &["keys"],
        &["transfer"],
        &["config"],
        &["config", "dump"],
        &["healthcheck"],
        &["completions"],
        &["man"],
        &["openapi"],
    ] {
        for help in ["--help", "-h"] {
            let text = place.ends_with(0, &[command, &[help]].concat()).0;
            assert!(!text.contains(SECRET), "{command:?} {help}: {text}");
            let options = text.split_whitespace().filter(|word| word.starts_with("--"));
            for option in options.filter(|option| !option.contains("-file")) {
                for secret in ["password", "secret", "token", "pepper", "hash"] {
                    assert!(!option.contains(secret), "{command:?} takes {option}");
                }
            }
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn cfg_01_a_service_shows_others_on_its_machine_its_name_alone() {
    let place = Place::new();
    let password = place.secret("password", SECRET);
    let place = place.with("DOORWARD_ADMIN_EMAIL", "ada@example.com");
    let place = place.with("DOORWARD_ADMIN_PASSWORD_FILE", password);
    let (service, process) = place.start_in_shell("");
    service.banner();
    let shown = std::fs::read(process.join("cmdline")).unwrap();
    let shown = String::from_utf8(shown).unwrap();
    assert_eq!(shown.trim_end_matches('\0'), env!("CARGO_BIN_EXE_doorward"));
}

/// Every file that is or would be committed.
fn files_of_the_repository() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let listed = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(&root)
        .output()
        .unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let files = listed.split('\0').filter(|name| !name.is_empty()).map(|name| root.join(name));
    // What was removed and not committed yet is listed as well.
    files.filter(|file| file.is_file()).collect()
}

/// What in a text lets somebody in; `None` in one that is harmless.
fn secret_in(text: &str) -> Option<&'static str> {
    let text = text.replace("\\n", "\n").replace('\\', "");
    let is_base64 = |letter: char| letter.is_ascii_alphanumeric() || "+/=_-".contains(letter);
    let base64 = |text: &str| text.chars().take_while(|letter| is_base64(*letter)).count();
    let has_key = ["PRIVATE KEY-----", "HS256 KEY-----"]
        .iter()
        .any(|label| text.split(label).skip(1).any(|rest| base64(rest.trim_start()) >= 40));
    let has_jwk = ["\"d\"", "\"k\""].iter().any(|name| {
        let values = text.split(name).skip(1).filter_map(|rest| rest.trim_start().strip_prefix(':'));
        values.filter_map(|rest| rest.trim_start().strip_prefix('"')).any(|value| base64(value) >= 40)
    });
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"_-.".contains(letter));
    let has_token = words.clone().any(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        let [header, claims, signature] = parts[..] else { return false };
        header.starts_with("eyJ") && claims.starts_with("eyJ") && claims.len() > 40 && signature.len() >= 40
    });
    let has_password_of_a_service = words.any(|word| {
        let prefixes =
            ["ghp_", "gho_", "ghs_", "github_pat_", "glpat-", "xoxb-", "xoxp-", "sk_live_", "AKIA"];
        prefixes.iter().any(|prefix| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 16))
    });
    let kinds = [
        (has_key, "a private key"),
        (has_jwk, "a private key as JSON"),
        (has_token, "a token"),
        (has_password_of_a_service, "a password of a service"),
    ];
    kinds.into_iter().find(|(is_there, _)| *is_there).map(|(_, kind)| kind)
}

#[test]
fn cfg_04_no_secret_is_in_the_repository() {
    let random = "aB3-_x9Q".repeat(6);
    for (text, kind) in [
        (format!("-----BEGIN PRIVATE KEY-----\n{random}"), "a private key"),
        (format!("\"-----BEGIN EC PRIVATE KEY-----\\n{random}"), "a private key"),
        (format!("-----BEGIN HS256 KEY-----\r\n{random}"), "a private key"),
        (format!("{{\\\"d\\\": \\\"{random}\\\"}}"), "a private key as JSON"),
        (format!("Bearer eyJ{random}.eyJ{random}.{random}"), "a token"),
        (format!("token=ghp_{random}"), "a password of a service"),
    ] {
        assert_eq!(secret_in(&text), Some(kind), "{text}");
    }
    let files = files_of_the_repository();
    assert!(files.len() > 100, "{files:?}");
    for file in files {
        let name = file.file_name().unwrap().to_string_lossy();
        for ending in [".pem", ".key", ".p12", ".pfx", ".jks", ".db", ".rdb", ".env", "id_ed25519", "id_rsa"]
        {
            assert!(!name.ends_with(ending), "{} is no file for a repository", file.display());
        }
        let content = std::fs::read(&file).unwrap();
        let found = secret_in(&String::from_utf8_lossy(&content));
        assert_eq!(found, None, "in {}", file.display());
    }
}
