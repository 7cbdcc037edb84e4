//! What takes hundreds of steps, done on purpose: the campaign would hardly ever get there.

use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::wire::virtengine::support::v1::Params;
use sealdesk_testkit::people::{Crowd, KeyPair};
use sealdesk_testkit::random::Random;
use sealdesk_testkit::sealing;

use super::cells::Tally;
use super::desk::{DAY, Place, Status, ticket_text};
use super::letters::{Flaw, PEOPLE, Pairs, Writer};
use super::pair::Pair;
use super::plan::{Create, GrantPlan, KeyFlaw, Op, Plan, Step};
use super::readers::Audience;

const START: i64 = 1_700_000_000;

struct Scene {
    pair: Pair,
    pairs: Pairs,
    random: Random,
    tally: Tally,
    now: i64,
}

impl Scene {
    fn new(params: Params) -> Self {
        let crowd = Crowd::new(&PEOPLE);
        let pair = Pair::new(crowd.clone(), START, &["ann", "abe"], params);
        let pairs = Pairs::new(&crowd);
        Self { pair, pairs, random: Random::new(1), tally: Tally::default(), now: START }
    }

    fn text(&self, name: &str) -> String {
        self.pair.crowd.get(name).text.clone()
    }

    /// One block of one transaction of one sender; returns its code.
    fn send(&mut self, name: &str, ops: Vec<Op>) -> Option<(&'static str, u32)> {
        let sender = self.text(name);
        let signers = vec![(sender.clone(), self.pair.desk.sequence(&sender))];
        let steps = ops.into_iter().map(|op| Step { sender: sender.clone(), op }).collect();
        let plan = Plan { steps, signers, timeout_height: 0, timeout: None, badly_signed: false };
        let mut trial = self.pair.desk.clone();
        trial.now = self.now;
        if let Some(params) = trial.next_params.take() {
            trial.params = params;
        }
        let refused = trial.transact(&plan).refused;
        let mut once = Some(plan);
        self.pair.block(self.now, &mut self.tally, |_, _, _| once.take());
        refused
    }

    fn register(&mut self, name: &str, n: usize) -> Option<(&'static str, u32)> {
        let key = self.pair.crowd.get(name).key(n);
        self.send(name, vec![Op::Register { key, label: String::new(), flaw: KeyFlaw::None }])
    }

    fn revoke(&mut self, name: &str, n: usize) -> Option<(&'static str, u32)> {
        let fingerprint = self.pair.crowd.get(name).key(n).fingerprint;
        self.send(name, vec![Op::Revoke { fingerprint, owner: String::new() }])
    }

    fn creates(&mut self, name: &str, count: u32) -> Option<(&'static str, u32)> {
        let who = self.text(name);
        let provider = self.text("pia");
        let sequence = self.pair.desk.sequence(&who);
        let mut desk = self.pair.desk.clone();
        desk.now = self.now;
        let audience = Audience {
            before: &[],
            customer: &who,
            provider: Some(&provider),
            assignee: None,
            collaborators: &[],
            internal: false,
            imported: None,
            grants: &[],
        };
        let ops = (0..count).map(|index| {
            let writer = Writer {
                who: &who,
                ticket_id: "",
                kind: Kind::Ticket,
                place: Place { sequence, index },
                flaw: Flaw::None,
            };
            let letter = self.pairs.letter(&desk, &writer, &audience, &mut self.random);
            Op::Create(Create {
                category: "technical".to_owned(),
                priority: String::new(),
                provider: provider.clone(),
                resource: None,
                envelope: Some(letter),
                files: Vec::new(),
            })
        });
        let ops = ops.collect();
        self.send(name, ops)
    }

    fn grant(&mut self, granter: &str, recipients: &[String]) -> Option<(&'static str, u32)> {
        let who = self.text(granter);
        let key = self.pair.crowd.get(granter).key(0);
        let content = self.pair.desk.tickets[&1].first.content;
        let random = &mut self.random;
        let grants = recipients.iter().map(|recipient| GrantPlan {
            wire: sealing::grant(&content, &who, 0, sealing::entry(recipient, random), &key),
            recipient: recipient.clone(),
            content,
            granter: who.clone(),
            signer: key.signing_public(),
            misshapen: false,
            tampered: false,
        });
        let (ticket, agent) = (ticket_text(1), String::new());
        let op = Op::Grant { ticket, agent, grants: grants.collect() };
        self.send(granter, vec![op])
    }
}

fn generous() -> Params {
    let mut params = sealdesk_protocol::params::Params::default().to_wire();
    params.max_tickets_per_customer_per_day = 10_000;
    params.max_open_tickets_per_customer = 10_000;
    params.ticket_cooldown_seconds = 0;
    params
}

#[test]
fn five_keys_are_active_and_five_are_registered_in_a_day() {
    let mut scene = Scene::new(generous());
    for n in 0..5 {
        assert_eq!(scene.register("cal", n), None);
    }
    assert_eq!(scene.register("cal", 5), Some(("encryption", 7)));
    assert_eq!(scene.revoke("cal", 0), None);
    assert_eq!(scene.register("cal", 5), Some(("encryption", 8)));
    scene.now = START + DAY - 1;
    assert_eq!(scene.register("cal", 5), Some(("encryption", 8)));
    scene.now = START + DAY;
    assert_eq!(scene.register("cal", 0), Some(("encryption", 5)));
    assert_eq!(scene.register("cal", 5), None);
}

