//! What holds of a record, whatever stands in Redis. The tests try it on the inputs that are kept in
//! `crates/fuzz/corpus`, libFuzzer on those that it makes up.

use doorward_domain::port::Stamp;
use doorward_domain::user::UserDocument;
use uuid::Uuid;

use super::record::Record;

/// The stamp of the records in the corpus.
const STAMP: Stamp = Stamp::new(Uuid::from_u128(7));

/// Reads a record.
pub(crate) fn hold(bytes: &[u8]) {
    let Some(document) = Record::read(bytes, STAMP) else { return };
    assert_eq!(Record::read(bytes, Stamp::new(Uuid::from_u128(8))), None, "any stamp will do");

    let written = Record::write(&document, STAMP).unwrap_or_default();
    let again = Record::read(written.as_bytes(), STAMP);
    assert_eq!(again.as_ref().map(addresses), Some(addresses(&document)));
    assert_eq!(again.as_ref().and_then(|again| Record::write(again, STAMP)), Some(written));
    assert_eq!(again, Some(document));
}

/// Two addresses are equal however they are spelled.
fn addresses(document: &UserDocument) -> [&str; 2] {
    [document.username.as_str(), document.email.as_str()]
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_record_in_the_corpus_is_written_as_it_was_read() {
        doorward_testkit::corpus::each_input_of("redis_record", super::hold);
    }
}
