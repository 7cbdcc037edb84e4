//! The catalogue of hostile inputs, `vectors/bad-input/`: each transaction gets its one code, and the state hash is what it
//! was but for a sequence that was used up. The files are made by the builders here (`BLESS=1` writes them anew), so that
//! other implementations and the node's own tests can run them from `setup.json` on. [`edges`] is the part that was made
//! from docs/spec/desk.md without the machine's own.

mod attachments;
mod bytes;
mod catalogue;
mod documents;
mod edges;
mod fields;
mod rules;
mod sealed;

use prost_types::Any;
use sealdesk_machine::BlockContext;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::state::tree;
use sealdesk_store::State;
use sealdesk_testkit::desk::{Desk, genesis_of};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{
    assign, assign_role, close, create, grant, note, register, resolve, respond, set_state, status,
};
use serde::Serialize;

/// One hostile transaction.
#[derive(Serialize)]
struct Vector {
    name: String,
    codespace: &'static str,
    code: u32,
    /// Whether the signatures were good, so that the signer's sequence is used up.
    uses_sequence: bool,
    /// Hex.
    #[serde(skip_serializing_if = "String::is_empty")]
    tx: String,
    /// In its place where the transaction is one byte over and over.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeated: Option<Repeated>,
}

#[derive(Serialize)]
struct Repeated {
    byte: u8,
    times: usize,
}

/// A file of the catalogue.
#[derive(Serialize)]
struct Catalogue {
    about: &'static str,
    height: u64,
    time: i64,
    vectors: Vec<Vector>,
}

/// A transaction of the setup, alone in its block.
#[derive(Serialize)]
struct SetupBlock {
    height: u64,
    time: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    tx: String,
}

#[derive(Serialize)]
struct Setup {
    about: &'static str,
    genesis: Genesis,
    blocks: Vec<SetupBlock>,
    app_hash: String,
}

/// The desk that every vector is sent to.
///
/// Tickets: 1 open; 2 in progress with the agent, one response and one note; 3 resolved; 4 closed; 5 waits for the customer.
struct Stage {
    desk: Desk,
    admin: Person,
    agent: Person,
    customer: Person,
    /// A customer without tickets, but with a key.
    other: Person,
    /// Suspended.
    suspended: Person,
    blocks: Vec<SetupBlock>,
    genesis: Genesis,
}

impl Stage {
    fn new() -> Self {
        let [admin, agent, customer, other, suspended] =
            ["admin", "agent", "customer", "other", "suspended"].map(Person::new);
        let genesis = genesis_of(&[&admin]);
        let desk = Desk::from_genesis(&genesis);
        let mut stage = Self { desk, admin, agent, customer, other, suspended, blocks: Vec::new(), genesis };
        stage.set_up();
        stage
    }

    fn set_up(&mut self) {
        let [admin, agent, customer, other, suspended] =
            [&self.admin, &self.agent, &self.customer, &self.other, &self.suspended].map(Clone::clone);
        self.must(&admin, vec![register(&admin, 0), assign_role(&admin, &agent, "support_agent")]);
        for person in [&agent, &customer, &other] {
            self.must(person, vec![register(person, 0)]);
        }
        self.must(&admin, vec![set_state(&admin, &suspended, "suspended")]);
        for _ in 0..5 {
            self.wait(61);
            let message = create(&self.desk, &customer, &[&admin, &customer]);
            self.must(&customer, vec![message]);
        }
        for number in [2, 3, 5] {
            let granted = grant(&self.desk, &admin, number, 0, &agent.fingerprint(0));
            self.must(&admin, vec![assign(&admin, number, &agent), granted]);
        }
        let all = [&admin, &agent, &customer];
        let message = respond(&self.desk, &agent, 2, &all);
        self.must(&agent, vec![message]);
        let message = note(&self.desk, &agent, 2, &[&admin, &agent]);
        self.must(&agent, vec![message]);
        self.must(&agent, vec![resolve(&agent, 3)]);
        self.must(&customer, vec![close(&customer, 4)]);
        self.must(&agent, vec![status(&agent, 5, "in_progress"), status(&agent, 5, "pending_customer")]);
        self.wait(61);
    }

    fn must(&mut self, person: &Person, messages: Vec<Any>) {
        let tx = self.desk.tx(person, messages);
        let executed = self.desk.block(&tx);
        assert_eq!(executed.code, 0, "{}", executed.log);
        self.note_block(hex::encode(tx));
    }

    fn wait(&mut self, seconds: i64) {
        self.desk.pass_to(self.desk.time + seconds);
        self.note_block(String::new());
    }

    fn note_block(&mut self, tx: String) {
        self.blocks.push(SetupBlock { height: self.desk.height, time: self.desk.time, tx });
    }

    /// Sends one vector to a copy of the state: its code must be the one it was made for.
    fn send(&self, vector: &Vector, tx: &[u8], signers: &[&Person]) {
        let mut state = State::new(self.desk.snapshot());
        let block = BlockContext { height: self.desk.height + 1, time: self.desk.time + 1 };
        self.desk.machine.begin(&mut state, &block).unwrap();
        let executed = self.desk.machine.execute(&mut state, &block, tx, 0).unwrap();
        self.desk.machine.finish(&mut state, &block).unwrap();
        let found = (executed.codespace.as_str(), executed.code, executed.admitted);
        let expected = (vector.codespace, vector.code, vector.uses_sequence);
        assert_eq!(found, expected, "{}: {}", vector.name, executed.log);
        let changed: Vec<Vec<u8>> = state.into_changes().records.into_keys().collect();
        let mut sequences: Vec<Vec<u8>> =
            signers.iter().map(|person| tree::account(&person.address)).collect();
        sequences.retain(|_| vector.uses_sequence);
        assert!(changed.iter().all(|key| sequences.contains(key)), "{}: the state hash changed", vector.name);
        let checked = self.desk.machine.check(&self.desk.snapshot(), tx, &|_| None, &block).unwrap();
        assert!(vector.uses_sequence || checked.is_err(), "{}: the mempool lets it in", vector.name);
    }
}

