//! What a URL means, and what it may not be.

use percent_encoding::percent_encode;
use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> RedisUrl {
    RedisUrl::parse(text).unwrap()
}

fn message(text: &str) -> String {
    RedisUrl::parse(text).unwrap_err().to_string()
}

fn expect(login: &Login, user: Option<&str>, password: Option<&str>) {
    assert_eq!((login.user.as_deref(), login.password.as_deref()), (user, password));
}

#[test]
fn the_seed_s_form_has_a_password_and_no_user() {
    let url = parse("redis://:sesame@localhost");
    expect(url.login(), None, Some("sesame"));
    assert_eq!((url.to_string().as_str(), url.database()), ("redis://localhost:6379/0", 0));
    assert!(!url.is_cluster() && !url.is_encrypted());
}

#[test]
fn every_part_arrives_decoded() {
    let url = parse("rediss://door%40ward:p%40ss%2Fw%3Ard%25@Cache.example:6380/15");
    expect(url.login(), Some("door@ward"), Some("p@ss/w:rd%"));
    assert_eq!(url.hosts(), [Host::new("cache.example", 6380)]);
    assert_eq!((url.database(), url.is_encrypted()), (15, true));
}

#[test]
fn what_is_left_out_is_the_usual() {
    for (text, meant) in [
        ("redis://h", "redis://h:6379/0"),
        ("redis://h/", "redis://h:6379/0"),
        ("redis://[2001:DB8:0::1]", "redis://[2001:db8::1]:6379/0"),
        ("redis://[::1]:1/2", "redis://[::1]:1/2"),
        ("redis-sentinel://a,b:1/main", "redis-sentinel://a:26379,b:1/main/0"),
        ("rediss-sentinel://a/ma%2Fin/3", "rediss-sentinel://a:26379/ma%2Fin/3"),
        ("redis-cluster://a,b:7000", "redis-cluster://a:6379,b:7000"),
        ("rediss-cluster://a/", "rediss-cluster://a:6379"),
    ] {
        assert_eq!(parse(text).describe(), meant);
    }
}

#[test]
fn sentinels_have_the_same_password_unless_they_have_one_of_their_own() {
    for (text, user, password) in [
        ("redis-sentinel://u:p@h/s", None, Some("p")),
        ("redis-sentinel://u:p@h/s?sentinel_password=%26q", None, Some("&q")),
        ("redis-sentinel://u:p@h/s?sentinel_password=", None, None),
        ("redis-sentinel://u:p@h/s/1?sentinel_password=q&sentinel_username=w", Some("w"), Some("q")),
        ("redis-sentinel://h/s", None, None),
    ] {
        expect(&parse(text).sentinel_login(), user, password);
    }
    expect(&parse("redis-sentinel://h/s").with_password("p").sentinel_login(), None, Some("p"));
}

#[test]
fn a_password_that_comes_later_wins() {
    expect(parse("redis://u@h").login(), Some("u"), None);
    for text in ["redis://u:p@h", "redis://u@h"] {
        expect(parse(text).with_password("q").login(), Some("u"), Some("q"));
    }
}

#[test]
fn another_database_is_on_the_same_server() {
    assert_eq!(parse("redis://h/4").with_database(1).to_string(), "redis://h:6379/1");
    assert_eq!(parse("redis-cluster://h").with_database(1).database(), 0);
}

#[test]
fn one_database_may_be_named_in_two_ways() {
    for (one, other, same) in [
        ("redis://h", "rediss://u:p@H:6379/0", true),
        ("redis://h", "redis://h/1", false),
        ("redis://h", "redis://h:6380", false),
        ("redis-sentinel://a,b/s", "redis-sentinel://b,c/s", true),
        ("redis-sentinel://a,b/s", "redis-sentinel://a,b/t", false),
        ("redis-sentinel://a/s", "redis://a:26379", false),
        ("redis-cluster://a,b", "redis-cluster://b", true),
        ("redis-cluster://a", "redis-cluster://b", false),
    ] {
        assert_eq!(parse(one).is_same_database(&parse(other)), same, "{one} {other}");
        assert_eq!(parse(other).is_same_database(&parse(one)), same, "{other} {one}");
    }
}

#[test]
fn cfg_06_another_machine_needs_encryption_and_a_password_or_leave() {
    for (url, expected) in [
        ("redis://localhost", None),
        ("redis://127.9.9.9:1,", None),
        ("redis://[::1]", None),
        ("redis://[::ffff:127.0.0.1]", None),
        ("redis://:p@cache", Some(Exposure::Unencrypted)),
        ("redis://10.0.0.1", Some(Exposure::Unencrypted)),
        ("rediss://cache", Some(Exposure::NoPassword)),
        ("rediss://:p@cache", None),
        ("redis-sentinel://:p@localhost,cache/s", Some(Exposure::Unencrypted)),
        ("rediss-cluster://:p@cache1,cache2", None),
    ] {
        let url = url.trim_end_matches(',');
        assert_eq!(parse(url).needs_leave(), expected, "{url}");
    }
    assert_eq!(parse("rediss://cache").with_password("p").needs_leave(), None);
}

