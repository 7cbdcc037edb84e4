//! Whether an attempt that the node calls refused or unknown stands in the ledger all the same.
//!
//! What became of a transaction is the node's word. Sealed records are not: each names the digest of what was sealed, and is proven. So
//! before a message is sealed again because its sequence was passed, the ledger itself is asked whether it holds the message.

use prost::{Message as _, Name as _};
use prost_types::Any;
use sealdesk_protocol::envelope::{Context, Envelope, EnvelopeLimits, Kind};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_protocol::wire::virtengine::support::v1::{
    MsgCreateTicket, MsgImportTicket, MsgRateTicket, MsgRespondToTicket,
};

use super::Desk;
use crate::compose::SignedTx;
use crate::error::Result;
use crate::node::Transport;
use crate::notes::Named;
use crate::outcome::Outcome;
use crate::verify::Proven;

/// A transaction that was sent.
pub(super) struct Attempt {
    pub(super) sender: Address,
    pub(super) hash: TxHash,
    pub(super) sequence: u64,
    /// Tickets that the ledger had before.
    pub(super) tickets: u64,
    /// The last ticket that it can have made; `None` = the newest.
    pub(super) last_ticket: Option<u64>,
    pub(super) messages: Vec<Any>,
    /// Whom it is sealed for or lets in.
    pub(super) readers: Named,
}

impl Attempt {
    pub(super) fn new(sender: &Address, signed: &SignedTx, tickets: u64, messages: &[Any]) -> Self {
        let sender = sender.clone();
        let (hash, sequence) = (signed.hash(), signed.sequence);
        let (messages, readers) = (messages.to_vec(), Named::default());
        Self { sender, hash, sequence, tickets, last_ticket: None, messages, readers }
    }
}

/// A sealed record that an attempt made.
struct Record {
    height: i64,
    ticket: TicketId,
    response: Option<u32>,
}

impl<T: Transport> Desk<T> {
    /// The outcome of an attempt that made a ticket or a response, by proof; `None` where it made none. `named` is the ticket that the node
    /// calls it, with facts that hold its record: it is looked at first.
    pub(super) async fn inclusion(
        &self,
        attempt: &Attempt,
        named: Option<(TicketId, &Proven)>,
    ) -> Result<Option<Outcome>> {
        for (index, message) in (0..).zip(&attempt.messages) {
            let record = if let Some(sent) = first_text(message) {
                let place = self.place(attempt, Kind::Ticket, index, String::new());
                match digest(Some(sent), &place) {
                    Some(sealed) => self.ticket_of(attempt, &sealed, named).await?,
                    None => None,
                }
            } else if let Some(asked) = Asked::of(message) {
                self.response_of(attempt, index, asked).await?
            } else {
                None
            };
            if let Some(record) = record {
                return Ok(Some(outcome(attempt, &record)));
            }
        }
        Ok(None)
    }

    /// Among the tickets that came since: the one that this attempt has sealed. Another program of the same sender may have used
    /// the sequence for another ticket, so the sequence alone tells nothing. Beside many writers many have come: where the node has named
    /// the right one, the others are not asked for.
    async fn ticket_of(
        &self,
        attempt: &Attempt,
        sealed: &[u8; 32],
        named: Option<(TicketId, &Proven)>,
    ) -> Result<Option<Record>> {
        if let Some((id, facts)) = named
            && let Some(record) = self.sealed_among(&[id], facts, sealed)?
        {
            return Ok(Some(record));
        }
        let count = self.records(vec![tree::TICKET_COUNT.to_vec()]).await?.ticket_count()?;
        let last = attempt.last_ticket.map_or(count, |last| last.min(count));
        let since = attempt.tickets.saturating_add(1)..=last;
        let ids: Vec<TicketId> = since.filter_map(TicketId::new).collect();
        if ids.is_empty() {
            return Ok(None);
        }
        let facts = self.records(ids.iter().map(|id| tree::ticket(*id)).collect()).await?;
        self.sealed_among(&ids, &facts, sealed)
    }

