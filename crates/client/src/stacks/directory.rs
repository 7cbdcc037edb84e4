//! Whose keys are whose: the contract lists bytes, and here is judged what counts.
//!
//! A key counts if both halves are keys, the proof is the signing key's over this contract and this address, and the transaction
//! that registered it is signed by that very account. The last is checked where the node keeps transactions ([`Assurance`]);
//! a node without them could put a key of its own in another's place, and is not told apart from one that does.

use std::collections::BTreeMap;

use sealdesk_protocol::keys::{EncryptionKey, Fingerprint, VerifyKey, verify_key_proof};
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_stacks::DecodeError;
use sealdesk_stacks::contract::{Happening, PersonChange, Question, RegisteredKey, Request};
use sealdesk_stacks::principal::Principal;
use sealdesk_stacks::transaction::{Payload, Transaction, TxId};
use sealdesk_stacks::value::Kind;

use super::Desk;
use super::audience::{Appointment, Assignment};
use super::error::{Error, Result};
use super::events::ContractEvent;
use super::net::Http;

/// Keys that an account can have on the contract at all.
const KEYS_MAX: u64 = 64;

/// How much stands behind a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assurance {
    /// Its owner's account signed the registration.
    Signed,
    /// The node shows no transaction that could be checked.
    NodesWord,
}

/// A key that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// From 1.
    pub version: u64,
    /// To which others seal.
    pub encryption: EncryptionKey,
    /// By which its owner signs envelopes and grants.
    pub signing: VerifyKey,
    /// The height of the burn block that brought it.
    pub registered_at: u64,
    /// Since which height it is revoked.
    pub revoked_at: Option<u64>,
    /// What stands behind it.
    pub assurance: Assurance,
}

impl Key {
    /// Whether it could sign something of that height.
    pub fn was_active_at(&self, height: u64) -> bool {
        self.registered_at <= height && self.revoked_at.is_none_or(|revoked| height <= revoked)
    }

    /// As the native directory writes it, which is what [`crate::actor`] looks for its own keys in.
    pub(crate) fn record(&self) -> RecipientKeyRecord {
        RecipientKeyRecord {
            public_key: self.encryption.as_bytes().to_vec(),
            signing_key: self.signing.as_bytes().to_vec(),
            key_fingerprint: self.fingerprint().to_string(),
            ..RecipientKeyRecord::default()
        }
    }

    /// The encryption key's fingerprint.
    pub fn fingerprint(&self) -> Fingerprint {
        self.encryption.fingerprint()
    }
}

/// Someone and their keys, ascending by version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub who: Principal,
    /// Those that count, revoked ones included.
    pub keys: Vec<Key>,
    /// How many are listed that do not count.
    pub refused: usize,
}

impl Person {
    /// The keys to seal to, the newest first: those whose registration the owner's account signed.
    pub fn active(&self) -> Vec<EncryptionKey> {
        let active = self.keys.iter().rev().filter(|key| key.revoked_at.is_none());
        active.filter(|key| key.assurance == Assurance::Signed).map(|key| key.encryption).collect()
    }

    /// Refuses somebody to whom nothing can be sealed.
    pub(super) fn expect_key(&self) -> Result<()> {
        match (self.active().is_empty(), self.has_unsigned_key()) {
            (false, _) => Ok(()),
            (true, true) => Err(Error::KeyNotSigned(self.who.clone())),
            (true, false) => Err(Error::NoKey(self.who.clone())),
        }
    }

    /// Whether there is an active key that only the node calls theirs.
    pub fn has_unsigned_key(&self) -> bool {
        self.keys.iter().any(|key| key.revoked_at.is_none() && key.assurance == Assurance::NodesWord)
    }
}

/// What events tell of keys and people, read once for many questions.
#[derive(Debug, Clone, Default)]
pub struct History {
    /// Which transaction registered a key.
    registrations: BTreeMap<(Principal, u64), TxId>,
    /// Who was ever made an administrator.
    candidates: Vec<Principal>,
    /// Calls that made administrators and owners, the oldest first.
    pub(super) appointments: Vec<Appointment>,
    /// Calls that gave tickets to somebody, the oldest first.
    pub(super) assignments: Vec<Assignment>,
}

impl History {
    /// Whether someone was ever an administrator, by the indexer's word.
    pub(super) fn was_administrator(&self, who: &Principal) -> bool {
        self.candidates.binary_search(who).is_ok()
    }
}

