//! The Rust client against the real service, and its lists against the API description.

use std::collections::BTreeSet;

use doorward_client::answers::{
    AuditAction, AuditEntry, AuditOutcome, KeySet, LiveSession, LoginStatus, Readiness, Role, StoreStanding,
    Tokens, User, UserEntry, UserTypeName,
};
use doorward_client::requests::{
    AccountFields, AuditFilter, Change, OwnUpdate, ProfileChange, UserFilter, UserSort, UserUpdate,
};
use doorward_client::{Error, ErrorCode, ROUTES};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::{Doorward, Place};

const ADA: (&str, &str) = ("ada@example.com", "correct horse batt");
const ADMIN: &str = "root@example.com";

/// Starts with an admin of a known password.
fn start(place: &Place) -> Doorward {
    let password = place.secret("password", ADA.1);
    place.start_with(&[
        ("DOORWARD_ADMIN_EMAIL", ADMIN.as_ref()),
        ("DOORWARD_ADMIN_PASSWORD_FILE", &password),
        ("DOORWARD_ACCESS_TTL", "1s".as_ref()),
    ])
}

fn code<T: std::fmt::Debug>(answer: Result<T, Error>) -> ErrorCode {
    answer.unwrap_err().code().unwrap().clone()
}

fn city(name: &str) -> AccountFields {
    let profile = ProfileChange { city: Change::Set(name.to_owned()), ..ProfileChange::default() };
    AccountFields { profile: Change::Set(profile), ..AccountFields::default() }
}

fn description() -> Value {
    let (said, _) = Place::new().ends_with(0, &["openapi"]);
    serde_json::from_str(&said).unwrap()
}

#[test]
fn the_client_asks_for_every_route_of_the_description() {
    let description = description();
    let mut described = BTreeSet::from([("GET".to_owned(), "/api/openapi.json".to_owned())]);
    for (path, operations) in description["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            // The second form of a route, for clients that know no other.
            if !operation["operationId"].as_str().unwrap().contains("_by_") {
                described.insert((method.to_uppercase(), path.clone()));
            }
        }
    }
    let asked = ROUTES.iter().map(|route| (route.method.to_string(), route.path.to_owned()));
    assert_eq!(asked.collect::<BTreeSet<_>>(), described);
}

