//! The key of a certificate, read so that none of our copies of it stays in memory. rustls takes the last one, and what it makes of it is
//! there for as long as the certificate is shown.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rustls::pki_types::PrivateKeyDer;
use zeroize::Zeroizing;

use super::{FILE_BYTES_MAX, TlsError, too_long};

/// Permissions by which everyone on this computer reads a file, or writes it.
const OF_OTHERS: u32 = 0o006;
/// Which keys there are in PEM.
const LABELS: [&str; 3] = ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"];

/// The key in a file.
///
/// # Errors
/// [`TlsError`].
pub(super) fn read(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let io = |error| TlsError::Read { path: path.to_owned(), error };
    let file = fs::File::open(path).map_err(io)?;
    // All of its room from the beginning: what grows leaves copies behind.
    let most = usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX);
    let mut bytes = Zeroizing::new(Vec::with_capacity(most.saturating_add(1)));
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(io)?;
    if bytes.len() > most {
        return Err(too_long(path));
    }
    of_pem(&bytes).ok_or_else(|| TlsError::Content {
        path: path.to_owned(),
        reason: "it holds no private key; one begins with -----BEGIN PRIVATE KEY-----".to_owned(),
    })
}

/// What is to be said of a file that everyone on this computer can read.
pub(super) fn exposed(path: &Path) -> Option<String> {
    let mode = fs::metadata(path).ok()?.permissions().mode();
    (mode & OF_OTHERS != 0).then(|| {
        let path = path.display();
        format!(
            "everyone on this computer can read or change {path}, and anyone with that key can speak for this node: chmod o-rw {path}"
        )
    })
}

fn of_pem(pem: &[u8]) -> Option<PrivateKeyDer<'static>> {
    let text = std::str::from_utf8(pem).ok()?;
    LABELS.iter().find_map(|label| {
        let (_, rest) = text.split_once(&format!("-----BEGIN {label}-----"))?;
        let (body, _) = rest.split_once(&format!("-----END {label}-----"))?;
        let mut letters = Zeroizing::new(Vec::with_capacity(body.len()));
        letters.extend(body.bytes().filter(|byte| !byte.is_ascii_whitespace()));
        let mut der = vec![0; base64::decoded_len_estimate(letters.len())];
        let length = BASE64.decode_slice(&letters, &mut der).ok()?;
        der.truncate(length);
        Some(match *label {
            "RSA PRIVATE KEY" => PrivateKeyDer::Pkcs1(der.into()),
            "EC PRIVATE KEY" => PrivateKeyDer::Sec1(der.into()),
            _ => PrivateKeyDer::Pkcs8(der.into()),
        })
    })
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::pem::PemObject as _;
    use sealdesk_testkit::authority::Authority;

    use super::*;

    #[test]
    fn a_key_is_what_others_read_of_the_same_file() {
        let key = Authority::new().certify(&["desk.example"]).key;
        let expected = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
        assert_eq!(of_pem(key.as_bytes()).unwrap(), expected);
        let among =
            format!("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\r\n{key}");
        assert_eq!(of_pem(among.as_bytes()).unwrap(), expected);
        for label in ["RSA PRIVATE KEY", "EC PRIVATE KEY"] {
            let other = key.replace("PRIVATE KEY", label);
            assert_eq!(
                of_pem(other.as_bytes()).unwrap(),
                PrivateKeyDer::from_pem_slice(other.as_bytes()).unwrap()
            );
        }
        let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
        let spoilt = key.replace("-----END", "*-----END");
        for wrong in ["", "nonsense", &encrypted, &spoilt] {
            assert!(of_pem(wrong.as_bytes()).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_key_that_everyone_can_read_is_told_of() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("key.pem");
        fs::write(&path, "key").unwrap();
        for (mode, told) in [(0o600, false), (0o640, false), (0o644, true), (0o606, true), (0o602, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let said = exposed(&path);
            assert_eq!(said.is_some(), told, "{mode:o}");
            assert!(said.is_none_or(|said| said.contains("chmod o-rw") && said.contains("key.pem")));
        }
        assert!(exposed(&dir.path().join("none")).is_none(), "reading it says that");
    }
}
