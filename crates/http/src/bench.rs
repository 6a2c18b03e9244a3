//! The inner steps of a request, for the benchmarks of `crates/bench` that time them one by one. In no build but theirs.
//!
//! Each of these is what a handler or an extractor calls; nothing is done here that a request does not do.

use std::hint::black_box;
use std::sync::Arc;

use actix_http::{Request, Response};
use actix_service::{IntoServiceFactory as _, Service as HttpService, ServiceFactory as _, map_config};
use actix_web::body::BoxBody;
use actix_web::dev::AppConfig;
use actix_web::{HttpRequest, HttpResponse, Responder as _};
use doorward_domain::accounts::ListRequest;
use doorward_domain::port::{CursorSeal, Position};
use doorward_domain::user::{KeptDocument, UserDocument};

use crate::app::Application;
use crate::bodies::{Body, Credentials, ListFilter, OwnUpdate, Registration};
use crate::edge::{self, Journal};
use crate::read::{Fields, Json};
use crate::views::{Answer, OwnDocument, UserView};
use crate::{HttpSettings, Service, cursor};

/// The list that cursors here belong to.
const LIST: &str = "all";

/// One worker's application behind its edge, as it is served in the clear: a request that has been read goes in, and an
/// answer that has not been written comes out. `None` where it cannot be built.
pub async fn application(
    service: Service,
    settings: HttpSettings,
) -> Option<impl HttpService<Request, Response = Response<BoxBody>, Error = actix_web::Error>> {
    let journal = Arc::new(Journal::new(settings.log_requests));
    let application = Application::new(service, Arc::new(settings));
    let edge = application.edge(journal, false);
    let app = map_config(application.build().into_factory(), |()| AppConfig::default());
    actix_service::apply(edge, app).new_service(()).await.ok()
}

/// Reads the body of a registration. Whether there was nothing wrong with it.
pub fn read_registration(body: &[u8]) -> bool {
    reads::<Registration>(Json::read_object(body))
}

/// Reads the body of a login, likewise.
pub fn read_login(body: &[u8]) -> bool {
    reads::<Credentials>(Json::read_object(body))
}

/// Reads the body of a change of the own account, likewise.
pub fn read_update(body: &[u8]) -> bool {
    reads::<OwnUpdate>(Json::read_object(body))
}

/// Reads the query of a list of users, likewise.
pub fn read_list_query(query: &str) -> bool {
    reads::<ListFilter>(Json::read_query(query).ok())
}

/// The text of a path segment.
pub fn decode_path(segment: &str) -> Option<String> {
    edge::decode_path(segment)
}

fn reads<T: Body>(object: Option<Json>) -> bool {
    object.is_some_and(|object| black_box(Fields::read(&object, T::read)).is_ok())
}

/// The JSON of a document, without the envelope.
pub fn document(document: &UserDocument) -> serde_json::Result<Vec<u8>> {
    serde_json::to_vec(&UserView::from(document))
}

/// The answer that shows somebody an account, with its envelope.
pub fn answer(document: &UserDocument, request: &HttpRequest) -> HttpResponse {
    Answer::new("The account.", UserView::from(document)).respond_to(request)
}

/// The answer that shows somebody their own account, which is written down once for each copy of it.
pub fn own_answer(document: &Arc<KeptDocument>, request: &HttpRequest) -> HttpResponse {
    OwnDocument(document.clone()).respond_to(request)
}

/// Seals the place where a page of users ends.
pub fn seal_cursor(seal: &dyn CursorSeal, list: &ListRequest, position: &Position) -> String {
    cursor::seal(seal, LIST, list, position)
}

/// Opens the cursor of a page of users; `None` where it is none of this list.
pub fn open_cursor(seal: &dyn CursorSeal, list: &ListRequest, sealed: &str) -> Option<Position> {
    cursor::unseal(seal, LIST, list, sealed).ok()
}
