//! What an account shows of itself.

use super::{
    Email, FavoriteList, Favorites, LinkedAccounts, PlayedGames, Profile, Role, User, UserId, UserTypeName,
    UserTypes,
};
use crate::Timestamp;

/// An account without what proves its password: all that may leave the stores that keep secrets.
///
/// The fields are those of [`User`].
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are those of `User`")]
pub struct UserDocument {
    pub id: UserId,
    pub username: Email,
    pub email: Email,
    pub role: Role,
    pub active: bool,
    pub default_user_type: Option<UserTypeName>,
    pub profile: Option<Profile>,
    pub accounts: LinkedAccounts,
    pub user_types: UserTypes,
    pub played_games: PlayedGames,
    pub favorites: Favorites,
    pub version: i64,
    pub last_login: Option<Timestamp>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl UserDocument {
    /// The bytes of the lists in it; everything else is small.
    pub fn bytes_of_lists(&self) -> usize {
        let channels = [&self.user_types.streamer, &self.user_types.seller].into_iter().flatten();
        let streams =
            channels.flat_map(|channel| channel.history.streams()).map(|stream| stream.as_str().len());
        let games = self.played_games.titles().iter().map(|title| title.as_str().len());
        let favorites = [&self.favorites.facebook, &self.favorites.youtube].into_iter();
        let favorites = favorites.flat_map(FavoriteList::entries).map(|favorite| {
            favorite.id.as_str().len() + favorite.name.as_str().len() + favorite.url.as_str().len()
        });
        streams.chain(games).chain(favorites).sum()
    }
}

impl From<User> for UserDocument {
    fn from(user: User) -> Self {
        let User {
            id,
            username,
            email,
            password: _,
            role,
            active,
            default_user_type,
            profile,
            accounts,
            user_types,
            played_games,
            favorites,
            version,
            last_login,
            created_at,
            updated_at,
        } = user;
        Self {
            id,
            username,
            email,
            role,
            active,
            default_user_type,
            profile,
            accounts,
            user_types,
            played_games,
            favorites,
            version,
            last_login,
            created_at,
            updated_at,
        }
    }
}
