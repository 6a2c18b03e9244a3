//! Whoever follows a transfer, and may end it.

use super::Kind;

/// What a transfer is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// To what end it looks at rows.
    pub(crate) pass: Pass,
    /// At which rows.
    pub(crate) kind: Kind,
}

/// To what end a transfer looks at rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    /// To remove from the target what the source does not have like that.
    Remove,
    /// To add to the target what it lacks.
    Add,
    /// To compare what both have.
    Verify,
}

/// Follows a transfer.
pub(crate) trait Observer {
    /// So many rows were looked at since the step began, which is told with none, and `part` of all identifiers, from 0
    /// to 1, lies behind. Identifiers are random, so this is very nearly the part of the rows.
    fn advanced(&self, step: Step, rows: u64, part: f64);

    /// Whether to stop; asked between two batches.
    fn wants_to_stop(&self) -> bool;
}
