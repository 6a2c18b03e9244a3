//! Certificates and keys on disk. No error repeats a line of a file: it may be one of a key.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::TlsError;

/// More than the longest list of authorities; a wrong path to something large is noticed before it fills the memory.
const LONGEST: u64 = 4 << 20;

/// Every certificate of a file, of which there must be one.
pub(super) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = open(file).and_then(|opened| read(&opened)).map_err(|source| unreadable(file, source))?;
    CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .ok()
        .filter(|certificates| !certificates.is_empty())
        .ok_or_else(|| TlsError::NoCertificate { file: file.to_owned() })
}

/// The first private key of a file that only its owner may read.
pub(super) fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let opened = open(file).map_err(|source| unreadable(file, source))?;
    must_be_private(file, &opened)?;
    let pem = read(&opened).map_err(|source| unreadable(file, source))?;
    PrivateKeyDer::from_pem_slice(&pem).map_err(|_| TlsError::NoKey { file: file.to_owned() })
}

fn open(file: &Path) -> io::Result<File> {
    File::open(file)
}

fn read(opened: &File) -> io::Result<Vec<u8>> {
    let mut pem = Vec::new();
    opened.take(LONGEST).read_to_end(&mut pem)?;
    Ok(pem)
}

fn unreadable(file: &Path, source: io::Error) -> TlsError {
    TlsError::File { file: file.to_owned(), source }
}

/// Looks at what is open, not at the path, which may have become another file in between.
#[cfg(unix)]
fn must_be_private(file: &Path, opened: &File) -> Result<(), TlsError> {
    use std::os::unix::fs::PermissionsExt;

    let permissions = opened.metadata().map_err(|source| unreadable(file, source))?.permissions();
    let mode = permissions.mode() & 0o777;
    let of_others = mode & 0o077;
    if of_others == 0 { Ok(()) } else { Err(TlsError::OpenKey { file: file.to_owned(), mode }) }
}

#[cfg(not(unix))]
fn must_be_private(_: &Path, _: &File) -> Result<(), TlsError> {
    Ok(())
}
