//! What an administrator signs to have a node destroy the texts of a closed ticket.
//!
//! No rule of the ledger: each node erases for itself. So the text names the node, and a node cannot have others erase in its place.

use crate::identity::Identity;
use crate::ids::{Address, ChainId, TicketId};
use crate::node_request::NodeRequest;

/// What is erased, and where.
#[derive(Debug, Clone, Copy)]
pub struct ErasureRequest<'a> {
    /// The name of the ledger.
    pub ledger: &'a ChainId,
    /// Its identity.
    pub identity: &'a Identity,
    /// The node, as the request's host names it: `desk.example` or `127.0.0.1:9090`.
    pub node: &'a str,
    /// The ticket.
    pub ticket: TicketId,
}

impl NodeRequest for ErasureRequest<'_> {
    const SCHEME: &'static str = "Sealdesk-Erase";

    fn text(&self, account: &Address, made: i64) -> String {
        let Self { ledger, identity, node, ticket } = self;
        format!(
            "Sealdesk erase\nledger: {ledger}\nidentity: {identity}\nnode: {node}\naccount: {account}\nticket: {ticket}\nmade: {made}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_names_ledger_node_account_ticket_and_time() {
        let chain = ChainId::parse("desk-00112233aabbccdd").unwrap();
        let identity = Identity::parse(&"ab".repeat(32)).unwrap();
        let prefix = crate::ids::Prefix::parse(crate::ids::Prefix::DEFAULT).unwrap();
        let account = Address::parse(&prefix, "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p").unwrap();
        let request = ErasureRequest {
            ledger: &chain,
            identity: &identity,
            node: "desk.example",
            ticket: TicketId::new(7).unwrap(),
        };
        let expected = format!(
            "Sealdesk erase\nledger: {chain}\nidentity: {}\nnode: desk.example\naccount: {account}\nticket: TKT-00000007\nmade: 9",
            "ab".repeat(32)
        );
        assert_eq!(request.text(&account, 9), expected);
    }
}
