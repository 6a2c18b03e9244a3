//! Settings from every source, and everything that can be wrong with them.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use doorward_crypto::TokenAlgorithm;
use doorward_domain::accounts::Directory;
use doorward_tls::ProtocolVersion;
use tempfile::TempDir;
use tracing::level_filters::LevelFilter;

use super::{Database, Flags, Form, Settings, Unset, chapters, environment_name};
use crate::telemetry::LogFormat;

fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
    pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
}

/// No Unicode text.
fn no_text() -> OsString {
    std::os::unix::ffi::OsStringExt::from_vec(vec![0xff])
}

fn from_environment(pairs: &[(&str, &str)]) -> Result<Settings, String> {
    Settings::from_sources(&Flags::default(), variables(pairs)).map_err(|faults| faults.to_string())
}

/// A settings file that lives as long as the test.
struct SettingsFile {
    path: PathBuf,
    _directory: TempDir,
}

impl SettingsFile {
    fn of(text: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("some.toml");
        fs::write(&path, text).unwrap();
        Self { path, _directory: directory }
    }

    fn load(&self, environment: &[(&str, &str)]) -> Result<Settings, String> {
        let flags = Flags { config: Some(self.path.clone()), ..Flags::default() };
        Settings::from_sources(&flags, variables(environment)).map_err(|faults| faults.to_string())
    }
}

/// The file of an embedded database.
fn file_of(settings: &Settings) -> PathBuf {
    match settings.database() {
        Database::Sqlite(file) => file,
        other @ Database::Postgres { .. } => panic!("{other}"),
    }
}

/// The faults of an environment, which must have some.
fn faults(pairs: &[(&str, &str)]) -> String {
    from_environment(pairs).unwrap_err()
}

#[test]
fn the_defaults_are_those_of_the_contract() {
    let settings = from_environment(&[]).unwrap();
    assert_eq!(settings.bind, ([127, 0, 0, 1], 8080).into());
    assert_eq!(file_of(&settings), Path::new("./doorward-data/doorward.db"));
    assert_eq!(settings.keys_path(), Path::new("./doorward-data/keys"));
    assert_eq!(settings.pepper_path(), Path::new("./doorward-data/pepper"));
    assert_eq!(settings.access_ttl, Duration::from_secs(15 * 60));
    assert_eq!(settings.refresh_ttl, Duration::from_secs(30 * 24 * 60 * 60));
    assert_eq!(settings.active_window, Duration::from_secs(5 * 60 * 60));
    assert_eq!((settings.leeway.as_secs(), settings.replay_window.as_secs()), (5, 10));
    assert_eq!((settings.password_min, settings.password_max), (8, 256));
    assert_eq!((settings.bcrypt_cost, settings.hash_queue, settings.max_sessions), (12, 32, 32));
    assert_eq!(
        (settings.body_limit, settings.head_limit, settings.url_limit),
        (64 * 1024, 16 * 1024, 8 * 1024)
    );
    let times =
        [settings.head_timeout, settings.body_timeout, settings.keep_alive, settings.shutdown_timeout];
    assert_eq!(times.map(|time| time.as_secs()), [5, 10, 15, 25]);
    assert!(settings.registration && settings.docs && settings.cors_origins.is_empty());
    assert!(settings.worker_count() > 0 && settings.hash_thread_count() > 0);
    assert_eq!((settings.database_pool_size, settings.database_timeout.as_millis()), (16, 2_500));
    assert_eq!(settings.database_start_timeout.as_secs(), 30);
    assert!(!settings.speaks_tls() && settings.hsts_max_age == Duration::from_secs(63_072_000));
    assert_eq!(settings.tls_min_version, ProtocolVersion::Tls12);
    assert!(settings.migrate_at_start && !settings.database_allow_unverified && settings.uses_data_dir());
}

