//! A proof to keep, and what it proves in plain words.

use std::collections::BTreeSet;

use prost::Message as _;
use sealdesk_protocol::identity::{Ancestry, Identity};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::receipt::{ReceiptError, Shown, Trust, VerifiedReceipt};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Status, author, is_transferred};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{ChainRecord, LedgerBeginning, ProofRequest};
use sealdesk_protocol::wire::virtengine::support::v1::{
    EnvelopeContext, ResponseHead, SupportTicket, TicketHead,
};

use crate::desk::{Desk, wire_height};
use crate::error::{Error, Result};
use crate::node::{NodeError, Transport};
use crate::sla::{self, Report, SlaError};
use crate::verify::{Proven, VerifyError};

/// How often a receipt is asked for again that lacks what a ticket's clocks need.
const TRIES_MAX: usize = 3;

/// A receipt of a ticket that verified, offline.
pub struct TicketReceipt {
    /// Everything that was verified.
    pub verified: VerifiedReceipt,
    /// The identity of the ledger, by the proven record of how it began; `None` in a receipt that does not hold it.
    pub identity: Option<Identity>,
    /// Which ticket.
    pub id: TicketId,
    /// Its proven record, without the envelope.
    pub ticket: SupportTicket,
    /// Digest of the sealed ticket, 32 bytes.
    pub payload_digest: Vec<u8>,
    /// The proven record of every response, in order, with the digest of what was sealed.
    pub responses: Vec<ResponseHead>,
}

/// Why a file is not a receipt of a ticket that can be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TicketReceiptError {
    /// The receipt itself does not hold.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// It proves records, and no ticket.
    #[error("this receipt is not of a ticket")]
    NoTicket,
    /// A proven record is not of its form: this program is too old for it.
    #[error("a proven record cannot be read: {0}")]
    Form(String),
    /// The header and the state name different ledgers.
    #[error("the header is of the ledger {header}, and the proven state of {state}")]
    ChainNamesDiffer {
        /// In the header.
        header: String,
        /// In the state.
        state: String,
    },
}

impl TicketReceipt {
    /// Verifies a receipt's bytes. Needs no node and no network.
    ///
    /// # Errors
    /// [`TicketReceiptError`]; for a receipt with any byte changed, or of another ledger than is trusted.
    pub fn verify(bytes: &[u8], trust: &Trust) -> std::result::Result<Self, TicketReceiptError> {
        let verified = VerifiedReceipt::verify(bytes, trust)?;
        let id = verified.ticket().ok_or(TicketReceiptError::NoTicket)?;
        check_chain(&verified)?;
        let identity = beginning(&verified)?;
        let head: TicketHead = record(&verified, &tree::ticket(id))?;
        let ticket = head.ticket.ok_or(TicketReceiptError::NoTicket)?;
        let responses = (0..ticket.response_count)
            .map(|index| record(&verified, &tree::response(id, index)))
            .collect::<std::result::Result<_, _>>()?;
        Ok(Self { identity, id, ticket, payload_digest: head.payload_digest, responses, verified })
    }

    /// What was promised of the ticket and what became of it, up to the time of the receipt's header.
    ///
    /// # Errors
    /// [`SlaError`]: the receipt was made without that, or the ledger does not know the ticket's beginning.
    pub fn service_levels(&self) -> std::result::Result<Report, SlaError> {
        let (history, documents) = sla::proof::of(&self.verified, self.id)?;
        Ok(sla::count(&history, &documents, self.verified.time()))
    }

