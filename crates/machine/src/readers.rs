//! Who must be among the readers of an envelope, and who may be: docs/spec/desk.md's "Envelopes on the ledger".

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::codes::SupportError;
use sealdesk_protocol::document::Shelf;
use sealdesk_protocol::envelope::WrappedKey;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::limits::KEY_GRACE_SECONDS;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::ticket::Ticket;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_protocol::wire::virtengine::support::v1::AccessGrant;

use crate::errors::Fatal;
use crate::state::{StateView, is_active, was_active_within_grace};

/// Whom the envelopes that are about to be judged name, all of them together, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'a> {
    pub(crate) ids: &'a BTreeSet<&'a str>,
    /// The block's time.
    pub(crate) now: i64,
}

/// The people around a record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Audience<'a> {
    pub(crate) customer: &'a Address,
    /// Whose the ticket was before transfers: with one of them no signature in it is its customer's.
    pub(crate) previous_customers: &'a [Address],
    pub(crate) provider: Option<&'a Address>,
    pub(crate) assignee: Option<&'a Address>,
    pub(crate) collaborators: &'a [Address],
    /// A note is kept from the ticket's customer, even where they are staff by now.
    pub(crate) internal: bool,
    /// Of a ticket that a member told of, and that is its first customer's still.
    pub(crate) imported: Option<ByImport<'a>>,
    /// The grants on the ticket itself, of which those that count make whoever works on it, and its customer after a transfer, required readers.
    pub(crate) grants: &'a [AccessGrant],
}

impl<'a> Audience<'a> {
    /// That of a ticket's answers, without the grants on it.
    pub(crate) fn of(ticket: &'a Ticket) -> Self {
        Self {
            customer: &ticket.customer,
            previous_customers: &ticket.previous_customers,
            provider: ticket.provider.as_ref(),
            assignee: ticket.assignee.as_ref(),
            collaborators: &ticket.collaborators,
            internal: false,
            imported: ByImport::of(ticket),
            grants: &[],
        }
    }

    /// That of a new ticket.
    pub(crate) fn of_new(customer: &'a Address, provider: Option<&'a Address>) -> Self {
        Self {
            customer,
            previous_customers: &[],
            provider,
            assignee: None,
            collaborators: &[],
            internal: false,
            imported: None,
            grants: &[],
        }
    }

    /// Whether it is a note, and an agent is on the other side of the ticket: its customer, one before, or its provider.
    fn keeps_from(&self, agent: &Address) -> bool {
        let is_outsider =
            self.customer == agent || self.previous_customers.contains(agent) || self.provider == Some(agent);
        self.internal && is_outsider
    }
}

/// The member's signed envelope that lets the customer of an imported ticket in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ByImport<'a> {
    /// Who told of it.
    by: &'a Address,
    /// Which of their keys signed it.
    version: u32,
    /// The customer's keys that it names.
    keys: &'a [String],
}

impl<'a> ByImport<'a> {
    fn of(ticket: &'a Ticket) -> Option<Self> {
        let imported = ticket.imported.as_ref()?;
        // Who got it by a transfer is not who it was sealed for.
        let keys = if ticket.is_transferred() { &[][..] } else { &imported.customer_keys };
        Some(Self { by: &imported.by, version: ticket.payload_context.signer_key_version, keys })
    }
}

/// Someone who may be among the readers, with the keys that can stand for them.
struct Reader {
    address: Address,
    basis: ReaderBasis,
    keys: Vec<RecipientKeyRecord>,
    /// Those of the keys that counting grants name.
    counting: BTreeSet<String>,
}

impl Reader {
    /// Whether a key can meet, or create, the requirement that they are among the readers. Anyone can register a copy of a public key, so
    /// an assignee, a collaborator, or a customer after a transfer, is required only by those keys that a member of the circle has granted the ticket to.
    fn requires(&self, key: &RecipientKeyRecord) -> bool {
        self.basis.required || self.counting.contains(&key.key_fingerprint)
    }
}

/// Why someone may be among the readers. Someone for whom several reasons hold has the rights of each.
#[derive(Debug, Clone, Copy, Default)]
struct ReaderBasis {
    /// By any of their keys.
    required: bool,
    /// By those of their keys that counting grants name.
    required_by_grant: bool,
    /// A member of the circle.
    administrator: bool,
    /// A grant may name them as whoever works on it, the customer, the provider, or an agent who is let in, whatever else they are.
    party: bool,
}

impl ReaderBasis {
    fn or(self, other: Self) -> Self {
        Self {
            required: self.required || other.required,
            required_by_grant: self.required_by_grant || other.required_by_grant,
            administrator: self.administrator || other.administrator,
            party: self.party || other.party,
        }
    }
}

