//! The machine and the model side by side: the same blocks, then every result, event and record compared.

use std::collections::BTreeMap;
use std::rc::Rc;

use prost::Message as _;
use sealdesk_machine::{Executed, ValidatorUpdate};
use sealdesk_protocol::events::Event;
use sealdesk_protocol::state::side;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxMsgData;
use sealdesk_protocol::wire::virtengine::support::v1::Params;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::desk::{self as ledger, first_validator, genesis_at};
use sealdesk_testkit::people::Crowd;
use sealdesk_testkit::trust::Ledger;

use super::cells::Tally;
use super::circle::Council;
use super::desk::{Desk, Member, Outcome, Role, State};
use super::leaves::{Leaves, show};
use super::plan::Plan;
use super::validators::Validators;

pub struct Pair {
    pub ledger: ledger::Desk,
    pub desk: Desk,
    pub crowd: Crowd,
    /// What an engine would have, that only ever hears of differences.
    pub engine: BTreeMap<[u8; 32], u32>,
    /// Leaves the state alone for a while: comparing a thousand tickets after each of hundreds of blocks takes minutes.
    pub only_results: bool,
}

impl Pair {
    pub fn new(crowd: Crowd, time: i64, administrators: &[&str], params: Params) -> Self {
        let people: Vec<_> = administrators.iter().map(|name| crowd.get(name)).collect();
        let mut genesis = genesis_at(time, &people, first_validator());
        let checked = sealdesk_protocol::params::Params::from_wire(params.clone()).unwrap();
        genesis.app_state.params = (&checked).into();
        let member = |name: &&str| {
            let founder = Member {
                role: Some(Role::Administrator),
                state: State::Active,
                assigned_by: String::new(),
                assigned_at: time,
                suspended_at: None,
                appointment: None,
            };
            (crowd.get(name).text.clone(), founder)
        };
        let founder = &genesis.validators[0];
        let key = founder.pub_key.value.clone();
        let engine = BTreeMap::from([(key.clone().try_into().unwrap(), 1)]);
        let validators = Validators::new(key, 1, &founder.name);
        let founders: Vec<String> = people.iter().map(|person| person.text.clone()).collect();
        let beginning = genesis.check().unwrap().ancestry.to_wire().encode_to_vec();
        let desk = Desk {
            chain_id: CHAIN_ID.to_owned(),
            height: 0,
            now: time,
            params,
            next_params: None,
            sequences: Default::default(),
            members: administrators.iter().map(member).collect(),
            keys: Default::default(),
            tickets: Default::default(),
            creations: Default::default(),
            attached: Default::default(),
            last: Default::default(),
            received: Default::default(),
            last_appointed: BTreeMap::new(),
            ever_staff: administrators.iter().map(|name| crowd.get(name).text.clone()).collect(),
            validators,
            council: Council::new(&Ledger::of(&genesis), &founders, beginning),
            shelves: Default::default(),
            crowd: Rc::new(crowd.clone()),
        };
        let pair =
            Self { ledger: ledger::Desk::from_genesis(&genesis), desk, crowd, engine, only_results: false };
        pair.compare_state();
        pair
    }

    /// One block. `plans` is asked for the next transaction until it has none.
    pub fn block(
        &mut self,
        time: i64,
        tally: &mut Tally,
        mut plans: impl FnMut(&Desk, &Crowd, &mut Tally) -> Option<Plan>,
    ) {
        let events = self.ledger.begin(time);
        let expected = self.desk.begin(self.ledger.height, time);
        let closes = |event: &&Event| matches!(event, Event::TicketClosed(_));
        tally.auto_closed += expected.iter().filter(closes).count();
        let found: Vec<Event> = events.into_iter().map(|emitted| emitted.event).collect();
        tally.events.extend(expected.iter().map(Event::type_name));
        assert_eq!(found, expected, "events of what fell due");
        while let Some(plan) = plans(&self.desk, &self.crowd, tally) {
            let bytes = plan.to_bytes(&self.desk, &self.crowd);
            let outcome = self.desk.transact(&plan);
            let executed = self.ledger.execute(&bytes);
            compare_results(&plan.describe(&self.crowd), &outcome, &executed);
            if outcome.refused.is_none() {
                compare_causes(&plan, &executed);
            }
            tally.judged(outcome.refused);
            tally.events.extend(outcome.events.iter().map(Event::type_name));
        }
        let updates = self.ledger.end();
        assert_eq!(updates, self.desk.validators.updates(), "which validators the block changed");
        self.tell_engine(&updates);
        if self.only_results {
            return;
        }
        self.compare_state();
        super::invariants::check(&self.desk, &self.ledger);
    }

