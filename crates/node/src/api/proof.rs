//! Receipts: records of one block's state, with the header that proves it.

use std::sync::Arc;
use std::time::Duration;

use prost::Message as _;
use sealdesk_machine::QueryError;
use sealdesk_protocol::block::Hash;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::limits::PROOF_KEYS_MAX;
use sealdesk_protocol::receipt::{Evidence, Handover};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{ProofRequest, ProvenRecord};
use sealdesk_protocol::wire::virtengine::support::v1::TicketHead;
use sealdesk_store::{KEY_BYTES_MAX, Snapshot, StoreError};
use tonic::Status;

use super::{Api, status};
use crate::http::source::Source;
use crate::ledger::{Signed, Tip};

/// How long a request waits for the header that proves the state it asks for. The ledger makes it within a tenth of a second.
const HEADER_WAIT: Duration = Duration::from_secs(5);

/// A state and the header that proves it.
struct Provable {
    state: Arc<Tip>,
    signed: Signed,
}

impl Api {
    /// The receipt that a request asks for: of the newest state as it is now, or of the state after a block.
    pub(super) async fn prove(&self, request: ProofRequest, source: Source) -> Result<Vec<u8>, Status> {
        let ticket = match request.ticket_id.as_str() {
            "" => None,
            id => Some(TicketId::parse(id).map_err(|error| Status::invalid_argument(error.to_string()))?),
        };
        check_keys(&request.state_keys)?;
        let trusted = trusted(&request.trusted_validators)?;
        if ticket.is_none() && request.state_keys.is_empty() {
            return Err(Status::invalid_argument("name a ticket or state keys to prove"));
        }
        let provable = self.provable(request.height).await?;
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
        let _turn = self.0.leading.next(source).await?;
        Ok(self.ledger().clone().handovers(trusted, signed).await)
    }

    /// Waits for the header that proves the state at a height; 0 = the newest.
    async fn provable(&self, height: i64) -> Result<Provable, Status> {
        let height =
            u64::try_from(height).map_err(|_| Status::invalid_argument("heights are not negative"))?;
        let mut heights = self.ledger().heights();
        let tips = self.ledger().tips();
        let state = match height {
            0 => tips.latest(),
            height => tips.at(height).ok_or_else(|| {
                Status::out_of_range(format!(
                    "only the newest states can be proven, not that of block {height}"
                ))
            })?,
        };
        if height == 0 && state.proves_itself() {
            return self.signed_by(&state.clone(), state).await;
        }
        let proving = state.height.saturating_add(1);
        let done = |newest: &u64| *newest >= proving || self.ledger().is_closed();
        // What came of it shows below.
        let _ = tokio::time::timeout(HEADER_WAIT, heights.wait_for(done)).await.map(drop);
        let header = tips.at(proving).ok_or_else(|| Status::unavailable(self.unproven(proving)))?;
        self.signed_by(&header, state).await
    }

    /// What may be the cause where the next block is not there.
    fn unproven(&self, proving: u64) -> String {
        let why = match self.ledger().engine() {
            "solo" => "the ledger stops or is overloaded",
            _ => "this node's CometBFT does not run, or a third of the voting power is away",
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
