//! What a URL means, and what it may not be.

use std::path::Path;
use std::time::Duration;

use percent_encoding::percent_encode;
use proptest::prelude::*;
use tokio_postgres::config::{ChannelBinding, Host, LoadBalanceHosts, TargetSessionAttrs};

use super::*;

const STRICT: Policy = Policy { allow_unverified: false };
const LAX: Policy = Policy { allow_unverified: true };

fn parse(text: &str) -> Result<ConnectionUrl, UrlError> {
    ConnectionUrl::parse(text, STRICT)
}

fn config(text: &str) -> Config {
    parse(text).unwrap().config()
}

fn message(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

fn tcp(names: &[&str]) -> Vec<Host> {
    names.iter().map(|name| Host::Tcp((*name).to_owned())).collect()
}

#[test]
fn every_part_arrives_decoded() {
    let config =
        config("postgresql://door%40ward:p%40ss%2Fw%3Ard%25@db.example:26257/door%2Fward?options=-c%20a%3Db");
    assert_eq!(config.get_user(), Some("door@ward"));
    assert_eq!(config.get_password(), Some(&b"p@ss/w:rd%"[..]));
    assert_eq!(config.get_hosts(), tcp(&["db.example"]));
    assert_eq!(config.get_ports(), [26257]);
    assert_eq!(config.get_dbname(), Some("door/ward"));
    assert!(config.get_options().unwrap().starts_with("-c a=b -c statement_timeout="));
}

#[test]
fn several_hosts_stand_for_each_other() {
    let url = parse("postgres://db1:26257,db2,[2001:db8::1]:26259,[::1]/doorward").unwrap();
    let config = url.config();
    assert_eq!(config.get_hosts(), tcp(&["db1", "db2", "2001:db8::1", "::1"]));
    assert_eq!(config.get_ports(), [26257, 5432, 26259, 5432]);
    assert_eq!(config.get_load_balance_hosts(), LoadBalanceHosts::Random);
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(1)));
    assert_eq!(url.describe(), "postgresql://db1:26257,db2:5432,[2001:db8::1]:26259,[::1]:5432/doorward");
}

#[test]
fn hosts_and_ports_may_be_parameters() {
    let same = config("postgresql:///doorward?host=db1,db2&port=26257");
    assert_eq!((same.get_hosts(), same.get_ports()), (&*tcp(&["db1", "db2"]), &[26257, 26257][..]));
    let each = config("postgresql://db1,db2/doorward?port=,26258");
    assert_eq!((each.get_hosts(), each.get_ports()), (&*tcp(&["db1", "db2"]), &[5432, 26258][..]));
    let all = config("postgresql:///?host=::1&dbname=doorward&user=me&password=secret");
    assert_eq!((all.get_hosts(), all.get_dbname()), (&*tcp(&["::1"]), Some("doorward")));
    assert_eq!((all.get_user(), all.get_password()), (Some("me"), Some(&b"secret"[..])));
}

#[test]
fn a_unix_socket_is_a_directory() {
    for text in
        ["postgresql://%2Fvar%2Frun%2Fpostgresql/doorward", "postgresql:///doorward?host=/var/run/postgresql"]
    {
        let url = parse(text).unwrap();
        assert_eq!(url.config().get_hosts(), [Host::Unix("/var/run/postgresql".into())]);
        assert_eq!(url.ssl_mode(), SslMode::Disable);
        assert_eq!(url.describe(), "postgresql://%2Fvar%2Frun%2Fpostgresql:5432/doorward");
    }
}

#[test]
fn a_silent_url_has_short_limits_and_a_name() {
    let config = config("postgresql://db/doorward");
    assert_eq!(config.get_application_name(), Some("doorward"));
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(3)));
    assert!(config.get_keepalives());
    assert_eq!(config.get_keepalives_idle(), Duration::from_secs(30));
    assert_eq!(config.get_keepalives_interval(), Some(Duration::from_secs(10)));
    assert_eq!(config.get_keepalives_retries(), Some(3));
    assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(10)));
    assert_eq!(config.get_load_balance_hosts(), LoadBalanceHosts::Disable);
}

