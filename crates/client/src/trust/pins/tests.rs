use sealdesk_protocol::circle::{Circle, Ledger};
use sealdesk_protocol::ids::{Address, Prefix};
use sealdesk_protocol::wire::sealdesk::ledger::v1::CircleChange;

use super::*;

fn pin(name: &str, identity: u8, height: u64, time: i64) -> Pin {
    let prefix = Prefix::parse(Prefix::DEFAULT).unwrap();
    let member = Address::of_public_key(&prefix, &[2; 33]);
    Pin {
        ledger: Ledger {
            chain_id: ChainId::parse(name).unwrap(),
            prefix,
            identity: Identity([identity; 32]),
        },
        circle: Circle::first([member.clone()]).unwrap(),
        changes: vec![CircleChange { position: 1, ..CircleChange::default() }],
        validators_hash: [1; 32],
        height,
        time,
        agreed: true,
        readers: BTreeSet::from([member]),
    }
}

fn home() -> (tempfile::TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("pins.json");
    (home, path)
}

#[test]
fn pins_are_kept_whole_and_never_go_back() {
    let (_home, path) = home();
    let mut pins = Pins::load(&path).unwrap();
    pins.keep(pin("a", 1, 5, 50)).unwrap();
    pins.keep(pin("a", 1, 3, 30)).unwrap();
    pins.keep(pin("b", 2, 1, 10)).unwrap();
    let again = Pins::load(&path).unwrap();
    assert_eq!(again.iter().cloned().collect::<Vec<_>>(), [pin("a", 1, 5, 50), pin("b", 2, 1, 10)]);
}

#[test]
fn bug_100_two_commands_at_once_lose_nothing_of_each_other() {
    let (_home, path) = home();
    let (mut one, mut other) = (Pins::load(&path).unwrap(), Pins::load(&path).unwrap());
    one.keep(pin("a", 1, 5, 50)).unwrap();
    other.keep(pin("b", 2, 1, 10)).unwrap();
    let mut later = pin("a", 1, 9, 90);
    later.circle = Circle::new(3, later.circle.members().to_vec()).unwrap();
    other.keep(later.clone()).unwrap();
    one.keep(pin("a", 1, 7, 70)).unwrap();
    let again = Pins::load(&path).unwrap();
    assert_eq!(again.iter().cloned().collect::<Vec<_>>(), [later, pin("b", 2, 1, 10)]);
}

#[test]
fn where_height_and_time_disagree_nothing_is_kept() {
    let (_home, path) = home();
    let mut pins = Pins::load(&path).unwrap();
    pins.keep(pin("a", 1, 5, 50)).unwrap();
    for (height, time) in [(6, 49), (4, 51), (5, 51), (5, 49)] {
        let kept = pins.keep(pin("a", 1, height, time));
        assert!(
            matches!(kept, Err(PinsError::Contradiction(VerifyError::TwoHistories { .. }))),
            "{height} {time}"
        );
    }
    assert_eq!(Pins::load(&path).unwrap().iter().next(), Some(&pin("a", 1, 5, 50)));
    pins.trust_anew(Identity([1; 32])).unwrap();
    pins.keep(pin("a", 1, 4, 51)).unwrap();
    assert_eq!(Pins::load(&path).unwrap().iter().next(), Some(&pin("a", 1, 4, 51)));
}

#[test]
fn another_ledger_of_the_name_replaces_no_pin_until_somebody_trusts_it() {
    let (_home, path) = home();
    let a = ChainId::parse("a").unwrap();
    let mut pins = Pins::load(&path).unwrap();
    pins.keep(pin("a", 1, 5, 50)).unwrap();
    assert!(matches!(pins.keep(pin("a", 9, 7, 70)), Err(PinsError::Pinned { .. })));
    assert_eq!(pins.get(&a), Some(&pin("a", 1, 5, 50)));
    pins.trust(pin("a", 9, 2, 20)).unwrap();
    assert_eq!(Pins::load(&path).unwrap().get(&a), Some(&pin("a", 9, 2, 20)));
    pins.forget(&a).unwrap();
    assert!(Pins::load(&path).unwrap().get(&a).is_none());
}

/// The same ledger, as its genesis names it.
fn beginning(known: &Pin) -> Pin {
    Pin {
        circle: Circle::first(known.circle.members().iter().map(|member| member.address.clone())).unwrap(),
        changes: Vec::new(),
        validators_hash: [9; 32],
        height: 0,
        time: 0,
        agreed: true,
        readers: BTreeSet::new(),
        ledger: known.ledger.clone(),
    }
}

