//! What a transaction can cost at most, told from its bytes before anything of it is verified.
//!
//! One gas is meant as one microsecond of one core of the machine of docs/benchmarks.md: `crates/machine/benches/worst` measures each kind
//! in the worst state that rules allow. On a busy machine the dearest kinds take up to 1.1 microseconds a gas, on a quiet one 0.8. So a common transaction
//! costs less than it is counted for. A transaction over [`TX_GAS_MAX`] is refused with code 11 of `sdk`; proposals and the embedded
//! engine put at most [`BLOCK_GAS_MAX`] into a block.

use std::collections::BTreeSet;

use crate::attachment::Attachment;
use crate::circle::Vote;
use crate::codes::SdkError;
use crate::document::ShelfKind;
use crate::limits::{ACTIVE_KEYS_MAX, AGENTS_MAX};
use crate::messages::{
    AssignRole, CreateTicket, DocumentChange, GrantAccess, GrantTarget, ImportTicket, Message, PutDocument,
    RateTicket, RawEnvelope, RespondToTicket, RevokeRole,
};

/// One check of a secp256k1 signature.
pub const SECP256K1_GAS: u64 = 120;
/// One key of an account of several: whether it is a point of the curve takes a square root, whoever of them signs. Votes and appointments bring
/// such keys too, but only their signatures cost: their accounts are known, or sign the transaction.
pub const MULTISIG_KEY_GAS: u64 = 15;
/// One check of an Ed25519 signature, its key's parsing included.
pub const ED25519_GAS: u64 = 80;
/// What any message costs beside its signatures: its ticket or a list of 256 keys is read, and written with its leaves and lists.
pub const MESSAGE_GAS: u64 = 200;
/// Reading the keys in use of as many people as an envelope names by default, and judging by them.
pub const READERS_GAS: u64 = 600;
/// How many people [`READERS_GAS`] is for.
const READERS_OF_READERS_GAS: usize = 32;
/// Telling which grants of a target's room are to administrators: the fingerprints of every key that they ever had are read, once a message.
pub const KEY_IDS_GAS: u64 = 700;
/// Reading and writing the votes for validators that members may have open.
pub const VOTES_GAS: u64 = 500;
/// The same of votes for a change of the circle, which are kept with their signatures: eight of each of 64 members, who may be accounts of sixteen
/// keys. Whoever leaves by it takes the agents whom they appointed off the list.
pub const CIRCLE_VOTES_GAS: u64 = 6_000;
/// The same of votes that a ledger continues another: one of each member.
pub const CONTINUE_VOTES_GAS: u64 = 1_000;
/// One target of a grant: a record and its 64 grants are read, hashed and written.
pub const GRANT_TARGET_GAS: u64 = 150;
/// One file of a message: its root is hashed, and what names each of its pieces is written to a list.
pub const ATTACHMENT_GAS: u64 = 5;
/// One piece of a file.
pub const BLOB_GAS: u64 = 5;
/// Looking for a key at one agent, in the list of a fingerprint's owners.
pub const AGENT_GAS: u64 = 5;
/// The same of one more whom an envelope names. Agents of an open queue, or of the staff, who are not named cost nothing: the ledger looks no
/// further than the first whom an envelope should name and does not.
pub const NAMED_READER_GAS: u64 = 12;
/// Writing one response of an imported ticket: a leaf and what stands beside it.
pub const IMPORTED_RESPONSE_GAS: u64 = 100;
/// Bytes of a transaction for one gas: they are decoded, encoded again to compare, hashed a few times and written.
pub const BYTES_PER_GAS: u64 = 50;

/// What one transaction may cost. Three messages of 100 grants, each on another target, fit.
pub const TX_GAS_MAX: u64 = 80_000;
/// What the transactions of one block may cost together, so that no block takes over a second. The rest of the second is for
/// tickets that close by themselves, for the tree's root and for the disk.
pub const BLOCK_GAS_MAX: u64 = 700_000;

/// What the signers of a transaction bring.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signing {
    /// Signatures to verify.
    pub(crate) signatures: usize,
    /// Keys of accounts of several.
    pub(crate) keys: usize,
}

/// What a transaction of these messages can cost at most.
///
/// # Errors
/// Code 11 of `sdk` where that is more than [`TX_GAS_MAX`].
pub(crate) fn check(messages: &[Message], signing: Signing, tx_bytes: usize) -> Result<u64, SdkError> {
    let of_messages = messages.iter().map(of_message).fold(0, u64::saturating_add);
    let Signing { signatures, keys } = signing;
    let of_signers = times(signatures, SECP256K1_GAS).saturating_add(times(keys, MULTISIG_KEY_GAS));
    let of_bytes = times(tx_bytes, 1).div_ceil(BYTES_PER_GAS);
    let used = of_messages.saturating_add(of_signers).saturating_add(of_bytes);
    if used > TX_GAS_MAX { Err(SdkError::OutOfGas { wanted: TX_GAS_MAX, used }) } else { Ok(used) }
}

