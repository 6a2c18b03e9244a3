//! The envelope around everything that succeeds: `status`, `message`, `results`, and `page` for a list.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, Responder};
use paperclip::v2::schema::Apiv2Schema;
use serde::Serialize;

/// Something to show as `results`.
pub(crate) trait View: Serialize + Apiv2Schema {
    /// What a list of them is called, for a person.
    const LIST: &'static str = "A list.";

    /// What the API description shows.
    fn example() -> Self;
}

#[derive(Serialize)]
pub(super) struct Envelope<'a, T> {
    pub(super) status: bool,
    pub(super) message: &'static str,
    pub(super) results: &'a T,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) page: Option<&'a Page>,
}

/// 200 with one thing.
pub(crate) struct Answer<T> {
    message: &'static str,
    results: T,
}

impl<T> Answer<T> {
    pub(crate) fn new(message: &'static str, results: T) -> Self {
        Self { message, results }
    }
}

/// 201 with the thing and where it is.
pub(crate) struct Created<T> {
    message: &'static str,
    location: String,
    results: T,
}

impl<T> Created<T> {
    pub(crate) fn new(message: &'static str, location: String, results: T) -> Self {
        Self { message, location, results }
    }
}

/// 200 with a page of things.
pub(crate) struct Listed<T> {
    results: Vec<T>,
    page: Page,
    next_link: Option<String>,
}

/// Where a page stands in its list.
#[derive(Serialize)]
pub(crate) struct Page {
    /// Most entries on a page.
    pub(crate) limit: usize,
    /// The cursor of the next page; null on the last.
    pub(crate) next: Option<String>,
    /// How many there are in all pages; null unless asked for.
    pub(crate) total: Option<u64>,
}

impl<T> Listed<T> {
    /// `next_link` is the address of the next page, where the list has addresses.
    pub(crate) fn new(results: Vec<T>, page: Page, next_link: Option<String>) -> Self {
        Self { results, page, next_link }
    }
}

impl<T: Serialize> Responder for Answer<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let envelope = Envelope { status: true, message: self.message, results: &self.results, page: None };
        HttpResponse::Ok().json(envelope)
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let envelope = Envelope { status: true, message: self.message, results: &self.results, page: None };
        HttpResponse::Created().insert_header((header::LOCATION, self.location)).json(envelope)
    }
}

impl<T: View> Responder for Listed<T> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::Ok();
        if let Some(link) = &self.next_link {
            // RFC 8288
            response.insert_header((header::LINK, format!("<{link}>; rel=\"next\"")));
        }
        let page = Some(&self.page);
        response.json(Envelope { status: true, message: T::LIST, results: &self.results, page })
    }
}
