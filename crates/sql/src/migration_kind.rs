//! What a migration means to versions of this service that do not know it.
//!
//! An older version sees nothing of a newer one's migrations but what they are called in the database. So it stands
//! there: `0034expand`, `0035contract`.

/// What a migration means to versions that do not know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationKind {
    /// It only adds what others need not know of: older versions go on, and may start.
    Expand,
    /// It takes away what older versions use, or asks more of them: only once none of them runs.
    Contract,
    /// From before migrations said what they are. Older versions that run go on, and none may start.
    Unmarked,
}

impl MigrationKind {
    /// The kind of `0034expand_users_nickname`, or of its version alone. What is not understood is not trusted.
    pub fn of(migration: &str) -> Self {
        let version = migration.split_once('_').map_or(migration, |(version, _)| version);
        match version.trim_start_matches(|letter: char| letter.is_ascii_digit()) {
            "expand" => Self::Expand,
            "contract" => Self::Contract,
            _ => Self::Unmarked,
        }
    }

    /// What it is called, if it is anything.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Expand => Some("expand"),
            Self::Contract => Some("contract"),
            Self::Unmarked => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_stands_at_the_end_of_the_version() {
        for (migration, kind) in [
            ("0034expand", MigrationKind::Expand),
            ("0034expand_users_nickname", MigrationKind::Expand),
            ("0035contract_expand", MigrationKind::Contract),
            ("0001_users", MigrationKind::Unmarked),
            ("0036_expand", MigrationKind::Unmarked),
            ("0036expands", MigrationKind::Unmarked),
            ("0036reshape_users", MigrationKind::Unmarked),
            ("9999", MigrationKind::Unmarked),
            ("", MigrationKind::Unmarked),
        ] {
            assert_eq!(MigrationKind::of(migration), kind, "{migration}");
        }
    }
}
