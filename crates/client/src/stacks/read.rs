//! A conversation as contract and events give it together, opened for one reader.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_envelope::{Expected, Opened, Received};
use sealdesk_protocol::canonical;
use sealdesk_protocol::envelope::{AccountKey, Context, Kind, verify_grant};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};
use sealdesk_protocol::wire::virtengine::support::v1::MsgGrantAccess;
use sealdesk_stacks::contract::{Comment, Happening, Ticket, payload_hash};
use sealdesk_stacks::principal::Principal;
use sealdesk_stacks::transaction::TxId;

use super::directory::{Assurance, History, Key, Person};
use super::error::Result;
use super::events::ContractEvent;
use super::net::Http;
use super::seal::context;
use super::{Desk, to_view};
use crate::actor::{Actor, Pair};
use crate::view::{Body, Conversation, Message, Place, Reader, Time, Warning};

/// A ticket with all that is sealed in it.
pub(super) struct Records {
    pub(super) id: TicketId,
    pub(super) ticket: Ticket,
    pub(super) targets: Vec<Target>,
    pub(super) people: BTreeMap<Principal, Person>,
    events: Vec<ContractEvent>,
}

/// The ticket's own message, or one comment.
pub(super) struct Target {
    pub(super) target: GrantTarget,
    pub(super) internal: bool,
    pub(super) sealed: Sealed,
    author: Principal,
    is_staff: bool,
    created_at: u64,
    txid: Option<TxId>,
    /// Entries of grants that verify.
    pub(super) granted: Vec<WrappedKeyEntry>,
}

/// Who signed something, and at the height of which burn block: that decides which keys counted.
#[derive(Clone, Copy)]
struct Signer<'a> {
    who: &'a Principal,
    at: u64,
}

/// What there is of a sealed text.
pub(super) enum Sealed {
    /// No event brings bytes of the hash that the contract keeps.
    Withheld,
    /// The bytes are those, and are not signed by anybody who could have written them.
    Bad,
    /// Signed by its author, for this place, under a key behind which this stands.
    Good(Box<Received>, Assurance),
}

impl Target {
    /// Opens with whichever pair fits; `None` where it was sealed for others, or is not there.
    pub(super) fn open(
        &self,
        pairs: &[Pair],
    ) -> Option<std::result::Result<Opened<'_>, sealdesk_envelope::CannotOpen>> {
        let Sealed::Good(received, _) = &self.sealed else { return None };
        let mut result = None;
        for pair in pairs.iter().filter(|pair| self.is_for(pair.encryption.fingerprint())) {
            match received.open(&pair.encryption, &self.granted) {
                Ok(opened) => return Some(Ok(opened)),
                Err(error) => result = Some(Err(error)),
            }
        }
        result
    }

    /// True if an entry or a grant names this key.
    pub(super) fn is_for(&self, key: &Fingerprint) -> bool {
        self.is_sealed_for(key) || self.was_granted(key)
    }

    fn is_sealed_for(&self, key: &Fingerprint) -> bool {
        matches!(&self.sealed, Sealed::Good(received, _) if received.envelope().entry(key).is_some())
    }

    fn was_granted(&self, key: &Fingerprint) -> bool {
        let text = key.to_string();
        self.granted.iter().any(|entry| entry.recipient_id == text)
    }
}

impl<H: Http> Desk<H> {
    /// Reads a ticket: heads from the contract, sealed text from events by the hash in the head, every signature under a key of its
    /// author that counted then; and opens what is meant for the reader.
    ///
    /// # Errors
    /// [`super::Error`].
    pub async fn read(&self, actor: &Actor, id: TicketId) -> Result<Conversation> {
        let history = self.history().await?;
        let records = self.records(id, &history).await?;
        let pairs = self.own_pairs(actor, &records, &history).await?;
        let messages = records.targets.iter().map(|target| records.message(target, &pairs)).collect();
        Ok(Conversation {
            height: None,
            due: None,
            messages,
            readers: records.readers(),
            events: records.events.iter().map(to_view::event).collect(),
            events_from: None,
            events_missing: None,
            ticket: to_view::ticket(id, records.ticket),
        })
    }

