//! Receipts: records of one block's state, with the header that proves it.

use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use sealdesk_machine::QueryError;
use sealdesk_protocol::block::Hash;
use sealdesk_protocol::engine::EngineKind;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::limits::PROOF_KEYS_MAX;
use sealdesk_protocol::receipt::{Evidence, Handover};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{ProofRequest, ProvenRecord};
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;
use sealdesk_store::{KEY_BYTES_MAX, Snapshot, StoreError};
use tonic::Status;

use super::fair_queue::Work;
use super::{Api, status};
use crate::http::source::Source;
use crate::ledger::{Signed, Tip};

/// How long a request waits for the header that proves the state it asks for. The embedded ledger makes it at once.
const HEADER_WAIT: Duration = Duration::from_secs(5);

/// Which state is asked for.
#[derive(Clone, Copy)]
enum Asked {
    /// The one after a block.
    At(u64),
    /// The newest that can be proven, not before a height.
    NewestSince(u64),
}

impl Asked {
    fn of(request: &ProofRequest) -> Result<Self, Status> {
        let read =
            |height| u64::try_from(height).map_err(|_| Status::invalid_argument("heights are not negative"));
        match (read(request.height)?, read(request.at_least)?) {
            (0, at_least) => Ok(Self::NewestSince(at_least)),
            (height, at_least) if height >= at_least => Ok(Self::At(height)),
            (height, at_least) => Err(Status::invalid_argument(format!(
                "the state of block {height} is before {at_least}, which it must not be"
            ))),
        }
    }
}

/// A state and the header that proves it.
struct Provable {
    state: Arc<Tip>,
    signed: Signed,
}

impl Api {
    /// The receipt that a request asks for: of the newest state that has a header, or of the state after a block.
    pub(super) async fn prove(&self, request: ProofRequest, source: Source) -> Result<Vec<u8>, Status> {
        let ticket = match request.ticket_id.as_str() {
            "" => None,
            id => Some(TicketId::parse(id).map_err(|error| Status::invalid_argument(error.to_string()))?),
        };
        let asked = Asked::of(&request)?;
        check_keys(&request.state_keys)?;
        let trusted = trusted(&request.trusted_validators)?;
        if ticket.is_none() && request.state_keys.is_empty() {
            return Err(Status::invalid_argument("name a ticket or state keys to prove"));
        }
        let provable = self.provable(asked).await?;
        let handovers = self.lead(trusted, &provable.signed, source).await?;
        self.work(source, move |_| {
            let records =
                records(&provable.state.snapshot, ticket, request.state_keys).map_err(status::of_query)?;
            let evidence = Evidence {
                signed_header: &provable.signed.header,
                validators: &provable.signed.validators,
                handovers: &handovers,
                ticket,
                records,
            };
            Ok(evidence.encode())
        })
        .await
    }

    /// The handovers from the validators whom the asker trusts. An asker who trusts the signers needs none, and does not wait.
    async fn lead(
        &self,
        trusted: Option<[u8; 32]>,
        signed: &Signed,
        source: Source,
    ) -> Result<Vec<Handover>, Status> {
        if trusted.is_some_and(|hash| signed.validators.hash() == Hash::Sha256(hash)) {
            return Ok(Vec::new());
        }
        let _turn = self.0.leading.next(source, Work::Short).await?;
        Ok(self.ledger().clone().handovers(trusted, signed).await)
    }

    /// The state that is asked for with the header that proves it, which may have to be waited for.
    async fn provable(&self, asked: Asked) -> Result<Provable, Status> {
        match asked {
            Asked::At(height) => self.provable_at(height).await,
            Asked::NewestSince(height) => self.newest_provable(height).await,
        }
    }

    /// The state after one block.
    async fn provable_at(&self, height: u64) -> Result<Provable, Status> {
        let (ledger, tips) = (self.ledger(), self.ledger().tips());
        let state = tips.at(height).ok_or_else(|| {
            Status::out_of_range(format!("only the newest states can be proven, not that of block {height}"))
        })?;
        let proving = height.saturating_add(1);
        self.wait_for_header(proving).await;
        let header = ledger.tips().at(proving).ok_or_else(|| Status::unavailable(self.unproven(proving)))?;
        self.signed_by(&header, state).await
    }

    /// The newest state that can be proven, not before a height. Where nobody writes, or the newest block is old, the header that proves it
    /// is made first: whoever reads is not behind whoever wrote before. Beside writers the newest state that has a header will do, so that
    /// nobody waits for a block because others write; only who asks for a newer one waits for the block that proves it.
    async fn newest_provable(&self, at_least: u64) -> Result<Provable, Status> {
        let owed = self.ledger().owed_header();
        let found = self.newest_with_header(at_least);
        let (state, header) = match (found, owed) {
            (Some(found), None) => found,
            (found, owed) => {
                let next = owed.unwrap_or_else(|| self.ledger().tip().height.saturating_add(1));
                let proving = next.max(at_least.saturating_add(1));
                self.wait_for_header(proving).await;
                // A ledger that stopped makes no newer one.
                let there = self.newest_with_header(at_least).or(found);
                there.ok_or_else(|| Status::unavailable(self.unproven(proving)))?
            }
        };
        self.signed_by(&header, state).await
    }

