//! What a server says of itself (`INFO`).

use deadpool_redis::redis::aio::ConnectionLike;
use deadpool_redis::redis::{RedisResult, pipe};

use super::ConnectError;

/// Some sections of it, as lines of `name:value`.
pub(super) struct Report(String);

/// The same, with where the server is, to say what is missing.
pub(super) struct Told<'a> {
    report: &'a Report,
    place: &'a str,
}

impl Report {
    /// Asks for these sections. One command for each: several in one are understood from 7.0 on only.
    pub(super) async fn ask(connection: &mut impl ConnectionLike, sections: &[&str]) -> RedisResult<Self> {
        let mut questions = pipe();
        for section in sections {
            questions.cmd("INFO").arg(*section);
        }
        let answers: Vec<String> = questions.query_async(connection).await?;
        Ok(Self(answers.join("\n")))
    }

    /// A value, if it is told.
    pub(super) fn find(&self, name: &str) -> Option<&str> {
        self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    }

    /// What the server at this place says.
    pub(super) fn of<'a>(&'a self, place: &'a str) -> Told<'a> {
        Told { report: self, place }
    }
}

impl<'a> Told<'a> {
    pub(super) fn get(&self, name: &'static str) -> Result<&'a str, ConnectError> {
        let missing = || ConnectError::Unclear { place: self.place.to_owned(), missing: name };
        self.report.find(name).filter(|value| !value.is_empty()).ok_or_else(missing)
    }

    pub(super) fn is_primary(&self) -> Result<bool, ConnectError> {
        Ok(self.get("role")? == "master")
    }
}
