//! What an account signs to bring a sealed piece of a file to a node before the message that names it is on the ledger.
//!
//! No rule of the ledger: a node keeps such pieces for a day for who signed for them, within bounds of its own, and for good once
//! a message names them.

use crate::attachment::BlobHash;
use crate::identity::Identity;
use crate::ids::{Address, ChainId};
use crate::node_request::NodeRequest;

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

impl NodeRequest for Upload<'_> {
    const SCHEME: &'static str = "Sealdesk-Upload";

    fn text(&self, account: &Address, made: i64) -> String {
        let Self { ledger, identity, blob, bytes } = self;
        let blob = hex::encode(blob);
        format!(
            "Sealdesk upload\nledger: {ledger}\nidentity: {identity}\naccount: {account}\nblob: {blob}\nbytes: {bytes}\nmade: {made}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Prefix;

    #[test]
    fn the_text_names_everything_that_the_signature_is_good_for() {
        let chain = ChainId::parse("desk-00112233aabbccdd").unwrap();
        let identity = Identity::parse(&"ab".repeat(32)).unwrap();
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let account = Address::parse(&prefix, "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p").unwrap();
        let upload = Upload { ledger: &chain, identity: &identity, blob: &[7; 32], bytes: 5 };
        let expected = format!(
            "Sealdesk upload\nledger: {chain}\nidentity: {}\naccount: {account}\nblob: {}\nbytes: 5\nmade: 9",
            "ab".repeat(32),
            "07".repeat(32)
        );
        assert_eq!(upload.text(&account, 9), expected);
    }
}
