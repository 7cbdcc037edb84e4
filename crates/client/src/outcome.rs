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
    /// Whether its vote for a validator was the one that made a majority.
    pub validator_applied: Option<bool>,
    /// Whether a vote for or against an administrator, or for continuing another ledger, has decided.
    pub vote_applied: Option<bool>,
    /// Of a vote that is kept: how many there are by now, and of how many members.
    pub votes: Option<(usize, usize)>,
    /// Whether the ledger proves that it happened, or of a refusal, that it did not and never will; else it is the node's word.
    pub proven: bool,
    /// How often it had to be composed; 1 where nothing got in between.
    pub tries: u32,
}

impl Outcome {
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
        let vote = find(MsgProposeValidatorResponse::type_url())
            .and_then(|bytes| MsgProposeValidatorResponse::decode(bytes).ok());
        let applied = find(MsgAssignRoleResponse::type_url())
            .and_then(|bytes| MsgAssignRoleResponse::decode(bytes).ok())
            .map(|made| made.applied)
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
            validator_applied: vote.map(|made| made.applied),
            // Other roles are given and taken at once: that they are is seen in the directory.
            vote_applied: applied,
            votes: None,
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