    /// As CometBFT takes them: it halts on a key named twice, on one removed that it does not have, and on nobody left.
    fn tell_engine(&mut self, updates: &[ValidatorUpdate]) {
        assert!(updates.is_sorted_by(|a, b| a.pub_key < b.pub_key), "{updates:?}");
        for ValidatorUpdate { pub_key, power } in updates {
            match *power {
                0 => assert!(self.engine.remove(pub_key).is_some(), "an unknown validator is removed"),
                power => drop(self.engine.insert(*pub_key, power)),
            }
        }
        assert!((1..=100).contains(&self.engine.len()));
        let now = self.desk.validators.now.iter();
        let now = now.map(|(key, (power, _))| (key.clone(), u32::try_from(*power).unwrap()));
        let engine = self.engine.iter().map(|(key, power)| (key.to_vec(), *power));
        assert!(engine.eq(now), "the engine has other validators than the ledger");
    }

    /// Every leaf, and the side tables that queries read.
    pub fn compare_state(&self) {
        compare("the tree", &self.ledger.leaves(), &self.desk.leaves(&self.crowd));
        compare("ticket lists", &self.ledger.side(side::TICKET_LISTS), &self.desk.ticket_lists());
        compare("ticket counts", &self.ledger.side(side::TICKET_COUNTS), &self.desk.ticket_counts());
        compare("roles", &self.ledger.side(side::ROLES), &self.desk.role_lists());
        compare("pieces of files", &self.ledger.side(side::BLOBS), &self.desk.blob_list());
        compare("fingerprints", &self.ledger.side(side::FINGERPRINTS), &self.desk.fingerprint_list());
        let mut grants = self.ledger.side(side::GRANTS);
        grants.retain(|_, list| !list.is_empty());
        compare("grants", &grants, &self.desk.grant_lists());
        compare("documents", &self.ledger.side(side::DOCUMENTS), &self.desk.document_contents());
    }
}

fn compare(what: &str, found: &Leaves, expected: &Leaves) {
    let word = |side: &Leaves, key: &Vec<u8>| {
        side.get(key).map_or_else(|| "nothing".to_owned(), |record| show(key, record))
    };
    for key in expected.keys().chain(found.keys()) {
        assert!(
            found.get(key) == expected.get(key),
            "{what}, under {}:\n the machine has {}\n the model has   {}",
            key.escape_ascii(),
            word(found, key),
            word(expected, key)
        );
    }
}

fn compare_results(plan: &str, outcome: &Outcome, executed: &Executed) {
    let found = (executed.codespace.as_str(), executed.code);
    let expected = outcome.refused.unwrap_or(("", 0));
    assert_eq!(found, expected, "machine's code, model's code; the machine says: {}\n{plan}", executed.log);
    assert_eq!(executed.admitted, outcome.admitted, "whether the sequence was used up\n{plan}");
    let events: Vec<Event> = executed.events.iter().map(|emitted| emitted.event.clone()).collect();
    assert_eq!(events, outcome.events, "events of {plan}");
    let data = match outcome.refused {
        Some(_) => Vec::new(),
        None => TxMsgData { msg_responses: outcome.responses.clone() }.encode_to_vec(),
    };
    assert_eq!(executed.data, data, "data of {plan}");
}

/// Each event names the message that caused it, and a `message` event stands before each message's own.
fn compare_causes(plan: &Plan, executed: &Executed) {
    let abci = executed.abci_events();
    let messages: Vec<_> = abci.iter().filter(|event| event.r#type == "message").collect();
    assert_eq!(messages.len(), plan.steps.len());
    let of_tx = abci.iter().filter(|event| event.r#type == "tx").count();
    assert_eq!(of_tx > 0, executed.admitted, "what Cosmos says of every transaction in a block");
    assert_eq!(abci.len() - of_tx, plan.steps.len() + executed.events.len());
    for (event, step) in messages.iter().zip(&plan.steps) {
        let sender = event.attributes.iter().find(|attribute| attribute.key == "sender").unwrap();
        assert_eq!(sender.value, step.sender);
    }
    for emitted in &executed.events {
        assert!(plan.steps.iter().any(|step| step.sender == emitted.sender), "nobody sent {emitted:?}");
    }
}
