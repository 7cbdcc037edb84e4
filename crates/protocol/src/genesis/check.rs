//! Judges a document: every record by itself, and what must hold between them.

mod attachments;
mod documents;
mod imports;
mod links;
mod payloads;
mod people;
mod published;
mod ratings;
mod steps;
mod tickets;
mod trust;

use std::collections::BTreeMap;

use super::document::{Genesis, PublicKey, validator_address};
use super::{APP_STATE_SCHEMA, GenesisError};
use crate::circle::Circle;
use crate::document::{DocumentName, DocumentPlace, Shelf};
use crate::envelope::Digests;
use crate::identity::{Ancestry, Identity};
use crate::ids::{Address, ChainId, Prefix};
use crate::keys::VerifyKey;
use crate::limits::VALIDATORS_MAX;
use crate::params::Params;
use crate::text::check_public;
use crate::wire::sealdesk::ledger::v1::{
    AccountRecord, CircleChange, CustomerRecord, DocumentWriter, ErasedEnvelope, KeyList, MemberRecord,
    PublishedVersions, ShelfRecord, Validator,
};
use crate::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use crate::wire::virtengine::support::v1 as support;

/// A document that a ledger may begin with, in the types that the ledger keeps. Made by [`Genesis::check`] only.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CheckedGenesis {
    /// The new ledger's name.
    pub chain_id: ChainId,
    /// What addresses begin with.
    pub prefix: Prefix,
    /// Unix seconds.
    pub time: i64,
    /// The parameters, each in its range.
    pub params: Params,
    /// Tickets created so far.
    pub ticket_count: u64,
    /// The validators that make the first blocks, ascending by key; empty where the document names none.
    pub validators: Vec<Validator>,
    /// Everyone who is not simply an active customer.
    pub members: BTreeMap<Address, MemberRecord>,
    /// The circle of administrators.
    pub circle: Circle,
    /// Every change that led to it, from position 0 on.
    pub circle_changes: Vec<CircleChange>,
    /// How this ledger begins, and those before it.
    pub ancestry: Ancestry,
    /// Accounts that have signed.
    pub accounts: BTreeMap<Address, AccountRecord>,
    /// The key directory.
    pub keys: BTreeMap<Address, KeyList>,
    /// What the limits know of customers.
    pub customers: BTreeMap<Address, CustomerRecord>,
    /// Every ticket, ascending.
    pub tickets: Vec<CheckedTicket>,
    /// Every document, ascending by place.
    pub documents: Vec<CheckedDocument>,
    /// The shelves on which somebody has written.
    pub shelves: Vec<CheckedShelf>,
    /// Versions of public documents that service levels are counted by, ascending by name.
    pub published: Vec<CheckedPublished>,
    /// What the limits know of those who write documents.
    pub document_writers: BTreeMap<Address, DocumentWriter>,
}

/// The versions of a public document that service levels are counted by.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedPublished {
    /// The document's name.
    pub name: DocumentName,
    /// What the tree holds of them.
    pub record: PublishedVersions,
    /// What each one says, but for removals.
    pub bodies: Vec<(u64, Vec<u8>)>,
}

/// A document with what stands in it.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedDocument {
    /// Where it stands.
    pub place: DocumentPlace,
    /// What the tree holds of it.
    pub head: support::DocumentHead,
    /// What stands beside the tree: the encoded envelope, or the public body.
    pub stored: Vec<u8>,
}

/// A shelf.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedShelf {
    /// Which.
    pub shelf: Shelf,
    /// What the tree holds of it.
    pub record: ShelfRecord,
}

/// A ticket with everything that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedTicket {
    /// Without its envelope and grants.
    pub ticket: crate::ticket::Ticket,
    /// The last second at which it does not close by itself, while it is resolved, or does not come back, while it is put aside.
    pub due_at: Option<i64>,
    /// What is sealed.
    pub payload: CheckedPayload,
    /// In the order of their indexes.
    pub responses: Vec<(support::TicketResponse, CheckedPayload)>,
}

