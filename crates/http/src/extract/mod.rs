//! What a handler asks for in its signature: the caller's permission, the pace, the body, the page.

mod body;
mod caller;
mod client_address;
mod filter;
mod origin;
mod paced;
mod session;
mod target;

pub(crate) use body::JsonBody;
pub(crate) use caller::{
    ACCESS_SCHEME, Admin, Authenticated, Guest, Identified, REFRESH_SCHEME, RefreshToken,
};
pub(crate) use client_address::{TrustedProxies, client_of, is_trusted};
pub(crate) use filter::QueryOf;
pub(crate) use origin::RequestOrigin;
pub(crate) use paced::{Paced, Refreshes, Registrations};
pub(crate) use session::NamedSession;
pub(crate) use target::{AnyUser, OwnOrAnyUser};
