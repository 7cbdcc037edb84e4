//! Granting: what the sender can open is wrapped for somebody else.

use std::collections::BTreeMap;

use rand_core::TryCryptoRng;
use sealdesk_envelope::content::TicketContent;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::keys::{EncryptionKey, Fingerprint};
use sealdesk_protocol::limits::{
    GRANTS_BY_CUSTOMER_MAX, GRANTS_PER_TARGET_MAX, GRANTS_RESERVED_FOR_ADMINISTRATORS,
};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{is_transferred, reads_by_grant};
use sealdesk_protocol::wire::virtengine::support::v1::{AccessGrant, SupportTicket, TargetedGrant};

use crate::actor::{Actor, Pair, key_version};
use crate::assigned_readers::workers;
use crate::audience::named_by_import;
use crate::compose::{ComposeError, OwnKey};
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;
use crate::read::{Marks, Records, SealedRecord, Target};
use crate::trust::{Doubtful, Doubts, Person, counting};

/// What can be granted to one person, and what cannot.
#[derive(Default)]
pub(crate) struct Grants {
    /// Ready to send.
    pub(crate) grants: Vec<TargetedGrant>,
    /// What the sender cannot open.
    pub(crate) unopened: Vec<GrantTarget>,
    /// Where the ledger has no room for another grant.
    pub(crate) no_room: Vec<GrantTarget>,
    /// Marked texts that nobody said to grant.
    pub(crate) doubtful: Vec<Doubtful>,
    /// Whether the reader is an agent who has nothing to do with the ticket, whom the message has to name.
    pub(crate) names_agent: bool,
}

impl Grants {
    /// Takes in what another reader is granted.
    pub(crate) fn add(&mut self, other: Self) {
        let Self { grants, unopened, no_room, doubtful, names_agent: _ } = other;
        self.grants.extend(grants);
        self.unopened.extend(unopened);
        self.no_room.extend(no_room);
        self.doubtful.extend(doubtful);
    }
}

/// Who grants, and to whom.
pub(crate) struct Granter<'a> {
    pub(crate) sender: &'a Address,
    /// The sender with the keys that are their own: grants of theirs count as good.
    pub(crate) granting: &'a Person,
    /// Signs the grants: active in the directory, or registered by the same transaction.
    pub(crate) own: &'a Pair,
    /// The version that the directory lists it by, or will; the ledger tries no other.
    pub(crate) own_version: u32,
    /// Everything that the sender opens with.
    pub(crate) pairs: &'a [Pair],
    pub(crate) reader: &'a Person,
    /// Whether the reader reads what comes later by a counting grant alone: has the ticket, as the ledger says, or got it by a transfer, or
    /// does so by the same transaction.
    pub(crate) by_grant: bool,
    /// Whether they are assigned it by the same transaction: by the sender's own will.
    pub(crate) assigns: bool,
    /// Whether they become its customer by the same transaction.
    pub(crate) becomes_customer: bool,
    /// The keys by which they read what comes later because a member imported the ticket for them.
    pub(crate) by_import: Vec<Fingerprint>,
    /// Whether they read what comes later by their appointment.
    pub(crate) by_appointment: bool,
    /// Whether they are an agent, who may be let in to any ticket.
    pub(crate) is_agent: bool,
    /// How many grants to others this transaction has for each message already.
    pub(crate) others: BTreeMap<GrantTarget, usize>,
    /// The circle of administrators with their keys: grants of theirs count as good.
    pub(crate) members: &'a [Person],
    /// What texts say of themselves that does not fit, and whether they are granted all the same.
    pub(crate) doubts: (&'a Marks, &'a Doubts),
}

/// Who reads what comes later in a ticket by a counting grant alone: whoever works on it, and its customer after a transfer. An assignee
/// whom a member appointed does so by that where the queue is open.
pub(crate) fn by_grant(ticket: &SupportTicket) -> Vec<&str> {
    let customer = reads_by_grant(ticket).then_some(ticket.customer_address.as_str());
    workers(ticket).into_iter().chain(customer).collect()
}

/// The keys of the customer of an imported ticket that the member's own envelope names; none of anybody else.
fn by_import(records: &Records, members: &[Person], reader: &Person) -> Vec<Fingerprint> {
    let ticket = &records.ticket;
    let is_first = ticket.customer_address == reader.address.as_str() && !is_transferred(ticket);
    let sealed = records.targets.first().and_then(|target| target.sealed.as_ref()).filter(|_| is_first);
    sealed.map(|sealed| named_by_import(ticket, members, sealed)).unwrap_or_default()
}

