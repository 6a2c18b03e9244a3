use doorward_domain::port::UserIntake as _;
use doorward_domain::user::{Role, User};
use doorward_testkit::fake::PlainPasswords;
use doorward_testkit::sample;
use proptest::prelude::*;

use super::*;
use crate::exchange::{COLUMNS, Columns, HashesShown, account_as_cells, account_as_json};

const PEPPER: &str = "48c28262aa645678b85e767d517e17b1";
const HASH: &str = "$2b$10$UuTkLRZZ6QofpDOlMz32MuuxEHA43WOemOYHPz6.SjsVsyO1tDU96";

fn read(row: &str) -> Result<ImportedAccount, Vec<FieldFault>> {
    RowReader::new(RowKind::Document, PEPPER).read_json(row.as_bytes())
}

fn read_seed(row: &str) -> Result<ImportedAccount, Vec<FieldFault>> {
    RowReader::new(RowKind::Seed, PEPPER).read_json(row.as_bytes())
}

/// The faults of a row, as `field message`.
fn faults(row: &str) -> Vec<String> {
    let faults = read(row).unwrap_err();
    faults.into_iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect()
}

/// The account that becomes of a row.
fn opened(account: ImportedAccount) -> User {
    let ImportedAccount { id, address, credential, fields, created_at, updated_at, last_login } = account;
    let Credential::Hash(hash) = credential else { panic!("a password") };
    let mut user = User::open(id.unwrap(), address, hash, created_at.unwrap());
    fields.apply(&mut user);
    User { updated_at: updated_at.unwrap(), last_login, ..user }
}

fn shown() -> HashesShown {
    HashesShown { pepper: PEPPER.to_owned() }
}

fn with_bcrypt(user: User, scheme: HashScheme) -> User {
    User { password: PasswordHash::new(scheme, HASH), ..user }
}

#[test]
fn a_row_is_an_account_with_everything_that_it_says() {
    let account = read(
        r#"{"username":"Ada@example.com","email":"lovelace@example.com","password":"correct horse batt","role":"admin",
            "active":false,"created_at":"2020-01-01T00:00:00Z","profile":{"city":"London"},"played_games":["chess"]}"#,
    );
    let account = account.unwrap();
    assert_eq!(account.address.as_str(), "Ada@example.com");
    assert!(matches!(account.credential, Credential::Password(_)));
    assert_eq!((account.fields.role, account.fields.active), (Some(Role::Admin), Some(false)));
    assert_eq!(account.created_at, Some(Timestamp::from_seconds(1_577_836_800)));
    assert_eq!(account.fields.played_games.unwrap().titles()[0].as_str(), "CHESS");
}

