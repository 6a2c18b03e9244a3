//! Taking accounts in from a file: rows as they are read, in batches, with a line of results for each.
//!
//! A thread of its own reads and parses; what it has read goes into the store a batch at a time, while the next one is
//! being read. Results are written in the order of the rows, after their batch is in the store: so whatever cuts a run
//! off, the rows that have a result are a beginning of the file, and the next run goes on behind it.

mod batches;
mod error;
mod format;
mod results;
mod rows;
mod run;
mod source;

pub(crate) use batches::{Pace, Reading};
pub(crate) use error::IntakeError;
pub(crate) use format::Format;
pub(crate) use results::{Results, ResultsError, Resumption};
pub(crate) use run::{Follower, Intake, Totals};
pub(crate) use source::{FileId, Source};