impl<H: Http> Desk<H> {
    /// Reads what events tell of keys and people.
    ///
    /// # Errors
    /// [`Error::NoEvents`] where the node is not an indexer, and what asking says.
    pub async fn history(&self) -> Result<History> {
        let mut history = History::default();
        history.candidates.push(self.contract().deployer.into());
        for ContractEvent { txid, event, .. } in self.events_since(|_| false).await? {
            match event.what {
                Happening::KeyRegistered { address, version, .. } => {
                    history.registrations.insert((address, version), txid);
                }
                Happening::Person { change: PersonChange::AdministratorAdded, address, by } => {
                    history.candidates.push(address.clone());
                    let call = Request::AddAdministrator(address.clone());
                    history.appointments.push(Appointment { whom: address, by, call, txid });
                }
                Happening::Person { change: PersonChange::OwnerProposed, address, by } => {
                    let call = Request::ProposeOwner(address.clone());
                    history.appointments.push(Appointment { whom: address, by, call, txid });
                }
                Happening::TicketAssigned { ticket, assignee: agent, by } => {
                    history.assignments.push(Assignment { ticket, agent, by, txid });
                }
                _ => {}
            }
        }
        history.candidates.sort_unstable();
        history.candidates.dedup();
        Ok(history)
    }

    /// The administrators with their keys: everyone who was ever made one, and still is by the contract.
    ///
    /// # Errors
    /// What asking says.
    pub async fn administrators(&self, history: &History) -> Result<Vec<Person>> {
        let mut administrators = Vec::new();
        for who in &history.candidates {
            if self.is_administrator(who).await? {
                administrators.push(self.person(who, history).await?);
            }
        }
        Ok(administrators)
    }

    /// Someone with their keys.
    ///
    /// # Errors
    /// What asking says.
    pub async fn person(&self, who: &Principal, history: &History) -> Result<Person> {
        let count = self.node().read(self.contract(), &Question::KeyCount(who.clone())).await?.count()?;
        let mut all = Vec::new();
        for version in 1..=count.min(KEYS_MAX) {
            let ask = Question::Key { address: who.clone(), version };
            let Some(listed) = self.node().read(self.contract(), &ask).await?.key()? else { break };
            all.push(listed);
        }
        let (mut keys, mut refused) = (Vec::new(), 0);
        for (version, listed) in (1..).zip(&all) {
            match self.judge(who, version, listed, history).await? {
                Some(key) => keys.push(key),
                None => refused += 1,
            }
        }
        let signed = keys.iter().filter(|key| key.assurance == Assurance::Signed);
        let places = signed.filter_map(|key| usize::try_from(key.version).ok()?.checked_sub(1));
        self.see_keys(who, &all, places.filter_map(|place| all.get(place)))?;
        Ok(Person { who: who.clone(), keys, refused })
    }

    /// Someone to whom something can be sealed.
    ///
    /// # Errors
    /// [`Error::NoKey`], [`Error::KeyNotSigned`], and what asking says.
    pub async fn person_with_key(&self, who: &Principal, history: &History) -> Result<Person> {
        let person = self.person(who, history).await?;
        person.expect_key()?;
        Ok(person)
    }

    /// A listed key, if it counts.
    async fn judge(
        &self,
        who: &Principal,
        version: u64,
        listed: &RegisteredKey,
        history: &History,
    ) -> Result<Option<Key>> {
        let Ok(encryption) = EncryptionKey::parse(&listed.public_key) else { return Ok(None) };
        let Ok(signing) = VerifyKey::parse(&listed.signing_key) else { return Ok(None) };
        let (chain, address) = (self.chain_id(), who.to_string());
        if verify_key_proof(&chain, &address, &encryption, &signing, &listed.proof).is_err() {
            return Ok(None);
        }
        let assurance = match history.registrations.get(&(who.clone(), version)) {
            None => Assurance::NodesWord,
            Some(id) => match self.node().transaction(*id).await? {
                None => Assurance::NodesWord,
                Some(bytes) => match self.assurance(&bytes, who, listed) {
                    Some(assurance) => assurance,
                    None => return Ok(None),
                },
            },
        };
        let (registered_at, revoked_at) = (listed.registered_at, listed.revoked_at);
        Ok(Some(Key { version, encryption, signing, registered_at, revoked_at, assurance }))
    }

    /// What stands behind a key if these bytes are its registration: a call that its sender's account signed, and that registers this
    /// key here; `None` if they are another transaction. A contract wallet registers through a contract of its own; then no signature
    /// says for whom, and the node's word has to do, as it has for transactions that this program cannot judge.
    fn assurance(&self, bytes: &[u8], who: &Principal, listed: &RegisteredKey) -> Option<Assurance> {
        let Principal::Standard(address) = who else { return Some(Assurance::NodesWord) };
        let transaction = match Transaction::decode(bytes) {
            Ok(transaction) => transaction.verify().ok()?,
            Err(DecodeError::Unsupported(_)) => return Some(Assurance::NodesWord),
            Err(_) => return None,
        };
        let terms = transaction.terms();
        let Payload::Call(call) = &terms.payload else { return None };
        let buffers: Vec<&[u8]> = call
            .arguments
            .iter()
            .filter_map(|argument| match argument.kind() {
                Kind::Buffer(bytes) => Some(bytes.as_slice()),
                _ => None,
            })
            .collect();
        let registers = terms.origin == *address
            && terms.network == self.network()
            && call.contract == *self.contract()
            && call.function.as_str() == "register-key"
            && buffers == [&listed.public_key[..], &listed.signing_key, &listed.proof];
        registers.then_some(Assurance::Signed)
    }
}
