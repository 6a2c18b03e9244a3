//! The order of lists, and walking through them a page at a time.

use std::sync::Arc;

use doorward_domain::audit::Deed;
use doorward_domain::port::{Direction, Position, SortKey, UserFilter, UserQuery};
use doorward_domain::user::{KeptDocument, User, UserId};
use uuid::Uuid;

use crate::contract::Store;
use crate::sample;

const SORTS: [SortKey; 3] = [SortKey::CreatedAt, SortKey::Username, SortKey::LastLogin];
const DIRECTIONS: [Direction; 2] = [Direction::Ascending, Direction::Descending];

/// Somebody with one of few times, so that most are equal, and an identifier that follows no order.
fn passer_by(number: u32) -> User {
    let id = Uuid::from_fields(number.wrapping_mul(0x9e37_79b9), 7, 0x4000, &[0x80; 8]);
    // A comparison by bytes shows where letters, digits and marks do not come in the order of a dictionary.
    let name = ["Zed", "adam", "a-b", "a.b", "a_b", "B", "9", "~"][number as usize % 8];
    let address = sample::email(&format!("{name}{number}@Example.com"));
    User {
        id: UserId::new(id),
        username: address.clone(),
        email: address,
        created_at: sample::seconds_later(i64::from(number % 3)),
        last_login: [None, Some(0), Some(-5), None, Some(0)][number as usize % 5].map(sample::seconds_later),
        ..sample::user(number)
    }
}

async fn crowd(store: &dyn Store, numbers: std::ops::Range<u32>) -> Vec<User> {
    let crowd: Vec<User> = numbers.map(passer_by).collect();
    store.add_all(&crowd).await;
    crowd
}

/// What the list has to be, by the words of the port alone.
fn in_order(mut users: Vec<User>, sort: SortKey, direction: Direction) -> Vec<UserId> {
    users.sort_by(|one, other| {
        let by_value = match sort {
            SortKey::CreatedAt => one.created_at.cmp(&other.created_at),
            SortKey::Username => one.username.normal().as_bytes().cmp(other.username.normal().as_bytes()),
            SortKey::LastLogin => one.last_login.cmp(&other.last_login),
        };
        by_value.then(one.id.cmp(&other.id))
    });
    if direction == Direction::Descending {
        users.reverse();
    }
    users.iter().map(|user| user.id).collect()
}

fn first_page(sort: SortKey, direction: Direction, limit: usize) -> UserQuery {
    UserQuery { filter: UserFilter::default(), sort, direction, after: None, limit }
}

fn ids(users: &[Arc<KeptDocument>]) -> Vec<UserId> {
    users.iter().map(|user| user.id).collect()
}

/// Turns to the page after the one just read.
fn turn(query: &mut UserQuery, page: &[Arc<KeptDocument>]) {
    query.after = page.last().map(|last| Position::after(last, query.sort));
}

/// Notes whom the next page has and goes on behind it; false at the end.
async fn meet_page(store: &dyn Store, query: &mut UserQuery, met: &mut Vec<UserId>) -> bool {
    let page = store.list(query).await.unwrap();
    met.extend(ids(&page));
    assert!(met.len() < 1_000, "the walk goes in circles");
    turn(query, &page);
    !page.is_empty()
}

/// Every key, both ways; where keys are equal, identifiers decide, the same way round.
pub async fn a_list_is_in_order(store: Arc<dyn Store>) {
    let crowd = crowd(&*store, 0..40).await;
    for sort in SORTS {
        for direction in DIRECTIONS {
            let listed = store.list(&first_page(sort, direction, 100)).await.unwrap();
            assert_eq!(ids(&listed), in_order(crowd.clone(), sort, direction), "{sort:?} {direction:?}");
        }
    }
}

/// And exactly that many while there are more.
pub async fn a_page_has_at_most_its_limit(store: Arc<dyn Store>) {
    crowd(&*store, 0..5).await;
    for (limit, expected) in [(1, 1), (4, 4), (5, 5), (6, 5)] {
        let page = store.list(&first_page(SortKey::CreatedAt, Direction::Ascending, limit)).await.unwrap();
        assert_eq!(page.len(), expected);
    }
}

/// Whatever the size of a page: everybody once, in order, and nothing after the end.
pub async fn a_walk_meets_everybody_once(store: Arc<dyn Store>) {
    let crowd = crowd(&*store, 0..40).await;
    for sort in SORTS {
        for direction in DIRECTIONS {
            for limit in [1, 7, 20, 40] {
                let mut met = Vec::new();
                let mut query = first_page(sort, direction, limit);
                while meet_page(&*store, &mut query, &mut met).await {}
                let expected = in_order(crowd.clone(), sort, direction);
                assert_eq!(met, expected, "{sort:?} {direction:?}, {limit} a page");
            }
        }
    }
}

/// People who arrive meanwhile, before and behind the walker, push nobody out of the walk or into it twice.
pub async fn a_walk_misses_nobody_when_others_arrive(store: Arc<dyn Store>) {
    let mut number = 0;
    for sort in SORTS {
        for direction in DIRECTIONS {
            crowd(&*store, number..number + 12).await;
            number += 12;
            let before: Vec<User> = (0..number).map(passer_by).collect();
            let mut met = Vec::new();
            let mut query = first_page(sort, direction, 5);
            while meet_page(&*store, &mut query, &mut met).await {
                // A crowd that arrives for as long as one walks would never be walked through.
                if met.len() < 20 {
                    crowd(&*store, number..number + 3).await;
                    number += 3;
                }
            }
            let expected = in_order(before.clone(), sort, direction);
            let old: Vec<UserId> = met.iter().copied().filter(|id| expected.contains(id)).collect();
            assert_eq!(old, expected, "{sort:?} {direction:?}");
            let mut once = met.clone();
            once.sort_unstable();
            once.dedup();
            assert_eq!(once.len(), met.len(), "{sort:?} {direction:?}");
        }
    }
}

/// The walk goes on from where they were.
pub async fn a_walk_goes_on_when_the_last_one_met_is_removed(store: Arc<dyn Store>) {
    for sort in SORTS {
        for direction in DIRECTIONS {
            let crowd = crowd(&*store, 0..9).await;
            let expected = in_order(crowd.clone(), sort, direction);
            let gone = crowd.iter().filter(|user| user.id == expected[3]);
            let mut query = first_page(sort, direction, 4);
            let page = store.list(&query).await.unwrap();
            turn(&mut query, &page);
            store.delete_with_sessions(expected[3], &Deed::default()).await.unwrap();
            assert_eq!(ids(&store.list(&query).await.unwrap()), expected[4..8], "{sort:?} {direction:?}");
            store.add_all(gone).await;
        }
    }
}

/// Position and filter hold together.
pub async fn a_walk_keeps_to_its_filter(store: Arc<dyn Store>) {
    let crowd = crowd(&*store, 0..30).await;
    let filter = UserFilter { created_after: Some(sample::seconds_later(1)), ..UserFilter::default() };
    let passing: Vec<User> =
        crowd.into_iter().filter(|user| user.created_at >= sample::seconds_later(1)).collect();
    for sort in SORTS {
        for direction in DIRECTIONS {
            let mut query = UserQuery { filter: filter.clone(), ..first_page(sort, direction, 6) };
            let mut met = Vec::new();
            while meet_page(&*store, &mut query, &mut met).await {}
            assert_eq!(met, in_order(passing.clone(), sort, direction), "{sort:?} {direction:?}");
        }
    }
}
