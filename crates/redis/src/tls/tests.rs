//! Which files will do, and what is said of the others.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use doorward_testkit::redis::Authority;

use super::*;

/// The files of somebody who is known to an authority. They are gone with it.
fn files(authority: &Authority) -> TlsFiles {
    let pair = authority.client("me");
    TlsFiles { ca: Some(authority.file()), certificate: Some(pair.certificate), key: Some(pair.key) }
}

fn refused(files: &TlsFiles) -> String {
    let error = files.read(true).unwrap_err();
    assert!(!format!("{error:?}").contains("-----"), "it shows a file");
    error.to_string()
}

fn permit(file: &Path, mode: u32) {
    fs::set_permissions(file, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn none_of_the_files_is_needed() {
    let authority = Authority::new();
    let all = files(&authority);
    for files in [
        TlsFiles::default(),
        TlsFiles { ca: None, ..all.clone() },
        TlsFiles { certificate: None, key: None, ..all.clone() },
        all,
    ] {
        let read = files.read(true).unwrap().unwrap();
        assert_eq!(
            (read.root_cert.is_some(), read.client_tls.is_some()),
            (files.ca.is_some(), files.key.is_some())
        );
    }
}

#[test]
fn where_nothing_is_encrypted_no_file_has_a_use() {
    let authority = Authority::new();
    assert!(TlsFiles::default().read(false).unwrap().is_none());
    let error = TlsFiles { ca: Some(authority.file()), ..TlsFiles::default() }.read(false).unwrap_err();
    assert!(error.to_string().ends_with("has no use where nothing is encrypted"), "{error}");
}

#[test]
fn a_file_may_have_several_authorities() {
    let (one, other) = (Authority::new(), Authority::new());
    let both = one.file().with_file_name("both.crt");
    let read = |authority: &Authority| fs::read_to_string(authority.file()).unwrap();
    fs::write(&both, format!("# one\n{}\n# other\n{}", read(&one), read(&other))).unwrap();
    let pem = authorities(&both).unwrap();
    assert_eq!(certificates(&both, &pem).unwrap().len(), 2);
}

#[test]
fn what_is_wrong_is_named_and_never_shown() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (good, strange) = (files(&authority), files(&stranger));
    let missing = Some(PathBuf::from("/nowhere/me"));
    let key = fs::read_to_string(good.key.as_ref().unwrap()).unwrap();
    let locked = authority.file().with_file_name("locked.key");
    fs::write(&locked, key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY")).unwrap();
    permit(&locked, 0o600);
    let broken = authority.file().with_file_name("broken.crt");
    fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    permit(good.certificate.as_ref().unwrap(), 0o600);
    for (files, expected) in [
        (TlsFiles { ca: missing.clone(), ..good.clone() }, "/nowhere/me cannot be read"),
        (TlsFiles { certificate: missing.clone(), ..good.clone() }, "/nowhere/me cannot be read"),
        (TlsFiles { key: missing, ..good.clone() }, "/nowhere/me cannot be read"),
        (TlsFiles { ca: good.key.clone(), ..good.clone() }, "me.key has no certificate in PEM"),
        (TlsFiles { ca: Some(broken), ..good.clone() }, "broken.crt has a certificate that cannot be used"),
        (TlsFiles { certificate: good.key.clone(), ..good.clone() }, "me.key has no certificate in PEM"),
        (TlsFiles { key: good.certificate.clone(), ..good.clone() }, "me.crt has no private key in PEM"),
        (
            TlsFiles { key: Some(locked), ..good.clone() },
            "locked.key has no private key in PEM without encryption",
        ),
        (TlsFiles { key: strange.key, ..good.clone() }, "me.key cannot be used together"),
        (TlsFiles { key: None, ..good.clone() }, "me.crt is one half"),
        (TlsFiles { certificate: None, ..good }, "me.key is one half"),
    ] {
        let told = refused(&files);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let authority = Authority::new();
    let files = files(&authority);
    let key = files.key.clone().unwrap();
    for mode in [0o640, 0o604, 0o620, 0o777] {
        permit(&key, mode);
        let told = refused(&files);
        assert!(
            told.contains(&format!("open to others (mode {mode:04o}); close it with: chmod 600")),
            "{told}"
        );
    }
    permit(&key, 0o400);
    assert!(files.read(true).is_ok());
}
