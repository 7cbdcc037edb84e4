//! Opening a ticket's records for one reader.

use std::collections::BTreeSet;

use sealdesk_envelope::Opened;
use sealdesk_envelope::content::ImportedFrom;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::{EncryptionKey, Fingerprint};
use sealdesk_protocol::messages::GrantTarget;

use super::{Records, Target, erased_text};
use crate::actor::{Actor, Pair};
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;
use crate::trust::{Person, counting};
use crate::verify::Chain;
use crate::view::{Body, Message, Place, Time, Warning};

impl Records {
    /// Opens every message for one reader.
    pub(crate) async fn open<T: Transport>(&self, desk: &Desk<T>, actor: &Actor) -> Result<Vec<Message>> {
        let pairs = self.own_pairs(desk, actor).await?;
        let marks = desk.marks(self, &pairs).await?;
        let people = self.people(desk.chain());
        let granted = self.granted_to(&people);
        let message = |target: &Target| {
            let mut message = self.message(target, &pairs, &people);
            self.mark(&granted, target, &mut message);
            let marks = marks.get(&target.target).into_iter().flatten();
            message.warnings.extend(marks.copied().map(Warning::Mark));
            message
        };
        Ok(self.targets.iter().map(message).collect())
    }

    /// The keys that counting grants on the ticket itself name.
    fn granted_to(&self, people: &[Person]) -> BTreeSet<Fingerprint> {
        let members = people.iter().filter(|person| self.circle.contains(&person.address));
        let members: Vec<Person> = members.cloned().collect();
        let sealed = self.targets.first().and_then(|target| target.sealed.as_ref());
        let found = sealed.and_then(|sealed| Some(counting(&members, &sealed.content()?, &sealed.grants)));
        found.unwrap_or_default()
    }

    /// The authors whom the ledger calls staff, and for whom neither the circle nor a counting grant speaks.
    pub(super) fn unproven_staff(&self, chain: &Chain) -> BTreeSet<Address> {
        let granted = self.granted_to(&self.people(chain));
        let unproven = self.targets.iter().filter(|one| one.is_agent && !self.is_by_staff(&granted, one));
        unproven.map(|target| target.author.clone()).collect()
    }

    pub(crate) fn person(&self, chain: &Chain, address: &Address) -> Person {
        Person::verified(chain, address, self.keys.get(address).map_or(&[][..], Vec::as_slice))
    }

    /// Everyone who appears, with the keys that they signed.
    pub(super) fn people(&self, chain: &Chain) -> Vec<Person> {
        self.keys.keys().map(|address| self.person(chain, address)).collect()
    }

    /// Whether the circle, somebody's appointment in it, or a counting grant says that whoever signed a message is staff. A grant names a key and
    /// not whose it is, and anyone can register a copy: it counts for the key's record that signed, and for nobody where two accounts signed so.
    fn is_by_staff(&self, granted: &BTreeSet<Fingerprint>, target: &Target) -> bool {
        let Some(key) = target.author_key() else { return false };
        let key = key.encryption.fingerprint();
        let is_customer = |author: &Address| {
            let mut customers = self.ticket.previous_customers.iter().chain([&self.ticket.customer_address]);
            customers.any(|customer| customer == author.as_str())
        };
        let is_another = |other: &&Target| other.author != target.author && !is_customer(&other.author);
        let mut others = self.targets.iter().filter(is_another).filter_map(Target::author_key);
        self.circle.contains(&target.author)
            || (self.agents.contains(&target.author) && !is_customer(&target.author))
            || (granted.contains(&key)
                && !is_customer(&target.author)
                && !others.any(|other| other.encryption.fingerprint() == key))
    }

    /// Marks what the ledger says of a message and nobody has signed, and what a member knew that it does not show. Somebody is
    /// called staff only where the circle, an appointment or a counting grant says so.
    fn mark(&self, granted: &BTreeSet<Fingerprint>, target: &Target, message: &mut Message) {
        if message.is_staff && !self.is_by_staff(granted, target) {
            message.is_staff = false;
            message.warnings.push(Warning::StaffByLedger);
        }
        if target.sealed.is_some() && target.author_key().is_none() {
            message.warnings.push(Warning::KeyByLedger);
        }
        let seen = match &message.body {
            Body::Ticket(content) => content.seen.as_ref(),
            Body::Message(content) => content.seen.as_ref(),
            _ => return,
        };
        let is_member = self.circle.contains(&target.author);
        let later = seen.filter(|seen| is_member && seen.circle > self.circle.position());
        if let Some(seen) = later {
            let (knew, shown) = (seen.circle, self.circle.position());
            message.warnings.push(Warning::CircleHidden { knew, shown });
        }
    }

    /// The score of a rating whose comment this is.
    fn score(&self, target: GrantTarget) -> Option<u32> {
        let GrantTarget::Response(index) = target else { return None };
        let rating = self.ticket.ratings.iter().find(|rating| rating.comment.checked_sub(1) == Some(index));
        rating.map(|rating| rating.score)
    }

    fn message(&self, target: &Target, pairs: &[Pair], people: &[Person]) -> Message {
        let (body, warnings) = match target.sealed.as_ref().map(|sealed| sealed.open(pairs)) {
            None => match &target.erased {
                None => (Body::Withheld, Vec::new()),
                Some(erasure) => {
                    (Body::Erased(format!("the node says that it was {}", erased_text(erasure))), Vec::new())
                }
            },
            Some(None) => (Body::NotForYou, Vec::new()),
            Some(Some(Err(_))) => (Body::CannotOpen, Vec::new()),
            Some(Some(Ok(opened))) => (Body::of(target.target, &opened), warnings(people, &opened)),
        };
        Message {
            index: match target.target {
                GrantTarget::Ticket => None,
                GrantTarget::Response(index) => Some(index),
            },
            author: target.author.to_string(),
            is_staff: target.is_agent,
            internal: target.internal,
            score: self.score(target.target),
            imported: imported_from(target, &body),
            created_at: Time::Unix(target.created_at),
            place: Place::Block(u64::try_from(target.context.height).unwrap_or(0)),
            body,
            warnings,
        }
    }
}

/// What the importer says of who wrote an imported text, which is nothing where it cannot be opened; of any other text `None`, whatever that
/// says of itself.
fn imported_from(target: &Target, body: &Body) -> Option<ImportedFrom> {
    let told = match body {
        Body::Ticket(content) => content.imported.clone(),
        Body::Message(content) => content.imported.clone(),
        _ => None,
    };
    target.is_imported.then(|| told.unwrap_or_default())
}

/// Readers whom the author named and sealed so that they cannot open.
fn warnings(people: &[Person], opened: &Opened<'_>) -> Vec<Warning> {
    let keys: Vec<EncryptionKey> = people.iter().flat_map(Person::all_keys).collect();
    let wrong = opened.entries_that_cannot_open(&keys);
    let names = people.iter().filter(|person| wrong.iter().any(|key| person.has(key)));
    names.map(|person| Warning::ClosedTo { who: person.address.to_string() }).collect()
}