#[test]
fn what_the_url_says_wins() {
    let config = config(
        "postgresql://db1,db2/doorward?application_name=me&connect_timeout=7&keepalives=0&tcp_user_timeout=8\
         &load_balance_hosts=disable&target_session_attrs=read-write&channel_binding=require\
         &hostaddr=10.0.0.1,10.0.0.2",
    );
    assert_eq!(config.get_application_name(), Some("me"));
    assert_eq!(config.get_connect_timeout(), Some(&Duration::from_secs(7)));
    assert!(!config.get_keepalives());
    assert_eq!(config.get_tcp_user_timeout(), Some(&Duration::from_secs(8)));
    assert_eq!(config.get_load_balance_hosts(), LoadBalanceHosts::Disable);
    assert_eq!(config.get_target_session_attrs(), TargetSessionAttrs::ReadWrite);
    assert_eq!(config.get_channel_binding(), ChannelBinding::Require);
    assert_eq!(config.get_hostaddrs().len(), 2);
}

#[test]
fn the_limits_of_a_session_stand_behind_the_options_of_the_url() {
    let timeouts = Timeouts {
        statement: Duration::from_millis(1_500),
        lock: Duration::ZERO,
        idle_in_transaction: Duration::MAX,
    };
    let url = parse("postgresql://db/doorward?options=-c%20statement_timeout%3D0").unwrap();
    assert_eq!(
        url.with_timeouts(timeouts).config().get_options(),
        Some(
            "-c statement_timeout=0 -c statement_timeout=1500 -c lock_timeout=1 \
             -c idle_in_transaction_session_timeout=2147483647 -c default_transaction_isolation=serializable"
        )
    );
}

#[test]
fn a_password_from_elsewhere_wins() {
    let url = parse("postgresql://me:old@db/doorward").unwrap().with_password("new");
    assert_eq!(url.config().get_password(), Some(&b"new"[..]));
}

#[test]
fn a_silent_url_is_encrypted_unless_every_host_is_on_this_machine() {
    for (hosts, expected) in [
        ("db", SslMode::VerifyFull),
        ("10.0.0.1", SslMode::VerifyFull),
        ("localhost,db", SslMode::VerifyFull),
        ("localhost.example", SslMode::VerifyFull),
        ("[::]", SslMode::VerifyFull),
        ("0.0.0.0", SslMode::VerifyFull),
        ("localhost", SslMode::Disable),
        ("LocalHost", SslMode::Disable),
        ("127.0.0.1,[::1]:26257,127.255.0.7", SslMode::Disable),
        ("[::ffff:127.0.0.1]", SslMode::Disable),
        ("%2Ftmp,localhost", SslMode::Disable),
    ] {
        assert_eq!(parse(&format!("postgresql://{hosts}/d")).unwrap().ssl_mode(), expected, "{hosts}");
    }
    let elsewhere = parse("postgresql://localhost/d?hostaddr=10.0.0.1").unwrap();
    assert_eq!(elsewhere.ssl_mode(), SslMode::VerifyFull, "it is the address that counts");
    let named = parse("postgresql://localhost/d?sslrootcert=ca.crt").unwrap();
    assert_eq!(named.ssl_mode(), SslMode::VerifyFull, "a file is named in order to be used");
}

