//! Taking accounts in.

use std::sync::Arc;

use doorward_domain::Passwords;
use doorward_domain::accounts::{
    AccountImport, Credential, ImportBatch, ImportError, ImportPorts, Imported, ImportedAccount,
};
use doorward_domain::port::{AuditLog, AuditQuery, MockUserIntake, UserFilter, UserIntake, UserRepository};
use doorward_domain::user::{HashScheme, PasswordHash, PasswordRules, PasswordWeakness, Role, UserChanges};
use doorward_testkit::fake::{FewCommonPasswords, PlainPasswords, Service};
use doorward_testkit::sample;

use super::out_of_reach;

fn import(service: &Service, users: Arc<dyn UserIntake>) -> AccountImport {
    let passwords =
        Passwords::new(Arc::new(PlainPasswords), Arc::new(FewCommonPasswords), PasswordRules::default());
    AccountImport::new(ImportPorts {
        users,
        passwords,
        clock: service.clock.clone(),
        ids: service.ids.clone(),
    })
}

fn account(address: &str, credential: Credential) -> ImportedAccount {
    ImportedAccount {
        id: None,
        address: sample::email(address),
        credential,
        fields: UserChanges::default(),
        created_at: None,
        updated_at: None,
        last_login: None,
    }
}

fn hashed(address: &str) -> ImportedAccount {
    account(address, Credential::Hash(PlainPasswords::imported(sample::PASSWORD)))
}

fn typed(address: &str, password: &str) -> ImportedAccount {
    account(address, Credential::Password(sample::password(password)))
}

fn batch(accounts: Vec<ImportedAccount>) -> ImportBatch {
    ImportBatch { accounts, origin: "1-9".to_owned(), is_rehearsal: false }
}

#[tokio::test]
async fn whoever_is_taken_in_logs_in_with_the_old_password() {
    let service = Service::default();
    let people = vec![hashed("ada@example.com"), typed("bob@example.com", sample::PASSWORD)];
    let told = import(&service, service.store.clone()).import(batch(people)).await.unwrap();
    assert!(told.iter().all(|one| matches!(one, Imported::Created(_))), "{told:?}");
    for address in ["ada@example.com", "bob@example.com"] {
        let user = service.login(address).await.user;
        assert_eq!((user.role, user.active), (Role::User, true));
    }
}

#[tokio::test]
async fn an_account_keeps_what_is_known_of_it() {
    let service = Service::default();
    let at = |seconds| Some(sample::seconds_later(seconds));
    let ada = ImportedAccount {
        id: Some(sample::user_id(77)),
        created_at: at(-3),
        updated_at: at(-2),
        last_login: at(-1),
        fields: UserChanges { role: Some(Role::Admin), active: Some(false), ..UserChanges::default() },
        ..hashed("ada@example.com")
    };
    let told = import(&service, service.store.clone()).import(batch(vec![ada])).await.unwrap();
    assert_eq!(told, [Imported::Created(sample::user_id(77))]);
    let user = service.store.find(sample::user_id(77)).await.unwrap().unwrap();
    assert_eq!((user.role, user.active), (Role::Admin, false));
    assert_eq!((Some(user.created_at), Some(user.updated_at), user.last_login), (at(-3), at(-2), at(-1)));
}

#[tokio::test]
async fn the_rules_hold_for_each_and_one_that_is_refused_spoils_no_other() {
    let service = Service::default();
    service.member("taken@example.com").await;
    let elsewhere = UserChanges { email: Some(sample::email("taken@example.com")), ..UserChanges::default() };
    let people = vec![
        typed("ada@example.com", "short"),
        typed("lovelace@example.com", "lovelace"),
        account("hash@example.com", Credential::Hash(PasswordHash::new(HashScheme::Imported, "$6$other"))),
        hashed("taken@example.com"),
        ImportedAccount { fields: elsewhere, ..hashed("bob@example.com") },
        hashed("zoe@example.com"),
    ];
    let told = import(&service, service.store.clone()).import(batch(people)).await.unwrap();
    assert_eq!(told[0], Imported::Weak(PasswordWeakness::TooShort(8)));
    assert_eq!(told[1], Imported::Weak(PasswordWeakness::IsTheAddress));
    assert_eq!(told[2], Imported::UnreadableHash);
    assert!(matches!(told[3], Imported::Exists(_)) && told[4] == Imported::AddressTaken);
    assert!(matches!(told[5], Imported::Created(_)));
    assert_eq!(service.store.count(&UserFilter::default()).await.unwrap(), 2);
}

#[tokio::test]
async fn a_batch_is_written_down_with_its_run_and_its_lines() {
    let service = Service::default();
    let import = import(&service, service.store.clone());
    import.import(batch(vec![hashed("ada@example.com"), hashed("bob@example.com")])).await.unwrap();
    import.import(batch(vec![hashed("ada@example.com")])).await.unwrap();
    let entries =
        service.store.list_entries(&AuditQuery { limit: 9, ..AuditQuery::default() }).await.unwrap();
    assert_eq!(entries.len(), 1, "nothing was opened the second time");
    let details = &entries[0].details;
    assert_eq!(entries[0].action.as_str(), "user.import");
    assert_eq!(details["run"], import.run().to_string());
    assert_eq!(
        (details["count"].as_str(), details["lines"].as_str(), details["by"].as_str()),
        ("2", "1-9", "command_line")
    );
}

#[tokio::test]
async fn a_rehearsal_opens_nothing_and_hashes_nothing() {
    let service = Service::default();
    let batch = ImportBatch { is_rehearsal: true, ..batch(vec![typed("ada@example.com", sample::PASSWORD)]) };
    let told = import(&service, service.store.clone()).import(batch).await.unwrap();
    assert_eq!(told, [Imported::WouldCreate]);
    assert_eq!(service.store.count(&UserFilter::default()).await.unwrap(), 0);
}

#[tokio::test]
async fn a_store_that_fails_or_says_too_little_is_told() {
    let service = Service::default();
    let mut away = MockUserIntake::new();
    away.expect_insert_many().returning(|_| Err(out_of_reach()));
    let mut silent = MockUserIntake::new();
    silent.expect_insert_many().returning(|_| Ok(Vec::new()));
    for store in [away, silent] {
        let failed = import(&service, Arc::new(store)).import(batch(vec![hashed("ada@example.com")])).await;
        assert!(matches!(failed, Err(ImportError::Store(_))), "{failed:?}");
    }
}
