//! The seed's document of a user, as it stands in database 1: the same names and the same nesting that clients see.

use std::borrow::Cow;
use std::error::Error;
use std::ops::RangeInclusive;

use chrono::{DateTime, SecondsFormat, Utc};
use doorward_domain::Timestamp;
use doorward_domain::port::Stamp;
use doorward_domain::user::{
    Channel, Email, Favorite, FavoriteList, Favorites, Link, LinkedAccount, LinkedAccounts, PlayedGames,
    Profile, StreamingHistory, Text, TextError, UserDocument, UserId, UserTypes,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// From the year 0 to the end of 9999, in milliseconds: what RFC 3339 can write.
const WRITABLE_TIMES: RangeInclusive<i64> = -62_167_219_200_000..=253_402_300_799_999;

/// The form of the record. One of another form is nothing.
const FORM: u32 = 1;

type Unreadable = Box<dyn Error + Send + Sync>;
type Written<'a> = Cow<'a, str>;

/// A document and what tells whether it is current. `keep.lua` and `delete.lua` rely on the order of the first four.
#[derive(Serialize, Deserialize)]
pub(super) struct Record<'a> {
    v: u32,
    version: i64,
    stamp: Uuid,
    id: Uuid,
    #[serde(borrow)]
    username: Written<'a>,
    email: Written<'a>,
    default_user_type: Option<Written<'a>>,
    role: Written<'a>,
    active: bool,
    last_login: Option<Written<'a>>,
    created_at: Written<'a>,
    updated_at: Written<'a>,
    profile: Option<ProfileRecord<'a>>,
    accounts: AccountsRecord,
    user_type: UserTypesRecord<'a>,
    played_games: Vec<Written<'a>>,
    favorites: FavoritesRecord<'a>,
}

#[derive(Serialize, Deserialize)]
struct ProfileRecord<'a> {
    #[serde(borrow)]
    fullname: Option<Written<'a>>,
    gender: Option<Written<'a>>,
    city: Option<Written<'a>>,
}

#[derive(Serialize, Deserialize)]
struct AccountsRecord {
    gmail: Option<AccountRecord>,
    youtube: Option<AccountRecord>,
    facebook: Option<AccountRecord>,
}

#[derive(Serialize, Deserialize)]
struct AccountRecord {
    is_login: bool,
}

#[derive(Serialize, Deserialize)]
struct UserTypesRecord<'a> {
    #[serde(borrow)]
    streamer: Option<ChannelRecord<'a>>,
    seller: Option<ChannelRecord<'a>>,
}

#[derive(Serialize, Deserialize)]
struct ChannelRecord<'a> {
    #[serde(borrow)]
    streamer_id: Written<'a>,
    streaming_history: Vec<Written<'a>>,
}

#[derive(Serialize, Deserialize)]
struct FavoritesRecord<'a> {
    #[serde(borrow)]
    facebook: Vec<FavoriteRecord<'a>>,
    youtube: Vec<FavoriteRecord<'a>>,
}

#[derive(Serialize, Deserialize)]
struct FavoriteRecord<'a> {
    #[serde(borrow)]
    id: Written<'a>,
    name: Written<'a>,
    url: Written<'a>,
    favorited_at: Written<'a>,
}

impl<'a> Record<'a> {
    /// The record of a document; `None` where it cannot be written, which is no reason to fail.
    pub(super) fn write(document: &'a UserDocument, stamp: Stamp) -> Option<String> {
        serde_json::to_string(&Self::new(document, stamp)).ok()
    }

    /// The document that was kept under this stamp; `None` for anything else that may stand there.
    pub(super) fn read(text: &'a [u8], stamp: Stamp) -> Option<UserDocument> {
        let record: Self = serde_json::from_slice(text).ok()?;
        if record.v != FORM || record.stamp != stamp.uuid() {
            return None;
        }
        record
            .document()
            .inspect_err(|error| tracing::debug!(error = &**error as &dyn Error, "a document cannot be read"))
            .ok()
    }

    fn new(document: &'a UserDocument, stamp: Stamp) -> Self {
        Self {
            v: FORM,
            version: document.version,
            stamp: stamp.uuid(),
            id: document.id.uuid(),
            username: document.username.as_str().into(),
            email: document.email.as_str().into(),
            default_user_type: document.default_user_type.map(|name| name.as_str().into()),
            role: document.role.as_str().into(),
            active: document.active,
            last_login: document.last_login.map(written_time),
            created_at: written_time(document.created_at),
            updated_at: written_time(document.updated_at),
            profile: document.profile.as_ref().map(ProfileRecord::from),
            accounts: document.accounts.into(),
            user_type: UserTypesRecord {
                streamer: document.user_types.streamer.as_ref().map(ChannelRecord::from),
                seller: document.user_types.seller.as_ref().map(ChannelRecord::from),
            },
            played_games: borrowed(document.played_games.titles()),
            favorites: FavoritesRecord {
                facebook: document.favorites.facebook.entries().iter().map(FavoriteRecord::from).collect(),
                youtube: document.favorites.youtube.entries().iter().map(FavoriteRecord::from).collect(),
            },
        }
    }

