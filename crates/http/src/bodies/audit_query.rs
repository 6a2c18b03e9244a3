//! Which page of the audit log.

use std::str::FromStr;

use doorward_domain::audit::{Action, AuditRequest, Outcome};
use doorward_domain::port::AuditFilter;
use serde_json::{Value, json};

use super::{Body, LARGEST_PAGE};
use crate::read::{Fields, email, number, one_of, timestamp, written};

const DEFAULT_LIMIT: i64 = 50;

/// A page that was asked for; the cursor is not opened yet.
pub(crate) struct AuditQuery {
    pub(crate) request: AuditRequest,
    pub(crate) cursor: Option<String>,
}

struct Named<T>(T);

impl FromStr for Named<Action> {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Action::named(text).map(Self).ok_or("must be an action of the audit log")
    }
}

impl FromStr for Named<Outcome> {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Outcome::named(text).map(Self).ok_or("must be done or refused")
    }
}

fn actions() -> Vec<String> {
    Action::ALL.into_iter().map(|action| action.as_str().to_owned()).collect()
}

fn outcomes() -> Vec<String> {
    Outcome::ALL.into_iter().map(|outcome| outcome.as_str().to_owned()).collect()
}

impl Body for AuditQuery {
    const NAME: &'static str = "AuditQuery";
    const MAY_BE_ABSENT: bool = true;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let limit = number(1, LARGEST_PAGE.into())
            .described("Most entries on the page; 50 unless given.", DEFAULT_LIMIT);
        let limit = fields.take_if_given("limit", &limit).unwrap_or(DEFAULT_LIMIT);
        let cursor = written(1_024)
            .described("`page.next` of the page before, with the same filter.", "opaque-cursor");
        let cursor = fields.take_if_given("cursor", &cursor);
        let actor = email().described("The username of whoever did it.", "root@example.com");
        let target = email().described("The username of whoever it was done to.", "ada@example.com");
        let action = one_of(actions).described("What was done.", "user.delete");
        let outcome = one_of(outcomes).described("What came of it.", "done");
        let request_id = written(64)
            .described("In the request of this `X-Request-Id`.", "0b9f6f5e-5f0c-4a53-9d8e-3f1d2f4c7a10");
        let since = timestamp().described("At this time or later.", "2026-01-01T00:00:00Z");
        let until = timestamp().described("Before this time.", "2027-01-01T00:00:00Z");
        let filter = AuditFilter {
            actor: fields.take_if_given("actor", &actor).map(|name| name.normal().to_owned()),
            target: fields.take_if_given("target", &target).map(|name| name.normal().to_owned()),
            action: fields.take_if_given("action", &action).map(|Named(action)| action),
            outcome: fields.take_if_given("outcome", &outcome).map(|Named(outcome)| outcome),
            request_id: fields.take_if_given("request_id", &request_id),
            since: fields.take_if_given("since", &since),
            until: fields.take_if_given("until", &until),
        };
        let limit = usize::try_from(limit).ok()?;
        Some(Self { request: AuditRequest { filter, after: None, limit }, cursor })
    }

    fn example() -> Value {
        json!({ "limit": 20, "action": "user.delete" })
    }
}
