//! The routes that the client asks for: one list, which a test holds to the API description.

use reqwest::Method;

/// A method and a path; `{…}` stands for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// The path below the service's address.
    pub path: &'static str,
}

macro_rules! routes {
    ($($name:ident = $method:ident $path:literal,)+) => {
        $(pub(crate) const $name: Route = Route { method: Method::$method, path: $path };)+

        /// Every route that the client asks for.
        pub const ROUTES: &[Route] = &[$($name,)+];
    };
}

routes! {
    LOGIN = POST "/api/auth/login",
    LOGIN_STATUS = GET "/api/auth/login",
    LOGOUT = POST "/api/auth/logout",
    LOGOUT_ALL = POST "/api/auth/logout/all",
    LOGOUT_OTHERS = POST "/api/auth/logout/others",
    SESSIONS = GET "/api/auth/sessions",
    END_SESSION = DELETE "/api/auth/sessions/{session}",
    REFRESH = POST "/api/auth/refresh",
    REGISTER = POST "/api/user",
    UPDATE_ME = PUT "/api/user",
    ME = GET "/api/user/me",
    CHANGE_PASSWORD = PUT "/api/user/me/password",
    USERS = GET "/api/user/all",
    ACTIVE_USERS = GET "/api/user/active",
    USER = GET "/api/user/{username}",
    UPDATE_USER = PUT "/api/user/{username}",
    DELETE_USER = DELETE "/api/user/{username}",
    END_SESSIONS_OF = DELETE "/api/user/{username}/sessions",
    AUDIT = GET "/api/audit",
    PUBLIC_KEYS = GET "/.well-known/jwks.json",
    DESCRIPTION = GET "/api/openapi.json",
    HEALTH = GET "/healthz",
    READINESS = GET "/readyz",
}
