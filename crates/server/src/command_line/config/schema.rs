//! The JSON Schema of a settings file.

use serde_json::{Map, Value, json};

use crate::settings::{Form, Setting, Unset, Written, chapters, file_name};

/// What the `humantime` crate reads.
const DURATION: &str = "([0-9]+(\\.[0-9]+)? *(ns|nsec|nanos|us|µs|usec|ms|msec|millis|s|secs?|seconds?|m|mins?|minutes?\
                        |h|hrs?|hours?|d|days?|w|wks?|weeks?|M|months?|y|yrs?|years?) *)+";

/// The schema as text.
pub(super) fn text() -> String {
    let mut properties = Map::new();
    let mut not_both = Vec::new();
    for setting in chapters().iter().flat_map(|chapter| &chapter.settings) {
        properties.insert(setting.name.to_owned(), property(setting));
        if setting.is_secret {
            let file = file_name(setting.name);
            not_both.push(json!({ "not": { "required": [setting.name, file] } }));
            let description = format!(
                "File that holds `{}` and nothing else; refused if others may read it.",
                setting.name
            );
            let property = json!({ "type": "string", "minLength": 1, "description": description });
            properties.insert(file, property);
        }
    }
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of doorward",
        "description": "A settings file in TOML. `doorward config check` reads it as a start does, and is stricter.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
        "allOf": not_both,
    });
    format!("{schema:#}\n")
}

fn property(setting: &Setting) -> Value {
    let mut property = constraints(&setting.form);
    let mut description = format!("{} It must be {}.", setting.meaning, setting.allowed);
    match setting.unset {
        Unset::Is(text) => {
            property.insert("default".to_owned(), Written::of(&setting.form, text).json());
        }
        Unset::Means(text) => description = format!("{description} Default: {text}."),
    }
    property.insert("description".to_owned(), Value::from(description));
    Value::Object(property)
}

/// What a value of this form has to be.
fn constraints(form: &Form) -> Map<String, Value> {
    let schema = match form {
        Form::Switch => json!({ "type": "boolean" }),
        Form::Word(words) => json!({ "enum": words }),
        Form::Number { least, most } => json!({ "type": "integer", "minimum": least, "maximum": most }),
        Form::Fraction => json!({ "type": "number", "minimum": 0, "maximum": 1 }),
        Form::Text(pattern) => json!({ "type": "string", "pattern": pattern }),
        Form::Duration { or_none: false } => json!({ "type": "string", "pattern": format!("^{DURATION}$") }),
        Form::Duration { or_none: true } => json!({ "anyOf": [
            { "type": "string", "pattern": format!("^(0|{DURATION})$") },
            { "const": 0 },
        ] }),
        Form::Size { least, most } => json!({ "anyOf": [
            { "type": "string", "pattern": "^[0-9]+ *(B|KiB|MiB)?$" },
            { "type": "integer", "minimum": least, "maximum": most },
        ] }),
        Form::List { pattern, none } => json!({ "anyOf": [
            { "type": "array", "items": { "type": "string", "pattern": format!("^{pattern}$") } },
            { "type": "string", "pattern": format!("^({none}|{pattern}( *, *{pattern})*)$") },
        ] }),
    };
    match schema {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_knows_every_setting_with_its_default_and_nothing_else() {
        let schema: Value = serde_json::from_str(&text()).unwrap();
        assert_eq!(schema["additionalProperties"], json!(false));
        let properties = schema["properties"].as_object().unwrap();
        let settings: Vec<_> = chapters().into_iter().flat_map(|chapter| chapter.settings).collect();
        let files = settings.iter().filter(|setting| setting.is_secret).count();
        assert_eq!(properties.len(), settings.len() + files);
        for setting in settings {
            let property = &properties[setting.name];
            assert!(property["description"].as_str().unwrap().starts_with(setting.meaning), "{property}");
            assert_eq!(
                property.get("default").is_some(),
                matches!(setting.unset, Unset::Is(_)),
                "{property}"
            );
        }
    }

    #[test]
    fn the_schema_says_of_each_kind_what_it_knows() {
        let schema: Value = serde_json::from_str(&text()).unwrap();
        let property = |name: &str| &schema["properties"][name];
        assert_eq!(property("docs")["type"], json!("boolean"));
        assert_eq!(property("log_format")["enum"], json!(["text", "json"]));
        assert_eq!(property("bcrypt_cost")["minimum"], json!(10));
        assert_eq!(property("max_sessions")["default"], json!(32));
        assert_eq!(property("cors_origins")["default"], json!([]));
        assert_eq!(property("throttle_refresh")["default"], json!(["6000 per 1m"]));
        assert_eq!(property("idle_ttl")["anyOf"][1], json!({ "const": 0 }));
        assert_eq!(property("database_url_file")["type"], json!("string"));
    }
}
