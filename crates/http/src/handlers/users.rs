//! Accounts: the own one, and one of them.

use actix_web::web::Data;
use doorward_domain::accounts::{Accounts, NewAccount};
use doorward_domain::sessions::Sessions;
use paperclip::actix::api_v2_operation;

use crate::bodies::{NewPassword, OwnUpdate, Registration, Update, UserUpdate};
use crate::error::ApiError;
use crate::extract::{
    AnyUser, Authenticated, Identified, JsonBody, OwnOrAnyUser, Paced, Registrations, RequestOrigin,
};
use crate::views::{Answer, Created, Deleted, OwnDocument, Tokens, UserView, user_path};

/// Open an account
///
/// Anyone may, unless registration is switched off. The username is an e-mail address and must be free.
#[api_v2_operation(tags(User), operation_id = "register_user")]
pub(crate) async fn register(
    _: Paced<Registrations>,
    accounts: Data<Accounts>,
    origin: RequestOrigin,
    body: JsonBody<Registration>,
) -> Result<Created<UserView>, ApiError> {
    let Registration(new) = body.read().await?;
    let user = accounts.register(NewAccount { origin: origin.0, ..new }).await?;
    Ok(Created::new("Account opened.", user_path(&user), UserView::from(&user)))
}

/// Change the own account
///
/// Fields that are absent stay as they are; null clears a field that may be empty (RFC 7396). A new e-mail address
/// needs the current password; the username stays.
#[api_v2_operation(tags(User), operation_id = "update_me")]
pub(crate) async fn update_me(
    accounts: Data<Accounts>,
    caller: Authenticated,
    body: JsonBody<OwnUpdate>,
) -> Result<Answer<UserView>, ApiError> {
    let OwnUpdate(Update { changes, current_password }) = body.read().await?;
    let caller = &caller.0;
    let user = accounts.update(caller, &caller.user.username, changes, current_password.as_ref()).await?;
    Ok(Answer::new("Account changed.", UserView::from(&user)))
}

/// The own account
///
/// The caller's full document.
#[api_v2_operation(tags(User), operation_id = "me")]
pub(crate) async fn me(caller: Identified) -> Result<OwnDocument, ApiError> {
    Ok(OwnDocument(caller.0))
}

/// Change the own password
///
/// Every other session of the account ends; this one goes on with the new pair that is answered.
#[api_v2_operation(tags(User), operation_id = "change_password")]
pub(crate) async fn change_password(
    sessions: Data<Sessions>,
    caller: Authenticated,
    body: JsonBody<NewPassword>,
) -> Result<Answer<Tokens>, ApiError> {
    let NewPassword { current, new } = body.read().await?;
    let login = sessions.change_password(&caller.0, &current, &new).await?;
    Ok(Answer::new("Password changed.", login.into()))
}

/// One user
///
/// For the user and for admins. Anybody else is refused in the same way whether or not there is such a user.
#[api_v2_operation(tags(User), operation_id = "view_user")]
pub(crate) async fn view(
    accounts: Data<Accounts>,
    target: OwnOrAnyUser,
) -> Result<Answer<UserView>, ApiError> {
    let user = accounts.view(&target.caller.user, &target.address).await?;
    Ok(Answer::new("The account.", UserView::from(&user)))
}

/// Change a user
///
/// For the user and for admins. Role and state are for admins; disabling an account ends its sessions.
#[api_v2_operation(tags(User), operation_id = "update_user")]
pub(crate) async fn update(
    accounts: Data<Accounts>,
    target: OwnOrAnyUser,
    body: JsonBody<UserUpdate>,
) -> Result<Answer<UserView>, ApiError> {
    let UserUpdate(Update { changes, current_password }) = body.read().await?;
    let user = accounts.update(&target.caller, &target.address, changes, current_password.as_ref()).await?;
    Ok(Answer::new("Account changed.", UserView::from(&user)))
}

/// Delete a user
///
/// For admins. The user's sessions end at once; the last active admin cannot be deleted.
#[api_v2_operation(tags(User), operation_id = "delete_user")]
pub(crate) async fn delete(accounts: Data<Accounts>, target: AnyUser) -> Result<Answer<Deleted>, ApiError> {
    let user = accounts.delete(&target.admin, &target.address).await?;
    Ok(Answer::new("Account deleted.", Deleted::from(&user)))
}
