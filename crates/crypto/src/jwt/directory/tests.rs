//! What a directory of keys may hold, and that changing it never leaves one that cannot be used.

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use doorward_domain::port::{PublishedKeys as _, TokenError, TokenSigner as _};
use doorward_domain::token::TokenKind;
use doorward_testkit::sample;
use jwt_simple::prelude::Ed25519KeyPair;
use tempfile::TempDir;

use super::*;
use crate::jwt::forged::{claims, kid};
use crate::jwt::signing_key::EdDsaKey;
use crate::jwt::{JwtSettings, JwtSigner, KeyRing};

/// A directory of keys that is gone with the test.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn started() -> Self {
        let place = Self::new();
        place.keys().read_or_create(TokenAlgorithm::EdDsa).unwrap();
        place
    }

    fn keys(&self) -> KeyDirectory {
        KeyDirectory::at(self.0.path())
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str, mode: u32) {
        fs::write(self.file(name), text).unwrap();
        set_mode(&self.file(name), mode);
    }

    fn text(&self) -> String {
        fs::read_to_string(self.file(LEADING)).unwrap()
    }

    /// A signer whose leading key signs and whose keys all verify.
    fn signer(&self) -> JwtSigner {
        JwtSigner::new(
            ring(&self.keys().read_or_create(TokenAlgorithm::EdDsa).unwrap()),
            JwtSettings::default(),
        )
    }

    fn public_pem(&self) -> String {
        self.keys().read().unwrap().leading().verifying.to_pem().unwrap()
    }

    fn refusal(&self) -> KeyFileError {
        self.keys().read_or_create(TokenAlgorithm::EdDsa).err().unwrap()
    }
}

fn ring(keys: &KeySet) -> KeyRing {
    keys.ring(keys.leading().kid(), None, |_| true).unwrap()
}

fn kids(keys: &KeySet) -> Vec<String> {
    keys.iter().map(|key| key.kid().to_owned()).collect()
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn token(signer: &JwtSigner) -> String {
    signer.sign(&claims(TokenKind::Access), &sample::user(1)).unwrap()
}

#[test]
fn tok_17_the_key_is_made_once_for_its_owner_and_shared_by_all_who_read_the_directory() {
    for algorithm in TokenAlgorithm::ALL {
        let parent = Place::new();
        let path = parent.file("keys");
        let directory = KeyDirectory::at(&path);
        let [first, second] = [(); 2].map(|()| ring(&directory.read_or_create(algorithm).unwrap()));
        assert_eq!(first.signing_kid(), second.signing_kid());
        assert_eq!(first.signing().algorithm(), algorithm);
        assert_eq!(first.signing().sign(b"text"), second.signing().sign(b"text"));
        assert_eq!((mode(&path), mode(&path.join(LEADING))), (0o700, 0o600));
        // Whatever is asked for later: the key is there.
        let later = directory.read_or_create(TokenAlgorithm::EdDsa).unwrap();
        assert_eq!(later.leading().algorithm(), algorithm);
        assert_ne!(first.signing_kid(), KeyRing::ephemeral().signing_kid());
    }
}

#[test]
fn reading_makes_nothing_and_names_what_is_missing() {
    let parent = Place::new();
    let path = parent.file("keys");
    let directory = KeyDirectory::at(&path);
    for _ in 0..2 {
        let error = directory.read().err().unwrap();
        assert!(error.is_not_found() && error.to_string().contains("keys/signing.pem"), "{error}");
        assert!(!path.join(LEADING).exists());
        key_file::create_directory(&path).unwrap();
    }
    let made = directory.read_or_create(TokenAlgorithm::EdDsa).unwrap();
    assert_eq!(kids(&directory.read().unwrap()), kids(&made));
}

#[test]
fn the_key_that_leads_is_told_first() {
    let (here, elsewhere) = (Place::started(), Place::started());
    here.write("a.pem", &elsewhere.public_pem(), 0o644);
    let [ours, other] = [&here, &elsewhere].map(|place| place.keys().read().unwrap());
    assert_eq!(kids(&ours), [ours.leading().kid(), other.leading().kid()]);
    let told: Vec<_> = ours.iter().map(|key| (key.leads(), key.can_sign())).collect();
    assert_eq!(told, [(true, true), (false, false)]);
}

#[test]
fn the_key_file_is_a_pkcs_8_pem_that_other_tools_read() {
    let text = Place::started().text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines[0], lines[2]), ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"));
    assert!(lines[1].starts_with("MC4CAQAwBQYDK2VwBCIEI") && lines.len() == 3);
}