#[test]
fn another_machine_is_verified_unless_the_operator_allows_otherwise() {
    for mode in ["require", "disable"] {
        let far = format!("postgresql://db/d?sslmode={mode}");
        let error = message(&far);
        assert!(error.contains(mode) && error.contains("database_allow_unverified"), "{error}");
        assert_eq!(ConnectionUrl::parse(&far, LAX).unwrap().ssl_mode().to_string(), mode);
        assert!(parse(&format!("postgresql://localhost/d?sslmode={mode}")).is_ok());
        assert!(parse(&format!("postgresql://localhost/d?sslmode={mode}&hostaddr=10.0.0.1")).is_err());
    }
    let silent = ConnectionUrl::parse("postgresql://db/d", LAX).unwrap();
    assert_eq!(silent.ssl_mode(), SslMode::VerifyFull, "allowing it does not choose it");
}

#[test]
fn weaker_modes_are_refused_with_a_reason() {
    for mode in ["verify-ca", "prefer", "allow"] {
        let error = message(&format!("postgresql://localhost/d?sslmode={mode}"));
        assert!(
            error.contains(mode) && error.contains("for ") && error.contains("use verify-full"),
            "{error}"
        );
    }
    assert_eq!(message("postgresql://db/d?sslmode=full"), "sslmode must be verify-full, require or disable");
}

#[test]
fn the_files_must_make_sense_together() {
    let url = parse("postgresql://db/d?sslrootcert=/ca.crt&sslcert=/me.crt&sslkey=/me%20.key").unwrap();
    let encryption = url.encryption();
    assert!(matches!(&encryption.roots, Roots::File(file) if file == Path::new("/ca.crt")));
    let client = encryption.client.as_ref().unwrap();
    assert_eq!(client.certificate, Path::new("/me.crt"));
    assert_eq!(client.key, Path::new("/me .key"));
    for text in ["postgresql://db/d", "postgresql://db/d?sslrootcert=system"] {
        assert!(matches!(parse(text).unwrap().encryption().roots, Roots::System));
    }

    for (text, expected) in [
        ("postgresql://db/d?sslcert=a", "sslcert and sslkey belong together; sslkey is missing"),
        ("postgresql://db/d?sslkey=a", "sslcert and sslkey belong together; sslcert is missing"),
        ("postgresql://[::1]/d?sslmode=disable&sslkey=a", "sslkey has no effect with sslmode=disable"),
        (
            "postgresql://[::1]/d?sslmode=disable&sslrootcert=a",
            "sslrootcert has no effect with sslmode=disable",
        ),
        (
            "postgresql://[::1]/d?sslmode=require&sslrootcert=a",
            "sslrootcert has no effect with sslmode=require",
        ),
        ("postgresql://db/d?sslrootcert=", "sslrootcert must be the path of a file, or system"),
        (
            "postgresql://%2Ftmp/d?sslmode=require",
            "there is no TLS over a Unix socket: sslmode must be disable",
        ),
        ("postgresql://db,%2Ftmp/d", "there is no TLS over a Unix socket: sslmode must be disable"),
    ] {
        assert_eq!(message(text), expected, "{text}");
    }
}

