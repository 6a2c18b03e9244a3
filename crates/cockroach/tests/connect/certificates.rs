//! Authorities and certificates that live as long as a test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    date_time_ymd,
};

/// Whoever signs.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate with its key, in PEM.
pub(crate) struct Identity {
    params: CertificateParams,
    key: KeyPair,
    certificate: String,
}

impl Authority {
    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// The authority's own certificate in a file.
    pub(crate) fn write(&self, directory: &Path, name: &str) -> PathBuf {
        write(directory, name, &self.0.pem())
    }

    /// For a server with this name.
    pub(crate) fn server(&self, name: &str) -> Identity {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(params)
    }

    /// For a user of the database.
    pub(crate) fn client(&self, user: &str) -> Identity {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, user);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params)
    }

    /// The same certificate, long past its end.
    pub(crate) fn expired(&self, identity: Identity) -> Identity {
        let mut params = identity.params;
        params.not_after = date_time_ymd(2001, 1, 1);
        self.sign(params)
    }

    fn sign(&self, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap().pem();
        Identity { params, key, certificate }
    }
}

impl Identity {
    /// Writes `<name>.crt` and `<name>.key`, the latter for the owner alone.
    pub(crate) fn write(&self, directory: &Path, name: &str) -> (PathBuf, PathBuf) {
        let certificate = write(directory, &format!("{name}.crt"), &self.certificate);
        let key = write(directory, &format!("{name}.key"), &self.key.serialize_pem());
        fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).unwrap();
        (certificate, key)
    }
}

fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    fs::write(&path, text).unwrap();
    path
}