#[test]
#[expect(clippy::too_many_lines, reason = "it is a list")]
fn every_setting_can_be_given_in_a_file() {
    let file = SettingsFile::of(
        r#"
        bind = "[::1]:9000"
        bind_allow_unencrypted = true
        data_dir = "/var/lib/doorward"
        database_url = "postgresql://doorward@db1:26257,db2:26257/doorward?sslmode=require"
        database_password_file = "/run/secrets/database"
        database_allow_unverified = true
        database_pool_size = 4
        database_timeout = "1s"
        database_start_timeout = 0
        migrate_at_start = false
        redis_url = "rediss://:open-sesame@cache"
        redis_documents_url = "rediss://documents/0"
        redis_password_file = "/run/secrets/redis"
        redis_ca_file = "/etc/redis/ca.crt"
        redis_certificate_file = "/etc/redis/doorward.crt"
        redis_key_file = "/etc/redis/doorward.key"
        redis_allow_unverified = true
        redis_timeout = "500ms"
        redis_client_caching = true
        keys_dir = "/srv/keys"
        pepper_file = "/run/secrets/pepper"
        admin_email = "ada@example.com"
        admin_password_file = "/run/secrets/ada"
        registration = false
        directory = "admins"
        active_window = "1h"
        password_min = 15
        password_max = 64
        bcrypt_cost = 10
        hash_threads = 1
        hash_queue = 2
        issuer = "https://id.example.com"
        audience = "shop"
        token_algorithm = "ES256"
        access_ttl = "1month"
        refresh_ttl = "4months"
        idle_ttl = "2months"
        leeway = 0
        replay_window = "0"
        max_sessions = 1
        audit_retention = "90days"
        throttle_login_network = "off"
        throttle_login_guesses = ["5 per 1m", "10 per 1h"]
        throttle_login_account = "50 per 1day"
        throttle_login_allow_unlimited = true
        throttle_registration = "3 per 1h"
        throttle_refresh = "60 per 1m"
        throttle_changes = "30 per 1m"
        trusted_proxies = ["10.0.0.5", "2001:db8:1::/48"]
        body_limit = "1MiB"
        head_limit = 8192
        url_limit = "4 KiB"
        head_timeout = "500ms"
        body_timeout = "20s"
        keep_alive = "1m"
        write_timeout = "5s"
        shutdown_delay = "5s"
        shutdown_timeout = "3s"
        max_connections = 5
        workers = 3
        cors_origins = ["https://shop.example.com", "http://localhost:3000"]
        cors_allow_unencrypted = true
        docs = false
        tls_certificate_file = "/etc/doorward/tls.crt"
        tls_key_file = "/etc/doorward/tls.key"
        tls_min_version = "1.3"
        hsts_max_age = "1day"
        log_format = "json"
        log_level = "debug"
        log_requests = 5
        log_addresses = true
        metrics_bind = "127.0.0.1:9464"
        otlp_endpoint = "https://traces.example.com"
        otlp_headers = "authorization=Basic open-sesame"
        otlp_allow_unencrypted = true
        trace_sample_ratio = 0.25
        "#,
    );
    let text = fs::read_to_string(&file.path).unwrap();
    for setting in chapters().iter().flat_map(|chapter| &chapter.settings) {
        assert!(text.contains(&format!("{} = ", setting.name)), "{} is not tried", setting.name);
    }
    let settings = file.load(&[]).unwrap();
    assert_eq!(settings.database().to_string(), "postgresql://db1:26257,db2:26257/doorward");
    assert_eq!((settings.database_pool_size, settings.database_timeout), (4, Duration::from_secs(1)));
    assert!(settings.database_allow_unverified && !settings.migrate_at_start && !settings.uses_data_dir());
    let redis = settings.redis().unwrap();
    assert_eq!(redis.documents_url.to_string(), "rediss://documents:6379/0");
    assert_eq!(redis.tls.key.as_deref(), Some(Path::new("/etc/redis/doorward.key")));
    assert!(redis.timeout.as_millis() == 500 && redis.client_caching);
    assert_eq!(settings.keys_path(), Path::new("/srv/keys"));
    assert_eq!(settings.pepper_path(), Path::new("/run/secrets/pepper"));
    assert_eq!(settings.directory, Directory::Admins);
    assert_eq!((settings.leeway, settings.replay_window), (Duration::ZERO, Duration::ZERO));
    assert_eq!((settings.body_limit, settings.head_limit, settings.url_limit), (1_048_576, 8192, 4096));
    assert_eq!((settings.worker_count(), settings.hash_thread_count()), (3, 1));
    assert_eq!(settings.token_algorithm, TokenAlgorithm::Es256);
    assert_eq!(settings.cors_origins, ["http://localhost:3000", "https://shop.example.com"]);
    assert!(settings.throttle_login_network.is_empty() && settings.throttle_login_guesses.len() == 2);
    assert_eq!(settings.trusted_proxies.len(), 2);
    assert_eq!((settings.log_format, settings.log_level), (LogFormat::Json, LevelFilter::DEBUG));
    assert!(!settings.registration && !settings.docs && settings.speaks_tls());
}

