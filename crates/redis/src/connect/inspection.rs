//! How a server is set up, and what is wrong with that.

use super::report::Report;

/// What an inspection looks at.
pub(super) const SECTIONS: &[&str] = &["server", "replication", "memory", "persistence"];

/// The oldest version that has all that is used here, such as `EXPIREAT … GT`.
const OLDEST: (u32, u32) = (7, 0);

/// How the servers behind a connection are set up, as far as they tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Inspection {
    pub(crate) servers: Vec<Setup>,
}

/// How one server is set up. What it does not tell is `None`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setup {
    /// Where it is.
    pub(crate) place: String,
    /// Its version.
    pub(crate) version: Option<String>,
    /// Whether it is a replica.
    pub(crate) replica: Option<bool>,
    /// What it does when its memory is full: `maxmemory-policy`.
    pub(crate) policy: Option<String>,
    /// The most memory that it takes, in bytes; 0 is all there is.
    pub(crate) memory: Option<u64>,
    /// Whether what is written is on disk soon (`appendonly`).
    pub(crate) append_only: Option<bool>,
    /// Whether the last try to write to disk has worked.
    pub(crate) saves: Option<bool>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    /// Keys vanish.
    #[error(
        "{place} throws keys away when its memory is full (maxmemory-policy {policy}); it must be noeviction"
    )]
    Eviction {
        /// Where it is.
        place: String,
        /// What it does.
        policy: String,
    },
    /// Nothing can be written.
    #[error("{place} is a replica")]
    Replica {
        /// Where it is.
        place: String,
    },
    /// It lacks commands.
    #[error("{place} is version {version}; 7.0 is the oldest that will do")]
    Old {
        /// Where it is.
        place: String,
        /// What it is.
        version: String,
    },
    /// It writes nothing to disk as it comes. Only what operators have set by hand is lost by that.
    #[error("{place} forgets everything when it is restarted (appendonly no)")]
    Forgetful {
        /// Where it is.
        place: String,
    },
    /// Its disk is full or gone, and by default it refuses to write for that reason.
    #[error("{place} could not write to its disk")]
    Disk {
        /// Where it is.
        place: String,
    },
}

impl Inspection {
    pub(super) fn of(reports: &[(String, Report)]) -> Self {
        Self { servers: reports.iter().map(|(place, report)| Setup::of(place, report)).collect() }
    }

    /// Everything that is wrong, as far as one can see.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        self.servers.iter().flat_map(Setup::faults).collect()
    }

    /// What forbids to use it at all: for `revocations`, which must not be thrown away, or for documents, which may.
    pub(crate) fn unfit(&self, revocations: bool) -> Option<Fault> {
        self.faults().into_iter().find(|fault| match fault {
            Fault::Eviction { .. } => revocations,
            Fault::Old { .. } => true,
            Fault::Replica { .. } | Fault::Forgetful { .. } | Fault::Disk { .. } => false,
        })
    }
}

impl Setup {
    fn of(place: &str, report: &Report) -> Self {
        let text = |name| report.find(name).map(str::to_owned);
        let is = |name, value| report.find(name).map(|told| told == value);
        Self {
            place: place.to_owned(),
            version: text("redis_version"),
            replica: report.find("role").map(|role| role != "master"),
            policy: text("maxmemory_policy"),
            memory: report.find("maxmemory").and_then(|bytes| bytes.parse().ok()),
            append_only: is("aof_enabled", "1"),
            saves: [is("rdb_last_bgsave_status", "ok"), is("aof_last_write_status", "ok")]
                .into_iter()
                .flatten()
                .reduce(|one, other| one && other),
        }
    }

    fn faults(&self) -> Vec<Fault> {
        let place = || self.place.clone();
        let mut faults = Vec::new();
        if let Some(policy) = self.policy.clone().filter(|policy| policy != "noeviction") {
            faults.push(Fault::Eviction { place: place(), policy });
        }
        if self.replica == Some(true) {
            faults.push(Fault::Replica { place: place() });
        }
        if let Some(version) = self.version.clone().filter(|version| is_old(version)) {
            faults.push(Fault::Old { place: place(), version });
        }
        if self.append_only == Some(false) {
            faults.push(Fault::Forgetful { place: place() });
        }
        if self.saves == Some(false) {
            faults.push(Fault::Disk { place: place() });
        }
        faults
    }
}

/// A version that cannot be read is not held against anybody.
fn is_old(version: &str) -> bool {
    let mut numbers = version.split('.').map(str::parse::<u32>);
    match (numbers.next(), numbers.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) < OLDEST,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        let old = ["5.0.14", "6.0.20", "6.2.240"];
        let new = ["7.0.0", "7.0.15", "10.0.0", "unstable", "7"];
        assert!(old.into_iter().all(is_old) && !new.into_iter().any(is_old));
    }
}
