//! A prefix as a range of texts: an index finds it, and no character in it is a wildcard.

/// More than any text in a column that is searched: those have 254 characters at most.
const ABOVE_ALL: usize = 255;

/// The texts that begin with a prefix are those from `from` up to, but not including, `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// The least of them.
    pub from: String,
    /// The least text above all of them.
    pub to: String,
}

impl Prefix {
    /// Folds ASCII as the searched columns do. Texts are compared by the bytes of UTF-8, which is
    /// the order of code points.
    pub fn new(prefix: &str) -> Self {
        let from = prefix.to_ascii_lowercase();
        let to = successor(&from).unwrap_or_else(|| char::MAX.to_string().repeat(ABOVE_ALL));
        Self { from, to }
    }
}

/// The least text above every text that begins with `prefix`.
fn successor(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        // The range leaves out the surrogates, which no text has.
        if let Some(next) = (last..=char::MAX).nth(1) {
            text.push(next);
            return Some(text);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_range_that_ends_where_another_begins() {
        for (prefix, from, to) in [
            ("Ada", "ada", "adb"),
            ("a%_\\", "a%_\\", "a%_]"),
            ("é", "é", "ê"),
            ("a\u{d7ff}", "a\u{d7ff}", "a\u{e000}"),
            ("a\u{10ffff}", "a\u{10ffff}", "b"),
        ] {
            assert_eq!(Prefix::new(prefix), Prefix { from: from.to_owned(), to: to.to_owned() });
        }
    }

    #[test]
    fn nothing_and_the_last_character_have_no_end() {
        for prefix in ["", "\u{10ffff}"] {
            let range = Prefix::new(prefix);
            assert!(range.to > "\u{10ffff}".repeat(254), "{prefix:?}");
        }
    }
}