#[test]
fn tok_16_a_key_put_aside_verifies_until_it_is_removed() {
    let place = Place::new();
    let before = place.signer();
    let old = token(&before);
    fs::rename(place.file(LEADING), place.file("2025.pem")).unwrap();

    let rotated = place.signer();
    let new = token(&rotated);
    assert_ne!(kid(&before), kid(&rotated));
    assert!(rotated.verify(&old, sample::NOW).is_ok() && rotated.verify(&new, sample::NOW).is_ok());
    assert_eq!(rotated.jwks().matches(r#""kid""#).count(), 2);
    assert_eq!(before.verify(&new, sample::NOW), Err(TokenError::Invalid));

    fs::remove_file(place.file("2025.pem")).unwrap();
    let retired = place.signer();
    assert_eq!(retired.verify(&old, sample::NOW), Err(TokenError::Invalid));
    assert!(retired.verify(&new, sample::NOW).is_ok());
}

#[test]
fn tok_16_a_generated_key_verifies_before_it_signs_and_the_old_one_after() {
    for algorithm in TokenAlgorithm::ALL {
        let place = Place::new();
        let first = place.signer();
        let standby = place.keys().generate(algorithm).unwrap();
        assert_eq!((standby.algorithm(), mode(standby.path()), standby.leads()), (algorithm, 0o600, false));
        assert_eq!(kid(&place.signer()), kid(&first));

        place.keys().lead_with(standby.kid()).unwrap();
        let second = place.signer();
        assert_eq!(kid(&second), standby.kid());
        for signer in [&first, &second] {
            assert!(second.verify(&token(signer), sample::NOW).is_ok());
        }
        // Once more changes nothing.
        place.keys().lead_with(standby.kid()).unwrap();
        assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 2);

        place.keys().keep_public_half(&kid(&first)).unwrap();
        let keys = place.keys().read().unwrap();
        assert!(!keys.find(&kid(&first)).unwrap().can_sign());
        assert!(place.signer().verify(&token(&first), sample::NOW).is_ok());

        place.keys().remove(&kid(&first)).unwrap();
        assert_eq!(place.signer().verify(&token(&first), sample::NOW), Err(TokenError::Invalid));
        assert_eq!(fs::read_dir(place.0.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_secret_has_no_public_half_to_keep() {
    let place = Place::new();
    let secret = place.keys().read_or_create(TokenAlgorithm::Hs256).unwrap();
    let next = place.keys().generate(TokenAlgorithm::EdDsa).unwrap();
    place.keys().lead_with(next.kid()).unwrap();
    place.keys().keep_public_half(secret.leading().kid()).unwrap();
    assert!(place.keys().read().unwrap().find(secret.leading().kid()).unwrap().can_sign());
}

#[test]
fn the_key_that_leads_is_not_removed_or_halved_and_one_that_cannot_sign_does_not_lead() {
    let (place, other) = (Place::started(), Place::started());
    place.write("other.pem", &other.public_pem(), 0o644);
    let keys = place.keys();
    let [leading, public] = kids(&keys.read().unwrap()).try_into().unwrap();
    keys.remove(&leading).unwrap_err();
    keys.keep_public_half(&leading).unwrap_err();
    keys.lead_with("no key").unwrap_err();
    keys.keep_public_half("no key").unwrap_err();
    // What two remove at once is gone for both.
    keys.remove("no key").unwrap();
    let error = keys.lead_with(&public).unwrap_err().to_string();
    assert!(error.contains("other.pem") && error.contains("private"), "{error}");
    assert_eq!(kids(&keys.read().unwrap()), [leading, public]);
}

/// As if the power had gone between the two steps of taking the lead.
#[test]
fn a_change_that_was_cut_off_leaves_every_key_and_is_finished_later() {
    let place = Place::started();
    let standby = place.keys().generate(TokenAlgorithm::EdDsa).unwrap();
    let before = place.keys().read().unwrap();
    let aside = format!("key-{}.pem", before.leading().kid());
    fs::hard_link(place.file(LEADING), place.file(&aside)).unwrap();

    let after = place.keys().read().unwrap();
    assert_eq!(kids(&after), kids(&before));
    place.keys().lead_with(standby.kid()).unwrap();
    assert_eq!(place.keys().read().unwrap().leading().kid(), standby.kid());
    // The old key has one name, and it is its own.
    assert!(place.file(&aside).exists() && fs::read_dir(place.0.path()).unwrap().count() == 2);
    place.keys().keep_public_half(before.leading().kid()).unwrap();
    place.keys().remove(before.leading().kid()).unwrap();
    assert_eq!(kids(&place.keys().read().unwrap()), [standby.kid()]);
}

/// Where files cannot be exchanged in one step.
#[test]
fn a_key_takes_the_place_of_another_that_gets_a_second_name_first() {
    let place = Place::started();
    place.keys().generate(TokenAlgorithm::EdDsa).unwrap();
    let keys = place.keys().read().unwrap();
    let [leading, next] = keys.iter().collect::<Vec<_>>().try_into().ok().unwrap();
    change::replace(leading, next, &place.file("old.pem")).unwrap();
    let after = place.keys().read().unwrap();
    assert_eq!((after.leading().kid(), after.iter().count()), (next.kid(), 2));
    assert_eq!(after.find(leading.kid()).unwrap().path(), place.file("old.pem"));
}

/// Whichever comes first: of a key that leads stays all, and no other one goes with it.
#[test]
fn two_who_change_keys_at_once_destroy_none() {
    let place = Place::started();
    for round in 0..200 {
        let next = place.keys().generate(TokenAlgorithm::EdDsa).unwrap();
        let before = place.keys().read().unwrap();
        let start = std::sync::Barrier::new(2);
        let [led, halved] = thread::scope(|scope| {
            let leading = scope.spawn(|| {
                start.wait();
                place.keys().lead_with(next.kid()).map(|_| ())
            });
            let halving = scope.spawn(|| {
                start.wait();
                place.keys().keep_public_half(next.kid())
            });
            [leading.join().unwrap(), halving.join().unwrap()]
        });
        let after = place.keys().read().unwrap();
        assert_eq!(led.is_ok(), halved.is_err(), "{round}: {led:?} {halved:?}");
        assert!(after.leading().can_sign() && after.find(next.kid()).is_some(), "{round}");
        assert!(after.find(before.leading().kid()).unwrap().can_sign(), "{round}");
        let over = if led.is_ok() { before.leading() } else { &next };
        place.keys().remove(over.kid()).unwrap();
    }
}

#[test]
fn two_keys_that_are_to_lead_at_once_are_both_kept() {
    let place = Place::started();
    for round in 0..100 {
        let both = [(); 2].map(|()| place.keys().generate(TokenAlgorithm::EdDsa).unwrap());
        let before = place.keys().read().unwrap();
        let start = std::sync::Barrier::new(2);
        thread::scope(|scope| {
            for key in &both {
                scope.spawn(|| {
                    start.wait();
                    place.keys().lead_with(key.kid()).unwrap();
                });
            }
        });
        let after = place.keys().read().unwrap();
        assert!(both.iter().any(|key| key.kid() == after.leading().kid()), "{round}");
        assert!(before.iter().all(|key| after.find(key.kid()).is_some_and(KeyInFile::can_sign)), "{round}");
        for key in after.iter().filter(|key| !key.leads()) {
            assert_eq!(key.path(), place.file(&format!("key-{}.pem", key.kid())), "{round}");
            place.keys().remove(key.kid()).unwrap();
        }
    }
}

#[test]
fn two_who_remove_a_key_at_once_both_succeed() {
    let place = Place::started();
    for _ in 0..50 {
        let key = place.keys().generate(TokenAlgorithm::EdDsa).unwrap();
        let start = std::sync::Barrier::new(2);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    start.wait();
                    place.keys().remove(key.kid()).unwrap();
                });
            }
        });
        assert_eq!(place.keys().read().unwrap().iter().count(), 1);
    }
}

