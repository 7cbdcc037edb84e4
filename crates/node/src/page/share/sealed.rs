//! Shares under a key of this process, each with the time at which it was used last.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Bytes of a share.
pub(super) const SHARE_BYTES: usize = 32;
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 24;
const TIME_BYTES: usize = 8;
/// What is sealed says what it is.
const DOMAIN: &[u8] = b"sealdesk/share/1";
/// Bytes of the hash that names this process beside others of its host.
const NAME_BYTES: usize = 4;

/// Seals shares, and opens those that it sealed.
pub(super) struct Sealer {
    /// Random, and never anywhere else: what was sealed before a restart is opened by nobody.
    key: Zeroizing<[u8; KEY_BYTES]>,
}

impl Sealer {
    /// One of this process.
    ///
    /// # Errors
    /// Where the system gives no randomness.
    pub(super) fn new() -> Result<Self, getrandom::Error> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        getrandom::fill(key.as_mut_slice())?;
        Ok(Self { key })
    }

    /// Tells it from others of the same host.
    pub(super) fn name(&self) -> String {
        let digest = Sha256::new().chain_update(DOMAIN).chain_update(self.key.as_slice()).finalize();
        hex::encode(digest.get(..NAME_BYTES).unwrap_or_default())
    }

    /// A share as a cookie's value, used now; `None` where the system gives no randomness.
    pub(super) fn seal(&self, share: &[u8; SHARE_BYTES]) -> Option<String> {
        self.seal_at(share, now())
    }

    /// The share of a cookie's value that was used at most so many seconds ago.
    pub(super) fn open(&self, text: &str, life_seconds: u32) -> Option<[u8; SHARE_BYTES]> {
        self.open_at(text, life_seconds, now())
    }

    fn seal_at(&self, share: &[u8; SHARE_BYTES], now: u64) -> Option<String> {
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce).ok()?;
        let plain = Zeroizing::new([&now.to_be_bytes()[..], share].concat());
        let payload = Payload { msg: &plain, aad: DOMAIN };
        let sealed = self.cipher().encrypt(&XNonce::from(nonce), payload).ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    fn open_at(&self, text: &str, life_seconds: u32, now: u64) -> Option<[u8; SHARE_BYTES]> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: DOMAIN };
        let plain = Zeroizing::new(self.cipher().decrypt(&XNonce::from(*nonce), payload).ok()?);
        let (used, share) = plain.split_first_chunk::<TIME_BYTES>()?;
        // A clock that was set back makes nothing last longer.
        let age = now.checked_sub(u64::from_be_bytes(*used))?;
        (age <= u64::from(life_seconds)).then(|| share.try_into().ok()).flatten()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.key).into())
    }
}

/// Unix seconds.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_opens_for_its_time_and_in_its_process_alone() {
        let sealer = Sealer::new().unwrap();
        let text = sealer.seal_at(&[7; SHARE_BYTES], 1_000).unwrap();
        assert!(!URL_SAFE_NO_PAD.decode(&text).unwrap().windows(8).any(|bytes| bytes == [7; 8]));
        for (now, opens) in [(1_000, true), (1_600, true), (1_601, false), (999, false), (u64::MAX, false)] {
            assert_eq!(sealer.open_at(&text, 600, now).is_some(), opens, "{now}");
        }
        let restarted = Sealer::new().unwrap();
        assert!(restarted.open_at(&text, 600, 1_000).is_none() && restarted.name() != sealer.name());
        for changed in ["", "AAAA", "%", &text[1..], &text.replace(&text[..2], "zz"), &text.repeat(9)] {
            assert!(sealer.open_at(changed, 600, 1_000).is_none(), "{changed:.20}");
        }
    }
}
