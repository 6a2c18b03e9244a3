//! What a document weighs.

use std::mem::size_of;

use super::{Channel, Favorite, FavoriteList, KeptDocument, Profile, Text, UserDocument, UserTypes};

/// What an allocation takes beside what is asked for.
const ALLOCATION: usize = 16;

/// What keeping a copy takes beside the document: its place in the map and in the list of use, and the counts of its
/// `Arc`.
const PLACE: usize = 256;

/// What a document without anything to say takes when it is written down: the names of its fields above all.
const FRAME: usize = 400;

impl KeptDocument {
    /// About how many bytes keeping a copy of this document takes; rather more than less.
    pub fn weight(&self) -> usize {
        let UserDocument { username, email, profile, user_types, played_games, favorites, .. } = &**self;
        let UserTypes { streamer, seller } = user_types;
        let addresses = [username, email].map(|address| text(address.as_str()) + text(address.normal()));
        let channels = [streamer, seller].map(|channel| channel.as_ref().map_or(0, of_channel));
        let said = addresses.iter().sum::<usize>()
            + profile.as_ref().map_or(0, of_profile)
            + channels.iter().sum::<usize>()
            + texts(played_games.titles())
            + favorite_list(&favorites.facebook)
            + favorite_list(&favorites.youtube);
        PLACE + size_of::<Self>() + said + Self::MOST_WRITTEN.min(FRAME + said)
    }
}

fn of_profile(Profile { fullname, gender, city }: &Profile) -> usize {
    let parts = [
        fullname.as_ref().map(Text::as_str),
        gender.as_ref().map(Text::as_str),
        city.as_ref().map(Text::as_str),
    ];
    parts.into_iter().flatten().map(text).sum()
}

fn of_channel(Channel { streamer_id, history }: &Channel) -> usize {
    text(streamer_id.as_str()) + texts(history.streams())
}

fn favorite_list(list: &FavoriteList) -> usize {
    let favorite = |Favorite { id, name, url, favorited_at: _ }: &Favorite| {
        size_of::<Favorite>() + text(id.as_str()) + text(name.as_str()) + text(url.as_str())
    };
    ALLOCATION + list.entries().iter().map(favorite).sum::<usize>()
}

fn texts<const MAX: usize>(texts: &[Text<MAX>]) -> usize {
    ALLOCATION + texts.iter().map(|entry| size_of::<Text<MAX>>() + text(entry.as_str())).sum::<usize>()
}

/// What a text takes beyond the place where it is held. Texts that were put together piece by piece have some room
/// left at their end; written down, some signs take two.
fn text(text: &str) -> usize {
    let escaped = text.bytes().filter(|byte| matches!(byte, b'"' | b'\\')).count();
    ALLOCATION + text.len() + text.len() / 4 + escaped
}
