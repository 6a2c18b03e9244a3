//! Errors as CockroachDB and PostgreSQL word them. Adapters tell them apart by the beginning of the words, which is kept
//! to the letter.

/// An error that a client hears of in place of an answer.
#[derive(Debug, Clone)]
pub struct Fault {
    severity: &'static str,
    code: String,
    message: String,
    hint: Option<String>,
    constraint: Option<String>,
    closes: bool,
}

impl Fault {
    /// An error of a statement, with its SQLSTATE.
    pub fn error(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: "ERROR",
            code: code.into(),
            message: message.into(),
            hint: None,
            constraint: None,
            closes: false,
        }
    }

    /// An error that ends the connection.
    pub fn fatal(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity: "FATAL", closes: true, ..Self::error(code, message) }
    }

    /// The same, with advice.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The same, naming the constraint that was violated.
    pub fn constraint(self, constraint: impl Into<String>) -> Self {
        Self { constraint: Some(constraint.into()), ..self }
    }

    /// The same, and the server closes the connection after it.
    pub fn then_close(self) -> Self {
        Self { closes: true, ..self }
    }

    pub(super) fn closes(&self) -> bool {
        self.closes
    }

    /// The fields of the message, by their letters in the protocol.
    pub(super) fn fields(&self) -> impl Iterator<Item = (u8, &str)> {
        let always = [
            (b'S', self.severity),
            (b'V', self.severity),
            (b'C', self.code.as_str()),
            (b'M', self.message.as_str()),
        ];
        let hint = self.hint.as_deref().map(|hint| (b'H', hint));
        let constraint = self.constraint.as_deref().map(|constraint| (b'n', constraint));
        always.into_iter().chain(hint).chain(constraint)
    }
}

/// The transaction met a newer write and is to be done again (CockroachDB, at a statement).
pub fn retry_write_too_old() -> Fault {
    Fault::error(
        "40001",
        "restart transaction: TransactionRetryWithProtoRefreshError: WriteTooOldError: write for key \
         /Table/106/1/\"doorward\"/0 at timestamp 1764000000.000000001,0 too old; must write at or above \
         1764000000.000000002,0",
    )
}

/// The transaction could not be moved to its new time and is to be done again (CockroachDB, at COMMIT).
pub fn retry_serializable_at_commit() -> Fault {
    Fault::error(
        "40001",
        "restart transaction: TransactionRetryWithProtoRefreshError: TransactionRetryError: retry txn \
         (RETRY_SERIALIZABLE - failed preemptive refresh due to encountered recently written committed value \
         /Table/106/1/\"doorward\"/0 @1764000000.000000001,0)",
    )
    .hint("See: https://www.cockroachlabs.com/docs/v25.4/transaction-retry-error-reference.html#retry_serializable")
}

/// The transaction is part of a cycle and is to be done again (PostgreSQL).
pub fn retry_read_write_dependencies() -> Fault {
    Fault::error("40001", "could not serialize access due to read/write dependencies among transactions")
        .hint("The transaction might succeed if retried.")
}

/// Two transactions wait for each other, and this one gives way (PostgreSQL; CockroachDB says 40001).
pub fn deadlock() -> Fault {
    Fault::error("40P01", "deadlock detected").hint("See server log for query details.")
}

/// An earlier statement of the transaction failed, whether or not anybody has heard of it.
pub fn aborted_before() -> Fault {
    Fault::error("25P02", "current transaction is aborted, commands ignored until end of transaction block")
}

/// Nobody knows whether it was carried out (CockroachDB, at COMMIT).
pub fn ambiguous() -> Fault {
    Fault::error(
        "40003",
        "result is ambiguous: error=rpc error: code = Unavailable desc = error reading from server: EOF [exhausted]",
    )
}

/// Nobody knows whether it was carried out (CockroachDB, at a statement outside a transaction).
pub fn ambiguous_replica_removed() -> Fault {
    Fault::error("40003", "result is ambiguous: replica removed")
}

/// The node stops, and says so on a connection that is not used.
pub fn shutting_down() -> Fault {
    Fault::fatal("57P01", "server is shutting down")
}

/// The node stops in the middle of a transaction.
pub fn shutting_down_in_transaction() -> Fault {
    Fault::error("57P01", "server is shutting down").then_close()
}

/// The node is about to stop, and takes no new connections.
pub fn not_accepting_clients() -> Fault {
    Fault::fatal("57P01", "server is not accepting clients, try another node")
}

/// The statement took longer than `statement_timeout` (CockroachDB).
pub fn statement_timeout() -> Fault {
    Fault::error("57014", "query execution canceled due to statement timeout")
}

/// A lock was waited for longer than `lock_timeout`.
pub fn lock_timeout() -> Fault {
    Fault::error("55P03", "canceling statement due to lock timeout")
}

/// The table has changed since the statement was prepared.
pub fn cached_plan() -> Fault {
    Fault::error("0A000", "cached plan must not change result type")
}

/// Another row has the value. As older versions of CockroachDB say it: no detail, no table, only the constraint.
pub fn unique_violation(constraint: &str) -> Fault {
    Fault::error("23505", format!("duplicate key value violates unique constraint \"{constraint}\""))
        .constraint(constraint)
}

/// The statement needs more memory than there is for it (CockroachDB).
pub fn memory_budget() -> Fault {
    Fault::error(
        "53200",
        "root: memory budget exceeded: 10240 bytes requested, 134217728 currently allocated",
    )
}

/// The server has as many connections as it may.
pub fn too_many_clients() -> Fault {
    Fault::fatal("53300", "sorry, too many clients already")
}

/// A part of the data cannot be reached at the moment (CockroachDB).
pub fn range_unavailable() -> Fault {
    Fault::error("58C00", "replica unavailable: (n1,s1):1 unable to serve request to r106:/Table/106")
}

/// Something that must not happen did.
pub fn internal_error() -> Fault {
    Fault::error("XX000", "internal error: unexpected nil")
}

/// The rows of a migration are written, its change of the schema is not (CockroachDB, at COMMIT).
pub fn schema_change_aborted() -> Fault {
    Fault::error(
        "XXA00",
        "transaction committed but schema change aborted with error: (23505): duplicate key value violates unique \
         constraint",
    )
}

/// ROLLBACK or COMMIT where there is nothing to end, which is an error before CockroachDB 25.1.
pub fn no_transaction() -> Fault {
    Fault::error("25P01", "there is no transaction in progress")
}

/// A client without TLS came to a server that demands it (CockroachDB).
pub fn tls_required() -> Fault {
    Fault::fatal("08P01", "node is running secure mode, SSL connection required")
}
