//! Records that a node proved: read against whom the client believes, decoded from canonical bytes.

use std::collections::BTreeMap;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::canonical;
use sealdesk_protocol::circle::{Circle, Ledger};
use sealdesk_protocol::document::{DocumentName, DocumentPlace, Shelf};
use sealdesk_protocol::identity::{Ancestry, Identity};
use sealdesk_protocol::ids::{Address, ChainId, IdError, Prefix, TicketId};
use sealdesk_protocol::import::ImportSource;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::receipt::VerifiedReceipt;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use crate::trust::remembered::Moment;
use crate::trust::{Seen, Trust};
pub use crate::verify_error::VerifyError;

/// What genesis fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The ledger's name.
    pub chain_id: ChainId,
    /// The prefix of its addresses.
    pub prefix: Prefix,
    /// How it began, and the ledgers that it continues.
    pub ancestry: Ancestry,
}

impl Chain {
    /// The ledger that began like this.
    pub fn of(ancestry: Ancestry) -> Self {
        let beginning = ancestry.beginning();
        Self { chain_id: beginning.chain_id.clone(), prefix: beginning.prefix.clone(), ancestry }
    }

    /// Its identity.
    pub fn identity(&self) -> Identity {
        self.ancestry.identity()
    }

    /// What votes name of it.
    pub fn ledger(&self) -> Ledger {
        let (chain_id, prefix) = (self.chain_id.clone(), self.prefix.clone());
        Ledger { chain_id, prefix, identity: self.identity() }
    }
}

/// An account's place in the desk. Without a record: an active customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The role given, if any.
    pub role: Option<AssignableRole>,
    /// Whether it may act.
    pub state: AccountState,
    /// Who gave the role, by the ledger's word; empty without one.
    pub assigned_by: String,
    /// What they signed; whether it is good is for [`crate::trust`] to say.
    pub appointment: Option<ledger::Appointment>,
    /// When the newest appointment was made that they ever had, by the ledger's word; 0 = none. It takes none that was not made later.
    pub last_appointed_at: i64,
}

impl Member {
    /// Whoever has no record: an active customer.
    pub const NOBODY: Self = Self {
        role: None,
        state: AccountState::Active,
        assigned_by: String::new(),
        appointment: None,
        last_appointed_at: 0,
    };

    /// When the appointment was made by which they have their role, as the record says; `None` where they have none, or may never act again.
    pub(crate) fn appointed_at(&self) -> Option<i64> {
        let has_role = self.role.is_some_and(AssignableRole::is_appointed);
        let is_one = has_role && self.state != AccountState::Terminated;
        self.appointment.as_ref().filter(|_| is_one).map(|appointment| appointment.made)
    }

    /// True for an active support agent.
    pub fn is_active_agent(&self) -> bool {
        self.state == AccountState::Active && self.role == Some(AssignableRole::SupportAgent)
    }

    /// True for an active administrator or support agent.
    pub fn is_active_staff(&self) -> bool {
        self.state == AccountState::Active
            && matches!(self.role, Some(AssignableRole::Administrator | AssignableRole::SupportAgent))
    }
}

/// Proven records of one ledger, possibly of more than one height, the newest winning.
#[derive(Debug, Clone)]
pub struct Proven {
    height: u64,
    time: i64,
    /// Time of the oldest header among its parts.
    oldest: i64,
    records: BTreeMap<Vec<u8>, Option<Vec<u8>>>,
    /// When the records of its first part were so, and those of later parts.
    first: Moment,
    later: BTreeMap<Vec<u8>, Moment>,
}

