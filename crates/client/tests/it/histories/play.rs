//! A history as a ledger that a node shows, and what the client does there: for which keys something left the program sealed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use prost::Message as _;
use sealdesk_client::compose::{ComposeError, sign_text};
use sealdesk_client::desk::Desk;
use sealdesk_client::messages::{NewResponse, NewTicket};
use sealdesk_client::trust::{Age, Clock, Doubts, Pin, Trust};
use sealdesk_client::verify::VerifyError;
use sealdesk_client::{Error, compose::ProviderReads};
use sealdesk_envelope::content::TicketContent;
use sealdesk_envelope::{Expected, Message, Received, SealError, Signers, seal};
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::Ballot;
use sealdesk_protocol::envelope::{AccountKey, Context, EnvelopeLimits, Kind};
use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::keys::EncryptionKey;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::ownership::Ownership;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Priority, Status, grants_hash};
use sealdesk_protocol::wire::cosmos::tx::v1beta1::{TxBody, TxRaw};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1 as encryption;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::facts::{
    ACTORS, Asked, ChangeFact, History, Key, PairOf, ProviderAsked, TicketFact, VoteFact, address,
    key_of_fingerprint, public,
};
use crate::world::people::rng;
use crate::world::{FakeNode, Lie, NOW, Records, Shared, World, prefix, proofs, write};

/// What the client did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Choice {
    /// Nothing was sealed, for this kind of reason.
    Refused(&'static str),
    /// The public keys for which a text was sealed, or a grant made.
    Keys(BTreeSet<String>),
}

/// Sequence and index of the ticket's own envelope.
const PLACE: (u64, u32) = (5, 0);

impl Key {
    pub(super) fn record(&self, who: usize, version: u32) -> encryption::RecipientKeyRecord {
        let signature = self.account.zip(self.signed.as_ref()).map(|(account, text)| {
            let ledger = ChainId::parse(&text.ledger).unwrap();
            let owned = Ownership {
                ledger: &ledger,
                identity: &text.identity,
                account: address(text.account),
                x25519: &public(text.x25519).x25519,
                ed25519: &public(text.ed25519).ed25519,
            };
            sign_text(ACTORS[account].0.account().unwrap(), address(account), &owned.text()).unwrap().to_vec()
        });
        // A damaged signature is 64 bytes all the same.
        let signature =
            signature.unwrap_or_else(|| if self.account.is_some() { vec![7; 64] } else { Vec::new() });
        encryption::RecipientKeyRecord {
            address: address(who).to_string(),
            public_key: public(self.x25519).x25519.to_vec(),
            key_fingerprint: public(self.x25519).fingerprint.clone(),
            signing_key: public(self.ed25519).ed25519.to_vec(),
            key_version: version,
            registered_at: 1,
            revoked_at: i64::from(self.revoked),
            registered_on: self.registered_on.map(|identity| identity.0.to_vec()).unwrap_or_default(),
            account_pub_key: self.account.map(|who| ACTORS[who].0.public_key().to_vec()).unwrap_or_default(),
            account_signature: signature,
            ..Default::default()
        }
    }
}

/// The list of somebody's keys, as the ledger holds it.
pub(super) fn list(who: usize, keys: &[Key]) -> Vec<encryption::RecipientKeyRecord> {
    (1..).zip(keys).map(|(version, key)| key.record(who, version)).collect()
}

fn vote(vote: &VoteFact) -> ledger::MemberVote {
    let signature = vote.signed.as_ref().map(|text| {
        let chain = ChainId::parse(&text.ledger).unwrap();
        let text = Ballot::Change(&text.change).text(&chain, &text.fingerprint, text.position, text.made);
        sign_text(ACTORS[vote.account].0.account().unwrap(), address(vote.account), &text).unwrap().to_vec()
    });
    ledger::MemberVote {
        voter: address(vote.voter).to_string(),
        made: vote.made,
        account_pub_key: ACTORS[vote.account].0.public_key().to_vec(),
        account_signature: signature.unwrap_or_else(|| vec![7; 64]),
    }
}

