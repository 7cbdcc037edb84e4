//! Who can read how much of a conversation, and what was said in it.

use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::wire::virtengine::support::v1::TicketResponse;

use super::{Records, Target};
use crate::trust::Person;
use crate::verify::Chain;
use crate::view::Reader;

impl Records {
    /// The responses as their records tell them, without what is sealed.
    pub(super) fn responses(&self) -> Vec<TicketResponse> {
        let response = |target: &Target| match target.target {
            GrantTarget::Ticket => None,
            GrantTarget::Response(response_index) => Some(TicketResponse {
                response_index,
                responder_address: target.author.to_string(),
                is_agent: target.is_agent,
                internal: target.internal,
                created_at: target.created_at,
                payload_context: Some(target.context.clone()),
                ..TicketResponse::default()
            }),
        };
        self.targets.iter().filter_map(response).collect()
    }

    /// Every key that opens something, by who registered it and signed that it is theirs; the most messages first. Under whose name else
    /// the ledger lists a key says nothing of who holds it.
    pub(crate) fn readers(&self, chain: &Chain) -> Vec<Reader> {
        let people = self.people(chain);
        let mut readers: Vec<Reader> =
            self.readers_keys().into_iter().map(|fingerprint| self.reader(&people, fingerprint)).collect();
        readers.sort_by(|a, b| b.messages.cmp(&a.messages).then_with(|| a.addresses.cmp(&b.addresses)));
        readers
    }

    fn reader(&self, people: &[Person], fingerprint: Fingerprint) -> Reader {
        let sealed: Vec<_> = self.targets.iter().filter_map(|target| target.sealed.as_ref()).collect();
        let owners = people.iter().filter(|person| person.has(&fingerprint));
        Reader {
            fingerprint,
            addresses: owners.map(|person| person.address.to_string()).collect(),
            messages: sealed.iter().filter(|record| record.is_for(&fingerprint)).count(),
            granted: sealed.iter().any(|record| record.granted().any(|granted| granted == fingerprint)),
        }
    }
}