#[test]
fn what_is_missing_or_misspelt_is_named() {
    for (text, expected) in [
        ("mysql://db/d", "it must begin with postgresql:// or postgres://"),
        ("host=db dbname=d", "it must begin with postgresql:// or postgres://"),
        ("postgresql:///d", "a host is missing"),
        ("postgresql://db", "the name of the database is missing"),
        ("postgresql://db/", "the name of the database is missing"),
        ("postgresql://db:x/d", "the port of host number 1 must"),
        ("postgresql://db,db2:0/d", "the port of host number 2 must"),
        ("postgresql://db,,db2/d", "host number 2 must"),
        ("postgresql://2001:db8::1/d", "the port of host number 1 must"),
        ("postgresql://[db]/d", "host number 1 must"),
        ("postgresql://[::1/d", "host number 1 must"),
        ("postgresql://[::1]x/d", "host number 1 must"),
        ("postgresql://d b/d", "host number 1 must"),
        ("postgresql://d%zzb/d", "a host is not UTF-8"),
        ("postgresql://db/%ff", "dbname is not UTF-8"),
        ("postgresql://me:%00@db/d", "password is not UTF-8"),
        ("postgresql://db/d?port=1,2", "port must have one value for each of the 1 hosts"),
        ("postgresql://db:1/d?port=2", "port is given twice"),
        ("postgresql://db/d?host=db2", "host is given twice"),
        ("postgresql://db/d?dbname=e", "dbname is given twice"),
        ("postgresql://db/d?hostaddr=db", "hostaddr must be"),
        ("postgresql://db/d?hostaddr=::1,::1", "hostaddr must have one value"),
        ("postgresql://db/d?keepalives=1&keepalives=1", "keepalives is given twice"),
        ("postgresql://db/d?keepalives=1&keepalive=1", "parameter number 2 is not known"),
        ("postgresql://db/d?keepalives", "parameter number 1 must be name=value"),
        ("postgresql://db/d?connect_timeout=3s", "connect_timeout must be a number of seconds"),
        ("postgresql://db/d?target_session_attrs=primary", "target_session_attrs must be any, read-write"),
        ("postgresql://db/d?sslnegotiation=direct", "parameter number 1 is not known"),
    ] {
        let error = message(text);
        assert!(error.starts_with(expected), "{text}: {error}");
    }
}

#[test]
fn a_password_that_cuts_the_url_in_two_is_refused_without_being_repeated() {
    for password in
        ["a/hunter", "1/hunter", "1?hunter", "1?hunter=2", "a@hunter", "1/a?hunter=2&b", "?hunter"]
    {
        let error = message(&format!("postgresql://me:{password}@db/doorward"));
        assert!(error.contains("percent-encoded") && !error.contains("hunter"), "{password}: {error}");
    }
}

#[test]
fn nothing_but_the_place_is_printed() {
    let url = parse("postgresql://me:hunter@db/d%0Aoor?application_name=silent&sslrootcert=ca.crt").unwrap();
    assert_eq!(url.to_string(), "postgresql://db:5432/d%0Aoor?sslmode=verify-full");
    assert_eq!(format!("{url:?}"), "ConnectionUrl(postgresql://db:5432/d%0Aoor?sslmode=verify-full)");
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in ".*", policy in prop_oneof![Just(STRICT), Just(LAX)]) {
        ConnectionUrl::parse(&text, policy).ok();
        ConnectionUrl::parse(&format!("postgresql://{text}"), policy).ok();
        ConnectionUrl::parse(&format!("postgresql://h/d?{text}"), policy).ok();
    }

    #[test]
    fn nothing_built_of_what_urls_are_built_of_is_too_strange(text in "[a-z0-9:/?@,%&=\\[\\]]{0,40}") {
        if let Ok(url) = ConnectionUrl::parse(&format!("postgresql://{text}"), LAX) {
            let again = ConnectionUrl::parse(&url.describe(), LAX).unwrap();
            prop_assert_eq!(again.describe(), url.describe());
        }
    }

    /// A password of capitals cannot be found in the rest by accident.
    #[test]
    fn a_password_is_never_printed(password in "[A-Z][A-Z@:/?#%& ]{3,20}", encoded: bool) {
        let written = if encoded {
            percent_encode(password.as_bytes(), NON_ALPHANUMERIC).to_string()
        } else {
            password.clone()
        };
        let secrets: Vec<_> = password.split(|c: char| !c.is_alphanumeric()).filter(|part| part.len() > 2).collect();
        let printed = match parse(&format!("postgresql://me:{written}@db/doorward")) {
            Ok(url) => format!("{url} {url:?} {}", url.describe()),
            Err(error) => format!("{error} {error:?}"),
        };
        // The messages have names of protocols in capitals.
        let printed = ["UTF", "TLS", "IP"].into_iter().fold(printed, |text, name| text.replace(name, ""));
        prop_assert!(secrets.iter().all(|secret| !printed.contains(secret)), "{}", printed);
        prop_assert!(!encoded || !printed.contains("percent"));
    }
}
