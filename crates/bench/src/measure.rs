//! Criterion, as every bench here uses it: a step that fails ends the bench instead of being timed.

use criterion::Criterion;
use tokio::runtime::{Builder, Runtime};

use crate::Trouble;

/// Times what `steps` registers, as the command line asks for.
pub fn measure(steps: impl FnOnce(&mut Criterion) -> Result<(), Trouble>) -> Result<(), Trouble> {
    let mut criterion = Criterion::default().configure_from_args();
    steps(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// A runtime of one thread, as each worker has one.
pub fn runtime() -> Result<Runtime, Trouble> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

/// Fails unless the step did what is to be timed.
pub fn require(is_done: bool, step: &str) -> Result<(), Trouble> {
    if is_done { Ok(()) } else { Err(format!("{step}: this does not do what is to be timed").into()) }
}
