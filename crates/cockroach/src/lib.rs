//! Accounts and sessions in `CockroachDB` or `PostgreSQL`.
