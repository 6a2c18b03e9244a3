//! What would be open to others without anybody meaning it. Each of these has a setting that permits it knowingly.

use std::net::IpAddr;

use url::{Host, Url};

use super::Settings;
use super::reader::Reader;

impl Settings {
    pub(super) fn check_exposure(&self, reader: &mut Reader) {
        let is_reachable = !is_loopback(self.bind.ip());
        let is_protected = self.speaks_tls() || self.bind_allow_unencrypted;
        if is_reachable && !is_protected {
            let problem = "cannot be used: passwords and tokens would come from other machines unencrypted; \
                           name a certificate with tls_certificate_file, listen on 127.0.0.1 behind a proxy that speaks TLS, or, on a network where nobody \
                           but such a proxy is, set bind_allow_unencrypted";
            reader.refuse("bind", problem, "bind_allow_unencrypted");
        }
        let is_fine = |origin: &str| Url::parse(origin).is_ok_and(|url| is_encrypted_or_local(&url));
        let plain = self.cors_origins.iter().find(|origin| !is_fine(origin));
        if let Some(origin) = plain.filter(|_| !self.cors_allow_unencrypted) {
            let problem = format!(
                "cannot be used: pages of {origin} come unencrypted, so anybody on their way can change them and act \
                 for whoever is logged in there; begin it with https, or set cors_allow_unencrypted"
            );
            reader.refuse("cors_origins", &problem, "cors_allow_unencrypted");
        }
        let nobody_counts = self.throttle_login_guesses.is_empty() && self.throttle_login_account.is_empty();
        if is_reachable && nobody_counts && !self.throttle_login_allow_unlimited {
            let problem = "cannot be used: with throttle_login_account off too, anybody may guess passwords from \
                           other machines without end; limit one of them, or set throttle_login_allow_unlimited";
            reader.refuse("throttle_login_guesses", problem, "throttle_login_allow_unlimited");
        }
    }
}

/// Whether nobody but this machine reaches the address.
pub(super) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}

/// Whether nobody is on the way of what comes from there, or goes there.
pub(super) fn is_encrypted_or_local(url: &Url) -> bool {
    let is_local = match url.host() {
        // Browsers resolve these names by themselves (RFC 6761 §6.3).
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => is_loopback(address.into()),
        Some(Host::Ipv6(address)) => is_loopback(address.into()),
        None => false,
    };
    is_local || url.scheme() == "https"
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use crate::settings::{Flags, Purpose, Settings};

    fn settings(pairs: &[(&str, &str)]) -> Result<Settings, String> {
        let variables = pairs
            .iter()
            .map(|(name, value)| (OsString::from(format!("DOORWARD_{name}")), OsString::from(value)));
        Settings::from_sources(&Flags::default(), variables).map_err(|faults| faults.to_string())
    }

    /// It is refused, with this reason, unless the setting permits it.
    fn needs_leave(pairs: &[(&str, &str)], reason: &str, leave: &str) {
        let told = settings(pairs).unwrap_err();
        assert!(
            told.starts_with("a setting is wrong:") && told.contains(reason),
            "{reason:?} is not:\n{told}"
        );
        assert!(told.contains(&format!("set {}", leave.to_lowercase())), "{told}");
        settings(&[pairs, &[(leave, "true")]].concat()).unwrap();
    }

    #[test]
    fn cfg_03_other_machines_speak_to_it_unencrypted_by_leave_alone() {
        for address in ["0.0.0.0:8080", "[::]:8080", "10.0.0.5:80", "[fe80::1]:80", "[::ffff:10.0.0.5]:80"] {
            let reason =
                format!("bind = \"{address}\" (from DOORWARD_BIND) cannot be used: passwords and tokens");
            needs_leave(&[("BIND", address)], &reason, "BIND_ALLOW_UNENCRYPTED");
        }
        for address in ["127.0.0.1:0", "127.9.9.9:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            settings(&[("BIND", address)]).unwrap();
        }
    }

    #[test]
    fn what_nobody_reaches_is_not_refused_for_being_open() {
        let variables = [(OsString::from("DOORWARD_BIND"), OsString::from("0.0.0.0:8080"))];
        assert!(Settings::sourced(&Flags::default(), variables.clone(), Purpose::Serving).is_err());
        assert!(Settings::sourced(&Flags::default(), variables, Purpose::Command).is_ok());
    }

    #[test]
    fn pages_that_come_unencrypted_call_the_api_by_leave_alone() {
        for origins in ["http://shop.example", "https://shop.example,http://10.0.0.5"] {
            needs_leave(&[("CORS_ORIGINS", origins)], "come unencrypted", "CORS_ALLOW_UNENCRYPTED");
        }
        let told = settings(&[("CORS_ORIGINS", "http://localhost.example")]).unwrap_err();
        assert!(told.contains("pages of http://localhost.example come unencrypted"), "{told}");
        let local = "http://localhost:3000,http://app.localhost,http://127.0.0.1:3000,http://[::1]:3000";
        settings(&[("CORS_ORIGINS", local)]).unwrap();
        settings(&[("CORS_ORIGINS", "https://shop.example")]).unwrap();
    }

    #[test]
    fn other_machines_guess_without_end_by_leave_alone() {
        let off = [("THROTTLE_LOGIN_GUESSES", "off"), ("THROTTLE_LOGIN_ACCOUNT", "off")];
        let reachable = [("BIND", "0.0.0.0:8080"), ("BIND_ALLOW_UNENCRYPTED", "true")];
        let [guesses, account] = off;
        let all = [&off[..], &reachable].concat();
        needs_leave(&all, "throttle_login_guesses = \"off\"", "THROTTLE_LOGIN_ALLOW_UNLIMITED");
        settings(&off).unwrap();
        settings(&[&[guesses][..], &reachable].concat()).unwrap();
        settings(&[&[account][..], &reachable].concat()).unwrap();
    }
}
