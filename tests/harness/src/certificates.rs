//! An authority, and what it signed for a receiver and for its callers, as files.

use std::fs;
use std::path::Path;

use anyhow::Result;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};

/// Writes `ca.crt`, and `server` and `client`, each with `.crt` and `.key`, for the names.
///
/// # Errors
/// When a name is none, or a file cannot be written.
pub fn write(dir: &Path, names: &[&str]) -> Result<()> {
    let key = KeyPair::generate()?;
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    fs::write(dir.join("ca.crt"), authority.self_signed(&key)?.pem())?;
    let issuer = Issuer::new(authority, key);
    for role in ["server", "client"] {
        let key = KeyPair::generate()?;
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let certificate = CertificateParams::new(names)?.signed_by(&key, &issuer)?;
        fs::write(dir.join(format!("{role}.crt")), certificate.pem())?;
        fs::write(dir.join(format!("{role}.key")), key.serialize_pem())?;
    }
    Ok(())
}