#[test]
fn the_client_knows_every_word_of_the_description() {
    let description = description();
    let told = |name: &str| {
        let words = description["components"]["schemas"][name]["enum"].as_array().unwrap().clone();
        words.into_iter().map(|word| word.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    macro_rules! same {
        ($($name:literal $list:ident),+) => {
            $(assert_eq!($list::KNOWN.iter().map(ToString::to_string).collect::<Vec<_>>(), told($name));)+
        };
    }
    same!("ErrorCode" ErrorCode, "AuditAction" AuditAction, "AuditOutcome" AuditOutcome, "Role" Role);
    same!("StoreStanding" StoreStanding, "UserSort" UserSort, "UserTypeName" UserTypeName);
}

#[test]
fn the_client_reads_all_that_is_in_the_examples_of_the_description() {
    fn whole<T: DeserializeOwned + Serialize>(example: &Value) {
        let read: T = serde_json::from_value(example.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), *example);
    }
    let description = description();
    let example = |name: &str| description["components"]["schemas"][name]["example"]["results"].clone();
    whole::<User>(&example("UserEnvelope"));
    whole::<Vec<UserEntry>>(&example("UserEntryListEnvelope"));
    whole::<Vec<LiveSession>>(&example("SessionListEnvelope"));
    whole::<Vec<AuditEntry>>(&example("AuditEntryListEnvelope"));
    whole::<LoginStatus>(&example("LoginStatusEnvelope"));
    whole::<Readiness>(&example("ReadinessEnvelope"));
    let keys = "/paths/~1.well-known~1jwks.json/get/responses/200/content/application~1json/example";
    whole::<KeySet>(description.pointer(keys).unwrap());
    let tokens: Tokens = serde_json::from_value(example("TokensEnvelope")).unwrap();
    assert_eq!((tokens.token_type.as_str(), tokens.expires_in), ("Bearer", 900));
}

#[tokio::test]
async fn a_session_outlives_its_access_token() {
    let place = Place::new();
    let service = start(&place);
    service.banner();
    service.register(ADA.0, ADA.1).await;
    let session = service.client().login(ADA.0, ADA.1).await.unwrap();
    let first = session.access_token().await;
    // Until it has expired; what never expires ends with the patience of the runner.
    let alone = service.client().on_behalf(first.clone());
    while let Ok(status) = alone.status().await {
        assert_eq!(status.username, ADA.0);
    }
    assert_eq!(code(alone.status().await), ErrorCode::TokenExpired);
    let clones = [session.clone(), session.clone(), session.clone()];
    let asked = clones.map(|session| tokio::spawn(async move { session.update_me(city("London")).await }));
    for answer in asked {
        let profile = answer.await.unwrap().unwrap().profile.unwrap();
        assert_eq!(profile.city.as_deref(), Some("London"));
    }
    assert_ne!(session.access_token().await, first);
    assert_eq!(session.sessions().await.unwrap().len(), 1);
    session.change_password(ADA.1, "a staple for the next year").await.unwrap();
    session.logout().await.unwrap();
    assert_eq!(code(session.me().await), ErrorCode::TokenRevoked);
}

#[tokio::test]
async fn what_is_refused_is_told_by_code_and_field() {
    let place = Place::new();
    let service = start(&place);
    service.banner();
    service.register(ADA.0, ADA.1).await;
    let client = service.client();
    assert_eq!(code(client.login(ADA.0, "something else").await), ErrorCode::InvalidCredentials);
    let session = client.login(ADA.0, ADA.1).await.unwrap();
    assert_eq!(
        code(session.users(&UserFilter::default()).await.and(session.user(ADMIN).await)),
        ErrorCode::Forbidden
    );
    let update = OwnUpdate {
        current_password: Some("wrong".into()),
        ..AccountFields { email: Some("b@example.com".into()), ..city("Paris") }.into()
    };
    assert_eq!(code(session.update_me(update).await), ErrorCode::WrongPassword);
    let error = session.update_me(city("")).await.unwrap_err();
    let refusal = error.refusal().unwrap();
    assert_eq!((refusal.status, &refusal.code), (400, &ErrorCode::ValidationFailed));
    assert_eq!(refusal.fields[0].field, "profile.city");
    assert!(error.request_id().is_some() && error.retry_after().is_none());
}

#[tokio::test]
async fn an_admin_walks_through_people_and_what_they_did() {
    let place = Place::new().without_throttles();
    let service = start(&place);
    service.banner();
    let names = ["ada@example.com", "bob@example.com", "cay@example.com"];
    for name in names {
        service.register(name, ADA.1).await;
    }
    let admin = service.client().login(ADMIN, ADA.1).await.unwrap();
    let filter = UserFilter {
        limit: Some(1),
        count: true,
        role: Some(Role::User),
        sort: Some(UserSort::Username),
        ..UserFilter::default()
    };
    let page = admin.users(&filter).await.unwrap();
    assert_eq!((page.entries.len(), page.total, page.next.is_some()), (1, Some(3), true));
    let mut met = Vec::new();
    let mut users = admin.walk_users(&filter);
    while let Some(user) = users.next().await.unwrap() {
        met.push(user.whole().unwrap().username.clone());
    }
    assert_eq!(met, names);

    let bob = service.client().login(names[1], ADA.1).await.unwrap();
    assert_eq!(admin.active_users(&filter).await.unwrap().entries.len(), 1);
    assert_eq!(admin.end_sessions_of("Bob@example.com").await.unwrap(), 1);
    assert_eq!(code(bob.me().await), ErrorCode::TokenRevoked);
    let disable = UserUpdate { active: Some(false), ..UserUpdate::default() };
    assert!(!admin.update_user(names[1], disable).await.unwrap().active);
    assert_eq!(code(service.client().login(names[1], ADA.1).await), ErrorCode::AccountDisabled);
    assert_eq!(admin.delete_user(names[1]).await.unwrap(), names[1]);
    assert_eq!(code(admin.user(names[1]).await), ErrorCode::UserNotFound);

    let filter = AuditFilter { limit: Some(2), target: Some(names[1].to_owned()), ..AuditFilter::default() };
    let mut entries = admin.walk_audit(&filter);
    let mut actions = Vec::new();
    while let Some(entry) = entries.next().await.unwrap() {
        actions.push(entry.action);
    }
    assert_eq!(actions[0], AuditAction::Delete);
    assert_eq!(actions.last(), Some(&AuditAction::Register));
    assert_eq!(service.client().public_keys().await.unwrap().keys[0].kty, "OKP");
    assert_eq!(service.client().description().await.unwrap(), description());
}
