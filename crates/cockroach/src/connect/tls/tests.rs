//! Which files are read for which mode. What may be wrong with one is `doorward-tls`'s business.

use std::path::PathBuf;

use super::*;

fn encryption(mode: SslMode, roots: Roots, client: Option<ClientFiles>) -> Encryption {
    Encryption { mode, roots, client }
}

fn missing(name: &str) -> PathBuf {
    PathBuf::from("/nowhere").join(name)
}

#[test]
fn authorities_are_read_where_they_are_asked() {
    let roots = || Roots::File(missing("ca.crt"));
    assert!(connector(&encryption(SslMode::Disable, roots(), None)).unwrap().is_none());
    assert!(connector(&encryption(SslMode::Require, roots(), None)).unwrap().is_some());
    let error = connector(&encryption(SslMode::VerifyFull, roots(), None)).err().unwrap();
    assert!(error.to_string().contains("/nowhere/ca.crt cannot be read"), "{error}");
}

#[test]
fn a_certificate_to_show_is_read_wherever_something_is_encrypted() {
    let pair = || ClientFiles { certificate: missing("me.crt"), key: missing("me.key") };
    let error = connector(&encryption(SslMode::Require, Roots::System, Some(pair()))).err().unwrap();
    assert!(error.to_string().contains("/nowhere/me.crt cannot be read"), "{error}");
    assert!(connector(&encryption(SslMode::Disable, Roots::System, Some(pair()))).unwrap().is_none());
}
