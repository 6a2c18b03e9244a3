//! The fields that people set on their own account.

use doorward_domain::user::{
    Change, ChannelChange, Favorite, FavoriteList, FavoriteListError, FavoritesChange, LinkedAccount,
    LinkedAccountsChange, PlayedGames, PlayedGamesError, ProfileChange, StreamingHistory, UserChanges,
    UserTypeName, UserTypesChange,
};

use crate::read::{Fields, email, flag, link, one_of, text, timestamp};

pub(super) fn user_type_names() -> Vec<String> {
    UserTypeName::ALL.map(|name| name.to_string()).to_vec()
}

/// Every own field, for changing an account (RFC 7396: what is absent stays, null clears).
pub(crate) fn own_fields(fields: &mut Fields<'_>) -> UserChanges {
    UserChanges {
        email: fields.take_if_given("email", &email()),
        default_user_type: fields.take_change("default_user_type", &one_of(user_type_names)),
        profile: fields.take_object_change("profile", |fields| Some(profile(fields))),
        accounts: fields.take_object("accounts", |fields| Some(accounts(fields))).unwrap_or_default(),
        user_types: fields.take_object("user_type", |fields| Some(user_types(fields))).unwrap_or_default(),
        played_games: played_games(fields),
        favorites: fields.take_object("favorites", |fields| Some(favorites(fields))).unwrap_or_default(),
        role: None,
        active: None,
    }
}

fn profile(fields: &mut Fields<'_>) -> ProfileChange {
    ProfileChange {
        fullname: fields.take_change("fullname", &text().described("The name to show.", "Kucing Cakep")),
        gender: fields.take_change("gender", &text().described("In the person's own words.", "Male")),
        city: fields.take_change("city", &text().described("Where the person lives.", "Sidoarjo")),
    }
}

fn accounts(fields: &mut Fields<'_>) -> LinkedAccountsChange {
    LinkedAccountsChange {
        gmail: linked_account(fields, "gmail"),
        youtube: linked_account(fields, "youtube"),
        facebook: linked_account(fields, "facebook"),
    }
}

fn linked_account(fields: &mut Fields<'_>, name: &'static str) -> Change<LinkedAccount> {
    fields.take_object_change(name, |account| {
        let is_login = account.take("is_login", &flag())?;
        Some(LinkedAccount { is_login })
    })
}

fn user_types(fields: &mut Fields<'_>) -> UserTypesChange {
    UserTypesChange { streamer: channel(fields, "streamer"), seller: channel(fields, "seller") }
}

fn channel(fields: &mut Fields<'_>, name: &'static str) -> Change<ChannelChange> {
    fields.take_object_change(name, |channel| {
        let id = text().described("The channel's identifier in the streaming service.", "UC-kucing");
        let streamer_id = channel.take("streamer_id", &id);
        let stream = text().described("A stream's identifier.", "stream-1");
        let streams = channel.take_list("streaming_history", StreamingHistory::MAX, &stream);
        let history = match streams.map(StreamingHistory::new).transpose() {
            Ok(history) => history,
            Err(error) => {
                channel.fault("streaming_history", error.to_string());
                None
            }
        };
        Some(ChannelChange { streamer_id: streamer_id?, history })
    })
}

fn played_games(fields: &mut Fields<'_>) -> Option<PlayedGames> {
    let title = text::<100>().described("A game's title; kept upper-case, once each.", "MOBILE LEGENDS");
    let titles = fields.take_list("played_games", PlayedGames::MAX, &title)?;
    match PlayedGames::parse(titles.iter().map(doorward_domain::user::Text::as_str)) {
        Ok(games) => Some(games),
        Err(PlayedGamesError::TooMany(error)) => {
            fields.fault("played_games", error.to_string());
            None
        }
        Err(PlayedGamesError::Title { position, error }) => {
            fields.fault(&format!("played_games[{position}]"), error.to_string());
            None
        }
    }
}

fn favorites(fields: &mut Fields<'_>) -> FavoritesChange {
    FavoritesChange { facebook: favorite_list(fields, "facebook"), youtube: favorite_list(fields, "youtube") }
}

fn favorite_list(fields: &mut Fields<'_>, name: &'static str) -> Option<FavoriteList> {
    let entries = fields.take_objects(name, FavoriteList::MAX, favorite)?;
    match FavoriteList::new(entries) {
        Ok(list) => Some(list),
        Err(FavoriteListError::TooMany(error)) => {
            fields.fault(name, error.to_string());
            None
        }
        Err(error @ FavoriteListError::Twice { position }) => {
            fields.fault(&format!("{name}[{position}].id"), error.to_string());
            None
        }
    }
}

fn favorite(fields: &mut Fields<'_>) -> Option<Favorite> {
    let id = fields.take("id", &text().described("The platform's identifier; once in the list.", "yt-1"));
    let name = fields.take("name", &text().described("The name to show.", "Streamer One"));
    let url = fields.take("url", &link());
    let favorited_at = fields.take("favorited_at", &timestamp());
    Some(Favorite { id: id?, name: name?, url: url?, favorited_at: favorited_at? })
}
