//! The statements on the audit log, which are the same for both stores to the letter.
//!
//! Each is written once and made for both: diesel tells nobody which traits a backend needs for a function of any
//! backend to be written.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;
use doorward_domain::Timestamp;
use doorward_domain::port::{AuditFilter, AuditPosition, AuditQuery, OldEntries};

use crate::columns::{Id, IdColumn, Time, TimeColumn};
use crate::rows::AuditRow;
use crate::schema::audit_log;

macro_rules! statements {
    ($(#[doc = $for:literal] $module:ident: $backend:ty;)+) => { $(
        #[doc = $for]
        pub mod $module {
            use super::*;

            /// The entries of a page, in order.
            pub type Page<'a> = diesel::helper_types::IntoBoxed<
                'a,
                diesel::helper_types::Select<
                    audit_log::table,
                    diesel::helper_types::AsSelect<AuditRow, $backend>,
                >,
                $backend,
            >;

            /// One range of one index, from its end. The comparison of both columns at once (a row value) enters it
            /// just there.
            pub fn page(query: &AuditQuery) -> Page<'_> {
                let AuditFilter { actor, target, action, outcome, request_id, since, until } = &query.filter;
                let mut page = audit_log::table
                    .select(AuditRow::as_select())
                    .order((audit_log::at.desc(), audit_log::id.desc()))
                    .limit(i64::try_from(query.limit).unwrap_or(i64::MAX))
                    .into_boxed();
                if let Some(AuditPosition { at, id }) = query.after {
                    let before = sql::<Bool>("(audit_log.at, audit_log.id) < (");
                    let before = before.bind::<TimeColumn, _>(Time::from(at)).sql(", ");
                    page = page.filter(before.bind::<IdColumn, _>(Id::from(id)).sql(")"));
                }
                if let Some(actor) = actor {
                    page = page.filter(audit_log::actor.eq(actor));
                }
                if let Some(target) = target {
                    page = page.filter(audit_log::target.eq(target));
                }
                if let Some(action) = action {
                    page = page.filter(audit_log::action.eq(action.as_str()));
                }
                if let Some(outcome) = outcome {
                    // The index of refusals is used only where the text of the statement asks for them.
                    page = page.filter(sql::<Bool>(&format!("audit_log.outcome = '{}'", outcome.as_str())));
                }
                if let Some(request_id) = request_id {
                    page = page.filter(audit_log::request_id.eq(request_id));
                }
                if let Some(since) = since {
                    page = page.filter(audit_log::at.ge(Time::from(*since)));
                }
                if let Some(until) = until {
                    page = page.filter(audit_log::at.lt(Time::from(*until)));
                }
                page
            }

            /// Where entries stand, in order.
            pub type Positions = audit_log::BoxedQuery<'static, $backend, (TimeColumn, IdColumn)>;

            /// The oldest of what is old. The range begins behind what was forgotten last: `CockroachDB` keeps what
            /// was deleted for hours, and has to walk over it.
            pub fn oldest(old: &OldEntries) -> Positions {
                let (at, id) = begin(old.beyond);
                let beyond = sql::<Bool>("(audit_log.at, audit_log.id) > (").bind::<TimeColumn, _>(at);
                audit_log::table
                    .filter(beyond.sql(", ").bind::<IdColumn, _>(id).sql(")"))
                    .filter(audit_log::at.lt(Time::from(old.before())))
                    .order((audit_log::at, audit_log::id))
                    .select((audit_log::at, audit_log::id))
                    .limit(i64::try_from(old.limit).unwrap_or(i64::MAX))
                    .into_boxed()
            }
        }
    )+ };
}

statements! {
    /// For `SQLite`.
    sqlite: diesel::sqlite::Sqlite;
    /// For `CockroachDB` and `PostgreSQL`.
    postgres: diesel::pg::Pg;
}

/// Where the range begins. Nothing is older than the first moment, and no entry has the identifier of nothing.
fn begin(beyond: Option<AuditPosition>) -> (Time, Id) {
    let first = (Timestamp::from_millis(i64::MIN).into(), Id::NIL);
    beyond.map_or(first, |AuditPosition { at, id }| (at.into(), id.into()))
}

/// What the statement of the oldest has found.
pub fn positions(found: Vec<(Time, Id)>) -> Vec<AuditPosition> {
    found.into_iter().map(|(at, id)| AuditPosition { at: at.into(), id: id.into() }).collect()
}
