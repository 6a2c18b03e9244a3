//! Who a person is, as far as they say.

use super::Text;

/// The seed's `profile`; every part is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    /// The name to show.
    pub fullname: Option<Text<200>>,
    /// In the person's own words.
    pub gender: Option<Text<32>>,
    /// Where the person lives.
    pub city: Option<Text<100>>,
}
