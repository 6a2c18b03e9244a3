//! What a handler asks for in its signature: the caller's permission, the pace, the body, the page.

mod body;
mod caller;
mod client_address;
mod device;
mod filter;
mod paced;
mod target;

pub(crate) use body::JsonBody;
pub(crate) use caller::{ACCESS_SCHEME, Authenticated, Identified, REFRESH_SCHEME, RefreshToken};
pub(crate) use client_address::TrustedProxies;
pub(crate) use device::RequestDevice;
pub(crate) use filter::FilterQuery;
pub(crate) use paced::{Paced, Refreshes, Registrations};
pub(crate) use target::{AnyUser, OwnOrAnyUser};
