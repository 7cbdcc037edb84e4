//! Opening a ticket's records for one reader.

use std::collections::BTreeSet;

use sealdesk_envelope::Opened;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::{EncryptionKey, Fingerprint};
use sealdesk_protocol::messages::GrantTarget;

use super::{Records, Target};
use crate::actor::{Actor, Pair};
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;
use crate::trust::{Mark, Person, counting};
use crate::verify::Chain;
use crate::view::{Body, Message, Place, Time};

impl Records {
    /// Opens every message for one reader.
    pub(crate) async fn open<T: Transport>(&self, desk: &Desk<T>, actor: &Actor) -> Result<Vec<Message>> {
        let pairs = self.own_pairs(desk, actor).await?;
        let marks = desk.marks(self, &pairs).await?;
        let granted = self.granted_to(desk.chain());
        let message = |target: &Target| {
            let mut message = self.message(target, &pairs);
            self.mark(desk.chain(), &granted, target, &mut message);
            let marks = marks.get(&target.target).into_iter().flatten();
            message.warnings.extend(marks.map(Mark::to_string));
            message
        };
        Ok(self.targets.iter().map(message).collect())
    }

    /// The keys that counting grants on the ticket itself name.
    fn granted_to(&self, chain: &Chain) -> BTreeSet<Fingerprint> {
        let members = self.circle.members().iter().map(|member| self.person(chain, &member.address));
        let members: Vec<Person> = members.collect();
        let sealed = self.targets.first().and_then(|target| target.sealed.as_ref());
        let found = sealed.and_then(|sealed| Some(counting(&members, &sealed.content()?, &sealed.grants)));
        found.unwrap_or_default()
    }

    pub(crate) fn person(&self, chain: &Chain, address: &Address) -> Person {
        Person::verified(chain, address, self.keys.get(address).map_or(&[][..], Vec::as_slice))
    }

    /// Marks what the ledger says of a message and nobody has signed, and what a member knew that it does not show. Somebody is called staff
    /// only where the circle or a counting grant says so.
    fn mark(&self, chain: &Chain, granted: &BTreeSet<Fingerprint>, target: &Target, message: &mut Message) {
        let author = self.person(chain, &target.author);
        let is_member = self.circle.contains(&target.author);
        if message.is_staff && !is_member && !self.is_let_in(chain, &author, granted) {
            message.is_staff = false;
            message.warnings.push("that its author is staff is the ledger's word alone".to_owned());
        }
        if author.key_of_version(target.context.signer_key_version).is_none() {
            let word = "its author did not sign the key that signed it: who wrote it is the ledger's word";
            message.warnings.push(word.to_owned());
        }
        let seen = match &message.body {
            Body::Ticket(content) => content.seen.as_ref(),
            Body::Message(content) => content.seen.as_ref(),
            _ => return,
        };
        let later = seen.filter(|seen| is_member && seen.circle > self.circle.position());
        if let Some(seen) = later {
            let (knew, shown) = (seen.circle, self.circle.position());
            message.warnings.push(format!(
                "its author knew change {knew} of the administrators, and the ledger shows only {shown}: something is hidden"
            ));
        }
    }

    /// Whether a counting grant says that this author works on the ticket. Anyone can register a copy of a public key: where others here
    /// list the same one, nobody can say whom the grant let in. The customer does not work on their own ticket.
    fn is_let_in(&self, chain: &Chain, author: &Person, granted: &BTreeSet<Fingerprint>) -> bool {
        let is_customer = |address: &Address| address.as_str() == self.ticket.customer_address;
        let others = |address: &&Address| **address != author.address && !is_customer(address);
        let is_shared = |key: &Fingerprint| {
            self.keys.keys().filter(others).any(|address| self.person(chain, address).has(key))
        };
        !is_customer(&author.address) && granted.iter().any(|key| author.has(key) && !is_shared(key))
    }

    fn message(&self, target: &Target, pairs: &[Pair]) -> Message {
        let (body, warnings) = match target.sealed.as_ref().map(|sealed| sealed.open(pairs)) {
            None => (Body::Withheld, Vec::new()),
            Some(None) => (Body::NotForYou, Vec::new()),
            Some(Some(Err(_))) => (Body::CannotOpen, Vec::new()),
            Some(Some(Ok(opened))) => (Body::of(target.target, &opened), self.warnings(&opened)),
        };
        Message {
            index: match target.target {
                GrantTarget::Ticket => None,
                GrantTarget::Response(index) => Some(index),
            },
            author: target.author.to_string(),
            is_staff: target.is_agent,
            internal: target.internal,
            created_at: Time::Unix(target.created_at),
            place: Place::Block(u64::try_from(target.context.height).unwrap_or(0)),
            body,
            warnings,
        }
    }

    /// Readers whom the author named and sealed so that they cannot open.
    fn warnings(&self, opened: &Opened<'_>) -> Vec<String> {
        let mut listed: Vec<(EncryptionKey, &Address)> = Vec::new();
        for (address, keys) in &self.keys {
            let keys = keys.iter().filter_map(|record| EncryptionKey::parse(&record.public_key).ok());
            listed.extend(keys.map(|key| (key, address)));
        }
        let keys: Vec<EncryptionKey> = listed.iter().map(|(key, _)| *key).collect();
        let wrong: BTreeSet<Fingerprint> = opened.entries_that_cannot_open(&keys).into_iter().collect();
        let names: BTreeSet<&Address> = listed
            .iter()
            .filter(|(key, _)| wrong.contains(&key.fingerprint()))
            .map(|(_, address)| *address)
            .collect();
        names.into_iter().map(|name| format!("sealed so that {name} cannot open it")).collect()
    }
}