/// Everyone who may be among the readers of a record, in the order in which missing ones are named: administrators by
/// address, the assignee, collaborators, the customer, the provider, agents of the queue.
pub(crate) struct Readers(Vec<Reader>);

impl Readers {
    pub(crate) fn of(view: &StateView<'_>, audience: Audience<'_>) -> Result<Self, Fatal> {
        let mut readers = Self(Vec::new());
        let circle = view.circle()?;
        for member in circle.members() {
            let basis = ReaderBasis { required: true, administrator: true, ..ReaderBasis::default() };
            readers.add(view, audience, &member.address, basis)?;
        }
        let room = 1 + view.params()?.room_beside(circle.members().len());
        for (place, works) in audience.assignee.into_iter().chain(audience.collaborators).enumerate() {
            let member = view.member(works)?;
            if member.staff_role().is_some() && member.state != AccountState::Terminated {
                // Whoever has no room beside the others may read, and blocks nothing.
                let required_by_grant = member.is_active() && place < room;
                let basis = ReaderBasis { required_by_grant, party: true, ..ReaderBasis::default() };
                readers.add(view, audience, works, basis)?;
            }
        }
        let required_by_grant = !audience.previous_customers.is_empty() || audience.imported.is_some();
        let required = !required_by_grant;
        let basis = ReaderBasis { required, required_by_grant, party: true, ..ReaderBasis::default() };
        readers.add(view, audience, audience.customer, basis)?;
        if let Some(provider) = audience.provider.filter(|_| !audience.internal) {
            let basis = ReaderBasis { party: true, ..ReaderBasis::default() };
            readers.add(view, audience, provider, basis)?;
        }
        readers.count_grants(audience);
        Ok(readers)
    }

    /// Adds the agents whom the open queue makes required readers, by any of their keys: while nobody is assigned those whom the circle
    /// appointed, as many as there is room for, and then the assignee, if they are such an agent.
    pub(crate) fn add_queue(
        &mut self,
        view: &StateView<'_>,
        audience: Audience<'_>,
        params: &Params,
        named: Named<'_>,
    ) -> Result<(), Fatal> {
        let circle = view.circle()?;
        let basis = ReaderBasis { required: true, ..ReaderBasis::default() };
        if let Some(assignee) = audience.assignee {
            let reads = view.member(assignee)?.is_agent_of(&circle) && !audience.keeps_from(assignee);
            return if reads { self.add(view, audience, assignee, basis) } else { Ok(()) };
        }
        let mut room = params.room_beside(circle.members().len());
        view.each_appointed_agent(|agent| {
            let Some(left) = room.checked_sub(1) else { return Ok(ControlFlow::Break(())) };
            room = left;
            if audience.keeps_from(&agent) {
                return Ok(ControlFlow::Continue(()));
            }
            self.add(view, audience, &agent, basis)?;
            Ok(self.goes_on(&agent, named))
        })
    }

