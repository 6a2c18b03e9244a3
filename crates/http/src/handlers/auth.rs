//! Logging in and out, and refreshing.

use actix_web::web::Data;
use doorward_domain::sessions::Sessions;
use paperclip::actix::api_v2_operation;

use crate::bodies::Credentials;
use crate::error::ApiError;
use crate::extract::{Authenticated, Guest, JsonBody, Paced, RefreshToken, Refreshes, RequestOrigin};
use crate::views::{Answer, LoginStatus, Nothing, Tokens};

/// Log in
///
/// Opens a session and answers its tokens. An unknown username and a wrong password are answered in the same way and
/// take the same time.
#[api_v2_operation(tags(Auth), operation_id = "login")]
pub(crate) async fn login(
    sessions: Data<Sessions>,
    origin: RequestOrigin,
    guest: Guest,
    body: JsonBody<Credentials>,
) -> Result<Answer<Tokens>, ApiError> {
    let Credentials { username, password } = body.read().await?;
    let login = sessions.login(&username, &password, origin.0).await?;
    guest.is(login.user.id);
    Ok(Answer::new("Logged in.", login.into()))
}

/// Login status
///
/// Whom the access token belongs to, their role as it is now, and when token and session end.
#[api_v2_operation(tags(Auth), operation_id = "login_status")]
pub(crate) async fn login_status(caller: Authenticated) -> Result<Answer<LoginStatus>, ApiError> {
    Ok(Answer::new("You are logged in.", LoginStatus::from(&caller.0)))
}

/// Log out
///
/// Ends this session: its access and refresh tokens stop working at once, everywhere.
#[api_v2_operation(tags(Auth), operation_id = "logout")]
pub(crate) async fn logout(
    sessions: Data<Sessions>,
    caller: Authenticated,
) -> Result<Answer<Nothing>, ApiError> {
    sessions.logout(&caller.0).await?;
    Ok(Answer::new("Logged out.", Nothing {}))
}

/// Log out (by GET)
///
/// The same as POST, for clients that know this form.
#[api_v2_operation(tags(Auth), operation_id = "logout_by_get")]
pub(crate) async fn logout_by_get(
    sessions: Data<Sessions>,
    caller: Authenticated,
) -> Result<Answer<Nothing>, ApiError> {
    logout(sessions, caller).await
}

/// Refresh
///
/// Spends the refresh token for a new pair. The token spent last is answered with the same pair once more for a few
/// seconds, so that a lost reply logs nobody out; an older one ends the whole session (RFC 9700 §4.14.2).
#[api_v2_operation(tags(Auth), operation_id = "refresh")]
pub(crate) async fn refresh(
    _: Paced<Refreshes>,
    sessions: Data<Sessions>,
    origin: RequestOrigin,
    guest: Guest,
    token: RefreshToken,
) -> Result<Answer<Tokens>, ApiError> {
    let login = sessions.refresh(&token.0, &origin.0).await?;
    guest.is(login.user.id);
    Ok(Answer::new("Refreshed.", login.into()))
}

/// Refresh (by GET)
///
/// The same as `POST /api/auth/refresh`, for clients that know this form.
#[api_v2_operation(tags(Auth), operation_id = "refresh_by_get")]
pub(crate) async fn refresh_by_get(
    pace: Paced<Refreshes>,
    sessions: Data<Sessions>,
    origin: RequestOrigin,
    guest: Guest,
    token: RefreshToken,
) -> Result<Answer<Tokens>, ApiError> {
    refresh(pace, sessions, origin, guest, token).await
}
