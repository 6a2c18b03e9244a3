//! Which files will do, and what is said of the others.

use std::fs;
use std::path::Path;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;

use super::*;

/// A directory with `me.crt`, `me.key` and `other.key`.
fn files() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    fs::write(directory.path().join("me.crt"), certificate.pem()).unwrap();
    for (name, key) in [("me.key", key), ("other.key", KeyPair::generate().unwrap())] {
        let path = directory.path().join(name);
        fs::write(&path, key.serialize_pem()).unwrap();
        permit(&path, 0o600);
    }
    directory
}

fn permit(path: &Path, mode: u32) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    #[cfg(not(unix))]
    let _ = (path, mode);
}

fn client(directory: &TempDir, root: &str, certificate: &str, key: &str) -> Client {
    let path = |name| directory.path().join(name);
    let pair = PairFiles { certificate: path(certificate), key: path(key) };
    Client::trusting(Roots::File(path(root))).showing(Some(pair))
}

#[test]
fn a_damaged_certificate_is_not_called_none_and_a_file_is_not_cut() {
    let directory = files();
    let good = fs::read_to_string(directory.path().join("me.crt")).unwrap();
    let read = |text: &str| {
        let file = directory.path().join("odd.crt");
        fs::write(&file, text).unwrap();
        PemFile::read(&file).and_then(|file| file.certificates())
    };
    assert_eq!(read(&good.repeat(2)).unwrap().len(), 2);
    for damaged in
        [&*format!("{good}{}", &good[..good.len() / 2]), &format!("{}{good}", good.replace('M', "?"))]
    {
        assert!(matches!(read(damaged), Err(TlsError::Damaged { .. })), "{damaged}");
    }
    assert!(matches!(read("half a certificate"), Err(TlsError::NoCertificate { .. })));
    let long = format!("{good}{}", "\n".repeat(4 << 20));
    assert!(matches!(read(&long), Err(TlsError::TooLong { .. })));
}

#[test]
fn a_chain_and_its_key_will_do() {
    let directory = files();
    let showing = client(&directory, "me.crt", "me.crt", "me.key").config().unwrap();
    assert!(showing.client_auth_cert_resolver.has_certs());
    let silent = Client::trusting(Roots::File(directory.path().join("me.crt"))).config().unwrap();
    assert!(!silent.client_auth_cert_resolver.has_certs());
}

#[test]
fn a_file_may_have_several_authorities() {
    let (one, other) = (files(), files());
    let read = |directory: &TempDir| fs::read_to_string(directory.path().join("me.crt")).unwrap();
    let both = one.path().join("both.crt");
    fs::write(&both, format!("# one\n{}\n# other\n{}", read(&one), read(&other))).unwrap();
    assert_eq!(Roots::File(both).read().unwrap().len(), 2);
}

#[test]
fn a_certificate_and_its_key_come_together() {
    let (certificate, key) = (PathBuf::from("me.crt"), PathBuf::from("me.key"));
    assert_eq!(PairFiles::of(None, None).unwrap(), None);
    let both = PairFiles::of(Some(certificate.clone()), Some(key.clone())).unwrap();
    assert_eq!(both, Some(PairFiles { certificate: certificate.clone(), key: key.clone() }));
    for (certificate, key, expected) in
        [(Some(certificate), None, "me.crt is one half"), (None, Some(key), "me.key is one half")]
    {
        let told = PairFiles::of(certificate, key).unwrap_err().to_string();
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn what_is_wrong_is_named_and_never_shown() {
    let directory = files();
    let key = fs::read_to_string(directory.path().join("me.key")).unwrap();
    fs::write(directory.path().join("cut.key"), &key[..key.len() / 2]).unwrap();
    fs::write(directory.path().join("locked.key"), key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"))
        .unwrap();
    for name in ["cut.key", "locked.key", "me.crt"] {
        permit(&directory.path().join(name), 0o600);
    }
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    fs::write(directory.path().join("broken.crt"), broken).unwrap();
    let body = key.lines().nth(1).unwrap();

    for (root, certificate, key, expected) in [
        ("no.crt", "me.crt", "me.key", "no.crt cannot be read"),
        ("me.crt", "no.crt", "me.key", "no.crt cannot be read"),
        ("me.crt", "me.crt", "no.key", "no.key cannot be read"),
        ("me.key", "me.crt", "me.key", "me.key has no certificate in PEM"),
        ("broken.crt", "me.crt", "me.key", "broken.crt has a certificate that cannot be used"),
        ("me.crt", "me.key", "me.key", "me.key has no certificate in PEM"),
        ("me.crt", "me.crt", "me.crt", "me.crt has no private key in PEM"),
        ("me.crt", "me.crt", "cut.key", "cut.key has no private key in PEM"),
        ("me.crt", "me.crt", "locked.key", "locked.key has no private key in PEM without encryption"),
        ("me.crt", "me.crt", "other.key", "other.key cannot be used together"),
    ] {
        let error = client(&directory, root, certificate, key).config().unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        assert!(!format!("{error:?}").contains(body), "it shows the key");
    }
}

#[test]
fn what_was_read_of_a_key_is_not_printed() {
    let directory = files();
    let pair =
        PairFiles { certificate: directory.path().join("me.crt"), key: directory.path().join("me.key") };
    let printed = format!("{:?}", pair.read().unwrap());
    assert!(printed.contains("me.key") && !printed.contains("PRIVATE"), "{printed}");
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    let directory = files();
    let key = directory.path().join("me.key");
    for mode in [0o640, 0o604, 0o620, 0o777] {
        permit(&key, mode);
        let error = client(&directory, "me.crt", "me.crt", "me.key").config().unwrap_err().to_string();
        let key = key.display();
        assert_eq!(
            error,
            format!(
                "the private key in {key} is open to others (mode {mode:04o}); close it with: chmod 600 {key}"
            )
        );
    }
    permit(&key, 0o400);
    assert!(client(&directory, "me.crt", "me.crt", "me.key").config().is_ok());
}
