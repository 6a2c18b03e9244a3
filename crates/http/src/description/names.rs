//! Names for the parts of schemas, so that a generated client has one type for each thing and no two for the same.

use std::string::ToString;

use doorward_domain::audit::{Action, Outcome};
use doorward_domain::user::{Role, UserTypeName};
use serde_json::{Map, Value, json};

use super::insert;
use crate::bodies::sort_names;
use crate::error::Code;
use crate::views::STORE_STATES;

/// A schema, a part of it, and what the part is called.
type Part = (&'static str, &'static str, &'static str);

/// The words of answers.
const WORDS: &[Part] = &[
    ("AuditEntry", "action", "AuditAction"),
    ("AuditEntry", "outcome", "AuditOutcome"),
    ("LoginStatus", "role", "Role"),
    ("PublicUser", "default_user_type", "UserTypeName"),
    ("Readiness", "stores[].state", "StoreStanding"),
    ("User", "default_user_type", "UserTypeName"),
    ("User", "role", "Role"),
];

/// The objects inside answers; those inside others first.
const OBJECTS: &[Part] = &[
    ("AuditEntry", "actor", "AuditParty"),
    ("AuditEntry", "target", "AuditParty"),
    ("JsonWebKeySet", "keys[]", "JsonWebKey"),
    ("PublicUser", "profile", "PublicProfile"),
    ("PublicUser", "user_type.seller", "Channel"),
    ("PublicUser", "user_type.streamer", "Channel"),
    ("PublicUser", "user_type", "UserTypes"),
    ("Readiness", "stores[]", "StoreState"),
    ("User", "accounts.facebook", "LinkedAccount"),
    ("User", "accounts.gmail", "LinkedAccount"),
    ("User", "accounts.youtube", "LinkedAccount"),
    ("User", "accounts", "LinkedAccounts"),
    ("User", "favorites.facebook[]", "Favorite"),
    ("User", "favorites.youtube[]", "Favorite"),
    ("User", "favorites", "Favorites"),
    ("User", "profile", "Profile"),
    ("User", "user_type.seller", "Channel"),
    ("User", "user_type.streamer", "Channel"),
    ("User", "user_type", "UserTypes"),
];

/// The requests that are made of the fields of an account, and the objects inside each.
const REQUESTS: &[&str] = &["OwnUpdate", "Registration", "UserUpdate"];
const CHANGES: &[(&str, &str)] = &[
    ("accounts.facebook", "LinkedAccountChange"),
    ("accounts.gmail", "LinkedAccountChange"),
    ("accounts.youtube", "LinkedAccountChange"),
    ("accounts", "LinkedAccountsChange"),
    ("favorites.facebook[]", "NewFavorite"),
    ("favorites.youtube[]", "NewFavorite"),
    ("favorites", "FavoritesChange"),
    ("profile", "ProfileChange"),
    ("user_type.seller", "ChannelChange"),
    ("user_type.streamer", "ChannelChange"),
    ("user_type", "UserTypesChange"),
];

/// What the texts of answers are.
const FORMATS: &[(&str, &str, &str)] = &[
    ("AuditEntry", "at", "date-time"),
    ("AuditEntry", "id", "uuid"),
    ("AuditEntry", "session", "uuid"),
    ("AuditParty", "id", "uuid"),
    ("Favorite", "favorited_at", "date-time"),
    ("Favorite", "url", "uri"),
    ("LoginStatus", "id", "uuid"),
    ("LoginStatus", "session", "uuid"),
    ("PublicUser", "id", "uuid"),
    ("Session", "created_at", "date-time"),
    ("Session", "expires_at", "date-time"),
    ("Session", "id", "uuid"),
    ("Session", "last_seen_at", "date-time"),
    ("User", "created_at", "date-time"),
    ("User", "id", "uuid"),
    ("User", "last_login", "date-time"),
    ("User", "updated_at", "date-time"),
];

/// Gives every part its name.
pub(super) fn give(schemas: &mut Map<String, Value>) {
    let words = words();
    for schema in schemas.values_mut() {
        name_words(schema, &words);
    }
    for (schema, part, name) in WORDS {
        take(schemas, schema, part, name);
    }
    schemas.extend(words);
    for (schema, part, name) in OBJECTS {
        move_out(schemas, schema, part, name);
    }
    for request in REQUESTS {
        for (part, name) in CHANGES {
            move_out(schemas, request, part, name);
        }
    }
    for (schema, property, format) in FORMATS {
        if let Some(text) = part_of(schemas, schema, property) {
            insert(text, "format", json!(format));
        }
    }
}

/// A schema, or a reference where it is one of the words that have a name.
pub(super) fn named(mut schema: Value, schemas: &Value) -> Value {
    if let Some(schemas) = schemas.as_object() {
        name_words(&mut schema, schemas);
    }
    schema
}

/// The closed lists of words, each with its name.
fn words() -> Map<String, Value> {
    let lists = [
        ("AuditAction", Action::ALL.iter().map(|action| action.as_str().to_owned()).collect()),
        ("AuditOutcome", Outcome::ALL.iter().map(|outcome| outcome.as_str().to_owned()).collect()),
        ("ErrorCode", Code::ALL.iter().map(|code| code.name().to_owned()).collect()),
        ("StoreStanding", STORE_STATES.map(str::to_owned).to_vec()),
        ("Role", Role::ALL.iter().map(ToString::to_string).collect()),
        ("UserSort", sort_names()),
        ("UserTypeName", UserTypeName::ALL.iter().map(ToString::to_string).collect::<Vec<_>>()),
    ];
    let mut words: Map<String, Value> = lists
        .into_iter()
        .map(|(name, list)| (name.to_owned(), json!({ "type": "string", "enum": list })))
        .collect();
    if let Some(sort) = words.get_mut("UserSort") {
        // What a generator calls each, which would make nothing of the sign.
        let names: Vec<String> = sort_names().iter().map(|name| constant(name)).collect();
        insert(sort, "x-enum-varnames", json!(names));
    }
    words
}

/// `CREATED_AT_DESCENDING` for `-created_at`.
fn constant(sort: &str) -> String {
    match sort.strip_prefix('-') {
        Some(key) => format!("{}_DESCENDING", key.to_ascii_uppercase()),
        None => sort.to_ascii_uppercase(),
    }
}

/// Replaces every list of words inside a schema by a reference to the same list's name.
fn name_words(schema: &mut Value, words: &Map<String, Value>) {
    let Some(object) = schema.as_object_mut() else { return };
    let list = object.get("enum").and_then(Value::as_array);
    let list: Option<Vec<&Value>> = list.map(|list| list.iter().filter(|word| !word.is_null()).collect());
    let name = list.filter(|list| !list.is_empty()).and_then(|list| {
        let same = |word: &Value| {
            word.get("enum")
                .and_then(Value::as_array)
                .is_some_and(|known| known.iter().eq(list.iter().copied()))
        };
        words.iter().find(|(_, word)| same(word)).map(|(name, _)| name.clone())
    });
    match name {
        Some(name) => drop(refer(schema, &name)),
        None => object.values_mut().for_each(|part| name_words(part, words)),
    }
}

/// Makes a part of a schema a schema of its own.
fn move_out(schemas: &mut Map<String, Value>, schema: &str, part: &str, name: &str) {
    if let Some(moved) = take(schemas, schema, part, name) {
        let kept = schemas.entry(name).or_insert_with(|| moved.clone());
        debug_assert!(*kept == moved, "{schema}.{part} is another {name}");
    }
}

fn take(schemas: &mut Map<String, Value>, schema: &str, part: &str, name: &str) -> Option<Value> {
    let part = part_of(schemas, schema, part);
    debug_assert!(part.is_some(), "{schema} has no place for a {name}");
    part.map(|part| refer(part, name))
}

/// `a.b[]` is an entry of the list `b` in the object `a`.
fn part_of<'a>(schemas: &'a mut Map<String, Value>, schema: &str, part: &str) -> Option<&'a mut Value> {
    part.split('.').try_fold(schemas.get_mut(schema)?, |place, step| {
        let property = place.get_mut("properties")?.get_mut(step.trim_end_matches("[]"))?;
        if step.ends_with("[]") { property.get_mut("items") } else { Some(property) }
    })
}

/// Puts a reference where a schema was; answers the schema without what belongs to the place.
///
/// A reference has no siblings in OpenAPI 3.0, so null is an alternative, and a description goes beside `allOf`.
fn refer(place: &mut Value, name: &str) -> Value {
    let mut schema = place.take();
    let reference = json!({ "$ref": format!("#/components/schemas/{name}") });
    let kind = schema.get("type").cloned().unwrap_or_default();
    let (nullable, about) = match schema.as_object_mut() {
        Some(schema) => (schema.remove("nullable") == Some(json!(true)), schema.remove("description")),
        None => (false, None),
    };
    *place = match (nullable, &about) {
        (true, _) => json!({ "anyOf": [reference, { "type": kind, "nullable": true, "enum": [null] }] }),
        (false, Some(_)) => json!({ "allOf": [reference] }),
        (false, None) => reference,
    };
    if let Some(about) = about {
        insert(place, "description", about);
    }
    schema
}