#[test]
fn one_row_tells_all_its_faults_in_the_words_of_a_registration() {
    assert_eq!(
        faults(r#"{"username":"ada","password":"x","profile":{"gender":""},"shoe_size":38,"role":"root"}"#),
        [
            "username must be an e-mail address such as name@example.com",
            "role must be one of: user, admin",
            "profile.gender must not be empty",
            "shoe_size is not a field of this request",
        ]
    );
    assert_eq!(faults("[]"), [" must be one JSON object, each key once"]);
    assert_eq!(faults(r#"{"username":"ada@example.com"}"#), ["password is required, or password_hash"]);
    assert_eq!(
        faults(
            r#"{"username":"ada@example.com","password":"one password","password_confirm":"another one"}"#
        ),
        ["password_confirm must be the same as password"]
    );
}

#[test]
fn bcrypt_hashes_of_other_systems_are_taken_also_as_django_writes_them() {
    for (text, expected) in [
        (HASH.to_owned(), HASH.to_owned()),
        (HASH.replace("$2b", "$2a"), HASH.replace("$2b", "$2a")),
        (HASH.replace("$2b", "$2y"), HASH.replace("$2b", "$2y")),
        (format!("bcrypt${HASH}"), HASH.to_owned()),
    ] {
        let account = read(&format!(r#"{{"username":"ada@example.com","password_hash":"{text}"}}"#)).unwrap();
        let Credential::Hash(hash) = account.credential else { panic!("a password") };
        assert_eq!((hash.scheme(), hash.reveal()), (HashScheme::Imported, expected.as_str()));
    }
}

#[test]
fn hashes_that_nothing_could_be_compared_with_are_told_by_their_maker_and_not_shown() {
    for (text, maker) in [
        ("bcrypt_sha256$$2b$12$secret", "Django's bcrypt_sha256"),
        ("pbkdf2_sha256$600000$secret", "Django's PBKDF2"),
        ("pbkdf2:sha256:150000$secret", "Werkzeug's PBKDF2"),
        ("$argon2id$v=19$secret", "Argon2"),
        ("argon2$argon2id$secret", "Django's Argon2"),
        ("$2x$10$secret", "broken bcrypt"),
        ("$6$secret", "crypt(3)"),
        ("secret", "no hash that is known"),
    ] {
        let told = faults(&format!(r#"{{"username":"ada@example.com","password_hash":"{text}"}}"#));
        assert!(told.len() == 1 && told[0].contains(maker) && told[0].contains("only bcrypt"), "{told:?}");
        assert!(!told[0].contains("secret"), "{told:?}");
    }
}

#[test]
fn a_hash_with_another_pepper_is_refused() {
    let row = |pepper: &str| {
        format!(
            r#"{{"username":"ada@example.com","password_hash":"{HASH}","password_scheme":"peppered"{pepper}}}"#
        )
    };
    assert!(read(&row(&format!(r#","pepper":"{PEPPER}""#))).is_ok());
    for pepper in ["", r#","pepper":"00000000000000000000000000000000""#, r#","pepper":null"#] {
        let told = faults(&row(pepper));
        assert!(told[0].contains("another pepper"), "{told:?}");
    }
}

#[test]
fn the_seeds_rows_are_read_by_their_own_names() {
    let row = r#"{"name":"ardi","username":"ardi","email":"ardi@example.com","hobby":"eating","password":"open sesame street",
                  "password_confirm":"open sesame street","create_time":"2020-06-29 16:49:24.517730"}"#;
    let account = read_seed(row).unwrap();
    assert_eq!(account.address.as_str(), "ardi@example.com");
    assert_eq!(account.created_at, Some(Timestamp::from_millis(1_593_449_364_517)));
    assert!(
        matches!(&account.fields.profile, Change::Set(profile) if matches!(&profile.fullname, Change::Set(name) if name.as_str() == "ardi"))
    );
    let reader = RowReader::new(RowKind::Seed, PEPPER);
    assert_eq!(reader.username_in(row.as_bytes()).as_deref(), Some("ardi@example.com"));
    let told: Vec<String> = faults(row).into_iter().filter(|fault| fault.contains("hobby")).collect();
    assert_eq!(told, ["hobby is not a field of this request"], "elsewhere it is unknown");
    let refused =
        read_seed(r#"{"username":"ardi","email":"ardi","password":"open sesame street"}"#).unwrap_err();
    assert_eq!(refused.len(), 1, "{refused:?}");
}

#[tokio::test]
async fn what_is_handed_out_is_taken_in_as_the_same_accounts() {
    let store = doorward_testkit::fake::MemoryStore::default();
    let mut elsewhere = sample::kucing_cakep();
    elsewhere.email = sample::email("=Elsewhere@Example.com");
    elsewhere.last_login = Some(sample::seconds_later(5));
    elsewhere.active = false;
    let people =
        [sample::user(1), sample::admin(2), elsewhere, sample::sari_lengkap(), sample::budi_penjual()];
    let people = people.map(|user| with_bcrypt(user, HashScheme::Peppered));
    let names = COLUMNS.into_iter().take(25);
    let columns = Columns::read(names).unwrap();
    let reader = RowReader::new(RowKind::Document, PEPPER);
    for user in &people {
        let line = account_as_json(user, Some(&shown())).unwrap();
        let cells = account_as_cells(user, Some(&shown())).unwrap();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        for account in [reader.read_json(line.as_bytes()), reader.read_cells(&columns, &cells)] {
            let again = opened(account.unwrap());
            assert_eq!(User { version: user.version, ..again.clone() }, *user);
            assert_eq!(
                (again.username.as_str(), again.email.as_str()),
                (user.username.as_str(), user.email.as_str())
            );
        }
    }
    let users = people.to_vec();
    store.insert_many(doorward_domain::port::NewUsers { users, ..Default::default() }).await.unwrap();
}

#[test]
fn a_cell_that_is_no_list_hides_no_other_fault() {
    let columns = Columns::read(["username", "played_games", "favorites.youtube", "active"]).unwrap();
    let reader = RowReader::new(RowKind::Document, PEPPER);
    let refused = reader.read_cells(&columns, &["eve", "CHESS", "{}", "perhaps"]).unwrap_err();
    let mut fields: Vec<&str> = refused.iter().map(|fault| fault.field.as_str()).collect();
    fields.sort_unstable();
    assert_eq!(fields, ["active", "favorites.youtube", "played_games", "username"], "{refused:?}");
    let alone = reader.read_cells(&columns, &["eve@example.com", "CHESS", "", ""]).unwrap_err();
    assert!(alone.iter().any(|fault| fault.field == "played_games"), "{alone:?}");
}

#[test]
fn what_protects_a_cell_is_left_where_nobody_has_put_it() {
    let columns = Columns::read(["username", "password", "profile.fullname"]).unwrap();
    let reader = RowReader::new(RowKind::Document, PEPPER);
    let account = reader.read_cells(&columns, &["ada@example.com", "'=correct horse", "'=Ada"]).unwrap();
    let Credential::Password(password) = account.credential else { panic!("no password") };
    assert_eq!(password.reveal(), "'=correct horse");
    assert!(
        matches!(&account.fields.profile, Change::Set(profile) if matches!(&profile.fullname, Change::Set(name) if name.as_str() == "=Ada"))
    );
}

#[test]
fn without_being_asked_for_no_hash_is_handed_out() {
    let user = User { password: PlainPasswords::hash_of("secret"), ..sample::kucing_cakep() };
    let line = account_as_json(&user, None).unwrap();
    let cells = account_as_cells(&user, None).unwrap();
    assert!(!line.contains("secret") && !line.contains("password"), "{line}");
    assert!(cells.len() == 22 && !cells.concat().contains("secret"));
}

#[test]
fn no_cell_that_is_handed_out_begins_like_a_formula() {
    for name in ["=1+1", "+1", "-1", "@SUM(A1)", "'=1"] {
        let mut user = sample::kucing_cakep();
        user.profile.as_mut().unwrap().fullname = Some(sample::text(name));
        let cells = account_as_cells(&user, None).unwrap();
        assert!(cells.iter().all(|cell| !cell.starts_with(['=', '+', '-', '@'])), "{cells:?}");
        assert_eq!(cells[9], format!("'{name}"));
    }
}

proptest! {
    #[test]
    fn no_row_makes_the_reader_panic(row in "\\PC{0,80}", hash in "[$a-z0-9:_]{0,30}") {
        let _ = read(&row);
        let _ = read_seed(&format!(r#"{{"username":"{hash}","email":"{hash}","password_hash":"{hash}","create_time":"{hash}"}}"#));
    }
}
