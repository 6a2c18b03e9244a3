//! What a handler asks for in its signature: the caller's permission, the body, the page.

mod body;
mod caller;
mod device;
mod filter;
mod target;

pub(crate) use body::JsonBody;
pub(crate) use caller::{ACCESS_SCHEME, Authenticated, REFRESH_SCHEME, RefreshToken};
pub(crate) use device::RequestDevice;
pub(crate) use filter::FilterQuery;
pub(crate) use target::{AnyUser, OwnOrAnyUser};
