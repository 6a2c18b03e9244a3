//! `doorward users disable|enable|set-role|set-password|end-sessions`: one account, from the next request on, on every node.

use std::path::Path;

use doorward_domain::accounts::UpdateError;
use doorward_domain::sessions::{EndError, PasswordSet, SetPasswordError};
use doorward_domain::user::{Email, Role, UserChanges};

use super::UsersFailed;
use crate::command_line::{new_password, terminal};
use crate::settings::Settings;
use crate::wiring;

/// Closes an account, or opens it again.
pub(super) async fn set_active(
    settings: &Settings,
    address: &Email,
    active: bool,
) -> Result<(), UsersFailed> {
    let changes = UserChanges { active: Some(active), ..UserChanges::default() };
    let state = if active { "enabled" } else { "disabled, and its sessions have ended" };
    change(settings, address, changes, state).await
}

/// Gives an account another role.
pub(super) async fn set_role(settings: &Settings, address: &Email, role: Role) -> Result<(), UsersFailed> {
    let changes = UserChanges { role: Some(role), ..UserChanges::default() };
    let state = match role {
        Role::Admin => "an admin",
        Role::User => "a user",
    };
    change(settings, address, changes, state).await
}

async fn change(
    settings: &Settings,
    address: &Email,
    changes: UserChanges,
    state: &str,
) -> Result<(), UsersFailed> {
    let operating = wiring::operating(settings).await?;
    let outcome = operating.accounts.update_as_operator(address, changes).await;
    operating.finish(settings).await;
    let text = match outcome {
        Ok(Some(user)) => format!("{} is {state} now.\n", user.username.as_str()),
        Ok(None) => format!("{} is like that already.\n", address.as_str()),
        Err(UpdateError::NotFound) => return Err(UsersFailed::NotFound(address.as_str().to_owned())),
        Err(error) => return Err(UsersFailed::Change(error)),
    };
    Ok(terminal::say(&text)?)
}

/// Sets the password of an account, whatever it was.
pub(super) async fn set_password(
    settings: &Settings,
    address: &Email,
    password_file: Option<&Path>,
) -> Result<(), UsersFailed> {
    let password = new_password::obtain(address.as_str(), password_file)?;
    let operating = wiring::operating(settings).await?;
    let outcome = operating.sessions.set_password_as_operator(address, &password).await;
    operating.finish(settings).await;
    let PasswordSet { user, ended } = outcome.map_err(|error| match error {
        SetPasswordError::UserNotFound => UsersFailed::NotFound(address.as_str().to_owned()),
        SetPasswordError::Weak(weakness) => UsersFailed::Weak(weakness),
        error => UsersFailed::SetPassword(error),
    })?;
    let (username, ended) = (user.username.as_str(), have_ended(ended));
    let state = if user.active { "" } else { " The account is disabled, as it was." };
    Ok(terminal::say(&format!("the password of {username} is set, and {ended}.{state}\n"))?)
}

/// Ends every session of an account.
pub(super) async fn end_sessions(settings: &Settings, address: &Email) -> Result<(), UsersFailed> {
    let operating = wiring::operating(settings).await?;
    let ended = operating.sessions.end_all_as_operator(address).await;
    operating.finish(settings).await;
    let text = match ended {
        Ok(count) => have_ended(count) + ".\n",
        Err(EndError::UserNotFound) => return Err(UsersFailed::NotFound(address.as_str().to_owned())),
        Err(error) => return Err(UsersFailed::End(error)),
    };
    Ok(terminal::say(&text)?)
}

fn have_ended(count: usize) -> String {
    if count == 1 { "1 session has ended".to_owned() } else { format!("{count} sessions have ended") }
}