impl<T: Transport> Desk<T> {
    /// The circle of administrators with their keys, by facts that are new enough to grant by.
    pub(crate) async fn granting_members(&self) -> Result<Vec<Person>> {
        let mut facts = self.records(vec![tree::ADMINISTRATORS.to_vec()]).await?;
        self.members(&mut facts).await
    }

    /// A ticket's records as they are by now, and everything the actor opens them with: to grant of.
    pub(crate) async fn records_for(&self, actor: &Actor, id: TicketId) -> Result<(Records, Vec<Pair>)> {
        let records = self.ticket_records(id).await?;
        self.check_times(records.oldest, records.newest)?;
        let pairs = records.own_pairs(self, actor).await?;
        Ok((records, pairs))
    }

    /// Hands a ticket's records to whoever grants of it, or counts what was granted.
    pub(crate) async fn as_granter<Made>(
        &self,
        actor: &Actor,
        ticket: TicketId,
        reader: &Person,
        make: impl FnOnce(&Granter<'_>, &Records) -> Result<Made>,
    ) -> Result<Made> {
        let sender = self.address_of(actor);
        let members = self.granting_members().await?;
        let listed = self.keys(&sender).await?;
        let own = OwnKey::find(actor, &listed)?;
        let (records, pairs) = self.records_for(actor, ticket).await?;
        let marks = self.marks(&records, &pairs).await?;
        let granting = Person::verified(self.chain(), &sender, &listed);
        let mut facts = self.records(vec![tree::PARAMS.to_vec(), tree::member(&reader.address)]).await?;
        let is_agent = facts.member(&reader.address)?.is_active_agent();
        let is_assignee = records.ticket.assigned_to == reader.address.as_str();
        let by_appointment = is_assignee
            && facts.params()?.open_queue
            && self.is_believed_agent(&reader.address, &records.circle, &mut facts).await?;
        let granter = Granter {
            sender: &sender,
            granting: &granting,
            own: own.pair(),
            own_version: key_version(own.pair(), &listed),
            pairs: &pairs,
            reader,
            by_grant: by_grant(&records.ticket).contains(&reader.address.as_str()),
            assigns: false,
            becomes_customer: false,
            by_import: by_import(&records, &members, reader),
            by_appointment,
            is_agent,
            others: BTreeMap::new(),
            members: &members,
            doubts: (&marks, self.doubts()),
        };
        make(&granter, &records)
    }

    /// Whom somebody lets in. By docs/spec/trust.md they read by their own keys: where they let in themselves, the one that their
    /// transaction registers is among these.
    ///
    /// # Errors
    /// As [`Desk::person_with_key`].
    pub(crate) async fn person_let_in(&self, actor: &Actor, address: &Address) -> Result<Person> {
        if *address == self.address_of(actor)
            && let OwnKey::New(pair) = OwnKey::find(actor, &self.keys(address).await?)?
        {
            return Ok(self.fresh_person(address).await?.with_pair(&pair));
        }
        self.person_with_key(address).await
    }

    /// A person with every key, by facts that are new enough to grant by.
    ///
    /// # Errors
    /// [`ComposeError::NoKey`] where none of them is active.
    pub(crate) async fn person_with_key(&self, address: &Address) -> Result<Person> {
        let person = self.fresh_person(address).await?;
        if person.active_keys().is_empty() {
            return Err(ComposeError::NoKey(address.clone()).into());
        }
        Ok(person)
    }
}

impl Granter<'_> {
    /// Wraps every record of a ticket that the reader lacks and may have. Pure but for the randomness.
    pub(crate) fn grants<R: TryCryptoRng + ?Sized>(
        &self,
        records: &Records,
        rng: &mut R,
    ) -> std::result::Result<Grants, ComposeError> {
        self.check_entitled(records)?;
        let names_agent = !self.is_party(records) && !self.is_member(&self.reader.address);
        let mut made = Grants { names_agent, ..Grants::default() };
        for target in records.targets.iter().filter(|target| self.may_grant(records, target)) {
            self.grant_target(records, target, &mut made, rng)?;
        }
        Ok(made)
    }

    /// docs/spec/desk.md: an active administrator, whoever works on it, the customer, the provider, or an active agent. The ledger would refuse anyone else, with
    /// a code that asks to look at the readers again.
    fn check_entitled(&self, records: &Records) -> std::result::Result<(), ComposeError> {
        let (reader, ticket) = (&self.reader.address, &records.ticket);
        if self.is_party(records) || self.is_member(reader) || self.is_agent {
            return Ok(());
        }
        Err(ComposeError::NotEntitled { reader: reader.clone(), ticket: ticket.ticket_id.clone() })
    }

    fn is_member(&self, address: &Address) -> bool {
        self.members.iter().any(|member| member.address == *address)
    }

