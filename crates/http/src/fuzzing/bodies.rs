//! Bodies of every kind: what is refused is told in few words, and the order of the fields tells nothing.

use crate::bodies::{Body, Credentials, ListFilter, NewPassword, OwnUpdate, Registration, UserUpdate};
use crate::error::FieldFault;
use crate::read::{Fields, Json};

const MOST_FAULTS: usize = 32;

/// Reads a body; the first byte says of which kind.
pub(crate) fn hold(bytes: &[u8]) {
    let Some((kind, body)) = bytes.split_first() else { return };
    let Some(object) = Json::read_object(body) else { return };
    match kind % 6 {
        0 => holds::<Registration>(object),
        1 => holds::<Credentials>(object),
        2 => holds::<OwnUpdate>(object),
        3 => holds::<UserUpdate>(object),
        4 => holds::<NewPassword>(object),
        _ => holds::<ListFilter>(object),
    }
}

fn holds<T: Body>(object: Json) {
    let outcome = read::<T>(&object);
    let turned = read::<T>(&turned(object.clone()));
    assert_eq!(outcome.is_ok(), turned.is_ok(), "the order counts");
    match outcome {
        Ok(()) => {
            assert!(!has_control(&object), "a control character was let in");
            assert!(read::<T>(&with_another(object)).is_err(), "an unknown field was let in");
        }
        Err(faults) => {
            assert!((1..=MOST_FAULTS).contains(&faults.len()));
            for FieldFault { field, message } in &faults {
                assert!(field.chars().count() <= 128 && !message.is_empty());
                assert!(!format!("{field}{message}").contains(char::is_control), "{field:?} {message:?}");
            }
            // Those beyond are left out, and which these are depends on the order.
            if faults.len() < MOST_FAULTS {
                assert_eq!(sorted(faults), sorted(turned.err().unwrap_or_default()));
            }
        }
    }
}

fn read<T: Body>(object: &Json) -> Result<(), Vec<FieldFault>> {
    Fields::read(object, T::read).map(|_| ())
}

fn sorted(faults: Vec<FieldFault>) -> Vec<(String, String)> {
    let mut faults: Vec<_> =
        faults.into_iter().map(|fault| (fault.field, fault.message.into_owned())).collect();
    faults.sort();
    faults
}

/// The same with the fields of every object in reverse.
fn turned(json: Json) -> Json {
    match json {
        Json::List(values) => Json::List(values.into_iter().map(turned).collect()),
        Json::Object(entries) => {
            Json::Object(entries.into_iter().rev().map(|(key, value)| (key, turned(value))).collect())
        }
        other => other,
    }
}

fn has_control(json: &Json) -> bool {
    match json {
        Json::Text(text) => text.contains(char::is_control),
        Json::List(values) => values.iter().any(has_control),
        Json::Object(entries) => {
            entries.iter().any(|(key, value)| key.contains(char::is_control) || has_control(value))
        }
        _ => false,
    }
}

fn with_another(object: Json) -> Json {
    let mut entries = if let Json::Object(entries) = object { entries } else { Vec::new() };
    entries.push(("nobody_knows_this".to_owned(), Json::Null));
    Json::Object(entries)
}
