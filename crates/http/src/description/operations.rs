//! Operations, completed: parameters with their limits, examples, headers, failures.

use std::collections::BTreeMap;

use actix_web::ResponseError as _;
use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

use super::{failures, insert, names};
use crate::bodies::{AuditQuery, Body, ListFilter};
use crate::error::{ApiError, Code, FieldFault};
use crate::read::{Fields, NO_CONTROL, Schema};

/// A session, for an example.
const A_SESSION: &str = "d1b9c1f2-63a5-4d0b-8a4e-6a3f0f8b7c21";

/// Completes every operation of the description.
pub(super) fn complete(description: &mut Value) {
    let schemas = description.pointer("/components/schemas").cloned().unwrap_or_default();
    let (users, entries) = (Fields::describe(ListFilter::read), Fields::describe(AuditQuery::read));
    let items =
        description.get_mut("paths").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut);
    for operation in items.filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        let is_audit = operation.get("operationId").is_some_and(|id| id == "list_audit");
        complete_parameters(operation, if is_audit { &entries } else { &users }, &schemas);
        complete_body(operation, &schemas);
        complete_successes(operation, &schemas);
        add_failures(operation);
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        for response in responses.into_iter().flat_map(Map::values_mut) {
            add_header(response, "X-Request-Id", "Names the request, here and in the log.");
        }
    }
}

fn complete_parameters(operation: &mut Value, filter: &Schema, schemas: &Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let name = parameter.get("name").and_then(Value::as_str).unwrap_or_default();
        let place = parameter.get("in").and_then(Value::as_str);
        let is_query = place == Some("query");
        let schema = match place {
            Some("query") => filter.get("properties").and_then(|properties| properties.get(name)).cloned(),
            Some("path") => Some(json!({
                "type": "string", "minLength": 1, "maxLength": 254, "pattern": NO_CONTROL,
                "example": if name == "session" { A_SESSION } else { "ada@example.com" },
            })),
            _ => None,
        };
        if let Some(mut schema) = schema {
            let about = schema.as_object_mut().and_then(|schema| {
                // The Swagger page would send an example of an optional parameter as its value.
                let _ = is_query.then(|| schema.remove("example"));
                schema.remove("description")
            });
            insert(parameter, "schema", names::named(schema, schemas));
            if let Some(about) = about {
                insert(parameter, "description", about);
            }
        }
    }
}

fn complete_body(operation: &mut Value, schemas: &Value) {
    let Some(body) = operation.get_mut("requestBody") else { return };
    let content =
        body.get_mut("content").and_then(Value::as_object_mut).map(std::mem::take).unwrap_or_default();
    let mut media = content.into_iter().next().map_or_else(|| json!({}), |(_, media)| media);
    let example = example_of(&media, schemas);
    insert(&mut media, "example", example);
    insert(body, "content", json!({ "application/json": media }));
}

fn complete_successes(operation: &mut Value, schemas: &Value) {
    let id = operation_id(operation);
    let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
    for (status, response) in responses.into_iter().flatten() {
        let content = response.get_mut("content").and_then(Value::as_object_mut).map(std::mem::take);
        let mut media = match content.unwrap_or_default().into_iter().next() {
            Some((_, media)) => media,
            None => json!({ "schema": { "$ref": "#/components/schemas/JsonWebKeySet" } }),
        };
        let example = if id == "public_keys" { key_set_example() } else { example_of(&media, schemas) };
        insert(&mut media, "example", example);
        insert(response, "content", json!({ "application/json": media }));
        if status == "201" {
            add_header(response, "Location", "The path of what was created.");
        }
        if id.starts_with("list_") && !id.ends_with("_by_put") {
            add_header(response, "Link", "The next page as rel=\"next\" (RFC 8288); absent on the last.");
        }
    }
}

fn add_failures(operation: &mut Value) {
    let has_token = operation.get("security").is_some();
    let has_body = operation.get("requestBody").is_some();
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in failures::of(&operation_id(operation), has_token, has_body) {
        by_status.entry(code.status().as_u16()).or_default().push(code);
    }
    if !has_token {
        // Said, not left out: nobody has to sign in here.
        insert(operation, "security", json!([]));
    }
    for (status, codes) in by_status {
        if let Some(responses) = operation.get_mut("responses") {
            insert(responses, &status.to_string(), failure(&codes));
        }
    }
}

/// One status with all the codes that come with it.
fn failure(codes: &[Code]) -> Value {
    let names: Vec<String> = codes.iter().map(|code| format!("`{}`", code.name())).collect();
    let examples: Map<String, Value> = codes
        .iter()
        .map(|code| (code.name().to_owned(), json!({ "value": failure_example(*code) })))
        .collect();
    let mut response = json!({
        "description": names.join(", "),
        "content": { "application/json": {
            "schema": { "$ref": "#/components/schemas/Failure" },
            "examples": examples,
        } },
    });
    match codes.first().map(|code| code.status()) {
        Some(StatusCode::UNAUTHORIZED) => {
            add_header(&mut response, "WWW-Authenticate", "What is missing (RFC 6750).");
        }
        Some(StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) => {
            add_header(&mut response, "Retry-After", "Seconds after which to try again.");
        }
        _ => {}
    }
    response
}

fn failure_example(code: Code) -> Value {
    let error = if code == Code::ValidationFailed {
        let message = "must be an e-mail address such as name@example.com".into();
        ApiError::validation(vec![FieldFault { field: "username".into(), message }])
    } else {
        code.into()
    };
    let body = actix_web::body::MessageBody::try_into_bytes(error.error_response().into_body());
    body.ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn key_set_example() -> Value {
    json!({ "keys": [{
        "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig",
        "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    }] })
}

/// The example of the schema that a media type refers to.
fn example_of(media: &Value, schemas: &Value) -> Value {
    let reference = media.pointer("/schema/$ref").and_then(Value::as_str).unwrap_or_default();
    let name = reference.rsplit('/').next().unwrap_or_default();
    schemas.get(name).and_then(|schema| schema.get("example")).cloned().unwrap_or_default()
}

fn add_header(response: &mut Value, name: &str, description: &str) {
    let header = json!({ "description": description, "schema": { "type": "string" } });
    match response.get_mut("headers") {
        Some(headers) => insert(headers, name, header),
        None => insert(response, "headers", json!({ name: header })),
    }
}

fn operation_id(operation: &Value) -> String {
    operation.get("operationId").and_then(Value::as_str).unwrap_or_default().to_owned()
}
