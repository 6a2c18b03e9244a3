//! The schemas that operations refer to.

use serde_json::{Map, Value, json};

use crate::bodies::{Body, Credentials, ListFilter, NewPassword, OwnUpdate, Registration, UserUpdate};
use crate::error::Code;
use crate::read::Fields;

/// Paperclip's schemas of answers, made exact, and ours.
pub(super) fn all(description: &Value) -> Value {
    let gathered = description.pointer("/components/schemas").and_then(Value::as_object);
    let mut schemas: Map<String, Value> = gathered.cloned().unwrap_or_default();
    for schema in schemas.values_mut() {
        make_exact(schema);
    }
    split_user_entry(&mut schemas);
    describe::<Credentials>(&mut schemas);
    describe::<ListFilter>(&mut schemas);
    describe::<NewPassword>(&mut schemas);
    describe::<OwnUpdate>(&mut schemas);
    describe::<Registration>(&mut schemas);
    describe::<UserUpdate>(&mut schemas);
    schemas.insert("Failure".into(), failure());
    schemas.insert("JsonWebKeySet".into(), key_set());
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

fn failure() -> Value {
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    json!({
        "type": "object",
        "required": ["status", "message", "results"],
        "properties": {
            "status": { "type": "boolean", "enum": [false] },
            "message": { "type": "string", "description": "One English sentence for a person." },
            "results": {
                "type": "object",
                "required": ["code"],
                "properties": {
                    "code": { "type": "string", "enum": codes, "description": "Stable; see docs/errors.md." },
                    "fields": {
                        "type": "array",
                        "description": "With validation_failed: every field that is not acceptable.",
                        "items": {
                            "type": "object",
                            "required": ["field", "message"],
                            "properties": {
                                "field": { "type": "string", "example": "profile.gender" },
                                "message": { "type": "string" },
                            },
                        },
                    },
                    "stores": {
                        "type": "array",
                        "description": "On readiness: the state of each store.",
                        "items": {
                            "type": "object",
                            "required": ["name", "state"],
                            "properties": {
                                "name": { "type": "string" },
                                "state": { "type": "string", "enum": ["ready", "unavailable"] },
                            },
                        },
                    },
                },
            },
        },
    })
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
            },
        } } },
    })
}
