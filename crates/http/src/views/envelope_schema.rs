//! How the API description shows the envelopes: written by hand, because paperclip names a generic type after its
//! parameters and lets two of them overwrite each other.

use std::collections::BTreeMap;

use paperclip::actix::OperationModifier;
use paperclip::v2::models::{
    DataType, DefaultOperationRaw, DefaultSchemaRaw, Either, Response, SecurityScheme,
};
use paperclip::v2::schema::Apiv2Schema;

use super::envelope::{Answer, Created, Envelope, Listed, Page, View};

fn reference(name: &str) -> DefaultSchemaRaw {
    DefaultSchemaRaw { reference: Some(format!("#/definitions/{name}")), ..DefaultSchemaRaw::default() }
}

fn property(data_type: DataType, description: &str) -> Box<DefaultSchemaRaw> {
    let description = Some(description.to_owned());
    Box::new(DefaultSchemaRaw { data_type: Some(data_type), description, ..DefaultSchemaRaw::default() })
}

fn object(properties: Vec<(&str, Box<DefaultSchemaRaw>)>) -> DefaultSchemaRaw {
    DefaultSchemaRaw {
        data_type: Some(DataType::Object),
        required: properties.iter().map(|(name, _)| (*name).to_owned()).collect(),
        properties: properties.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect(),
        ..DefaultSchemaRaw::default()
    }
}

fn envelope(results: DefaultSchemaRaw) -> Vec<(&'static str, Box<DefaultSchemaRaw>)> {
    vec![
        ("status", property(DataType::Boolean, "True exactly when the HTTP status is 2xx.")),
        ("message", property(DataType::String, "One English sentence for a person.")),
        ("results", Box::new(results)),
    ]
}

fn page() -> DefaultSchemaRaw {
    object(vec![
        ("limit", property(DataType::Integer, "Most entries on a page.")),
        ("next", property(DataType::String, "The cursor of the next page; null on the last.")),
        ("total", property(DataType::Integer, "How many there are in all pages; null unless asked for.")),
    ])
}

fn name_of<T: Apiv2Schema>() -> String {
    T::name().unwrap_or_default()
}

fn respond(operation: &mut DefaultOperationRaw, status: &str, description: &str, name: &str) {
    let description = Some(description.to_owned());
    let response = Response { description, schema: Some(reference(name)), ..Response::default() };
    operation.responses.insert(status.to_owned(), Either::Right(response));
}

fn define<T: View>(map: &mut BTreeMap<String, DefaultSchemaRaw>) {
    let mut schema = T::raw_schema();
    schema.remove_refs();
    map.insert(name_of::<T>(), schema);
}

fn define_answer<T: View>(map: &mut BTreeMap<String, DefaultSchemaRaw>, message: &'static str) {
    define::<T>(map);
    let name = name_of::<T>();
    let example = Envelope { status: true, message, results: &T::example(), page: None };
    let schema = object(envelope(reference(&name)));
    let example = serde_json::to_value(example).ok();
    map.insert(format!("{name}Envelope"), DefaultSchemaRaw { example, ..schema });
}

macro_rules! no_schema_of_its_own {
    ($($answer:ident)+) => {
        $(impl<T> Apiv2Schema for $answer<T> {})+
    };
}

no_schema_of_its_own!(Answer Created Listed);

impl<T: View> OperationModifier for Answer<T> {
    fn update_response(operation: &mut DefaultOperationRaw) {
        respond(operation, "200", "Done.", &format!("{}Envelope", name_of::<T>()));
    }

    fn update_definitions(map: &mut BTreeMap<String, DefaultSchemaRaw>) {
        define_answer::<T>(map, "Done.");
    }

    fn update_security_definitions(_: &mut BTreeMap<String, SecurityScheme>) {}
}

impl<T: View> OperationModifier for Created<T> {
    fn update_response(operation: &mut DefaultOperationRaw) {
        respond(
            operation,
            "201",
            "Created; `Location` points at it.",
            &format!("{}Envelope", name_of::<T>()),
        );
    }

    fn update_definitions(map: &mut BTreeMap<String, DefaultSchemaRaw>) {
        define_answer::<T>(map, "Done.");
    }

    fn update_security_definitions(_: &mut BTreeMap<String, SecurityScheme>) {}
}

impl<T: View> OperationModifier for Listed<T> {
    fn update_response(operation: &mut DefaultOperationRaw) {
        respond(operation, "200", "A page of the list.", &format!("{}ListEnvelope", name_of::<T>()));
    }

    fn update_definitions(map: &mut BTreeMap<String, DefaultSchemaRaw>) {
        define::<T>(map);
        let name = name_of::<T>();
        let list = DefaultSchemaRaw {
            data_type: Some(DataType::Array),
            items: Some(Box::new(reference(&name))),
            ..DefaultSchemaRaw::default()
        };
        let mut properties = envelope(list);
        properties.push(("page", Box::new(reference("Page"))));
        map.insert("Page".to_owned(), page());
        let page = Page { limit: 50, next: None, total: None };
        let example =
            Envelope { status: true, message: T::LIST, results: &vec![T::example()], page: Some(&page) };
        let example = serde_json::to_value(example).ok();
        map.insert(format!("{name}ListEnvelope"), DefaultSchemaRaw { example, ..object(properties) });
    }

    fn update_security_definitions(_: &mut BTreeMap<String, SecurityScheme>) {}
}
