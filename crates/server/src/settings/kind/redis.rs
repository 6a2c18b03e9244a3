//! Where Redis is.

use doorward_redis::{RedisUrl, RedisUrlError};

use super::masked::{self, Alone};
use super::{Form, Kind};

/// A Redis, as a URL.
pub(in crate::settings) struct Redis;

impl Kind for Redis {
    type Value = RedisUrl;

    fn allowed(&self) -> String {
        "redis://:password@host:6379/0, redis-sentinel://:password@host:26379,host:26379/service/0 or \
         redis-cluster://:password@host:6379,host:6379, where rediss instead of redis is encrypted"
            .to_owned()
    }

    fn form(&self) -> Form {
        Form::Text("^rediss?(-sentinel|-cluster)?://.+$")
    }

    fn read(&self, text: &str) -> Option<RedisUrl> {
        RedisUrl::parse(text).ok()
    }

    fn reason(&self, text: &str) -> Option<String> {
        let error = RedisUrl::parse(text).err()?;
        (error != RedisUrlError::Scheme).then(|| error.to_string())
    }

    fn may_be_shown(&self) -> bool {
        false
    }

    fn masked(&self, text: &str) -> String {
        masked::url(text, Alone::Secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::kind::taken;

    #[test]
    fn a_server_sentinels_and_a_cluster_are_taken() {
        let fine = ["redis://:p@h", "rediss://u:p@h:1/2", "redis-sentinel://a,b/s", "rediss-cluster://a,b"];
        assert_eq!(taken(&Redis, &fine), fine);
    }

    #[test]
    fn where_more_can_be_said_it_is_and_nothing_is_repeated() {
        assert_eq!(Redis.reason("memcached://:sesame@h"), None);
        let said = Redis.reason("redis://:sesame@h:port").unwrap();
        assert!(said.contains("the port of host number 1") && !said.contains("sesame"), "{said}");
    }
}
