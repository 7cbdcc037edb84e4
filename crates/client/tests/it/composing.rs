//! Whatever is composed passes the ledger's own checks, and names those readers who must and none who may not.

use std::collections::BTreeSet;

use proptest::prelude::*;
use sealdesk_client::actor::Actor;
use sealdesk_client::compose::{
    Audience, ComposeError, Facts, OwnKey, Person, Readers, TxBuilder, chunks, grant_messages, sign,
};
use sealdesk_client::messages::{NewResponse, NewTicket, create_ticket, respond_to_ticket};
use sealdesk_envelope::content::SeenCircle;
use sealdesk_protocol::envelope::{Context, Envelope, EnvelopeLimits, Kind, client_message};
use sealdesk_protocol::gas;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::Message;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::tx::{Tx, VerifiedTx};
use sealdesk_protocol::wire::virtengine::encryption::v1::{
    MultiRecipientEnvelope, RecipientKeyRecord, WrappedKeyEntry,
};
use sealdesk_protocol::wire::virtengine::support::v1::{MsgAssignTicket, TargetedGrant};

use crate::world::people::{chain, key_record, rng};
use crate::world::{chain_id, people, prefix};

/// How many keys somebody has, and which of them are revoked.
type Keys = Vec<bool>;

#[derive(Debug, Clone)]
struct Scene {
    administrators: Vec<Keys>,
    assignee: Option<Keys>,
    customer: Keys,
    provider: Option<Keys>,
    kind: Kind,
    sequence: u64,
    customer_is_administrator: bool,
    max_recipients: u32,
    text: String,
}

fn scenes() -> impl Strategy<Value = Scene> {
    let keys = || prop::collection::vec(any::<bool>(), 0..4);
    let kinds = prop::sample::select(vec![Kind::Ticket, Kind::Response, Kind::Note]);
    let people =
        (prop::collection::vec(keys(), 1..4), prop::option::of(keys()), keys(), prop::option::of(keys()));
    let rest = (kinds, any::<u64>(), any::<bool>(), 6_u32..33, ".{0,400}");
    (people, rest).prop_map(|((administrators, assignee, customer, provider), rest)| {
        let (kind, sequence, customer_is_administrator, max_recipients, text) = rest;
        Scene {
            administrators,
            assignee,
            customer,
            provider,
            kind,
            sequence,
            customer_is_administrator,
            max_recipients,
            text,
        }
    })
}

fn person(place: usize, keys: &Keys) -> Person {
    let actor = match place {
        0 => &people().admin,
        1 => &people().agent,
        2 => &people().customer,
        place => &people().others[place - 3],
    };
    Person::verified(chain(), &actor.address(&prefix()), &records(actor, keys))
}

fn records(actor: &Actor, keys: &Keys) -> Vec<RecipientKeyRecord> {
    let record = |(n, revoked): (u32, &bool)| {
        let mut record = key_record(actor, n);
        record.key_version = n + 1;
        record.revoked_at = i64::from(*revoked);
        record
    };
    (0..).zip(keys).map(record).collect()
}

fn seen() -> SeenCircle {
    SeenCircle { circle: 0, fingerprint: "00".repeat(32) }
}

fn audience(scene: &Scene) -> Audience {
    let customer = person(2, &scene.customer);
    let mut administrators: Vec<Person> = (0..)
        .zip(&scene.administrators)
        .map(|(n, keys)| person(if n == 0 { 0 } else { n + 3 }, keys))
        .collect();
    if scene.customer_is_administrator && scene.kind != Kind::Ticket {
        administrators.push(customer.clone());
    }
    Audience {
        administrators,
        assignee: scene.assignee.as_ref().map(|keys| person(1, keys)),
        collaborators: Vec::new(),
        appointed: Vec::new(),
        customer: Some(customer),
        provider: scene.provider.as_ref().map(|keys| person(8, keys)),
        writer: None,
        outsiders: Vec::new(),
    }
}

/// Composes the scene's transaction: a ticket by the customer, anything else by the first administrator.
fn compose(scene: &Scene, params: &Params) -> Result<Vec<u8>, ComposeError> {
    let chain = chain();
    let facts = Facts { params: params.clone(), audience: audience(scene), seen: seen(), ticket: None };
    let by_customer = scene.kind == Kind::Ticket;
    let actor = if by_customer { &people().customer } else { &people().admin };
    let keys = if by_customer { &scene.customer } else { &scene.administrators[0] };
    let own = OwnKey::find(actor, &records(actor, keys))?;
    let address = actor.address(&prefix());
    let mut builder = TxBuilder::new(chain, address, scene.sequence, own, actor.account().unwrap())?;
    if by_customer {
        let ticket = NewTicket::new("technical", "subject", &scene.text);
        create_ticket(&mut builder, &ticket, &facts, &mut rng(9))?;
    } else {
        let mut response = NewResponse::new(&scene.text);
        response.internal = scene.kind == Kind::Note;
        respond_to_ticket(&mut builder, TicketId::new(3).unwrap(), &response, &facts, &mut rng(9))?;
    }
    Ok(sign(&builder, actor.account().unwrap(), &chain.chain_id)?.bytes)
}