    /// Whether readers after this one matter: where they are missing, the envelope is refused whoever comes later. So what is read is bounded by
    /// what an envelope names, and not by how many agents there are.
    fn goes_on(&self, agent: &Address, named: Named<'_>) -> ControlFlow<()> {
        let mut readers = self.0.iter().rev();
        let is_missing = readers.find(|reader| reader.address == *agent).is_some_and(|reader| {
            let mut keys = reader.keys.iter();
            keys.any(|key| creates_requirement(key, named.now))
                && !keys_named(reader, named.now).any(|id| named.ids.contains(id))
        });
        if is_missing { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Adds an agent who has nothing to do with the ticket, and may be let in while active.
    pub(crate) fn add_agent(
        &mut self,
        view: &StateView<'_>,
        audience: Audience<'_>,
        agent: &Address,
    ) -> Result<(), Fatal> {
        let is_agent = view.member(agent)?.active_staff_role() == Some(AssignableRole::SupportAgent);
        if !is_agent || audience.keeps_from(agent) {
            return Ok(());
        }
        let basis = ReaderBasis { party: true, ..ReaderBasis::default() };
        self.add(view, audience, agent, basis)
    }

    /// Everyone who may be among the readers of a document on this shelf, each of them required: the owner of an own one; of one for the
    /// staff the circle and, while they are active, the agents whom somebody in it appointed. A public one is not sealed.
    pub(crate) fn of_shelf(view: &StateView<'_>, shelf: &Shelf, named: Named<'_>) -> Result<Self, Fatal> {
        let required = ReaderBasis { required: true, ..ReaderBasis::default() };
        let reader = |address: Address, basis| -> Result<Reader, Fatal> {
            let keys = view.keys_in_use(&address)?;
            Ok(Reader { address, basis, keys, counting: BTreeSet::new() })
        };
        let mut readers = Self(Vec::new());
        match shelf {
            Shelf::Public => {}
            Shelf::Own(owner) => readers.0.push(reader(owner.clone(), required)?),
            Shelf::Staff => {
                let circle = view.circle()?;
                for member in circle.members() {
                    let basis = ReaderBasis { administrator: true, ..required };
                    readers.0.push(reader(member.address.clone(), basis)?);
                }
                view.each_appointed_agent(|agent| {
                    readers.0.push(reader(agent.clone(), required)?);
                    Ok(readers.goes_on(&agent, named))
                })?;
            }
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
                let keys = view.keys_in_use(address)?;
                let counting = BTreeSet::new();
                self.0.push(Reader { address: address.clone(), basis, keys, counting });
            }
        }
        Ok(())
    }

    /// Keeps which keys counting grants name, of those who are required by them: grants of a member of the circle, signed by a key of that
    /// member that is still active.
    fn count_grants(&mut self, audience: Audience<'_>) {
        let counts = |grant: &&AccessGrant| self.signs(&grant.granter, grant.granter_key_version);
        let counting = audience.grants.iter().filter(counts).filter_map(|grant| grant.entry.as_ref());
        let counting: BTreeSet<String> = counting.map(|entry| entry.recipient_id.clone()).collect();
        let by_import = audience.imported.filter(|one| self.signs(one.by.as_str(), one.version));
        for reader in self.0.iter_mut().filter(|reader| reader.basis.required_by_grant) {
            reader.counting.clone_from(&counting);
            // What a member told of, the customer reads by the keys that the member sealed it for.
            if let Some(import) = by_import.filter(|_| reader.address == *audience.customer) {
                reader.counting.extend(import.keys.iter().cloned());
            }
        }
    }

    /// Whether somebody is in the circle, and their key of this version is active.
    fn signs(&self, member: &str, version: u32) -> bool {
        let member = self.0.iter().find(|reader| reader.address.as_str() == member);
        member.filter(|member| member.basis.administrator).is_some_and(|member| {
            let mut active = member.keys.iter().filter(|key| is_active(key));
            active.any(|key| key.key_version == version)
        })
    }

    /// Whether any active administrator has an active key.
    pub(crate) fn some_administrator_can_read(&self) -> bool {
        self.0.iter().any(|reader| reader.basis.administrator && reader.keys.iter().any(is_active))
    }

    /// Judges the readers that an envelope names: first that no required reader is missing, then that every reader is allowed.
    pub(crate) fn judge(&self, entries: &[WrappedKey], now: i64) -> Result<(), SupportError> {
        let named: BTreeSet<String> = entries.iter().map(|entry| entry.recipient.to_string()).collect();
        for reader in self.0.iter().filter(|reader| reader.basis.required || reader.basis.required_by_grant) {
            let keys = || reader.keys.iter().filter(|key| reader.requires(key));
            let created = keys().any(|key| creates_requirement(key, now));
            let mut usable = keys().filter(|key| was_active_within_grace(key, now));
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
            administrator: owners.iter().any(|owner| owner.basis.administrator),
            party: owners.iter().any(|owner| owner.basis.party),
        };
        (basis.administrator || basis.party).then_some(basis)
    }
}

/// Every key of the administrators, revoked ones included: grants to them stand in the administrators' half of a target's room, also
/// when the key has been rotated since.
pub(crate) struct AdministratorsKeys(Vec<[u8; 20]>);

impl AdministratorsKeys {
    pub(crate) fn of(view: &StateView<'_>, circle: &Circle) -> Result<Self, Fatal> {
        let mut ids = Vec::new();
        circle.members().iter().try_for_each(|member| view.add_key_ids(&member.address, &mut ids))?;
        // Each member's are in order already, which this sort makes use of.
        ids.sort();
        Ok(Self(ids))
    }

    pub(crate) fn contains(&self, recipient: &str) -> bool {
        Fingerprint::parse(recipient).is_ok_and(|id| self.0.binary_search(id.as_bytes()).is_ok())
    }
}

/// On which basis a grant may name a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GrantBasis {
    /// As an administrator.
    pub(crate) administrator: bool,
    /// As the assignee, the customer or the provider.
    pub(crate) party: bool,
}

/// The keys by which a reader can be named.
fn keys_named(reader: &Reader, now: i64) -> impl Iterator<Item = &str> {
    let usable = reader.keys.iter().filter(move |key| was_active_within_grace(key, now));
    usable.map(|key| key.key_fingerprint.as_str())
}

/// A key younger than the grace creates no requirement, so that a rotation in flight does not fail anyone's message.
fn creates_requirement(key: &RecipientKeyRecord, now: i64) -> bool {
    is_active(key) && now.saturating_sub(key.registered_at) >= KEY_GRACE_SECONDS
}
