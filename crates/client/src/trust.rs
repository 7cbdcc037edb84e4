//! Whom to believe: a ledger that was seen before, the first one that is met, or any node. And what follows from that for who may
//! become a reader: the circle of administrators as members' votes lead to it, keys by their owners' signatures, grants that count,
//! and how old a state may be. Nothing else decides who can read but [`crate::compose::Readers`].

mod age;
mod appointed;
mod circle;
mod continuing;
mod counting;
mod doubts;
mod person;
#[cfg(not(target_arch = "wasm32"))]
pub mod pins;
pub mod remembered;
mod stored;

use std::collections::BTreeSet;

use sealdesk_envelope::content::SeenCircle;
use sealdesk_protocol::circle::{Circle, Ledger};
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, ChainId};
use sealdesk_protocol::receipt;
use sealdesk_protocol::wire::sealdesk::ledger::v1::CircleChange;

pub use age::{AGE_SECONDS_MAX, Age, Clock, TIMEOUT_SECONDS};
pub(crate) use appointed::is_appointed_agent;
pub(crate) use circle::{Step, next};
pub use continuing::Continuation;
pub(crate) use counting::{counting, made_by};
pub use doubts::{Doubtful, Doubts, Mark};
pub use person::{OwnedKey, Person};

use crate::verify::{Chain, VerifyError};

/// Most administrators and assignees of one ledger whom a pin keeps as sealed for: some times the staff that a ledger takes.
pub const READERS_MAX: usize = 4_096;

/// What is remembered of a ledger. It tells whom one writes to: kept like a keyring.
#[derive(Debug, Clone, PartialEq)]
pub struct Pin {
    /// Its name, prefix and identity.
    pub ledger: Ledger,
    /// The circle of administrators to which members' votes were followed.
    pub circle: Circle,
    /// The changes that led there, as far as this home followed them, ascending by position; the newest ones where they are many.
    pub changes: Vec<CircleChange>,
    /// Hash of its validators, as headers name it. When these hand over to others, the pin moves on.
    pub validators_hash: [u8; 32],
    /// The highest state that was proven: a node that shows an older one is behind, or lies by silence. 0 = none: the next proof has to
    /// be of the validators that the identity names, or of those to whom they handed over, whatever hash stands here.
    pub height: u64,
    /// Time of the header that proves it, in Unix seconds.
    pub time: i64,
    /// Whether a person agreed to it, or made it: without that, sealing asks first.
    pub agreed: bool,
    /// The administrators and assignees whom this home has sealed for: another one is named. At most [`READERS_MAX`], the first ones.
    pub readers: BTreeSet<Address>,
}

/// What a proof shows of a ledger beside its records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The ledger's name.
    pub chain_id: ChainId,
    /// Hash of the validators who signed.
    pub validators_hash: [u8; 32],
    /// Height of the state.
    pub height: u64,
    /// Time of the header that proves it, in Unix seconds.
    pub time: i64,
}

impl Pin {
    /// What is known of a ledger from how it began, and nothing later.
    pub fn of_beginning(chain: &Chain) -> Self {
        let beginning = chain.ancestry.beginning();
        Self {
            ledger: chain.ledger(),
            circle: beginning.circle.clone(),
            changes: Vec::new(),
            validators_hash: beginning.validators_hash,
            height: 0,
            time: 0,
            agreed: false,
            readers: BTreeSet::new(),
        }
    }

    /// What a text that is sealed now says of the administrators that its writer's program knew.
    pub fn seen(&self) -> SeenCircle {
        let fingerprint = hex::encode(self.circle.fingerprint(&self.ledger.identity));
        SeenCircle { circle: self.circle.position(), fingerprint }
    }

    /// Keeps for whom something was sealed, up to [`READERS_MAX`]. Whoever comes when it is full is not kept: the harm is that they are
    /// named again, and no ledger pushes out those who are known.
    pub(crate) fn add_readers(&mut self, readers: impl Iterator<Item = Address>) {
        for reader in readers {
            if self.readers.len() >= READERS_MAX {
                break;
            }
            self.readers.insert(reader);
        }
    }

    /// The ledger's name.
    pub fn chain_id(&self) -> &ChainId {
        &self.ledger.chain_id
    }

