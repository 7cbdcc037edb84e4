//! What the ledger made of a transaction, and what its messages made.

use prost::{Message as _, Name as _};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxMsgData;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{MsgContinueLedgerResponse, MsgProposeValidatorResponse};
use sealdesk_protocol::wire::virtengine::encryption::v1::MsgRegisterRecipientKeyResponse;
use sealdesk_protocol::wire::virtengine::roles::v1::{MsgAssignRoleResponse, MsgRevokeRoleResponse};
use sealdesk_protocol::wire::virtengine::support::v1::{
    MsgCreateTicketResponse, MsgImportTicketResponse, MsgRespondToTicketResponse,
};

use crate::node::TxResult;

/// What the ledger made of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The block that holds it; 0 where it was refused before any block.
    pub height: u64,
    /// The transaction's name.
    pub txhash: TxHash,
    /// 0 = done; else why not.
    pub code: u32,
    /// What the code counts in; empty for 0.
    pub codespace: String,
    /// The refusal in words.
    pub log: String,
    /// The block's time, RFC 3339; empty where there is no block.
    pub timestamp: String,
    /// The ticket that it created.
    pub ticket_id: Option<TicketId>,
    /// The response that it made, counted from 0.
    pub response_index: Option<u32>,
    /// The key that it registered on the way.
    pub registered_key: Option<Fingerprint>,
    /// What became of its vote for a validator, for or against an administrator, or for continuing another ledger.
    pub vote: Option<Vote>,
    /// Whether the ledger proves that it happened, or of a refusal, that it did not and never will; else it is the node's word.
    pub proven: bool,
    /// How often it had to be composed; 1 where nothing got in between.
    pub tries: u32,
}

/// What became of a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vote {
    /// It has decided.
    Decided,
    /// It is kept, and more are needed.
    Open {
        /// How many there are by now, where that is known.
        tally: Option<Tally>,
    },
}

/// The votes for one change that are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// How many there are.
    pub votes: usize,
    /// Of how many members.
    pub members: usize,
}

impl Vote {
    /// Of one that decided, or of which it is not known how many there are.
    pub(crate) fn of(is_decided: bool) -> Self {
        if is_decided { Self::Decided } else { Self::Open { tally: None } }
    }
}

impl Outcome {
    /// Whether all that came of it is a vote that does not decide yet.
    pub fn is_open_vote(&self) -> bool {
        matches!(self.vote, Some(Vote::Open { .. }))
    }

    pub(crate) fn of(result: TxResult, txhash: TxHash, tries: u32) -> Self {
        let made = TxMsgData::decode(result.data.as_slice()).unwrap_or_default().msg_responses;
        let find = |url: String| made.iter().find(|any| any.type_url == url).map(|any| any.value.as_slice());
        let ticket = find(MsgCreateTicketResponse::type_url())
            .and_then(|bytes| MsgCreateTicketResponse::decode(bytes).ok())
            .map(|made| made.ticket_id)
            .or_else(|| {
                let bytes = find(MsgImportTicketResponse::type_url())?;
                MsgImportTicketResponse::decode(bytes).ok().map(|made| made.ticket_id)
            });
        let response = find(MsgRespondToTicketResponse::type_url())
            .and_then(|bytes| MsgRespondToTicketResponse::decode(bytes).ok());
        let key = find(MsgRegisterRecipientKeyResponse::type_url())
            .and_then(|bytes| MsgRegisterRecipientKeyResponse::decode(bytes).ok());
        let applied = find(MsgProposeValidatorResponse::type_url())
            .and_then(|bytes| MsgProposeValidatorResponse::decode(bytes).ok())
            .map(|made| made.applied)
            .or_else(|| {
                let bytes = find(MsgAssignRoleResponse::type_url())?;
                MsgAssignRoleResponse::decode(bytes).ok().map(|made| made.applied)
            })
            .or_else(|| {
                let bytes = find(MsgRevokeRoleResponse::type_url())?;
                MsgRevokeRoleResponse::decode(bytes).ok().map(|made| made.applied)
            })
            .or_else(|| {
                let bytes = find(MsgContinueLedgerResponse::type_url())?;
                MsgContinueLedgerResponse::decode(bytes).ok().map(|made| made.applied)
            });
        Self {
            height: result.height,
            txhash,
            code: result.code,
            codespace: result.codespace,
            log: result.log,
            timestamp: result.timestamp,
            ticket_id: ticket.and_then(|id| TicketId::parse(&id).ok()),
            response_index: response.map(|made| made.response_index),
            registered_key: key.and_then(|made| Fingerprint::parse(&made.key_fingerprint).ok()),
            // Roles but the administrator's are given and taken at once: that they are is seen in the directory.
            vote: applied.map(Vote::of),
            proven: false,
            tries,
        }
    }

    /// True where the world had moved on between reading and sending: a stale sequence, another number of responses, or
    /// another set of readers, another version of a document. Composing anew heals it; that no administrator has a key (41) is not of this kind.
    pub fn asks_to_compose_again(&self) -> bool {
        matches!((self.codespace.as_str(), self.code), ("sdk", 32) | ("support", 40 | 42 | 43 | 45))
    }
}