#[test]
fn of_a_key_behind_a_link_no_half_is_kept_that_would_leave_the_other_where_it_is() {
    let (place, elsewhere) = (Place::started(), Place::started());
    let kid = elsewhere.keys().read().unwrap().leading().kid().to_owned();
    symlink(elsewhere.file(LEADING), place.file("old.pem")).unwrap();
    let error = place.keys().keep_public_half(&kid).unwrap_err();
    assert!(matches!(&error, KeyFileError::Linked { path } if path.ends_with("old.pem")), "{error}");
    assert!(place.keys().read().unwrap().find(&kid).unwrap().is_whole());
}

/// As Kubernetes mounts a secret for a group. What can be tried depends on who runs the tests.
#[test]
fn a_directory_that_root_has_mounted_for_a_group_is_used() {
    let (place, other) = (Place::started(), Place::started());
    place.write("old.pem", &other.public_pem(), 0o440);
    set_mode(&place.file(LEADING), 0o440);
    assert!(matches!(place.refusal(), KeyFileError::Exposed { mode: 0o440, .. }));
    set_mode(place.0.path(), 0o1777);
    let is_root = fs::metadata(place.0.path()).unwrap().uid() == 0;
    assert_eq!(place.keys().read_or_create(TokenAlgorithm::EdDsa).is_ok(), is_root);
    if !is_root {
        return;
    }
    assert_eq!(place.signer().jwks().matches(r#""kid""#).count(), 2);
    for (file, mode) in [(LEADING, 0o444), (LEADING, 0o460), ("old.pem", 0o464)] {
        set_mode(&place.file(file), mode);
        assert!(matches!(place.refusal(), KeyFileError::Exposed { .. }), "{file} {mode:o}");
        set_mode(&place.file(file), 0o440);
    }
    // Everybody may put a file there, but that is one of their own.
    std::os::unix::fs::chown(place.file("old.pem"), Some(1234), Some(1234)).unwrap();
    assert!(matches!(place.refusal(), KeyFileError::Foreign { owner: 1234, .. }));
}

#[test]
fn tok_16_whoever_reads_while_it_changes_finds_every_key_and_one_that_leads() {
    let place = Place::started();
    let directory = place.keys();
    let first = directory.read().unwrap().leading().kid().to_owned();
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let reading = scope.spawn(|| {
            let mut readings = 0;
            while !over.load(Ordering::Relaxed) {
                let keys = place.keys().read();
                let keys = keys.unwrap_or_else(|error| panic!("{error}: {error:?}"));
                assert!(kids(&keys).contains(&first), "{:?}", kids(&keys));
                readings += 1;
            }
            readings
        });
        for _ in 0..100 {
            let next = directory.generate(TokenAlgorithm::EdDsa).unwrap();
            let leading = directory.read().unwrap().leading().kid().to_owned();
            directory.lead_with(next.kid()).unwrap();
            directory.keep_public_half(&leading).unwrap();
            if leading != first {
                directory.remove(&leading).unwrap();
            }
        }
        over.store(true, Ordering::Relaxed);
        assert!(reading.join().unwrap() > 0);
    });
}

