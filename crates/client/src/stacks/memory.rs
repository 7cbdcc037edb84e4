//! What a home remembers of a contract, as it does of a ledger of its own: tickets that it used, keys of people, for whom it sealed, and
//! who the administrators were. What contradicts it is refused, and a reader who is new to this home is named.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use sealdesk_protocol::identity::{Identity, LABEL_PREFIX};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_stacks::contract::{RegisteredKey, Ticket};
use sealdesk_stacks::principal::{ContractId, Principal};
use sha2::{Digest as _, Sha256};

use super::Desk;
use super::error::Result;
use super::net::Http;
use crate::trust::remembered::{Contradiction, Moment, Named, Remembered, UsedTicket};

impl Named for Principal {
    type Of = ();
    // The contract gives a key its number when the call is mined; what the owner signs does not hold it.
    const KEYS_HAVE_PLACES: bool = false;

    fn named((): &(), text: &str) -> std::result::Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

/// What stands for a contract where a ledger's identity does, in the names of files: nothing that a node could prove.
pub fn identity(contract: &ContractId) -> Identity {
    let digest = Sha256::new().chain_update(LABEL_PREFIX).chain_update("contract\0");
    Identity(digest.chain_update(super::chain_id(contract)).finalize().into())
}

/// What a desk comes to know, for whoever keeps it after the desk is gone.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Known>>);

/// What a home remembers as soon as the writer agrees.
#[derive(Debug, Default)]
pub(super) struct Agreed {
    /// For whom is sealed, or who is let in.
    pub(super) readers: Vec<Principal>,
    /// The administrators that count, where they were looked at.
    pub(super) administrators: Option<BTreeSet<Principal>>,
}

#[derive(Debug, Default)]
struct Known {
    remembered: Remembered<Principal>,
    is_changed: bool,
}

impl Memory {
    /// What is to be kept; `None` where nothing is new.
    pub fn take_remembered(&self) -> Option<Remembered<Principal>> {
        self.with(|known| std::mem::take(&mut known.is_changed).then(|| known.remembered.clone()))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Holds something against what is remembered, and remembers it.
    fn learn(
        &self,
        check: impl FnOnce(&Remembered<Principal>) -> std::result::Result<(), Contradiction<Principal>>,
        learn: impl FnOnce(&mut Remembered<Principal>) -> bool,
    ) -> Result<()> {
        self.with(|known| {
            check(&known.remembered).map_err(Box::new)?;
            known.is_changed |= learn(&mut known.remembered);
            Ok(())
        })
    }
}

impl<H: Http> Desk<H> {
    /// The same desk, held against what this home remembers of the contract.
    #[must_use]
    pub fn with_remembered(self, remembered: Remembered<Principal>) -> Self {
        self.memory.with(|known| known.remembered = remembered);
        self
    }

    /// What it comes to know.
    pub fn memory(&self) -> Memory {
        self.memory.clone()
    }

    /// As [`identity`].
    pub fn identity(&self) -> Identity {
        identity(self.contract())
    }

    /// Days are this computer's: a contract counts burn blocks.
    fn moment(&self) -> Moment {
        Moment { height: 0, time: self.age.clock.now() }
    }

    /// Refuses a ticket that is another than the one that this home used; `None` is one that is said not to exist.
    pub(super) fn expect_known_ticket(&self, id: TicketId, found: Option<&Ticket>) -> Result<()> {
        let found = found.map(|ticket| (ticket.owner.to_string(), ticket.payload_hash));
        let found = found.as_ref().map(|(owner, hash)| (owner.as_str(), &hash[..]));
        self.memory.learn(|known| known.check_ticket(id, found), |_| false)
    }

    /// Remembers a ticket that was read, or written in, and whose text its customer signed. Its number is the node's word all the same.
    pub(super) fn remember_ticket(&self, id: TicketId, ticket: &Ticket) -> Result<()> {
        let (customer, digest) = (ticket.owner.clone(), ticket.payload_hash);
        let used = UsedTicket { customer, digest, day: self.moment().day() };
        self.memory.learn(|_| Ok(()), |known| known.use_ticket(id, used))
    }

    /// Refuses a list that lacks a key which was seen of somebody, and remembers those of it whose registration they signed: a node that
    /// invents others must not have honest ones refused later.
    pub(super) fn see_keys<'a>(
        &self,
        who: &Principal,
        listed: &[RegisteredKey],
        signed: impl Iterator<Item = &'a RegisteredKey>,
    ) -> Result<()> {
        let records: Vec<RecipientKeyRecord> = listed.iter().map(record).collect();
        let signed: Vec<RecipientKeyRecord> = signed.map(record).collect();
        let moment = self.moment();
        self.memory
            .learn(|known| known.check_keys(who, &records), |known| known.see_keys(who, &signed, moment))
    }

    /// Whether this home never sealed for somebody.
    pub(super) fn is_new_reader(&self, who: &Principal) -> bool {
        self.memory.with(|known| !known.remembered.has_sealed_for(who))
    }

    /// Which administrators this home last sealed for are none now.
    pub(super) fn missing_administrators(&self, now: &BTreeSet<Principal>) -> Vec<Principal> {
        self.memory.with(|known| known.remembered.administrators().difference(now).cloned().collect())
    }

    /// Remembers for whom is sealed, and with which administrators. To be called when the writer has agreed, and not before.
    pub(super) fn remember_agreed(&self, agreed: Agreed) {
        let day = self.moment().day();
        self.memory.with(|known| {
            for who in &agreed.readers {
                known.is_changed |= known.remembered.seal_for(who);
            }
            if let Some(now) = agreed.administrators {
                known.is_changed |= known.remembered.see_administrators(day, now);
            }
        });
    }
}

/// A contract's key as it is remembered: what its owner signs. When it was registered and revoked is the node's word, and a signed
/// `revoke-key` names a number that only the node says is this key's.
fn record(listed: &RegisteredKey) -> RecipientKeyRecord {
    RecipientKeyRecord {
        public_key: listed.public_key.to_vec(),
        signing_key: listed.signing_key.to_vec(),
        account_signature: listed.proof.to_vec(),
        ..RecipientKeyRecord::default()
    }
}
