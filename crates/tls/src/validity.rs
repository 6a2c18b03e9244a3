//! From when and until when a certificate is good.

use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, Error};
use x509_parser::parse_x509_certificate;

/// How long before its end a certificate should have been renewed, at the most. What renews by itself does so weeks
/// before.
const SOON: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Which part of its life is the last that a certificate should see, where that is less than [`SOON`]: some are made for
/// a few days.
const LAST_PART: i64 = 5;

/// The time for which a certificate was issued, in seconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: i64,
    /// The last second.
    pub not_after: i64,
}

/// How a certificate stands at some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is not good yet: clients refuse it.
    NotYet,
    /// All is well.
    Good,
    /// It should have been renewed by now.
    EndsSoon,
    /// Clients refuse it.
    Expired,
}

impl Validity {
    pub(crate) fn of(certificate: &CertificateDer<'_>) -> Result<Self, Error> {
        let parsed = parse_x509_certificate(certificate);
        let (_, parsed) = parsed.map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let validity = parsed.validity();
        Ok(Self { not_before: validity.not_before.timestamp(), not_after: validity.not_after.timestamp() })
    }

    /// How the certificate stands at `now`, in seconds since 1970.
    pub fn standing(&self, now: i64) -> Standing {
        let life = self.not_after.saturating_sub(self.not_before);
        let soon = i64::try_from(SOON.as_secs()).unwrap_or(i64::MAX).min(life / LAST_PART);
        if now < self.not_before {
            Standing::NotYet
        } else if now > self.not_after {
            Standing::Expired
        } else if self.not_after.saturating_sub(now) < soon {
            Standing::EndsSoon
        } else {
            Standing::Good
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60;

    #[test]
    fn a_certificate_is_good_until_it_should_have_been_renewed() {
        for (days, last_good) in [(365, 351), (90, 76), (47, 37), (6, 4)] {
            let validity = Validity { not_before: 1_000, not_after: 1_000 + days * DAY };
            let at = |day: i64| validity.standing(1_000 + day * DAY);
            assert_eq!((at(0), at(last_good)), (Standing::Good, Standing::Good), "{days} days");
            assert_eq!(
                (at(last_good + 1), at(days)),
                (Standing::EndsSoon, Standing::EndsSoon),
                "{days} days"
            );
            assert_eq!(validity.standing(999), Standing::NotYet);
            assert_eq!(validity.standing(validity.not_after + 1), Standing::Expired);
        }
    }
}
