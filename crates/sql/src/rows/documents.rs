//! The parts of an account that are stored as JSON text. Nothing is searched in them but which user types are set.

use std::borrow::Cow;
use std::error::Error;

use doorward_domain::Timestamp;
use doorward_domain::user::{
    Channel, Favorite, FavoriteList, Favorites, Link, LinkedAccount, LinkedAccounts, PlayedGames,
    StreamingHistory, Text, TextError, UserTypes,
};
use serde::{Deserialize, Serialize};

type Unreadable = Box<dyn Error + Send + Sync>;

#[derive(Serialize, Deserialize)]
struct AccountsDocument {
    gmail: Option<AccountDocument>,
    youtube: Option<AccountDocument>,
    facebook: Option<AccountDocument>,
}

#[derive(Serialize, Deserialize)]
struct AccountDocument {
    is_login: bool,
}

pub(super) fn accounts_to_json(accounts: LinkedAccounts) -> serde_json::Result<String> {
    let document = |account: Option<LinkedAccount>| {
        account.map(|LinkedAccount { is_login }| AccountDocument { is_login })
    };
    serde_json::to_string(&AccountsDocument {
        gmail: document(accounts.gmail),
        youtube: document(accounts.youtube),
        facebook: document(accounts.facebook),
    })
}

pub(super) fn accounts_from_json(json: &str) -> serde_json::Result<LinkedAccounts> {
    let account = |document: Option<AccountDocument>| {
        document.map(|AccountDocument { is_login }| LinkedAccount { is_login })
    };
    let AccountsDocument { gmail, youtube, facebook } = serde_json::from_str(json)?;
    Ok(LinkedAccounts { gmail: account(gmail), youtube: account(youtube), facebook: account(facebook) })
}

/// The generated columns `is_streamer` and `is_seller` rely on these two names.
#[derive(Serialize, Deserialize)]
struct UserTypesDocument<'a> {
    streamer: Option<ChannelDocument<'a>>,
    seller: Option<ChannelDocument<'a>>,
}

#[derive(Serialize, Deserialize)]
struct ChannelDocument<'a> {
    streamer_id: Cow<'a, str>,
    history: Vec<Cow<'a, str>>,
}

pub(super) fn user_types_to_json(user_types: &UserTypes) -> serde_json::Result<String> {
    fn document(channel: &Channel) -> ChannelDocument<'_> {
        ChannelDocument {
            streamer_id: channel.streamer_id.as_str().into(),
            history: borrowed(channel.history.streams()),
        }
    }
    serde_json::to_string(&UserTypesDocument {
        streamer: user_types.streamer.as_ref().map(document),
        seller: user_types.seller.as_ref().map(document),
    })
}

pub(super) fn user_types_from_json(json: &str) -> Result<UserTypes, Unreadable> {
    let channel = |document: ChannelDocument<'_>| -> Result<Channel, Unreadable> {
        Ok(Channel {
            streamer_id: Text::parse(&document.streamer_id)?,
            history: StreamingHistory::new(parsed(&document.history)?)?,
        })
    };
    let UserTypesDocument { streamer, seller } = serde_json::from_str(json)?;
    Ok(UserTypes { streamer: streamer.map(channel).transpose()?, seller: seller.map(channel).transpose()? })
}

pub(super) fn games_to_json(games: &PlayedGames) -> serde_json::Result<String> {
    serde_json::to_string(&borrowed(games.titles()))
}

pub(super) fn games_from_json(json: &str) -> Result<PlayedGames, Unreadable> {
    let titles: Vec<Cow<'_, str>> = serde_json::from_str(json)?;
    Ok(PlayedGames::parse(titles.iter().map(AsRef::as_ref))?)
}

#[derive(Serialize, Deserialize)]
struct FavoritesDocument<'a> {
    facebook: Vec<FavoriteDocument<'a>>,
    youtube: Vec<FavoriteDocument<'a>>,
}

#[derive(Serialize, Deserialize)]
struct FavoriteDocument<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    url: Cow<'a, str>,
    /// Unix milliseconds.
    favorited_at: i64,
}

pub(super) fn favorites_to_json(favorites: &Favorites) -> serde_json::Result<String> {
    fn documents(list: &FavoriteList) -> Vec<FavoriteDocument<'_>> {
        list.entries().iter().map(document).collect()
    }
    fn document(favorite: &Favorite) -> FavoriteDocument<'_> {
        let Favorite { id, name, url, favorited_at } = favorite;
        FavoriteDocument {
            id: id.as_str().into(),
            name: name.as_str().into(),
            url: url.as_str().into(),
            favorited_at: favorited_at.millis(),
        }
    }
    serde_json::to_string(&FavoritesDocument {
        facebook: documents(&favorites.facebook),
        youtube: documents(&favorites.youtube),
    })
}

pub(super) fn favorites_from_json(json: &str) -> Result<Favorites, Unreadable> {
    let favorite = |document: FavoriteDocument<'_>| -> Result<Favorite, Unreadable> {
        Ok(Favorite {
            id: Text::parse(&document.id)?,
            name: Text::parse(&document.name)?,
            url: Link::parse(&document.url)?,
            favorited_at: Timestamp::from_millis(document.favorited_at),
        })
    };
    let list = |documents: Vec<FavoriteDocument<'_>>| -> Result<FavoriteList, Unreadable> {
        Ok(FavoriteList::new(documents.into_iter().map(favorite).collect::<Result<_, _>>()?)?)
    };
    let FavoritesDocument { facebook, youtube } = serde_json::from_str(json)?;
    Ok(Favorites { facebook: list(facebook)?, youtube: list(youtube)? })
}

fn borrowed<const MAX: usize>(texts: &[Text<MAX>]) -> Vec<Cow<'_, str>> {
    texts.iter().map(|text| text.as_str().into()).collect()
}

fn parsed<const MAX: usize>(texts: &[Cow<'_, str>]) -> Result<Vec<Text<MAX>>, TextError> {
    texts.iter().map(|text| Text::parse(text)).collect()
}
