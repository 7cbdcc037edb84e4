//! Who reads: the rule of docs/spec/trust.md, over people whose keys they signed themselves ([`crate::trust::Person`]).

use sealdesk_envelope::content::SeenCircle;
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_protocol::params::Params;

use super::{ComposeError, TxBuilder};
use crate::trust::Person;

/// Everyone whom an envelope concerns. What each may be there follows from docs/spec/desk.md; who acts is among them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Audience {
    /// Who writes: may be a reader by their own keys.
    pub writer: Option<Person>,
    /// The circle of administrators, as its own votes lead to it: always readers.
    pub administrators: Vec<Person>,
    /// The assignee while active staff, with those of their keys alone that counting grants name: always a reader by these.
    pub assignee: Option<Person>,
    /// Collaborators while active staff, as many as there is room for; each as the assignee is.
    pub collaborators: Vec<Person>,
    /// Where the queue is open, agents whom a member of the circle appointed: while nobody has the ticket as many as there is room for, then
    /// its assignee, who is not named as one above. Always readers, by any of their keys.
    pub appointed: Vec<Person>,
    /// The customer whose key signed the ticket's own envelope; or, after a transfer, the new one with those of their keys alone that
    /// counting grants name: a reader of all but notes.
    pub customer: Option<Person>,
    /// The provider, where the writer gave the address or the customer's sealed text has it: never of notes, and never in another's
    /// place.
    pub provider: Option<Person>,
    /// The providers whom the ticket's sealed text and the ledger's record name, and everyone of a transferred ticket who is or was its
    /// customer: notes are kept from them as from the customer.
    pub outsiders: Vec<Person>,
}

/// Whether the ticket's provider reads an answer. No signature covers the provider whom the ledger's record names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProviderReads {
    /// They do not.
    No,
    /// They do, at the address that the customer sealed into the ticket.
    AsSealed,
    /// They do, at the address that the writer gives.
    Named(Address),
}

/// What is proven of a ticket, or of a new one: the limits in force, and everyone whom it concerns.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// The parameters in force.
    pub params: Params,
    /// Everyone whom an envelope in it concerns.
    pub audience: Audience,
    /// Which administrators those are: sealed into the text.
    pub seen: SeenCircle,
    /// Digest of the ticket's own envelope, which answers and notes name; `None` of a new ticket.
    pub ticket: Option<[u8; 32]>,
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
    /// the required keys alone are more than `max`, [`ComposeError::NoKey`] for a provider without an active key,
    /// [`ComposeError::NoteForOutsider`] where whoever works on the ticket of a note has no key of their own.
    pub fn choose(audience: &Audience, kind: Kind, max: usize) -> Result<Self, ComposeError> {
        let note = kind == Kind::Note;
        let customer = audience.customer.as_ref().map(|customer| &customer.address);
        let mut required = Vec::new();
        for administrator in &audience.administrators {
            // A note is kept from the ticket's customer even where they are staff by now.
            if !note || Some(&administrator.address) != customer {
                required.push(administrator.active_keys());
            }
        }
        if kind == Kind::Ticket && required.iter().all(Vec::is_empty) {
            return Err(ComposeError::NoAdministratorCanRead);
        }
        for works in audience.assignee.iter().chain(&audience.collaborators) {
            required.push(audience.keys_of_worker(works, note)?);
        }
        for agent in &audience.appointed {
            required.push(audience.keys_of_appointed(agent, note));
        }
        if let Some(customer) = audience.customer.as_ref().filter(|_| !note) {
            required.push(customer.active_keys());
        }
        let mut allowed = Vec::new();
        if let Some(writer) = audience.writer.as_ref().filter(|it| !note || Some(&it.address) != customer) {
            allowed.push(writer.active_keys());
        }
        if let Some(provider) = audience.provider.as_ref().filter(|_| !note) {
            let keys = provider.active_keys();
            // Nobody must believe that the provider can read where nothing can be sealed to them.
            if keys.is_empty() {
                return Err(ComposeError::NoKey(provider.address.clone()));
            }
            allowed.push(keys);
        }
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
    /// The keys of the assignee, or a collaborator, that a text is sealed for. A counting grant names a key, and neither whose it is nor as what: by one that the
    /// customer or a provider of the ticket was granted, or has a copy of, the ledger could call them assignee, and nobody gets a note.
    fn keys_of_worker(&self, works: &Person, note: bool) -> Result<Vec<EncryptionKey>, ComposeError> {
        let mut keys = works.active_keys();
        if !note || keys.is_empty() {
            return Ok(keys);
        }
        for outsider in self.outsiders.iter().chain(&self.customer) {
            let is_outsider = outsider.address == works.address;
            keys.retain(|key| !is_outsider && !outsider.has(&key.fingerprint()));
        }
        // Who writes a note reads it by their own keys.
        let writes = self.writer.as_ref().is_some_and(|writer| writer.address == works.address);
        if keys.is_empty() && !writes {
            return Err(ComposeError::NoteForOutsider(works.address.clone()));
        }
        Ok(keys)
    }

    /// The keys of an agent whom a member appointed: whose keys these are, and that they are staff, is signed, so that a copy of one says
    /// nothing. Nobody on the other side of a ticket gets its notes all the same.
    fn keys_of_appointed(&self, agent: &Person, note: bool) -> Vec<EncryptionKey> {
        let outside = self.outsiders.iter().chain(&self.customer).any(|one| one.address == agent.address);
        if note && outside { Vec::new() } else { agent.active_keys() }
    }

    /// The audience with the key that this transaction registers for its sender, which no fact can show yet.
    pub fn with_own_key(self, builder: &TxBuilder) -> Self {
        let own = |person: Person| builder.with_own_key(person);
        Self {
            administrators: self.administrators.into_iter().map(own).collect(),
            assignee: self.assignee.map(own),
            collaborators: self.collaborators.into_iter().map(own).collect(),
            appointed: self.appointed.into_iter().map(own).collect(),
            writer: self.writer.map(own),
            customer: self.customer.map(own),
            provider: self.provider.map(own),
            outsiders: self.outsiders,
        }
    }
}
