//! The keys: one signs, all of them verify, and their names are made from them.

use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use jwt_simple::prelude::{Ed25519KeyPair, Ed25519PublicKey, EdDSAKeyPairLike as _};
use zeroize::Zeroizing;

use super::key_pem::KeyPem;
use crate::key_file::{self, KeyFileError};

/// The file of the key that signs.
const SIGNING: &str = "signing.pem";

/// The Ed25519 keys of a directory.
///
/// A key's `kid` is its thumbprint (RFC 7638), so it is the same on every node and cannot be given away twice.
///
/// To rotate, rename `signing.pem` to another `….pem` and have another one made: the new key signs, the old one goes on
/// verifying. Once what it signed has expired, its file can go, or sooner, if it is to be trusted no longer.
pub struct KeyRing {
    signing: Ed25519KeyPair,
    /// The signing key's public half first.
    verifying: Vec<VerifyingKey>,
}

pub(super) struct VerifyingKey {
    pub(super) kid: String,
    pub(super) key: Ed25519PublicKey,
}

impl KeyRing {
    /// Reads the keys of a directory: `signing.pem` signs, every other `*.pem` only verifies. Each file holds one
    /// private (PKCS#8) or public (SPKI) key. A directory or a `signing.pem` that is missing is made, for its owner
    /// alone; nodes that share the directory and start at once agree on one key.
    pub fn load_or_create(directory: &Path) -> Result<Self, KeyFileError> {
        key_file::create_directory(directory).map_err(|source| KeyFileError::io(directory, source))?;
        Self::read(directory, |path| key_file::load_or_create(path, fresh_pem))
    }

    /// Reads the keys of a directory, which must exist with its `signing.pem`.
    pub fn load(directory: &Path) -> Result<Self, KeyFileError> {
        Self::read(directory, key_file::load)
    }

    fn read(
        directory: &Path,
        signing_text: impl FnOnce(&Path) -> Result<Zeroizing<String>, KeyFileError>,
    ) -> Result<Self, KeyFileError> {
        let path = directory.join(SIGNING);
        let mode = match fs::metadata(directory) {
            Ok(metadata) => metadata.permissions().mode() & 0o7777,
            // What is missed is the key.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(KeyFileError::io(&path, error));
            }
            Err(error) => return Err(KeyFileError::io(directory, error)),
        };
        key_file::require_unwritable(directory, mode, 0o700)?;

        let text = signing_text(&path)?;
        let signing = KeyPem::read(&path, &text)?.private.ok_or_else(|| KeyFileError::Malformed {
            path: path.clone(),
            expected: "a private key, which signing needs",
        })?;
        let mut ring = Self::of(signing);
        let mut paths = vec![path];
        for path in other_key_files(directory)? {
            let key = VerifyingKey::new(public_key(&path)?);
            if let Some((_, other)) =
                ring.verifying.iter().zip(&paths).find(|(known, _)| known.kid == key.kid)
            {
                return Err(KeyFileError::Duplicate { path, other: other.clone() });
            }
            ring.verifying.push(key);
            paths.push(path);
        }
        Ok(ring)
    }

    /// A ring of one new key that is in no file and is gone with the process. Meant for tests.
    pub fn ephemeral() -> Self {
        Self::of(Ed25519KeyPair::generate())
    }

    fn of(signing: Ed25519KeyPair) -> Self {
        let verifying = vec![VerifyingKey::new(signing.public_key())];
        Self { signing, verifying }
    }

    /// The name of the key that signs, which is also its fingerprint.
    pub fn signing_kid(&self) -> &str {
        self.kids().next().unwrap_or_default()
    }

    /// The names of all keys, which are also their fingerprints: first the one that signs.
    pub fn kids(&self) -> impl Iterator<Item = &str> {
        self.verifying.iter().map(|key| key.kid.as_str())
    }

    /// Signs as RFC 8032 says, which gives the same signature for the same text. jwt-simple's own `sign` mixes noise
    /// into each one, so a refresh that is answered once more would get another token.
    pub(super) fn sign(&self, text: &[u8]) -> Vec<u8> {
        self.signing.key_pair().as_ref().sk.sign(text, None).to_vec()
    }

    /// The key of that name: one of a fixed set, whatever a token says.
    pub(super) fn find(&self, kid: &str) -> Option<&VerifyingKey> {
        self.verifying.iter().find(|key| key.kid == kid)
    }

    /// A JWK set of the public keys.
    pub(super) fn jwks(&self) -> String {
        let keys: Vec<String> = self.verifying.iter().map(|key| key.key.to_jwk()).collect();
        format!(r#"{{"keys":[{}]}}"#, keys.join(","))
    }
}