/// The schema allows it, and `config dump` writes it so.
#[test]
fn every_list_can_be_given_as_an_array() {
    for setting in chapters().iter().flat_map(|chapter| &chapter.settings) {
        let Form::List { .. } = setting.form else { continue };
        let items = match setting.name {
            "trusted_proxies" => "'10.0.0.5', '2001:db8:1::/48'",
            "cors_origins" => "'https://a.example', 'https://b.example'",
            "otlp_headers" => "'authorization=Basic b3Blbg==', 'x-scope=doorward'",
            name if name.starts_with("throttle_") => "'5 per 1m', '50 per 1day'",
            name => panic!("there are no items for {name}"),
        };
        let file = SettingsFile::of(&format!(
            "{} = [{items}]\notlp_endpoint = 'https://traces.example.com'",
            setting.name
        ));
        file.load(&[]).unwrap_or_else(|told| panic!("{told}"));
    }
}

#[test]
fn what_makes_no_sense_together_is_refused() {
    for (pairs, problem) in [
        (
            &[("DOORWARD_IDLE_TTL", "31days")][..],
            "idle_ttl = \"31days\" (from DOORWARD_IDLE_TTL) must not be longer than refresh_ttl",
        ),
        (
            &[("DOORWARD_METRICS_BIND", "127.0.0.1:8080")],
            "must be another address than bind = \"127.0.0.1:8080\"",
        ),
        (&[("DOORWARD_METRICS_BIND", "0.0.0.0:8080")], "must be another address than bind"),
        (&[("DOORWARD_HSTS_MAX_AGE", "500ms")], "must be 0 or a duration with its unit, from 1s"),
    ] {
        let told = faults(pairs);
        assert!(told.contains(problem), "{told}");
    }
    for fine in [
        &[("DOORWARD_IDLE_TTL", "30days")][..],
        &[("DOORWARD_METRICS_BIND", "127.0.0.1:0"), ("DOORWARD_BIND", "127.0.0.1:0")],
        &[("DOORWARD_METRICS_BIND", "127.0.0.2:8080")],
        &[("DOORWARD_HSTS_MAX_AGE", "0")],
        // It is this machine, however it is written.
        &[("DOORWARD_OTLP_ENDPOINT", "http://[::ffff:127.0.0.1]:4318")],
    ] {
        from_environment(fine).unwrap();
    }
}

#[test]
fn tls_is_spoken_with_a_certificate_and_its_key() {
    let files =
        [("DOORWARD_TLS_CERTIFICATE_FILE", "/run/tls.crt"), ("DOORWARD_TLS_KEY_FILE", "/run/tls.key")];
    let settings = from_environment(&[files[0], files[1], ("DOORWARD_TLS_MIN_VERSION", "1.3")]).unwrap();
    let pair = settings.tls_files().unwrap();
    assert_eq!((&*pair.certificate, &*pair.key), (Path::new("/run/tls.crt"), Path::new("/run/tls.key")));
    assert_eq!(settings.tls_min_version, ProtocolVersion::Tls13);
    for (file, other) in [(files[0], "tls_key_file"), (files[1], "tls_certificate_file")] {
        let told = faults(&[file]);
        assert!(told.contains(&format!("(from {}) must come with {other}", file.0)), "{told}");
    }
}

#[test]
fn every_default_is_allowed_in_the_environment_too() {
    for setting in chapters().iter().flat_map(|chapter| &chapter.settings) {
        if let Unset::Is(text) = setting.unset {
            from_environment(&[(&environment_name(setting.name), text)]).unwrap();
        }
    }
}

#[test]
fn the_environment_overrides_the_file_and_the_command_line_both() {
    let file = SettingsFile::of("bind = '127.0.0.1:1'\ndata_dir = 'file'\nissuer = 'file'");
    let flags =
        Flags { config: Some(file.path.clone()), bind: Some("127.0.0.1:3".to_owned()), data_dir: None };
    let environment = variables(&[("DOORWARD_BIND", "127.0.0.1:2"), ("DOORWARD_DATA_DIR", "environment")]);
    let settings = Settings::from_sources(&flags, environment).unwrap();
    assert_eq!(settings.bind.port(), 3);
    assert_eq!(settings.data_dir, Path::new("environment"));
    assert_eq!(settings.issuer, "file");
}

