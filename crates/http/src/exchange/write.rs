//! An account as a row that is handed out.

use doorward_domain::user::{Channel, HashScheme, Text, User, UserDocument};
use serde::Serialize;

use super::cells::{FORMULA, PROTECTION};
use crate::read::written_time;
use crate::views::{FavoritesView, UserView};

/// What proves passwords goes along, and the fingerprint of the pepper in it.
#[derive(Clone, Debug)]
pub struct HashesShown {
    /// Tells the pepper from every other one.
    pub pepper: String,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    document: UserView,
    #[serde(flatten)]
    hash: Option<HashRow<'a>>,
}

#[derive(Serialize)]
struct HashRow<'a> {
    password_scheme: &'static str,
    password_hash: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pepper: Option<&'a str>,
}

impl<'a> HashRow<'a> {
    fn of(user: &'a User, shown: &'a HashesShown) -> Self {
        let (password_scheme, pepper) = match user.password.scheme() {
            HashScheme::Peppered => ("peppered", Some(shown.pepper.as_str())),
            HashScheme::Imported => ("imported", None),
        };
        Self { password_scheme, password_hash: user.password.reveal(), pepper }
    }
}

/// The document as one line of JSON.
pub fn document_as_json(document: &UserDocument) -> serde_json::Result<String> {
    serde_json::to_string(&UserView::from(document))
}

/// The document, and what proves the password if that is to be shown, as one line of JSON.
pub fn account_as_json(user: &User, hashes: Option<&HashesShown>) -> serde_json::Result<String> {
    serde_json::to_string(&Row {
        document: UserView::from(user),
        hash: hashes.map(|shown| HashRow::of(user, shown)),
    })
}

/// The same as the cells of the first [`COLUMNS`](super::COLUMNS): 22 of them, or 25 with what proves the password. None
/// of them is taken for a formula.
pub fn account_as_cells(user: &User, hashes: Option<&HashesShown>) -> serde_json::Result<Vec<String>> {
    let profile = user.profile.clone().unwrap_or_default();
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let flag = |account: Option<doorward_domain::user::LinkedAccount>| {
        account.map(|account| account.is_login.to_string()).unwrap_or_default()
    };
    let favorites = FavoritesView::from(&user.favorites);
    let [streamer, shows] = channel(user.user_types.streamer.as_ref())?;
    let [seller, sales] = channel(user.user_types.seller.as_ref())?;
    let mut cells = vec![
        user.id.to_string(),
        user.username.as_str().to_owned(),
        user.email.as_str().to_owned(),
        user.default_user_type.map(|name| name.to_string()).unwrap_or_default(),
        user.role.to_string(),
        user.active.to_string(),
        user.last_login.map(written_time).unwrap_or_default(),
        written_time(user.created_at),
        written_time(user.updated_at),
        text(profile.fullname.as_ref().map(Text::as_str)),
        text(profile.gender.as_ref().map(Text::as_str)),
        text(profile.city.as_ref().map(Text::as_str)),
        flag(user.accounts.gmail),
        flag(user.accounts.youtube),
        flag(user.accounts.facebook),
        streamer,
        shows,
        seller,
        sales,
        list(user.played_games.titles().iter().map(Text::as_str))?,
        list(&favorites.facebook)?,
        list(&favorites.youtube)?,
    ];
    if let Some(shown) = hashes {
        let HashRow { password_scheme, password_hash, pepper } = HashRow::of(user, shown);
        cells.extend([password_scheme.to_owned(), password_hash.to_owned(), text(pepper)]);
    }
    Ok(cells.into_iter().map(protected).collect())
}

fn channel(channel: Option<&Channel>) -> serde_json::Result<[String; 2]> {
    let Some(Channel { streamer_id, history }) = channel else { return Ok([String::new(), String::new()]) };
    let streams = history.streams().iter().map(Text::as_str);
    Ok([streamer_id.as_str().to_owned(), list(streams)?])
}

/// An empty list is an empty cell: that is what an account has that says nothing.
fn list<T: Serialize>(entries: impl IntoIterator<Item = T>) -> serde_json::Result<String> {
    let entries: Vec<T> = entries.into_iter().collect();
    if entries.is_empty() { Ok(String::new()) } else { serde_json::to_string(&entries) }
}

/// A spreadsheet runs what begins like a formula; a name may begin so.
fn protected(cell: String) -> String {
    if cell.starts_with(FORMULA) { format!("{PROTECTION}{cell}") } else { cell }
}