impl VerifyingKey {
    fn new(key: Ed25519PublicKey) -> Self {
        let kid = key.jwk_thumbprint();
        Self { key: key.with_key_id(&kid), kid }
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids: Vec<&str> = self.kids().collect();
        formatter.debug_struct("KeyRing").field("kids", &kids).finish_non_exhaustive()
    }
}

fn fresh_pem() -> Zeroizing<String> {
    Zeroizing::new(Ed25519KeyPair::generate().key_pair().as_ref().sk.to_pem())
}

/// Every `*.pem` but the signing key, by name.
fn other_key_files(directory: &Path) -> Result<Vec<PathBuf>, KeyFileError> {
    let entries = fs::read_dir(directory).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut paths: Vec<PathBuf> = entries
        .map_err(|source| KeyFileError::io(directory, source))?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pem"))
        .filter(|path| path.file_name().is_some_and(|name| name != SIGNING))
        .collect();
    paths.sort();
    Ok(paths)
}

/// The public half of whatever key the file holds. A private one must be private; a public one may be read by all,
/// but written by its owner alone: whoever can put a key here can sign.
fn public_key(path: &Path) -> Result<Ed25519PublicKey, KeyFileError> {
    let (text, mode) = key_file::read(path)?;
    let key = KeyPem::read(path, &text)?;
    match key.private {
        Some(_) => key_file::require_private(path, mode)?,
        None => key_file::require_unwritable(path, mode, 0o644)?,
    }
    Ok(key.public)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
    use doorward_domain::port::{PublishedKeys as _, TokenError, TokenSigner as _};
    use doorward_domain::token::TokenKind;
    use doorward_testkit::sample;
    use tempfile::TempDir;

    use super::super::forged::{claims, part};
    use super::super::{JwtSettings, JwtSigner};
    use super::*;

    fn directory() -> TempDir {
        tempfile::tempdir().unwrap()
    }

    fn signer(directory: &TempDir) -> JwtSigner {
        JwtSigner::new(KeyRing::load_or_create(directory.path()).unwrap(), JwtSettings::default())
    }

    fn token(signer: &JwtSigner) -> String {
        signer.sign(&claims(TokenKind::Access), &sample::user(1)).unwrap()
    }

    fn write(path: &Path, text: &str, mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn public_pem(directory: &TempDir) -> String {
        let signing = directory.path().join(SIGNING);
        let text = fs::read_to_string(&signing).unwrap();
        KeyPem::read(&signing, &text).unwrap().public.to_pem()
    }

    #[test]
    fn tok_17_the_key_is_made_once_for_its_owner_and_shared_by_all_who_read_the_directory() {
        let parent = directory();
        let path = parent.path().join("keys");
        let first = KeyRing::load_or_create(&path).unwrap();
        let second = KeyRing::load_or_create(&path).unwrap();
        assert_eq!(first.signing_kid(), second.signing_kid());
        assert_eq!(first.sign(b"text"), second.sign(b"text"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!((mode(&path), mode(&path.join(SIGNING))), (0o700, 0o600));
        assert_ne!(first.signing_kid(), KeyRing::ephemeral().signing_kid());
    }

    #[test]
    fn loading_makes_nothing_and_names_what_is_missing() {
        let parent = directory();
        let path = parent.path().join("keys");
        for _ in 0..2 {
            let error = KeyRing::load(&path).unwrap_err();
            assert!(error.is_not_found() && error.to_string().contains("keys/signing.pem"), "{error}");
            assert!(!path.join(SIGNING).exists());
            key_file::create_directory(&path).unwrap();
        }
        let made = KeyRing::load_or_create(&path).unwrap();
        assert_eq!(KeyRing::load(&path).unwrap().signing_kid(), made.signing_kid());
    }

    #[test]
    fn the_key_that_signs_is_named_first() {
        let (here, elsewhere) = (directory(), directory());
        signer(&elsewhere);
        signer(&here);
        write(&here.path().join("a.pem"), &public_pem(&elsewhere), 0o644);
        let [ours, other] = [&here, &elsewhere].map(|place| KeyRing::load(place.path()).unwrap());
        assert_eq!(ours.kids().collect::<Vec<_>>(), [ours.signing_kid(), other.signing_kid()]);
    }

    #[test]
    fn the_key_file_is_a_pkcs_8_pem_that_other_tools_read() {
        let directory = directory();
        signer(&directory);
        let text = fs::read_to_string(directory.path().join(SIGNING)).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((lines[0], lines[2]), ("-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"));
        assert!(lines[1].starts_with("MC4CAQAwBQYDK2VwBCIEI") && lines.len() == 3);
    }

    #[test]
    fn tok_16_a_replaced_key_verifies_until_it_is_removed() {
        let directory = directory();
        let before = signer(&directory);
        let old = token(&before);
        let kid_of = |token: &str| part(token, 0);
        fs::rename(directory.path().join(SIGNING), directory.path().join("2025.pem")).unwrap();

        let rotated = signer(&directory);
        let new = token(&rotated);
        assert_ne!(kid_of(&old), kid_of(&new));
        assert!(rotated.verify(&old, sample::NOW).is_ok() && rotated.verify(&new, sample::NOW).is_ok());
        assert_eq!(rotated.jwks().matches(r#""kid""#).count(), 2);
        assert_eq!(before.verify(&new, sample::NOW), Err(TokenError::Invalid));

        fs::remove_file(directory.path().join("2025.pem")).unwrap();
        let retired = signer(&directory);
        assert_eq!(retired.verify(&old, sample::NOW), Err(TokenError::Invalid));
        assert!(retired.verify(&new, sample::NOW).is_ok());
    }

    #[test]
    fn a_public_key_of_mode_0644_verifies() {
        let (here, elsewhere) = (directory(), directory());
        let token = token(&signer(&elsewhere));
        write(&here.path().join("elsewhere.pem"), &public_pem(&elsewhere), 0o644);
        assert!(signer(&here).verify(&token, sample::NOW).is_ok());
    }

    #[test]
    fn tok_15_a_bad_file_stops_the_start_and_is_named() {
        let good = || {
            let directory = directory();
            signer(&directory);
            (public_pem(&directory), fs::read_to_string(directory.path().join(SIGNING)).unwrap())
        };
        let (public, private) = good();
        for (name, text, mode) in [
            (SIGNING, "secret", 0o600),
            (SIGNING, "", 0o600),
            (SIGNING, &*public, 0o600),
            (SIGNING, &*private, 0o644),
            (SIGNING, &*private, 0o640),
            ("old.pem", "secret", 0o600),
            ("old.pem", &*private, 0o644),
            ("old.pem", &*public, 0o666),
            ("old.pem", &*public, 0o664),
        ] {
            let directory = directory();
            write(&directory.path().join(name), text, mode);
            let error = KeyRing::load_or_create(directory.path()).unwrap_err().to_string();
            assert!(error.contains(name), "{error}");
        }
    }

    #[test]
    fn tok_15_one_key_in_two_files_stops_the_start() {
        let directory = directory();
        signer(&directory);
        write(&directory.path().join("copy.pem"), &public_pem(&directory), 0o644);
        let error = KeyRing::load_or_create(directory.path()).unwrap_err().to_string();
        assert!(error.contains("copy.pem") && error.contains(SIGNING), "{error}");
    }

    #[test]
    fn a_directory_that_others_can_write_to_stops_the_start() {
        let directory = directory();
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o770)).unwrap();
        let error = KeyRing::load_or_create(directory.path()).unwrap_err();
        assert!(matches!(error, KeyFileError::Exposed { mode: 0o770, needed: 0o700, .. }));
    }

    #[test]
    fn files_of_other_kinds_are_left_alone() {
        let directory = directory();
        for name in ["README", "old.pem.bak", ".doorward-key-1.tmp", "pem"] {
            write(&directory.path().join(name), "secret", 0o666);
        }
        assert_eq!(signer(&directory).jwks().matches(r#""kid""#).count(), 1);
    }

    #[test]
    fn signatures_and_names_are_those_of_rfc_8037() {
        let seed = STANDARD.decode("nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=").unwrap();
        let public = URL_SAFE_NO_PAD.decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        let ring = KeyRing::of(Ed25519KeyPair::from_bytes(&[seed, public].concat()).unwrap());
        assert_eq!(ring.signing_kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(
            URL_SAFE_NO_PAD.encode(ring.sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc")),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
        );
    }

    #[test]
    fn a_ring_prints_the_names_of_its_keys_and_nothing_else() {
        let ring = KeyRing::ephemeral();
        assert_eq!(format!("{ring:?}"), format!("KeyRing {{ kids: [{:?}], .. }}", ring.signing_kid()));
    }
}
