//! The envelope around everything that succeeds: `status`, `message`, `results`, and `page` for a list.

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, Responder};
use paperclip::v2::schema::Apiv2Schema;
use serde::Serialize;

use crate::error::{ApiError, Code};

/// Something to show as `results`.
pub(crate) trait View: Serialize + Apiv2Schema {
    /// What a list of them is called, for a person.
    const LIST: &'static str = "A list.";

    /// What the API description shows.
    fn example() -> Self;

    /// Adds it as JSON, the same as `Serialize` has it.
    fn write(&self, to: &mut Vec<u8>) -> serde_json::Result<()> {
        serde_json::to_writer(to, self)
    }
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

impl<T: View> Listed<T> {
    /// The envelope, with entries that may be there in writing already.
    fn write(&self) -> serde_json::Result<Vec<u8>> {
        let mut written = br#"{"status":true,"message":"#.to_vec();
        serde_json::to_writer(&mut written, T::LIST)?;
        written.extend_from_slice(br#","results":["#);
        for (place, entry) in self.results.iter().enumerate() {
            if place > 0 {
                written.push(b',');
            }
            entry.write(&mut written)?;
        }
        written.extend_from_slice(br#"],"page":"#);
        serde_json::to_writer(&mut written, &self.page)?;
        written.push(b'}');
        Ok(written)
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
        match self.write() {
            Ok(written) => response.content_type(ContentType::json()).body(written),
            Err(error) => HttpResponse::from_error(ApiError::caused_by(Code::Internal, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use doorward_domain::user::KeptDocument;
    use doorward_testkit::sample;

    use super::*;
    use crate::views::UserEntry;

    /// What a list is by its types alone.
    fn plain(listed: &Listed<UserEntry>) -> String {
        let (results, page) = (&listed.results, Some(&listed.page));
        serde_json::to_string(&Envelope { status: true, message: UserEntry::LIST, results, page }).unwrap()
    }

    #[test]
    fn a_list_is_written_as_its_types_say_whoever_asks() {
        let people = [sample::user(1), sample::kucing_cakep(), sample::sari_lengkap()];
        let people = people.map(|user| Arc::new(KeptDocument::from(user)));
        for caller in [sample::admin(4), sample::user(5)] {
            for count in 0..=people.len() {
                let entries =
                    people.iter().take(count).map(|user| UserEntry::for_caller(user.clone(), &caller));
                let page = Page { limit: 50, next: Some("next".into()), total: None };
                let listed = Listed::new(entries.collect(), page, None);
                for _ in 0..2 {
                    assert_eq!(String::from_utf8(listed.write().unwrap()).unwrap(), plain(&listed));
                }
            }
        }
    }
}
