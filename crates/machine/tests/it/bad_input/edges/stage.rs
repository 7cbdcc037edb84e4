//! Prepared ledgers, and how one case is tried on one of them.

use std::collections::BTreeMap;

use prost_types::Any;
use sealdesk_machine::BlockContext;
use sealdesk_protocol::envelope::{Context, Kind};
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sealdesk_store::State;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::desk::{Desk, first_validator, genesis_at};
use sealdesk_testkit::people::{Crowd, KeyPair, Person};
use sealdesk_testkit::random::Random;
use sealdesk_testkit::sealing;
use sealdesk_testkit::transaction::Draft;
use sealdesk_testkit::trust::{Ledger, complete};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

pub const START: i64 = 1_700_000_000;
pub const DAY: i64 = 86_400;
pub const NAMES: [&str; 9] = ["ann", "abe", "gus", "gia", "cal", "cem", "pia", "sue", "ted"];
/// A transaction longer than this stands in its file by digest alone.
const SHOWN_BYTES_MAX: usize = 16_384;

/// What a case leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Changes {
    /// Not admitted: no leaf of the tree changes.
    Nothing,
    /// Admitted and refused: the signers' sequences, and no other leaf.
    Sequence,
    /// Accepted: what lies just inside an edge.
    State,
}

/// One vector of the catalogue.
#[derive(Serialize)]
pub struct Case {
    pub name: String,
    pub why: String,
    pub setup: &'static str,
    /// Seconds between the setup's last block and the case's.
    pub after: i64,
    pub bytes: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tx: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    pub codespace: &'static str,
    pub code: u32,
    pub changes: Changes,
}

#[derive(Serialize)]
pub struct SetupBlock {
    time: i64,
    txs: Vec<String>,
}

/// How a prepared ledger came to be.
#[derive(Serialize)]
pub struct Setup {
    name: &'static str,
    genesis: Genesis,
    blocks: Vec<SetupBlock>,
    root: String,
}

pub struct Stage {
    pub name: &'static str,
    pub ledger: Desk,
    pub crowd: Crowd,
    pub now: i64,
    genesis: Genesis,
    blocks: Vec<SetupBlock>,
    cases: Vec<Case>,
}

/// What is expected of a case.
#[derive(Clone, Copy)]
pub struct Verdict {
    codespace: &'static str,
    code: u32,
    changes: Changes,
}

pub const ACCEPTED: Verdict = Verdict { codespace: "", code: 0, changes: Changes::State };

pub const fn unread(codespace: &'static str, code: u32) -> Verdict {
    Verdict { codespace, code, changes: Changes::Nothing }
}

pub const fn refused(codespace: &'static str, code: u32) -> Verdict {
    Verdict { codespace, code, changes: Changes::Sequence }
}

/// Messages, and whose transaction they are.
pub struct Sent<'a> {
    who: &'a str,
    messages: Vec<Any>,
}

pub fn by(who: &str, messages: Vec<Any>) -> Sent<'_> {
    Sent { who, messages }
}

/// A transaction, and how many seconds after the setup's last block its own is.
struct Trial {
    after: i64,
    tx: Vec<u8>,
}

impl Stage {
    /// A desk with two administrators and these parameters.
    pub fn new(name: &'static str, change: impl FnOnce(&mut support::Params)) -> Self {
        let crowd = Crowd::new(&NAMES);
        let mut genesis = genesis_at(START, &[crowd.get("ann")], first_validator());
        let mut params = sealdesk_protocol::params::Params::default().to_wire();
        change(&mut params);
        genesis.app_state.params = (&sealdesk_protocol::params::Params::from_wire(params).unwrap()).into();
        let ledger = Desk::from_genesis(&genesis);
        Self { name, ledger, crowd, now: START, genesis, blocks: Vec::new(), cases: Vec::new() }
    }

    pub fn person(&self, name: &str) -> &Person {
        self.crowd.get(name)
    }

    pub fn text(&self, name: &str) -> String {
        self.crowd.get(name).text.clone()
    }

    pub fn key(&self, name: &str, n: usize) -> KeyPair {
        self.crowd.get(name).key(n)
    }

    pub fn sequence(&self, name: &str) -> u64 {
        self.ledger.sequence(self.person(name))
    }