fn change(fact: &ChangeFact) -> ledger::CircleChange {
    ledger::CircleChange {
        position: fact.position,
        address: fact.change.address().to_string(),
        removes: fact.change.removes(),
        votes: fact.votes.iter().map(vote).collect(),
        changed_at: NOW,
        circle: fact.circle.encode(),
        chain_id: fact.chain_id.clone(),
        identity: fact.identity.0.to_vec(),
    }
}

/// A ticket's head with its envelope and grants.
struct Sealed {
    head: support::TicketHead,
    envelope: encryption::MultiRecipientEnvelope,
    grants: Vec<support::AccessGrant>,
}

fn encryption_key(of: PairOf) -> EncryptionKey {
    EncryptionKey::parse(&public(of).x25519).unwrap()
}

/// The ticket as its head has it.
fn record(history: &History, ticket: &TicketFact) -> support::SupportTicket {
    let here = ticket.sealed_on == history.chain.chain_id.as_str();
    let stored = support::EnvelopeContext {
        kind: Kind::Ticket.number().into(),
        sequence: PLACE.0,
        index: PLACE.1,
        height: 1,
        chain_id: if here { String::new() } else { ticket.sealed_on.clone() },
        signer_key_version: ticket.signer_version,
    };
    let named = |who: Option<usize>| who.map(|who| address(who).to_string()).unwrap_or_default();
    support::SupportTicket {
        ticket_id: TicketId::new(1).unwrap().to_string(),
        customer_address: named(Some(ticket.customer)),
        provider_address: named(ticket.provider),
        assigned_to: named(ticket.assigned.map(|(who, _)| who)),
        status: Status::Open.to_wire(),
        priority: Priority::Normal.to_wire(),
        category: "technical".to_owned(),
        created_at: NOW,
        updated_at: NOW,
        payload_context: Some(stored),
        ..Default::default()
    }
}

fn sealed(history: &History, ticket: &TicketFact) -> Sealed {
    let context = Context {
        chain_id: ticket.sealed_on.clone(),
        ticket_id: String::new(),
        kind: Kind::Ticket,
        sender: address(ticket.customer).to_string(),
        sequence: PLACE.0,
        index: PLACE.1,
    };
    let mut content = TicketContent::new("It does not start", "Since this morning.");
    content.provider = ticket.sealed_provider.map(|who| address(who).to_string());
    let plaintext = content.to_bytes().unwrap();
    let readers: Vec<EncryptionKey> = ticket.sealed_for.iter().map(|of| encryption_key(*of)).collect();
    let message = Message {
        context: &context,
        plaintext: &plaintext,
        readers: &readers,
        client_id: "",
        limits: EnvelopeLimits::WIDEST,
    };
    let pair = |of: PairOf| ACTORS[of.0].0.pair(of.1).unwrap();
    let signer = pair(ticket.signer);
    let envelope = seal(&message, &Signers { signing: &signer.signing, account: None }, &mut rng(9)).unwrap();
    let wire = envelope.to_wire();
    let expected =
        Expected { context: &context, signing_key: signer.signing.public(), account: AccountKey::OfSender };
    let received = Received::verify_shaped(envelope, &expected).unwrap();
    let opened = received.open(&pair(ticket.sealed_for[0]).encryption, &[]).unwrap();
    let grant = |fact: &super::facts::GrantFact| {
        let signing = pair(fact.signer).signing;
        let named = if fact.over { address(fact.granter).as_str() } else { "another" };
        let grant = opened.grant(&encryption_key(fact.key), named, &signing, &mut rng(8)).unwrap();
        support::AccessGrant {
            entry: Some(grant.entry.to_wire()),
            granter: address(fact.granter).to_string(),
            grant_signature: grant.signature.to_vec(),
            granter_key_version: fact.version,
            ..Default::default()
        }
    };
    let grants: Vec<support::AccessGrant> = ticket.grants.iter().map(grant).collect();
    let record = record(history, ticket);
    let head = support::TicketHead {
        ticket: Some(record),
        payload_digest: received.digests().envelope.to_vec(),
        grants_hash: grants_hash(&grants).to_vec(),
    };
    Sealed { head, envelope: wire, grants }
}

