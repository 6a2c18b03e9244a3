//! When something happens to a conversation.

use super::message::Status;

/// What a client is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    Connecting,
    Preparing,
    Beginning,
    Committing,
    RollingBack,
    /// Any other statement.
    Stating,
}

impl Deed {
    /// What a statement does, told by its first words.
    pub(super) fn of_statement(text: &str) -> Self {
        let mut words =
            text.split(|letter: char| !letter.is_ascii_alphabetic()).filter(|word| !word.is_empty());
        let first = words.next().unwrap_or_default().to_ascii_uppercase();
        let to_savepoint = words.any(|word| word.eq_ignore_ascii_case("to"));
        match first.as_str() {
            "BEGIN" | "START" => Self::Beginning,
            "COMMIT" | "END" => Self::Committing,
            "ROLLBACK" | "ABORT" if !to_savepoint => Self::RollingBack,
            _ => Self::Stating,
        }
    }
}

/// Something that happens now, and how the conversation stands.
pub(super) struct Occasion<'a> {
    pub(super) deed: Deed,
    pub(super) text: &'a str,
    pub(super) status: Status,
    /// The number of the statement in its transaction, from one.
    pub(super) place: usize,
}

/// When a rule applies.
///
/// In a transaction that has failed already, nothing is at [`commit`](Self::commit) and nothing
/// [`in_transaction`](Self::in_transaction): what could happen there happened.
#[derive(Debug, Clone)]
pub struct Moment {
    /// `None` for any statement.
    deed: Option<Deed>,
    containing: Option<String>,
    in_transaction: bool,
    place: Option<usize>,
}

impl Moment {
    /// A client connects: it has said who it is and hears nothing yet.
    pub fn connection() -> Self {
        Self::of(Some(Deed::Connecting))
    }

    /// A statement is to be carried out, whichever, BEGIN and COMMIT too; `containing` and others narrow it.
    pub fn statement() -> Self {
        Self::of(None)
    }

    /// A statement is to be prepared for later; its being carried out is a moment of its own.
    pub fn preparation() -> Self {
        Self::of(Some(Deed::Preparing))
    }

    /// A transaction begins.
    pub fn begin() -> Self {
        Self::of(Some(Deed::Beginning))
    }

    /// A transaction that can be committed is to be. Its answer is reached by actions that happen
    /// [after](super::Action::carried_out).
    pub fn commit() -> Self {
        Self::of(Some(Deed::Committing))
    }

    /// A ROLLBACK of everything, whether or not there is a transaction.
    pub fn rollback() -> Self {
        Self::of(Some(Deed::RollingBack))
    }

    /// Only where the statement has this text in it, letter for letter as the client wrote it.
    pub fn containing(self, text: impl Into<String>) -> Self {
        Self { containing: Some(text.into()), ..self }
    }

    /// Only between BEGIN and the end of the transaction.
    pub fn in_transaction(self) -> Self {
        Self { in_transaction: true, ..self }
    }

    /// Only the statement of this number in its transaction; the first after BEGIN is number one.
    pub fn nth(self, place: usize) -> Self {
        Self { in_transaction: true, place: Some(place), ..self }
    }

    fn of(deed: Option<Deed>) -> Self {
        Self { deed, containing: None, in_transaction: false, place: None }
    }

    pub(super) fn is(&self, occasion: &Occasion<'_>) -> bool {
        let in_transaction = occasion.status == Status::InTransaction;
        let deed = match self.deed {
            None => !matches!(occasion.deed, Deed::Connecting | Deed::Preparing),
            Some(Deed::Committing) => occasion.deed == Deed::Committing && in_transaction,
            Some(deed) => occasion.deed == deed,
        };
        deed && (!self.in_transaction
            || (in_transaction && matches!(occasion.deed, Deed::Stating | Deed::Preparing)))
            && self.place.is_none_or(|place| place == occasion.place && occasion.deed == Deed::Stating)
            && self.containing.as_ref().is_none_or(|text| occasion.text.contains(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_statement_does_is_told_by_its_first_words() {
        for (text, deed) in [
            ("BEGIN", Deed::Beginning),
            ("begin transaction isolation level serializable", Deed::Beginning),
            ("START TRANSACTION", Deed::Beginning),
            (" COMMIT;", Deed::Committing),
            ("END", Deed::Committing),
            ("ROLLBACK", Deed::RollingBack),
            ("ABORT", Deed::RollingBack),
            ("ROLLBACK TO SAVEPOINT diesel_savepoint_1", Deed::Stating),
            ("SAVEPOINT diesel_savepoint_1", Deed::Stating),
            ("SELECT 'COMMIT'", Deed::Stating),
            ("", Deed::Stating),
        ] {
            assert_eq!(Deed::of_statement(text), deed, "{text:?}");
        }
    }
}
