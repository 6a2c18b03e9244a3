//! What clients asked for, in the order in which the proxy saw it.

use super::moment::Deed;

/// A statement that a client wanted carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The number of the client's connection, from one.
    pub connection: u64,
    /// The statement, also where it was prepared before and only named now.
    pub text: String,
    /// Whether a rule was followed there. If so, the server may not have heard of the statement.
    pub met_a_rule: bool,
}

/// Statements in their order. Preparations are none.
#[derive(Debug, Clone, Default)]
pub struct Log(Vec<Statement>);

impl Log {
    /// Every statement.
    pub fn statements(&self) -> &[Statement] {
        &self.0
    }

    /// The text of every statement.
    pub fn texts(&self) -> Vec<&str> {
        self.0.iter().map(|statement| statement.text.as_str()).collect()
    }

    /// The statements of one connection.
    pub fn of_connection(&self, connection: u64) -> Log {
        Log(self.0.iter().filter(|statement| statement.connection == connection).cloned().collect())
    }

    /// How many transactions were begun.
    pub fn begins(&self) -> usize {
        self.count(Deed::Beginning)
    }

    /// How many were to be committed.
    pub fn commits(&self) -> usize {
        self.count(Deed::Committing)
    }

    /// How many were to be rolled back, to a savepoint not counted.
    pub fn rollbacks(&self) -> usize {
        self.count(Deed::RollingBack)
    }

    /// How many statements have this text in them.
    pub fn containing(&self, text: &str) -> usize {
        self.0.iter().filter(|statement| statement.text.contains(text)).count()
    }

    pub(super) fn add(&mut self, statement: Statement) {
        self.0.push(statement);
    }

    fn count(&self, deed: Deed) -> usize {
        self.0.iter().filter(|statement| Deed::of_statement(&statement.text) == deed).count()
    }
}
