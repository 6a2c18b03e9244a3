//! Where a request comes from.

use crate::token::Device;

/// Where a request comes from, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// What sent it.
    pub device: Device,
    /// What the log calls it.
    pub request_id: Option<String>,
}
