//! The Redis that an operator names.

use doorward_redis::{Exposure, RedisSettings, RedisUrl, TlsFiles};

use super::Settings;
use super::reader::Reader;

/// The database for documents, where no other place is named for them.
const DOCUMENTS: i64 = 1;

impl Settings {
    /// What Redis is used for and how, without the password of `redis_password_file`; `None` where it is not used.
    pub(crate) fn redis(&self) -> Option<RedisSettings> {
        let url = self.redis_url.clone()?;
        let documents_url =
            self.redis_documents_url.clone().unwrap_or_else(|| url.clone().with_database(DOCUMENTS));
        Some(RedisSettings {
            url,
            documents_url,
            tls: TlsFiles {
                ca: self.redis_ca_file.clone(),
                certificate: self.redis_certificate_file.clone(),
                key: self.redis_key_file.clone(),
            },
            timeout: self.redis_timeout,
            client_caching: self.redis_client_caching,
            access_lifetime: self.access_ttl,
            leeway: self.leeway,
        })
    }

    pub(super) fn check_redis(&self, reader: &mut Reader) {
        let files = [
            ("redis_ca_file", self.redis_ca_file.is_some()),
            ("redis_certificate_file", self.redis_certificate_file.is_some()),
            ("redis_key_file", self.redis_key_file.is_some()),
        ];
        let Some(RedisSettings { url, documents_url, tls, .. }) = self.redis() else {
            let others = [
                ("redis_documents_url", self.redis_documents_url.is_some()),
                ("redis_password_file", self.redis_password_file.is_some()),
            ];
            for (name, given) in others.into_iter().chain(files) {
                reader.agree(!given, name, "come with", "redis_url");
            }
            return;
        };
        let (certificate, key) = (tls.certificate.is_some(), tls.key.is_some());
        reader.agree(!certificate || key, "redis_certificate_file", "come with", "redis_key_file");
        reader.agree(!key || certificate, "redis_key_file", "come with", "redis_certificate_file");
        self.check_one(reader, "redis_url", &url, &files);
        if self.redis_documents_url.is_some() {
            self.check_one(reader, "redis_documents_url", &documents_url, &files);
        }
        // In a cluster the names of the keys keep the two apart.
        let apart = url.is_cluster() || !url.is_same_database(&documents_url);
        if self.redis_documents_url.is_some() {
            reader.agree(apart, "redis_documents_url", "not be the database of", "redis_url");
        } else if !apart {
            let problem =
                "must not be database 1, which is for documents unless redis_documents_url names another";
            reader.refuse("redis_url", problem, "redis_documents_url");
        }
    }

