//! What an account signs to bring a sealed piece of a file to a node before the message that names it is on the ledger.
//!
//! No rule of the ledger: a node keeps such pieces for a day for who signed for them, within bounds of its own, and for good once
//! a message names them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::adr36;
use crate::attachment::BlobHash;
use crate::identity::Identity;
use crate::ids::{Address, ChainId, Prefix};
use crate::keys::BadSignature;

/// The scheme of the header `authorization`, before account, time, key and signature.
pub const UPLOAD_SCHEME: &str = "Sealdesk-Upload";
/// How old such a signature may be, in seconds by the node's clock.
pub const UPLOAD_FRESH_SECONDS: i64 = 3_600;
/// How far ahead of the node's clock it may be, in seconds.
pub const UPLOAD_AHEAD_SECONDS: i64 = 300;

/// What is brought, and where.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// The name of the ledger.
    pub ledger: &'a ChainId,
    /// Its identity.
    pub identity: &'a Identity,
    /// SHA-256 of the piece.
    pub blob: &'a BlobHash,
    /// Its length.
    pub bytes: u64,
}

impl Upload<'_> {
    /// What the account signs, by ADR-36.
    pub fn text(&self, account: &Address, made: i64) -> String {
        let Self { ledger, identity, blob, bytes } = self;
        let blob = hex::encode(blob);
        format!(
            "Sealdesk upload\nledger: {ledger}\nidentity: {identity}\naccount: {account}\nblob: {blob}\nbytes: {bytes}\nmade: {made}"
        )
    }
}

/// The header is not one of this scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the header authorization is not: {0} ACCOUNT TIME KEY SIGNATURE")]
pub struct NotASignedUpload(&'static str);

/// Who brings a piece, or asks for something else that is not on the ledger, as the header `authorization` says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUpload {
    /// Whose signature it is.
    pub account: Address,
    /// When it was made, in Unix seconds.
    pub made: i64,
    /// Compressed secp256k1.
    pub public_key: [u8; 33],
    /// Compact.
    pub signature: [u8; 64],
}

impl SignedUpload {
    /// Reads the header.
    ///
    /// # Errors
    /// [`NotASignedUpload`].
    pub fn parse(prefix: &Prefix, header: &str) -> Result<Self, NotASignedUpload> {
        Self::parse_as(UPLOAD_SCHEME, prefix, header)
    }

    /// Reads the header of another scheme.
    ///
    /// # Errors
    /// [`NotASignedUpload`].
    pub fn parse_as(scheme: &'static str, prefix: &Prefix, header: &str) -> Result<Self, NotASignedUpload> {
        let wrong = NotASignedUpload(scheme);
        let parts: Vec<&str> = header.split(' ').collect();
        let [named, account, made, key, signature] = parts[..] else { return Err(wrong) };
        if named != scheme {
            return Err(wrong);
        }
        let decoded = |text: &str| STANDARD.decode(text).map_err(|_| wrong);
        let (public_key, signature) = adr36::parts(&decoded(key)?, &decoded(signature)?).ok_or(wrong)?;
        Ok(Self {
            account: Address::parse(prefix, account).map_err(|_| wrong)?,
            made: made.parse().map_err(|_| wrong)?,
            public_key,
            signature,
        })
    }

    /// Writes the header.
    pub fn to_header(&self) -> String {
        self.to_header_as(UPLOAD_SCHEME)
    }

    /// Writes the header of another scheme.
    pub fn to_header_as(&self, scheme: &str) -> String {
        let Self { account, made, .. } = self;
        let (key, signature) = (STANDARD.encode(self.public_key), STANDARD.encode(self.signature));
        format!("{scheme} {account} {made} {key} {signature}")
    }

    /// Whether it was made recently, by a clock that says `now`.
    pub fn is_fresh(&self, now: i64) -> bool {
        let allowed = now.saturating_sub(UPLOAD_FRESH_SECONDS)..=now.saturating_add(UPLOAD_AHEAD_SECONDS);
        allowed.contains(&self.made)
    }

    /// Verifies that the account signed for this piece.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(&self, upload: &Upload<'_>) -> Result<(), BadSignature> {
        let text = upload.text(&self.account, self.made);
        adr36::verify(&self.public_key, &self.account, &text, &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p";

    fn signed() -> SignedUpload {
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let account = Address::parse(&prefix, ACCOUNT).unwrap();
        SignedUpload { account, made: 1_795_256_901, public_key: [2; 33], signature: [3; 64] }
    }

    #[test]
    fn a_header_is_read_as_it_was_written_and_nothing_else_is() {
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let header = signed().to_header();
        assert_eq!(SignedUpload::parse(&prefix, &header), Ok(signed()));
        for hostile in [
            "",
            "Sealdesk-Upload",
            "Bearer x",
            &header.replace("Sealdesk-Upload", "sealdesk-upload"),
            &header.replace(' ', "  "),
            &format!("{header} more"),
            &header.replace(ACCOUNT, "virtengine1nobody"),
            &header.replace("1795256901", "soon"),
            &header[..header.len() - 4],
        ] {
            assert_eq!(
                SignedUpload::parse(&prefix, hostile),
                Err(NotASignedUpload(UPLOAD_SCHEME)),
                "{hostile}"
            );
        }
    }

    #[test]
    fn a_signature_is_good_for_an_hour() {
        let signed = signed();
        for (now, fresh) in [(-301, false), (-300, true), (0, true), (3_600, true), (3_601, false)] {
            assert_eq!(signed.is_fresh(signed.made + now), fresh, "{now}");
        }
        assert!(!signed.is_fresh(i64::MIN) && !signed.is_fresh(i64::MAX));
    }

    #[test]
    fn the_text_names_everything_that_the_signature_is_good_for() {
        let chain = ChainId::parse("desk-00112233aabbccdd").unwrap();
        let identity = Identity::parse(&"ab".repeat(32)).unwrap();
        let upload = Upload { ledger: &chain, identity: &identity, blob: &[7; 32], bytes: 5 };
        let expected = format!(
            "Sealdesk upload\nledger: {chain}\nidentity: {}\naccount: {ACCOUNT}\nblob: {}\nbytes: 5\nmade: 9",
            "ab".repeat(32),
            "07".repeat(32)
        );
        assert_eq!(upload.text(&signed().account, 9), expected);
        assert!(signed().verify(&upload).is_err());
    }
}
