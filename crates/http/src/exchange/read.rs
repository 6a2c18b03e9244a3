//! A row as an account that is taken in.

use doorward_domain::Timestamp;
use doorward_domain::accounts::{Credential, ImportedAccount};
use doorward_domain::user::{Change, Email, HashScheme, PasswordHash, UserChanges, UserId};
use uuid::Uuid;

use super::time::time_of;
use crate::bodies::{own_fields, role_names, set_fullname};
use crate::error::FieldFault;
use crate::read::{Fields, Json, email, flag, one_of, password, text, written};

/// Longer than any hash that could be read.
const LONGEST_HASH: usize = 256;

/// Which rules a row keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// Ours: the document of a user, and what proves the password.
    Document,
    /// Of the file for bulk inserts of the Flask project that this API comes from: the `username` there need not be an
    /// address, `create_time` is when the account was opened, and `hobby` has no place here.
    Seed,
}

/// Reads rows.
#[derive(Clone, Debug)]
pub struct RowReader {
    kind: RowKind,
    pepper: String,
}

impl RowReader {
    /// For a service whose pepper has this fingerprint: only hashes that were made with it can be compared with.
    pub fn new(kind: RowKind, pepper: impl Into<String>) -> Self {
        Self { kind, pepper: pepper.into() }
    }

    /// Reads one JSON object.
    pub fn read_json(&self, bytes: &[u8]) -> Result<ImportedAccount, Vec<FieldFault>> {
        let object = Json::read_object(bytes);
        let object =
            object.ok_or_else(|| vec![FieldFault::new("", "must be one JSON object, each key once")])?;
        self.read(&object)
    }

    /// The username that stands in a row, whether or not it is one: to tell of the row.
    pub fn username_in(&self, bytes: &[u8]) -> Option<String> {
        let Some(Json::Object(entries)) = Json::read_object(bytes) else { return None };
        let named = |name: &str| entries.iter().find(|(key, _)| key == name).map(|(_, value)| value);
        let text = |value: &Json| match value {
            Json::Text(text) => Some(text.clone()),
            _ => None,
        };
        match (self.kind, named("username").and_then(text), named("email").and_then(text)) {
            (RowKind::Seed, Some(username), Some(email)) if !username.contains('@') => Some(email),
            (_, username, _) => username,
        }
    }

    pub(super) fn read(&self, object: &Json) -> Result<ImportedAccount, Vec<FieldFault>> {
        Fields::read(object, |fields| self.account(fields))
    }

    fn account(&self, fields: &mut Fields<'_>) -> Option<ImportedAccount> {
        let id = nullable(fields, "id", 36, |text| match Uuid::parse_str(text) {
            Ok(uuid) if !uuid.is_nil() => Ok(UserId::new(uuid)),
            _ => Err("must be a UUID".to_owned()),
        });
        let address = self.address(fields);
        let credential = self.credential(fields);
        let mut changes = UserChanges {
            role: fields.take_if_given("role", &one_of(role_names)),
            active: fields.take_if_given("active", &flag()),
            ..own_fields(fields)
        };
        if let Some(name) = fields.take_if_given("name", &text()) {
            set_fullname(&mut changes, name, fields);
        }
        let mut created_at = time(fields, "created_at");
        let updated_at = time(fields, "updated_at");
        let last_login = time(fields, "last_login");
        if self.kind == RowKind::Seed {
            created_at = time(fields, "create_time").or(created_at);
            let _has_no_place = fields.take_change("hobby", &written(1_000));
        }
        let (address, credential) = (address?, credential?);
        Some(ImportedAccount { id, address, credential, fields: changes, created_at, updated_at, last_login })
    }

    fn address(&self, fields: &mut Fields<'_>) -> Option<Email> {
        if self.kind == RowKind::Seed && !fields.text("username").is_some_and(|name| name.contains('@')) {
            // What names the account is an address, and that is the only one it has.
            if let Some(address) = fields.text("email").map(ToOwned::to_owned) {
                let _is_no_address = fields.take_if_given("username", &written(254));
                return Email::parse(&address).ok();
            }
        }
        fields.take("username", &email())
    }

