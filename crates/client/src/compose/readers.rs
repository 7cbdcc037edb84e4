//! Who reads: docs/spec/desk.md's required and allowed readers, chosen from proven facts.

use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

use super::{ComposeError, TxBuilder};

/// Someone who shall be able to read, and every key that the ledger lists for the address.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Who it is.
    pub address: Address,
    /// All of them, revoked ones included, ascending by version.
    pub keys: Vec<RecipientKeyRecord>,
}

impl Person {
    /// The keys that can be sealed to, the newest first.
    ///
    /// # Errors
    /// [`ComposeError::BadKey`] for a listed key that is not a key.
    pub fn active_keys(&self) -> Result<Vec<EncryptionKey>, ComposeError> {
        let active = self.keys.iter().rev().filter(|record| record.revoked_at == 0);
        active
            .map(|record| {
                EncryptionKey::parse(&record.public_key).map_err(|_| ComposeError::BadKey {
                    address: self.address.clone(),
                    fingerprint: record.key_fingerprint.clone(),
                })
            })
            .collect()
    }
}

/// Everyone whom an envelope concerns. What each may be there follows from docs/spec/desk.md; who acts is among them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Audience {
    /// The active administrators: always readers.
    pub administrators: Vec<Person>,
    /// The assignee while active staff: always a reader.
    pub assignee: Option<Person>,
    /// The ticket's customer: a reader of all but notes.
    pub customer: Option<Person>,
    /// The ticket's provider, where they shall read: never of notes, and never in another's place.
    pub provider: Option<Person>,
}

/// What is proven of a ticket, or of a new one: the limits in force, and everyone whom it concerns.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The parameters in force.
    pub params: Params,
    /// Everyone whom an envelope in it concerns.
    pub audience: Audience,
}

impl Facts {
    /// The keys to seal to in a transaction, with the one that it registers for its sender.
    ///
    /// # Errors
    /// As [`Readers::choose`].
    pub fn readers(&self, builder: &TxBuilder, kind: Kind) -> Result<Readers, ComposeError> {
        let max = usize::try_from(self.params.max_recipients).unwrap_or(usize::MAX);
        Readers::choose(&self.audience.clone().with_own_key(builder), kind, max)
    }
}

/// The keys to seal to, no two the same.
#[derive(Debug, Clone, PartialEq)]
pub struct Readers {
    keys: Vec<EncryptionKey>,
}

impl Readers {
    /// Chooses at most `max` keys: of everyone required the newest active one, then the provider's, then the others of each
    /// while there is room. One required key each always fits: the ledger keeps room for a customer and an assignee beside
    /// its administrators.
    ///
    /// # Errors
    /// [`ComposeError::NoAdministratorCanRead`] for a new ticket where no administrator has an active key, [`ComposeError::TooLarge`] where
    /// the required keys alone are more than `max`, [`ComposeError::NoKey`] for a provider without an active key, [`ComposeError::BadKey`].
    pub fn choose(audience: &Audience, kind: Kind, max: usize) -> Result<Self, ComposeError> {
        let note = kind == Kind::Note;
        let customer = audience.customer.as_ref().map(|customer| &customer.address);
        let mut required = Vec::new();
        for administrator in &audience.administrators {
            // A note is kept from the ticket's customer even where they are staff by now.
            if !note || Some(&administrator.address) != customer {
                required.push(administrator.active_keys()?);
            }
        }
        if kind == Kind::Ticket && required.iter().all(Vec::is_empty) {
            return Err(ComposeError::NoAdministratorCanRead);
        }
        for person in audience.assignee.iter().chain(audience.customer.iter().filter(|_| !note)) {
            required.push(person.active_keys()?);
        }
        let allowed = match audience.provider.as_ref().filter(|_| !note) {
            // Nobody must believe that the provider can read where nothing can be sealed to them.
            Some(provider) => match provider.active_keys()? {
                none if none.is_empty() => return Err(ComposeError::NoKey(provider.address.clone())),
                keys => vec![keys],
            },
            None => Vec::new(),
        };
        Self::within(&required, &allowed, max)
    }

    /// As [`Readers::choose`], from the keys of each who is required and each who is allowed, everyone's newest first.
    pub(crate) fn within(
        required: &[Vec<EncryptionKey>],
        allowed: &[Vec<EncryptionKey>],
        max: usize,
    ) -> Result<Self, ComposeError> {
        let mut keys: Vec<EncryptionKey> = Vec::new();
        let mut take = |key: &EncryptionKey| {
            if !keys.contains(key) {
                keys.push(*key);
            }
        };
        required.iter().filter_map(|person| person.first()).for_each(&mut take);
        let needed = keys.len();
        if needed > max {
            return Err(ComposeError::TooLarge { what: "required readers", actual: needed, max });
        }
        let mut take = |key: &EncryptionKey| {
            if !keys.contains(key) && keys.len() < max {
                keys.push(*key);
            }
        };
        allowed.iter().filter_map(|person| person.first()).for_each(&mut take);
        let others = required.iter().chain(allowed).flat_map(|person| person.iter().skip(1));
        others.for_each(&mut take);
        Ok(Self { keys })
    }

    /// The keys, in no particular order.
    pub fn keys(&self) -> &[EncryptionKey] {
        &self.keys
    }
}

impl Audience {
    /// The audience with the key that this transaction registers for its sender, which no fact can show yet.
    pub fn with_own_key(self, builder: &TxBuilder) -> Self {
        let own = |person: Person| builder.with_own_key(person);
        Self {
            administrators: self.administrators.into_iter().map(own).collect(),
            assignee: self.assignee.map(own),
            customer: self.customer.map(own),
            provider: self.provider.map(own),
        }
    }
}
