//! A row as bytes: the same ones for the same row, whichever store it comes from, and other ones for any other.
//!
//! Each value stands behind its length or is of a fixed one, so that no two rows run together into the same bytes. Every
//! field is named: one that is new does not go unnoticed.

use doorward_domain::Timestamp;
use doorward_domain::audit::{AuditEntry, Party};
use doorward_domain::token::{Device, End, Session};
use doorward_domain::user::{
    Channel, Favorite, FavoriteList, Favorites, HashScheme, LinkedAccount, LinkedAccounts, PasswordHash,
    Profile, User, UserTypes,
};

/// The bytes of one row.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Encoding(Vec<u8>);

impl Encoding {
    /// The bytes of `row`.
    pub(super) fn of<R: super::row::Row>(row: &R) -> Self {
        let mut encoding = Self::default();
        row.encode(&mut encoding);
        encoding
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    pub(super) fn user(&mut self, user: &User) {
        let User {
            id,
            username,
            email,
            password,
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
        self.identifier(id.uuid().as_u128());
        self.text(username.as_str());
        self.text(email.as_str());
        self.password(password);
        self.text(role.as_str());
        self.flag(*active);
        self.option(default_user_type.as_ref(), |this, name| this.text(name.as_str()));
        self.option(profile.as_ref(), Self::profile);
        self.accounts(*accounts);
        let UserTypes { streamer, seller } = user_types;
        self.option(streamer.as_ref(), Self::channel);
        self.option(seller.as_ref(), Self::channel);
        self.list(played_games.titles(), |this, title| this.text(title.as_str()));
        let Favorites { facebook, youtube } = favorites;
        self.favorites(facebook);
        self.favorites(youtube);
        self.number(*version);
        self.option(last_login.as_ref(), |this, time| this.time(*time));
        self.time(*created_at);
        self.time(*updated_at);
    }

    pub(super) fn session(&mut self, session: &Session) {
        let Session {
            id,
            user_id,
            generation,
            refresh_id,
            previous_refresh_id,
            access_id,
            rotated_at,
            created_at,
            last_seen_at,
            expires_at,
            ended,
            device,
        } = session;
        self.identifier(id.uuid().as_u128());
        self.identifier(user_id.uuid().as_u128());
        self.number(*generation);
        self.identifier(refresh_id.uuid().as_u128());
        self.option(previous_refresh_id.as_ref(), |this, id| this.identifier(id.uuid().as_u128()));
        self.identifier(access_id.uuid().as_u128());
        for time in [rotated_at, created_at, last_seen_at, expires_at] {
            self.time(*time);
        }
        self.option(ended.as_ref(), |this, End { at, reason }| {
            this.time(*at);
            this.text(reason.as_str());
        });
        let Device { user_agent, address } = device;
        self.option(user_agent.as_ref(), |this, text| this.text(text));
        self.option(address.as_ref(), |this, address| this.text(&address.to_string()));
    }

    pub(super) fn entry(&mut self, entry: &AuditEntry) {
        let AuditEntry { id, at, action, outcome, actor, target, session, address, request_id, details } =
            entry;
        self.identifier(id.uuid().as_u128());
        self.time(*at);
        self.text(action.as_str());
        self.text(outcome.as_str());
        for party in [actor, target] {
            // A database keeps no more than the normal form.
            self.option(party.as_ref(), |this, Party { id, username }| {
                this.identifier(id.uuid().as_u128());
                this.text(username.normal());
            });
        }
        self.option(session.as_ref(), |this, id| this.identifier(id.uuid().as_u128()));
        self.option(address.as_ref(), |this, address| this.text(&address.to_string()));
        self.option(request_id.as_ref(), |this, text| this.text(text));
        self.length(details.len());
        for (name, value) in details {
            self.text(name);
            self.text(value);
        }
    }

    fn password(&mut self, password: &PasswordHash) {
        self.text(match password.scheme() {
            HashScheme::Peppered => "peppered",
            HashScheme::Imported => "imported",
        });
        self.text(password.reveal());
    }

    fn profile(&mut self, Profile { fullname, gender, city }: &Profile) {
        self.option(fullname.as_ref(), |this, text| this.text(text.as_str()));
        self.option(gender.as_ref(), |this, text| this.text(text.as_str()));
        self.option(city.as_ref(), |this, text| this.text(text.as_str()));
    }

    fn accounts(&mut self, LinkedAccounts { gmail, youtube, facebook }: LinkedAccounts) {
        for account in [gmail, youtube, facebook] {
            self.option(account.as_ref(), |this, LinkedAccount { is_login }| this.flag(*is_login));
        }
    }

    fn channel(&mut self, Channel { streamer_id, history }: &Channel) {
        self.text(streamer_id.as_str());
        self.list(history.streams(), |this, stream| this.text(stream.as_str()));
    }

    fn favorites(&mut self, favorites: &FavoriteList) {
        self.list(favorites.entries(), |this, Favorite { id, name, url, favorited_at }| {
            this.text(id.as_str());
            this.text(name.as_str());
            this.text(url.as_str());
            this.time(*favorited_at);
        });
    }

    fn option<T>(&mut self, value: Option<&T>, encode: impl FnOnce(&mut Self, &T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            encode(self, value);
        }
    }

    fn list<T>(&mut self, values: &[T], encode: impl Fn(&mut Self, &T)) {
        self.length(values.len());
        for value in values {
            encode(self, value);
        }
    }

    fn text(&mut self, text: &str) {
        self.length(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn time(&mut self, time: Timestamp) {
        self.number(time.millis());
    }

    fn identifier(&mut self, number: u128) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn number(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    fn length(&mut self, length: usize) {
        self.0.extend_from_slice(&(length as u64).to_be_bytes());
    }

    fn flag(&mut self, flag: bool) {
        self.0.push(u8::from(flag));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::net::IpAddr;

    use doorward_domain::audit::{Action, Outcome};
    use doorward_domain::token::EndReason;
    use doorward_domain::user::{PlayedGames, Role};
    use doorward_testkit::sample;

    use super::*;

    #[test]
    fn rows_that_differ_anywhere_have_other_bytes() {
        let user = sample::user(1);
        let with_profile = |fullname: Option<&str>, city: Option<&str>| {
            let profile =
                Profile { fullname: fullname.map(sample::text), gender: None, city: city.map(sample::text) };
            User { profile: Some(profile), ..user.clone() }
        };
        let games = |titles: &[&str]| User {
            played_games: PlayedGames::parse(titles.iter().copied()).unwrap(),
            ..user.clone()
        };
        let hash = |scheme, text: &str| User { password: PasswordHash::new(scheme, text), ..user.clone() };
        let others = [
            user.clone(),
            sample::user(2),
            sample::kucing_cakep(),
            with_profile(None, None),
            with_profile(Some("A"), None),
            with_profile(None, Some("A")),
            with_profile(Some("AB"), Some("C")),
            with_profile(Some("A"), Some("BC")),
            games(&["AB", "C"]),
            games(&["A", "BC"]),
            hash(HashScheme::Peppered, "x"),
            hash(HashScheme::Imported, "x"),
            User { role: Role::Admin, ..user.clone() },
            User { active: false, ..user.clone() },
            User { version: 2, ..user.clone() },
            User { last_login: Some(sample::NOW), ..user.clone() },
            User { updated_at: sample::seconds_later(1), ..user.clone() },
        ];
        let distinct: HashSet<Vec<u8>> =
            others.iter().map(|user| Encoding::of(user).bytes().to_vec()).collect();
        assert_eq!(distinct.len(), others.len());
        assert_eq!(Encoding::of(&user), Encoding::of(&user.clone()));
    }

    #[test]
    fn entries_that_differ_anywhere_have_other_bytes() {
        let entry = sample::entry(1);
        let others = [
            entry.clone(),
            sample::entry(2),
            sample::full_entry(1),
            AuditEntry { at: sample::seconds_later(1), ..entry.clone() },
            AuditEntry { action: Action::Login.into(), ..entry.clone() },
            AuditEntry { outcome: Outcome::Refused.into(), ..entry.clone() },
            entry.clone().by(&sample::user(1)),
            entry.clone().about(&sample::user(1)),
            entry.clone().about(&sample::user(2)),
            entry.clone().in_session(sample::session_id(1)),
            AuditEntry { address: Some(IpAddr::from([192, 0, 2, 1])), ..entry.clone() },
            AuditEntry { request_id: Some("192.0.2.1".to_owned()), ..entry.clone() },
            entry.clone().noting("ab", "c"),
            entry.clone().noting("a", "bc"),
            entry.clone().noting("a", "b").noting("c", "d"),
        ];
        let distinct: HashSet<Vec<u8>> =
            others.iter().map(|entry| Encoding::of(entry).bytes().to_vec()).collect();
        assert_eq!(distinct.len(), others.len());
    }

    #[test]
    fn sessions_that_differ_anywhere_have_other_bytes() {
        let session = sample::session(&sample::user(1), 1, sample::NOW);
        let ended = |seconds, reason| {
            let mut session = session.clone();
            session.end(sample::seconds_later(seconds), reason);
            session
        };
        let others = [
            session.clone(),
            ended(1, EndReason::Logout),
            ended(2, EndReason::Logout),
            ended(1, EndReason::Reuse),
            Session { generation: 1, ..session.clone() },
            Session { previous_refresh_id: Some(session.refresh_id), ..session.clone() },
            Session { last_seen_at: sample::seconds_later(1), ..session.clone() },
            Session {
                device: Device { user_agent: Some("192.0.2.1".to_owned()), address: None },
                ..session.clone()
            },
            Session {
                device: Device { user_agent: None, address: Some(IpAddr::from([192, 0, 2, 1])) },
                ..session.clone()
            },
        ];
        let distinct: HashSet<Vec<u8>> =
            others.iter().map(|session| Encoding::of(session).bytes().to_vec()).collect();
        assert_eq!(distinct.len(), others.len());
    }
}