#[test]
fn the_environment_may_name_the_file() {
    let file = SettingsFile::of("issuer = 'file'");
    let settings = from_environment(&[("DOORWARD_CONFIG", file.path.to_str().unwrap())]).unwrap();
    assert_eq!(settings.issuer, "file");
}

#[test]
fn a_named_file_that_is_not_there_is_a_fault() {
    let faults = faults(&[("DOORWARD_CONFIG", "/nowhere/doorward.toml")]);
    assert!(faults.contains("/nowhere/doorward.toml cannot be read: No such file"), "{faults}");
}

#[test]
fn a_file_that_is_no_toml_is_a_fault_that_names_the_line() {
    let faults = SettingsFile::of("issuer = 'a'\nbind = 127.0.0.1").load(&[]).unwrap_err();
    assert!(faults.contains("some.toml cannot be read") && faults.contains("line 2"), "{faults}");
}

#[test]
fn everything_that_is_wrong_is_told_at_once_with_where_it_stands() {
    let file = SettingsFile::of("bcrypt_cost = 99\nworkrs = 3\n[http]\nport = 1\n");
    let faults = file
        .load(&[
            ("DOORWARD_ACCESS_TTL", "40days"),
            ("DOORWARD_BNID", "127.0.0.1:1"),
            ("DOORWARD_DOCS", "maybe"),
            ("DOORWARD_QUITE_UNLIKE_ANYTHING", "1"),
        ])
        .unwrap_err();
    let path = file.path.display();
    for fault in [
        "7 settings are wrong:".to_owned(),
        format!("bcrypt_cost = \"99\" (in {path}) must be a whole number from 10 to 16"),
        format!("workrs (in {path}) is no setting; did you mean workers?"),
        format!("http (in {path}) is no setting"),
        "access_ttl = \"40days\" (from DOORWARD_ACCESS_TTL) must be shorter than refresh_ttl = \"30days\" (the default)"
            .to_owned(),
        "DOORWARD_BNID is no setting; did you mean DOORWARD_BIND?".to_owned(),
        "docs = \"maybe\" (from DOORWARD_DOCS) must be true or false".to_owned(),
        "DOORWARD_QUITE_UNLIKE_ANYTHING is no setting\n".to_owned(),
    ] {
        assert!(faults.contains(&fault), "{fault:?} is not told in:\n{faults}");
    }
}

#[test]
fn what_cannot_be_read_at_all_is_told_together_with_the_rest() {
    let file = SettingsFile::of("bind = 127.0.0.1");
    let flags = Flags { config: Some(file.path.clone()), ..Flags::default() };
    let environment = variables(&[("DOORWARD_DOCS", "maybe"), ("DOORWARD_BNID", "127.0.0.1:1")])
        .into_iter()
        .chain([(OsString::from("DOORWARD_ISSUER"), no_text())]);
    let faults = Settings::from_sources(&flags, environment).unwrap_err().to_string();
    for fault in [
        "4 settings are wrong:",
        "DOORWARD_ISSUER must be text in UTF-8",
        "some.toml cannot be read",
        "docs = \"maybe\" (from DOORWARD_DOCS) must be true or false",
        "DOORWARD_BNID is no setting; did you mean DOORWARD_BIND?",
    ] {
        assert!(faults.contains(fault), "{fault:?} is not told in:\n{faults}");
    }
}

#[test]
fn with_what_cannot_be_read_nothing_is_compared() {
    let file = SettingsFile::of("admin_password_file = /run/secrets/ada");
    let faults = file.load(&[("DOORWARD_ADMIN_EMAIL", "ada@example.com")]).unwrap_err();
    assert!(faults.starts_with("a setting is wrong:"), "{faults}");
}

#[test]
fn a_wrong_option_is_named_as_an_option() {
    let flags = Flags { data_dir: Some(String::new()), bind: Some("8080".to_owned()), config: None };
    let faults = Settings::from_sources(&flags, variables(&[])).unwrap_err().to_string();
    assert!(faults.contains("bind = \"8080\" (from --bind) must be an IP address and a port"), "{faults}");
    assert!(faults.contains("data_dir = \"\" (from --data-dir) must be a path"), "{faults}");
}