#[test]
fn to_trust_a_known_ledger_forgets_nothing_of_it() {
    let (_home, path) = home();
    let mut known = pin("a", 1, 5, 50);
    known.circle = Circle::new(3, known.circle.members().to_vec()).unwrap();
    let mut pins = Pins::load(&path).unwrap();
    pins.keep(known.clone()).unwrap();
    pins.trust_identity(known.ledger.identity).unwrap();
    // Nor where the genesis says how it began.
    pins.trust(beginning(&known)).unwrap();
    assert_eq!(Pins::load(&path).unwrap().get(known.chain_id()), Some(&known));
    assert_eq!(pins.trusted().count(), 0);
}

#[test]
fn to_trust_another_history_forgets_how_far_this_one_was_seen_and_no_more() {
    let (_home, path) = home();
    let known = pin("a", 1, 5, 50);
    let mut pins = Pins::load(&path).unwrap();
    pins.keep(known.clone()).unwrap();
    assert!(pins.keep(pin("a", 1, 6, 49)).is_err());
    assert_eq!(pins.trust_anew(known.ledger.identity).unwrap(), Some(5));
    assert_eq!(pins.trust_anew(Identity([8; 32])).unwrap(), None, "nothing was seen of it");
    let expected = Pin { height: 0, time: 0, ..known.clone() };
    assert_eq!(Pins::load(&path).unwrap().get(known.chain_id()), Some(&expected));
    pins.keep(pin("a", 1, 6, 49)).unwrap();
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let (_home, path) = home();
    let mut pins = Pins::load(&path).unwrap();
    pins.keep(pin("a", 1, 5, 50)).unwrap();
    let change = CircleChange { circle: vec![7; 200_000], ..CircleChange::default() };
    let large = Pin { changes: vec![change; 50], ..pin("b", 2, 1, 10) };
    // Of a ledger that nobody agreed to no changes are kept, however many it shows.
    pins.keep(Pin { agreed: false, ..large.clone() }).unwrap();
    assert!(Pins::load(&path).unwrap().get(large.chain_id()).unwrap().changes.is_empty());
    let text = std::fs::read_to_string(&path).unwrap().replace(r#""changes": []"#, r#""changes": ["0801"]"#);
    durable::write_private(&path, text.as_bytes()).unwrap();
    assert!(Pins::load(&path).unwrap().get(large.chain_id()).unwrap().changes.is_empty(), "read as written");
    pins.forget(large.chain_id()).unwrap();
    assert!(matches!(pins.keep(large), Err(PinsError::File { .. })));
    assert_eq!(Pins::load(&path).unwrap().iter().next(), Some(&pin("a", 1, 5, 50)));
}

#[test]
fn an_identity_that_was_named_is_waited_for_and_then_met() {
    let (_home, path) = home();
    let mut pins = Pins::load(&path).unwrap();
    pins.trust_identity(Identity([7; 32])).unwrap();
    let again = Pins::load(&path).unwrap();
    assert_eq!(again.trusted().collect::<Vec<_>>(), [&Identity([7; 32])]);
    pins.keep(pin("a", 7, 1, 10)).unwrap();
    let again = Pins::load(&path).unwrap();
    assert_eq!((again.trusted().count(), again.iter().count()), (0, 1));
}

#[test]
fn a_damaged_file_of_pins_is_not_an_empty_one() {
    let (_home, path) = home();
    for damaged in
        ["", "{", "[]", r#"{"a":{"validators_hash":"00","height":1}}"#, r#"{"ledgers":{"a b":{}}}"#]
    {
        durable::write_private(&path, damaged.as_bytes()).unwrap();
        assert!(matches!(Pins::load(&path), Err(PinsError::Form { .. })), "{damaged}");
    }
}

#[test]
fn a_ledger_that_is_followed_leaves_the_old_pin_and_no_other_way() {
    let (_home, path) = home();
    let (a, b) = (Identity([1; 32]), Identity([2; 32]));
    let (mut pins, mut other) = (Pins::load(&path).unwrap(), Pins::load(&path).unwrap());
    pins.keep(pin("a", 1, 5, 50)).unwrap();
    pins.follow(&a, pin("b", 2, 1, 10)).unwrap();
    other.keep(pin("c", 3, 1, 10)).unwrap();
    let again = Pins::load(&path).unwrap();
    assert_eq!((again.of_identity(&a), again.of_identity(&b).is_some()), (Some(&pin("a", 1, 5, 50)), true));
    assert_eq!((again.followed(&a), again.followed(&b)), (Some(&b), None));
    // What cannot be kept is not followed.
    assert!(other.follow(&Identity([3; 32]), pin("a", 9, 7, 70)).is_err());
    assert_eq!(Pins::load(&path).unwrap().followed(&Identity([3; 32])), None);
}