/// A sealed payload whose form and signatures are right.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedPayload {
    /// The envelope, or what stays of it.
    pub sealed: CheckedSealed,
    /// The digests that are signed.
    pub digests: Digests,
    /// Readers added later, ascending by reader and granter.
    pub grants: Vec<support::AccessGrant>,
}

/// An envelope, whether its ciphertext is there or not.
#[derive(Debug, Clone, PartialEq)]
pub enum CheckedSealed {
    /// The envelope.
    Envelope(MultiRecipientEnvelope),
    /// What stays of one that was erased.
    Erased(ErasedEnvelope),
}

/// The wire form of a record's envelope, for tests that sign one.
#[cfg(test)]
pub(super) fn envelope_of(record: &super::Payload) -> MultiRecipientEnvelope {
    payloads::envelope(record)
}

/// A signing key of the directory, with the version that records name.
type SigningKeys = BTreeMap<(Address, u32), VerifyKey>;

impl Genesis {
    /// The identity of the ledger that begins with this document: what the owners of its keys sign, so it does not depend on them.
    ///
    /// # Errors
    /// As [`Genesis::check`].
    pub fn identity(&self) -> Result<Identity, GenesisError> {
        Ok(self.check()?.ancestry.identity())
    }

    /// Judges the document.
    ///
    /// # Errors
    /// The first thing wrong, with its place.
    pub fn check(&self) -> Result<CheckedGenesis, GenesisError> {
        let state = &self.app_state;
        if state.schema != APP_STATE_SCHEMA {
            let (found, supported) = (state.schema, APP_STATE_SCHEMA);
            return Err(GenesisError::NewerSchema { found, supported });
        }
        let time = self.time()?;
        let chain_id = ChainId::parse(&self.chain_id).map_err(|e| GenesisError::at("chain_id", e))?;
        let prefix = Prefix::parse(&state.prefix).map_err(|e| GenesisError::at("app_state.prefix", e))?;
        self.check_outer()?;
        let validators = self.check_validators()?;
        let params = state.params.clone().checked();
        let params = params.map_err(|error| GenesisError::at("app_state.params", error))?;
        let place = Place { prefix: &prefix, chain_id: &chain_id, time };
        let members = people::members(&state.members, &params, place)?;
        let trust = trust::read(state, &members, &validators, place)?;
        trust::check_appointments(&members, &trust, place)?;
        let (keys, signing_keys) = people::keys(&state.keys, place, &trust.ancestry)?;
        let accounts = people::accounts(&state.accounts, place)?;
        let customers = people::customers(&state.customers, place)?;
        let tickets = tickets::tickets(state, place, &signing_keys)?;
        let documents = documents::documents(&state.documents, place, &signing_keys)?;
        let shelves = documents::shelves(&state.shelves, &documents, place)?;
        let published = published::published(&state.published, &documents, &shelves, place)?;
        let document_writers = documents::writers(&state.document_writers, place)?;
        imports::check_sources(&tickets)?;
        tickets::check_places(&tickets, &documents)?;
        links::check_both_sides(&tickets)?;
        tickets::check_counts(state, &customers, &tickets)?;
        Ok(CheckedGenesis {
            ticket_count: state.ticket_count,
            params,
            validators,
            members,
            circle: trust.circle,
            circle_changes: trust.changes,
            ancestry: trust.ancestry,
            accounts,
            keys,
            customers,
            tickets,
            documents,
            shelves,
            published,
            document_writers,
            time,
            chain_id,
            prefix,
        })
    }

    /// What CometBFT reads of the document. An export names no validators; the operator who begins a ledger with it names them.
    fn check_outer(&self) -> Result<(), GenesisError> {
        if self.initial_height != "1" {
            return Err(GenesisError::at("initial_height", "is not \"1\""));
        }
        if !self.app_hash.is_empty() {
            return Err(GenesisError::at("app_hash", "is not empty"));
        }
        self.check_consensus_params()
    }

