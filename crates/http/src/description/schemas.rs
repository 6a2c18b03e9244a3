//! The schemas that operations refer to.

use serde_json::{Map, Value, json};

use super::names;
use crate::bodies::{Body, Credentials, ListFilter, NewPassword, OwnUpdate, Registration, UserUpdate};
use crate::read::Fields;

/// Paperclip's schemas of answers, made exact, and ours.
pub(super) fn all(description: &Value) -> Value {
    let gathered = description.pointer("/components/schemas").and_then(Value::as_object);
    let mut schemas: Map<String, Value> = gathered.cloned().unwrap_or_default();
    for (name, schema) in &mut schemas {
        make_exact(schema);
        if name.ends_with("Envelope") {
            // What tells a success from a failure, also in a type.
            if let Some(status) = schema.pointer_mut("/properties/status") {
                super::insert(status, "enum", json!([true]));
            }
        }
    }
    split_user_entry(&mut schemas);
    describe::<Credentials>(&mut schemas);
    describe::<ListFilter>(&mut schemas);
    describe::<NewPassword>(&mut schemas);
    describe::<OwnUpdate>(&mut schemas);
    describe::<Registration>(&mut schemas);
    describe::<UserUpdate>(&mut schemas);
    schemas.insert("JsonWebKeySet".into(), key_set());
    names::give(&mut schemas);
    schemas.extend(failure());
    Value::Object(schemas)
}

/// In an answer every property is present; one that paperclip calls optional may be null.
fn make_exact(schema: &mut Value) {
    let required: Vec<Value> = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (name, property) in properties.iter_mut() {
            make_exact(property);
            let may_be_null = !required.contains(&json!(name)) || matches!(name.as_str(), "next" | "total");
            if may_be_null {
                super::insert(property, "nullable", json!(true));
            }
        }
        let names: Vec<Value> = properties.keys().map(|name| json!(name)).collect();
        if !names.is_empty() {
            super::insert(schema, "required", Value::Array(names));
        }
    }
    if let Some(items) = schema.get_mut("items") {
        make_exact(items);
    }
}

/// A list shows users whole to an admin and in public to a member.
fn split_user_entry(schemas: &mut Map<String, Value>) {
    let either = json!({ "anyOf": [
        { "$ref": "#/components/schemas/User" },
        { "$ref": "#/components/schemas/PublicUser" },
    ] });
    if let Some(public) = schemas.insert("UserEntry".into(), either) {
        schemas.insert("PublicUser".into(), public);
    }
}

fn describe<T: Body>(schemas: &mut Map<String, Value>) {
    let mut schema = Fields::describe(T::read);
    schema.insert("example".into(), T::example());
    schemas.insert(T::NAME.into(), Value::Object(schema));
}

/// An envelope of what failed, and what is in it.
fn failure() -> [(String, Value); 3] {
    let reference = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let failure = json!({
        "type": "object",
        "required": ["status", "message", "results"],
        "properties": {
            "status": { "type": "boolean", "enum": [false] },
            "message": { "type": "string", "description": "One English sentence for a person." },
            "results": reference("FailureResults"),
        },
    });
    let results = json!({
        "type": "object",
        "required": ["code"],
        "properties": {
            "code": { "allOf": [reference("ErrorCode")], "description": "Stable; see docs/errors.md." },
            "fields": {
                "type": "array",
                "description": "With validation_failed: every field that is not acceptable.",
                "items": reference("FieldFault"),
            },
            "stores": {
                "type": "array",
                "description": "On readiness: the state of each store.",
                "items": reference("StoreState"),
            },
        },
    });
    let fault = json!({
        "type": "object",
        "required": ["field", "message"],
        "properties": {
            "field": { "type": "string", "example": "profile.gender" },
            "message": { "type": "string" },
        },
    });
    [("Failure", failure), ("FailureResults", results), ("FieldFault", fault)]
        .map(|(name, schema)| (name.to_owned(), schema))
}

fn key_set() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["keys"],
        "properties": { "keys": { "type": "array", "items": {
            "type": "object",
            "required": ["kty", "crv", "x", "kid", "alg", "use"],
            "properties": {
                "kty": text, "crv": text, "x": text, "kid": text, "alg": text, "use": text,
                "y": { "type": "string", "description": "With an elliptic curve that has two coordinates." },
            },
        } } },
    })
}
