//! `doorward config`, `completions` and `man`: what an operator looks at before a start.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::databases::{empty, migrated};
use crate::support::Place;

const SECRET: &str = "open-sesame";

/// Somewhere that nobody listens.
fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn settings_that_will_do_are_told_with_their_sources_and_nothing_is_made() {
    let place = Place::new();
    place.file("doorward.toml", "issuer = 'here'\naccess_ttl = '5m'");
    let url = place.secret("url", &format!("sqlite://{}", place.data_dir().join("other.db").display()));
    let place = place.with("DOORWARD_DATABASE_URL_FILE", &url);
    let (said, _) = place.ends_with(0, &["config", "check", "--bind", "[::1]:0"]);
    for part in [
        "The settings will do.\n".to_owned(),
        "  doorward.toml: issuer, access_ttl\n".to_owned(),
        "  command line: --bind\n".to_owned(),
        format!("DOORWARD_DATABASE_URL_FILE ({})", url.display()),
        "data_dir: ".to_owned(),
        "is not there; a first start makes it".to_owned(),
        "pepper_file: ".to_owned(),
    ] {
        assert!(said.contains(&part), "{part:?} is not in:\n{said}");
    }
    assert!(!place.data_dir().exists());
}

#[test]
fn everything_that_is_wrong_with_files_is_told_at_once() {
    let place = Place::new();
    let password = place.file("open", SECRET);
    let pepper = place.secret("pepper", SECRET);
    let keys = place.file("keys", SECRET);
    let place = place
        .with("DOORWARD_DATABASE_URL", "postgresql://ada@db.example/d?sslrootcert=/nowhere/ca.crt")
        .with("DOORWARD_DATABASE_PASSWORD_FILE", &password)
        .with("DOORWARD_REDIS_URL", "rediss://ada@cache.example")
        .with("DOORWARD_REDIS_PASSWORD_FILE", "/nowhere/redis")
        .with("DOORWARD_REDIS_CA_FILE", &password)
        .with("DOORWARD_PEPPER_FILE", &pepper)
        .with("DOORWARD_KEYS_DIR", &keys)
        .with("DOORWARD_ADMIN_EMAIL", "ada@example.com")
        .with("DOORWARD_ADMIN_PASSWORD_FILE", "/nowhere/ada");
    let (_, complaint) = place.ends_with(2, &["config", "check", "--connect"]);
    for part in [
        "database_url: the file /nowhere/ca.crt cannot be read: No such file",
        "cannot be used: it has mode 0644, which lets others in",
        "redis_password_file = /nowhere/redis cannot be used: No such file",
        "redis_url: the file",
        "has no certificate in PEM",
        "pepper_file: ",
        "does not hold 32 to 64 bytes as base64",
        "keys_dir: ",
        "admin_password_file = /nowhere/ada cannot be used: No such file",
    ] {
        assert!(complaint.contains(part), "{part:?} is not in:\n{complaint}");
    }
    assert!(!complaint.contains(SECRET), "{complaint}");
}

#[test]
fn settings_that_stop_a_start_stop_the_check() {
    let place = Place::new().with("DOORWARD_BIND", "0.0.0.0:0").with("DOORWARD_WORKRS", "1");
    let (_, complaint) = place.ends_with(2, &["config", "check"]);
    assert!(complaint.contains("2 settings are wrong:"), "{complaint}");
    assert!(complaint.contains("set bind_allow_unencrypted"), "{complaint}");
    assert!(
        complaint.contains("DOORWARD_WORKRS is no setting; did you mean DOORWARD_WORKERS?"),
        "{complaint}"
    );
    assert_eq!(place.ends_with(2, &["serve"]).1, complaint);
}

#[test]
fn a_database_and_a_redis_are_asked_where_that_is_wanted() {
    let place = Place::new();
    place.serves();
    let (said, _) = place.ends_with(0, &["config", "check", "--connect"]);
    assert!(said.contains("doorward.db is up to date\n"), "{said}");

    let redis = format!("redis://:{SECRET}@127.0.0.1:{}", closed_port());
    let place = place.with("DOORWARD_REDIS_URL", &redis);
    place.ends_with(0, &["config", "check"]);
    let (_, complaint) = place.ends_with(75, &["config", "check", "--connect"]);
    assert!(complaint.contains("redis_url: 127.0.0.1:") && !complaint.contains(SECRET), "{complaint}");
}

