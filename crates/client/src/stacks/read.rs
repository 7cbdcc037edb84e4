//! A conversation as contract and events give it together, opened for one reader.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_envelope::content::{MessageContent, TicketContent};
use sealdesk_envelope::{Expected, Opened, Received};
use sealdesk_protocol::canonical;
use sealdesk_protocol::envelope::{AccountKey, Context, Kind, verify_grant};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MultiRecipientEnvelope, WrappedKeyEntry};
use sealdesk_protocol::wire::virtengine::support::v1::MsgGrantAccess;
use sealdesk_stacks::contract::{Comment, Happening, Question, Ticket, payload_hash};
use sealdesk_stacks::principal::Principal;
use sealdesk_stacks::transaction::TxId;

use super::Desk;
use super::directory::{Assurance, History, Key, Person};
use super::error::Result;
use super::events::Happened;
use super::net::Http;
use super::seal::context;
use crate::actor::{Actor, Pair};
use crate::read::Body;

/// One message of a conversation.
pub struct Message {
    /// The comment's index; `None` for the ticket's own first message.
    pub index: Option<u32>,
    /// Who wrote it, by the contract's word; whatever is opened is signed by him.
    pub author: Principal,
    /// Whether not the ticket's customer did.
    pub is_staff: bool,
    /// A note among staff.
    pub internal: bool,
    /// The height of the burn block.
    pub created_at: u64,
    /// The transaction that brought the sealed text, by the indexer's word.
    pub txid: Option<TxId>,
    /// What stands in it.
    pub body: Body,
    /// In words: what its readers should know of it.
    pub warnings: Vec<String>,
}

/// Somebody who can open at least one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// The key that a message was sealed for.
    pub fingerprint: Fingerprint,
    /// Who of the ticket's people registered that key; `None` for a stranger.
    pub who: Option<Principal>,
    /// How many messages the key can open.
    pub messages: usize,
    /// Whether any of them was opened to it later, by a grant.
    pub granted: bool,
}

/// A ticket and everything said about it.
pub struct Conversation {
    /// Its name.
    pub id: TicketId,
    /// What the contract keeps of it.
    pub ticket: Ticket,
    /// The ticket's first message, then every comment in order: none is left out.
    pub messages: Vec<Message>,
    /// Who can open how much of it.
    pub readers: Vec<Reader>,
    /// What happened when, as the indexer tells it.
    pub events: Vec<Happened>,
}

/// A ticket with all that is sealed in it.
pub(super) struct Records {
    pub(super) id: TicketId,
    pub(super) ticket: Ticket,
    pub(super) targets: Vec<Target>,
    pub(super) people: BTreeMap<Principal, Person>,
    events: Vec<Happened>,
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

/// What there is of a sealed text.
pub(super) enum Sealed {
    /// No event brings bytes of the hash that the contract keeps.
    Withheld,
    /// The bytes are those, and nobody who could have written them signed them.
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
        let readers = records.readers();
        Ok(Conversation { id, ticket: records.ticket, messages, readers, events: records.events })
    }