fn of_message(message: &Message) -> u64 {
    let of_work = match message {
        Message::CreateTicket(CreateTicket { envelope, attachments, .. })
        | Message::RespondToTicket(RespondToTicket { envelope, attachments, .. }) => {
            of_envelope(envelope).saturating_add(of_files(attachments))
        }
        Message::RateTicket(RateTicket { comment: envelope @ Some(_), .. }) => of_envelope(envelope),
        Message::ImportTicket(message) => of_import(message),
        Message::GrantAccess(message) => of_grants(message),
        Message::PutDocument(message) => of_document(message),
        Message::RegisterKey(_) => ED25519_GAS.saturating_add(SECP256K1_GAS),
        Message::RevokeKey(_) => times(AGENTS_MAX, AGENT_GAS),
        Message::AssignRole(AssignRole { vote: None, appointment, .. }) => {
            times(AGENTS_MAX, AGENT_GAS).saturating_add(appointment.as_ref().map_or(0, of_member))
        }
        // A member's signature (docs/spec/trust.md, section 2), over the votes of all others.
        Message::AssignRole(AssignRole { vote: Some(signed), .. })
        | Message::RevokeRole(RevokeRole { vote: Some(signed), .. }) => {
            of_member(&signed.vote).saturating_add(CIRCLE_VOTES_GAS)
        }
        Message::ContinueLedger(message) => of_member(&message.vote).saturating_add(CONTINUE_VOTES_GAS),
        Message::ProposeValidator(_) => SECP256K1_GAS.saturating_add(VOTES_GAS),
        _ => 0,
    };
    MESSAGE_GAS.saturating_add(of_work)
}

/// What a member signed, each of their keys for itself.
fn of_member(vote: &Vote) -> u64 {
    times(vote.signature.count(), SECP256K1_GAS)
}

fn of_envelope(envelope: &RawEnvelope) -> u64 {
    of_signatures(envelope).saturating_add(READERS_GAS).saturating_add(of_named(envelope))
}

fn of_named(envelope: &RawEnvelope) -> u64 {
    let named = envelope.as_ref().map_or(0, |envelope| envelope.wrapped_keys.len());
    times(named.saturating_sub(READERS_OF_READERS_GAS), NAMED_READER_GAS)
}

/// Its envelopes have two lists of readers: notes have others than the rest.
fn of_import(message: &ImportTicket) -> u64 {
    let of_one = |envelope| of_signatures(envelope).saturating_add(of_named(envelope));
    let responses = message.responses.iter().map(|response| of_one(&response.envelope));
    let envelopes = responses.fold(of_one(&message.envelope), u64::saturating_add);
    let records = times(message.responses.len(), IMPORTED_RESPONSE_GAS);
    envelopes.saturating_add(records).saturating_add(READERS_GAS.saturating_mul(2))
}

/// An envelope does not name its sender's key: each active one is tried.
fn of_signatures(envelope: &RawEnvelope) -> u64 {
    let by_account = envelope.as_ref().is_some_and(|envelope| !envelope.user_signature.is_empty());
    times(ACTIVE_KEYS_MAX, ED25519_GAS).saturating_add(if by_account { SECP256K1_GAS } else { 0 })
}

/// An own document has its owner's keys as readers. Of the others whoever is on the staff.
fn of_document(message: &PutDocument) -> u64 {
    match (&message.change, message.place.shelf.kind()) {
        (DocumentChange::Seal(envelope), ShelfKind::Staff) => {
            of_signatures(envelope).saturating_add(READERS_GAS).saturating_add(of_named(envelope))
        }
        (DocumentChange::Seal(envelope), _) => of_signatures(envelope),
        (DocumentChange::Publish(_) | DocumentChange::Remove, _) => 0,
    }
}

fn of_files(files: &[Attachment]) -> u64 {
    let blobs = files.iter().map(|file| file.blobs().len()).fold(0, usize::saturating_add);
    times(files.len(), ATTACHMENT_GAS).saturating_add(times(blobs, BLOB_GAS))
}

fn of_grants(message: &GrantAccess) -> u64 {
    let targets: BTreeSet<GrantTarget> = message.grants.iter().map(|grant| grant.target).collect();
    let grants =
        times(message.grants.len(), ED25519_GAS).saturating_add(times(targets.len(), GRANT_TARGET_GAS));
    // Notes have other readers than the ticket, so there may be two lists of them.
    grants.saturating_add(READERS_GAS.saturating_mul(2)).saturating_add(KEY_IDS_GAS)
}

fn times(count: usize, gas: u64) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX).saturating_mul(gas)
}
