//! What a document weighs.

use doorward_domain::user::{FavoriteList, KeptDocument, PlayedGames, User};
use doorward_testkit::sample;

fn of(user: User) -> usize {
    KeptDocument::from(user).weight()
}

/// The limits are what these people's documents were seen to take, written down once too, and a third more.
#[test]
fn a_document_weighs_what_it_takes_or_a_little_more() {
    for (user, taken) in
        [(sample::user(1), 1_155), (sample::kucing_cakep(), 3_830), (sample::sari_lengkap(), 4_800_000)]
    {
        let name = user.username.clone();
        let weight = of(user);
        assert!((taken..taken * 4 / 3).contains(&weight), "{name:?}: {weight}");
    }
}

#[test]
fn every_part_of_a_document_weighs_something() {
    let full = sample::kucing_cakep();
    let without = |remove: fn(&mut User)| {
        let mut user = full.clone();
        remove(&mut user);
        of(user)
    };
    for lighter in [
        without(|user| user.email = sample::email("a@b.example")),
        without(|user| user.profile = None),
        without(|user| user.user_types.streamer = None),
        without(|user| user.user_types.seller = None),
        without(|user| user.played_games = PlayedGames::default()),
        without(|user| user.favorites.facebook = FavoriteList::default()),
        without(|user| user.favorites.youtube = FavoriteList::default()),
    ] {
        assert!(lighter < of(full.clone()));
    }
}
