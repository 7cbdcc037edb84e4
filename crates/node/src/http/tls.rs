//! TLS for those who connect: one certificate, read from files, and read again when the operator says so.

mod key;

use std::fmt;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use thiserror::Error;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

/// What is spoken over TLS, the dearest first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];
/// How long a peer may take until both sides have shaken hands.
const HANDSHAKE_WAIT: Duration = Duration::from_secs(10);
/// Bytes of one connection that wait to be encrypted or sent.
const BUFFER_BYTES_MAX: usize = 65_536;
/// Longest file of certificates, or of a key.
const FILE_BYTES_MAX: u64 = 1 << 20;
/// How TLS begins; no HTTP does.
const HANDSHAKE_RECORD: u8 = 22;
/// What somebody is told who speaks plain HTTP here.
pub(crate) const SPEAK_TLS: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\nconnection: close\r\n\r\n\
    {\"type\":\"about:blank\",\"title\":\"Bad Request\",\"status\":400,\"detail\":\"this port speaks TLS, and this request is plain HTTP\",\
    \"codespace\":\"node\",\"code\":3,\"hint\":\"write https:// instead of http://\"}\n";

/// A connection, with TLS where the endpoint speaks it.
pub(crate) type Stream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// Where a certificate and its key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and after it those that lead to an authority: PEM.
    pub cert: PathBuf,
    /// The key of the first certificate: PEM.
    pub key: PathBuf,
}

/// Why there can be no TLS.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {path}: {error}")]
    Read {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// A file does not hold what it should.
    #[error("{path}: {reason}")]
    Content {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// This computer cannot.
    #[error("this processor lacks what the TLS of this program takes")]
    Processor,
    /// The node speaks none.
    #[error("this node does not speak TLS: it has no certificate to read again")]
    None,
}

/// TLS with the certificate of some files. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Tls {
    acceptor: TlsAcceptor,
    certificate: Arc<Certificate>,
}

/// The certificate that is shown by now.
struct Certificate {
    files: TlsFiles,
    shown: RwLock<Arc<CertifiedKey>>,
}

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// [`TlsError`].
    pub(crate) fn load(files: TlsFiles) -> Result<Self, TlsError> {
        let provider = Arc::new(provider()?);
        let shown = RwLock::new(Arc::new(read(&files, &provider)?));
        let certificate = Arc::new(Certificate { files, shown });
        let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let mut config = versions
            .map_err(|_| TlsError::Processor)?
            .with_no_client_auth()
            .with_cert_resolver(certificate.clone());
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), certificate })
    }

    /// Reads the files again. Connections that are open keep what they were shown.
    ///
    /// # Errors
    /// [`TlsError`]: the certificate stays what it was.
    pub(crate) fn reload(&self) -> Result<(), TlsError> {
        let read = read(&self.certificate.files, &provider()?)?;
        *self.certificate.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
        Ok(())
    }

    /// Shakes hands with a peer.
    ///
    /// # Errors
    /// [`std::io::Error`] where they take too long, or do not speak TLS.
    pub(crate) async fn accept(&self, stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let accepted = tokio::time::timeout(HANDSHAKE_WAIT, self.shake_hands(stream)).await;
        accepted.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
    }

    async fn shake_hands(&self, mut stream: TcpStream) -> std::io::Result<TlsStream<TcpStream>> {
        let mut first = [0];
        stream.peek(&mut first).await?;
        // HTTP/2 in plain text has no words for this.
        if first[0] != HANDSHAKE_RECORD && first[0].is_ascii_uppercase() {
            stream.write_all(SPEAK_TLS).await?;
            stream.shutdown().await?;
            return Err(std::io::Error::other("a peer speaks plain HTTP to a port of TLS"));
        }
        let limited = |connection: &mut rustls::ServerConnection| {
            connection.set_buffer_limit(Some(BUFFER_BYTES_MAX));
        };
        self.acceptor.accept_with(stream, limited).await
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("files", &self.certificate.files).finish_non_exhaustive()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("files", &self.files).finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown.read().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// The certificate of some files, if the key is its own.
fn read(files: &TlsFiles, provider: &CryptoProvider) -> Result<CertifiedKey, TlsError> {
    let TlsFiles { cert, key: key_file } = files;
    let wrong = |path: &Path, reason: String| TlsError::Content { path: path.to_owned(), reason };
    let pem = bytes_of(cert)?;
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let chain = chain.map_err(|error| wrong(cert, error.to_string()))?;
    if chain.is_empty() {
        let reason = "it holds no certificate; one begins with -----BEGIN CERTIFICATE-----";
        return Err(wrong(cert, reason.to_owned()));
    }
    let der = key::read(key_file)?;
    if let Some(why) = key::exposed(key_file) {
        tracing::warn!("{why}");
    }
    CertifiedKey::from_der(chain, der, provider).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => {
            wrong(key_file, format!("this is not the key of the certificate in {}", cert.display()))
        }
        rustls::Error::InvalidCertificate(why) => wrong(cert, format!("{why:?}")),
        other => wrong(key_file, other.to_string()),
    })
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, TlsError> {
    let io = |error| TlsError::Read { path: path.to_owned(), error };
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(io)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() > usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX) {
        return Err(too_long(path));
    }
    Ok(bytes)
}

fn too_long(path: &Path) -> TlsError {
    let reason = "it is longer than any certificate or key".to_owned();
    TlsError::Content { path: path.to_owned(), reason }
}

/// graviola asserts at every call what it needs of the processor, so it is asked before.
pub(super) fn provider() -> Result<CryptoProvider, TlsError> {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::is_x86_feature_detected as has;
        if has!("aes")
            && has!("pclmulqdq")
            && has!("bmi1")
            && has!("bmi2")
            && has!("adx")
            && has!("avx")
            && has!("avx2")
        {
            return Ok(rustls_graviola::default_provider());
        }
    }
    #[cfg(target_arch = "aarch64")]
    {
        use std::arch::is_aarch64_feature_detected as has;
        if has!("neon") && has!("aes") && has!("pmull") && has!("sha2") {
            return Ok(rustls_graviola::default_provider());
        }
    }
    Err(TlsError::Processor)
}
