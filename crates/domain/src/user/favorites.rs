//! Streamers that a person follows elsewhere.

use std::collections::HashSet;

use url::Url;

use super::Text;
use super::user_type::TooLong;
use crate::Timestamp;

/// The seed's `favorites`, a list a platform.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Favorites {
    /// Streamers on Facebook.
    pub facebook: FavoriteList,
    /// Streamers on `YouTube`.
    pub youtube: FavoriteList,
}

/// One streamer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Favorite {
    /// The platform's identifier.
    pub id: Text<100>,
    /// The name to show.
    pub name: Text<200>,
    /// Where the streamer is found.
    pub url: Link,
    /// When the person added it.
    pub favorited_at: Timestamp,
}

/// At most 500 streamers, each `id` once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FavoriteList(Vec<Favorite>);

/// Why a list of favourites is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FavoriteListError {
    /// More entries than the list holds.
    #[error(transparent)]
    TooMany(#[from] TooLong),
    /// The entry at this position has the `id` of an earlier one.
    #[error("has the id of an earlier entry")]
    Twice {
        /// Counted from 0.
        position: usize,
    },
}

impl FavoriteList {
    /// Most entries.
    pub const MAX: usize = 500;

    /// Takes favourites in the order given.
    pub fn new(favorites: Vec<Favorite>) -> Result<Self, FavoriteListError> {
        if favorites.len() > Self::MAX {
            return Err(TooLong(Self::MAX).into());
        }
        let mut seen = HashSet::new();
        match favorites.iter().position(|favorite| !seen.insert(&favorite.id)) {
            Some(position) => Err(FavoriteListError::Twice { position }),
            None => Ok(Self(favorites)),
        }
    }

    /// The favourites.
    pub fn entries(&self) -> &[Favorite] {
        &self.0
    }
}

/// A web address: `http` or `https`, at most 2 048 bytes, kept as written.
///
/// Other schemes are refused because a client is going to make a link of it (`javascript:` runs).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link(String);

/// Why a text is no web address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an http or https address of at most 2048 characters")]
pub struct LinkError;

impl Link {
    /// Reads a web address.
    pub fn parse(text: &str) -> Result<Self, LinkError> {
        if text.len() > 2_048
            || text.chars().any(|character| super::text::is_control(character) || character == ' ')
        {
            return Err(LinkError);
        }
        let url = Url::parse(text).map_err(|_| LinkError)?;
        if matches!(url.scheme(), "http" | "https") && url.host_str().is_some() {
            Ok(Self(text.to_owned()))
        } else {
            Err(LinkError)
        }
    }

    /// The address as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn favorite(id: &str) -> Favorite {
        Favorite {
            id: Text::parse(id).unwrap(),
            name: Text::parse("Somebody").unwrap(),
            url: Link::parse("https://video.example/somebody").unwrap(),
            favorited_at: Timestamp::default(),
        }
    }

    #[test]
    fn a_streamer_stands_once() {
        let error = FavoriteList::new(vec![favorite("a"), favorite("b"), favorite("a")]).unwrap_err();
        assert_eq!(error, FavoriteListError::Twice { position: 2 });
    }

    #[test]
    fn only_web_addresses_are_links() {
        assert_eq!(
            Link::parse("https://video.example/a?b#c").unwrap().as_str(),
            "https://video.example/a?b#c"
        );
        for text in [
            "javascript:alert(1)",
            "ftp://a.example",
            "/relative",
            "https://",
            "",
            "https://a b",
            "https://a\n",
        ] {
            assert_eq!(Link::parse(text), Err(LinkError), "{text:?}");
        }
    }
}
