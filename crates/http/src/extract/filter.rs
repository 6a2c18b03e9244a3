//! The query of a list.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::marker::PhantomData;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use paperclip::actix::OperationModifier;
use paperclip::v2::models::{
    DataType, DefaultOperationRaw, DefaultSchemaRaw, Either, Parameter, ParameterIn,
};
use paperclip::v2::schema::Apiv2Schema;
use serde_json::Value;

use crate::bodies::Body;
use crate::error::ApiError;
use crate::read::{Fields, Json};

/// A list's query that has not been read yet. It has the fields that a body would have.
pub(crate) struct QueryOf<T>(String, PhantomData<T>);

impl<T: Body> FromRequest for QueryOf<T> {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(request.query_string().to_owned(), PhantomData)))
    }
}

impl<T: Body> QueryOf<T> {
    /// Reads the query; an unknown or repeated parameter is a fault.
    pub(crate) fn read(&self) -> Result<T, ApiError> {
        Ok(Fields::read(&Json::read_query(&self.0)?, T::read)?)
    }
}

impl<T> Apiv2Schema for QueryOf<T> {}

impl<T: Body> OperationModifier for QueryOf<T> {
    fn update_parameter(operation: &mut DefaultOperationRaw) {
        let schema = Fields::describe(T::read);
        let properties = schema.get("properties").and_then(Value::as_object);
        for name in properties.into_iter().flat_map(|properties| properties.keys()) {
            operation.parameters.push(Either::Right(Parameter {
                name: name.clone(),
                in_: ParameterIn::Query,
                data_type: Some(DataType::String),
                ..Parameter::default()
            }));
        }
    }

    fn update_definitions(_: &mut BTreeMap<String, DefaultSchemaRaw>) {}
}
