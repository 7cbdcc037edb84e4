//! TLS to servers elsewhere, over HTTP/1.1: it believes the authorities that this machine believes, and those of a file.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

use super::tls::provider;

/// Reads the authorities, so it may block.
///
/// # Errors
/// In words, where nobody could be believed, or the processor is older than the TLS of this program.
pub(crate) fn connector(more: Option<&Path>) -> Result<TlsConnector, String> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = more {
        let wrong = |why: String| format!("{}: {why}", path.display());
        let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let authorities = read.map_err(|error| wrong(error.to_string()))?;
        if authorities.is_empty() {
            return Err(wrong(
                "it holds no certificate; one begins with -----BEGIN CERTIFICATE-----".to_owned(),
            ));
        }
        for authority in authorities {
            roots.add(authority).map_err(|error| wrong(error.to_string()))?;
        }
    }
    if roots.is_empty() {
        return Err("this machine lists no certificate authorities; install its package of them".to_owned());
    }
    let provider = provider().map_err(|error| error.to_string())?;
    let builder =
        ClientConfig::builder_with_provider(Arc::new(provider)).with_safe_default_protocol_versions();
    let builder = builder.map_err(|error| error.to_string())?;
    Ok(TlsConnector::from(Arc::new(builder.with_root_certificates(roots).with_no_client_auth())))
}
