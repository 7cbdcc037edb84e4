//! Granting: what the sender can open is wrapped for somebody else.

use rand_core::TryCryptoRng;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_protocol::limits::{GRANTS_PER_TARGET_MAX, GRANTS_RESERVED_FOR_ADMINISTRATORS};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::support::v1::{AccessGrant, TargetedGrant};

use crate::actor::{Actor, Pair};
use crate::compose::ComposeError;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;
use crate::read::{Records, SealedRecord, Target};
use crate::trust::{Person, counting, made_by};

/// What can be granted to one person, and what cannot.
#[derive(Default)]
pub(crate) struct Grants {
    /// Ready to send.
    pub(crate) grants: Vec<TargetedGrant>,
    /// What the sender cannot open.
    pub(crate) unopened: Vec<GrantTarget>,
    /// Where the ledger has no room for another grant.
    pub(crate) no_room: Vec<GrantTarget>,
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
    /// Whether the reader has the ticket, or gets it by the same transaction.
    pub(crate) is_assignee: bool,
    /// The circle of administrators with their keys: grants of theirs count as good.
    pub(crate) members: &'a [Person],
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
        self.check_times(records.times)?;
        let pairs = records.own_pairs(self, actor).await?;
        Ok((records, pairs))
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
        let mut made = Grants::default();
        for target in records.targets.iter().filter(|target| self.may_grant(records, target)) {
            self.grant_target(records, target, &mut made, rng)?;
        }
        Ok(made)
    }

    /// docs/spec/desk.md: an active administrator, the assignee, the customer or the provider. The ledger would refuse anyone else, with
    /// a code that asks to look at the readers again.
    fn check_entitled(&self, records: &Records) -> std::result::Result<(), ComposeError> {
        let (reader, ticket) = (&self.reader.address, &records.ticket);
        if self.is_party(records) || self.is_member(reader) {
            return Ok(());
        }
        Err(ComposeError::NotEntitled { reader: reader.clone(), ticket: ticket.ticket_id.clone() })
    }

    fn is_member(&self, address: &Address) -> bool {
        self.members.iter().any(|member| member.address == *address)
    }

    /// Whether the reader is the ticket's customer, provider or assignee.
    fn is_party(&self, records: &Records) -> bool {
        let (reader, ticket) = (&self.reader.address, &records.ticket);
        let parties = [&ticket.customer_address, &ticket.provider_address, &ticket.assigned_to];
        self.is_assignee || parties.iter().any(|party| party.as_str() == reader.as_str())
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
        let wanted = all.iter().filter(|key| {
            missing.contains(key)
                || (false_entries.contains(&key.fingerprint()) && !self.was_granted(sealed, key))
        });
        let room = self.room(records, sealed);
        for (place, key) in wanted.enumerate() {
            if place >= room {
                made.no_room.push(target.target);
                break;
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

    /// How many more grants to the reader a target takes: administrators have one half of its room, everyone else the other.
    fn room(&self, records: &Records, sealed: &SealedRecord) -> usize {
        let of_administrators = |grant: &&AccessGrant| {
            let Some(entry) = &grant.entry else { return false };
            let keys = self.members.iter().filter_map(|who| records.keys.get(&who.address)).flatten();
            keys.into_iter().any(|key| key.key_fingerprint == entry.recipient_id)
        };
        let taken = sealed.grants.len();
        let first = sealed.grants.iter().filter(of_administrators).count();
        let half = GRANTS_RESERVED_FOR_ADMINISTRATORS;
        let other_half = GRANTS_PER_TARGET_MAX.saturating_sub(half);
        let mut room = 0;
        if self.is_member(&self.reader.address) {
            room += half.saturating_sub(first);
        }
        if self.is_party(records) {
            room += other_half.saturating_sub(taken.saturating_sub(first));
        }
        room.min(GRANTS_PER_TARGET_MAX.saturating_sub(taken))
    }

    /// docs/spec/desk.md: notes are never for the ticket's customer or provider, and never from its customer.
    fn may_grant(&self, records: &Records, target: &Target) -> bool {
        let ticket = &records.ticket;
        let is_outsider = |address: &Address| {
            address.as_str() == ticket.customer_address
                || (address.as_str() == ticket.provider_address
                    && !self.is_assignee
                    && !self.is_member(address))
        };
        let from_customer = self.sender.as_str() == ticket.customer_address && !self.is_member(self.sender);
        !(target.internal && (is_outsider(&self.reader.address) || from_customer))
    }

    /// An assignee needs a counting grant on the ticket itself, whatever else opens it: by that they read what comes later.
    fn has(&self, target: GrantTarget, sealed: &SealedRecord, key: &EncryptionKey) -> bool {
        if self.is_assignee && target == GrantTarget::Ticket {
            let content = sealed.content();
            let counting = content.map(|content| counting(self.members, &content, &sealed.grants));
            return counting.is_some_and(|counting| counting.contains(&key.fingerprint()));
        }
        sealed.recipients.contains(&key.fingerprint()) || self.was_granted(sealed, key)
    }

    /// A grant that the sender or a member made. A stranger's grant may have been made not to open, and a record that names a member
    /// without their signature is the ledger's word.
    fn was_granted(&self, sealed: &SealedRecord, key: &EncryptionKey) -> bool {
        let Some(content) = sealed.content() else { return false };
        let mut granters = self.members.iter().chain([self.granting]);
        granters.any(|granter| {
            let mut made = sealed.grants.iter().filter_map(|grant| made_by(granter, &content, grant));
            made.any(|granted| granted == key.fingerprint())
        })
    }
}
