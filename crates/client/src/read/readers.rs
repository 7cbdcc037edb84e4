//! Who can read how much of a conversation.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;

use super::Records;
use crate::view::Reader;

impl Records {
    /// Every key that opens something, by who registered it; the most messages first.
    pub(crate) fn readers(&self) -> Vec<Reader> {
        let mut readers: Vec<Reader> =
            self.readers_keys().into_iter().map(|fingerprint| self.reader(fingerprint)).collect();
        readers.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.addresses.cmp(&b.addresses)));
        readers
    }

    fn reader(&self, fingerprint: Fingerprint) -> Reader {
        let sealed: Vec<_> = self.targets.iter().filter_map(|target| target.sealed.as_ref()).collect();
        let text = fingerprint.to_string();
        let owns = |(address, keys): (&Address, &Vec<_>)| {
            let listed = keys.iter().any(|record: &RecipientKeyRecord| record.key_fingerprint == text);
            listed.then(|| address.to_string())
        };
        Reader {
            fingerprint,
            addresses: self.keys.iter().filter_map(owns).collect(),
            messages: sealed.iter().filter(|record| record.is_for(&fingerprint)).count(),
            granted: sealed.iter().any(|record| record.granted().any(|granted| granted == fingerprint)),
        }
    }
}
