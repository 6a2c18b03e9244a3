//! Why a statement or a step comes to nothing.

use std::error::Error as StdError;

use diesel::result::Error;
use doorward_domain::port::StoreError;

/// A statement failed, or a row does not make sense.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database or diesel refused.
    #[error("a statement failed")]
    Statement(#[from] Error),
    /// A row came that this service never wrote.
    #[error(transparent)]
    Row(#[from] BadColumn),
}

/// A column holds what no constructor of the domain lets through.
#[derive(Debug, thiserror::Error)]
#[error("column {column} cannot be read")]
pub struct BadColumn {
    /// `table.column`.
    pub column: &'static str,
    /// Why.
    pub source: Box<dyn StdError + Send + Sync>,
}

impl BadColumn {
    /// Names the column that a value could not be read from, or written to.
    pub(crate) fn name<T, E: Into<Box<dyn StdError + Send + Sync>>>(
        column: &'static str,
        value: Result<T, E>,
    ) -> Result<T, Self> {
        value.map_err(|error| Self { column, source: error.into() })
    }
}

/// The answer to whoever takes in, or removes, where no transfer is under way.
pub fn no_transfer() -> StoreError {
    StoreError::Broken("no transfer has begun, or another process has finished it".into())
}

/// Why a step is rolled back: the answer is `E`, or nothing could be answered.
#[derive(Debug)]
pub enum Abort<E> {
    /// A promise of the port refuses it.
    Refused(E),
    /// It failed.
    Failed(Failure),
}

impl<E> From<Failure> for Abort<E> {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl<E> From<Error> for Abort<E> {
    fn from(error: Error) -> Self {
        Self::Failed(error.into())
    }
}

impl<E> From<BadColumn> for Abort<E> {
    fn from(error: BadColumn) -> Self {
        Self::Failed(error.into())
    }
}
