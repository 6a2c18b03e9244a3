//! What an operator should know of the certificate of a running node.

use doorward_domain::Timestamp;
use doorward_tls::{PairFiles, Standing, Validity};

use crate::shared_keys::Date;

/// Something that is not as it was, or as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remark {
    /// Another certificate is shown.
    Renewed(Validity),
    /// Somebody asked for a look, and there is nothing new.
    Unchanged,
    /// What is in the files is not used; the certificate before stays.
    Unusable(String),
    /// The files have the certificate that is in use again.
    Restored,
    /// The certificate is not what clients want to see.
    Standing(Standing, Validity),
}

impl Remark {
    /// Writes it to the log.
    pub(super) fn log(&self, PairFiles { certificate, key }: &PairFiles) {
        let (certificate, key) = (certificate.display(), key.display());
        let date = |seconds| Date(Timestamp::from_seconds(seconds));
        match self {
            Self::Renewed(validity) => {
                let until = date(validity.not_after);
                tracing::info!(%certificate, %until, "new connections are shown another certificate");
            }
            Self::Unchanged => tracing::info!(%certificate, "the certificate is the one that is in use"),
            Self::Unusable(why) => tracing::error!(
                %certificate,
                %key,
                "the certificate there is not used, and the one before stays in use: {why}"
            ),
            Self::Restored => {
                tracing::info!(%certificate, "the certificate there is again the one that is in use");
            }
            Self::Standing(Standing::Expired, validity) => {
                let until = date(validity.not_after);
                tracing::error!(%certificate, %until, "the certificate has expired: clients refuse it");
            }
            Self::Standing(Standing::EndsSoon, validity) => {
                let until = date(validity.not_after);
                tracing::warn!(%certificate, %until, "the certificate ends soon and has not been renewed");
            }
            Self::Standing(Standing::NotYet, validity) => {
                let from = date(validity.not_before);
                tracing::warn!(%certificate, %from, "the certificate is not good yet: clients refuse it");
            }
            Self::Standing(Standing::Good, _) => {}
        }
    }
}
