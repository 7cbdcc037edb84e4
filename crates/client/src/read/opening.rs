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
use crate::trust::{Person, counting};
use crate::verify::Chain;
use crate::view::{Body, Message, Place, Time};

impl Records {
    /// Opens every message for one reader.
    pub(crate) async fn open<T: Transport>(&self, desk: &Desk<T>, actor: &Actor) -> Result<Vec<Message>> {
        let pairs = self.own_pairs(desk, actor).await?;
        let granted = self.granted_to(desk.chain());
        let message = |target: &Target| {
            let mut message = self.message(target, &pairs);
            self.mark(&granted, target, &mut message);
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

    fn person(&self, chain: &Chain, address: &Address) -> Person {
        Person::verified(chain, address, self.keys.get(address).map_or(&[][..], Vec::as_slice))
    }

    /// Whether the circle or a counting grant says that whoever signed a message is staff. A grant names a key and not whose it is, and
    /// anyone can register a copy: it counts for the key's record that signed, and for nobody where two accounts signed so.
    fn is_by_staff(&self, granted: &BTreeSet<Fingerprint>, target: &Target) -> bool {
        let Some(key) = target.author_key() else { return false };
        let key = key.encryption.fingerprint();
        let is_customer = |author: &Address| author.as_str() == self.ticket.customer_address;
        let is_another = |other: &&Target| other.author != target.author && !is_customer(&other.author);
        let mut others = self.targets.iter().filter(is_another).filter_map(Target::author_key);
        self.circle.contains(&target.author)
            || (granted.contains(&key)
                && !is_customer(&target.author)
                && !others.any(|other| other.encryption.fingerprint() == key))
    }

    /// Marks what the ledger says of a message and nobody has signed, and what the text itself contradicts. Somebody is called staff
    /// only where the circle or a counting grant says so.
    fn mark(&self, granted: &BTreeSet<Fingerprint>, target: &Target, message: &mut Message) {
        if message.is_staff && !self.is_by_staff(granted, target) {
            message.is_staff = false;
            message.warnings.push("that its author is staff is the ledger's word alone".to_owned());
        }
        if target.sealed.is_some() && target.author_key().is_none() {
            let word = "its author did not sign the key that signed it: who wrote it is the ledger's word";
            message.warnings.push(word.to_owned());
        }
        let (seen, ticket) = match &message.body {
            Body::Ticket(content) => (content.seen.as_ref(), None),
            Body::Message(content) => (content.seen.as_ref(), Some(content.ticket.as_deref())),
            _ => return,
        };
        // What the ledger proves, whether or not the node shows the text itself.
        let digest = self.targets.first().map(|first| hex::encode(&first.digest));
        let is_member = self.circle.contains(&target.author);
        let later = seen.filter(|seen| is_member && seen.circle > self.circle.position());
        if let Some(seen) = later {
            let (knew, shown) = (seen.circle, self.circle.position());
            message.warnings.push(format!(
                "its author knew change {knew} of the administrators, and the ledger shows only {shown}: something is hidden"
            ));
        }
        match ticket {
            Some(None) => message.warnings.push("it does not say which ticket it answers".to_owned()),
            Some(named) if digest.is_some() && named != digest.as_deref() => {
                message.warnings.push("it was written for another ticket".to_owned());
            }
            _ => {}
        }
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