    /// Everything sealed in a ticket, and the keys of its people.
    pub(super) async fn records(&self, id: TicketId, history: &History) -> Result<Records> {
        let ticket = self.ticket(id).await?;
        let events = self.events_of(id).await?;
        let comments = self.comments(id, ticket.comment_count).await?;
        let mut people = BTreeMap::new();
        for person in self.administrators(history).await? {
            people.insert(person.who.clone(), person);
        }
        let authors = comments.iter().map(|comment| &comment.author);
        // What an administrator granted stays granted when they are not one any more.
        let granters = events.iter().filter_map(|event| match &event.event.what {
            Happening::AccessGranted { by, .. } if history.was_administrator(by) => Some(by),
            _ => None,
        });
        for who in authors.chain(granters).chain(Some(&ticket.owner)).chain(&ticket.assignee) {
            if !people.contains_key(who) {
                people.insert(who.clone(), self.person(who, history).await?);
            }
        }
        let chain_id = self.chain_id();
        let mut records = Records { id, ticket, targets: Vec::new(), people, events };
        let first = records.first(&chain_id);
        if matches!(first.sealed, Sealed::Good(_, Assurance::Signed)) {
            self.remember_ticket(id, &records.ticket)?;
        }
        records.targets.push(first);
        // Sequence and index say nothing of the place here: the contract takes a payload of a sender once, and so does this.
        let mut seen = BTreeSet::new();
        for (index, comment) in (0..).zip(&comments) {
            let mut target = records.comment(&chain_id, index, comment);
            if !seen.insert((&comment.author, comment.payload_hash)) {
                target.sealed = Sealed::Bad;
            }
            records.targets.push(target);
        }
        records.take_grants();
        Ok(records)
    }

    /// The reader's own pairs: every rotation that the directory lists.
    pub(super) async fn own_pairs(
        &self,
        actor: &Actor,
        records: &Records,
        history: &History,
    ) -> Result<Vec<Pair>> {
        let me = self.me(actor)?;
        let read;
        let person = match records.people.get(&me) {
            Some(person) => person,
            None => {
                read = self.person(&me, history).await?;
                &read
            }
        };
        let listed: Vec<_> = person.keys.iter().map(Key::record).collect();
        Ok(actor.registered(&listed)?.into_iter().map(|(pair, _)| pair).collect())
    }
}

/// Whether the text of a ticket is signed by a key of whom the node calls its customer.
pub(super) async fn wrote_it<H: Http>(
    desk: &Desk<H>,
    id: TicketId,
    head: &Ticket,
    customer: &Person,
) -> Result<bool> {
    let events = desk.events_of(id).await?;
    let people = BTreeMap::from([(customer.who.clone(), customer.clone())]);
    let records = Records { id, ticket: head.clone(), targets: Vec::new(), people, events };
    Ok(matches!(records.first(&desk.chain_id()).sealed, Sealed::Good(_, Assurance::Signed)))
}

impl Records {
    fn first(&self, chain_id: &str) -> Target {
        let ticket = &self.ticket;
        let place = context(chain_id.to_owned(), &ticket.owner, Kind::Ticket, None);
        let signer = Signer { who: &ticket.owner, at: ticket.created_at };
        let (sealed, txid) = self.find(&place, signer, &ticket.payload_hash);
        Target {
            target: GrantTarget::Ticket,
            internal: false,
            sealed,
            author: ticket.owner.clone(),
            is_staff: false,
            created_at: ticket.created_at,
            txid,
            granted: Vec::new(),
        }
    }

    fn comment(&self, chain_id: &str, index: u32, comment: &Comment) -> Target {
        let kind = if comment.internal { Kind::Note } else { Kind::Response };
        let place = context(chain_id.to_owned(), &comment.author, kind, Some(self.id));
        let signer = Signer { who: &comment.author, at: comment.created_at };
        let (sealed, txid) = self.find(&place, signer, &comment.payload_hash);
        Target {
            target: GrantTarget::Response(index),
            internal: comment.internal,
            sealed,
            author: comment.author.clone(),
            is_staff: comment.is_staff,
            created_at: comment.created_at,
            txid,
            granted: Vec::new(),
        }
    }

    /// The sealed text of a hash that the contract keeps, and the transaction that brought it.
    fn find(&self, place: &Context, signer: Signer<'_>, hash: &[u8; 32]) -> (Sealed, Option<TxId>) {
        let found = self.events.iter().find_map(|event| match &event.event.what {
            Happening::TicketCreated { payload, .. } if place.kind == Kind::Ticket => {
                (payload_hash(payload) == *hash).then_some((event.txid, payload))
            }
            Happening::TicketCommented { payload, .. } if place.kind != Kind::Ticket => {
                (payload_hash(payload) == *hash).then_some((event.txid, payload))
            }
            _ => None,
        });
        match found {
            Some((txid, payload)) => (self.sealed(place, signer, payload), Some(txid)),
            None => (Sealed::Withheld, None),
        }
    }

    /// Bytes of the right hash, if a key of the author's that counted then signed them for this place.
    fn sealed(&self, place: &Context, signer: Signer<'_>, payload: &[u8]) -> Sealed {
        let Ok(wire) = canonical::decode::<MultiRecipientEnvelope>(payload, "envelope") else {
            return Sealed::Bad;
        };
        for key in self.keys_at(signer) {
            let account = AccountKey::HasHash(&signer.who.address().hash);
            let expected = Expected { context: place, signing_key: &key.signing, account };
            if let Ok(received) = Received::verify(&wire, &expected) {
                return Sealed::Good(Box::new(received), key.assurance);
            }
        }
        Sealed::Bad
    }

