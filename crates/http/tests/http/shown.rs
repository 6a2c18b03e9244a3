//! Which fields answers have: those of the description, whoever asks and whatever comes of it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{PASSWORD, Server};

const MEMBER: &str = "member@example.com";

/// What no field of an answer is called.
const HIDDEN: &[&str] = &["hash", "salt", "pepper", "secret", "password", "scheme", "version", "stamp"];

/// Every operation of the description: its method, its path, and what is said about it.
pub(crate) fn operations(description: &Value) -> Vec<(Method, &String, &Value)> {
    let paths = description["paths"].as_object().unwrap().iter();
    let operations = paths.flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(move |(method, operation)| (method.to_uppercase().parse().unwrap(), path, operation))
    });
    operations.collect()
}

pub(crate) fn has_body(operation: &Value) -> bool {
    operation.get("requestBody").is_some()
}

/// What a schema is made of: one of several, or a reference with something said beside it.
fn kinds_of(schema: &Value) -> Option<&Vec<Value>> {
    schema["anyOf"].as_array().or(schema["allOf"].as_array())
}

/// Follows references; the fields of `value` that `schema` does not have.
fn undescribed(value: &Value, schema: &Value, description: &Value) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let target = description.pointer(name.trim_start_matches('#')).unwrap();
        return undescribed(value, target, description);
    }
    if let Some(kinds) = kinds_of(schema) {
        let least = kinds.iter().map(|kind| undescribed(value, kind, description)).min_by_key(Vec::len);
        return least.unwrap();
    }
    match value {
        Value::Array(entries) => {
            entries.iter().flat_map(|entry| undescribed(entry, &schema["items"], description)).collect()
        }
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| {
                match schema["properties"].get(name).or(schema.get("additionalProperties")) {
                    Some(schema) => undescribed(value, schema, description),
                    None => vec![name.clone()],
                }
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// The names of all fields in a schema, however deep.
fn names_in(schema: &Value, description: &Value, names: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        names_in(description.pointer(name.trim_start_matches('#')).unwrap(), description, names);
    }
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        names.push(name.clone());
        names_in(schema, description, names);
    }
    for schema in kinds_of(schema).into_iter().flatten().chain(schema.get("items")) {
        names_in(schema, description, names);
    }
}

fn schema_of<'a>(operation: &'a Value, status: &str) -> &'a Value {
    &operation["responses"][status]["content"]["application/json"]["schema"]
}

fn whole_document() -> Value {
    let channel = json!({ "streamer_id": "s", "streaming_history": ["one"] });
    let favorite = json!({ "id": "f", "name": "n", "url": "https://a.example/", "favorited_at": "2026-01-31T12:00:00Z" });
    json!({
        "profile": { "fullname": "Ada", "gender": "Female", "city": "London" },
        "default_user_type": "streamer",
        "accounts": { "gmail": { "is_login": true } },
        "user_type": { "streamer": channel, "seller": channel },
        "played_games": ["CHESS"],
        "favorites": { "youtube": [favorite], "facebook": [favorite] },
    })
}

/// What succeeds where the example of the description does not.
fn body_for(path: &str, operation: &Value) -> Value {
    match path {
        "/api/auth/login" => json!({ "username": MEMBER, "password": PASSWORD }),
        "/api/user/me/password" => {
            json!({ "current_password": PASSWORD, "password": PASSWORD, "password_confirm": PASSWORD })
        }
        _ => operation["requestBody"]["content"]["application/json"]["example"].clone(),
    }
}

#[tokio::test]
async fn azn_06_every_answer_has_described_fields_only_and_none_of_them_is_hidden() {
    let description = doorward_http::description();
    for (method, path, operation) in operations(&description) {
        let server = Server::start();
        let first = server.member(MEMBER).await;
        server.put("/api/user", &first.access, whole_document()).await.expect(200);
        server.inside.admin("root@example.com").await;
        let mut succeeds = false;
        for who in ["nobody", "member", "refresh", "admin"] {
            let bodies = if has_body(operation) {
                vec![Some(json!({})), Some(json!({ "unknown": 1 })), Some(body_for(path, operation))]
            } else {
                vec![None]
            };
            for body in bodies {
                let token = match who {
                    "nobody" => None,
                    "admin" => Some(server.login("root@example.com").await.access),
                    "member" => Some(server.login(MEMBER).await.access),
                    _ => Some(server.login(MEMBER).await.refresh),
                };
                let named = path.replace("{username}", MEMBER).replace(['{', '}'], "");
                let reply = server.send(method.clone(), &named, token.as_deref(), body).await;
                let schema = schema_of(operation, reply.status.as_str());
                let more = undescribed(&reply.body, schema, &description);
                assert!(more.is_empty(), "{method} {path} shows {who} {more:?}: {reply:?}");
                assert!(!reply.text.contains("plain:"), "{method} {path} shows {who} a hash");
                succeeds |= reply.status.is_success();
            }
        }
        let names_another_thing = path.replace("{username}", "").contains('{');
        assert!(succeeds || names_another_thing, "{method} {path}");
        let mut names = Vec::new();
        for status in operation["responses"].as_object().unwrap().keys() {
            names_in(schema_of(operation, status), &description, &mut names);
        }
        names.retain(|name| HIDDEN.iter().any(|hidden| name.contains(hidden)));
        assert!(names.is_empty(), "{method} {path} shows {names:?}");
    }
}
