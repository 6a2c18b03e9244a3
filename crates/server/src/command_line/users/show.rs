//! `doorward users show`: one account, and where it is logged in.

use doorward_domain::token::Session;
use doorward_domain::user::{Email, Profile, User};

use super::{Output, UsersFailed};
use crate::command_line::terminal;
use crate::settings::Settings;
use crate::shared_keys::Date;
use crate::store::{Opening, Store};

/// Shows the account that `address` names.
pub(super) async fn show(settings: &Settings, address: &Email, output: Output) -> Result<(), UsersFailed> {
    let store = Store::open_in_settings(settings, Opening::as_it_is(settings)).await?;
    let text = shown(&store, address, output).await;
    store.close();
    Ok(terminal::say(&text?)?)
}

async fn shown(store: &Store, address: &Email, output: Output) -> Result<String, UsersFailed> {
    let found = store.users.find_by_address(address).await?;
    let user = found.ok_or_else(|| UsersFailed::NotFound(address.as_str().to_owned()))?;
    Ok(match output {
        Output::Json => doorward_http::exchange::account_as_json(&user, None)? + "\n",
        Output::Table => {
            let now = doorward_domain::port::Clock::now(&doorward_crypto::SystemClock);
            text_of(&user, &store.sessions.list_live(user.id, now).await?)
        }
    })
}

fn text_of(user: &User, sessions: &[Session]) -> String {
    let Profile { fullname, city, .. } = user.profile.clone().unwrap_or_default();
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let rows = [
        ("username", user.username.as_str().to_owned()),
        ("email", user.email.as_str().to_owned()),
        ("id", user.id.to_string()),
        ("role", user.role.to_string()),
        ("active", if user.active { "yes" } else { "no" }.to_owned()),
        ("name", or_none(fullname.map(|name| name.as_str().to_owned()))),
        ("city", or_none(city.map(|city| city.as_str().to_owned()))),
        ("created", Date(user.created_at).to_string()),
        ("changed", Date(user.updated_at).to_string()),
        ("last login", or_none(user.last_login.map(|at| Date(at).to_string()))),
        ("sessions", sessions.len().to_string()),
    ];
    rows.map(|(name, value)| format!("{name:<10}  {value}\n")).concat()
}
