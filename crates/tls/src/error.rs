//! Why TLS cannot be set up. No error repeats a line of a file: it may be one of a key.

use std::io;
use std::path::PathBuf;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A certificate without its key, or the reverse.
    #[error("the file {} is one half; a certificate and its key belong together", .file.display())]
    HalfAPair {
        /// The file that is there.
        file: PathBuf,
    },
    /// A file is not there, or not for us.
    #[error("the file {} cannot be read", .file.display())]
    File {
        /// Which one.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is larger than any list of certificates.
    #[error("the file {} has more than 4 MiB, so it is no PEM that is meant", .file.display())]
    TooLong {
        /// Which one.
        file: PathBuf,
    },
    /// Not every certificate in a file can be read.
    #[error("the file {} has a damaged certificate among others", .file.display())]
    Damaged {
        /// Which one.
        file: PathBuf,
    },
    /// A file has no certificate in it.
    #[error("the file {} has no certificate in PEM", .file.display())]
    NoCertificate {
        /// Which one.
        file: PathBuf,
    },
    /// A file has no key in it, or an encrypted one.
    #[error("the file {} has no private key in PEM without encryption (PKCS#8, SEC1 or PKCS#1)", .file.display())]
    NoKey {
        /// Which one.
        file: PathBuf,
    },
    /// Others than the owner may read or write the file with the key.
    #[error(
        "the private key in {} is open to others (mode {mode:04o}); close it with: chmod 600 {}",
        .file.display(), .file.display()
    )]
    OpenKey {
        /// Which one.
        file: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// A certificate cannot be an authority, or is none at all.
    #[error("the file {} has a certificate that cannot be used", .file.display())]
    Unusable {
        /// Which one.
        file: PathBuf,
        /// What is wrong with it.
        source: rustls::Error,
    },
    /// The key is not that of the certificate, or of a kind that is not supported.
    #[error("the certificate in {} and the key in {} cannot be used together", .certificate.display(), .key.display())]
    Pair {
        /// The file with the certificate.
        certificate: PathBuf,
        /// The file with the key.
        key: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
    /// This machine trusts nobody.
    #[error("this machine has no list of trusted authorities; name a file with those to trust")]
    NoSystemRoots,
    /// The cryptography does not fit the protocol; a matter of how this program was built.
    #[error("TLS is not available")]
    Protocol(#[source] rustls::Error),
}