    fn credential(&self, fields: &mut Fields<'_>) -> Option<Credential> {
        let plain = fields.take_if_given("password", &password());
        let again = fields.take_if_given("password_confirm", &password());
        if again.is_some() && again != plain {
            fields.fault("password_confirm", "must be the same as password");
        }
        let has_hash = fields.text("password_hash").is_some();
        let hash = nullable(fields, "password_hash", LONGEST_HASH, |text| Ok(text.to_owned()));
        let scheme = nullable(fields, "password_scheme", 64, scheme);
        let pepper = nullable(fields, "pepper", 64, |text| Ok(text.to_owned()));
        if scheme == Some(HashScheme::Peppered) && pepper.as_ref() != Some(&self.pepper) {
            fields.fault("password_hash", "was made with another pepper: nobody could log in with it here");
            return None;
        }
        match (plain, hash) {
            (Some(_), Some(_)) => {
                fields.fault("password_hash", "must not stand beside password");
                None
            }
            (Some(password), None) => Some(Credential::Password(password)),
            (None, Some(hash)) => match known(&hash, scheme.unwrap_or(HashScheme::Imported)) {
                Ok(hash) => Some(Credential::Hash(hash)),
                Err(message) => {
                    fields.fault("password_hash", message);
                    None
                }
            },
            (None, None) => {
                if !has_hash && !fields.has_faults() {
                    fields.fault("password", "is required, or password_hash");
                }
                None
            }
        }
    }
}

fn scheme(text: &str) -> Result<HashScheme, String> {
    match text {
        "peppered" => Ok(HashScheme::Peppered),
        "imported" | "bcrypt" => Ok(HashScheme::Imported),
        _ => Err("must be one of: imported, peppered".to_owned()),
    }
}

/// Hashes that others make, by how they begin, and who makes them.
const OTHERS: [(&str, &str); 13] = [
    ("bcrypt_sha256$", "Django's bcrypt_sha256"),
    ("pbkdf2_", "Django's PBKDF2"),
    ("pbkdf2:", "Werkzeug's PBKDF2"),
    ("scrypt:", "Werkzeug's scrypt"),
    ("scrypt$", "Django's scrypt"),
    ("argon2", "Django's Argon2"),
    ("$argon2", "Argon2"),
    ("$pbkdf2", "PBKDF2"),
    ("$scrypt", "scrypt"),
    ("md5$", "MD5"),
    ("sha1$", "SHA-1"),
    ("$2x$", "the broken bcrypt of before 2011"),
    ("$", "crypt(3)"),
];

/// A bcrypt hash, also as Django writes it; whether it can be read is the hasher's business.
fn known(hash: &str, scheme: HashScheme) -> Result<PasswordHash, String> {
    let text = hash.strip_prefix("bcrypt$").unwrap_or(hash);
    if ["$2a$", "$2b$", "$2y$"].iter().any(|version| text.starts_with(version)) {
        return Ok(PasswordHash::new(scheme, text));
    }
    let maker = OTHERS.iter().find(|(beginning, _)| hash.starts_with(beginning)).map(|(_, maker)| *maker);
    let what =
        maker.map_or_else(|| "is no hash that is known".to_owned(), |maker| format!("is a hash of {maker}"));
    Err(format!("{what}; only bcrypt can be taken along ($2a$, $2b$, $2y$)"))
}

/// A text that may be absent or null.
fn nullable<T>(
    fields: &mut Fields<'_>,
    name: &'static str,
    max: usize,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Option<T> {
    let Change::Set(text) = fields.take_change(name, &written(max)) else { return None };
    parse(&text).map_err(|message| fields.fault(name, message)).ok()
}

fn time(fields: &mut Fields<'_>, name: &'static str) -> Option<Timestamp> {
    nullable(fields, name, 64, time_of)
}

#[cfg(test)]
mod tests;