    fn keys_at(&self, signer: Signer<'_>) -> impl Iterator<Item = &Key> {
        let keys = self.people.get(signer.who).map_or(&[][..], |person| &person.keys);
        keys.iter().filter(move |key| key.was_active_at(signer.at))
    }

    /// Puts every granted entry beside what it opens, where its granter may grant and signed it.
    fn take_grants(&mut self) {
        for place in 0..self.events.len() {
            let event = &self.events[place];
            let Happening::AccessGranted { by, grants, .. } = &event.event.what else { continue };
            let (at, by) = (event.event.at, by.clone());
            let Ok(message) = canonical::decode::<MsgGrantAccess>(grants, "grants") else { continue };
            if message.sender != by.to_string() || message.ticket_id != self.id.to_string() {
                continue;
            }
            for grant in message.grants {
                let (target, Some(entry)) = (GrantTarget::from_wire(grant.target), grant.entry) else {
                    continue;
                };
                let signer = Signer { who: &by, at };
                if self.is_good_grant(signer, target, &entry, &grant.grant_signature)
                    && let Some(found) = self.targets.iter_mut().find(|found| found.target == target)
                {
                    found.granted.push(entry);
                }
            }
        }
    }

    fn is_good_grant(
        &self,
        signer: Signer<'_>,
        target: GrantTarget,
        entry: &WrappedKeyEntry,
        signature: &[u8],
    ) -> bool {
        let Some(found) = self.targets.iter().find(|found| found.target == target) else { return false };
        let Sealed::Good(received, _) = &found.sealed else { return false };
        let Ok(entry) = sealdesk_protocol::envelope::WrappedKey::from_wire(entry, 0) else { return false };
        let (content, granter) = (&received.digests().content, signer.who.to_string());
        self.keys_at(signer)
            .any(|key| verify_grant(content, &granter, &entry, &key.signing, signature).is_ok())
    }

    fn message(&self, target: &Target, pairs: &[Pair]) -> Message {
        let (body, warnings) = match (&target.sealed, target.open(pairs)) {
            (Sealed::Withheld, _) => (Body::Withheld, Vec::new()),
            (Sealed::Bad, _) | (_, Some(Err(_))) => (Body::CannotOpen, Vec::new()),
            (_, None) => (Body::NotForYou, Vec::new()),
            (_, Some(Ok(opened))) => (Body::of(target.target, &opened), self.warnings(target, &opened)),
        };
        Message {
            index: match target.target {
                GrantTarget::Ticket => None,
                GrantTarget::Response(index) => Some(index),
            },
            author: target.author.to_string(),
            is_staff: target.is_staff,
            score: None,
            imported: None,
            internal: target.internal,
            created_at: Time::BurnBlock(target.created_at),
            place: Place::Call(target.txid.map(|id| id.to_string())),
            body,
            warnings,
        }
    }

    /// Readers whom the author named and sealed so that they cannot open; and that the author may be somebody else.
    fn warnings(&self, target: &Target, opened: &Opened<'_>) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if matches!(target.sealed, Sealed::Good(_, Assurance::NodesWord)) {
            warnings.push(Warning::KeyByNode { author: target.author.to_string() });
        }
        for (who, person) in &self.people {
            let keys: Vec<_> = person.keys.iter().map(|key| key.encryption).collect();
            if !opened.entries_that_cannot_open(&keys).is_empty() {
                warnings.push(Warning::ClosedTo { who: who.to_string() });
            }
        }
        warnings
    }

    /// Every key that opens something; the most messages first, and whom the writers chose before whom a grant let in.
    fn readers(&self) -> Vec<Reader> {
        let mut keys: Vec<Fingerprint> = Vec::new();
        for target in &self.targets {
            if let Sealed::Good(received, _) = &target.sealed {
                keys.extend(received.envelope().wrapped_keys().iter().map(|entry| entry.recipient));
            }
            keys.extend(
                target.granted.iter().filter_map(|entry| Fingerprint::parse(&entry.recipient_id).ok()),
            );
        }
        keys.sort_unstable();
        keys.dedup();
        let mut readers: Vec<Reader> = keys.into_iter().map(|key| self.reader(key)).collect();
        readers.sort_by(|a, b| {
            let more = b.messages.cmp(&a.messages).then(a.granted.cmp(&b.granted));
            more.then_with(|| a.addresses.cmp(&b.addresses))
        });
        readers
    }

    fn reader(&self, fingerprint: Fingerprint) -> Reader {
        let owns = |person: &&Person| person.keys.iter().any(|key| key.fingerprint() == fingerprint);
        Reader {
            fingerprint,
            addresses: self
                .people
                .values()
                .find(owns)
                .map(|person| person.who.to_string())
                .into_iter()
                .collect(),
            messages: self.targets.iter().filter(|target| target.is_for(&fingerprint)).count(),
            granted: self.targets.iter().any(|target| target.was_granted(&fingerprint)),
        }
    }
}
