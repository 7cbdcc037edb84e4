//! What an account signs to have a node push notices to one of its devices, or to stop that.
//!
//! No rule of the ledger: each node pushes for itself, and keeps what it needs for that beside its ledger.

use sha2::{Digest as _, Sha256};

use crate::identity::Identity;
use crate::ids::{Address, ChainId};
use crate::node_request::NodeRequest;

/// Longest body of such a request, in bytes.
pub const PUSH_BODY_BYTES_MAX: usize = 4_096;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushAct {
    /// Notices go to the device that the body names.
    Subscribe,
    /// They do not any more.
    Unsubscribe,
}

/// A request about notices, and where it is made.
#[derive(Debug, Clone, Copy)]
pub struct PushRequest<'a> {
    /// The name of the ledger.
    pub ledger: &'a ChainId,
    /// Its identity.
    pub identity: &'a Identity,
    /// What is asked for.
    pub act: PushAct,
    /// The request's body, byte by byte.
    pub body: &'a [u8],
}

impl NodeRequest for PushRequest<'_> {
    const SCHEME: &'static str = "Sealdesk-Push";

    fn text(&self, account: &Address, made: i64) -> String {
        let Self { ledger, identity, act, body } = self;
        let act = match act {
            PushAct::Subscribe => "subscribe",
            PushAct::Unsubscribe => "unsubscribe",
        };
        let body = hex::encode(Sha256::digest(body));
        format!(
            "Sealdesk push\nledger: {ledger}\nidentity: {identity}\naccount: {account}\nact: {act}\nbody: {body}\nmade: {made}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Prefix;

    #[test]
    fn the_text_names_ledger_account_act_body_and_time() {
        let chain = ChainId::parse("desk-00112233aabbccdd").unwrap();
        let identity = Identity::parse(&"ab".repeat(32)).unwrap();
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let account = Address::parse(&prefix, "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p").unwrap();
        let of = |act, body| PushRequest { ledger: &chain, identity: &identity, act, body }.text(&account, 9);
        let expected = format!(
            "Sealdesk push\nledger: {chain}\nidentity: {}\naccount: {account}\nact: subscribe\n\
             body: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\nmade: 9",
            "ab".repeat(32)
        );
        assert_eq!(of(PushAct::Subscribe, b""), expected);
        assert_ne!(of(PushAct::Unsubscribe, b""), expected);
        assert_ne!(of(PushAct::Subscribe, b"x"), expected);
    }
}