fn state(history: &History) -> Records {
    let mut state = Records::new();
    let chain = ledger::ChainRecord {
        chain_id: history.chain.chain_id.to_string(),
        prefix: prefix().as_str().to_owned(),
    };
    write(&mut state, tree::CHAIN, &chain);
    write(&mut state, tree::PARAMS, &Params::default().to_wire());
    write(&mut state, tree::BEGINNING, &history.chain.ancestry.to_wire());
    state.insert(tree::ADMINISTRATORS.to_vec(), history.circle.encode());
    for fact in &history.changes {
        write(&mut state, &tree::circle_change(fact.at), &change(fact));
    }
    for (who, keys) in &history.keys {
        write(&mut state, &tree::keys(address(*who)), &ledger::KeyList { keys: list(*who, keys) });
    }
    if let Some(votes) = &history.continued {
        write(&mut state, tree::CONTINUES, votes);
    }
    if let Some((assignee, works)) = history.ticket.as_ref().and_then(|ticket| ticket.assigned) {
        let role = if works { AssignableRole::SupportAgent.to_wire() } else { Default::default() };
        let member =
            ledger::MemberRecord { role, state: AccountState::Active.to_wire(), ..Default::default() };
        write(&mut state, &tree::member(address(assignee)), &member);
    }
    state
}

pub(super) fn world(history: &History) -> Shared {
    let mut state = state(history);
    let mut world = World { chain: Some(history.chain.chain_id.clone()), ..World::default() };
    if let Some(ticket) = &history.ticket {
        let id = TicketId::new(1).unwrap();
        let Sealed { head, envelope, grants } = sealed(history, ticket);
        write(&mut state, &tree::ticket(id), &head);
        write(&mut state, tree::TICKET_COUNT, &ledger::Counter { value: 1 });
        world.envelopes.insert((1, 0), envelope);
        world.grants = BTreeMap::from([((1, 0), grants)]);
    }
    world.states = vec![state; usize::try_from(history.height).unwrap()];
    world.behind = NOW + i64::try_from(history.height.min(200)).unwrap() - history.time;
    world.lie = Some(Lie::Invented);
    world.clock.store(history.clock - NOW, Ordering::SeqCst);
    Shared::of(world)
}

fn trust(history: &History) -> Trust {
    if history.trust_node {
        return Trust::NodeTrusted;
    }
    let Some(fact) = &history.pin else { return Trust::FirstUse };
    let mut pin = Pin::of_beginning(&history.chain);
    pin.ledger.identity = fact.identity;
    pin.circle = fact.circle.clone();
    pin.validators_hash = proofs::validators_hash(7);
    (pin.height, pin.time, pin.agreed) = (fact.height, fact.time, true);
    Trust::Pinned(Box::new(pin))
}

pub(super) async fn act(desk: &Desk<FakeNode>, history: &History) -> sealdesk_client::Result<()> {
    let actor = ACTORS[history.writer].0;
    let id = TicketId::new(1).unwrap();
    match history.asked {
        Asked::Ticket(asked) => {
            let mut ticket = NewTicket::new("technical", "It does not start", "Since this morning.");
            if let ProviderAsked::Named(provider) = asked {
                (ticket.provider, ticket.provider_reads) = (Some(address(provider).clone()), true);
            }
            desk.create_ticket(actor, &ticket).await.map(|_| ())
        }
        Asked::Answer(asked) => {
            let provider = match asked {
                ProviderAsked::No => ProviderReads::No,
                ProviderAsked::Sealed => ProviderReads::AsSealed,
                ProviderAsked::Named(who) => ProviderReads::Named(address(who).clone()),
            };
            let answer = NewResponse { provider, ..NewResponse::new("Is it plugged in?") };
            desk.respond(actor, id, &answer).await.map(|_| ())
        }
        Asked::Note => desk.respond(actor, id, &NewResponse::note("Odd.")).await.map(|_| ()),
        Asked::Grant(to) => desk.grant_access(actor, id, address(to)).await.map(|_| ()),
    }
}

