//! The games a person plays.

use std::collections::HashSet;

use super::user_type::TooLong;
use super::{Text, TextError};

/// At most 200 titles, upper-case, once each, in the order first named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlayedGames(Vec<Text<100>>);

/// Why a list of titles is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlayedGamesError {
    /// More titles than the list holds.
    #[error(transparent)]
    TooMany(#[from] TooLong),
    /// The title at this position is refused.
    #[error("{error}")]
    Title {
        /// Counted from 0.
        position: usize,
        /// Why.
        error: TextError,
    },
}

impl PlayedGames {
    /// Most titles.
    pub const MAX: usize = 200;

    /// Takes titles in any letter case; a title named twice is kept once.
    pub fn parse<'a>(titles: impl IntoIterator<Item = &'a str>) -> Result<Self, PlayedGamesError> {
        let mut seen = HashSet::new();
        let mut games = Vec::new();
        for (position, title) in titles.into_iter().enumerate() {
            let title = Text::parse(&title.to_uppercase())
                .map_err(|error| PlayedGamesError::Title { position, error })?;
            if seen.insert(title.clone()) {
                games.push(title);
            }
            if games.len() > Self::MAX {
                return Err(TooLong(Self::MAX).into());
            }
        }
        Ok(Self(games))
    }

    /// The titles.
    pub fn titles(&self) -> &[Text<100>] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_upper_case_and_stand_once() {
        let games = PlayedGames::parse(["Mobile Legends", "chess", "MOBILE LEGENDS"]).unwrap();
        let titles: Vec<_> = games.titles().iter().map(Text::as_str).collect();
        assert_eq!(titles, ["MOBILE LEGENDS", "CHESS"]);
    }

    #[test]
    fn the_title_at_fault_is_named() {
        let error = PlayedGames::parse(["chess", ""]).unwrap_err();
        assert_eq!(error, PlayedGamesError::Title { position: 1, error: TextError::Empty });
    }

    #[test]
    fn the_list_is_bounded() {
        let titles: Vec<String> = (0..=PlayedGames::MAX).map(|number| format!("game {number}")).collect();
        let error = PlayedGames::parse(titles.iter().map(String::as_str)).unwrap_err();
        assert_eq!(error, PlayedGamesError::TooMany(TooLong(PlayedGames::MAX)));
    }
}
