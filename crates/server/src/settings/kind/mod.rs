//! What the value of a setting may look like: each kind reads a text and completes the sentence "must be …".

mod amount;
mod database;
mod form;
mod masked;
mod networks;
mod place;
mod rates;
mod redis;
mod telemetry;
mod word;

pub(super) use amount::{BcryptCost, Between, Bytes, Count, KIB, MIB, NoneOr};
pub(super) use database::DatabaseUrl;
pub(crate) use form::Form;
pub(crate) use masked::REDACTED;
pub(super) use networks::Networks;
pub(super) use place::{Address, FilePath, Origins};
pub(super) use rates::Rates;
pub(super) use redis::Redis;
pub(crate) use telemetry::HeaderList;
pub(super) use telemetry::{Collector, Headers, Part};
pub(super) use word::{MailAddress, Name, OneOf, Switch};

/// A kind of value.
pub(super) trait Kind {
    /// What it is read into.
    type Value;

    /// Completes "must be …".
    fn allowed(&self) -> String;

    /// How it is written in a file.
    fn form(&self) -> Form;

    /// Reads a text; `None` where it is not allowed.
    fn read(&self, text: &str) -> Option<Self::Value>;

    /// Reads a list, as only a file can hold one.
    fn read_list(&self, _items: &[String]) -> Option<Self::Value> {
        None
    }

    /// Why a text that is not allowed is not, where that says more than [`Self::allowed`]. It repeats nothing of it.
    /// A list comes as one text with commas.
    fn reason(&self, _text: &str) -> Option<String> {
        None
    }

    /// The value of a setting that nobody gave and that has no default of its own.
    fn absent(&self) -> Option<Self::Value> {
        None
    }

    /// False where a wrong value might hold a secret, which no message may repeat.
    fn may_be_shown(&self) -> bool {
        true
    }

    /// A text that is allowed, without the secrets in it.
    fn masked(&self, text: &str) -> String {
        if self.may_be_shown() { text.to_owned() } else { REDACTED.to_owned() }
    }
}

/// A setting that may be left out.
pub(super) struct Maybe<K>(pub(super) K);

impl<K: Kind> Kind for Maybe<K> {
    type Value = Option<K::Value>;

    fn allowed(&self) -> String {
        self.0.allowed()
    }

    fn form(&self) -> Form {
        self.0.form()
    }

    fn read(&self, text: &str) -> Option<Self::Value> {
        self.0.read(text).map(Some)
    }

    fn read_list(&self, items: &[String]) -> Option<Self::Value> {
        self.0.read_list(items).map(Some)
    }

    fn reason(&self, text: &str) -> Option<String> {
        self.0.reason(text)
    }

    fn absent(&self) -> Option<Self::Value> {
        Some(None)
    }

    fn may_be_shown(&self) -> bool {
        self.0.may_be_shown()
    }

    fn masked(&self, text: &str) -> String {
        self.0.masked(text)
    }
}

/// Those of the texts that a kind takes.
#[cfg(test)]
fn taken<K: Kind>(kind: &K, texts: &[&str]) -> Vec<String> {
    texts.iter().filter(|text| kind.read(text).is_some()).map(|text| (*text).to_owned()).collect()
}