    /// What a URL needs beside itself.
    fn check_one(
        &self,
        reader: &mut Reader,
        name: &'static str,
        url: &RedisUrl,
        files: &[(&'static str, bool)],
    ) {
        for (file, _) in files.iter().filter(|(_, given)| *given) {
            reader.agree(url.is_encrypted(), file, "come with a URL that begins with rediss as", name);
        }
        let proves_itself = self.redis_password_file.is_some() || self.redis_certificate_file.is_some();
        let problem = match url.needs_leave() {
            Some(exposure @ Exposure::Unencrypted) => format!("{exposure}; begin it with rediss"),
            Some(exposure @ Exposure::NoPassword) if !proves_itself => format!("{exposure}; name one"),
            Some(Exposure::NoPassword) | None => return,
        };
        if !self.redis_allow_unverified {
            let problem = format!("cannot be used: {problem}, or set redis_allow_unverified");
            reader.refuse(name, &problem, "redis_allow_unverified");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::settings::Flags;

    fn settings(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let variables = pairs.iter().map(|(name, value)| {
            (OsString::from(format!("DOORWARD_REDIS_{}", name.to_uppercase())), OsString::from(value))
        });
        Settings::from_sources(&Flags::default(), variables).map_err(|faults| faults.to_string())
    }

    fn places(pairs: &[(&str, &str)]) -> (String, String) {
        let redis = settings(pairs).unwrap().redis().unwrap();
        (redis.url.to_string(), redis.documents_url.to_string())
    }

    #[test]
    fn redis_is_not_used_unless_it_is_named() {
        assert!(settings(&[]).unwrap().redis().is_none());
        let redis = settings(&[("url", "redis://:sesame@localhost")]).unwrap().redis().unwrap();
        assert_eq!((redis.timeout.as_millis(), redis.client_caching), (250, false));
        assert_eq!((redis.access_lifetime.as_secs(), redis.leeway.as_secs()), (15 * 60, 5));
        assert!(!format!("{redis:?}").contains("sesame"));
    }

    #[test]
    fn documents_are_beside_revocations_unless_another_place_is_named() {
        for (pairs, expected) in [
            (&[("url", "redis://localhost")][..], ("redis://localhost:6379/0", "redis://localhost:6379/1")),
            (&[("url", "redis://localhost/4")], ("redis://localhost:6379/4", "redis://localhost:6379/1")),
            (
                &[("url", "redis://localhost/1"), ("documents_url", "redis://localhost/2")],
                ("redis://localhost:6379/1", "redis://localhost:6379/2"),
            ),
            (
                &[("url", "redis://localhost"), ("documents_url", "redis://[::1]/0")],
                ("redis://localhost:6379/0", "redis://[::1]:6379/0"),
            ),
            (
                &[("url", "redis-cluster://localhost")],
                ("redis-cluster://localhost:6379", "redis-cluster://localhost:6379"),
            ),
        ] {
            let (url, documents_url) = places(pairs);
            assert_eq!((url.as_str(), documents_url.as_str()), expected);
        }
    }

    #[test]
    fn what_does_not_go_together_is_told() {
        let (local, remote) = (("url", "redis://localhost"), ("url", "rediss://:p@cache"));
        for (pairs, fault) in [
            (
                &[("documents_url", "redis://localhost/1")][..],
                "redis_documents_url (from DOORWARD_REDIS_DOCUMENTS_URL) must come with redis_url",
            ),
            (&[("password_file", "/run/p")], "must come with redis_url"),
            (&[("ca_file", "/run/ca")], "must come with redis_url"),
            (&[local, ("ca_file", "/run/ca")], "must come with a URL that begins with rediss as redis_url"),
            (
                &[remote, ("documents_url", "redis://localhost"), ("ca_file", "/run/ca")],
                "must come with a URL that begins with rediss as redis_documents_url",
            ),
            (&[remote, ("certificate_file", "/run/c")], "must come with redis_key_file"),
            (&[remote, ("key_file", "/run/k")], "must come with redis_certificate_file"),
            (
                &[local, ("documents_url", "redis://localhost:6379/0")],
                "must not be the database of redis_url",
            ),
            (&[("url", "redis://localhost/1")], "must not be database 1, which is for documents"),
            (&[local, ("timeout", "49ms")], "must be"),
            (&[local, ("timeout", "501ms")], "must be"),
            (&[("url", "redis://:sesame@local@host")], "cannot be used: in the user and the password these"),
            (&[("url", "memcached://:sesame@localhost")], "must be redis://:password@host:6379/0"),
        ] {
            let told = settings(pairs).unwrap_err();
            assert!(
                told.starts_with("a setting is wrong:") && told.contains(fault),
                "{fault:?} is not:\n{told}"
            );
            assert!(!told.contains("sesame"), "{told}");
        }
    }

    #[test]
    fn cfg_06_another_machine_needs_encryption_and_a_password_or_leave() {
        let plain = ("url", "redis://:sesame@cache");
        let open = ("url", "rediss://cache");
        let local = ("url", "redis://localhost");
        for (pairs, fault) in [
            (&[plain][..], "redis_url (from DOORWARD_REDIS_URL) cannot be used: nothing is encrypted"),
            (&[open], "there is no password for a server on another machine; name one"),
            (&[local, ("documents_url", "redis://:sesame@cache")], "redis_documents_url (from"),
        ] {
            let told = settings(pairs).unwrap_err();
            assert!(
                told.starts_with("a setting is wrong:") && told.contains(fault),
                "{fault:?} is not:\n{told}"
            );
            assert!(told.contains("or set redis_allow_unverified") && !told.contains("sesame"), "{told}");
            settings(&[pairs, &[("allow_unverified", "true")]].concat()).unwrap();
        }
        settings(&[open, ("password_file", "/run/p")]).unwrap();
        settings(&[open, ("certificate_file", "/run/c"), ("key_file", "/run/k")]).unwrap();
    }
}
