//! The API description (OpenAPI 3.0.3): what paperclip gathers from the handlers, completed.
//!
//! Paperclip knows paths, methods, parameters, summaries and the shapes of answers. It cannot express bearer tokens,
//! nullable values, limits, headers and failures (it writes version 2 and converts). The parts of this module add
//! them, each from the one place where it is defined.

mod failures;
mod names;
mod operations;
mod schemas;

use std::panic::resume_unwind;
use std::thread;

use actix_web::App;
use actix_web::web::Bytes;
use paperclip::actix::OpenApiExt as _;
use paperclip::v2::models::{DefaultApiRaw, Info, Tag};
use serde_json::{Value, json};

use crate::extract::{ACCESS_SCHEME, REFRESH_SCHEME};
use crate::routes;

/// The whole description, as `/api/openapi.json` serves it.
pub fn description() -> Value {
    let mut description = gathered();
    insert(&mut description, "openapi", json!("3.0.3"));
    insert(&mut description, "servers", json!([{ "url": "/" }]));
    if let Some(info) = description.get_mut("info") {
        insert(info, "license", json!({ "name": "MIT", "url": "https://opensource.org/license/mit" }));
    }
    let mut components = json!({ "schemas": schemas::all(&description) });
    insert(&mut components, "securitySchemes", security_schemes());
    insert(&mut description, "components", components);
    operations::complete(&mut description);
    description
}

/// Its text. It is put together on a thread of its own, which ends: otherwise what the allocator took for that lies
/// between what its thread still needs, and stays (`docs/performance.md`).
///
/// # Panics
/// Where no thread can be made, as at any other place of a start.
pub(crate) fn text() -> Bytes {
    let text = || Bytes::from(description().to_string());
    thread::scope(|scope| scope.spawn(text).join()).unwrap_or_else(|panic| resume_unwind(panic))
}

/// What paperclip's own part begins with.
pub(crate) fn preamble() -> DefaultApiRaw {
    let tag = |name: &str, description: &str| Tag {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        external_docs: None,
    };
    DefaultApiRaw {
        info: Info {
            title: "Doorward".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            description: Some(ABOUT.to_owned()),
            ..Info::default()
        },
        tags: vec![
            tag("Auth", "Logging in and out, and refreshing."),
            tag("Sessions", "Where somebody is logged in, and ending that."),
            tag("User", "Accounts."),
            tag("Audit", "Who did what."),
            tag("Service", "The service itself."),
        ],
        ..DefaultApiRaw::default()
    }
}

const ABOUT: &str = "User accounts and sessions.\n\n\
    Open an account with `POST /api/user`, log in with `POST /api/auth/login`, and put the `access_token` into \
    **Authorize** as `access_token` (for refreshing, put the `refresh_token` in as `refresh_token`).\n\n\
    Every answer is an envelope: `status` (true exactly for 2xx), `message` (a sentence for a person) and `results`; \
    a list has `page` as well. A failure's `results.code` is stable.";

fn gathered() -> Value {
    let mut gathered = Value::Null;
    App::new().wrap_api_with_spec(preamble()).configure(routes::routes).with_raw_json_spec_v3(|app, json| {
        gathered = json;
        app
    });
    gathered
}

fn security_schemes() -> Value {
    let bearer = |description: &str| json!({ "type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": description });
    json!({
        ACCESS_SCHEME: bearer("The access_token of a login, for every route but refresh."),
        REFRESH_SCHEME: bearer("The refresh_token of a login, for refresh."),
    })
}

/// Sets a key of an object.
fn insert(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn operations(description: &Value) -> Vec<(&str, &str, &Value)> {
        let paths = description["paths"].as_object().unwrap();
        let methods = paths.iter().flat_map(|(path, item)| {
            item.as_object()
                .unwrap()
                .iter()
                .map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
        });
        methods.collect()
    }

    #[test]
    fn the_description_is_the_one_that_was_reviewed() {
        insta::assert_json_snapshot!(description());
    }

    #[test]
    fn every_operation_tells_all_about_itself() {
        let description = description();
        let mut ids = BTreeSet::new();
        for (path, method, operation) in operations(&description) {
            let place = format!("{method} {path}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{place}");
            assert!(operation["summary"].is_string() && operation["description"].is_string(), "{place}");
            assert_eq!(operation["tags"].as_array().unwrap().len(), 1, "{place}");
            let responses = operation["responses"].as_object().unwrap();
            for status in ["400", "408", "413", "414", "431", "500", "503"] {
                assert!(responses.contains_key(status), "{place} {status}");
            }
            for (status, response) in responses {
                let content = &response["content"]["application/json"];
                assert!(content["schema"].is_object(), "{place} {status}");
                assert!(
                    content["example"].is_object() || content["examples"].is_object(),
                    "{place} {status}"
                );
                assert!(response["headers"]["X-Request-Id"].is_object(), "{place} {status}");
            }
            if let Some(body) = operation.get("requestBody") {
                assert!(body["content"]["application/json"]["example"].is_object(), "{place}");
            }
        }
        assert_eq!(ids, failures::operations().map(str::to_owned).collect());
    }

    /// Objects, and lists of words, inside a schema.
    fn nameless(schema: &Value, place: &str, found: &mut Vec<String>) {
        let parts = match schema {
            Value::Object(parts) => parts.iter().map(|(key, part)| (key.clone(), part)).collect(),
            Value::Array(parts) => parts.iter().map(|part| (String::new(), part)).collect::<Vec<_>>(),
            _ => Vec::new(),
        };
        for (key, part) in parts.into_iter().filter(|(key, _)| key != "example") {
            let place = format!("{place}/{key}");
            let words = part["enum"].as_array().map_or(&[][..], Vec::as_slice);
            if part["properties"].is_object() || words.iter().any(Value::is_string) {
                found.push(place.clone());
            }
            nameless(part, &place, found);
        }
    }

    #[test]
    fn every_object_and_every_list_of_words_has_one_name() {
        let description = description();
        let mut found = Vec::new();
        for (name, schema) in description["components"]["schemas"].as_object().unwrap() {
            nameless(schema, name, &mut found);
        }
        nameless(&description["paths"], "paths", &mut found);
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let description = description();
        let text = description.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(description.pointer(pointer).is_some(), "{pointer}");
        }
        assert!(!text.contains("#/definitions"));
    }
}
