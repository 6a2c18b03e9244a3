//! What a database for a test is like.

/// How the database for a test is made.
#[derive(Debug, Clone)]
pub struct DatabaseOptions {
    pub(super) schema: String,
    pub(super) isolation: Isolation,
}

impl DatabaseOptions {
    /// A serializable database with the schema that `key` stands for.
    ///
    /// Databases of one key are copies of one that was filled once, so the key MUST be another one when `fill` does
    /// something else: a hash of every migration, say. Up to 32 lower-case letters, digits and underscores.
    pub fn of_schema(key: impl Into<String>) -> Self {
        let schema = key.into();
        let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        assert!(
            (1..=32).contains(&schema.len()) && schema.bytes().all(is_plain),
            "{schema:?} cannot be part of a database's name"
        );
        Self { schema, isolation: Isolation::Serializable }
    }

    /// The same with transactions that are `isolation` unless they ask for something else.
    pub fn isolation(self, isolation: Isolation) -> Self {
        Self { isolation, ..self }
    }
}

/// The isolation that transactions have in a database when they do not ask for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// As if one followed the other; CockroachDB's default.
    Serializable,
    /// PostgreSQL's default, with which a service must not be content by accident.
    ReadCommitted,
}

impl Isolation {
    pub(super) fn sql(self) -> &'static str {
        match self {
            Self::Serializable => "serializable",
            Self::ReadCommitted => "read committed",
        }
    }
}
