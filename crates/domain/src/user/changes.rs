//! Changes to an account: what is named changes, everything else stays (RFC 7396).

use super::{
    Channel, Email, FavoriteList, LinkedAccount, LinkedAccounts, PlayedGames, Profile, Role,
    StreamingHistory, Text, User, UserTypeName,
};

/// What happens to one part that may be empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Change<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes empty.
    Clear,
    /// It becomes this.
    Set(T),
}

impl<T> Change<T> {
    /// Carries the change out.
    pub fn apply(self, to: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *to = None,
            Self::Set(value) => *to = Some(value),
        }
    }

    fn merge<P>(self, to: &mut Option<P>, set: impl FnOnce(T, Option<P>) -> P) {
        match self {
            Self::Keep => {}
            Self::Clear => *to = None,
            Self::Set(value) => *to = Some(set(value, to.take())),
        }
    }
}

/// Changes to an account's own fields, and to the two that only an admin sets.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserChanges {
    /// A new address.
    pub email: Option<Email>,
    /// Which user type is shown first.
    pub default_user_type: Change<UserTypeName>,
    /// Parts of the profile.
    pub profile: Change<ProfileChange>,
    /// Accounts elsewhere.
    pub accounts: LinkedAccountsChange,
    /// Streamer and seller.
    pub user_types: UserTypesChange,
    /// All titles at once.
    pub played_games: Option<PlayedGames>,
    /// Followed streamers, a whole list at once.
    pub favorites: FavoritesChange,
    /// The role; only an admin may.
    pub role: Option<Role>,
    /// Whether the account may be used; only an admin may.
    pub active: Option<bool>,
}

/// Changes to the profile.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProfileChange {
    /// The name to show.
    pub fullname: Change<Text<200>>,
    /// In the person's own words.
    pub gender: Change<Text<32>>,
    /// Where the person lives.
    pub city: Change<Text<100>>,
}

/// Changes to the accounts elsewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkedAccountsChange {
    /// A Google account.
    pub gmail: Change<LinkedAccount>,
    /// A `YouTube` channel.
    pub youtube: Change<LinkedAccount>,
    /// A Facebook account.
    pub facebook: Change<LinkedAccount>,
}

/// Changes to what a person does here.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserTypesChange {
    /// Somebody who streams.
    pub streamer: Change<ChannelChange>,
    /// Somebody who sells.
    pub seller: Change<ChannelChange>,
}

/// A change to a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelChange {
    /// The channel's identifier.
    pub streamer_id: Text<100>,
    /// The whole history; what is there stays when it is not given.
    pub history: Option<StreamingHistory>,
}

/// Changes to the followed streamers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FavoritesChange {
    /// Streamers on Facebook.
    pub facebook: Option<FavoriteList>,
    /// Streamers on `YouTube`.
    pub youtube: Option<FavoriteList>,
}

impl UserChanges {
    /// Carries every change out on `user`; version and times are the caller's.
    pub fn apply(self, user: &mut User) {
        set(&mut user.email, self.email);
        self.default_user_type.apply(&mut user.default_user_type);
        self.profile.merge(&mut user.profile, |change, profile| change.apply(profile.unwrap_or_default()));
        self.accounts.apply(&mut user.accounts);
        self.user_types.streamer.merge(&mut user.user_types.streamer, ChannelChange::apply);
        self.user_types.seller.merge(&mut user.user_types.seller, ChannelChange::apply);
        set(&mut user.played_games, self.played_games);
        set(&mut user.favorites.facebook, self.favorites.facebook);
        set(&mut user.favorites.youtube, self.favorites.youtube);
        set(&mut user.role, self.role);
        set(&mut user.active, self.active);
    }
}

fn set<T>(to: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *to = value;
    }
}

impl ProfileChange {
    fn apply(self, mut profile: Profile) -> Profile {
        self.fullname.apply(&mut profile.fullname);
        self.gender.apply(&mut profile.gender);
        self.city.apply(&mut profile.city);
        profile
    }
}

impl LinkedAccountsChange {
    fn apply(self, accounts: &mut LinkedAccounts) {
        self.gmail.apply(&mut accounts.gmail);
        self.youtube.apply(&mut accounts.youtube);
        self.facebook.apply(&mut accounts.facebook);
    }
}

impl ChannelChange {
    fn apply(self, channel: Option<Channel>) -> Channel {
        let kept = channel.map(|channel| channel.history).unwrap_or_default();
        Channel { streamer_id: self.streamer_id, history: self.history.unwrap_or(kept) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::user::{HashScheme, PasswordHash, UserId};

    fn user() -> User {
        let email = Email::parse("ada@example.com").unwrap();
        let hash = PasswordHash::new(HashScheme::Peppered, "hash");
        User::open(UserId::new(uuid::Uuid::nil()), email, hash, Timestamp::default())
    }

    #[test]
    fn no_change_leaves_the_account_alone() {
        let mut changed = user();
        UserChanges::default().apply(&mut changed);
        assert_eq!(changed, user());
    }

    #[test]
    fn a_part_of_the_profile_changes_alone() {
        let mut user = user();
        let city = |name: &str| ProfileChange {
            city: Change::Set(Text::parse(name).unwrap()),
            ..Default::default()
        };
        UserChanges { profile: Change::Set(city("Sidoarjo")), ..Default::default() }.apply(&mut user);
        let gender =
            ProfileChange { gender: Change::Set(Text::parse("Male").unwrap()), ..Default::default() };
        UserChanges { profile: Change::Set(gender), ..Default::default() }.apply(&mut user);
        let profile = user.profile.clone().unwrap();
        assert_eq!(profile.city.unwrap().as_str(), "Sidoarjo");
        assert_eq!(profile.gender.unwrap().as_str(), "Male");
        UserChanges { profile: Change::Clear, ..Default::default() }.apply(&mut user);
        assert_eq!(user.profile, None);
    }

    #[test]
    fn a_channel_keeps_its_history_when_none_is_given() {
        let mut user = user();
        let history = StreamingHistory::new(vec![Text::parse("s1").unwrap()]).unwrap();
        let channel = |history| UserChanges {
            user_types: UserTypesChange {
                streamer: Change::Set(ChannelChange { streamer_id: Text::parse("c").unwrap(), history }),
                ..Default::default()
            },
            ..Default::default()
        };
        channel(Some(history.clone())).apply(&mut user);
        channel(None).apply(&mut user);
        assert_eq!(user.user_types.streamer.unwrap().history, history);
    }
}
