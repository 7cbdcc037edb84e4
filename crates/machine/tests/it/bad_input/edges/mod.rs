//! A second catalogue of hostile transactions, made from docs/spec/desk.md without the machine's own: every layer's encodings, every
//! bound at its edge and one beyond, on several prepared ledgers. Each vector gets its one code and leaves what it says.
//! The files are `vectors/bad-input/edges-*.json`.

mod encodings;
mod limits;
mod people;
mod readers;
mod several_keys;
mod signatures;
mod sizes;
mod stage;

use std::collections::BTreeMap;

use sealdesk_protocol::envelope::{Envelope, EnvelopeLimits, Kind};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1::MsgGrantAccess;
use sealdesk_testkit::random::Random;
use sealdesk_testkit::sealing;
use serde::Serialize;
use stage::{Case, Changes, Stage};

use super::catalogue;

type Setups = BTreeMap<&'static str, stage::Setup>;

/// The desk of most cases: ticket 1 of cal is open, 2 closed, 3 with the agent gus. Also the contents that grants sign.
fn desk(name: &'static str) -> (Stage, Vec<u8>, [[u8; 32]; 2]) {
    let mut stage = Stage::new(name, |_| {});
    for person in ["ann", "gus", "gia", "cal", "cem", "pia", "sue"] {
        stage.register(person, 0);
    }
    // Nobody is terminated before a day of suspension.
    let message = people::state(&stage, "ann", "ted", "suspended");
    stage.act("ann", vec![message]);
    stage.wait(86_400);
    let staff = ["gus", "gia"].map(|agent| people::role(&stage, "ann", agent, "support_agent", true));
    let messages = staff.into_iter().chain([
        people::state(&stage, "ann", "sue", "suspended"),
        people::state(&stage, "ann", "ted", "terminated"),
    ]);
    let messages = messages.collect();
    stage.act("ann", messages);
    stage.wait(100);
    let mut contents = Vec::new();
    for _ in 0..3 {
        let place = stage.place(Kind::Ticket, "", "cal", 0);
        let letter = stage.letter(&place, "cal", &[("ann", 0), ("cal", 0)]);
        contents.push(Envelope::from_wire(&letter, EnvelopeLimits::WIDEST).unwrap().content_digest(&place));
        let message = stage.create_with("cal", letter);
        stage.act("cal", vec![message]);
        stage.wait(60);
    }
    let message = stage.close("cal", 2, "");
    let executed = stage.act("cal", vec![message]);
    // What a member of the circle grants makes the agent a reader who must be among them.
    let entry = sealing::entry(&stage.key("gus", 0).fingerprint, &mut Random::new(11));
    let granted = sealing::grant(&contents[2], &stage.text("ann"), 0, entry, &stage.key("ann", 0));
    let (sender, ticket_id) = (stage.text("ann"), stage::ticket_text(3));
    let granted = to_any(&MsgGrantAccess { sender, ticket_id, grants: vec![granted], agent: String::new() });
    let message = stage.assign("ann", 3, "gus");
    stage.act("ann", vec![message, granted]);
    stage.wait(60);
    (stage, executed, [contents[0], contents[2]])
}

#[derive(Serialize)]
struct File<'a> {
    about: &'a str,
    vectors: &'a [Case],
}

#[test]
fn every_bound_is_held_at_its_edge_and_every_layer_has_one_encoding() {
    let mut setups = Setups::new();
    let mut total = 0;
    let mut write = |file: &str, about: &str, stages: Vec<Stage>| {
        let mut cases = Vec::new();
        stages.into_iter().for_each(|stage| stage.finish(&mut cases, &mut setups));
        assert!(
            cases.iter().any(|case| case.changes == Changes::State),
            "{file} has nothing that is accepted"
        );
        catalogue::compare(file, &File { about, vectors: &cases });
        println!("{file}: {} vectors", cases.len());
        total += cases.len();
    };
    let (mut stage, ..) = desk("encodings");
    encodings::cases(&mut stage);
    write("edges-encodings.json", "One encoding for one value, at every depth.", vec![stage]);
    let (mut stage, ..) = desk("sizes");
    sizes::cases(&mut stage);
    write("edges-sizes.json", "Fixed bounds and public texts.", vec![stage]);
    let (mut stage, executed, _) = desk("signatures");
    signatures::cases(&mut stage, executed);
    write("edges-signatures.json", "Signatures, sequences, signers, chains, heights.", vec![stage]);
    let limits = vec![
        limits::often(),
        limits::daily(),
        limits::full(),
        limits::talkative(),
        limits::over(),
        limits::exact(),
    ];
    write("edges-limits.json", "Limits at their edges, to the second.", limits);
    write("edges-parameters.json", "Parameters at both ends of their ranges.", vec![limits::parameters()]);
    let (mut stage, _, contents) = desk("readers");
    readers::audience(&mut stage);
    readers::grants(&mut stage, contents);
    let stages = vec![stage, readers::rotation(), readers::keyless()];
    write("edges-readers.json", "Who must and may read, and whom a grant lets in.", stages);
    let (mut stage, ..) = desk("people");
    people::roles_and_states(&mut stage);
    people::votes(&mut stage);
    people::keys(&mut stage);
    write("edges-people.json", "Roles, account states, the key directory.", vec![stage]);
    assert!(total >= 200, "{total} vectors");
    println!("{total} vectors");
    catalogue::compare("edges-setups.json", &setups.into_values().collect::<Vec<_>>());
    catalogue::must_be_judged();
}