#[test]
fn a_variable_in_another_letter_case_is_refused_rather_than_ignored() {
    for variable in ["DOORWARD_bind", "DOORWARD_Bind", "DOORWARD_"] {
        assert!(
            faults(&[(variable, "127.0.0.1:1")]).contains(&format!("{variable} is no setting")),
            "{variable}"
        );
    }
    assert!(faults(&[("DOORWARD_bind", "")]).contains("did you mean DOORWARD_BIND?"));
}

#[test]
fn variables_that_kubernetes_makes_for_a_service_are_not_ours() {
    from_environment(&[
        ("DOORWARD_SERVICE_HOST", "10.0.0.1"),
        ("DOORWARD_SERVICE_PORT", "80"),
        ("DOORWARD_SERVICE_PORT_HTTP", "80"),
        ("DOORWARD_PORT", "tcp://10.0.0.1:80"),
        ("DOORWARD_PORT_80_TCP", "tcp://10.0.0.1:80"),
        ("DOORWARD_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("DOORWARD_API_PORT_80_TCP_PROTO", "tcp"),
        ("HOME", "/root"),
    ])
    .unwrap();
    assert!(faults(&[("DOORWARD_PORT", "8080")]).contains("DOORWARD_PORT is no setting"));
}

#[test]
fn a_value_that_is_not_unicode_is_a_fault() {
    let environment = [(OsString::from("DOORWARD_ISSUER"), no_text())];
    let faults = Settings::from_sources(&Flags::default(), environment).unwrap_err().to_string();
    assert!(faults.contains("DOORWARD_ISSUER must be text in UTF-8"), "{faults}");
}

#[test]
fn a_wrong_url_is_told_of_without_repeating_its_password() {
    for (url, problem) in [
        ("mysql://app:open-sesame@db/doorward", "must be sqlite: and a file"),
        ("postgres://app:open-sesame@db:port/doorward", "cannot be used: the port of host number 1 must be"),
        ("postgres://app:open-sesame@db/doorward?sslmode=prefer", "sslmode=prefer is not offered"),
        ("postgres://app:open-sesame@db/doorward?sslmode=require", "or set database_allow_unverified"),
        ("postgres://app:open-sesame@db/doorward?sslmode=disable", "or set database_allow_unverified"),
    ] {
        let told = faults(&[("DOORWARD_DATABASE_URL", url)]);
        let expected = "database_url (from DOORWARD_DATABASE_URL)";
        assert!(told.contains(expected) && told.contains(problem), "{problem:?} is not:\n{told}");
        assert!(told.starts_with("a setting is wrong:"), "{told}");
        assert!(!told.contains("open-sesame"), "{told}");
    }
}

#[test]
fn cfg_01_settings_are_printed_without_their_secrets() {
    let settings = from_environment(&[
        ("DOORWARD_DATABASE_URL", "postgresql://ada:open-sesame@localhost/d?application_name=x"),
        ("DOORWARD_REDIS_URL", "redis-sentinel://ada:open-sesame@localhost/s?sentinel_password=open-sesame"),
        ("DOORWARD_REDIS_DOCUMENTS_URL", "redis://:open-sesame@localhost/2"),
    ])
    .unwrap();
    // A panic tells what it met in the same way.
    let told = format!("{settings:?} {:#?} {:?}", settings.database(), settings.redis());
    assert!(told.contains("localhost") && !told.contains("sesame"), "{told}");
}

#[test]
fn what_is_not_sure_of_the_other_side_is_allowed_by_a_setting_of_its_own() {
    let url = ("DOORWARD_DATABASE_URL", "postgresql://app@db/doorward?sslmode=require");
    from_environment(&[url, ("DOORWARD_DATABASE_ALLOW_UNVERIFIED", "true")]).unwrap();
    let told = faults(&[url, ("DOORWARD_DATABASE_ALLOW_UNVERIFIED", "perhaps")]);
    assert!(told.starts_with("a setting is wrong:") && told.contains("must be true or false"), "{told}");
    let told = faults(&[url, ("DOORWARD_DOCS", "perhaps")]);
    assert!(told.starts_with("2 settings are wrong:"), "{told}");
}

#[test]
fn what_a_transfer_is_told_in_the_environment_is_no_setting() {
    from_environment(&[("DOORWARD_TRANSFER_FROM", "sqlite:a.db"), ("DOORWARD_TRANSFER_TO", "sqlite:b.db")])
        .unwrap();
    assert!(faults(&[("DOORWARD_TRANSFER_FORM", "x")]).contains("DOORWARD_TRANSFER_FORM is no setting"));
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    for (pairs, fault) in [
        (
            &[("DOORWARD_REFRESH_TTL", "15m")][..],
            "access_ttl = \"15m\" (the default) must be shorter than refresh_ttl",
        ),
        (&[("DOORWARD_IDLE_TTL", "15m")], "must be 0 or longer than access_ttl"),
        (&[("DOORWARD_URL_LIMIT", "17KiB")], "must not be above head_limit"),
        (&[("DOORWARD_ADMIN_EMAIL", "ada@example.com")], "must come with admin_password_file"),
        (&[("DOORWARD_ADMIN_PASSWORD_FILE", "/run/secrets/ada")], "must come with admin_email"),
        (
            &[("DOORWARD_DATABASE_PASSWORD_FILE", "/run/secrets/database")],
            "must come with a postgresql:// URL as database_url",
        ),
    ] {
        let told = faults(pairs);
        assert!(told.starts_with("a setting is wrong:") && told.contains(fault), "{fault:?} is not:\n{told}");
    }
}

#[test]
fn a_setting_that_is_wrong_by_itself_is_not_compared() {
    let faults = faults(&[("DOORWARD_ACCESS_TTL", "soon"), ("DOORWARD_REFRESH_TTL", "5m")]);
    assert!(faults.starts_with("a setting is wrong:"), "{faults}");
}

#[test]
fn aut_16_everybody_is_no_proxy_wherever_that_is_written() {
    let told = faults(&[("DOORWARD_TRUSTED_PROXIES", "0.0.0.0/0")]);
    let expected = "trusted_proxies = \"0.0.0.0/0\" (from DOORWARD_TRUSTED_PROXIES) cannot be used: ";
    assert!(told.contains(expected) && told.contains("every client could forge its address"), "{told}");
    let told = SettingsFile::of("trusted_proxies = ['10.0.0.5', '::/0']").load(&[]).unwrap_err();
    assert!(told.contains("every client could forge its address"), "{told}");
}

#[test]
fn values_beyond_their_limits_are_refused() {
    for (variable, value) in [
        ("DOORWARD_ACCESS_TTL", "0"),
        ("DOORWARD_REFRESH_TTL", "0s"),
        ("DOORWARD_LEEWAY", "61s"),
        ("DOORWARD_REPLAY_WINDOW", "2m"),
        ("DOORWARD_MAX_SESSIONS", "0"),
        ("DOORWARD_BCRYPT_COST", "3"),
        ("DOORWARD_BCRYPT_COST", "17"),
        ("DOORWARD_PASSWORD_MIN", "7"),
        ("DOORWARD_PASSWORD_MIN", "25"),
        ("DOORWARD_PASSWORD_MAX", "63"),
        ("DOORWARD_BODY_LIMIT", "1GiB"),
        ("DOORWARD_CORS_ORIGINS", "*"),
        ("DOORWARD_THROTTLE_REFRESH", ""),
        ("DOORWARD_TRUSTED_PROXIES", "proxy.internal"),
        ("DOORWARD_LOG_LEVEL", "loud"),
        ("DOORWARD_TLS_MIN_VERSION", "1.1"),
        ("DOORWARD_HSTS_MAX_AGE", "63072000"),
        ("DOORWARD_WORKERS", "0"),
        ("DOORWARD_ADMIN_EMAIL", "me"),
        ("DOORWARD_DATABASE_POOL_SIZE", "0"),
        ("DOORWARD_DATABASE_TIMEOUT", "99ms"),
        ("DOORWARD_DATABASE_TIMEOUT", "61s"),
        ("DOORWARD_DATABASE_START_TIMEOUT", "11m"),
        ("DOORWARD_ISSUER", ""),
    ] {
        let told = faults(&[(variable, value)]);
        assert!(told.contains(&format!("from {variable}) must be")), "{variable}: {told}");
    }
}

#[test]
#[cfg(not(feature = "test-costs"))]
fn a_cost_below_ten_is_for_test_builds() {
    assert!(faults(&[("DOORWARD_BCRYPT_COST", "9")]).contains("from 10 to 16"));
}
