//! Every route of the API, on one screen.

use actix_service::Service as _;
use actix_web::HttpRequest;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use paperclip::actix::web::{Resource, Route, ServiceConfig, delete, get, post, put, resource};

use crate::edge::Story;
use crate::error::ApiError;
use crate::handlers::{audit, auth, lists, service, sessions, users};

/// Mounts every route.
pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        // They are looked at in this order: first what is asked for most.
        .service(at("/api/user/me", [("GET", get().to(users::me))]))
        .service(at(
            "/api/auth/login",
            [("GET", get().to(auth::login_status)), ("POST", post().to(auth::login))],
        ))
        .service(at(
            "/api/auth/logout",
            [("GET", get().to(auth::logout_by_get)), ("POST", post().to(auth::logout))],
        ))
        .service(at("/api/auth/logout/all", [("POST", post().to(sessions::end_all))]))
        .service(at("/api/auth/logout/others", [("POST", post().to(sessions::end_others))]))
        .service(at("/api/auth/sessions", [("GET", get().to(sessions::list))]))
        .service(at("/api/auth/refresh", [("POST", post().to(auth::refresh))]))
        .service(at("/api/refresh", [("GET", get().to(auth::refresh_by_get))]))
        .service(at("/api/user", [("POST", post().to(users::register)), ("PUT", put().to(users::update_me))]))
        .service(at("/api/user/me/password", [("PUT", put().to(users::change_password))]))
        .service(at("/api/user/all", [("GET", get().to(lists::list)), ("PUT", put().to(lists::list_by_put))]))
        .service(at(
            "/api/user/active",
            [("GET", get().to(lists::list_active)), ("PUT", put().to(lists::list_active_by_put))],
        ))
        .service(at("/api/audit", [("GET", get().to(audit::list))]))
        .service(at("/.well-known/jwks.json", [("GET", get().to(service::jwks))]))
        .service(at("/healthz", [("GET", get().to(service::health))]))
        .service(at("/readyz", [("GET", get().to(service::readiness))]))
        // A path with a name in it is looked for by a regular expression: after all that are not.
        .service(at("/api/auth/sessions/{session}", [("DELETE", delete().to(sessions::end))]))
        .service(at(
            "/api/user/{username}",
            [
                ("DELETE", delete().to(users::delete)),
                ("GET", get().to(users::view)),
                ("PUT", put().to(users::update)),
            ],
        ))
        .service(at("/api/user/{username}/sessions", [("DELETE", delete().to(sessions::end_all_of))]));
}

/// A path and its methods; any other method is 405 with `Allow` (RFC 9110 §15.5.6), where actix-web says 404.
fn at<const COUNT: usize>(
    path: &'static str,
    methods: [(&'static str, Route); COUNT],
) -> Resource<
    actix_web::Resource<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<impl MessageBody + use<COUNT>>,
            Error = actix_web::Error,
            InitError = (),
        > + use<COUNT>,
    >,
> {
    let allow = methods.each_ref().map(|(name, _)| *name).join(", ");
    methods
        .into_iter()
        .fold(resource(path), |resource, (_, route)| resource.route(route))
        .default_service(actix_web::web::to(move |_: HttpRequest| {
            let refusal = ApiError::method_not_allowed(allow.clone());
            async move { Err::<String, ApiError>(refusal) }
        }))
        .wrap_fn(move |request, resource| {
            Story::comes_to(&request, path);
            resource.call(request)
        })
}
