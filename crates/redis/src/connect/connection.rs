//! A connection that may be used by many at once.

use deadpool_redis::redis::aio::{ConnectionLike, MultiplexedConnection};
use deadpool_redis::redis::{Cmd, Pipeline, RedisFuture, Value};

use super::cluster::Cluster;
use super::report::Report;
use super::{ConnectError, Inspection, Witness, inspection, witness};

/// A connection to one primary, or to all primaries of a cluster. Once lost it stays lost: it never leads to another
/// server than the one that was checked, nor to another life of it.
#[derive(Clone)]
pub(crate) enum Connection {
    Node { place: String, connection: MultiplexedConnection },
    Cluster(Cluster),
}

impl Connection {
    /// Which server this is, and which of its lives. An error where a server is no primary any more.
    pub(crate) async fn witness(&mut self) -> Result<Witness, ConnectError> {
        let database = match self {
            Self::Node { connection, .. } => Some(connection.get_db()),
            Self::Cluster(_) => None,
        };
        Witness::of(database, &self.reports(witness::SECTIONS).await?)
    }

    /// How the server is set up. It takes nothing but the right to `INFO`.
    pub(crate) async fn inspect(&mut self) -> Result<Inspection, ConnectError> {
        Ok(Inspection::of(&self.reports(inspection::SECTIONS).await?))
    }

    async fn reports(&mut self, sections: &[&str]) -> Result<Vec<(String, Report)>, ConnectError> {
        match self {
            Self::Node { place, connection } => {
                let report = Report::ask(connection, sections).await;
                let failed = |source| ConnectError::Server { place: place.clone(), source };
                Ok(vec![(place.clone(), report.map_err(failed)?)])
            }
            Self::Cluster(cluster) => cluster.reports(sections).await,
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Node { connection, .. } => connection.req_packed_command(command),
            Self::Cluster(cluster) => cluster.req_packed_command(command),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Node { connection, .. } => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(cluster) => cluster.req_packed_commands(pipeline, offset, count),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Node { connection, .. } => connection.get_db(),
            Self::Cluster(cluster) => cluster.get_db(),
        }
    }
}
