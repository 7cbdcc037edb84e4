//! Letting later readers in, and giving a ticket to an agent who can read it then.

use prost::Message as _;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgGrantAccess, TargetedGrant};
use sealdesk_stacks::contract::Request;
use sealdesk_stacks::limits::PAYLOAD_BYTES_MAX;
use sealdesk_stacks::principal::Principal;

use super::Desk;
use super::directory::Person;
use super::error::{Error, Result};
use super::memory::Agreed;
use super::net::Http;
use super::read::Records;
use super::send::{Approve, CallOutcome, Sender};
use crate::actor::Pair;
use crate::compose::ComposeError;

/// What granting did, or assigning with it.
#[derive(Debug, Default)]
pub struct Granted {
    /// The calls, in order; none where the reader had everything already.
    pub outcomes: Vec<CallOutcome>,
    /// How many messages were opened to the reader.
    pub granted: usize,
    /// What the granter cannot open, so that it was left out.
    pub unopened: Vec<GrantTarget>,
    /// Whether the reader has no key that anything could be sealed to.
    pub has_no_key: bool,
}

/// Who grants to whom.
struct Granter<'a> {
    sender: &'a Principal,
    own: &'a Pair,
    pairs: &'a [Pair],
    reader: &'a Person,
}

impl<H: Http> Desk<H> {
    /// Opens a ticket to a later reader: an administrator, its agent, its customer.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn grant_access<A: Approve>(
        &self,
        sender: &mut Sender<'_, A>,
        ticket: TicketId,
        reader: &Principal,
    ) -> Result<Granted> {
        let head = self.ticket(ticket).await?;
        let is_party = head.owner == *reader || head.assignee.as_ref() == Some(reader);
        if !is_party && !self.is_administrator(reader).await? {
            return Err(Error::NotEntitled { reader: reader.clone(), ticket });
        }
        self.let_in(sender, ticket, reader, None).await
    }

    /// Gives a ticket to an agent, and opens everything in it to them that the sender can open: the grants first, so that they can read
    /// what they are given.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn assign<A: Approve>(
        &self,
        sender: &mut Sender<'_, A>,
        ticket: TicketId,
        agent: &Principal,
    ) -> Result<Granted> {
        if !self.is_staff(agent).await? && !self.is_administrator(agent).await? {
            return Err(Error::NotStaff(agent.clone()));
        }
        let assign = Request::AssignTicket { ticket: ticket.number(), agent: agent.clone() };
        self.let_in(sender, ticket, agent, Some(assign)).await
    }

    async fn let_in<A: Approve>(
        &self,
        sender: &mut Sender<'_, A>,
        ticket: TicketId,
        reader: &Principal,
        then: Option<Request>,
    ) -> Result<Granted> {
        self.expect_fresh().await?;
        let history = self.history().await?;
        let own = self.own(sender.actor, &history).await?;
        let reader = self.person(reader, &history).await?;
        let has_no_key = reader.active().is_empty();
        if has_no_key && then.is_none() {
            reader.expect_key()?;
        }
        let records = self.records(ticket, &history).await?;
        let pairs = self.own_pairs(sender.actor, &records, &history).await?;
        let me = self.me(sender.actor)?;
        let granter = Granter { sender: &me, own: &own.pair, pairs: &pairs, reader: &reader };
        let (grants, unopened) = granter.grants(&records)?;
        let granted = grants.len();
        let mut agreed = Agreed::default();
        if reader.who != me && !grants.is_empty() && self.is_new_reader(&reader.who) {
            agreed.readers.push(reader.who.clone());
            sender.approve.note(&format!("new reader: {}, who is let into {ticket}", reader.who));
        }
        let calls = parts(&me, ticket, grants)?;
        if calls.is_empty() && then.is_none() {
            return Ok(Granted { unopened, has_no_key, ..Granted::default() });
        }
        // Registering a key is of use only to who signs grants with it.
        let requests = if calls.is_empty() {
            then.into_iter().collect()
        } else {
            own.and_then(calls.into_iter().chain(then))
        };
        let outcomes = self.call_agreed(sender, &requests, agreed).await?;
        Ok(Granted { outcomes, granted, unopened, has_no_key })
    }
}

impl Granter<'_> {
    /// Wraps every message that the reader lacks and may have.
    fn grants(&self, records: &Records) -> Result<(Vec<TargetedGrant>, Vec<GrantTarget>)> {
        let (mut grants, mut unopened) = (Vec::new(), Vec::new());
        let customer = &records.ticket.owner;
        // Notes are never for the ticket's customer, and never from them.
        let outside = self.reader.who == *customer || self.sender == customer;
        for target in records.targets.iter().filter(|target| !(target.internal && outside)) {
            let missing = self.reader.active().into_iter().filter(|key| !target.is_for(&key.fingerprint()));
            let missing: Vec<_> = missing.collect();
            if missing.is_empty() {
                continue;
            }
            let Some(Ok(opened)) = target.open(self.pairs) else {
                unopened.push(target.target);
                continue;
            };
            for key in missing {
                let (granter, signing) = (self.sender.to_string(), &self.own.signing);
                let grant = opened
                    .grant(&key, &granter, signing, &mut getrandom::SysRng)
                    .map_err(ComposeError::from)?;
                grants.push(TargetedGrant {
                    target: target.target.to_wire(),
                    entry: Some(grant.entry.to_wire()),
                    grant_signature: grant.signature.to_vec(),
                    // Of the ledger alone: here readers try each active key of the granter, and nobody waits for them.
                    granter_key_version: 0,
                });
            }
        }
        Ok((grants, unopened))
    }
}

/// Cuts grants into what fits one call each.
fn parts(sender: &Principal, ticket: TicketId, grants: Vec<TargetedGrant>) -> Result<Vec<Request>> {
    let message = |grants| MsgGrantAccess {
        sender: sender.to_string(),
        ticket_id: ticket.to_string(),
        grants,
        agent: String::new(),
    };
    let (mut requests, mut part) = (Vec::new(), message(Vec::new()));
    for grant in grants {
        part.grants.push(grant);
        if part.encoded_len() > PAYLOAD_BYTES_MAX
            && let Some(over) = part.grants.pop()
        {
            requests.push(part.encode_to_vec());
            part = message(vec![over]);
        }
    }
    if !part.grants.is_empty() {
        requests.push(part.encode_to_vec());
    }
    let ticket = ticket.number();
    Ok(requests.into_iter().map(|grants| Request::GrantAccess { ticket, grants }).collect())
}
