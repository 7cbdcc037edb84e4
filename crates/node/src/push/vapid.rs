//! The key by which push services know this node (VAPID, RFC 8292): they take a message for a device only from the key that it was
//! subscribed with.

use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::SecretKey;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::json;
use zeroize::Zeroizing;

use crate::durable::{self, Readers};

/// The file in the folder of notices.
const FILE: &str = "vapid_key";
/// For how long a push service may believe what was signed, in seconds; they refuse more than a day.
const GOOD_SECONDS: i64 = 12 * 3_600;
/// Bytes of a scalar of P-256.
pub(super) const SCALAR_BYTES: usize = 32;
/// How often a random scalar is tried: one of 2^32 is not one.
const TRIES: usize = 4;

/// See the module.
pub(super) struct VapidKey {
    signing: SigningKey,
    /// What pages subscribe with.
    public: String,
}

impl VapidKey {
    /// The key of a folder, made where there is none.
    ///
    /// # Errors
    /// What the system says; also where the file holds something else.
    pub(super) fn open(dir: &Path) -> Result<Self> {
        let path = dir.join(FILE);
        match fs::read(&path) {
            Ok(text) => Self::read(&Zeroizing::new(text)).ok_or_else(|| {
                Error::new(ErrorKind::InvalidData, format!("{} is not a key", path.display()))
            }),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let secret = random_scalar()?;
                durable::create_dir(dir)?;
                let bytes = Zeroizing::new(secret.to_bytes());
                let text = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
                durable::create(&path, text.as_bytes(), Readers::Owner)?;
                Ok(Self::of(&secret))
            }
            Err(error) => Err(error),
        }
    }

    fn read(text: &[u8]) -> Option<Self> {
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.trim_ascii()).ok()?);
        SecretKey::from_slice(&bytes).ok().map(|secret| Self::of(&secret))
    }

    pub(super) fn of(secret: &SecretKey) -> Self {
        let public = URL_SAFE_NO_PAD.encode(secret.public_key().to_sec1_bytes());
        Self { signing: SigningKey::from(secret), public }
    }

    /// The public key, as browsers take it.
    pub(super) fn public(&self) -> &str {
        &self.public
    }

    /// The header `authorization` for a push service: an origin, whom it reaches where something is wrong, and the time in Unix seconds.
    pub(super) fn authorization(&self, audience: &str, contact: Option<&str>, now: i64) -> String {
        let mut claims = json!({ "aud": audience, "exp": now.saturating_add(GOOD_SECONDS) });
        if let Some(contact) = contact {
            claims["sub"] = contact.into();
        }
        let head = URL_SAFE_NO_PAD.encode(br#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature: Signature = self.signing.sign(signed.as_bytes());
        format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.to_bytes()), self.public)
    }
}

/// A new key of P-256.
///
/// # Errors
/// Where the system gives no randomness.
pub(super) fn random_scalar() -> Result<SecretKey> {
    for _ in 0..TRIES {
        let mut bytes = Zeroizing::new([0; SCALAR_BYTES]);
        getrandom::fill(bytes.as_mut_slice()).map_err(|error| Error::other(error.to_string()))?;
        if let Ok(secret) = SecretKey::from_slice(bytes.as_slice()) {
            return Ok(secret);
        }
    }
    Err(Error::other("the system's randomness is none"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use p256::ecdsa::VerifyingKey;
    use p256::ecdsa::signature::Verifier as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_for_its_owner_alone_and_its_tokens_verify() {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path().join("push");
        let key = VapidKey::open(&dir).unwrap();
        assert_eq!(VapidKey::open(&dir).unwrap().public(), key.public());
        let file = dir.join(FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);

        let header = key.authorization("https://push.example", Some("mailto:desk@example.org"), 1_000);
        let (token, public) = header.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(public, key.public());
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let verifying = VerifyingKey::from_sec1_bytes(&decoded(public)).unwrap();
        let signature = Signature::from_slice(&decoded(signature)).unwrap();
        verifying.verify(signed.as_bytes(), &signature).unwrap();
        let claims: serde_json::Value =
            serde_json::from_slice(&decoded(signed.split_once('.').unwrap().1)).unwrap();
        let expected =
            json!({ "aud": "https://push.example", "exp": 44_200, "sub": "mailto:desk@example.org" });
        assert_eq!(claims, expected);

        fs::write(&file, "not a key").unwrap();
        assert_eq!(VapidKey::open(&dir).err().unwrap().kind(), ErrorKind::InvalidData);
    }
}
