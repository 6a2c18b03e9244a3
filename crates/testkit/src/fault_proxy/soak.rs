//! Faults by chance, for running everything else through them.

use super::{Action, FaultProxy, Moment, Rule, RuleHandle, fault};

impl FaultProxy {
    /// From now on one in ten statements inside a transaction is to be done again, so is one in ten transactions at
    /// COMMIT, and one in ten is committed without the client hearing of it.
    ///
    /// `seed` chooses which. With several connections their order is not the same twice, and so the choice is not
    /// either. The handles are those of the three, in this order.
    pub fn soak(&self, seed: u64) -> [RuleHandle; 3] {
        let statement = Moment::statement().in_transaction();
        // Two seeds for COMMIT: with one, both would always come up together, and only the first would be followed.
        [
            Rule::new(statement, Action::fail(fault::retry_write_too_old())).by_chance(10, seed),
            Rule::new(Moment::commit(), Action::fail(fault::retry_serializable_at_commit()))
                .by_chance(10, seed.wrapping_add(1)),
            Rule::new(Moment::commit(), Action::cut().carried_out()).by_chance(10, seed.wrapping_add(2)),
        ]
        .map(|rule| self.add(rule))
    }
}
