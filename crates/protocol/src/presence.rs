//! What a member of the staff signs to say that they are at a ticket, and how a node passes that on to the others.
//!
//! No rule of the ledger: a frame is alive for some seconds, in the memory of the node that was told, and nothing of it is kept.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::identity::Identity;
use crate::ids::{Address, ChainId, TicketId};
use crate::node_request::NodeRequest;

/// For how long a frame is passed on after it came.
pub const PRESENCE_LIFE: Duration = Duration::from_secs(20);
/// Longest body of a request that says what somebody does, in bytes.
pub const PRESENCE_BODY_BYTES_MAX: usize = 256;
/// Most people who are at one ticket. Of more, those who said so last are.
pub const PRESENT_MAX: usize = 32;

/// What somebody does at a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doing {
    /// They have it open.
    Looking,
    /// They write a reply.
    Writing,
}

/// That somebody is at a ticket, and where.
#[derive(Debug, Clone, Copy)]
pub struct PresenceFrame<'a> {
    /// The name of the ledger.
    pub ledger: &'a ChainId,
    /// Its identity.
    pub identity: &'a Identity,
    /// The ticket.
    pub ticket: TicketId,
    /// What they do.
    pub doing: Doing,
}

impl NodeRequest for PresenceFrame<'_> {
    const SCHEME: &'static str = "Sealdesk-Presence";
    const FRESH_SECONDS: i64 = 60;
    const AHEAD_SECONDS: i64 = 60;

    fn text(&self, account: &Address, made: i64) -> String {
        let Self { ledger, identity, ticket, doing } = self;
        let doing = match doing {
            Doing::Looking => "looking",
            Doing::Writing => "writing",
        };
        format!(
            "Sealdesk presence\nledger: {ledger}\nidentity: {identity}\naccount: {account}\nticket: {ticket}\ndoing: {doing}\nmade: {made}"
        )
    }
}

/// The body of a request: what its sender does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// What they do.
    pub doing: Doing,
}

/// Somebody else at the same ticket, as the node was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Other {
    /// What they said that they do.
    pub doing: Doing,
    /// The header `authorization` by which they said it: who reads it verifies it.
    pub authorization: String,
}

/// What the node answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Others {
    /// Who else is at the ticket, at most [`PRESENT_MAX`].
    pub others: Vec<Other>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Prefix;

    #[test]
    fn the_text_names_ledger_account_ticket_what_is_done_and_time() {
        let chain = ChainId::parse("desk-00112233aabbccdd").unwrap();
        let identity = Identity::parse(&"ab".repeat(32)).unwrap();
        let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
        let account = Address::parse(&prefix, "virtengine19rl4cm2hmr8afy4kldpxz3fka4jguq0a6mvv5p").unwrap();
        let of = |ticket, doing| {
            let ticket = TicketId::parse(ticket).unwrap();
            PresenceFrame { ledger: &chain, identity: &identity, ticket, doing }.text(&account, 9)
        };
        let expected = format!(
            "Sealdesk presence\nledger: {chain}\nidentity: {}\naccount: {account}\nticket: TKT-00000007\ndoing: looking\nmade: 9",
            "ab".repeat(32)
        );
        assert_eq!(of("TKT-00000007", Doing::Looking), expected);
        assert_ne!(of("TKT-00000007", Doing::Writing), expected);
        assert_ne!(of("TKT-00000008", Doing::Looking), expected);
    }

    #[test]
    fn what_is_said_is_one_word_of_two() {
        let said = |text: &str| serde_json::from_str::<Said>(text).ok().map(|said| said.doing);
        assert_eq!(said(r#"{"doing":"looking"}"#), Some(Doing::Looking));
        assert_eq!(said(r#"{"doing":"writing"}"#), Some(Doing::Writing));
        for hostile in [r#"{"doing":"dreaming"}"#, r#"{"doing":"writing","text":"…"}"#, "{}", "writing"] {
            assert_eq!(said(hostile), None, "{hostile}");
        }
    }
}