    fn document(self) -> Result<UserDocument, Unreadable> {
        let default_user_type = self.default_user_type.as_deref().map(str::parse).transpose()?;
        let UserTypesRecord { streamer, seller } = self.user_type;
        let FavoritesRecord { facebook, youtube } = self.favorites;
        Ok(UserDocument {
            id: UserId::new(self.id),
            username: Email::parse(&self.username)?,
            email: Email::parse(&self.email)?,
            role: self.role.parse()?,
            active: self.active,
            default_user_type,
            profile: self.profile.map(Profile::try_from).transpose()?,
            accounts: self.accounts.into(),
            user_types: UserTypes {
                streamer: streamer.map(Channel::try_from).transpose()?,
                seller: seller.map(Channel::try_from).transpose()?,
            },
            played_games: PlayedGames::parse(self.played_games.iter().map(AsRef::as_ref))?,
            favorites: Favorites { facebook: favorites(facebook)?, youtube: favorites(youtube)? },
            version: self.version,
            last_login: self.last_login.as_deref().map(time).transpose()?,
            created_at: time(&self.created_at)?,
            updated_at: time(&self.updated_at)?,
        })
    }
}

impl<'a> From<&'a Profile> for ProfileRecord<'a> {
    fn from(profile: &'a Profile) -> Self {
        Self {
            fullname: profile.fullname.as_ref().map(|text| text.as_str().into()),
            gender: profile.gender.as_ref().map(|text| text.as_str().into()),
            city: profile.city.as_ref().map(|text| text.as_str().into()),
        }
    }
}

impl TryFrom<ProfileRecord<'_>> for Profile {
    type Error = TextError;

    fn try_from(record: ProfileRecord<'_>) -> Result<Self, TextError> {
        Ok(Self {
            fullname: record.fullname.as_deref().map(Text::parse).transpose()?,
            gender: record.gender.as_deref().map(Text::parse).transpose()?,
            city: record.city.as_deref().map(Text::parse).transpose()?,
        })
    }
}

impl From<LinkedAccounts> for AccountsRecord {
    fn from(accounts: LinkedAccounts) -> Self {
        let record = |account: LinkedAccount| AccountRecord { is_login: account.is_login };
        Self {
            gmail: accounts.gmail.map(record),
            youtube: accounts.youtube.map(record),
            facebook: accounts.facebook.map(record),
        }
    }
}

impl From<AccountsRecord> for LinkedAccounts {
    fn from(record: AccountsRecord) -> Self {
        let account = |record: AccountRecord| LinkedAccount { is_login: record.is_login };
        Self {
            gmail: record.gmail.map(account),
            youtube: record.youtube.map(account),
            facebook: record.facebook.map(account),
        }
    }
}

impl<'a> From<&'a Channel> for ChannelRecord<'a> {
    fn from(channel: &'a Channel) -> Self {
        Self {
            streamer_id: channel.streamer_id.as_str().into(),
            streaming_history: borrowed(channel.history.streams()),
        }
    }
}

impl TryFrom<ChannelRecord<'_>> for Channel {
    type Error = Unreadable;

    fn try_from(record: ChannelRecord<'_>) -> Result<Self, Unreadable> {
        let streams: Result<Vec<_>, _> =
            record.streaming_history.iter().map(|text| Text::parse(text)).collect();
        Ok(Self { streamer_id: Text::parse(&record.streamer_id)?, history: StreamingHistory::new(streams?)? })
    }
}

impl<'a> From<&'a Favorite> for FavoriteRecord<'a> {
    fn from(favorite: &'a Favorite) -> Self {
        Self {
            id: favorite.id.as_str().into(),
            name: favorite.name.as_str().into(),
            url: favorite.url.as_str().into(),
            favorited_at: written_time(favorite.favorited_at),
        }
    }
}

impl TryFrom<FavoriteRecord<'_>> for Favorite {
    type Error = Unreadable;

    fn try_from(record: FavoriteRecord<'_>) -> Result<Self, Unreadable> {
        Ok(Self {
            id: Text::parse(&record.id)?,
            name: Text::parse(&record.name)?,
            url: Link::parse(&record.url)?,
            favorited_at: time(&record.favorited_at)?,
        })
    }
}

fn favorites(records: Vec<FavoriteRecord<'_>>) -> Result<FavoriteList, Unreadable> {
    let entries: Result<Vec<_>, _> = records.into_iter().map(Favorite::try_from).collect();
    Ok(FavoriteList::new(entries?)?)
}

fn borrowed<const MAX: usize>(texts: &[Text<MAX>]) -> Vec<Written<'_>> {
    texts.iter().map(|text| text.as_str().into()).collect()
}

/// RFC 3339, UTC, milliseconds.
fn written_time(time: Timestamp) -> Written<'static> {
    let time = DateTime::<Utc>::from_timestamp_millis(time.millis()).unwrap_or_default();
    time.to_rfc3339_opts(SecondsFormat::Millis, true).into()
}

fn time(written: &str) -> Result<Timestamp, Unreadable> {
    let millis = DateTime::parse_from_rfc3339(written)?.timestamp_millis();
    // An offset or a leap second may lead out of it.
    if !WRITABLE_TIMES.contains(&millis) {
        return Err("a time of no year of four digits".into());
    }
    Ok(Timestamp::from_millis(millis))
}
