//! What a home remembers of a contract, as it does of a ledger of its own: tickets that it used, keys of people, for whom it sealed, and
//! who the administrators were. What contradicts it is refused, and a reader who is new to this home is named.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use sealdesk_protocol::identity::{Identity, LABEL_PREFIX};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_stacks::contract::{RegisteredKey, Ticket};
use sealdesk_stacks::principal::Principal;
use sha2::{Digest as _, Sha256};

use super::Desk;
use super::error::Result;
use super::net::Http;
use crate::trust::remembered::{Contradiction, Moment, Named, Remembered, UsedTicket};

impl Named for Principal {
    type Of = ();

    fn named((): &(), text: &str) -> std::result::Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }
}

/// What a desk comes to know, for whoever keeps it after the desk is gone.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Known>>);

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

    /// What stands for the contract where a ledger's identity does, in the names of files: nothing that a node could prove.
    pub fn identity(&self) -> Identity {
        let digest = Sha256::new().chain_update(LABEL_PREFIX).chain_update("contract\0");
        Identity(digest.chain_update(self.chain_id()).finalize().into())
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

    /// Remembers a ticket that was read, or written in.
    pub(super) fn remember_ticket(&self, id: TicketId, ticket: &Ticket) -> Result<()> {
        let (customer, digest) = (ticket.owner.clone(), ticket.payload_hash);
        let used = UsedTicket { customer, digest, day: self.moment().day() };
        self.memory.learn(|_| Ok(()), |known| known.use_ticket(id, used))
    }

    /// Refuses keys that contradict what was seen of somebody, and remembers them.
    pub(super) fn see_keys(&self, who: &Principal, listed: &[RegisteredKey]) -> Result<()> {
        let records: Vec<RecipientKeyRecord> = listed.iter().map(record).collect();
        let moment = self.moment();
        self.memory
            .learn(|known| known.check_keys(who, &records), |known| known.see_keys(who, &records, moment))
    }

    /// Whether this home never sealed for somebody, who is remembered as one of whom it did from now on.
    pub(super) fn is_new_reader(&self, who: &Principal) -> bool {
        self.memory.with(|known| {
            let is_new = !known.remembered.has_sealed_for(who);
            known.is_changed |= known.remembered.seal_for(who);
            is_new
        })
    }

    /// Remembers the administrators, and answers which of the earlier ones are missing.
    pub(super) fn see_administrators(&self, now: BTreeSet<Principal>) -> Vec<Principal> {
        let day = self.moment().day();
        self.memory.with(|known| {
            let missing = known.remembered.administrators().difference(&now).cloned().collect();
            known.is_changed |= known.remembered.see_administrators(day, now);
            missing
        })
    }
}

/// A contract's key as it is remembered: all of it but when it was revoked stays the same.
fn record(listed: &RegisteredKey) -> RecipientKeyRecord {
    RecipientKeyRecord {
        public_key: listed.public_key.to_vec(),
        signing_key: listed.signing_key.to_vec(),
        account_signature: listed.proof.to_vec(),
        registered_at: i64::try_from(listed.registered_at).unwrap_or(i64::MAX),
        // Burn blocks are counted from 1 and more, so that 0 is free to say that it is active.
        revoked_at: listed.revoked_at.map_or(0, |height| i64::try_from(height.max(1)).unwrap_or(i64::MAX)),
        ..RecipientKeyRecord::default()
    }
}