#[test]
fn what_is_wrong_is_told() {
    for (text, expected) in [
        ("", "it must begin with redis://"),
        ("redis:h", "it must begin with redis://"),
        ("redis+unix:///run/redis.sock", "it must begin with redis://"),
        ("http://h", "it must begin with redis://"),
        ("REDIS://h", "it must begin with redis://"),
        ("redis://", "a host is missing"),
        ("redis://:p@/1", "a host is missing"),
        ("redis://a,b", "several hosts are for"),
        ("redis-cluster://a,", "host number 2 must be a name"),
        ("redis://h%41", "host number 1 must be a name"),
        ("redis://2001:db8::1", "the port of host number 1"),
        ("redis://[2001:db8::1", "host number 1 must be a name"),
        ("redis://[h]", "host number 1 must be a name"),
        ("redis://[::1]x", "host number 1 must be a name"),
        ("redis://h:0", "the port of host number 1"),
        ("redis://h:+1", "the port of host number 1"),
        ("redis://h:65536", "the port of host number 1"),
        ("redis-cluster://a,b:", "the port of host number 2"),
        ("redis://h/x", "the database must be a number"),
        ("redis://h/-1", "the database must be a number"),
        ("redis://h/+1", "the database must be a number"),
        ("redis://h/0/1", "the database must be a number"),
        ("redis://h/4294967296", "the database must be a number"),
        ("redis-cluster://h/0", "a cluster has no databases"),
        ("redis-sentinel://h", "the name of the service is missing"),
        ("redis-sentinel://h//1", "the name of the service is missing"),
        ("redis-sentinel://h/a%0Ab", "the name of the service is missing"),
        ("redis-sentinel://h/%zz", "the service is not UTF-8"),
        ("redis://u%:p@h", "the user is not UTF-8"),
        ("redis://:%ff@h", "the password is not UTF-8"),
        ("redis://:%00@h", "the password is not UTF-8"),
        ("redis://:%+1@h", "the password is not UTF-8"),
        ("redis://h?protocol=resp3", "parameter number 1 is not known"),
        ("redis://h?sentinel_password=p", "parameter number 1 is not known"),
        ("redis-sentinel://h/s?sentinel_password=p&db=1", "parameter number 2 is not known"),
        ("redis-sentinel://h/s?sentinel_password", "parameter number 1 must be name=value"),
        ("redis-sentinel://h/s?sentinel_password=p&sentinel_password=q", "sentinel_password is given twice"),
        ("redis-sentinel://h/s?sentinel_password=%f", "sentinel_password is not UTF-8"),
    ] {
        let told = message(text);
        assert!(told.starts_with(expected), "{text}: {told}");
    }
}

#[test]
fn a_password_that_cuts_the_url_in_two_is_refused_without_being_repeated() {
    for password in ["a/hunter", "1/hunter", "1?hunter", "1?hunter=2", "a@hunter", "a#hunter", "#hunter"] {
        let told = message(&format!("redis://:{password}@cache"));
        assert!(told.contains("percent-encoded") && !told.contains("hunter"), "{password}: {told}");
    }
}

#[test]
fn nothing_but_the_place_is_printed() {
    let url = parse("rediss-sentinel://user:hunter@h/s?sentinel_password=other&sentinel_username=who");
    assert_eq!(url.to_string(), "rediss-sentinel://h:26379/s/0");
    assert_eq!(format!("{url:?}"), "RedisUrl(rediss-sentinel://h:26379/s/0)");
}

fn schemes() -> impl Strategy<Value = &'static str> {
    prop_oneof![Just("redis"), Just("rediss"), Just("redis-sentinel"), Just("rediss-cluster")]
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in ".*", scheme in schemes()) {
        RedisUrl::parse(&text).ok();
        RedisUrl::parse(&format!("{scheme}://{text}")).ok();
        RedisUrl::parse(&format!("{scheme}://h/s?{text}")).ok();
    }

    #[test]
    fn what_is_printed_means_the_same(text in "[a-z0-9:/?@,%&=\\[\\]]{0,40}", scheme in schemes()) {
        if let Ok(url) = RedisUrl::parse(&format!("{scheme}://{text}")) {
            let again = parse(&url.describe());
            prop_assert_eq!(again.describe(), url.describe());
            prop_assert!(again.is_same_database(&url));
        }
    }

    /// A password of capitals cannot be found in the rest by accident.
    #[test]
    fn a_password_is_never_printed(
        password in "[A-Z][A-Z@:/?#%&= ]{3,20}",
        encoded: bool,
        of_sentinels: bool,
        scheme in schemes(),
    ) {
        let written = if encoded {
            percent_encode(password.as_bytes(), NON_ALPHANUMERIC).to_string()
        } else {
            password.clone()
        };
        let secrets: Vec<_> =
            password.split(|c: char| !c.is_alphanumeric()).filter(|part| part.len() > 2).collect();
        let text = if of_sentinels {
            format!("{scheme}://h/s?sentinel_password={written}")
        } else {
            format!("{scheme}://me:{written}@h/s")
        };
        let printed = match RedisUrl::parse(&text) {
            Ok(url) => format!("{url} {url:?} {}", url.describe()),
            Err(error) => format!("{error} {error:?}"),
        };
        let printed = ["UTF", "IP"].into_iter().fold(printed, |text, name| text.replace(name, ""));
        prop_assert!(secrets.iter().all(|secret| !printed.contains(secret)), "{}", printed);
        prop_assert!(!encoded || !printed.contains("percent"));
    }
}