#[tokio::test]
async fn a_database_of_a_server_has_to_have_its_tables() {
    let (Some(empty), Some(migrated)) = (empty().await, migrated().await) else { return };
    let (_, complaint) = Place::new().at(&empty.url()).ends_with(2, &["config", "check", "--connect"]);
    assert!(
        complaint.contains(" lacks ") && complaint.contains("run `doorward migrate apply`"),
        "{complaint}"
    );
    let (said, _) = Place::new().at(&migrated.url()).ends_with(0, &["config", "check", "--connect"]);
    assert!(said.contains(" is up to date\n"), "{said}");
}

#[test]
fn secrets_in_a_settings_file_that_others_may_read_are_remarked_on() {
    let place = Place::new();
    let text = format!("redis_url = 'redis://:{SECRET}@127.0.0.1'\nissuer = 'here'");
    place.file("doorward.toml", &text);
    let (said, _) = place.ends_with(0, &["config", "check"]);
    let remark = "doorward.toml: others may read the secrets in it (mode 0644, redis_url); run: chmod 600";
    assert!(said.contains(remark) && !said.contains(SECRET), "{said}");
    let service = place.start();
    let told = service.log_with("others may read");
    assert!(told.contains(remark) && told.contains("WARN") && !told.contains(SECRET), "{told}");
    service.stop();
    place.secret("doorward.toml", &text);
    assert!(
        !place.ends_with(0, &["config", "check"]).0.contains("others may read"),
        "it is for its owner alone"
    );
}

#[test]
fn a_new_place_is_asked_without_making_anything() {
    let place = Place::new();
    let (said, _) = place.ends_with(0, &["config", "check", "--connect"]);
    assert!(said.contains("database_url: a start migrates sqlite://"), "{said}");
    assert!(!place.data_dir().exists());
}

#[test]
fn a_dump_starts_the_same_service() {
    let place = Place::new().with("DOORWARD_ISSUER", "somewhere").with("DOORWARD_DOCS", "false");
    let (dumped, _) = place.ends_with(0, &["config", "dump"]);
    assert!(dumped.contains("issuer = \"somewhere\"  # from DOORWARD_ISSUER\n"), "{dumped}");
    let other = Place::new();
    other.file("doorward.toml", &dumped);
    let (again, _) = other.ends_with(0, &["config", "dump", "--format", "json"]);
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["issuer"], json!({ "value": "somewhere", "source": "file", "from": "doorward.toml" }));
    assert_eq!(again["docs"]["value"], json!(false));
    assert_eq!(again["bind"]["source"], json!("environment"));
}

#[test]
fn what_describes_the_settings_and_the_commands_reads_no_settings() {
    let place = Place::new().with("DOORWARD_NONSENSE", "1").with("DOORWARD_CONFIG", "/nowhere");
    let (schema, _) = place.ends_with(0, &["config", "schema"]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    assert_eq!(schema["$schema"], json!("https://json-schema.org/draft/2020-12/schema"));
    assert!(place.ends_with(0, &["config", "example"]).0.contains("\n#bind = \"127.0.0.1:8080\"\n"));
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (script, _) = place.ends_with(0, &["completions", shell]);
        assert!(script.contains("fingerprints"), "{shell}: {script}");
    }
    assert!(place.ends_with(0, &["man"]).0.contains(".TH doorward 1"));
    assert!(place.ends_with(2, &["config", "dump"]).1.contains("DOORWARD_NONSENSE is no setting"));
}