#[test]
fn an_address_registers_256_keys_and_never_more() {
    let mut scene = Scene::new(generous());
    for n in 0..256 {
        if n % 5 == 0 {
            scene.now += DAY;
        }
        assert_eq!(scene.register("cal", n), None, "key {n}");
        assert_eq!(scene.revoke("cal", n), None);
    }
    scene.now += DAY;
    assert_eq!(scene.register("cal", 256), Some(("encryption", 9)));
    assert_eq!(scene.register("cal", 0), Some(("encryption", 5)));
}

#[test]
fn half_of_the_room_for_grants_is_kept_for_administrators() {
    let mut scene = Scene::new(generous());
    let crowd = scene.pair.crowd.clone();
    for name in ["ann", "abe", "cal", "pia"] {
        for n in 0..5 {
            assert_eq!(scene.register(name, n), None);
        }
    }
    assert_eq!(scene.creates("cal", 1), None);
    let of = |name: &str| -> Vec<String> { (0..5).map(|n| crowd.get(name).key(n).fingerprint).collect() };
    let others = [of("cal"), of("pia")].concat();
    // Three granters and ten keys make thirty; two more come from keys that follow in a day.
    for granter in ["ann", "abe", "cal"] {
        assert_eq!(scene.grant(granter, &others), None);
    }
    scene.now += DAY;
    for n in 0..2 {
        assert_eq!(scene.revoke("pia", n), None);
        assert_eq!(scene.register("pia", 5 + n), None);
    }
    let more: Vec<String> = [5, 6].map(|n| crowd.get("pia").key(n).fingerprint).to_vec();
    assert_eq!(scene.grant("ann", &more), None);
    assert_eq!(scene.grant("abe", &more[..1]), Some(("support", 44)), "33 to others");
    assert_eq!(scene.grant("ann", &more), None, "the newest replaces");
    let administrators = [of("ann"), of("abe")].concat();
    for granter in ["ann", "abe", "cal"] {
        assert_eq!(scene.grant(granter, &administrators), None);
    }
    let grants = scene.pair.desk.tickets[&1].first.grants.len();
    assert_eq!(grants, 62);
    for n in 0..3 {
        assert_eq!(scene.revoke("ann", 4 - n), None);
        assert_eq!(scene.register("ann", 5 + n), None);
    }
    let fresh: Vec<String> = (5..8).map(|n| crowd.get("ann").key(n).fingerprint).collect();
    assert_eq!(scene.grant("abe", &fresh), Some(("support", 44)), "65 in all");
    assert_eq!(scene.grant("abe", &fresh[..2]), None);
    assert_eq!(scene.grant("cal", &fresh[..1]), Some(("support", 44)), "65 in all");
}

#[test]
fn administrators_cannot_fill_the_half_that_an_assignee_needs() {
    let mut scene = Scene::new(generous());
    let crowd = scene.pair.crowd.clone();
    for name in ["ann", "abe", "cal", "gus"] {
        for n in 0..5 {
            assert_eq!(scene.register(name, n), None);
        }
    }
    assert_eq!(scene.creates("cal", 1), None);
    let of = |name: &str, n: usize| crowd.get(name).key(n).fingerprint;
    let administrators: Vec<String> = (0..5).flat_map(|n| [of("ann", n), of("abe", n)]).collect();
    for granter in ["ann", "abe", "cal"] {
        assert_eq!(scene.grant(granter, &administrators), None);
    }
    // Keys that were rotated since count for the half that they were granted in.
    for n in 0..5 {
        assert_eq!(scene.revoke("ann", n), None);
    }
    scene.now += DAY;
    for n in 5..8 {
        assert_eq!(scene.register("ann", n), None);
    }
    assert_eq!(scene.grant("abe", &[of("ann", 5), of("ann", 6)]), None);
    assert_eq!(scene.grant("abe", &[of("ann", 7)]), Some(("support", 44)), "33 to administrators");
    let to = scene.text("gus");
    let role = Op::give(&scene.pair.desk, &to, "support_agent");
    assert_eq!(scene.send("abe", vec![role]), None);
    let assign = Op::Assign { ticket: ticket_text(1), to, with: Vec::new(), count: Some(0) };
    assert_eq!(scene.send("abe", vec![assign]), None);
    let all: Vec<String> = (0..5).map(|n| of("gus", n)).collect();
    assert_eq!(scene.grant("abe", &all), None, "the assignee is let in");
    assert_eq!(scene.pair.desk.tickets[&1].first.grants.len(), 37);
}