    /// The newest state that a header proves, with that header; `None` where it is before a height, or not at hand.
    fn newest_with_header(&self, at_least: u64) -> Option<(Arc<Tip>, Arc<Tip>)> {
        let tips = self.ledger().tips();
        let header = tips.latest();
        // The header of a block proves the state before it, which is the one after it as well where the block changed nothing.
        let state = match header.proves_itself() {
            true => header.clone(),
            false => tips.at(header.height.checked_sub(1)?)?,
        };
        (state.height >= at_least).then_some((state, header))
    }

    /// Waits for a header, and sees to it that it is made. What came of it shows to whoever looks.
    async fn wait_for_header(&self, height: u64) {
        let mut heights = self.ledger().heights();
        let done = |newest: &u64| *newest >= height || self.ledger().is_closed();
        self.ledger().want_header(height);
        let _ = tokio::time::timeout(HEADER_WAIT, heights.wait_for(done)).await.map(drop);
    }

    /// What may be the cause where the next block is not there.
    fn unproven(&self, proving: u64) -> String {
        let why = match self.ledger().engine() {
            EngineKind::Solo => "the ledger has stopped or is overloaded",
            EngineKind::Comet => "this node's CometBFT does not run, or a third of the voting power is away",
        };
        format!("block {proving}, which proves this state, is not made yet: {why}")
    }

    /// A state with the signatures over the header that names it.
    async fn signed_by(&self, header: &Tip, state: Arc<Tip>) -> Result<Provable, Status> {
        let signed = self.ledger().signed(header).await;
        Ok(Provable { state, signed: signed.map_err(|error| Status::unavailable(error.to_string()))? })
    }
}

/// The hash of the validators whom the asker trusts; `None` for those of the genesis.
fn trusted(hash: &[u8]) -> Result<Option<[u8; 32]>, Status> {
    if hash.is_empty() {
        return Ok(None);
    }
    let hash = hash.try_into().map_err(|_| Status::invalid_argument("a validators' hash has 32 bytes"))?;
    Ok(Some(hash))
}

fn check_keys(keys: &[Vec<u8>]) -> Result<(), Status> {
    if keys.len() > PROOF_KEYS_MAX {
        return Err(Status::invalid_argument(format!("{} state keys, at most {PROOF_KEYS_MAX}", keys.len())));
    }
    if keys.iter().any(|key| key.is_empty() || key.len() > KEY_BYTES_MAX) {
        return Err(Status::invalid_argument(format!("a state key has 1 to {KEY_BYTES_MAX} bytes")));
    }
    Ok(())
}

/// The records in the order that a receipt has: the ticket's own, then the others ascending.
fn records(
    snapshot: &Snapshot,
    ticket: Option<TicketId>,
    mut others: Vec<Vec<u8>>,
) -> Result<Vec<ProvenRecord>, QueryError> {
    let own = ticket.map_or(Ok(Vec::new()), |ticket| own_keys(snapshot, ticket))?;
    others.sort();
    others.dedup();
    others.retain(|key| !own.contains(key));
    let keys = own.into_iter().chain(others);
    Ok(keys.map(|key| prove_key(snapshot, key)).collect::<Result<_, StoreError>>()?)
}

fn own_keys(snapshot: &Snapshot, ticket: TicketId) -> Result<Vec<Vec<u8>>, QueryError> {
    let head = snapshot.get(&tree::ticket(ticket))?;
    let head = head.ok_or_else(|| QueryError::NotFound(format!("ticket {ticket}")))?;
    let head = TicketHead::decode(head.as_slice())
        .map_err(|_| StoreError::Corrupt { what: format!("the head of ticket {ticket}") })?;
    let responses = 0..head.ticket.unwrap_or_default().response_count;
    let responses = responses.map(|index| tree::response(ticket, index));
    Ok(std::iter::once(tree::ticket(ticket)).chain(responses).collect())
}

fn prove_key(snapshot: &Snapshot, state_key: Vec<u8>) -> Result<ProvenRecord, StoreError> {
    let proof = snapshot.prove(&state_key)?;
    Ok(ProvenRecord {
        state_key,
        absent: proof.record.is_none(),
        record: proof.record.unwrap_or_default(),
        proof: proof.proof,
    })
}

#[cfg(test)]
mod tests;
