//! TLS to servers elsewhere: rustls over graviola. It believes the authorities that this machine believes, and those that somebody named.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use sealdesk_protocol::text::unmarked;
use thiserror::Error;

/// Most names of a certificate that an error lists.
const NAMES_MAX: usize = 4;
const DAY_SECONDS: u64 = 86_400;

/// Authorities that are believed beside those of this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authorities(Vec<CertificateDer<'static>>);

/// Why there can be no TLS, before anybody is asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlsError {
    /// A file of authorities cannot be used.
    #[error("{path}: {why}")]
    Authorities {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// This machine cannot speak TLS, or knows nobody to believe.
    #[error("{0}")]
    Machine(String),
}

/// Why a server's TLS is not believed. None of these goes away by asking again.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TlsFault {
    /// The certificate was good once.
    #[error("its certificate expired {days} days ago")]
    Expired {
        /// How long ago.
        days: u64,
    },
    /// The certificate will be good, by this machine's clock.
    #[error("its certificate is not valid yet")]
    NotYetValid,
    /// The certificate is somebody else's.
    #[error("its certificate is for {names}, not for this name")]
    OtherName {
        /// For whom it is.
        names: String,
    },
    /// Nobody who is believed vouches for it.
    #[error("its certificate is signed by an authority that this computer does not know")]
    UnknownAuthority,
    /// The certificate is one that signs others.
    #[error("its certificate is an authority's own, which no node may show")]
    Authority,
    /// What answers speaks something else.
    #[error("it does not speak TLS")]
    NoTls,
    /// What answers speaks TLS, and not HTTP/2, which gRPC needs.
    #[error("it speaks TLS, but not HTTP/2, which gRPC needs")]
    NoHttp2,
    /// Something else about the certificate.
    #[error("its certificate is not good: {0}")]
    Certificate(String),
}

impl Authorities {
    /// Those of a file of PEM.
    ///
    /// # Errors
    /// [`TlsError::Authorities`].
    pub fn of_file(path: &Path) -> Result<Self, TlsError> {
        let wrong = |why: String| TlsError::Authorities { path: path.to_owned(), why };
        let pem = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
        Self::of_pem(&pem).map_err(wrong)
    }

    /// Those of PEM.
    fn of_pem(pem: &[u8]) -> Result<Self, String> {
        let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(unmarked(pem)).collect();
        let certificates = certificates.map_err(|error| error.to_string())?;
        if certificates.is_empty() {
            return Err("it holds no certificate; one begins with -----BEGIN CERTIFICATE-----".to_owned());
        }
        Ok(Self(certificates))
    }
}

/// TLS that believes these authorities, and those which this machine believes.
///
/// # Errors
/// [`TlsError`] where nobody could be believed, or the processor is older than the TLS of this program.
pub(crate) fn config(more: &Authorities) -> Result<ClientConfig, TlsError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    for authority in &more.0 {
        let wrong =
            |error: rustls::Error| TlsError::Machine(format!("the authority that was named: {error}"));
        roots.add(authority.clone()).map_err(wrong)?;
    }
    if added == 0 && more.0.is_empty() {
        let why = "this machine lists no certificate authorities; install its package of them".to_owned();
        return Err(TlsError::Machine(why));
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(provider()?))
        .with_safe_default_protocol_versions()
        .map_err(|error| TlsError::Machine(error.to_string()))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// graviola asserts at every call what it needs of the processor, so it is asked before.
fn provider() -> Result<rustls::crypto::CryptoProvider, TlsError> {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    if sealdesk_envelope::runs_graviola() {
        return Ok(rustls_graviola::default_provider());
    }
    let why = "this processor lacks what it takes; put a TLS tunnel on this computer in front".to_owned();
    Err(TlsError::Machine(why))
}

impl TlsFault {
    /// What TLS found wrong, if an error is about that.
    pub(crate) fn of(error: &(dyn StdError + 'static)) -> Option<Self> {
        let mut cause = Some(error);
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<rustls::Error>() {
                return Self::of_tls(error);
            }
            // An I/O error that holds another has that one's source for its own.
            let held = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
            cause = match held {
                Some(held) => Some(held),
                None => error.source(),
            };
        }
        None
    }

    fn of_tls(error: &rustls::Error) -> Option<Self> {
        use rustls::{AlertDescription, Error};
        match error {
            Error::InvalidCertificate(error) => Some(Self::of_certificate(error)),
            Error::InvalidMessage(_) => Some(Self::NoTls),
            Error::NoApplicationProtocol | Error::AlertReceived(AlertDescription::NoApplicationProtocol) => {
                Some(Self::NoHttp2)
            }
            _ => None,
        }
    }

    fn of_certificate(error: &CertificateError) -> Self {
        match error {
            CertificateError::Expired => Self::Expired { days: 0 },
            CertificateError::ExpiredContext { time, not_after } => {
                let seconds = time.as_secs().saturating_sub(not_after.as_secs());
                Self::Expired { days: seconds / DAY_SECONDS }
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => Self::NotYetValid,
            CertificateError::UnknownIssuer => Self::UnknownAuthority,
            CertificateError::NotValidForName => Self::OtherName { names: "another name".to_owned() },
            CertificateError::NotValidForNameContext { presented, .. } => {
                let mut names: Vec<&str> = presented.iter().take(NAMES_MAX).map(|name| bare(name)).collect();
                if presented.is_empty() {
                    names.push("no name");
                }
                let more = if presented.len() > NAMES_MAX { " and others" } else { "" };
                Self::OtherName { names: format!("{}{more}", names.join(", ")) }
            }
            // rustls has no name of its own for this one, which many a certificate has that was made by hand.
            other if format!("{other:?}").contains("CaUsedAsEndEntity") => Self::Authority,
            other => Self::Certificate(other.to_string()),
        }
    }
}

/// A name as rustls describes it, `DnsName("desk.example")`, by itself.
fn bare(described: &str) -> &str {
    let inner = described.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(described).trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_a_certificate_is_found_below_every_error_that_was_made_of_it() {
        let names = vec!["DnsName(\"a.example\")".to_owned(), "IpAddress(127.0.0.1)".to_owned()];
        let expected = "b.example".try_into().unwrap();
        let error = CertificateError::NotValidForNameContext { expected, presented: names };
        let error = std::io::Error::other(rustls::Error::InvalidCertificate(error));
        let fault = TlsFault::of(&std::io::Error::other(error)).unwrap();
        assert_eq!(fault, TlsFault::OtherName { names: "a.example, 127.0.0.1".to_owned() });
        assert_eq!(TlsFault::of(&std::io::Error::other("reset")), None);
    }

    #[test]
    fn a_file_without_authorities_is_told_so() {
        for pem in [&b""[..], b"nonsense"] {
            assert!(Authorities::of_pem(pem).unwrap_err().contains("no certificate"));
        }
        let pem = "\u{feff}-----BEGIN CERTIFICATE-----\r\nAAAA\r\n-----END CERTIFICATE-----\r\n";
        assert_eq!(
            Authorities::of_pem(pem.as_bytes()).unwrap().0.len(),
            1,
            "an editor's mark is not a part of it"
        );
    }
}
