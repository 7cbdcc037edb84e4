//! What accounts ask of a node that is not on the ledger: each request is signed by ADR-36, and its header `authorization` says by whom and when.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

use crate::adr36;
use crate::ids::{Address, Prefix};
use crate::keys::BadSignature;

/// What is asked for, and where it is good.
pub trait NodeRequest {
    /// The scheme of the header `authorization`, before account, time, key and signature.
    const SCHEME: &'static str;
    /// How old such a signature may be, in seconds by the node's clock.
    const FRESH_SECONDS: i64 = 3_600;
    /// How far ahead of the node's clock it may be, in seconds.
    const AHEAD_SECONDS: i64 = 300;

    /// What the account signs, by ADR-36. It names the ledger, so that no other one takes it.
    fn text(&self, account: &Address, made: i64) -> String;
}

/// The header is not one of this scheme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the header authorization is not: {0} ACCOUNT TIME KEY SIGNATURE")]
pub struct NotASignedRequest(&'static str);

/// Who asks, as the header says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// Whose signature it is.
    pub account: Address,
    /// When it was made, in Unix seconds.
    pub made: i64,
    /// Compressed secp256k1.
    pub public_key: [u8; 33],
    /// Compact.
    pub signature: [u8; 64],
}

impl SignedRequest {
    /// Reads the header of a request of this kind.
    ///
    /// # Errors
    /// [`NotASignedRequest`].
    pub fn parse<R: NodeRequest>(prefix: &Prefix, header: &str) -> Result<Self, NotASignedRequest> {
        let wrong = NotASignedRequest(R::SCHEME);
        let parts: Vec<&str> = header.split(' ').collect();
        let [scheme, account, made, key, signature] = parts[..] else { return Err(wrong) };
        if scheme != R::SCHEME {
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
    pub fn to_header<R: NodeRequest>(&self) -> String {
        let Self { account, made, .. } = self;
        let (key, signature) = (STANDARD.encode(self.public_key), STANDARD.encode(self.signature));
        format!("{} {account} {made} {key} {signature}", R::SCHEME)
    }

    /// Whether it was made recently, by a clock that says `now`.
    pub fn is_fresh<R: NodeRequest>(&self, now: i64) -> bool {
        let allowed = now.saturating_sub(R::FRESH_SECONDS)..=now.saturating_add(R::AHEAD_SECONDS);
        allowed.contains(&self.made)
    }

    /// Verifies that the account asked for this.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify<R: NodeRequest>(&self, request: &R) -> Result<(), BadSignature> {
        let text = request.text(&self.account, self.made);
        adr36::verify(&self.public_key, &self.account, &text, &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: &str = "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p";

    struct Nothing;

    impl NodeRequest for Nothing {
        const SCHEME: &'static str = "Sealdesk-Nothing";

        fn text(&self, account: &Address, made: i64) -> String {
            format!("nothing for {account} at {made}")
        }
    }

    fn signed() -> SignedRequest {
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let account = Address::parse(&prefix, ACCOUNT).unwrap();
        SignedRequest { account, made: 1_795_256_901, public_key: [2; 33], signature: [3; 64] }
    }

    #[test]
    fn a_header_is_read_as_it_was_written_and_nothing_else_is() {
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let header = signed().to_header::<Nothing>();
        assert_eq!(SignedRequest::parse::<Nothing>(&prefix, &header), Ok(signed()));
        for hostile in [
            "",
            Nothing::SCHEME,
            "Bearer x",
            &header.replace("Sealdesk-Nothing", "sealdesk-nothing"),
            &header.replace(' ', "  "),
            &format!("{header} more"),
            &header.replace(ACCOUNT, "virtengine1nobody"),
            &header.replace("1795256901", "soon"),
            &header[..header.len() - 4],
        ] {
            let expected = Err(NotASignedRequest(Nothing::SCHEME));
            assert_eq!(SignedRequest::parse::<Nothing>(&prefix, hostile), expected, "{hostile}");
        }
    }

    #[test]
    fn a_signature_is_good_for_an_hour() {
        let signed = signed();
        for (now, fresh) in [(-301, false), (-300, true), (0, true), (3_600, true), (3_601, false)] {
            assert_eq!(signed.is_fresh::<Nothing>(signed.made + now), fresh, "{now}");
        }
        assert!(!signed.is_fresh::<Nothing>(i64::MIN) && !signed.is_fresh::<Nothing>(i64::MAX));
        assert!(signed.verify(&Nothing).is_err());
    }
}