/// The envelope and the index of its message.
fn envelope_of(tx: &VerifiedTx) -> (u32, MultiRecipientEnvelope) {
    let place = tx.messages().len() - 1;
    let wire = match &tx.messages()[place] {
        Message::CreateTicket(message) => message.envelope.clone(),
        Message::RespondToTicket(message) => message.envelope.clone(),
        other => panic!("{other:?}"),
    };
    (u32::try_from(place).unwrap(), wire.unwrap())
}

fn active(person: &Person) -> BTreeSet<String> {
    person.active_keys().iter().map(|key| key.fingerprint().to_string()).collect()
}

fn check_readers(scene: &Scene, envelope: &Envelope, own_new: &BTreeSet<String>) {
    let audience = audience(scene);
    let note = scene.kind == Kind::Note;
    let customer = audience.customer.as_ref().unwrap();
    let staff = audience.administrators.iter().filter(|a| !note || a.address != customer.address);
    let required: Vec<&Person> =
        staff.chain(audience.assignee.as_ref()).chain(Some(customer).filter(|_| !note)).collect();
    let named: BTreeSet<String> = envelope.wrapped_keys().iter().map(|e| e.recipient.to_string()).collect();
    let mut allowed = own_new.clone();
    for person in &required {
        let keys = active(person);
        assert!(keys.is_empty() || !keys.is_disjoint(&named), "{} is missing", person.address);
        allowed.extend(keys);
    }
    allowed.extend(audience.provider.iter().filter(|_| !note).flat_map(active));
    assert!(named.is_subset(&allowed), "an unwanted reader");
    if note {
        let outsiders = audience.provider.iter().flat_map(active).chain(active(customer));
        assert!(outsiders.collect::<BTreeSet<_>>().is_disjoint(&named), "a note is kept from outsiders");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_composed_passes_the_ledgers_checks_and_names_the_right_readers(scene in scenes()) {
        let params = Params { max_recipients: scene.max_recipients, ..Params::default() };
        let bytes = match compose(&scene, &params) {
            Ok(bytes) => bytes,
            Err(ComposeError::NoAdministratorCanRead) => {
                let some = scene.administrators.iter().flatten().any(|revoked| !revoked);
                prop_assert!(scene.kind == Kind::Ticket && !some);
                return Ok(());
            }
            Err(ComposeError::NoKey(_)) => {
                let keyless = scene.provider.as_ref().is_some_and(|keys| keys.iter().all(|revoked| *revoked));
                prop_assert!(scene.kind != Kind::Note && keyless, "only a provider who is to read must have a key");
                return Ok(());
            }
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        };
        let tx = Tx::decode(&bytes, &prefix()).unwrap().verify(&chain_id()).unwrap();
        prop_assert_eq!(tx.signers()[0].sequence, scene.sequence);
        let (index, wire) = envelope_of(&tx);
        let limits = EnvelopeLimits {
            envelope_bytes_max: usize::try_from(params.max_envelope_bytes).unwrap(),
            recipients_max: usize::try_from(params.max_recipients).unwrap(),
        };
        let envelope = Envelope::from_wire(&wire, limits).unwrap();
        let by_customer = scene.kind == Kind::Ticket;
        let actor = if by_customer { &people().customer } else { &people().admin };
        let keys = if by_customer { &scene.customer } else { &scene.administrators[0] };
        // The newest active pair signs; a newcomer registers the next one in the message before.
        let n = keys.iter().rposition(|revoked| !revoked).unwrap_or(keys.len());
        let registers = !keys.iter().any(|revoked| !revoked);
        prop_assert_eq!(index, u32::from(registers));
        let pair = actor.pair(u32::try_from(n).unwrap()).unwrap();
        let context = Context {
            chain_id: chain_id().to_string(),
            ticket_id: if by_customer { String::new() } else { "TKT-00000003".to_owned() },
            kind: scene.kind,
            sender: actor.address(&prefix()).to_string(),
            sequence: scene.sequence,
            index,
        };
        let digest = envelope.digests(&context).envelope;
        pair.signing.public().verify(&client_message(&digest), envelope.client_signature()).unwrap();
        let own_new = registers.then(|| pair.encryption.fingerprint().to_string());
        check_readers(&scene, &envelope, &own_new.into_iter().collect());
    }
}

#[test]
fn an_envelope_is_bound_to_its_place_also_where_the_key_is_registered_just_before() {
    let scene = Scene {
        administrators: vec![vec![false]],
        assignee: None,
        customer: Vec::new(),
        provider: None,
        kind: Kind::Ticket,
        sequence: 0,
        customer_is_administrator: false,
        max_recipients: 32,
        text: "hello".into(),
    };
    let bytes = compose(&scene, &Params::default()).unwrap();
    let tx = Tx::decode(&bytes, &prefix()).unwrap().verify(&chain_id()).unwrap();
    assert!(matches!(tx.messages(), [Message::RegisterKey(_), Message::CreateTicket(_)]));
    assert_eq!(bytes, compose(&scene, &Params::default()).unwrap(), "one builder, one transaction");
    let other = sealdesk_protocol::ids::ChainId::parse("desk-2").unwrap();
    let replayed = Tx::decode(&bytes, &prefix()).unwrap().verify(&other);
    assert_eq!(replayed.unwrap_err().code(), 4, "it is worth nothing on another chain");
}

#[test]
fn a_text_that_is_too_long_is_refused_before_it_is_sent() {
    let scene = Scene {
        administrators: vec![vec![false]],
        assignee: None,
        customer: vec![false],
        provider: None,
        kind: Kind::Ticket,
        sequence: 0,
        customer_is_administrator: false,
        max_recipients: 32,
        text: "x".repeat(65_000),
    };
    assert!(matches!(compose(&scene, &Params::default()), Err(ComposeError::Seal(_))));
    let over = Scene { text: "x".repeat(70_000), ..scene };
    assert!(matches!(compose(&over, &Params::default()), Err(ComposeError::Content(_))));
}

#[test]
fn two_people_with_one_key_are_one_entry() {
    let both = Audience {
        administrators: vec![person(0, &vec![false])],
        customer: Some(person(0, &vec![false])),
        ..Audience::default()
    };
    let readers = Readers::choose(&both, Kind::Ticket, 3).unwrap();
    assert_eq!(readers.keys().len(), 1);
}

#[test]
fn when_there_is_no_room_everyone_required_still_has_one_key() {
    let audience = Audience {
        administrators: vec![person(0, &vec![false; 3])],
        assignee: Some(person(1, &vec![false; 3])),
        collaborators: Vec::new(),
        appointed: Vec::new(),
        customer: Some(person(2, &vec![false; 3])),
        provider: Some(person(8, &vec![false])),
        writer: None,
        outsiders: Vec::new(),
    };
    for max in 3..12 {
        let readers = Readers::choose(&audience, Kind::Response, max).unwrap();
        assert_eq!(readers.keys().len(), max.min(10));
        for person in audience.administrators.iter().chain(&audience.assignee).chain(&audience.customer) {
            assert!(readers.keys().contains(&person.active_keys()[0]), "{max}");
        }
    }
    let full = Readers::choose(&audience, Kind::Response, 2);
    assert!(matches!(full, Err(ComposeError::TooLarge { actual: 3, max: 2, .. })));
}

#[test]
fn a_full_part_of_grants_fits_one_transaction_with_assignment_and_registration() {
    let grant = |target| TargetedGrant {
        target,
        entry: Some(WrappedKeyEntry {
            recipient_id: "f".repeat(40),
            wrapped_key: vec![1; 48],
            algorithm: "X25519-XSALSA20-POLY1305".to_owned(),
            ephemeral_pub_key: vec![1; 32],
        }),
        grant_signature: vec![1; 64],
        granter_key_version: 256,
    };
    let parts = chunks((10_000..13_000).map(grant).collect());
    assert_eq!(parts.iter().map(Vec::len).collect::<Vec<_>>(), [300; 10]);
    let chain = chain();
    let admin = &people().admin;
    let own = OwnKey::find(admin, &[]).unwrap();
    let mut builder =
        TxBuilder::new(chain, admin.address(&prefix()), u64::MAX, own, admin.account().unwrap()).unwrap();
    builder = builder.with_memo(&"m".repeat(256)).with_timeout(1_700_000_000);
    let (sender, ticket_id) = (builder.sender().to_string(), format!("TKT-{}", u64::MAX));
    builder.push(&MsgAssignTicket {
        sender: sender.clone(),
        ticket_id: ticket_id.clone(),
        assign_to: sender.clone(),
        response_count: u32::MAX,
        check_count: true,
        collaborators: Vec::new(),
    });
    let messages =
        grant_messages(&admin.address(&prefix()), TicketId::parse(&ticket_id).unwrap(), None, &parts[0]);
    messages.iter().for_each(|message| builder.push(message));
    let bytes = sign(&builder, admin.account().unwrap(), &chain.chain_id).unwrap().bytes;
    let tx = Tx::decode(&bytes, &prefix()).unwrap();
    assert_eq!((tx.messages().len(), tx.timeout()), (5, Some(1_700_000_000)));
    assert!(tx.gas() + 10_000 > gas::TX_GAS_MAX, "{}: a part could hold more", tx.gas());
}