    /// What it proves, a sentence each; `when` writes the times of blocks, in Unix seconds.
    pub fn proves(&self, when: &dyn Fn(i64) -> String) -> Vec<String> {
        let ticket = &self.ticket;
        let status = Status::from_wire(ticket.status).map_or("of an unknown status", Status::name);
        let mut sentences = vec![
            format!(
                "Ticket {} stood in the ledger {} at height {}, which the header of {} proves.",
                self.id,
                self.verified.chain_id(),
                self.verified.height(),
                when(self.verified.time())
            ),
            match &self.identity {
                Some(identity) => format!("That ledger's identity is {identity}."),
                None => {
                    "The receipt does not hold how that ledger began, and so not its identity.".to_owned()
                }
            },
            match &ticket.imported {
                None => format!(
                    "It was written by {} {}, and stood as {status} at that height.",
                    author(ticket),
                    came(ticket.payload_context.as_ref(), ticket.created_at, when)
                ),
                Some(it) => format!(
                    "It was imported from {} {} by {} {}, who tells what it says, and stood as {status} at that height.",
                    it.source,
                    it.source_id,
                    it.imported_by,
                    came(ticket.payload_context.as_ref(), ticket.created_at, when)
                ),
            },
            match ticket.response_count {
                0 => "It had no response or note.".to_owned(),
                1 => "It had exactly 1 response or note, which is here.".to_owned(),
                n => format!("It had exactly {n} responses and notes; none of them is left out here."),
            },
            format!("What was sealed in it has the digest {}.", hex::encode(&self.payload_digest)),
        ];
        match self.verified.handovers() {
            0 => {}
            n if self.verified.is_pinned() => sentences.push(format!(
                "The validators you trust handed the ledger over to others, {n} time(s), each time with more than two thirds of the power."
            )),
            n => sentences.push(format!("Before, the validators were others; it shows {n} handover(s).")),
        }
        if is_transferred(ticket) {
            sentences.push(format!("It had been transferred to {}.", ticket.customer_address));
        }
        if !ticket.assigned_to.is_empty() {
            sentences.push(format!("It was assigned to {}.", ticket.assigned_to));
        }
        let signers = match self.verified.signers().len() {
            1 => "1 validator".to_owned(),
            n => format!("{n} validators"),
        };
        sentences.push(format!(
            "{signers} with more than two thirds of the power signed this ({}).",
            hex::encode_upper(self.verified.validators_hash())
        ));
        sentences
    }

    /// The earlier ledgers that what is in it came from, by the word of whoever made this one out of them.
    fn earlier(&self) -> BTreeSet<&str> {
        let responses = self.responses.iter().filter_map(|head| head.response.as_ref());
        let contexts = responses.map(|response| response.payload_context.as_ref());
        contexts.chain([self.ticket.payload_context.as_ref()]).filter_map(earlier_ledger).into_set()
    }

    /// What it does not prove, a sentence each; `when` as above.
    pub fn does_not_prove(&self, when: &dyn Fn(i64) -> String) -> Vec<String> {
        let mut sentences = Vec::new();
        if !self.verified.is_pinned() {
            sentences.push(
                "Not pinned: who these validators are. Anyone can sign a ledger of their own; give --genesis or --trust."
                    .to_owned(),
            );
        }
        sentences.push("What was written: the text is sealed, and only its digest is here.".to_owned());
        let (height, time) = (self.verified.height(), when(self.verified.time()));
        sentences.push(format!("What happened after height {height}, that is after {time}."));
        sentences.extend(self.earlier().into_iter().map(|earlier| {
            format!(
                "When what is said to be of the earlier ledger {earlier} was written, and that it stood there: that is only claimed by the maker of this ledger."
            )
        }));
        sentences.push("Who the persons behind the addresses are.".to_owned());
        sentences.push("That the validators are honest: they could sign two histories.".to_owned());
        if self.verified.is_pinned() && self.verified.handovers() > 0 {
            sentences.push(
                "That the validators before destroyed their keys: with those of more than two thirds, other successors can be named."
                    .to_owned(),
            );
        }
        sentences
    }
}

/// The ledger that a record came from, where this one was made out of an earlier one that had it: of that no block of this ledger says
/// anything.
fn earlier_ledger(context: Option<&EnvelopeContext>) -> Option<&str> {
    context.map(|context| context.chain_id.as_str()).filter(|earlier| !earlier.is_empty())
}

/// When a record came, as it stands behind who wrote it: in a block of this ledger, or by somebody's word alone.
pub fn came(context: Option<&EnvelopeContext>, created_at: i64, when: &dyn Fn(i64) -> String) -> String {
    let at = when(created_at);
    match earlier_ledger(context) {
        None => format!("in a block of {at}"),
        Some(earlier) => format!(
            "({at}; when, and that it stood in the earlier ledger {earlier}, is only claimed by the maker of this ledger)"
        ),
    }
}

fn check_chain(verified: &VerifiedReceipt) -> std::result::Result<(), TicketReceiptError> {
    let Shown::Present(bytes) = verified.record(tree::CHAIN) else { return Ok(()) };
    let chain = ChainRecord::decode(bytes).map_err(|e| TicketReceiptError::Form(e.to_string()))?;
    if chain.chain_id == verified.chain_id().as_str() {
        return Ok(());
    }
    let header = verified.chain_id().to_string();
    Err(TicketReceiptError::ChainNamesDiffer { header, state: chain.chain_id })
}

