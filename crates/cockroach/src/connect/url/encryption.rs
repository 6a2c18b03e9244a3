//! How a connection is protected: `sslmode` and the files that belong to it.

use std::fmt;
use std::path::PathBuf;

use super::UrlError;
use super::parameters::{Parameters, refused};
use super::servers::Surroundings;

/// How much is known about the other side.
///
/// Where the URL does not say, it is [`VerifyFull`](Self::VerifyFull), or [`Disable`](Self::Disable) when every host is
/// on this machine and no file is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// Encrypted, and the server has a certificate for its name from an authority that we trust.
    VerifyFull,
    /// Encrypted, but the other side may be anybody.
    Require,
    /// In the clear.
    Disable,
}

impl SslMode {
    fn parse(text: &str) -> Result<Self, UrlError> {
        let (mode, reason) = match text {
            "verify-full" => return Ok(Self::VerifyFull),
            "require" => return Ok(Self::Require),
            "disable" => return Ok(Self::Disable),
            "verify-ca" => ("verify-ca", "any server with a certificate of the same authority would do"),
            "prefer" => ("prefer", "anybody on the way can have the encryption left out"),
            "allow" => ("allow", "nothing is encrypted unless the server insists"),
            _ => return Err(refused("sslmode")),
        };
        Err(UrlError::Mode { mode, reason })
    }

    fn name(self) -> &'static str {
        match self {
            Self::VerifyFull => "verify-full",
            Self::Require => "require",
            Self::Disable => "disable",
        }
    }

    /// What the driver is told; whom to trust is the business of the TLS settings.
    pub(super) fn on_the_wire(self) -> tokio_postgres::config::SslMode {
        match self {
            Self::VerifyFull | Self::Require => tokio_postgres::config::SslMode::Require,
            Self::Disable => tokio_postgres::config::SslMode::Disable,
        }
    }
}

impl fmt::Display for SslMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What an operator allows beside what is safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// A database on another machine may go without a certificate (`database_allow_unverified`).
    pub allow_unverified: bool,
}

/// The mode with its files.
#[derive(Clone, Debug)]
pub(crate) struct Encryption {
    pub(crate) mode: SslMode,
    pub(crate) roots: Roots,
    pub(crate) client: Option<ClientFiles>,
}

/// Whom to trust.
#[derive(Clone, Debug)]
pub(crate) enum Roots {
    /// The authorities that this machine trusts.
    System,
    /// Those in a file.
    File(PathBuf),
}

/// How to show who we are.
#[derive(Clone, Debug)]
pub(crate) struct ClientFiles {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

impl Encryption {
    /// Takes `sslmode`, `sslrootcert`, `sslcert` and `sslkey` out of the parameters.
    pub(super) fn choose(
        parameters: &mut Parameters,
        surroundings: Surroundings,
        policy: Policy,
    ) -> Result<Self, UrlError> {
        let mode = parameters.take("sslmode").map(|text| SslMode::parse(&text)).transpose()?;
        let [root, certificate, key] = ["sslrootcert", "sslcert", "sslkey"].map(|name| parameters.take(name));
        let named: Vec<_> = [("sslrootcert", &root), ("sslcert", &certificate), ("sslkey", &key)]
            .into_iter()
            .filter_map(|(name, value)| value.as_ref().map(|value| (name, value.as_str())))
            .collect();
        if let Some((name, _)) = named.iter().find(|(_, value)| value.is_empty()) {
            return Err(refused(name));
        }
        let usual =
            if surroundings.local && named.is_empty() { SslMode::Disable } else { SslMode::VerifyFull };
        let mode = mode.unwrap_or(usual);

        if mode != SslMode::Disable && surroundings.socket {
            return Err(UrlError::SocketWithTls);
        }
        if mode != SslMode::VerifyFull && !surroundings.local && !policy.allow_unverified {
            return Err(UrlError::Unverified { mode: mode.name() });
        }
        let useless = named.iter().find(|(name, _)| match mode {
            SslMode::VerifyFull => false,
            SslMode::Require => *name == "sslrootcert",
            SslMode::Disable => true,
        });
        if let Some((name, _)) = useless {
            return Err(UrlError::Useless { name, mode: mode.name() });
        }
        let client = match (certificate, key) {
            (Some(certificate), Some(key)) => {
                Some(ClientFiles { certificate: certificate.into(), key: key.into() })
            }
            (Some(_), None) => return Err(UrlError::HalfAPair { missing: "sslkey" }),
            (None, Some(_)) => return Err(UrlError::HalfAPair { missing: "sslcert" }),
            (None, None) => None,
        };
        let roots =
            root.filter(|root| root != "system").map_or(Roots::System, |root| Roots::File(root.into()));
        Ok(Self { mode, roots, client })
    }
}
