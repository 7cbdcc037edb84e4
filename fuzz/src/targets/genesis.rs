//! The document that a ledger begins with.

use std::sync::OnceLock;

use sealdesk_machine::Machine;
use sealdesk_protocol::genesis::{Genesis, GenesisValidator, validators_of};
use sealdesk_store::{State, Store};

use crate::people::{administrator, chain_id, prefix};
use crate::{Outcome, Target};

pub(super) fn targets() -> Vec<Target> {
    vec![Target { name: "genesis", bytes_max: 8_192, run, seeds, contains_panics: false }]
}

/// What was read and is sound is written again and reads the same.
fn run(data: &[u8]) -> Outcome {
    let Ok(genesis) = Genesis::from_json(data) else { return Outcome::Refused };
    let checked = genesis.check();
    if let Ok(checked) = &checked {
        let written = genesis.to_json().expect("a sound document can be written");
        let again = Genesis::from_json(&written).expect("a document that was written can be read");
        assert!(again == genesis, "a document changes when written again");
        let mut state = State::new(nothing().latest());
        assert!(
            Machine::genesis(&mut state, &genesis).is_ok(),
            "a ledger cannot begin with a sound document"
        );
        let named = genesis.validators.is_empty() || validators_of(&genesis).is_ok();
        assert!(named, "nobody could sign the blocks of a sound document");
        assert!(again.check().as_ref() == Ok(checked), "a document means something else when written again");
    }
    Outcome::from(&checked)
}

/// The store that a ledger begins in.
fn nothing() -> &'static Store {
    static NOTHING: OnceLock<Store> = OnceLock::new();
    NOTHING.get_or_init(Store::in_memory)
}

fn seeds() -> Vec<Vec<u8>> {
    let validator = GenesisValidator::new(administrator().signing.public().as_bytes(), 1, "node");
    let administrators = [administrator().address()];
    let genesis = Genesis::new(&chain_id(), &prefix(), 1_700_000_000, &administrators, validator);
    let text = genesis.and_then(|genesis| genesis.to_json()).expect("a new desk has a genesis");
    vec![text]
}