/// Codespace and code.
type Answer = (&'static str, u32);

/// Vectors of one file in the making.
struct Builder<'s> {
    stage: &'s Stage,
    vectors: Vec<Vector>,
}

impl Builder<'_> {
    /// Bytes that are refused before any sequence is used.
    fn bytes(&mut self, name: impl Into<String>, tx: Vec<u8>, answer: Answer) {
        self.add(name.into(), tx, answer, &[]);
    }

    /// A message that is refused in the stateless stage.
    fn field(&mut self, name: impl Into<String>, who: &Person, message: Any, answer: Answer) {
        let tx = self.stage.desk.tx(who, vec![message]);
        self.add(name.into(), tx, answer, &[]);
    }

    /// A message that is refused by the state; the sequence is used up.
    fn rule(&mut self, name: impl Into<String>, who: &Person, message: Any, answer: Answer) {
        let tx = self.stage.desk.tx(who, vec![message]);
        self.add(name.into(), tx, answer, &[who]);
    }

    /// A transaction that uses up a sequence of each of these signers: of nobody where it is not admitted.
    fn add(&mut self, name: String, tx: Vec<u8>, answer: Answer, signers: &[&Person]) {
        assert!(!self.vectors.iter().any(|vector| vector.name == name), "{name} stands twice");
        let one_byte = tx.first().filter(|first| tx.len() > 1_000 && tx.iter().all(|byte| byte == *first));
        let repeated = one_byte.map(|byte| Repeated { byte: *byte, times: tx.len() });
        let shown = if repeated.is_some() { String::new() } else { hex::encode(&tx) };
        let ((codespace, code), uses_sequence) = (answer, !signers.is_empty());
        let vector = Vector { name, codespace, code, uses_sequence, tx: shown, repeated };
        self.stage.send(&vector, &tx, signers);
        self.vectors.push(vector);
    }
}

type Build = fn(&mut Builder<'_>);

#[test]
fn each_hostile_input_gets_its_one_code_and_changes_nothing() {
    let stage = Stage::new();
    let files: [(&str, &'static str, Build); 5] = [
        ("bytes.json", "Encodings, signatures, sequences, bounds of a transaction.", bytes::build),
        (
            "fields.json",
            "Fields of messages: ids, addresses, names, public texts, parameters.",
            fields::build,
        ),
        ("envelopes.json", "Sealed payloads: form, readers, signatures, replay.", sealed::build),
        ("documents.json", "Documents: form, writers, versions, readers, places.", documents::build),
        ("rules.json", "Who may do what in which state, and how often.", rules::build),
    ];
    let mut total = 0;
    for (file, about, build) in files {
        let mut builder = Builder { stage: &stage, vectors: Vec::new() };
        build(&mut builder);
        total += builder.vectors.len();
        let (height, time) = (stage.desk.height + 1, stage.desk.time + 1);
        catalogue::compare(file, &Catalogue { about, height, time, vectors: builder.vectors });
    }
    let about =
        "The blocks before every vector of this folder: each vector is alone in the block after these.";
    let Stage { desk, blocks, genesis, .. } = stage;
    catalogue::compare("setup.json", &Setup { about, genesis, blocks, app_hash: hex::encode(desk.root()) });
    println!("{total} vectors");
    assert!(total >= 200, "{total} vectors");
    catalogue::must_be_judged();
}

/// Runs a part of the catalogue and says how many vectors it has.
fn part(build: Build) -> usize {
    let stage = Stage::new();
    let mut builder = Builder { stage: &stage, vectors: Vec::new() };
    build(&mut builder);
    builder.vectors.len()
}

#[test]
fn bug_4_no_bytes_make_the_machine_panic_or_stop() {
    let stage = Stage::new();
    let mut random = sealdesk_testkit::random::Random::new(4);
    let good: Vec<Vec<u8>> = stage
        .blocks
        .iter()
        .filter(|block| !block.tx.is_empty())
        .map(|block| hex::decode(&block.tx).unwrap())
        .collect();
    for _ in 0..3_000 {
        let mut tx = random.pick(&good).clone();
        for _ in 0..=random.below(3) {
            let at = random.below(tx.len());
            match random.below(4) {
                0 => tx[at] ^= 1 << random.below(8),
                1 => tx.truncate(at.max(1)),
                2 => tx.insert(at, u8::try_from(random.below(256)).unwrap()),
                _ => drop(tx.remove(at)),
            }
            if tx.is_empty() {
                tx.push(0);
            }
        }
        let mut state = State::new(stage.desk.snapshot());
        let block = BlockContext { height: stage.desk.height + 1, time: stage.desk.time + 1 };
        let executed = stage.desk.machine.execute(&mut state, &block, &tx, 0).unwrap();
        assert!(executed.code != 0 && !executed.admitted && state.into_changes().is_empty());
    }
}

#[test]
fn bug_25_high_s_malleated_and_foreign_signatures_are_refused() {
    assert!(part(bytes::signatures) >= 20);
}

#[test]
fn bug_26_a_transaction_has_one_encoding() {
    assert!(part(bytes::not_canonical) >= 18);
}

#[test]
fn bug_27_no_other_spelling_of_an_address_or_text_passes() {
    assert!(part(fields::addresses) >= 48);
    assert!(part(fields::texts) >= 36);
}

#[test]
fn bug_33_hostile_readers_of_an_envelope_are_refused() {
    assert!(part(sealed::forms) >= 36);
}
