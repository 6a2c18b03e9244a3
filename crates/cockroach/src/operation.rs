//! What the store does, by name, and how often it had to be tried again.

use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    FindUser,
    FindUserByAddress,
    InsertUser,
    InsertManyUsers,
    UpdateUser,
    ChangePassword,
    SetPassword,
    DeleteUser,
    ListUsers,
    CountUsers,
    OpenSession,
    FindSession,
    RotateSession,
    EndSessions,
    ListLiveSessions,
    ClearSessions,
    ListEndedSessions,
    RecordAudit,
    ListAudit,
    ForgetAudit,
    Keys,
    Epoch,
    Migrate,
    Transfer,
    Probe,
}

impl Operation {
    /// Every one, in the order of their numbers.
    pub(crate) const ALL: [Self; 25] = [
        Self::FindUser,
        Self::FindUserByAddress,
        Self::InsertUser,
        Self::InsertManyUsers,
        Self::UpdateUser,
        Self::ChangePassword,
        Self::SetPassword,
        Self::DeleteUser,
        Self::ListUsers,
        Self::CountUsers,
        Self::OpenSession,
        Self::FindSession,
        Self::RotateSession,
        Self::EndSessions,
        Self::ListLiveSessions,
        Self::ClearSessions,
        Self::ListEndedSessions,
        Self::RecordAudit,
        Self::ListAudit,
        Self::ForgetAudit,
        Self::Keys,
        Self::Epoch,
        Self::Migrate,
        Self::Transfer,
        Self::Probe,
    ];

    /// The name in logs and counters.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::FindUser => "find_user",
            Self::FindUserByAddress => "find_user_by_address",
            Self::InsertUser => "insert_user",
            Self::InsertManyUsers => "insert_many_users",
            Self::UpdateUser => "update_user",
            Self::ChangePassword => "change_password",
            Self::SetPassword => "set_password",
            Self::DeleteUser => "delete_user",
            Self::ListUsers => "list_users",
            Self::CountUsers => "count_users",
            Self::OpenSession => "open_session",
            Self::FindSession => "find_session",
            Self::RotateSession => "rotate_session",
            Self::EndSessions => "end_sessions",
            Self::ListLiveSessions => "list_live_sessions",
            Self::ClearSessions => "clear_sessions",
            Self::ListEndedSessions => "list_ended_sessions",
            Self::RecordAudit => "record_audit",
            Self::ListAudit => "list_audit",
            Self::ForgetAudit => "forget_audit",
            Self::Keys => "keys",
            Self::Epoch => "epoch",
            Self::Migrate => "migrate",
            Self::Transfer => "transfer",
            Self::Probe => "probe",
        }
    }
}

/// How often an operation was tried again, and how often that did not help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationCount {
    /// Its name.
    pub operation: &'static str,
    /// Tries after the first.
    pub retries: u64,
    /// Answers of [`StoreError`](doorward_domain::port::StoreError) after a failure that another try may mend.
    pub give_ups: u64,
}

/// One pair of counters an operation.
#[derive(Debug, Default)]
pub(crate) struct Counters([Counter; Operation::ALL.len()]);

#[derive(Debug, Default)]
struct Counter {
    retries: AtomicU64,
    give_ups: AtomicU64,
}

impl Counters {
    pub(crate) fn retry(&self, operation: Operation) {
        if let Some(counter) = self.0.get(operation as usize) {
            counter.retries.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn give_up(&self, operation: Operation) {
        if let Some(counter) = self.0.get(operation as usize) {
            counter.give_ups.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Every operation, since the store was opened.
    pub(crate) fn read(&self) -> Vec<OperationCount> {
        let counts = Operation::ALL.into_iter().zip(&self.0);
        counts
            .map(|(operation, counter)| OperationCount {
                operation: operation.as_str(),
                retries: counter.retries.load(Ordering::Relaxed),
                give_ups: counter.give_ups.load(Ordering::Relaxed),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operation_has_a_counter_of_its_own() {
        for (place, operation) in Operation::ALL.into_iter().enumerate() {
            assert_eq!(operation as usize, place, "{operation:?}");
        }
        let counters = Counters::default();
        counters.retry(Operation::RotateSession);
        counters.retry(Operation::RotateSession);
        counters.give_up(Operation::Probe);
        let moved: Vec<_> =
            counters.read().into_iter().filter(|count| count.retries + count.give_ups > 0).collect();
        assert_eq!(
            moved,
            [
                OperationCount { operation: "rotate_session", retries: 2, give_ups: 0 },
                OperationCount { operation: "probe", retries: 0, give_ups: 1 },
            ]
        );
    }
}
