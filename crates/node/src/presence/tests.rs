//! Presence over a desk in memory: who is heard, who is told, and what is refused.

use std::collections::BTreeMap;

use axum::body::Body;
use http::{Request, StatusCode, header};
use http_body_util::BodyExt as _;
use prost_types::Any;
use sealdesk_protocol::genesis::GenesisValidator;
use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::node_request::{NodeRequest as _, SignedRequest};
use sealdesk_protocol::presence::{Doing, Other, Others, PresenceFrame};
use sealdesk_testkit::desk::{Desk, genesis_at};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{assign_role, revoke_role};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::clock::ManualClock;
use crate::desk::{BEGIN, Memory, clock, execute, validator};
use crate::http::body::tests::never_comes;
use crate::http::source::Source;
use crate::ledger::Ledger as _;
use crate::signed_request::now;
use crate::solo::{Setup, Solo};

/// A desk with an administrator and two agents.
struct World {
    twin: Desk,
    solo: Solo,
    clock: ManualClock,
    presence: Presence,
}

/// What a test signs, and changes one thing of.
#[derive(Clone)]
struct Signing {
    ledger: Option<ChainId>,
    ticket: u64,
    doing: Doing,
    ago: i64,
}

const WRITING: Signing = Signing { ledger: None, ticket: 1, doing: Doing::Writing, ago: 0 };

impl World {
    fn new(config: &PresenceConfig) -> Self {
        let clock = clock();
        let [admin, ada, ben] = ["admin", "ada", "ben"].map(Person::new);
        let one = GenesisValidator::new(&validator().public_key(), 10, "test");
        let genesis = genesis_at(BEGIN, &[&admin], one);
        let twin = Desk::from_genesis(&genesis);
        let setup = Setup {
            disks: Memory::default().disks(),
            genesis,
            key: validator(),
            clock: Arc::new(clock.clone()),
        };
        let solo = Solo::open(setup).unwrap();
        let api = Api::new(solo.handle().clone(), BTreeMap::new());
        let presence = Presence::new(&api, config, false);
        let mut world = Self { twin, solo, clock, presence };
        let role = |agent| assign_role(&admin, agent, "support_agent");
        world.act(&admin, vec![role(&ada), role(&ben)]);
        world
    }

    fn act(&mut self, person: &Person, messages: Vec<Any>) {
        self.twin.must(person, messages);
        let (.., txs) = self.twin.blocks.last().unwrap();
        let tx = txs.last().unwrap().clone();
        let record = execute(&mut self.solo, &self.clock, &tx);
        assert_eq!(record.code, 0, "{}", record.log);
    }

    fn signed(&self, person: &Person, signing: &Signing) -> String {
        let machine = self.solo.handle().machine();
        let ledger = signing.ledger.as_ref().unwrap_or(machine.chain_id());
        let ticket = TicketId::new(signing.ticket).unwrap();
        let frame = PresenceFrame { ledger, identity: machine.identity(), ticket, doing: signing.doing };
        let (account, made) = (person.address.clone(), now() - signing.ago);
        let signature = person.sign_text(&frame.text(&account, made)).try_into().unwrap();
        SignedRequest { account, made, public_key: person.public, signature }.to_header::<PresenceFrame<'_>>()
    }

