//! Which index a list walks along.
//!
//! `SQLite` knows nothing about how rare a value is: left alone it may sort a million accounts to show twenty. So the
//! list decides: what only few accounts have is found by its own index and sorted; for everything else the order leads,
//! and whoever does not pass is skipped. Where `SQLite` must not use an index for a column, the column gets a unary `+`
//! (<https://sqlite.org/optoverview.html> §5).

use doorward_domain::port::{Direction, SortKey, UserQuery};

/// What leads through the accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Driver {
    /// The order, behind a role or state if one is asked for: a page is a range of an index, read until it is full.
    Order {
        /// The column that the list is ordered by.
        sort: SortKey,
        /// The end of the range that the page's position gives already.
        begun_from: Option<Direction>,
    },
    /// The names and addresses with a prefix. They are few, and sorted.
    Prefix,
    /// Who logged in lately. They are few, and sorted.
    LastLogin,
    /// What `SQLite` likes, where there is no order.
    Planner,
}

/// An end of a range of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Lower,
    Upper,
}

impl Driver {
    /// The order leads.
    pub(super) fn order(query: &UserQuery) -> Self {
        Self::Order { sort: query.sort, begun_from: query.after.as_ref().map(|_| query.direction) }
    }

    /// What else could lead, if only few accounts have it.
    pub(super) fn if_few(query: &UserQuery) -> Option<Self> {
        if query.filter.name_prefix.is_some() {
            Some(Self::Prefix)
        } else if query.filter.logged_in.is_some() && query.sort != SortKey::LastLogin {
            Some(Self::LastLogin)
        } else {
            None
        }
    }

    /// Whether the condition on names and addresses may use their indexes.
    pub(super) fn finds_prefix(self) -> bool {
        matches!(self, Self::Prefix | Self::Planner)
    }

    /// `+` for a role or state, unless an index for it leads.
    pub(super) fn mark_equality(self) -> &'static str {
        mark(matches!(self, Self::Order { .. } | Self::Planner))
    }

    /// `+` for an end of a range of `column`, unless its index leads and the position does not give that end: `SQLite`
    /// uses one condition an end, and the position is the one that makes a late page as quick as the first.
    pub(super) fn mark_range(self, column: SortKey, end: End) -> &'static str {
        mark(match self {
            Self::Order { sort, begun_from } => {
                sort == column
                    && match begun_from {
                        None => true,
                        Some(Direction::Ascending) => end == End::Upper,
                        Some(Direction::Descending) => end == End::Lower,
                    }
            }
            Self::LastLogin => column == SortKey::LastLogin,
            Self::Planner => true,
            Self::Prefix => false,
        })
    }

    /// `+` for the columns of the order, unless it leads.
    pub(super) fn mark_order(self) -> &'static str {
        mark(matches!(self, Self::Order { .. }))
    }
}

fn mark(leads: bool) -> &'static str {
    if leads { "" } else { "+" }
}