    /// The ticket of these that facts show to hold what was sealed.
    fn sealed_among(&self, ids: &[TicketId], facts: &Proven, sealed: &[u8; 32]) -> Result<Option<Record>> {
        for id in ids.iter().copied() {
            let head = facts.ticket(id)?.unwrap_or_default();
            let context = head.ticket.and_then(|ticket| ticket.payload_context).unwrap_or_default();
            if head.payload_digest == *sealed {
                self.used_ticket(id, facts)?;
                return Ok(Some(Record { height: context.height, ticket: id, response: None }));
            }
        }
        Ok(None)
    }

    /// Among the ticket's responses: the one that this attempt has sealed.
    async fn response_of(&self, attempt: &Attempt, index: u32, asked: Asked) -> Result<Option<Record>> {
        let Ok(ticket) = TicketId::parse(&asked.ticket_id) else { return Ok(None) };
        let place = self.place(attempt, asked.kind, index, ticket.to_string());
        let Some(sealed) = digest(asked.sealed, &place) else { return Ok(None) };
        let facts: Proven = self.prove(Some(ticket), Vec::new()).await?;
        let head = facts.ticket(ticket)?.and_then(|head| head.ticket).unwrap_or_default();
        for index in 0..head.response_count {
            let head = facts.response(ticket, index)?;
            if head.payload_digest == sealed {
                let context = head.response.and_then(|response| response.payload_context).unwrap_or_default();
                return Ok(Some(Record { height: context.height, ticket, response: Some(index) }));
            }
        }
        Ok(None)
    }

    /// Where an attempt's message stands.
    fn place(&self, attempt: &Attempt, kind: Kind, index: u32, ticket: String) -> Context {
        let chain_id = self.chain().chain_id.to_string();
        Context {
            chain_id,
            ticket_id: ticket,
            kind,
            sender: attempt.sender.to_string(),
            sequence: attempt.sequence,
            index,
        }
    }
}

/// The text of a ticket that a message would make: a new one, or an imported one.
fn first_text(message: &Any) -> Option<MultiRecipientEnvelope> {
    let bytes = message.value.as_slice();
    match &message.type_url {
        url if *url == MsgCreateTicket::type_url() => MsgCreateTicket::decode(bytes).ok()?.encrypted_payload,
        url if *url == MsgImportTicket::type_url() => MsgImportTicket::decode(bytes).ok()?.encrypted_payload,
        _ => None,
    }
}

/// A response that a message would make: an answer, a note, or the comment of a rating.
struct Asked {
    ticket_id: String,
    kind: Kind,
    sealed: Option<MultiRecipientEnvelope>,
}

impl Asked {
    fn of(message: &Any) -> Option<Self> {
        if message.type_url == MsgRespondToTicket::type_url() {
            let asked = MsgRespondToTicket::decode(message.value.as_slice()).unwrap_or_default();
            let kind = if asked.internal { Kind::Note } else { Kind::Response };
            return Some(Self { ticket_id: asked.ticket_id, kind, sealed: asked.encrypted_payload });
        }
        if message.type_url != MsgRateTicket::type_url() {
            return None;
        }
        let asked = MsgRateTicket::decode(message.value.as_slice()).ok()?;
        let sealed = Some(asked.encrypted_payload?);
        Some(Self { ticket_id: asked.ticket_id, kind: Kind::Rating, sealed })
    }
}

/// Whether a message makes a sealed record, which names the digest of what was sealed.
pub(super) fn is_of_record(message: &Any) -> bool {
    first_text(message).is_some() || Asked::of(message).is_some()
}

/// What the head of a record names of the envelope that was sent for it.
fn digest(sent: Option<MultiRecipientEnvelope>, place: &Context) -> Option<[u8; 32]> {
    let envelope = Envelope::from_wire(&sent?, EnvelopeLimits::WIDEST).ok()?;
    Some(envelope.digests(place).envelope)
}

fn outcome(attempt: &Attempt, record: &Record) -> Outcome {
    Outcome {
        height: u64::try_from(record.height).unwrap_or(0),
        txhash: attempt.hash,
        code: 0,
        codespace: String::new(),
        log: String::new(),
        timestamp: String::new(),
        ticket_id: record.response.is_none().then_some(record.ticket),
        response_index: record.response,
        registered_key: None,
        vote: None,
        proven: true,
        tries: 1,
    }
}