    pub fn draft(&self, name: &str, messages: Vec<Any>) -> Draft {
        let person = self.person(name);
        let ledger = Ledger { now: self.now, ..self.ledger.ledger() };
        let messages = messages.into_iter().map(|message| complete(&ledger, person, message)).collect();
        Draft::new(CHAIN_ID, messages, &[(person, self.sequence(name))])
    }

    pub fn tx(&self, name: &str, messages: Vec<Any>) -> Vec<u8> {
        self.draft(name, messages).sign(&[self.person(name)])
    }

    pub fn wait(&mut self, seconds: i64) {
        self.now += seconds;
    }

    /// A transaction of the setup; returns its bytes.
    pub fn act(&mut self, name: &str, messages: Vec<Any>) -> Vec<u8> {
        let tx = self.tx(name, messages);
        let executed = self.ledger.block_at(self.now, &tx);
        assert_eq!(executed.code, 0, "setup {}: {}", self.name, executed.log);
        self.blocks.push(SetupBlock { time: self.now, txs: vec![hex::encode(&tx)] });
        tx
    }

    pub fn register(&mut self, name: &str, n: usize) {
        let message = sealing::registration(CHAIN_ID, self.person(name), &self.key(name, n), "");
        self.act(name, vec![to_any(&message)]);
    }

    pub fn place(&self, kind: Kind, ticket_id: &str, name: &str, index: u32) -> Context {
        Context {
            chain_id: CHAIN_ID.to_owned(),
            ticket_id: ticket_id.to_owned(),
            kind,
            sender: self.text(name),
            sequence: self.sequence(name),
            index,
        }
    }

    /// A letter to the keys `(name, number)`, signed with the sender's key 0.
    pub fn letter(&self, place: &Context, from: &str, to: &[(&str, usize)]) -> MultiRecipientEnvelope {
        self.long_letter(place, from, to, sealing::CIPHERTEXT_BYTES_MIN)
    }

    pub fn long_letter(
        &self,
        place: &Context,
        from: &str,
        to: &[(&str, usize)],
        bytes: usize,
    ) -> MultiRecipientEnvelope {
        let readers: Vec<String> = to.iter().map(|(name, n)| self.key(name, *n).fingerprint).collect();
        let unsigned = sealing::unsigned(&readers, bytes, &mut Random::new(7));
        sealing::sign(unsigned, place, &self.key(from, 0), None)
    }

    pub fn create(&self, from: &str, to: &[(&str, usize)], index: u32) -> Any {
        let letter = self.letter(&self.place(Kind::Ticket, "", from, index), from, to);
        self.create_with(from, letter)
    }

    pub fn create_with(&self, from: &str, letter: MultiRecipientEnvelope) -> Any {
        to_any(&support::MsgCreateTicket {
            customer: self.text(from),
            category: "technical".to_owned(),
            priority: String::new(),
            provider_address: self.text("pia"),
            resource_ref: None,
            encrypted_payload: Some(letter),
            attachments: Vec::new(),
        })
    }

    pub fn respond(&self, from: &str, ticket: u64, to: &[(&str, usize)]) -> Any {
        let letter = self.letter(&self.place(Kind::Response, &ticket_text(ticket), from, 0), from, to);
        self.respond_with(from, ticket, letter, false)
    }

    pub fn note(&self, from: &str, ticket: u64, to: &[(&str, usize)]) -> Any {
        let letter = self.letter(&self.place(Kind::Note, &ticket_text(ticket), from, 0), from, to);
        self.respond_with(from, ticket, letter, true)
    }

    pub fn respond_with(
        &self,
        from: &str,
        ticket: u64,
        letter: MultiRecipientEnvelope,
        internal: bool,
    ) -> Any {
        to_any(&support::MsgRespondToTicket {
            responder: self.text(from),
            ticket_id: ticket_text(ticket),
            encrypted_payload: Some(letter),
            internal,
            attachments: Vec::new(),
        })
    }

    pub fn assign(&self, from: &str, ticket: u64, to: &str) -> Any {
        to_any(&support::MsgAssignTicket {
            sender: self.text(from),
            ticket_id: ticket_text(ticket),
            assign_to: self.text(to),
            response_count: 0,
            check_count: false,
            collaborators: Vec::new(),
        })
    }

    pub fn resolve(&self, from: &str, ticket: u64) -> Any {
        let (sender, ticket_id) = (self.text(from), ticket_text(ticket));
        to_any(&support::MsgResolveTicket { sender, ticket_id, resolution_ref: String::new() })
    }