    /// Whether the reader is the ticket's customer or provider, or works on it.
    fn is_party(&self, records: &Records) -> bool {
        let (reader, ticket) = (&self.reader.address, &records.ticket);
        let parties = [ticket.customer_address.as_str(), ticket.provider_address.as_str()];
        let mut parties = parties.into_iter().chain(workers(ticket));
        self.by_grant || parties.any(|party| party == reader.as_str())
    }

    fn grant_target<R: TryCryptoRng + ?Sized>(
        &self,
        records: &Records,
        target: &Target,
        made: &mut Grants,
        rng: &mut R,
    ) -> std::result::Result<(), ComposeError> {
        let Some(sealed) = &target.sealed else {
            made.unopened.push(target.target);
            return Ok(());
        };
        let all = self.reader.active_keys();
        let missing: Vec<&EncryptionKey> =
            all.iter().filter(|key| !self.has(target.target, sealed, key)).collect();
        let Some(Ok(opened)) = sealed.open(self.pairs) else {
            if !missing.is_empty() {
                made.unopened.push(target.target);
            }
            return Ok(());
        };
        // An entry that its author made not to open is as good as none.
        let false_entries = opened.entries_that_cannot_open(&all);
        let wanted = |key: &&EncryptionKey| {
            missing.contains(key)
                || (false_entries.contains(&key.fingerprint()) && !self.was_granted(sealed, key))
        };
        let wanted: Vec<&EncryptionKey> = all.iter().filter(wanted).collect();
        if !wanted.is_empty() && self.is_left_out(records, target, made) {
            return Ok(());
        }
        let others = self.others.get(&target.target).copied().unwrap_or(0);
        let mut room = self.room(records, sealed).saturating_sub(others);
        for key in wanted {
            // A grant of ours to the same key takes the place of the one before.
            if !self.has_granted(sealed, key) {
                let Some(rest) = room.checked_sub(1) else {
                    made.no_room.push(target.target);
                    break;
                };
                room = rest;
            }
            let grant = opened.grant(key, self.sender.as_str(), &self.own.signing, rng)?;
            made.grants.push(TargetedGrant {
                target: target.target.to_wire(),
                entry: Some(grant.entry.to_wire()),
                grant_signature: grant.signature.to_vec(),
                granter_key_version: self.own_version,
            });
        }
        Ok(())
    }

    /// Whether a marked text is not granted: then it is noted.
    fn is_left_out(&self, records: &Records, target: &Target, made: &mut Grants) -> bool {
        let (marks, doubts) = self.doubts;
        let doubtful = marks.get(&target.target).and_then(|marks| {
            let doubtful = records.doubtful(target, marks, &self.reader.address);
            doubtful.filter(|doubtful| !doubts.allow(doubtful))
        });
        let is_left_out = doubtful.is_some();
        made.doubtful.extend(doubtful);
        is_left_out
    }

    /// How many more grants to the reader a target takes: administrators have one half of its room, everyone else the other.
    pub(crate) fn room(&self, records: &Records, sealed: &SealedRecord) -> usize {
        let of_administrators = |grant: &&AccessGrant| {
            let Some(entry) = &grant.entry else { return false };
            let keys = self.members.iter().filter_map(|who| records.keys.get(&who.address)).flatten();
            keys.into_iter().any(|key| key.key_fingerprint == entry.recipient_id)
        };
        let taken = sealed.grants.len();
        let (first, second): (Vec<&AccessGrant>, Vec<&AccessGrant>) =
            sealed.grants.iter().partition(of_administrators);
        let half = GRANTS_RESERVED_FOR_ADMINISTRATORS;
        let other_half = GRANTS_PER_TARGET_MAX.saturating_sub(half);
        let mut room = 0;
        if self.is_member(&self.reader.address) {
            room += self.room_in(&first, half);
        }
        if self.is_party(records) || self.is_agent {
            room += self.room_in(&second, other_half);
        }
        room.min(GRANTS_PER_TARGET_MAX.saturating_sub(taken))
    }

    /// How many more grants one half takes: those of a customer are a part of it.
    fn room_in(&self, half: &[&AccessGrant], max: usize) -> usize {
        let room = max.saturating_sub(half.len());
        if self.is_member(self.sender) {
            return room;
        }
        // Who is no administrator grants of their own tickets only.
        let by_customer = half.iter().filter(|grant| grant.granter == self.sender.as_str()).count();
        room.min(GRANTS_BY_CUSTOMER_MAX.saturating_sub(by_customer))
    }

