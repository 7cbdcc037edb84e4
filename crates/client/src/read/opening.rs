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
use crate::view::{Body, Message, Place, Time};

impl Records {
    /// Opens every message for one reader.
    pub(crate) async fn open<T: Transport>(&self, desk: &Desk<T>, actor: &Actor) -> Result<Vec<Message>> {
        let pairs = self.own_pairs(desk, actor).await?;
        Ok(self.targets.iter().map(|target| self.message(target, &pairs)).collect())
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