#[test]
fn a_shell_takes_its_completions() {
    let place = Place::new();
    let script = place.file("completions", &place.ends_with(0, &["completions", "bash"]).0);
    let complete = "source \"$0\"; COMP_WORDS=(doorward con); COMP_CWORD=1; _doorward doorward con doorward; echo \"${COMPREPLY[*]}\"";
    let output = Command::new("bash").args(["-c", complete]).arg(&script).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said.trim(), "config", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn every_command_has_a_page() {
    let place = Place::new();
    let directory = place.data_dir().join("man1");
    place.ends_with(0, &["man", "--directory", directory.to_str().unwrap()]);
    for page in
        ["doorward", "doorward-serve", "doorward-config-check", "doorward-keys-rotate", "doorward-man"]
    {
        let text = std::fs::read_to_string(directory.join(format!("{page}.1"))).unwrap();
        assert!(text.contains(&format!(".TH {page} 1")), "{page}: {text}");
    }
    let page = std::fs::read_to_string(directory.join("doorward-config-check.1")).unwrap();
    assert!(page.contains(".nf\n\\&  doorward config check\n"), "{page}");
    assert!(!directory.join("doorward-help.1").exists());
    let file = place.file("no-directory", "");
    let (_, complaint) = place.ends_with(1, &["man", "--directory", file.to_str().unwrap()]);
    assert!(complaint.contains("cannot write to") && complaint.contains("no-directory"), "{complaint}");
}

#[test]
fn cfg_01_nothing_that_shows_settings_shows_a_secret() {
    let place = Place::new();
    let database = format!("postgresql://ada:{SECRET}@db.example/d?sslmode=require");
    let [database, redis, documents, password] = [
        place.secret("database", &database),
        place.secret(
            "redis",
            &format!("rediss-sentinel://ada:{SECRET}@a.example/s?sentinel_password={SECRET}"),
        ),
        place.secret("documents", &format!("rediss://:{SECRET}@b.example/1")),
        place.secret("password", SECRET),
    ];
    let files = |place: Place, database: &Path| {
        place
            .with("DOORWARD_DATABASE_URL_FILE", database)
            .with("DOORWARD_DATABASE_PASSWORD_FILE", &password)
            .with("DOORWARD_DATABASE_START_TIMEOUT", "0")
            .with("DOORWARD_REDIS_URL_FILE", &redis)
            .with("DOORWARD_REDIS_DOCUMENTS_URL_FILE", &documents)
            .with("DOORWARD_REDIS_PASSWORD_FILE", &password)
            .with("DOORWARD_ADMIN_EMAIL", "ada@example.com")
            .with("DOORWARD_ADMIN_PASSWORD_FILE", &password)
            .with("DOORWARD_TRANSFER_FROM", format!("postgresql://ada:{SECRET}@db.example:port/d"))
            .with("DOORWARD_TRANSFER_TO", format!("mysql://ada:{SECRET}@db.example/d"))
    };
    let refused = files(place, &database);
    let place = files(Place::new(), &database).with("DOORWARD_DATABASE_ALLOW_UNVERIFIED", "true");
    let by_file = Place::new()
        .with("DOORWARD_TRANSFER_FROM_FILE", &documents)
        .with("DOORWARD_TRANSFER_TO_FILE", &database);
    for (place, code, arguments) in [
        (&place, 0, &["config", "check"][..]),
        (&place, 0, &["config", "dump"]),
        (&place, 0, &["config", "dump", "--format", "json"]),
        (&place, 0, &["config", "schema"]),
        (&place, 0, &["config", "example"]),
        (&place, 0, &["man"]),
        (&place, 0, &["completions", "bash"]),
        (&place, 0, &["--help"]),
        (&place, 2, &["transfer"]),
        (&by_file, 2, &["transfer"]),
        (&place, 1, &["healthcheck"]),
        (&refused, 2, &["config", "check"]),
        (&refused, 2, &["config", "dump"]),
        (&refused, 2, &["serve"]),
        (&refused, 1, &["healthcheck"]),
    ] {
        let (said, complaint) = place.ends_with(code, arguments);
        for text in [said, complaint] {
            assert!(!text.contains(SECRET), "{arguments:?}: {text}");
        }
    }
    let (dumped, _) = place.ends_with(0, &["config", "dump"]);
    assert_eq!(dumped.matches("[redacted]").count(), 4, "{dumped}");
}
