//! The fields of one JSON object, each asked for once.

use doorward_domain::user::Change;
use serde_json::{Map, Value, json};

use super::{Json, Kind};
use crate::error::FieldFault;

/// Most faults that are told of one request: enough for every form, too few to make much of a small body.
const MOST_FAULTS: usize = 32;

/// An OpenAPI 3.0 schema of an object.
pub(crate) type Schema = Map<String, Value>;

/// One object being read, or being described.
///
/// Each `take_…` method asks for one field. While reading, it answers what is there and notes what is wrong; while
/// describing, it answers nothing and notes how the field looks. What was never asked for is unknown, and refused.
pub(crate) struct Fields<'a> {
    entries: Vec<(&'a str, &'a Json)>,
    path: String,
    faults: Vec<FieldFault>,
    properties: Schema,
    required: Vec<Value>,
    describing: bool,
}

impl<'a> Fields<'a> {
    /// Reads an object with `read`; answers its value, or every fault at once.
    pub(crate) fn read<T>(
        object: &'a Json,
        read: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Result<T, Vec<FieldFault>> {
        let mut fields = Self::at(String::new(), object, false);
        let value = read(&mut fields);
        fields.refuse_unknown();
        match value {
            Some(value) if fields.faults.is_empty() => Ok(value),
            _ => Err(fields.faults),
        }
    }

    /// The schema of what `read` reads.
    pub(crate) fn describe<T>(read: impl FnOnce(&mut Fields<'static>) -> Option<T>) -> Schema {
        let mut fields = Fields::at(String::new(), &Json::Null, true);
        read(&mut fields);
        fields.schema()
    }

    fn at(path: String, object: &'a Json, describing: bool) -> Self {
        let entries = match object {
            Json::Object(entries) => entries.iter().map(|(key, value)| (key.as_str(), value)).collect(),
            _ => Vec::new(),
        };
        let (faults, properties, required) = (Vec::new(), Schema::new(), Vec::new());
        Self { entries, path, faults, properties, required, describing }
    }

    /// A field that must be there.
    pub(crate) fn take<T>(&mut self, name: &'static str, kind: &Kind<T>) -> Option<T> {
        self.require(name);
        self.value(name, kind)
    }

    /// A field that may be absent, and is not null.
    pub(crate) fn take_if_given<T>(&mut self, name: &'static str, kind: &Kind<T>) -> Option<T> {
        self.value(name, kind)
    }

    /// A field that may be absent, null or a value.
    pub(crate) fn take_change<T>(&mut self, name: &'static str, kind: &Kind<T>) -> Change<T> {
        let change = match self.remove(name) {
            None => Change::Keep,
            Some(Json::Null) => Change::Clear,
            Some(json) => self.check(name, (kind.read)(json)).map_or(Change::Keep, Change::Set),
        };
        self.note(name, || nullable(kind.schema()));
        change
    }

    /// An object that may be absent, and is not null; `read` reads its fields.
    pub(crate) fn take_object<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let json = self.remove(name);
        self.object(name, json, false, read)
    }

    /// An object that may be absent, null or given; `read` reads its fields.
    pub(crate) fn take_object_change<T>(
        &mut self,
        name: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Change<T> {
        match self.remove(name) {
            Some(Json::Null) => Change::Clear,
            json => self.object(name, json, true, read).map_or(Change::Keep, Change::Set),
        }
    }

    /// A list of at most `max` values that may be absent, and is not null.
    pub(crate) fn take_list<T>(&mut self, name: &'static str, max: usize, kind: &Kind<T>) -> Option<Vec<T>> {
        let json = self.remove(name);
        self.note(name, || json!({ "type": "array", "maxItems": max, "items": kind.schema() }));
        self.list(name, max, json, |fields, place, json| {
            let value = (kind.read)(json);
            fields.check(&place, value)
        })
    }

    /// A list of at most `max` objects that may be absent, and is not null; `read` reads the fields of each.
    pub(crate) fn take_objects<T>(
        &mut self,
        name: &'static str,
        max: usize,
        read: impl Fn(&mut Fields<'_>) -> Option<T>,
    ) -> Option<Vec<T>> {
        let json = self.remove(name);
        self.note(name, || json!({ "type": "array", "maxItems": max, "items": Fields::describe(&read) }));
        self.list(name, max, json, |fields, place, json| match json {
            Json::Object(_) => fields.nested(&place, json, &read),
            _ => fields.check(&place, Err("must be an object".to_owned())),
        })
    }

    /// The text of a field that is still to be asked for.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        match self.entries.iter().find(|(key, _)| *key == name)?.1 {
            Json::Text(text) | Json::Bare(text) => Some(text),
            _ => None,
        }
    }

    /// Whether anything is wrong so far.
    pub(crate) fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Notes a fault that only two fields together, or the domain, can tell. The first [`MOST_FAULTS`] are kept.
    pub(crate) fn fault(&mut self, name: &str, message: impl Into<String>) {
        if self.faults.len() >= MOST_FAULTS {
            return;
        }
        let field = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        self.faults.push(FieldFault::new(field, message.into()));
    }

    fn value<T>(&mut self, name: &'static str, kind: &Kind<T>) -> Option<T> {
        let json = self.remove(name);
        self.note(name, || kind.schema());
        match json? {
            Json::Null => self.check(name, Err("must not be null".to_owned())),
            json => self.check(name, (kind.read)(json)),
        }
    }

    fn object<T>(
        &mut self,
        name: &'static str,
        json: Option<&Json>,
        may_be_null: bool,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        if self.describing {
            let schema = Value::Object(Fields::describe(read));
            self.note(name, || if may_be_null { nullable(schema) } else { schema });
            return None;
        }
        match json? {
            json @ Json::Object(_) => self.nested(name, json, read),
            _ => self.check(name, Err("must be an object".to_owned())),
        }
    }

    fn nested<T>(
        &mut self,
        name: &str,
        object: &Json,
        read: impl FnOnce(&mut Fields<'_>) -> Option<T>,
    ) -> Option<T> {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        let mut fields = Fields::at(path, object, false);
        let value = read(&mut fields);
        fields.refuse_unknown();
        let complete = fields.faults.is_empty();
        self.faults.append(&mut fields.faults);
        self.faults.truncate(MOST_FAULTS);
        value.filter(|_| complete)
    }

    fn list<T>(
        &mut self,
        name: &'static str,
        max: usize,
        json: Option<&'a Json>,
        mut entry: impl FnMut(&mut Self, String, &'a Json) -> Option<T>,
    ) -> Option<Vec<T>> {
        let Json::List(values) = json? else {
            return self.check(name, Err("must be a list".to_owned()));
        };
        if values.len() > max {
            return self.check(name, Err(format!("must have at most {max} entries")));
        }
        let entries: Vec<_> = values
            .iter()
            .enumerate()
            .map(|(place, json)| entry(self, format!("{name}[{place}]"), json))
            .collect();
        entries.into_iter().collect()
    }

    fn remove(&mut self, name: &str) -> Option<&'a Json> {
        let place = self.entries.iter().position(|(key, _)| *key == name)?;
        Some(self.entries.swap_remove(place).1)
    }

    fn require(&mut self, name: &'static str) {
        if self.describing {
            self.required.push(name.into());
        } else if !self.entries.iter().any(|(key, _)| *key == name) {
            self.fault(name, "is required");
        }
    }

    fn check<T>(&mut self, name: &str, value: Result<T, String>) -> Option<T> {
        value.map_err(|message| self.fault(name, message)).ok()
    }

    fn note(&mut self, name: &str, schema: impl FnOnce() -> Value) {
        if self.describing {
            self.properties.insert(name.to_owned(), schema());
        }
    }

    fn refuse_unknown(&mut self) {
        let room = MOST_FAULTS.saturating_sub(self.faults.len());
        for (name, _) in std::mem::take(&mut self.entries).into_iter().take(room) {
            let shown: String = name.chars().filter(|character| !character.is_control()).take(64).collect();
            self.fault(&shown, "is not a field of this request");
        }
    }

    fn schema(self) -> Schema {
        let mut schema = Schema::new();
        schema.insert("type".into(), "object".into());
        schema.insert("additionalProperties".into(), false.into());
        schema.insert("properties".into(), Value::Object(self.properties));
        if !self.required.is_empty() {
            schema.insert("required".into(), Value::Array(self.required));
        }
        schema
    }
}

fn nullable(mut schema: Value) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("nullable".into(), true.into());
        // An enumeration that may be null names null as well (OpenAPI 3.0.3, "nullable").
        if let Some(Value::Array(names)) = schema.get_mut("enum") {
            names.push(Value::Null);
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{email, flag, text};

    fn read_person(fields: &mut Fields<'_>) -> Option<(String, Change<bool>)> {
        let email = fields.take("email", &email());
        let happy = fields.take_change("happy", &flag());
        fields.take_object("home", |home| home.take("city", &text::<5>()));
        fields.take_list("names", 2, &text::<5>());
        Some((email?.as_str().to_owned(), happy))
    }

    fn faults(body: &str) -> Vec<String> {
        let object = Json::read_object(body.as_bytes()).unwrap();
        let faults = Fields::read(&object, read_person).unwrap_err();
        faults.iter().map(|fault| format!("{} {}", fault.field, fault.message)).collect()
    }

    #[test]
    fn a_good_object_is_read() {
        let object = Json::read_object(br#"{"email":"a@b.co","happy":null,"names":["x"]}"#).unwrap();
        assert_eq!(Fields::read(&object, read_person).unwrap(), ("a@b.co".to_owned(), Change::Clear));
    }

    #[test]
    fn every_fault_is_told_at_once() {
        assert_eq!(
            faults(r#"{"happy":1,"home":{"city":"too long","x":1},"names":["ok","",3],"nick\n":2}"#),
            [
                "email is required",
                "happy must be true or false",
                "home.city must have at most 5 characters",
                "home.x is not a field of this request",
                "names must have at most 2 entries",
                "nick is not a field of this request",
            ]
        );
        assert_eq!(
            faults(r#"{"email":null,"home":[],"names":["ok",3]}"#),
            ["email must not be null", "home must be an object", "names[1] must be a string"]
        );
    }

    #[test]
    fn the_reader_is_its_own_description() {
        let schema = Value::Object(Fields::describe(read_person));
        assert_eq!(schema["required"], json!(["email"]));
        assert_eq!(schema["additionalProperties"], json!(false));
        assert_eq!(schema["properties"]["happy"]["nullable"], json!(true));
        assert_eq!(schema["properties"]["home"]["required"], json!(["city"]));
        assert_eq!(schema["properties"]["names"]["items"]["maxLength"], json!(5));
    }
}
