//! How the value of a setting is written in a file, for those who describe one or write one.

/// What a value looks like, as far as that can be said without reading it: the rest stands in `Kind::allowed`.
///
/// Patterns are those that JSON Schema takes (ECMA-262).
#[derive(Clone, Debug)]
pub(crate) enum Form {
    /// `true` or `false`.
    Switch,
    /// One of these.
    Word(Vec<&'static str>),
    /// A whole number.
    Number {
        /// The smallest.
        least: usize,
        /// The largest.
        most: usize,
    },
    /// A number from 0 to 1.
    Fraction,
    /// A text of this pattern.
    Text(&'static str),
    /// A duration with its unit.
    Duration {
        /// Also 0.
        or_none: bool,
    },
    /// A number of bytes, with a unit or without.
    Size {
        /// The smallest.
        least: usize,
        /// The largest.
        most: usize,
    },
    /// A list of texts of this pattern, or one text with commas between them.
    List {
        /// Of one text, without `^` and `$`.
        pattern: &'static str,
        /// The word for none of them; where there is no such word it is empty.
        none: &'static str,
    },
}