#[test]
fn an_administrator_who_is_the_assignee_takes_a_place_of_either_half() {
    let mut scene = Scene::new(generous());
    let crowd = scene.pair.crowd.clone();
    for name in ["ann", "abe", "cal"] {
        for n in 0..5 {
            assert_eq!(scene.register(name, n), None);
        }
    }
    assert_eq!(scene.creates("cal", 1), None);
    let of = |name: &str, n: usize| crowd.get(name).key(n).fingerprint;
    let administrators: Vec<String> = (0..5).flat_map(|n| [of("ann", n), of("abe", n)]).collect();
    for granter in ["ann", "abe", "cal"] {
        assert_eq!(scene.grant(granter, &administrators), None);
    }
    scene.now += DAY;
    for n in 0..3 {
        assert_eq!(scene.revoke("abe", n), None);
        assert_eq!(scene.register("abe", 5 + n), None);
    }
    assert_eq!(scene.grant("ann", &[of("abe", 5), of("abe", 6)]), None);
    assert_eq!(scene.grant("ann", &[of("abe", 7)]), Some(("support", 44)), "the half is full");
    let to = scene.text("abe");
    let assign = Op::Assign { ticket: ticket_text(1), to, with: Vec::new(), count: Some(0) };
    assert_eq!(scene.send("ann", vec![assign]), None);
    assert_eq!(scene.grant("ann", &[of("abe", 7)]), None);
}

#[test]
fn a_suspended_agent_is_let_into_nothing_unless_the_ticket_is_theirs() {
    let mut scene = Scene::new(generous());
    let crowd = scene.pair.crowd.clone();
    for name in ["ann", "gus", "cal"] {
        assert_eq!(scene.register(name, 0), None);
    }
    assert_eq!(scene.creates("cal", 1), None);
    let gus = scene.text("gus");
    let role = Op::give(&scene.pair.desk, &gus, "support_agent");
    assert_eq!(scene.send("ann", vec![role]), None);
    let suspend = Op::SetState { address: gus.clone(), state: "suspended".to_owned(), reason: String::new() };
    let key = crowd.get("gus").key(0).fingerprint;
    assert_eq!(scene.grant("ann", std::slice::from_ref(&key)), Some(("support", 43)));
    let assign = Op::Assign { ticket: ticket_text(1), to: gus, with: Vec::new(), count: Some(0) };
    assert_eq!(scene.send("ann", vec![assign, suspend]), None);
    assert_eq!(scene.grant("cal", &[key]), None, "the assignee, whatever their account's state");
}

#[test]
fn a_thousand_tickets_close_in_one_block_and_the_rest_in_the_next() {
    let mut scene = Scene::new(Params { auto_close_after_days: 1, ..generous() });
    assert_eq!(scene.register("ann", 0), None);
    assert_eq!(scene.register("cal", 0), None);
    scene.pair.only_results = true;
    for _ in 0..65 {
        assert_eq!(scene.creates("cal", 16), None);
    }
    let abe = scene.text("abe");
    for first in (1..=1_040).step_by(8) {
        let tickets = (first..first + 8).map(ticket_text);
        let ops = tickets.flat_map(|ticket| {
            let assign =
                Op::Assign { ticket: ticket.clone(), to: abe.clone(), with: Vec::new(), count: Some(0) };
            [assign, Op::Resolve { ticket, reference: String::new() }]
        });
        assert_eq!(scene.send("ann", ops.collect()), None);
    }
    scene.pair.only_results = false;
    let closed =
        |scene: &Scene| scene.pair.desk.tickets.values().filter(|t| t.status == Status::Closed).count();
    for (time, expected) in [(DAY, 0), (DAY + 1, 1_000), (DAY + 1, 1_040), (DAY + 1, 1_040)] {
        scene.now = START + time;
        let nobody = Op::Propose {
            key: KeyPair::of("nobody", 0).signing_public().to_vec(),
            power: 0,
            moniker: String::new(),
        };
        assert_eq!(scene.send("ann", vec![nobody]), Some(("sdk", 18)));
        assert_eq!(closed(&scene), expected);
    }
}

#[test]
fn parameters_change_between_blocks_and_leave_no_desk_with_too_many_administrators() {
    let mut scene = Scene::new(generous());
    let params = Params { max_recipients: 4, ..generous() };
    let ada = scene.text("ada");
    let vote = Op::give(&scene.pair.desk, &ada, "administrator");
    let assign = |_: &String| vote.clone();
    assert_eq!(scene.send("ann", vec![Op::Params(params.clone()), assign(&ada)]), Some(("roles", 12)));
    assert_eq!(scene.send("ann", vec![Op::Params(params.clone())]), None);
    assert_eq!(scene.send("ann", vec![assign(&ada)]), Some(("roles", 12)));
    let wider = Params { max_recipients: 5, ..generous() };
    assert_eq!(scene.send("ann", vec![Op::Params(wider), assign(&ada)]), Some(("roles", 12)));
    let none = Params { max_recipients: 3, ..generous() };
    assert_eq!(scene.send("ann", vec![Op::Params(none)]), Some(("support", 14)));
    let strange = KeyPair::of("nobody", 9).fingerprint;
    assert_eq!(
        scene
            .send("ann", vec![Op::Params(params), Op::Revoke { fingerprint: strange, owner: String::new() }]),
        Some(("encryption", 6))
    );
}
