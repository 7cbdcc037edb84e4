//! Signatures of Standard Webhooks 1.0: HMAC-SHA-256 over `ID.TIMESTAMP.BODY`, under a secret that both ends know.
//!
//! Whoever posts our events signs with this: the node's webhooks, and the program where it forwards what it watches.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use thiserror::Error;
use zeroize::Zeroizing;

/// The header that names a message, the same in every attempt to deliver it.
pub const ID_HEADER: &str = "webhook-id";
/// The header with the time of the attempt, in Unix seconds.
pub const TIMESTAMP_HEADER: &str = "webhook-timestamp";
/// The header with a signature for each secret that is valid by now.
pub const SIGNATURE_HEADER: &str = "webhook-signature";
/// Fewest bytes of a secret.
pub const SECRET_BYTES_MIN: usize = 24;
/// Most bytes of a secret.
pub const SECRET_BYTES_MAX: usize = 64;
/// Bytes of a secret that is made here.
const SECRET_BYTES: usize = 32;
/// What every secret begins with as text.
const PREFIX: &str = "whsec_";

/// What both ends of a webhook know. It cannot be printed or cloned.
pub struct Secret(Zeroizing<Vec<u8>>);

/// Why a text is not a secret. It holds none of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SecretError {
    /// It does not look like one.
    #[error("a webhook's secret is whsec_ and base64 behind it")]
    Form,
    /// It has too few bytes or too many.
    #[error("a webhook's secret has {SECRET_BYTES_MIN} to {SECRET_BYTES_MAX} bytes, and this one has {0}")]
    Length(usize),
}

impl Secret {
    /// A new one, of 32 random bytes.
    ///
    /// # Errors
    /// [`getrandom::Error`] where the system has no randomness to give.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut bytes = Zeroizing::new(vec![0; SECRET_BYTES]);
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Reads the text of one; spaces and line ends around it do not count.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn parse(text: &str) -> Result<Self, SecretError> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(SecretError::Form)?;
        let bytes = STANDARD.decode(encoded).map(Zeroizing::new).map_err(|_| SecretError::Form)?;
        match bytes.len() {
            SECRET_BYTES_MIN..=SECRET_BYTES_MAX => Ok(Self(bytes)),
            other => Err(SecretError::Length(other)),
        }
    }

    /// The text that the other end is given.
    pub fn reveal(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{PREFIX}{}", Zeroizing::new(STANDARD.encode(&*self.0)).as_str()))
    }

    /// The signature over a message, as `v1,…`. `timestamp` is in Unix seconds.
    pub fn sign(&self, id: &str, timestamp: i64, body: &[u8]) -> String {
        // Any length is a key of HMAC.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else { return String::new() };
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The headers of a message by their names, signed with each of these secrets: with more than one while a secret is replaced, so that
/// whoever knows either believes it.
pub fn headers<'a>(
    secrets: impl IntoIterator<Item = &'a Secret>,
    id: &str,
    timestamp: i64,
    body: &[u8],
) -> [(&'static str, String); 3] {
    let signatures: Vec<String> =
        secrets.into_iter().map(|secret| secret.sign(id, timestamp, body)).collect();
    [
        (ID_HEADER, id.to_owned()),
        (TIMESTAMP_HEADER, timestamp.to_string()),
        (SIGNATURE_HEADER, signatures.join(" ")),
    ]
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification.
    const KNOWN: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = Secret::parse(KNOWN).unwrap();
        let body = br#"{"test": 2432232314}"#;
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body), expected);
        let other = Secret::generate().unwrap();
        let [id, time, both] =
            headers([&other, &secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!((id.0, time.1.as_str()), ("webhook-id", "1614265330"));
        assert!(both.1.starts_with("v1,") && both.1.ends_with(&format!(" {expected}")), "{both:?}");
    }

    #[test]
    fn a_secret_is_read_as_it_was_shown_and_printed_by_nothing() {
        let secret = Secret::generate().unwrap();
        let text = secret.reveal();
        assert_eq!(*Secret::parse(&format!(" {}\n", *text)).unwrap().0, *secret.0);
        assert_eq!(format!("{secret:?}"), "Secret");
        let of = |bytes: usize| format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
        for (bytes, fits) in [(0, false), (23, false), (24, true), (64, true), (65, false), (1_000, false)] {
            assert_eq!(Secret::parse(&of(bytes)).is_ok(), fits, "{bytes} bytes");
        }
        for wrong in
            ["", "whsec_", "secret", "whsec_ÿ", "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ 9r8"]
        {
            let error = Secret::parse(wrong).unwrap_err();
            assert!(!error.to_string().contains("MfKQ"), "{error}");
        }
    }
}