pub(super) fn kind(error: &Error) -> &'static str {
    match error {
        Error::Verify(VerifyError::NodeTrusted) => "trust-node",
        Error::Verify(VerifyError::OtherIdentity { .. }) => "identity",
        Error::Verify(VerifyError::Stale { .. }) => "older",
        Error::Verify(VerifyError::TwoHistories { .. }) => "two-histories",
        Error::Verify(VerifyError::Age { .. }) => "age",
        Error::Verify(VerifyError::Circle(_)) => "circle",
        Error::Verify(VerifyError::Contradiction(_)) => "remembered",
        Error::Verify(VerifyError::NotContinued { .. }) => "not-continued",
        Error::Verify(VerifyError::Missing(what)) if what.starts_with("change ") => "circle",
        Error::Compose(ComposeError::NoAdministratorCanRead) => "no-administrator",
        Error::Compose(ComposeError::NotSignedByCustomer { .. }) => "customer",
        Error::Verify(VerifyError::Differs(what)) if what.starts_with("author's key") => "customer",
        Error::Compose(
            ComposeError::NoProvider(_)
            | ComposeError::NoSealedProvider(_)
            | ComposeError::OtherProvider { .. },
        ) => "provider",
        Error::Compose(ComposeError::Seal(SealError::Envelope(_))) => "nobody",
        Error::Compose(ComposeError::NoteForOutsider(_)) => "note-outsider",
        Error::Compose(ComposeError::NoKey(_)) => "no-key",
        Error::Compose(ComposeError::NotEntitled { .. }) => "not-entitled",
        _ => panic!("an error of no kind: {error}"),
    }
}

/// The keys that what left the program was sealed for or granted to, by their fingerprints.
pub(crate) fn fingerprints_of(sent: &[Vec<u8>]) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let of_envelope = |envelope: Option<encryption::MultiRecipientEnvelope>| {
        envelope.unwrap().wrapped_keys.into_iter().map(|entry| entry.recipient_id)
    };
    for tx in sent {
        let body = TxBody::decode(TxRaw::decode(tx.as_slice()).unwrap().body_bytes.as_slice()).unwrap();
        for message in body.messages {
            let bytes = message.value.as_slice();
            match message.type_url.rsplit('.').next().unwrap() {
                "MsgCreateTicket" => {
                    let message = support::MsgCreateTicket::decode(bytes).unwrap();
                    named.extend(of_envelope(message.encrypted_payload));
                }
                "MsgRespondToTicket" => {
                    let message = support::MsgRespondToTicket::decode(bytes).unwrap();
                    named.extend(of_envelope(message.encrypted_payload));
                }
                "MsgGrantAccess" => {
                    let grants = support::MsgGrantAccess::decode(bytes).unwrap().grants;
                    named.extend(grants.into_iter().map(|grant| grant.entry.unwrap().recipient_id));
                }
                _ => {}
            }
        }
    }
    named
}

/// The same keys themselves, in hex.
pub(super) fn keys_of(sent: &[Vec<u8>]) -> BTreeSet<String> {
    fingerprints_of(sent).iter().map(|fingerprint| key_of_fingerprint(fingerprint)).collect()
}

/// Lets the client act on what the node shows.
pub(super) async fn play(history: &History) -> Choice {
    let shared = world(history);
    let node = shared.node().with_patience(Duration::from_millis(200));
    let clock = history.clock;
    let age = Age { clock: Clock::new(move || clock), tolerance: history.tolerance };
    let opened = Desk::open(node, trust(history)).await;
    let result = match opened {
        // Its texts name no circle and no ticket: whoever grants them means it.
        Ok(desk) => act(&desk.with_age(age).with_doubts(Doubts::asked(|_| true)), history).await,
        Err(error) => Err(error),
    };
    let sent = std::mem::take(&mut shared.lock().sent);
    match result {
        Ok(()) => Choice::Keys(keys_of(&sent)),
        Err(error) => {
            assert!(sent.is_empty(), "{}: something was sent before it was refused: {error}", history.id);
            Choice::Refused(kind(&error))
        }
    }
}
