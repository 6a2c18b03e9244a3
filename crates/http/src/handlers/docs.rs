//! The API description and the page that shows it, with every asset inside the binary.

use std::borrow::Cow;
use std::sync::Arc;

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path, ServiceConfig, get, resource, to};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::Config;

use crate::error::{ApiError, Code};

/// The API description as JSON text, made once.
pub(crate) struct DescriptionText(pub(crate) Bytes);

const PAGE: &str = include_str!("docs.html");
const INITIALIZER: &str = include_str!("docs.js");

/// Scripts and data from this service alone. Swagger UI sets style attributes and draws its icons from `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Mounts `/api/openapi.json` and `/docs/`.
pub(crate) fn serve_docs(config: &mut ServiceConfig) {
    let only_get = |path: &str| {
        resource(path).default_service(to(|_: HttpRequest| async {
            Err::<String, ApiError>(ApiError::method_not_allowed("GET".to_owned()))
        }))
    };
    config
        .service(only_get("/api/openapi.json").route(get().to(description)))
        .service(only_get("/docs").route(get().to(to_page)))
        .service(only_get("/docs/{file:.*}").route(get().to(asset)));
}

async fn description(text: Data<DescriptionText>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(text.0.clone())
}

async fn to_page() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((header::LOCATION, "/docs/")).finish()
}

async fn asset(file: Path<String>) -> Result<HttpResponse, ApiError> {
    let (content_type, bytes) = match file.as_str() {
        "" | "index.html" => ("text/html; charset=utf-8".to_owned(), Bytes::from_static(PAGE.as_bytes())),
        "swagger-initializer.js" => {
            ("text/javascript; charset=utf-8".to_owned(), Bytes::from_static(INITIALIZER.as_bytes()))
        }
        name => match utoipa_swagger_ui::serve(name, Arc::new(Config::from("/api/openapi.json"))) {
            Ok(Some(asset)) => (asset.content_type, owned(asset.bytes)),
            Ok(None) | Err(_) => return Err(Code::NotFound.into()),
        },
    };
    Ok(HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(bytes))
}

/// The bytes of an asset, copied only where they were made for this request.
fn owned(bytes: Cow<'static, [u8]>) -> Bytes {
    match bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}
