//! The one place that opens a transaction, and the one that tries again.
//!
//! A step is run from `BEGIN` to `COMMIT`, and from `BEGIN` once more when the database says that it could not be
//! fitted in beside the others, or when the connection went. Every step may run twice, so that one whose `COMMIT` went
//! unanswered is simply run again, and told so.

mod lent;
mod tries;

use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use doorward_domain::port::StoreError;
use doorward_sql::columns::Id;
use doorward_sql::steps::Try;
use doorward_sql::{Abort, Failure};
use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout_at};

use crate::error::Trouble;
use crate::operation::Operation;
use crate::store::CockroachStore;
use crate::writing::Writing;
use lent::Lent;
use metrics::{counter, histogram};
use tracing::Instrument as _;
use tries::{Failed, Tries};

/// `SERIALIZABLE` is the default of every session of ours as well; it is said once more where it matters.
const BEGIN: &str = "BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE";

impl CockroachStore {
    /// Carries a step out. Steps of this process `about` the same account or session wait for one another.
    pub(crate) async fn write<I, T, E, S>(
        &self,
        operation: Operation,
        about: impl Into<Id>,
        input: &I,
        step: S,
    ) -> Result<T, E>
    where
        I: Sync + ?Sized,
        E: From<StoreError>,
        S: for<'t> Fn(&'t mut Writing<'_>, &'t I, Try) -> BoxFuture<'t, Result<T, Abort<E>>>,
    {
        let work = async {
            let _turn = self.turns().take(about).await;
            let pass = self.gates().enter(operation).await;
            let mut tries = Tries::new(self, operation);
            loop {
                match self.transaction(input, &step, tries.kind()).await {
                    Ok(answer) => {
                        pass.went_through();
                        return Ok(answer);
                    }
                    Err(failed) => {
                        if failed.is_collision() {
                            pass.collided(tries.failed() + 1);
                        }
                        tries.after(failed).await?;
                    }
                }
            }
        };
        self.in_time(operation, work).await?
    }

    /// Reads with statements of their own, outside of any transaction.
    pub(crate) async fn read<I, T, Q>(
        &self,
        operation: Operation,
        input: &I,
        query: Q,
    ) -> Result<T, StoreError>
    where
        I: Sync + ?Sized,
        Q: for<'t> Fn(&'t mut AsyncPgConnection, &'t I) -> BoxFuture<'t, Result<T, Failure>>,
    {
        let work = async {
            let mut tries = Tries::new(self, operation);
            loop {
                match self.query(input, &query).await {
                    Ok(found) => return Ok(found),
                    Err(failed) => tries.after(failed).await?,
                }
            }
        };
        self.in_time(operation, work).await
    }

    async fn in_time<T>(
        &self,
        operation: Operation,
        work: impl Future<Output = Result<T, Trouble>>,
    ) -> Result<T, StoreError> {
        let (begun, name) = (Instant::now(), operation.as_str());
        let span = tracing::info_span!("database", db.operation.name = name, otel.kind = "client");
        let work = timeout_at(begun + self.settings().deadline, work).instrument(span);
        let outcome = work.await.unwrap_or(Err(Trouble::TooSlow));
        histogram!("doorward_database_operation_duration_seconds", "operation" => name)
            .record(begun.elapsed());
        Ok(outcome.inspect_err(|trouble| {
            if matches!(trouble, Trouble::Ambiguous(_)) {
                let error: &dyn std::error::Error = trouble;
                tracing::warn!(
                    operation = operation.as_str(),
                    error,
                    "nobody knows whether this was written"
                );
            }
            if !matches!(trouble, Trouble::Failure(_)) {
                self.counters().give_up(operation);
                counter!("doorward_database_operation_failures_total", "operation" => name).increment(1);
                tracing::debug!(
                    operation = operation.as_str(),
                    error = trouble as &dyn std::error::Error,
                    "given up"
                );
            }
        })?)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    async fn transaction<I, T, E, S>(&self, input: &I, step: &S, tries: Try) -> Result<Result<T, E>, Failed>
    where
        I: Sync + ?Sized,
        S: for<'t> Fn(&'t mut Writing<'_>, &'t I, Try) -> BoxFuture<'t, Result<T, Abort<E>>>,
    {
        let _place = self.busy_place().await?;
        let mut lent = Lent::new(self.pool().get().await?);
        AnsiTransactionManager::begin_transaction_sql(lent.connection()?, BEGIN).await?;
        let outcome = step(&mut Writing::new(lent.connection()?), input, tries).await;
        match outcome {
            Ok(answer) => match AnsiTransactionManager::commit_transaction(lent.connection()?).await {
                Ok(()) => {
                    lent.give_back();
                    Ok(Ok(answer))
                }
                Err(error) => {
                    let failed = Failed::at_commit(error);
                    // It has ended, whichever way: there is nothing to roll back.
                    if failed.leaves_connection() {
                        lent.give_back();
                    }
                    Err(failed)
                }
            },
            Err(Abort::Refused(answer)) => {
                lent.roll_back().await;
                Ok(Err(answer))
            }
            Err(Abort::Failed(failure)) => {
                let failed = Failed::from(failure);
                if failed.leaves_connection() {
                    lent.roll_back().await;
                }
                Err(failed)
            }
        }
    }

    async fn query<I, T, Q>(&self, input: &I, query: &Q) -> Result<T, Failed>
    where
        I: Sync + ?Sized,
        Q: for<'t> Fn(&'t mut AsyncPgConnection, &'t I) -> BoxFuture<'t, Result<T, Failure>>,
    {
        let mut lent = Lent::new(self.pool().get().await?);
        let outcome = query(lent.connection()?, input).await.map_err(Failed::from);
        if outcome.as_ref().err().is_none_or(Failed::leaves_connection) {
            lent.give_back();
        }
        outcome
    }
}