impl Proven {
    /// Verifies a receipt against whom the client believes, and returns with its records what can be pinned.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn verify(bytes: &[u8], trust: &Trust) -> Result<(Self, Seen), VerifyError> {
        let receipt = VerifiedReceipt::verify(bytes, &trust.of_receipts())
            .map_err(|error| VerifyError::of_receipt(error, trust))?;
        let seen = Seen {
            chain_id: receipt.chain_id().clone(),
            validators_hash: *receipt.validators_hash(),
            height: receipt.height(),
            time: receipt.time(),
        };
        // The pinned ones signed the header above the pinned height, so what they handed over up to there, they have back.
        if let (Some(at), Some(pinned)) = (receipt.handed_over_at(), trust.pin())
            && at <= pinned.height
        {
            return Err(VerifyError::ValidatorsChanged {
                chain_id: seen.chain_id,
                pinned: hex::encode_upper(pinned.validators_hash),
                found: hex::encode_upper(seen.validators_hash),
            });
        }
        let records = receipt.records().clone();
        let time = receipt.time();
        let (height, later) = (receipt.height(), BTreeMap::new());
        let first = Moment { height, time };
        Ok((Self { height, time, oldest: time, records, first, later }, seen))
    }

    /// The height of the state.
    pub fn height(&self) -> u64 {
        self.height
    }

    /// Time of the header that proves it, in Unix seconds.
    pub fn time(&self) -> i64 {
        self.time
    }

    /// Time of the oldest header that proves some of it, in Unix seconds.
    pub fn oldest(&self) -> i64 {
        self.oldest
    }

    /// Takes in the records of a later proof.
    pub fn extend(&mut self, later: Self) {
        self.height = self.height.max(later.height);
        self.time = self.time.max(later.time);
        self.oldest = self.oldest.min(later.oldest);
        let keys = later.records.keys().map(|key| (key.clone(), later.moment_of(key)));
        self.later.extend(keys.collect::<Vec<_>>());
        self.records.extend(later.records);
    }

    /// The state in which a record was as it is here: that of its own part, and not of the newest one.
    pub(crate) fn moment_of(&self, state_key: &[u8]) -> Moment {
        self.later.get(state_key).copied().unwrap_or(self.first)
    }

    /// True if these records say something of a state key.
    pub fn covers(&self, state_key: &[u8]) -> bool {
        self.records.contains_key(state_key)
    }

    fn record<M>(&self, key: &[u8], what: &str) -> Result<Option<M>, VerifyError>
    where
        M: prost::Message + Default,
    {
        let record = self.records.get(key).ok_or_else(|| VerifyError::Missing(what.to_owned()))?;
        let decode = |bytes: &Vec<u8>| {
            canonical::decode(bytes, what).map_err(|why| VerifyError::Form { what: what.to_owned(), why })
        };
        record.as_ref().map(decode).transpose()
    }

    fn needed<M>(&self, key: &[u8], what: &str) -> Result<M, VerifyError>
    where
        M: prost::Message + Default,
    {
        self.record(key, what)?.ok_or_else(|| VerifyError::Missing(what.to_owned()))
    }

    /// What genesis fixed.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn chain(&self) -> Result<Chain, VerifyError> {
        let what = "the ledger itself";
        let record: ledger::ChainRecord = self.needed(tree::CHAIN, what)?;
        let form = |error: IdError| malformed(what, &error);
        let chain_id = ChainId::parse(&record.chain_id).map_err(form)?;
        let prefix = Prefix::parse(&record.prefix).map_err(form)?;
        let beginning: ledger::LedgerBeginning = self.needed(tree::BEGINNING, what)?;
        let chain = Chain::of(Ancestry::read(&beginning).map_err(|error| malformed(what, &error))?);
        if (&chain.chain_id, &chain.prefix) != (&chain_id, &prefix) {
            return Err(malformed(what, &"it began under another name"));
        }
        Ok(chain)
    }

    /// The ticket that came from a place in another system.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn imported(&self, source: &ImportSource) -> Result<Option<TicketId>, VerifyError> {
        let key = tree::import(source);
        let Some(record) = self.record::<ledger::ImportRecord>(&key, "an import")? else { return Ok(None) };
        let form =
            |error: IdError| VerifyError::Form { what: "an import".to_owned(), why: error.to_string() };
        TicketId::parse(&record.ticket_id).map(Some).map_err(form)
    }

    /// The parameters in force.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn params(&self) -> Result<Params, VerifyError> {
        let what = "the parameters";
        let record = self.needed::<support::Params>(tree::PARAMS, what)?;
        Params::from_wire(record).map_err(|error| malformed(what, &error))
    }

    /// The administrators as the ledger shows them: they count only where their own votes lead there.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub(crate) fn circle(&self, prefix: &Prefix) -> Result<Circle, VerifyError> {
        let what = "the administrators";
        let missing = || VerifyError::Missing(what.to_owned());
        let bytes = self.records.get(tree::ADMINISTRATORS).and_then(Option::as_ref).ok_or_else(missing)?;
        Circle::decode(prefix, bytes).map_err(|error| malformed(what, &error))
    }

    /// A change of the administrators, as it is kept.
    ///
    /// # Errors
    /// [`VerifyError`]; also where it is proven that there is none.
    pub(crate) fn circle_change(&self, position: u64) -> Result<ledger::CircleChange, VerifyError> {
        self.needed(&tree::circle_change(position), &format!("change {position} of the administrators"))
    }

    /// The open votes for changes of the administrators.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn circle_votes(&self) -> Result<ledger::CircleVotes, VerifyError> {
        Ok(self.record(tree::CIRCLE_VOTES, "the open votes")?.unwrap_or_default())
    }

    /// The votes that this ledger continues another.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub(crate) fn continue_votes(&self) -> Result<ledger::LedgerContinues, VerifyError> {
        Ok(self.record(tree::CONTINUES, "the votes that this ledger continues another")?.unwrap_or_default())
    }

    /// The open votes for validators.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub(crate) fn validator_proposals(&self) -> Result<ledger::ValidatorProposals, VerifyError> {
        Ok(self.record(tree::VALIDATOR_PROPOSALS, "the votes for validators")?.unwrap_or_default())
    }

    /// Who makes blocks.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub(crate) fn validators(&self) -> Result<ledger::ValidatorList, VerifyError> {
        Ok(self.record(tree::VALIDATORS, "the validators")?.unwrap_or_default())
    }

    /// An account's place in the desk.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn member(&self, address: &Address) -> Result<Member, VerifyError> {
        let what = format!("{address}'s role");
        let Some(record) = self.member_record(address)? else {
            return Ok(Member::NOBODY);
        };
        let state = AccountState::from_wire(record.state)
            .ok_or_else(|| malformed(&what, &"an unknown account state"))?;
        let ledger::MemberRecord { assigned_by, appointment, last_appointed_at, .. } = record;
        let role = AssignableRole::from_wire(record.role);
        Ok(Member { role, state, assigned_by, appointment, last_appointed_at })
    }

    /// The record of an account's place in the desk, as the ledger keeps it.
    pub(crate) fn member_record(
        &self,
        address: &Address,
    ) -> Result<Option<ledger::MemberRecord>, VerifyError> {
        self.record(&tree::member(address), &format!("{address}'s role"))
    }

    /// Every key an address ever registered: each one's version is its place, from 1, so that a version names one key.
    ///
    /// # Errors
    /// [`VerifyError`]; [`VerifyError::Form`] for a list that no ledger writes, as one with a version twice.
    pub fn keys(&self, address: &Address) -> Result<Vec<RecipientKeyRecord>, VerifyError> {
        let what = format!("{address}'s keys");
        let keys = self.record::<ledger::KeyList>(&tree::keys(address), &what)?.unwrap_or_default().keys;
        if (1..).zip(&keys).any(|(version, record)| record.key_version != version) {
            return Err(malformed(&what, &"their versions are not counted from 1"));
        }
        Ok(keys)
    }

    /// Every ticket that these records say something of; `None` where it is proven that there is none.
    pub(crate) fn ticket_heads(&self) -> Result<Vec<(TicketId, Option<support::TicketHead>)>, VerifyError> {
        let id = |key: &Vec<u8>| {
            let number = key.strip_prefix(tree::TICKETS)?.try_into().ok()?;
            TicketId::new(u64::from_be_bytes(number))
        };
        self.records.keys().filter_map(id).map(|id| Ok((id, self.ticket(id)?))).collect()
    }

    /// Everyone whose keys these records list.
    pub(crate) fn key_lists(
        &self,
        prefix: &Prefix,
    ) -> Result<Vec<(Address, Vec<RecipientKeyRecord>)>, VerifyError> {
        let listed = |address: Address| {
            let keys = self.keys(&address)?;
            Ok((address, keys))
        };
        self.addresses(tree::KEYS, prefix).map(listed).collect()
    }

    /// Everyone whose place in the desk these records show.
    pub(crate) fn members(&self, prefix: &Prefix) -> Result<Vec<(Address, Member)>, VerifyError> {
        let shown = |address: Address| {
            let member = self.member(&address)?;
            Ok((address, member))
        };
        self.addresses(tree::MEMBERS, prefix).map(shown).collect()
    }

    /// The addresses that end the keys below this one.
    fn addresses(&self, below: &'static [u8], prefix: &Prefix) -> impl Iterator<Item = Address> {
        let address = move |key: &Vec<u8>| {
            let text = std::str::from_utf8(key.strip_prefix(below)?).ok()?;
            Address::parse(prefix, text).ok()
        };
        self.records.keys().filter_map(address)
    }

    /// The sequence that an account's next transaction has to carry.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn sequence(&self, address: &Address) -> Result<u64, VerifyError> {
        let record =
            self.record::<ledger::AccountRecord>(&tree::account(address), &format!("{address}'s account"))?;
        Ok(record.unwrap_or_default().sequence)
    }

    /// A ticket's head; `None` where it is proven that there is none.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn ticket(&self, id: TicketId) -> Result<Option<support::TicketHead>, VerifyError> {
        self.record(&tree::ticket(id), &format!("ticket {id}"))
    }

    /// The head of one of a ticket's responses.
    ///
    /// # Errors
    /// [`VerifyError`]; also where it is proven that there is none.
    pub fn response(&self, id: TicketId, index: u32) -> Result<support::ResponseHead, VerifyError> {
        self.needed(&tree::response(id, index), &format!("response {index} of {id}"))
    }

    /// What the ledger holds of a document; `None` where it is proven that there is none.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn document(&self, place: &DocumentPlace) -> Result<Option<support::DocumentHead>, VerifyError> {
        self.record(&tree::document(place), &format!("the document {place}"))
    }

    /// How many documents stand on a shelf.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn shelf(&self, shelf: &Shelf) -> Result<ledger::ShelfRecord, VerifyError> {
        Ok(self.record(&tree::shelf(shelf), &format!("the shelf {shelf}"))?.unwrap_or_default())
    }

    /// What the limits know of somebody who writes documents.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub(crate) fn document_writer(&self, address: &Address) -> Result<ledger::DocumentWriter, VerifyError> {
        let what = format!("when {address} wrote documents");
        Ok(self.record(&tree::document_writer(address), &what)?.unwrap_or_default())
    }

    /// How many tickets were ever numbered.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn ticket_count(&self) -> Result<u64, VerifyError> {
        let what = "the number of tickets";
        Ok(self.record::<ledger::Counter>(tree::TICKET_COUNT, what)?.unwrap_or_default().value)
    }

    /// How often each score was given, from 1 to 5: of an agent's tickets, or of all.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub(crate) fn rating_counts(&self, agent: Option<&Address>) -> Result<Vec<u64>, VerifyError> {
        let key = agent.map_or_else(|| tree::RATINGS.to_vec(), tree::ratings_of);
        Ok(self.record::<support::RatingCounts>(&key, "the ratings")?.unwrap_or_default().counts)
    }

    /// Which versions of a public document there were; `None` where there were none.
    pub(crate) fn published(
        &self,
        name: &DocumentName,
    ) -> Result<Option<ledger::PublishedVersions>, VerifyError> {
        self.record(&tree::published(name), &format!("the versions of {name}"))
    }

    /// What a version of a public document says; `None` where it is not kept.
    pub(crate) fn published_body(
        &self,
        name: &DocumentName,
        version: u64,
    ) -> Result<Option<Vec<u8>>, VerifyError> {
        let body: Option<ledger::PublishedBody> =
            self.record(&tree::published_body(name, version), &format!("version {version} of {name}"))?;
        Ok(body.map(|body| body.body))
    }

    /// What the ticket limits know of a customer.
    ///
    /// # Errors
    /// [`VerifyError`].
    pub fn customer(&self, address: &Address) -> Result<ledger::CustomerRecord, VerifyError> {
        let what = format!("{address}'s limits");
        Ok(self.record(&tree::customer(address), &what)?.unwrap_or_default())
    }
}

fn malformed(what: &str, error: &dyn std::fmt::Display) -> VerifyError {
    VerifyError::Form { what: what.to_owned(), why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_of_the_state_of_its_own_proof() {
        let part = |height: u64, keys: &[&str]| {
            let time = i64::try_from(height).unwrap() * 10;
            let records = keys.iter().map(|key| (key.as_bytes().to_vec(), None)).collect();
            let (first, later) = (Moment { height, time }, BTreeMap::new());
            Proven { height, time, oldest: time, records, first, later }
        };
        let mut facts = part(5, &["a", "b"]);
        let mut more = part(7, &["b", "c"]);
        more.extend(part(9, &["d"]));
        facts.extend(more);
        let heights = ["a", "b", "c", "d"].map(|key| facts.moment_of(key.as_bytes()).height);
        assert_eq!((heights, facts.height(), facts.oldest()), ([5, 7, 7, 9], 9, 50));
    }
}
