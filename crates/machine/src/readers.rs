//! Who must be among the readers of an envelope, and who may be: docs/spec/desk.md's "Envelopes on the ledger".

use std::collections::BTreeSet;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::envelope::WrappedKey;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::KEY_GRACE_SECONDS;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

use crate::errors::Fatal;
use crate::state::{StateView, is_active, was_active_within_grace};

/// The people around a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Audience<'a> {
    pub(crate) customer: &'a Address,
    pub(crate) provider: Option<&'a Address>,
    pub(crate) assignee: Option<&'a Address>,
    /// A note is kept from the ticket's customer, even where they are staff by now.
    pub(crate) internal: bool,
}

/// Someone who may be among the readers, with the keys that can stand for them.
struct Reader {
    address: Address,
    basis: ReaderBasis,
    keys: Vec<RecipientKeyRecord>,
}

/// Why someone may be among the readers. Someone for whom several reasons hold has the rights of each.
#[derive(Debug, Clone, Copy, Default)]
struct ReaderBasis {
    required: bool,
    active_administrator: bool,
    /// On the list of administrators, suspended or not.
    administrator: bool,
    /// A grant may name them as the assignee, the customer or the provider, whatever else they are. Suspended
    /// administrators stay readers, but get nothing new as administrators.
    party: bool,
}

impl ReaderBasis {
    fn or(self, other: Self) -> Self {
        Self {
            required: self.required || other.required,
            active_administrator: self.active_administrator || other.active_administrator,
            administrator: self.administrator || other.administrator,
            party: self.party || other.party,
        }
    }
}

/// Everyone who may be among the readers of a record, in the order in which missing ones are named: administrators by
/// address, the assignee, the customer, the provider.
pub(crate) struct Readers(Vec<Reader>);

impl Readers {
    pub(crate) fn of(view: &StateView<'_>, audience: Audience<'_>) -> Result<Self, Fatal> {
        let mut readers = Self(Vec::new());
        for (address, state) in &view.administrators()? {
            let active = *state == AccountState::Active;
            let basis = ReaderBasis {
                required: active,
                active_administrator: active,
                administrator: true,
                ..ReaderBasis::default()
            };
            readers.add(view, audience, address, basis)?;
        }
        if let Some(assignee) = audience.assignee {
            let member = view.member(assignee)?;
            if member.staff_role().is_some() && member.state != AccountState::Terminated {
                let required = member.is_active();
                let basis = ReaderBasis { required, party: true, ..ReaderBasis::default() };
                readers.add(view, audience, assignee, basis)?;
            }
        }
        let basis = ReaderBasis { required: true, party: true, ..ReaderBasis::default() };
        readers.add(view, audience, audience.customer, basis)?;
        if let Some(provider) = audience.provider.filter(|_| !audience.internal) {
            let basis = ReaderBasis { party: true, ..ReaderBasis::default() };
            readers.add(view, audience, provider, basis)?;
        }
        Ok(readers)
    }

    fn add(
        &mut self,
        view: &StateView<'_>,
        audience: Audience<'_>,
        address: &Address,
        basis: ReaderBasis,
    ) -> Result<(), Fatal> {
        if audience.internal && address == audience.customer {
            return Ok(());
        }
        match self.0.iter_mut().find(|reader| reader.address == *address) {
            Some(reader) => reader.basis = reader.basis.or(basis),
            None => {
                let keys = view.keys(address)?;
                self.0.push(Reader { address: address.clone(), basis, keys });
            }
        }
        Ok(())
    }

    /// Whether any active administrator has an active key.
    pub(crate) fn some_administrator_can_read(&self) -> bool {
        self.0.iter().any(|reader| reader.basis.active_administrator && reader.keys.iter().any(is_active))
    }

    /// Judges the readers that an envelope names: first that no required reader is missing, then that every reader is allowed.
    pub(crate) fn judge(&self, entries: &[WrappedKey], now: i64) -> Result<(), SupportError> {
        let named: BTreeSet<String> = entries.iter().map(|entry| entry.recipient.to_string()).collect();
        for reader in self.0.iter().filter(|reader| reader.basis.required) {
            let created = reader.keys.iter().any(|key| creates_requirement(key, now));
            let mut usable = reader.keys.iter().filter(|key| was_active_within_grace(key, now));
            if created && !usable.any(|key| named.contains(&key.key_fingerprint)) {
                return Err(SupportError::ReaderMissing(reader.address.clone()));
            }
        }
        let usable =
            self.0.iter().flat_map(|reader| &reader.keys).filter(|key| was_active_within_grace(key, now));
        let allowed: BTreeSet<&str> = usable.map(|key| key.key_fingerprint.as_str()).collect();
        match named.into_iter().find(|id| !allowed.contains(id.as_str())) {
            Some(id) => Err(SupportError::ReaderNotAllowed(id)),
            None => Ok(()),
        }
    }

    /// On which basis a grant may name this key; `None` where it may not. A grant's key must be active.
    pub(crate) fn accepts_grant(&self, recipient: &str) -> Option<GrantBasis> {
        let owns = |reader: &&Reader| {
            let mut active = reader.keys.iter().filter(|key| is_active(key));
            active.any(|key| key.key_fingerprint == recipient)
        };
        let owners: Vec<&Reader> = self.0.iter().filter(owns).collect();
        let basis = GrantBasis {
            administrator: owners.iter().any(|owner| owner.basis.active_administrator),
            party: owners.iter().any(|owner| owner.basis.party),
        };
        (basis.administrator || basis.party).then_some(basis)
    }

    /// Every key of the listed administrators, revoked ones included: grants to them stand in the administrators' half of a
    /// target's room, also when the key has been rotated since.
    pub(crate) fn administrators_keys(&self) -> BTreeSet<String> {
        let administrators = self.0.iter().filter(|reader| reader.basis.administrator);
        administrators.flat_map(|reader| &reader.keys).map(|key| key.key_fingerprint.clone()).collect()
    }
}

/// On which basis a grant may name a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GrantBasis {
    /// As an active administrator.
    pub(crate) administrator: bool,
    /// As the assignee, the customer or the provider.
    pub(crate) party: bool,
}

/// A key younger than the grace creates no requirement, so that a rotation in flight does not fail anyone's message.
fn creates_requirement(key: &RecipientKeyRecord, now: i64) -> bool {
    is_active(key) && now.saturating_sub(key.registered_at) >= KEY_GRACE_SECONDS
}
