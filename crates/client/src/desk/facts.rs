//! Reading proven facts, never older than what was proven before.

use std::time::Duration;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::limits::PROOF_KEYS_MAX;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::ProofRequest;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use super::Desk;
use crate::compose::Person;
use crate::error::{Error, Result};
use crate::node::{Node, Transport};
use crate::time::sleep;
use crate::trust::{Pin, Trust};
use crate::verify::{Administrator, Member, Proven, VerifyError};

/// How often a state older than one seen before is asked for again: the block that proves the newest state comes a moment
/// after the block that made it.
const STALE_TRIES_MAX: u32 = 20;
/// The pause before asking again.
const STALE_PAUSE: Duration = Duration::from_millis(50);

/// The first proof of a ledger: what genesis fixed.
pub(super) async fn first_proof<T: Transport>(node: &Node<T>, trust: &Trust) -> Result<(Proven, Pin)> {
    let state_keys = vec![tree::CHAIN.to_vec()];
    let trusted_validators = trust.pin().map(|pin| pin.validators_hash.to_vec()).unwrap_or_default();
    let request = ProofRequest { state_keys, trusted_validators, ..ProofRequest::default() };
    let bytes = node.proof(request).await?;
    let (proven, pin) = Proven::verify(&bytes, trust)?;
    match trust.pin().filter(|pinned| pinned.height > pin.height) {
        Some(pinned) => Err(VerifyError::Stale { seen: pinned.height, found: pin.height }.into()),
        None => Ok((proven, pin)),
    }
}

impl<T: Transport> Desk<T> {
    /// Proven records of the newest state: those of a ticket, others, or both. A ticket's own are of one state; of more others
    /// than a request may name, the later parts may be of a later one.
    pub(crate) async fn prove(&self, ticket: Option<TicketId>, keys: Vec<Vec<u8>>) -> Result<Proven> {
        let mut parts = sorted_parts(keys).into_iter();
        let mut proven = self.prove_newest(ticket, parts.next().unwrap_or_default()).await?;
        for part in parts {
            proven.extend(self.prove_newest(None, part).await?);
        }
        Ok(proven)
    }

    /// Asks again while the state is older than one that was proven, or than the one that holds our last transaction.
    async fn prove_newest(&self, ticket: Option<TicketId>, keys: Vec<Vec<u8>>) -> Result<Proven> {
        for last in (0..STALE_TRIES_MAX).rev() {
            let (proven, pin) = self.prove_part(ticket, keys.clone()).await?;
            let (found, seen) = (proven.height(), self.pin().height);
            if found >= seen && (last == 0 || found >= self.believed().told) {
                self.believed().advance(pin);
                return Ok(proven);
            }
            if last == 0 {
                return Err(VerifyError::Stale { seen, found }.into());
            }
            sleep(STALE_PAUSE).await;
        }
        Err(VerifyError::Missing("everything that was asked for".to_owned()).into())
    }

    async fn prove_part(&self, ticket: Option<TicketId>, state_keys: Vec<Vec<u8>>) -> Result<(Proven, Pin)> {
        let ticket_id = ticket.map(|id| id.to_string()).unwrap_or_default();
        let trusted_validators = self.pin().validators_hash.to_vec();
        let request = ProofRequest { ticket_id, height: 0, state_keys, trusted_validators };
        let bytes = self.node.proof(request).await?;
        Ok(Proven::verify(&bytes, &self.trust())?)
    }

    /// The parameters in force, proven.
    ///
    /// # Errors
    /// [`Error::Node`] and [`Error::Verify`].
    pub async fn params(&self) -> Result<Params> {
        Ok(self.records(vec![tree::PARAMS.to_vec()]).await?.params()?)
    }

    /// Every administrator, proven.
    ///
    /// # Errors
    /// [`Error::Node`] and [`Error::Verify`].
    pub async fn administrators(&self) -> Result<Vec<Administrator>> {
        let facts = self.records(vec![tree::ADMINISTRATORS.to_vec()]).await?;
        Ok(facts.administrators(&self.chain.prefix)?)
    }

    /// An account's role and state, proven.
    ///
    /// # Errors
    /// [`Error::Node`] and [`Error::Verify`].
    pub async fn member(&self, address: &Address) -> Result<Member> {
        Ok(self.records(vec![tree::member(address)]).await?.member(address)?)
    }

    /// Every key of an address, proven.
    ///
    /// # Errors
    /// [`Error::Node`] and [`Error::Verify`].
    pub async fn keys(&self, address: &Address) -> Result<Vec<RecipientKeyRecord>> {
        Ok(self.records(vec![tree::keys(address)]).await?.keys(address)?)
    }

    /// A ticket's proven head: all but its envelope and grants.
    ///
    /// # Errors
    /// [`Error::NoSuchTicket`] where that is proven, [`Error::Node`], [`Error::Verify`].
    pub async fn ticket(&self, id: TicketId) -> Result<SupportTicket> {
        let facts = self.records(vec![tree::ticket(id)]).await?;
        head(&facts, id)
    }

    /// The active administrators with their keys, and the proof that grew by them.
    pub(crate) async fn active_administrators(&self, facts: &mut Proven) -> Result<Vec<Person>> {
        let active: Vec<Address> = facts
            .administrators(&self.chain.prefix)?
            .into_iter()
            .filter(|administrator| administrator.state == AccountState::Active)
            .map(|administrator| administrator.address)
            .collect();
        self.people(facts, &active).await
    }

    /// People with their keys, in the order asked for.
    pub(crate) async fn people(&self, facts: &mut Proven, addresses: &[Address]) -> Result<Vec<Person>> {
        let missing: Vec<Vec<u8>> =
            addresses.iter().map(tree::keys).filter(|key| !facts.covers(key)).collect();
        if !missing.is_empty() {
            facts.extend(self.records(missing).await?);
        }
        let person = |address: &Address| {
            let keys = facts.keys(address)?;
            Ok(Person { address: address.clone(), keys })
        };
        addresses.iter().map(person).collect()
    }
}

/// A ticket's head from facts that were asked for it.
pub(crate) fn head(facts: &Proven, id: TicketId) -> Result<SupportTicket> {
    let head = facts.ticket(id)?.ok_or(Error::NoSuchTicket(id))?;
    head.ticket.ok_or_else(|| VerifyError::Missing(format!("ticket {id}")).into())
}

/// Cuts keys into what one request may name, ascending and none twice, as receipts hold them. At least one part.
fn sorted_parts(mut keys: Vec<Vec<u8>>) -> Vec<Vec<Vec<u8>>> {
    keys.sort_unstable();
    keys.dedup();
    keys.chunks(PROOF_KEYS_MAX).map(<[Vec<u8>]>::to_vec).collect()
}
