//! Manifests that are none.

use super::manifest::{FilePart, Manifest, NotAManifest};

fn file(path: &str) -> FilePart {
    FilePart { path: path.to_owned(), bytes: 1, sha256: "00".to_owned() }
}

fn parsed(paths: &[&str]) -> Result<Manifest, NotAManifest> {
    let files = paths.iter().map(|path| file(path)).collect();
    let manifest = Manifest::new("2026-01-01T00:00:00Z".to_owned(), None, files);
    Manifest::parse(&serde_json::to_vec(&manifest).unwrap())
}

#[test]
fn what_was_written_is_read_again() {
    let manifest = parsed(&["doorward.db", "pepper", "keys/signing.pem", "keys/2026.pem"]).unwrap();
    assert!(manifest.has_secrets());
    assert_eq!(manifest.keys().count(), 2);
}

#[test]
fn no_name_leads_out_of_the_backup() {
    for odd in [
        "/etc/passwd",
        "../pepper",
        "keys/../../signing.pem",
        "keys/sub/signing.pem",
        "keys/.pem",
        "keys/signing",
        "keys",
        "",
        "manifest.json",
        "keys/a\0.pem",
    ] {
        assert!(matches!(parsed(&["pepper", odd]), Err(NotAManifest::Path(path)) if path == odd), "{odd:?}");
    }
}

#[test]
fn keys_come_with_a_pepper() {
    assert!(matches!(parsed(&["keys/signing.pem"]), Err(NotAManifest::Lacking("pepper"))));
}

#[test]
fn another_form_is_told_by_its_number() {
    let refused = Manifest::parse(br#"{"format": 7, "colour": "blue"}"#);
    assert!(matches!(refused, Err(NotAManifest::Format(7))), "{refused:?}");
    assert!(matches!(Manifest::parse(b"[]"), Err(NotAManifest::Json(_))));
}