    pub fn close(&self, from: &str, ticket: u64, reason: &str) -> Any {
        let (sender, ticket_id) = (self.text(from), ticket_text(ticket));
        to_any(&support::MsgCloseTicket { sender, ticket_id, reason: reason.to_owned() })
    }

    /// By an account that is not among the people.
    pub fn close_by(&self, sender: &str, ticket: u64) -> Any {
        let (sender, ticket_id) = (sender.to_owned(), ticket_text(ticket));
        to_any(&support::MsgCloseTicket { sender, ticket_id, reason: String::new() })
    }

    pub fn reopen(&self, from: &str, ticket: u64) -> Any {
        let (sender, ticket_id) = (self.text(from), ticket_text(ticket));
        to_any(&support::MsgReopenTicket { sender, ticket_id, reason: String::new() })
    }

    /// Tries a transaction of one signer, in a block so many seconds later.
    pub fn at(&mut self, after: i64, name: &str, sent: Sent<'_>, verdict: Verdict) {
        let tx = self.tx(sent.who, sent.messages);
        self.keep(name, "", Trial { after, tx }, verdict);
    }

    /// Tries the bytes of a transaction, in a block of the same second.
    pub fn case(&mut self, name: &str, why: &str, tx: Vec<u8>, verdict: Verdict) {
        self.keep(name, why, Trial { after: 0, tx }, verdict);
    }

    /// Tries bytes, and keeps them as a vector.
    fn keep(&mut self, name: &str, why: &str, trial: Trial, verdict: Verdict) {
        let Trial { after, tx } = trial;
        let Verdict { codespace, code, changes } = verdict;
        assert!(!self.cases.iter().any(|case| case.name == name), "{name} stands twice");
        self.judge(name, after, &tx, verdict);
        let digest: [u8; 32] = Sha256::digest(&tx).into();
        let shown = tx.len() <= SHOWN_BYTES_MAX;
        self.cases.push(Case {
            name: name.to_owned(),
            why: why.to_owned(),
            setup: self.name,
            after,
            bytes: tx.len(),
            tx: shown.then(|| hex::encode(&tx)),
            sha256: (!shown).then(|| hex::encode(digest)),
            codespace,
            code,
            changes,
        });
    }

    /// Each transaction gets its one code, from a block and from the mempool, and changes what its verdict says.
    fn judge(&self, name: &str, after: i64, tx: &[u8], verdict: Verdict) {
        let Verdict { codespace, code, changes } = verdict;
        let machine = &self.ledger.machine;
        let context = BlockContext { height: self.ledger.height + 1, time: self.now + after };
        let run = |tx: Option<&[u8]>| {
            let mut state = State::new(self.ledger.snapshot());
            machine.begin(&mut state, &context).unwrap();
            let executed = tx.map(|tx| machine.execute(&mut state, &context, tx, 0).unwrap());
            machine.finish(&mut state, &context).unwrap();
            (executed, state.into_changes().records)
        };
        let (_, without) = run(None);
        let (executed, mut with) = run(Some(tx));
        let executed = executed.unwrap();
        let found = (executed.codespace.as_str(), executed.code);
        assert_eq!(found, (codespace, code), "{} / {name}: {}", self.name, executed.log);
        assert_eq!(executed.admitted, changes != Changes::Nothing, "{} / {name}", self.name);
        if changes == Changes::Sequence {
            let before = with.len();
            with.retain(|key, _| !key.starts_with(tree::ACCOUNTS));
            assert!(with.len() < before, "{} / {name}: no sequence was used", self.name);
        }
        assert_eq!(with == without, changes != Changes::State, "{} / {name}: the state", self.name);
        let checked = machine.check(&self.ledger.snapshot(), tx, &|_| None, &context).unwrap();
        if changes == Changes::Nothing {
            let refusal = checked.expect_err("the mempool lets in what no block can hold");
            assert_eq!((refusal.codespace(), refusal.code()), (codespace, code), "{name} in the mempool");
        }
    }

    pub fn finish(self, cases: &mut Vec<Case>, setups: &mut BTreeMap<&'static str, Setup>) {
        cases.extend(self.cases);
        let root = hex::encode(self.ledger.snapshot().root());
        let setup = Setup { name: self.name, genesis: self.genesis, blocks: self.blocks, root };
        assert!(setups.insert(self.name, setup).is_none(), "setup {} stands twice", self.name);
    }
}

pub fn ticket_text(number: u64) -> String {
    format!("TKT-{number:08}")
}