    /// Takes in what another command, or another tab, came to know meanwhile.
    ///
    /// # Errors
    /// As [`Pin::advance`].
    pub(crate) fn merge(&mut self, pin: Self) -> Result<(), VerifyError> {
        let Self { ledger, circle, changes, validators_hash, height, time, agreed, readers } = pin;
        self.advance(&Seen { chain_id: ledger.chain_id, validators_hash, height, time })?;
        let is_further = circle.position() > self.circle.position();
        // Of a ledger that nobody had agreed to the changes were not kept.
        let is_fuller = circle == self.circle && changes.len() > self.changes.len();
        if is_further || is_fuller {
            (self.circle, self.changes) = (circle, changes);
        }
        self.agreed |= agreed;
        self.add_readers(readers.into_iter());
        Ok(())
    }

    /// Takes in what a proof shows. `false` where it is older than what was seen, which changes nothing.
    ///
    /// # Errors
    /// [`VerifyError::TwoHistories`] where height and time disagree on which is newer.
    pub fn advance(&mut self, seen: &Seen) -> Result<bool, VerifyError> {
        let split = match seen.height.cmp(&self.height) {
            std::cmp::Ordering::Less => seen.time > self.time,
            std::cmp::Ordering::Equal => self.height > 0 && seen.time != self.time,
            std::cmp::Ordering::Greater => seen.time < self.time,
        };
        if split {
            return Err(VerifyError::TwoHistories {
                chain_id: self.ledger.chain_id.clone(),
                seen: (self.height, self.time),
                found: (seen.height, seen.time),
            });
        }
        if seen.height < self.height {
            return Ok(false);
        }
        (self.height, self.time, self.validators_hash) = (seen.height, seen.time, seen.validators_hash);
        Ok(true)
    }

    /// The change with which a member joined, where this home has followed it.
    pub fn joined_by(&self, member: &Address) -> Option<&CircleChange> {
        let joined = |change: &&CircleChange| !change.removes && change.address == member.as_str();
        self.changes.iter().rev().find(joined)
    }
}

/// Whom a client believes.
#[derive(Debug, Clone, PartialEq)]
pub enum Trust {
    /// The ledger of this pin, and no other.
    Pinned(Box<Pin>),
    /// A ledger of one of these identities, which somebody named; from then on as [`Trust::Pinned`].
    Named(Vec<Identity>),
    /// Whatever the first proof shows; from then on as [`Trust::Pinned`]. The caller keeps the pin.
    FirstUse,
    /// Any node: proofs are still read, so that mistakes show, but whoever signed them is believed every time anew. Nothing is
    /// sealed and nothing granted by such a word.
    NodeTrusted,
}

impl Trust {
    /// Whether no state of the ledger was seen yet: its identity says who its first validators were.
    pub(crate) fn is_first(&self) -> bool {
        match self {
            Self::Pinned(pin) => pin.height == 0,
            Self::FirstUse | Self::Named(_) => true,
            Self::NodeTrusted => false,
        }
    }

    /// The pin, where there is one.
    pub fn pin(&self) -> Option<&Pin> {
        match self {
            Self::Pinned(pin) => Some(pin),
            Self::Named(_) | Self::FirstUse | Self::NodeTrusted => None,
        }
    }

    /// What a receipt is verified against.
    pub(crate) fn of_receipts(&self) -> receipt::Trust {
        match self.pin() {
            Some(pin) => receipt::Trust::Pinned {
                validators_hash: pin.validators_hash,
                chain_id: Some(pin.ledger.chain_id.clone()),
            },
            None => receipt::Trust::Unpinned,
        }
    }

    /// Refuses a ledger of another identity than is believed.
    pub(crate) fn expects(&self, chain: &Chain) -> Result<(), VerifyError> {
        let (found, wanted) = match self {
            Self::Pinned(pin) => (pin.ledger.identity == chain.identity(), pin.ledger.identity.to_string()),
            Self::Named(names) => {
                let all: Vec<String> = names.iter().map(Identity::to_string).collect();
                (names.contains(&chain.identity()), all.join(" or "))
            }
            Self::FirstUse | Self::NodeTrusted => return Ok(()),
        };
        if found {
            return Ok(());
        }
        let (chain_id, found) = (chain.chain_id.clone(), chain.identity());
        Err(VerifyError::OtherIdentity { chain_id, wanted, found })
    }
}