    /// docs/spec/desk.md: notes are never for the ticket's customer or provider, and never from its customer. That its provider has the
    /// ticket, and that somebody whom its text calls its provider is none, the ledger may say to get notes for them.
    fn may_grant(&self, records: &Records, target: &Target) -> bool {
        let customer = records.ticket.customer_address.as_str();
        let from_customer = self.sender.as_str() == customer && !self.is_member(self.sender);
        self.may_have(records, target) && !(target.internal && from_customer)
    }

    /// Whether the reader may have this message at all: notes are never for the ticket's customer or provider.
    pub(crate) fn may_have(&self, records: &Records, target: &Target) -> bool {
        if !target.internal {
            return true;
        }
        let (ticket, reader) = (&records.ticket, &self.reader.address);
        let sealed = self.sealed_provider(records);
        let is_provider =
            reader.as_str() == ticket.provider_address || Some(reader.as_str()) == sealed.as_deref();
        let was_customer = ticket.previous_customers.iter().any(|before| before == reader.as_str());
        let is_outsider = self.becomes_customer
            || reader.as_str() == ticket.customer_address
            || (was_customer && !self.is_member(reader))
            || (is_provider && !self.assigns && !self.is_member(reader));
        !is_outsider
    }

    /// The provider whom the customer sealed into the ticket, where the sender can open it and it names one.
    fn sealed_provider(&self, records: &Records) -> Option<String> {
        let sealed = records.targets.first()?.sealed.as_ref()?;
        let opened = sealed.open(self.pairs)?.ok()?;
        TicketContent::parse(opened.plaintext()).ok()?.provider
    }

    /// Who reads by a counting grant alone needs one on the ticket itself, whatever else opens it: by that they read what comes later.
    fn has(&self, target: GrantTarget, sealed: &SealedRecord, key: &EncryptionKey) -> bool {
        if self.by_grant && target == GrantTarget::Ticket {
            return self.counts(sealed, key);
        }
        sealed.recipients.contains(&key.fingerprint()) || self.was_granted(sealed, key)
    }

    /// Whether a counting grant on the ticket itself names this key.
    fn counts(&self, sealed: &SealedRecord, key: &EncryptionKey) -> bool {
        let counting = sealed.content().map(|content| counting(self.members, &content, &sealed.grants));
        counting.is_some_and(|counting| counting.contains(&key.fingerprint()))
            || self.by_import.contains(&key.fingerprint())
    }

    /// Whether answers that come later are sealed for the reader: for whoever works on it, is no administrator and does not read by an
    /// appointment, and for a customer after a
    /// transfer, only by a counting grant.
    pub(crate) fn reads_later(&self, records: &Records) -> bool {
        if !self.by_grant || self.by_appointment || self.is_member(&self.reader.address) {
            return true;
        }
        let ticket = records.targets.first().and_then(|target| target.sealed.as_ref());
        let keys = self.reader.active_keys();
        keys.is_empty() || ticket.is_none_or(|sealed| keys.iter().any(|key| self.counts(sealed, key)))
    }

    /// Whether one of the reader's keys opens this, revoked ones included: by a grant that counts, or by an entry of its author, unless
    /// the sender sees that it was made not to open.
    pub(crate) fn opens(&self, sealed: &SealedRecord) -> bool {
        if self.grants_that_count(sealed).iter().any(|granted| self.reader.has(granted)) {
            return true;
        }
        let false_entries = match sealed.open(self.pairs) {
            Some(Ok(opened)) => opened.entries_that_cannot_open(&self.reader.active_keys()),
            Some(Err(_)) | None => Vec::new(),
        };
        sealed.recipients.iter().any(|key| self.reader.has(key) && !false_entries.contains(key))
    }

    /// Whether the sender has granted to this key, by whichever of their own.
    fn has_granted(&self, sealed: &SealedRecord, key: &EncryptionKey) -> bool {
        let fingerprint = key.fingerprint().to_string();
        let is_it =
            |grant: &AccessGrant| grant.entry.as_ref().is_some_and(|it| it.recipient_id == fingerprint);
        sealed.grants.iter().any(|grant| grant.granter == self.sender.as_str() && is_it(grant))
    }

    /// A grant by somebody whose grants count. A stranger's grant may have been made not to open, and a record that names a member without
    /// their signature is the ledger's word.
    fn was_granted(&self, sealed: &SealedRecord, key: &EncryptionKey) -> bool {
        self.grants_that_count(sealed).contains(&key.fingerprint())
    }

    /// The keys that grants of the sender and of members name, each with its granter's signature.
    fn grants_that_count(&self, sealed: &SealedRecord) -> Vec<Fingerprint> {
        sealed.granted_by(self.members.iter().chain([self.granting]))
    }
}
