//! What may stand behind the question mark.

use super::{RedisUrlError, split};

const USER: &str = "sentinel_username";
const PASSWORD: &str = "sentinel_password";

/// How sentinels are logged in to.
#[derive(Default)]
pub(super) struct Parameters {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
}

impl Parameters {
    /// From `name=value[&…]`; where there are no sentinels there are no parameters.
    pub(super) fn parse(query: &str, for_sentinels: bool) -> Result<Self, RedisUrlError> {
        let mut parameters = Self::default();
        for (position, pair) in (1..).zip(query.split('&').filter(|_| !query.is_empty())) {
            let (name, value) = pair.split_once('=').ok_or(RedisUrlError::Shape { position })?;
            let (name, place) = match name {
                USER if for_sentinels => (USER, &mut parameters.user),
                PASSWORD if for_sentinels => (PASSWORD, &mut parameters.password),
                _ => return Err(RedisUrlError::Unknown { position }),
            };
            if place.replace(split::decode(name, value)?).is_some() {
                return Err(RedisUrlError::Twice { name });
            }
        }
        parameters.user = parameters.user.filter(|user| !user.is_empty());
        Ok(parameters)
    }
}