#[test]
fn a_glance_tells_every_change_and_nothing_else() {
    let place = Place::started();
    let mut last = place.keys().glance();
    assert_eq!(place.keys().glance(), last);
    let key = place.text();
    let standby = place.keys().generate(TokenAlgorithm::EdDsa).unwrap().path().to_owned();
    let changes: [&dyn Fn(); 7] = [
        &|| {},
        &|| set_mode(&standby, 0o400),
        &|| fs::rename(&standby, place.file("next.pem")).unwrap(),
        // The same text in another file.
        &|| key_file::replace(&place.file(LEADING), &key).unwrap(),
        &|| fs::remove_file(place.file("next.pem")).unwrap(),
        &|| set_mode(place.0.path(), 0o750),
        &|| fs::remove_dir_all(place.0.path()).unwrap(),
    ];
    for (number, change) in changes.iter().enumerate() {
        change();
        let now = place.keys().glance();
        assert_ne!(now, last, "change {number}");
        assert_eq!(place.keys().glance(), now);
        last = now;
    }
    let place = Place::started();
    let last = place.keys().glance();
    place.write("README", "nothing that concerns anybody", 0o644);
    assert_eq!(place.keys().glance(), last);
}

/// As Kubernetes mounts a secret: links through a link, which is exchanged for all of them at once.
#[test]
fn tok_16_files_behind_links_are_exchanged_all_at_once() {
    let (place, old, new) = (Place::new(), Place::started(), Place::started());
    new.write("old.pem", &old.public_pem(), 0o644);
    let link = |to: &Path, name: &str| {
        let draft = place.file("draft");
        symlink(to, &draft).unwrap();
        fs::rename(draft, place.file(name)).unwrap();
    };
    link(old.0.path(), "..data");
    for name in [LEADING, "old.pem"] {
        link(&Path::new("..data").join(name), name);
    }
    // What a link leads to is not there yet.
    assert!(place.keys().read().err().unwrap().to_string().contains("old.pem"));
    fs::remove_file(place.file("old.pem")).unwrap();
    let (before, glance) = (place.keys().read().unwrap(), place.keys().glance());
    assert_eq!(kids(&before).len(), 1);
    link(new.0.path(), "..data");
    assert_ne!(place.keys().glance(), glance);
    link(Path::new("..data/old.pem"), "old.pem");
    assert_eq!(kids(&place.keys().read().unwrap()), kids(&new.keys().read().unwrap()));
}

