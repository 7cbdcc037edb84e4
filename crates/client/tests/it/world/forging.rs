//! What whoever holds the validators' keys writes into the ledger: records that no transaction made.

use ed25519_dalek::Signer as _;
use sealdesk_client::actor::{Actor, Pair};
use sealdesk_envelope::content::{MessageContent, TicketContent};
use sealdesk_envelope::{Message, Signers, SigningSecret, seal};
use sealdesk_protocol::envelope::{Context, Envelope, EnvelopeLimits, Kind, WrappedKey, grant_message};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::grants_hash;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::people::{record_of, rng};
use super::{NOW, Shared, add_key, chain_id, people, prefix, read, write};

/// Whose record it is said to be, and what really made it.
pub(crate) struct Forged<'a> {
    pub(crate) sender: &'a Address,
    /// The version that the record names.
    pub(crate) version: u32,
    /// What signs it.
    pub(crate) signer: &'a Pair,
    /// The ledger that it is said to come from; empty = this one.
    pub(crate) from_ledger: &'a str,
    pub(crate) is_agent: bool,
}

/// Puts an answer behind the last one of a ticket, sealed for the administrator.
pub(crate) fn forge_answer(shared: &Shared, id: TicketId, forged: &Forged<'_>, content: &MessageContent) {
    let mut world = shared.lock();
    let mut head: support::TicketHead = read(world.state(), &tree::ticket(id));
    let index = head.ticket.as_ref().unwrap().response_count;
    let context = context(forged, Kind::Response, Some(id));
    let (envelope, digest) = sealed(forged, &context, &content.to_bytes().unwrap());
    let response = support::TicketResponse {
        ticket_id: id.to_string(),
        response_index: index,
        responder_address: forged.sender.to_string(),
        is_agent: forged.is_agent,
        created_at: NOW,
        payload_context: Some(stored(forged, &context)),
        ..Default::default()
    };
    let response = support::ResponseHead {
        response: Some(response),
        payload_digest: digest,
        grants_hash: grants_hash(&[]).to_vec(),
    };
    head.ticket.as_mut().unwrap().response_count += 1;
    world.envelopes.insert((id.number(), index + 1), envelope.to_wire());
    world.change(|state| {
        write(state, &tree::response(id, index), &response);
        write(state, &tree::ticket(id), &head);
    });
}

/// Puts another text in the place of a ticket's own, sealed for the administrator.
pub(crate) fn forge_ticket(shared: &Shared, id: TicketId, forged: &Forged<'_>, content: &TicketContent) {
    let mut world = shared.lock();
    let mut head: support::TicketHead = read(world.state(), &tree::ticket(id));
    let context = context(forged, Kind::Ticket, None);
    let (envelope, digest) = sealed(forged, &context, &content.to_bytes().unwrap());
    head.ticket.as_mut().unwrap().payload_context = Some(stored(forged, &context));
    head.payload_digest = digest;
    world.envelopes.insert((id.number(), 0), envelope.to_wire());
    world.change(|state| write(state, &tree::ticket(id), &head));
}

/// Damages the copies of the key in all grants of a ticket's own text. Whoever made them signs them anew, by a second key of theirs; or nobody.
pub(crate) fn spoil_grants(shared: &Shared, id: TicketId, granter: Option<&Actor>) {
    let mut world = shared.lock();
    let head: support::TicketHead = read(world.state(), &tree::ticket(id));
    let ticket = head.ticket.clone().unwrap();
    let stored = ticket.payload_context.unwrap();
    let context = Context {
        chain_id: chain_id().to_string(),
        ticket_id: String::new(),
        kind: Kind::Ticket,
        sender: ticket.customer_address,
        sequence: stored.sequence,
        index: stored.index,
    };
    let envelope = &world.envelopes[&(id.number(), 0)];
    let content = Envelope::from_wire(envelope, EnvelopeLimits::WIDEST).unwrap().digests(&context).content;
    let mut seed = [7; 32];
    let signing = ed25519_dalek::SigningKey::from_bytes(&seed);
    let mut grants = world.grants[&(id.number(), 0)].clone();
    for grant in &mut grants {
        let entry = grant.entry.as_mut().unwrap();
        entry.wrapped_key[0] ^= 1;
        let entry = WrappedKey::from_wire(entry, 0).unwrap();
        let signature = signing.sign(&grant_message(&content, &grant.granter, &entry));
        grant.grant_signature = signature.to_bytes().to_vec();
        grant.granter_key_version = 2;
    }
    world.grants.insert((id.number(), 0), grants.clone());
    let grants_hash = grants_hash(&grants).to_vec();
    world.change(|state| {
        write(state, &tree::ticket(id), &support::TicketHead { grants_hash, ..head });
        if let Some(granter) = granter {
            let own = granter.pair(1).unwrap();
            let signing = SigningSecret::take(&mut seed).unwrap();
            let record = record_of(granter, &own, &Pair { signing, ..granter.pair(1).unwrap() });
            add_key(state, &granter.address(&prefix()), record);
        }
    });
}

fn context(forged: &Forged<'_>, kind: Kind, ticket: Option<TicketId>) -> Context {
    let own = chain_id().to_string();
    Context {
        chain_id: if forged.from_ledger.is_empty() { own } else { forged.from_ledger.to_owned() },
        ticket_id: ticket.map(|id| id.to_string()).unwrap_or_default(),
        kind,
        sender: forged.sender.to_string(),
        sequence: 99,
        index: 0,
    }
}

fn stored(forged: &Forged<'_>, context: &Context) -> support::EnvelopeContext {
    support::EnvelopeContext {
        kind: context.kind.number().into(),
        sequence: context.sequence,
        index: context.index,
        height: 1,
        chain_id: forged.from_ledger.to_owned(),
        signer_key_version: forged.version,
    }
}

fn sealed(forged: &Forged<'_>, context: &Context, plaintext: &[u8]) -> (Envelope, Vec<u8>) {
    let readers = [*people().admin.pair(0).unwrap().encryption.public()];
    let message = Message {
        context,
        plaintext,
        readers: &readers,
        client_id: "forged",
        limits: EnvelopeLimits::WIDEST,
    };
    let signers = Signers { signing: &forged.signer.signing, account: None };
    let envelope = seal(&message, &signers, &mut rng(77)).unwrap();
    let digest = envelope.digests(context).envelope.to_vec();
    (envelope, digest)
}