    async fn ask(&self, request: Request<Body>) -> (StatusCode, Value) {
        let answer = self.presence.router().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap())
    }

    /// Sends a header with what its sender does at the first ticket.
    async fn send(&self, authorization: &str, doing: Doing) -> (StatusCode, Value) {
        let request = Request::put("/presence/TKT-00000001").header(header::AUTHORIZATION, authorization);
        self.ask(request.body(Body::from(json!({ "doing": doing }).to_string())).unwrap()).await
    }

    /// Whom somebody hears of who does this at the first ticket.
    async fn say(&self, person: &Person, doing: Doing) -> Vec<Other> {
        let header = self.signed(person, &Signing { doing, ..WRITING });
        let (status, said) = self.send(&header, doing).await;
        assert_eq!(status, StatusCode::OK, "{said}");
        serde_json::from_value::<Others>(said).unwrap().others
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_hear_of_each_other_and_nobody_else_is_heard_or_told() {
    let mut world = World::new(&PresenceConfig::default());
    let [admin, ada, ben, customer] = ["admin", "ada", "ben", "customer"].map(Person::new);
    assert_eq!(world.say(&ada, Doing::Looking).await, []);
    let heard = world.say(&ben, Doing::Writing).await;
    let [Other { doing: Doing::Looking, authorization }] = &heard[..] else { panic!("{heard:?}") };
    assert!(authorization.contains(ada.address.as_str()), "{authorization}");
    let machine = world.solo.handle().machine().clone();
    let signed = SignedRequest::parse::<PresenceFrame<'_>>(machine.prefix(), authorization).unwrap();
    let ticket = TicketId::new(1).unwrap();
    let (ledger, identity) = (machine.chain_id(), machine.identity());
    let frame = PresenceFrame { ledger, identity, ticket, doing: Doing::Looking };
    signed.verify(&frame).unwrap();
    assert_eq!(world.say(&admin, Doing::Looking).await.len(), 2);

    let header = world.signed(&customer, &WRITING);
    let (status, said) = world.send(&header, Doing::Writing).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "{said}");
    assert_eq!(world.send("", Doing::Writing).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(world.say(&ada, Doing::Looking).await.len(), 2, "neither of them was heard");
    world.act(&admin, vec![revoke_role(&admin, &ben, "support_agent")]);
    let header = world.signed(&ben, &WRITING);
    assert_eq!(world.send(&header, Doing::Writing).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_signed_for_another_ticket_ledger_act_or_time_is_refused() {
    let world = World::new(&PresenceConfig::default());
    let [ada, ben] = ["ada", "ben"].map(Person::new);
    let signed = |signing| world.signed(&ada, &signing);
    for authorization in [
        signed(Signing { ticket: 2, ..WRITING }),
        signed(Signing { ledger: Some(ChainId::parse("another-desk").unwrap()), ..WRITING }),
        signed(Signing { doing: Doing::Looking, ..WRITING }),
        signed(Signing { ago: 70, ..WRITING }),
        signed(Signing { ago: -70, ..WRITING }),
        signed(WRITING).replace(ada.address.as_str(), ben.address.as_str()),
        signed(WRITING).replace("Sealdesk-Presence", "Sealdesk-Push"),
    ] {
        let (status, said) = world.send(&authorization, Doing::Writing).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{authorization}: {said}");
    }
    assert_eq!(world.say(&ben, Doing::Looking).await, []);
    for ago in [-50, 50] {
        let header = signed(Signing { ago, ..WRITING });
        assert_eq!(world.send(&header, Doing::Writing).await.0, StatusCode::OK, "{ago}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_frame_is_refused_and_one_address_says_only_so_much() {
    let world = World::new(&PresenceConfig::default());
    let ada = Person::new("ada");
    let header = world.signed(&ada, &WRITING);
    let asked = |path: &str, body: String| {
        let request = Request::put(path).header(header::AUTHORIZATION, &header);
        request.body(Body::from(body)).unwrap()
    };
    for (path, body) in [
        ("/presence/TKT-00000001", "{}".to_owned()),
        ("/presence/TKT-00000001", r#"{"doing":"dreaming"}"#.to_owned()),
        ("/presence/TKT-00000001", format!(r#"{{"doing":"writing"{}}}"#, " ".repeat(1_000))),
        ("/presence/everything", r#"{"doing":"writing"}"#.to_owned()),
    ] {
        let (status, said) = world.ask(asked(path, body)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {said}");
    }
    let mut taken = 0;
    loop {
        let mut request = asked("/presence/TKT-00000001", "{}".to_owned());
        request.extensions_mut().insert(Source::of([10, 0, 0, 1].into()));
        match world.ask(request).await.0 {
            StatusCode::BAD_REQUEST => taken += 1,
            StatusCode::TOO_MANY_REQUESTS => break,
            status => panic!("{status}"),
        }
    }
    assert!(taken >= SAYING.at_once, "{taken}");
    assert_eq!(world.say(&ada, Doing::Writing).await, [], "others are heard all the same");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_never_comes_is_not_a_wrong_one() {
    let world = World::new(&PresenceConfig::default());
    let request = Request::put("/presence/TKT-00000001").body(never_comes()).unwrap();
    assert_eq!(world.ask(request).await.0, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_can_turn_presence_off_and_pages_are_told() {
    let get = || Request::get("/presence").body(Body::empty()).unwrap();
    let world = World::new(&PresenceConfig::default());
    assert_eq!(world.ask(get()).await, (StatusCode::OK, json!({ "enabled": true })));
    let world = World::new(&PresenceConfig { enabled: Some(false) });
    assert_eq!(world.ask(get()).await, (StatusCode::OK, json!({ "enabled": false })));
    let header = world.signed(&Person::new("ada"), &WRITING);
    let (status, said) = world.send(&header, Doing::Writing).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{said}");
}

#[test]
fn where_several_operators_share_a_ledger_it_is_off_unless_one_turns_it_on() {
    for (enabled, embedded, replicated) in
        [(None, true, false), (Some(true), true, true), (Some(false), false, false)]
    {
        let config = PresenceConfig { enabled };
        assert_eq!(
            (config.is_enabled(false), config.is_enabled(true)),
            (embedded, replicated),
            "{enabled:?}"
        );
    }
}