#[test]
fn a_ring_keeps_a_signing_key_that_is_in_no_file_any_more() {
    let place = Place::started();
    let before = place.keys().read().unwrap();
    let before = ring(&before);
    place.write("old.pem", &place.public_pem(), 0o644);
    fs::remove_file(place.file(LEADING)).unwrap();
    let keys = place.keys().read_or_create(TokenAlgorithm::EdDsa).unwrap();
    let kept = keys.ring(before.signing_kid(), Some(&before), |_| true).unwrap();
    assert_eq!(kept.signing_kid(), before.signing_kid());
    assert_eq!(kept.kids().count(), 2);
    assert!(keys.ring(before.signing_kid(), None, |_| true).is_none());
    assert!(
        keys.ring(keys.leading().kid(), Some(&before), |_| false).unwrap().kids().eq([keys.leading().kid()])
    );
}

#[test]
fn a_public_key_of_mode_0644_verifies() {
    let (here, elsewhere) = (Place::new(), Place::new());
    let token = token(&elsewhere.signer());
    here.write("elsewhere.pem", &elsewhere.public_pem(), 0o644);
    assert!(here.signer().verify(&token, sample::NOW).is_ok());
}

#[test]
fn tok_15_a_bad_file_stops_the_start_and_is_named() {
    let good = Place::started();
    let (public, private) = (good.public_pem(), good.text());
    for (name, text, mode) in [
        (LEADING, "secret", 0o600),
        (LEADING, "", 0o600),
        (LEADING, &*public, 0o600),
        (LEADING, &*private, 0o644),
        (LEADING, &*private, 0o640),
        ("old.pem", "secret", 0o600),
        ("old.pem", &*private, 0o644),
        ("old.pem", &*public, 0o666),
        ("old.pem", &*public, 0o664),
    ] {
        let place = Place::new();
        place.write(name, text, mode);
        let error = place.refusal().to_string();
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn tok_15_one_key_in_two_files_stops_the_start() {
    let place = Place::started();
    place.write("copy.pem", &place.public_pem(), 0o644);
    let error = place.refusal().to_string();
    assert!(error.contains("copy.pem") && error.contains(LEADING), "{error}");
    place.write("copy.pem", &place.text(), 0o600);
    assert!(matches!(place.refusal(), KeyFileError::Duplicate { .. }));
}

#[test]
fn a_directory_that_others_can_write_to_stops_the_start() {
    let place = Place::new();
    set_mode(place.0.path(), 0o770);
    assert!(matches!(place.refusal(), KeyFileError::Exposed { mode: 0o770, needed: 0o700, .. }));
    place.keys().generate(TokenAlgorithm::EdDsa).err().unwrap();
}

#[test]
fn files_of_other_kinds_are_left_alone() {
    let place = Place::new();
    for name in ["README", "old.pem.bak", ".doorward-key-1.tmp", "pem"] {
        place.write(name, "secret", 0o666);
    }
    assert_eq!(place.signer().jwks().matches(r#""kid""#).count(), 1);
}

/// The service runs as somebody else than the person at the command line.
#[test]
fn what_root_makes_belongs_to_the_owner_of_the_directory() {
    let place = Place::started();
    if fs::metadata(place.0.path()).unwrap().uid() == 0 {
        std::os::unix::fs::chown(place.0.path(), Some(1234), Some(1234)).unwrap();
    }
    let owner = fs::metadata(place.0.path()).unwrap().uid();
    let key = place.keys().generate(TokenAlgorithm::EdDsa).unwrap();
    assert_eq!(fs::metadata(key.path()).unwrap().uid(), owner);
}

#[test]
fn signatures_and_names_are_those_of_rfc_8037() {
    let seed = STANDARD.decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
    let public = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
    let pair = Ed25519KeyPair::from_bytes(&[seed, public].concat()).unwrap();
    let key = SigningKey::EdDsa(EdDsaKey::new(pair).unwrap());
    assert_eq!(key.verifying().kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    assert_eq!(
        URL_SAFE_NO_PAD.encode(key.sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
}

#[test]
fn a_ring_prints_the_names_of_its_keys_and_nothing_else() {
    let ring = KeyRing::ephemeral();
    assert_eq!(format!("{ring:?}"), format!("KeyRing {{ kids: [{:?}], .. }}", ring.signing_kid()));
}