    fn check_validators(&self) -> Result<Vec<Validator>, GenesisError> {
        if self.validators.len() > VALIDATORS_MAX {
            return Err(GenesisError::at("validators", format!("names more than {VALIDATORS_MAX}")));
        }
        let mut validators = BTreeMap::new();
        for (i, validator) in self.validators.iter().enumerate() {
            let at = |field: &str, reason: &str| GenesisError::at(format!("validators[{i}].{field}"), reason);
            if validator.pub_key.r#type != PublicKey::ED25519 {
                return Err(at("pub_key.type", "is not tendermint/PubKeyEd25519"));
            }
            let pub_key = validator.pub_key.value.clone();
            VerifyKey::parse(&pub_key).map_err(|e| at("pub_key.value", &e.to_string()))?;
            if validator.address != validator_address(&pub_key) {
                return Err(at("address", "is not that of the key"));
            }
            let power = number(&validator.power)
                .filter(|power| (1..=i64::from(u32::MAX)).contains(power))
                .ok_or_else(|| at("power", "is not a quoted number from 1 to 4294967295"))?;
            check_public("name", &validator.name).map_err(|e| at("name", &e.to_string()))?;
            let moniker = validator.name.clone();
            if validators.insert(pub_key.clone(), Validator { pub_key, power, moniker }).is_some() {
                return Err(at("address", "stands twice"));
            }
        }
        Ok(validators.into_values().collect())
    }

    fn check_consensus_params(&self) -> Result<(), GenesisError> {
        let params = &self.consensus_params;
        let numbers = [
            ("block.max_bytes", &params.block.max_bytes),
            ("evidence.max_age_num_blocks", &params.evidence.max_age_num_blocks),
            ("evidence.max_age_duration", &params.evidence.max_age_duration),
            ("evidence.max_bytes", &params.evidence.max_bytes),
            ("version.app", &params.version.app),
            ("abci.vote_extensions_enable_height", &params.abci.vote_extensions_enable_height),
        ];
        for (field, text) in numbers {
            if number(text).is_none() {
                return Err(GenesisError::at(format!("consensus_params.{field}"), "is not a quoted number"));
            }
        }
        if params.block.max_gas != "-1" {
            return Err(GenesisError::at(
                "consensus_params.block.max_gas",
                "is not \"-1\": this ledger has no gas",
            ));
        }
        if params.validator.pub_key_types != ["ed25519"] {
            return Err(GenesisError::at("consensus_params.validator.pub_key_types", "is not [\"ed25519\"]"));
        }
        Ok(())
    }
}

/// A decimal of 63 bits in its one spelling.
fn number(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|value| *value >= 0 && value.to_string() == text)
}

/// What every record is judged against.
#[derive(Clone, Copy)]
struct Place<'a> {
    prefix: &'a Prefix,
    chain_id: &'a ChainId,
    time: i64,
}

impl Place<'_> {
    fn address(self, path: &str, text: &str) -> Result<Address, GenesisError> {
        Address::parse(self.prefix, text).map_err(|error| GenesisError::at(path, error))
    }

    fn optional_address(self, path: &str, text: &str) -> Result<Option<Address>, GenesisError> {
        if text.is_empty() { Ok(None) } else { self.address(path, text).map(Some) }
    }

    /// A time that the ledger has seen.
    fn past(self, path: &str, seconds: i64) -> Result<(), GenesisError> {
        if seconds > self.time {
            return Err(GenesisError::at(path, "lies after genesis_time"));
        }
        Ok(())
    }
}

/// Puts records of one address each into order, refusing another order than the document's own.
fn ascending<T, R>(
    list: &str,
    records: &[T],
    mut read: impl FnMut(&T, &str) -> Result<(Address, R), GenesisError>,
) -> Result<BTreeMap<Address, R>, GenesisError> {
    let mut checked = BTreeMap::new();
    for (i, record) in records.iter().enumerate() {
        let path = format!("app_state.{list}[{i}]");
        let (address, value) = read(record, &path)?;
        if checked.last_key_value().is_some_and(|(last, _)| *last >= address) {
            return Err(GenesisError::at(path, "is not above the address before it"));
        }
        checked.insert(address, value);
    }
    Ok(checked)
}
