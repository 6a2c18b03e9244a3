//! People who differ in whatever a list can ask for, and the lists that ask for it: whatever an adapter lets lead through
//! a list, the list has to be the same.

use doorward_domain::Timestamp;
use doorward_domain::port::{Direction, LoggedInSince, SortKey, UserFilter, UserQuery};
use doorward_domain::user::{Profile, Role, User, UserTypeName};

use super::{NOW, email, kucing_cakep, seconds_later, text, user};

/// Somebody of whom a third has each name, half a login, and every fourth an address that is no username.
pub fn somebody(number: u32) -> User {
    let at = |seconds: u32| seconds_later(i64::from(seconds));
    let name = ["Ada", "adam", "Budi"][number as usize % 3];
    let mut user = user(number);
    user.profile = Some(Profile { fullname: Some(text(name)), ..Profile::default() });
    user.created_at = at(number * 7 % 11);
    user.last_login = number.is_multiple_of(2).then(|| at(number * 5 % 13));
    if number.is_multiple_of(4) {
        user.email = email(&format!("Adele{number}@example.com"));
    }
    if number.is_multiple_of(5) {
        user.role = Role::Admin;
    }
    if number.is_multiple_of(7) {
        user.user_types = kucing_cakep().user_types;
    }
    user
}

/// Everybody whose name begins so.
pub fn named(prefix: &str) -> UserFilter {
    UserFilter { name_prefix: Some(prefix.to_owned()), ..Default::default() }
}

/// Everybody who logged in at this time (Unix milliseconds) or later, and has a live session.
pub fn since(millis: i64) -> UserFilter {
    let logged_in = LoggedInSince { since: Timestamp::from_millis(millis), now: NOW };
    UserFilter { logged_in: Some(logged_in), ..Default::default() }
}

/// The first two of a list.
pub fn two_of(filter: UserFilter, sort: SortKey, direction: Direction) -> UserQuery {
    UserQuery { filter, sort, direction, after: None, limit: 2 }
}

/// Lists that can be led by different things; among sixty of these people somebody passes each.
pub fn filters() -> Vec<UserFilter> {
    let logged_in = since(seconds_later(3).millis()).logged_in;
    let ever = since(0).logged_in;
    let reached = |prefix: &str| UserFilter { prefix_of_address: true, ..named(prefix) };
    vec![
        named("ADA"),
        named("adam"),
        named(""),
        reached("ad"),
        reached("person1"),
        reached(""),
        UserFilter { logged_in, ..Default::default() },
        UserFilter { logged_in: ever, ..Default::default() },
        UserFilter { logged_in, ..named("a") },
        UserFilter { logged_in: ever, role: Some(Role::Admin), ..reached("ad") },
        UserFilter { user_type: Some(UserTypeName::Seller), active: Some(true), ..reached("p") },
        UserFilter { created_after: Some(seconds_later(2)), ..named("a") },
        UserFilter { created_before: Some(seconds_later(8)), logged_in, ..Default::default() },
    ]
}