    /// Everything sealed in a ticket, and the keys of its people.
    pub(super) async fn records(&self, id: TicketId, history: &History) -> Result<Records> {
        let ticket = self.ticket(id).await?;
        let events = self.events_of(id).await?;
        let mut comments = Vec::new();
        for index in 0..ticket.comment_count {
            let ask = Question::Comment { ticket: id.number(), index };
            let missing = sealdesk_stacks::contract::AnswerError::Missing("a comment that the ticket counts");
            comments.push(self.node().read(self.contract(), &ask).await?.comment()?.ok_or(missing)?);
        }
        let mut people = BTreeMap::new();
        for person in self.administrators(history).await? {
            people.insert(person.who.clone(), person);
        }
        let authors = comments.iter().map(|comment| &comment.author);
        // What an administrator granted stays granted when he is none any more.
        let granters = events.iter().filter_map(|happened| match &happened.event.what {
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

impl Records {
    fn first(&self, chain_id: &str) -> Target {
        let ticket = &self.ticket;
        let place = context(chain_id.to_owned(), &ticket.owner, Kind::Ticket, None);
        let found = self.events.iter().find_map(|happened| match &happened.event.what {
            Happening::TicketCreated { payload, .. } if payload_hash(payload) == ticket.payload_hash => {
                Some((happened.txid, payload))
            }
            _ => None,
        });
        Target {
            target: GrantTarget::Ticket,
            internal: false,
            sealed: self.sealed(
                &place,
                (&ticket.owner, ticket.created_at),
                found.map(|(_, payload)| payload),
            ),
            author: ticket.owner.clone(),
            is_staff: false,
            created_at: ticket.created_at,
            txid: found.map(|(txid, _)| txid),
            granted: Vec::new(),
        }
    }

    fn comment(&self, chain_id: &str, index: u32, comment: &Comment) -> Target {
        let kind = if comment.internal { Kind::Note } else { Kind::Response };
        let place = context(chain_id.to_owned(), &comment.author, kind, Some(self.id));
        let found = self.events.iter().find_map(|happened| match &happened.event.what {
            Happening::TicketCommented { payload, .. } if payload_hash(payload) == comment.payload_hash => {
                Some((happened.txid, payload))
            }
            _ => None,
        });
        let written = (&comment.author, comment.created_at);
        Target {
            target: GrantTarget::Response(index),
            internal: comment.internal,
            sealed: self.sealed(&place, written, found.map(|(_, payload)| payload)),
            author: comment.author.clone(),
            is_staff: comment.is_staff,
            created_at: comment.created_at,
            txid: found.map(|(txid, _)| txid),
            granted: Vec::new(),
        }
    }

    /// Bytes of the right hash, if a key of the author's that counted then signed them for this place.
    fn sealed(&self, place: &Context, (author, at): (&Principal, u64), payload: Option<&Vec<u8>>) -> Sealed {
        let Some(payload) = payload else { return Sealed::Withheld };
        let Ok(wire) = canonical::decode::<MultiRecipientEnvelope>(payload, "envelope") else {
            return Sealed::Bad;
        };
        for key in self.keys_at(author, at) {
            let account = AccountKey::HasHash(&author.address().hash);
            let expected = Expected { context: place, signing_key: &key.signing, account };
            if let Ok(received) = Received::verify(&wire, &expected) {
                return Sealed::Good(Box::new(received), key.assurance);
            }
        }
        Sealed::Bad
    }

    fn keys_at(&self, who: &Principal, height: u64) -> impl Iterator<Item = &Key> {
        let keys = self.people.get(who).map_or(&[][..], |person| &person.keys);
        keys.iter().filter(move |key| key.was_active_at(height))
    }

    /// Puts every granted entry beside what it opens, where its granter may grant and signed it.
    fn take_grants(&mut self) {
        for place in 0..self.events.len() {
            let happened = &self.events[place];
            let Happening::AccessGranted { by, grants, .. } = &happened.event.what else { continue };
            let (at, by) = (happened.event.at, by.clone());
            let Ok(message) = canonical::decode::<MsgGrantAccess>(grants, "grants") else { continue };
            if message.sender != by.to_string() || message.ticket_id != self.id.to_string() {
                continue;
            }
            for grant in message.grants {
                let (target, Some(entry)) = (GrantTarget::from_wire(grant.target), grant.entry) else {
                    continue;
                };
                if self.is_good_grant((&by, at), target, &entry, &grant.grant_signature)
                    && let Some(found) = self.targets.iter_mut().find(|found| found.target == target)
                {
                    found.granted.push(entry);
                }
            }
        }
    }

    fn is_good_grant(
        &self,
        (by, at): (&Principal, u64),
        target: GrantTarget,
        entry: &WrappedKeyEntry,
        signature: &[u8],
    ) -> bool {
        let Some(found) = self.targets.iter().find(|found| found.target == target) else { return false };
        let Sealed::Good(received, _) = &found.sealed else { return false };
        let Ok(entry) = sealdesk_protocol::envelope::WrappedKey::from_wire(entry, 0) else { return false };
        let (content, granter) = (&received.digests().content, by.to_string());
        self.keys_at(by, at)
            .any(|key| verify_grant(content, &granter, &entry, &key.signing, signature).is_ok())
    }

    fn message(&self, target: &Target, pairs: &[Pair]) -> Message {
        let (body, warnings) = match (&target.sealed, target.open(pairs)) {
            (Sealed::Withheld, _) => (Body::Withheld, Vec::new()),
            (Sealed::Bad, _) | (_, Some(Err(_))) => (Body::CannotOpen, Vec::new()),
            (_, None) => (Body::NotForYou, Vec::new()),
            (_, Some(Ok(opened))) => (body(target.target, &opened), self.warnings(target, &opened)),
        };
        Message {
            index: match target.target {
                GrantTarget::Ticket => None,
                GrantTarget::Response(index) => Some(index),
            },
            author: target.author.clone(),
            is_staff: target.is_staff,
            internal: target.internal,
            created_at: target.created_at,
            txid: target.txid,
            body,
            warnings,
        }
    }

    /// Readers whom the author named and sealed so that they cannot open; and that the author may be somebody else.
    fn warnings(&self, target: &Target, opened: &Opened<'_>) -> Vec<String> {
        let mut warnings = Vec::new();
        if matches!(target.sealed, Sealed::Good(_, Assurance::NodesWord)) {
            let author = &target.author;
            warnings.push(format!("only the node says that the key which signed this is {author}'s"));
        }
        for (who, person) in &self.people {
            let keys: Vec<_> = person.keys.iter().map(|key| key.encryption).collect();
            if !opened.entries_that_cannot_open(&keys).is_empty() {
                warnings.push(format!("sealed so that {who} cannot open it"));
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
            more.then_with(|| a.who.cmp(&b.who))
        });
        readers
    }

    fn reader(&self, fingerprint: Fingerprint) -> Reader {
        let owns = |person: &&Person| person.keys.iter().any(|key| key.fingerprint() == fingerprint);
        Reader {
            fingerprint,
            who: self.people.values().find(owns).map(|person| person.who.clone()),
            messages: self.targets.iter().filter(|target| target.is_for(&fingerprint)).count(),
            granted: self.targets.iter().any(|target| target.was_granted(&fingerprint)),
        }
    }
}

fn body(target: GrantTarget, opened: &Opened<'_>) -> Body {
    let parsed = match target {
        GrantTarget::Ticket => TicketContent::parse(opened.plaintext()).map(Body::Ticket),
        GrantTarget::Response(_) => MessageContent::parse(opened.plaintext()).map(Body::Message),
    };
    parsed.unwrap_or_else(|error| Body::Unreadable(error.to_string()))
}
