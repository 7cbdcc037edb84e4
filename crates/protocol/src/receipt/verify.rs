//! The checks, in this order: form, whose ledger, the signatures, every record, the ticket's completeness.

use std::collections::BTreeMap;

use tendermint_light_client_verifier::Verdict;
use tendermint_light_client_verifier::types::UntrustedBlockState;

use super::decode::{Parts, decode};
use super::votes::HeaderVerifier;
use super::{Handover, ReceiptError, Signer, Trust, VerifiedReceipt, handover, ticket};
use crate::block::{Hash, SignedHeader, ValidatorSet};
use crate::ids::ChainId;
use crate::in_order::InOrder as _;
use crate::proof;
use crate::wire::sealdesk::ledger::v1::ProvenRecord;

impl VerifiedReceipt {
    /// Verifies a receipt's bytes, offline.
    ///
    /// # Errors
    /// [`ReceiptError`], for whatever makes the bytes prove less than a receipt has to.
    pub fn verify(bytes: &[u8], trust: &Trust) -> Result<Self, ReceiptError> {
        let Parts { signed_header, validators, handovers, ticket, records } = decode(bytes)?;
        let header = &signed_header.header;
        let chain_id = ChainId::parse(header.chain_id.as_str()).map_err(|error| malformed(&error))?;
        let validators_hash = sha256(header.validators_hash)?;
        let app_hash: [u8; 32] = header
            .app_hash
            .as_bytes()
            .try_into()
            .map_err(|_| malformed(&"the root of the state is not a SHA-256"))?;
        check_chain(trust, &chain_id)?;
        let since_trusted = check_validators(trust, &handovers, &signed_header)?;
        handover::check(&handovers, &signed_header)?;
        check_signatures(&signed_header, &validators)?;
        for (index, record) in records.iter().enumerate() {
            check_record(&app_hash, record).map_err(|error| ReceiptError::Record { index, error })?;
        }
        ticket::check_order(ticket, &records)?;
        let pinned = matches!(trust, Trust::Pinned { .. });
        let left = handovers.get(handovers.len().saturating_sub(since_trusted)).filter(|_| pinned);
        Ok(Self {
            chain_id,
            header_height: header.height.value(),
            header_hash: sha256(header.hash())?,
            time: header.time.unix_timestamp(),
            app_hash,
            validators_hash,
            signers: signers(&signed_header, &validators),
            handovers: since_trusted,
            handed_over_at: left.map(|handover| handover.signed_header.header.height.value()),
            pinned,
            ticket,
            records: by_key(records),
        })
    }
}

fn check_chain(trust: &Trust, chain: &ChainId) -> Result<(), ReceiptError> {
    let Trust::Pinned { chain_id: Some(expected), .. } = trust else { return Ok(()) };
    if expected == chain {
        return Ok(());
    }
    Err(ReceiptError::OtherLedger { expected: expected.to_string(), found: chain.to_string() })
}

/// Whether trusted validators signed the header, or others to whom they handed over; and how many handovers that took.
fn check_validators(
    trust: &Trust,
    handovers: &[Handover],
    signed: &SignedHeader,
) -> Result<usize, ReceiptError> {
    let found = signed.header.validators_hash;
    let since = handover::since_trusted(trust, handovers, found);
    since.ok_or_else(|| ReceiptError::OtherValidators {
        expected: match trust {
            Trust::Pinned { validators_hash, .. } => hex::encode_upper(validators_hash),
            Trust::Unpinned => String::new(),
        },
        found: found.to_string(),
    })
}

pub(super) fn check_signatures(
    signed_header: &SignedHeader,
    validators: &ValidatorSet,
) -> Result<(), ReceiptError> {
    if validators.hash() != signed_header.header.validators_hash {
        return Err(ReceiptError::Validators);
    }
    let state = UntrustedBlockState { signed_header, validators, next_validators: None };
    let verifier = HeaderVerifier::default();
    for verdict in [verifier.verify_validator_sets(&state), verifier.verify_commit(&state)] {
        match verdict {
            Verdict::Success => {}
            Verdict::NotEnoughTrust(tally) => return Err(ReceiptError::Signatures(tally.to_string())),
            Verdict::Invalid(detail) => return Err(ReceiptError::Signatures(detail.to_string())),
        }
    }
    Ok(())
}

fn check_record(root: &[u8; 32], proven: &ProvenRecord) -> Result<(), proof::ProofError> {
    let record = (!proven.absent).then_some(proven.record.as_slice());
    proof::verify(root, &proven.state_key, record, &proven.proof)
}

fn signers(signed: &SignedHeader, validators: &ValidatorSet) -> Vec<Signer> {
    let votes = signed.commit.signatures.iter().zip(validators.validators());
    votes
        .filter(|(vote, _)| vote.is_commit())
        .map(|(_, validator)| Signer { public_key: validator.pub_key.to_bytes(), power: validator.power() })
        .collect()
}

fn by_key(records: Vec<ProvenRecord>) -> BTreeMap<Vec<u8>, Option<Vec<u8>>> {
    records.into_iter().map(|r| (r.state_key, (!r.absent).then_some(r.record))).into_map()
}

fn sha256(hash: Hash) -> Result<[u8; 32], ReceiptError> {
    match hash {
        Hash::Sha256(bytes) => Ok(bytes),
        Hash::None => Err(malformed(&"the header names no validators")),
    }
}

fn malformed(error: &dyn std::fmt::Display) -> ReceiptError {
    ReceiptError::Encoding(error.to_string())
}
