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
fn every_file_is_looked_through_before_the_client_has_it() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let (good, strange) = (files(&authority), files(&stranger));
    for (files, expected) in [
        (TlsFiles { ca: good.key.clone(), ..good.clone() }, "me.key has no certificate in PEM"),
        (TlsFiles { certificate: good.key.clone(), ..good.clone() }, "me.key has no certificate in PEM"),
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
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let told = refused(&files);
    assert!(told.contains("open to others (mode 0644); close it with: chmod 600"), "{told}");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(files.read(true).is_ok());
}
