//! How much is too much.

use std::time::Duration;

use super::Rate;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What an operator allows. No rate is no limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Logins from one network, whether they succeed or not.
    pub login_network: Vec<Rate>,
    /// Wrong passwords for one account from one network, and four times as many where somebody has logged in from it
    /// lately; also wrong current passwords of somebody who is logged in.
    pub login_guess: Vec<Rate>,
    /// Wrong passwords for one account from all networks from which nobody has logged in to it lately.
    pub login_account: Vec<Rate>,
    /// Registrations from one network.
    pub registration: Vec<Rate>,
    /// Refreshes from one network.
    pub refresh: Vec<Rate>,
    /// Changes of one account by its owner.
    pub changes: Vec<Rate>,
}

impl Default for Limits {
    /// Of all wrong passwords for one account at most a hundred come from strangers in any day (NIST SP 800-63B-4 §3.2.2
    /// wants at most a hundred in a row): fifty at once, and fifty more that the day brings. No single network can spend
    /// what strangers have, because it has less for itself than the day brings.
    fn default() -> Self {
        let rates = |rates: &[(u32, Duration)]| {
            rates.iter().filter_map(|(burst, period)| Rate::new(*burst, *period)).collect()
        };
        Self {
            login_network: rates(&[(120, MINUTE)]),
            login_guess: rates(&[(10, MINUTE * 5), (20, DAY)]),
            login_account: rates(&[(30, MINUTE * 15), (50, DAY)]),
            registration: rates(&[(300, MINUTE * 60)]),
            refresh: rates(&[(6_000, MINUTE)]),
            // Each is an entry of the audit log, which is kept for a year.
            changes: rates(&[(600, MINUTE), (10_000, DAY)]),
        }
    }
}

impl Limits {
    /// No limit at all.
    pub const fn none() -> Self {
        Self {
            login_network: Vec::new(),
            login_guess: Vec::new(),
            login_account: Vec::new(),
            registration: Vec::new(),
            refresh: Vec::new(),
            changes: Vec::new(),
        }
    }
}