/// The identity of the ledger, where the receipt proves how it began.
fn beginning(verified: &VerifiedReceipt) -> std::result::Result<Option<Identity>, TicketReceiptError> {
    let Shown::Present(bytes) = verified.record(tree::BEGINNING) else { return Ok(None) };
    let form = |error: &dyn std::fmt::Display| TicketReceiptError::Form(error.to_string());
    let leaf = LedgerBeginning::decode(bytes).map_err(|error| form(&error))?;
    let ancestry = Ancestry::read(&leaf).map_err(|error| form(&error))?;
    let state = ancestry.beginning().chain_id.to_string();
    if state == verified.chain_id().as_str() {
        return Ok(Some(ancestry.identity()));
    }
    Err(TicketReceiptError::ChainNamesDiffer { header: verified.chain_id().to_string(), state })
}

fn record<M: prost::Message + Default>(
    verified: &VerifiedReceipt,
    key: &[u8],
) -> std::result::Result<M, TicketReceiptError> {
    let Shown::Present(bytes) = verified.record(key) else { return Err(TicketReceiptError::NoTicket) };
    M::decode(bytes).map_err(|error| TicketReceiptError::Form(error.to_string()))
}

impl<T: Transport> Desk<T> {
    /// Fetches a receipt of a ticket, verified against the pin before it is handed out. These bytes are what to save. With the ticket it
    /// holds what the desk promised of it: the versions of the documents that service levels are counted by.
    ///
    /// # Errors
    /// [`Error::NoSuchTicket`] where that is proven, [`Error::Node`], [`Error::Verify`].
    pub async fn receipt(&self, id: TicketId) -> Result<Vec<u8>> {
        let fixed = [tree::CHAIN.to_vec(), tree::BEGINNING.to_vec()].into_iter().chain(sla::proof::lists());
        let mut keys = fixed.into_set();
        let mut bytes = self.receipt_with(id, &keys).await?;
        // Which versions count is known with the first one only; somebody may write another meanwhile.
        for _ in 0..TRIES_MAX {
            let verified = VerifiedReceipt::verify(&bytes, &Trust::Unpinned).map_err(VerifyError::Receipt)?;
            let missing = sla::proof::missing(&verified, id);
            if missing.is_empty() {
                break;
            }
            keys.extend(missing);
            bytes = self.receipt_with(id, &keys).await?;
        }
        Ok(bytes)
    }

    async fn receipt_with(&self, id: TicketId, keys: &BTreeSet<Vec<u8>>) -> Result<Vec<u8>> {
        let state_keys = keys.iter().cloned().collect();
        // From the genesis's validators on, so that whoever has the genesis needs nothing else.
        let trusted_validators = Vec::new();
        // What this home has seen stands in the receipt, too.
        let (ticket_id, at_least) = (id.to_string(), wire_height(self.pin().height));
        let request = ProofRequest { ticket_id, height: 0, state_keys, trusted_validators, at_least };
        let bytes = match self.node().proof(request).await {
            Err(NodeError::NotFound { .. }) => {
                self.ticket(id).await?;
                return Err(VerifyError::Denied("the ticket".to_owned()).into());
            }
            other => other?,
        };
        let (proven, shown) = Proven::verify(&bytes, &self.trust())?;
        if !self.saw(&shown)? {
            let (seen, found) = (self.pin().height, proven.height());
            return Err(VerifyError::Stale { seen, found }.into());
        }
        proven.ticket(id)?.ok_or(Error::NoSuchTicket(id))?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_block_is_said_to_have_had_what_is_of_an_earlier_ledger() {
        let when = |at: i64| format!("second {at}");
        let here = EnvelopeContext::default();
        let earlier = EnvelopeContext { chain_id: "desk-0".to_owned(), ..EnvelopeContext::default() };
        assert_eq!(came(None, 7, &when), "in a block of second 7");
        assert_eq!(came(Some(&here), 7, &when), "in a block of second 7");
        let said = came(Some(&earlier), 7, &when);
        assert!(
            said.contains("desk-0")
                && said.contains("only claimed by the maker of this ledger")
                && !said.contains("in a block"),
            "{said}"
        );
    }
}
