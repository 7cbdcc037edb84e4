//! Roles, account states and the key directory.

use prost_types::Any;
use sealdesk_protocol::circle::{Ballot, Change};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::sealdesk::ledger::v1::MsgContinueLedger;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MsgRegisterRecipientKey, MsgRevokeRecipientKey};
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::{KeyPair, Person};
use sealdesk_testkit::sealing;
use sealdesk_testkit::trust::{Ledger, complete};

use super::stage::{ACCEPTED, Stage, Verdict, by, refused, unread};

pub fn role(stage: &Stage, sender: &str, who: &str, role: &str, given: bool) -> Any {
    let (sender, address, role) = (stage.text(sender), stage.text(who), role.to_owned());
    match given {
        true => to_any(&roles::MsgAssignRole { sender, address, role, ..Default::default() }),
        false => to_any(&roles::MsgRevokeRole { sender, address, role, ..Default::default() }),
    }
}

pub fn state(stage: &Stage, sender: &str, who: &str, state: &str) -> Any {
    let (sender, address) = (stage.text(sender), stage.text(who));
    to_any(&roles::MsgSetAccountState { sender, address, state: state.to_owned(), reason: String::new() })
}

/// ann administrates alone; gus and gia are agents, sue is suspended, ted terminated.
pub fn roles_and_states(stage: &mut Stage) {
    let cases: [(&str, &str, &str, bool, Verdict); 16] = [
        ("cal", "cal", "administrator", true, refused("roles", 4)),
        ("gus", "cem", "support_agent", true, refused("roles", 4)),
        ("sue", "sue", "customer", true, refused("roles", 4)),
        ("ted", "ted", "customer", true, refused("roles", 4)),
        ("ann", "gus", "support_agent", true, refused("roles", 7)),
        ("ann", "ann", "administrator", true, refused("roles", 7)),
        ("ann", "gus", "customer", true, refused("roles", 5)),
        ("ann", "ann", "support_agent", true, refused("roles", 5)),
        ("ann", "sue", "support_agent", true, refused("roles", 13)),
        ("ann", "ted", "support_agent", true, refused("roles", 9)),
        ("ann", "cal", "Administrator", true, unread("roles", 2)),
        ("ann", "cal", "validator", true, unread("roles", 2)),
        ("ann", "cal", "support_agent", false, refused("roles", 6)),
        ("ann", "ann", "administrator", false, refused("roles", 11)),
        ("gus", "gus", "support_agent", false, refused("roles", 4)),
        ("ann", "gus", "support_agent", false, ACCEPTED),
    ];
    for (sender, who, name, given, verdict) in cases {
        let word = if given { "gives" } else { "takes" };
        let message = role(stage, sender, who, name, given);
        stage.at(0, &format!("{sender} {word} {who} the role {name}"), by(sender, vec![message]), verdict);
    }
    let cases: [(&str, &str, &str, Verdict); 11] = [
        ("cal", "cem", "suspended", refused("roles", 4)),
        ("gus", "cal", "suspended", refused("roles", 4)),
        ("sue", "sue", "active", refused("roles", 4)),
        ("ann", "ann", "suspended", refused("roles", 10)),
        ("ann", "ann", "active", refused("roles", 10)),
        ("ann", "sue", "suspended", refused("roles", 8)),
        ("ann", "cal", "active", refused("roles", 8)),
        ("ann", "ted", "active", refused("roles", 9)),
        ("ann", "ted", "terminated", refused("roles", 9)),
        ("ann", "cal", "unspecified", unread("roles", 3)),
        ("ann", "sue", "active", ACCEPTED),
    ];
    for (sender, who, name, verdict) in cases {
        let message = state(stage, sender, who, name);
        stage.at(0, &format!("{sender} makes {who} {name}"), by(sender, vec![message]), verdict);
    }
    let together =
        vec![state(stage, "ann", "cal", "suspended"), role(stage, "ann", "cal", "support_agent", true)];
    stage.at(0, "suspended and then given a role", by("ann", together), refused("roles", 13));
    let joins = role(stage, "ann", "cem", "administrator", true);
    let cem = stage.person("cem").address.clone();
    let mut after = Ledger { now: stage.now, ..stage.ledger.ledger() };
    after.circle = after.circle.after(&Change::Add(cem)).unwrap();
    let leaves = complete(&after, stage.person("ann"), role(stage, "ann", "ann", "administrator", false));
    let handed = vec![joins, leaves];
    stage.at(0, "the last administrator hands over and goes", by("ann", handed), ACCEPTED);
}

/// Votes that are not what they must be.
pub fn votes(stage: &mut Stage) {
    let candidate = Change::Add(stage.person("cem").address.clone());
    let ledger = Ledger { now: stage.now, ..stage.ledger.ledger() };
    let vote =
        |stage: &Stage, voter: &str, ledger: &Ledger, change: &mut dyn FnMut(&mut roles::MsgAssignRole)| {
            let signed = stage.person(voter).vote_on(ledger, &Ballot::Change(&candidate));
            let mut message = roles::MsgAssignRole {
                sender: stage.text("ann"),
                address: stage.text("cem"),
                role: "administrator".to_owned(),
                made: signed.made,
                change: ledger.circle.next(),
                account_pub_key: signed.account_pub_key.to_vec(),
                account_signature: signed.signature.to_vec(),
            };
            change(&mut message);
            vec![to_any(&message)]
        };
    let at = |seconds: i64| Ledger { now: stage.now + seconds, ..ledger.clone() };
    let (hour, late, early) = (at(-3_600), at(-3_601), at(1));
    let mut other_name = ledger.clone();
    other_name.chain_id = sealdesk_protocol::ids::ChainId::parse("desk-00112233aabbccdf").unwrap();
    let mut other_identity = ledger.clone();
    other_identity.identity.0[31] ^= 1;
    for (name, voter, ledger, verdict) in [
        ("made an hour ago", "ann", &hour, ACCEPTED),
        ("made an hour and a second ago", "ann", &late, refused("roles", 16)),
        ("made a second from now", "ann", &early, refused("roles", 16)),
        ("of another account", "cem", &ledger, refused("roles", 15)),
        ("for a ledger of another name", "ann", &other_name, refused("roles", 15)),
        ("for a ledger of another identity", "ann", &other_identity, refused("roles", 15)),
    ] {
        let messages = vote(stage, voter, ledger, &mut |_| ());
        stage.at(0, &format!("a vote {name}"), by("ann", messages), verdict);
    }
    type Spoil = fn(&mut roles::MsgAssignRole);
    let spoilt: [(&str, Spoil, Verdict); 9] = [
        ("for the position before", |vote| vote.change -= 1, refused("roles", 17)),
        ("for the position after", |vote| vote.change += 1, refused("roles", 17)),
        ("of another second", |vote| vote.made -= 1, refused("roles", 15)),
        ("with a bit flipped", |vote| vote.account_signature[40] ^= 1, refused("roles", 15)),
        ("with another key", |vote| vote.account_pub_key[0] ^= 1, refused("roles", 15)),
        ("without a signature", |vote| vote.account_signature.clear(), unread("roles", 15)),
        ("with a signature of 65 bytes", |vote| vote.account_signature.push(0), unread("roles", 15)),
        ("without a key", |vote| vote.account_pub_key.clear(), unread("roles", 15)),
        ("for a role that nobody votes on", |vote| vote.role = "customer".to_owned(), unread("sdk", 18)),
    ];
    for (name, spoil, verdict) in spoilt {
        let messages = vote(stage, "ann", &ledger, &mut |message| spoil(message));
        stage.at(0, &format!("a vote {name}"), by("ann", messages), verdict);
    }
    let continues = |stage: &Stage, who: &str, bytes: usize| {
        let account_pub_key = stage.person(who).public.to_vec();
        let message = MsgContinueLedger {
            sender: stage.text(who),
            made: stage.now,
            account_pub_key,
            account_signature: vec![1; bytes],
        };
        vec![to_any(&message)]
    };
    for (name, who, bytes, verdict) in [
        ("a customer", "cal", 64, refused("roles", 4)),
        ("an administrator, where it continues none", "ann", 64, refused("roles", 21)),
        ("nobody who signed", "ann", 63, unread("roles", 15)),
    ] {
        let messages = continues(stage, who, bytes);
        stage.at(0, &format!("the ledger continues another, says {name}"), by(who, messages), verdict);
    }
}

fn registration(stage: &Stage, n: usize, change: impl FnOnce(&mut MsgRegisterRecipientKey)) -> Vec<Any> {
    let mut message = sealing::registration(CHAIN_ID, stage.person("cal"), &stage.key("cal", n), "");
    change(&mut message);
    vec![to_any(&message)]
}

fn low_order(first: u8) -> Vec<u8> {
    let mut key = vec![0; 32];
    key[0] = first;
    key
}

/// The field's order plus so much, as 32 bytes: no canonical number.
fn above_the_field(by: u8) -> Vec<u8> {
    let mut key = vec![0xff; 32];
    key[0] = 0xed + by;
    key[31] = 0x7f;
    key
}

pub fn keys(stage: &mut Stage) {
    let mut minus_one = above_the_field(0);
    minus_one[0] = 0xec;
    let mut high_bit = stage.key("cal", 6).public.to_vec();
    high_bit[31] |= 0x80;
    let public_keys = [
        ("0", low_order(0)),
        ("1", low_order(1)),
        ("-1", minus_one),
        ("the field's order", above_the_field(0)),
        ("the field's order and one", above_the_field(1)),
        ("with its highest bit set", high_bit),
        ("of 31 bytes", vec![9; 31]),
        ("of 33 bytes", vec![9; 33]),
    ];
    for (name, key) in public_keys {
        let verdict = if key.len() == 32 { refused("encryption", 2) } else { unread("encryption", 2) };
        let messages = registration(stage, 6, |message| message.public_key = key);
        stage.at(0, &format!("a public key {name}"), by("cal", messages), verdict);
    }
    // y = 1 is the neutral element, y = 0 has order 4, y = -1 order 2; 2 is the y of no point.
    let mut minus_one = vec![0xff; 32];
    (minus_one[0], minus_one[31]) = (0xec, 0x7f);
    for (name, key) in [("1", low_order(1)), ("0", low_order(0)), ("-1", minus_one), ("2", low_order(2))] {
        let messages = registration(stage, 6, |message| message.signing_key = key);
        stage.at(0, &format!("a signing key with y = {name}"), by("cal", messages), refused("encryption", 2));
    }
    proofs(stage);
    for (name, who, owner, n, verdict) in [
        ("his own key", "cal", "cal", 0, ACCEPTED),
        ("a key he has not yet", "cal", "cal", 6, refused("encryption", 6)),
        ("an agent's key as a customer", "cal", "gus", 0, refused("encryption", 6)),
        ("an agent's key as an agent", "gia", "gus", 0, refused("encryption", 6)),
        ("a customer's key as an administrator", "ann", "cal", 0, refused("encryption", 6)),
        ("an agent's key as an administrator", "ann", "gus", 0, ACCEPTED),
        ("his own key while suspended", "sue", "sue", 0, refused("encryption", 10)),
    ] {
        let key_fingerprint = stage.key(owner, n).fingerprint;
        let message =
            to_any(&MsgRevokeRecipientKey { sender: stage.text(who), key_fingerprint, owner: String::new() });
        stage.at(0, &format!("revokes {name}"), by(who, vec![message]), verdict);
    }
}

fn proofs(stage: &mut Stage) {
    let cem = stage.person("cem").clone();
    let foreign =
        sealing::registration("desk-00112233aabbccdf", stage.person("cal"), &stage.key("cal", 6), "").proof;
    let others = sealing::registration(CHAIN_ID, &cem, &stage.key("cal", 6), "").proof;
    let half = KeyPair::new(stage.key("cal", 5).public, stage.key("cal", 6).signing);
    let halved = sealing::registration(CHAIN_ID, stage.person("cal"), &half, "").proof;
    for (name, proof) in [
        ("another chain", foreign),
        ("another address", others),
        ("another public key", halved),
        ("nothing", vec![0; 64]),
    ] {
        let messages = registration(stage, 6, |message| message.proof = proof);
        stage.at(0, &format!("a proof for {name}"), by("cal", messages), refused("encryption", 3));
    }
    let ledger = stage.ledger.ledger();
    let (cal, key) = (stage.person("cal").clone(), stage.key("cal", 6));
    let own = |who: &Person, key: &KeyPair, identity| {
        who.own(&ledger.chain_id, &identity, &key.public, &key.signing_public())
    };
    let mut elsewhere = ledger.identity;
    elsewhere.0[0] ^= 1;
    for (name, signature) in [
        ("another account", own(&cem, &key, ledger.identity)),
        ("another ledger", own(&cal, &key, elsewhere)),
        ("other keys", own(&cal, &half, ledger.identity)),
        ("nothing", vec![1; 64]),
    ] {
        let messages = registration(stage, 6, |message| message.account_signature = signature);
        stage.at(
            0,
            &format!("an owner's signature for {name}"),
            by("cal", messages),
            refused("encryption", 11),
        );
    }
    let messages = registration(stage, 6, |message| message.account_pub_key = cem.public.to_vec());
    stage.at(0, "another account's key", by("cal", messages), refused("encryption", 11));
    let messages = registration(stage, 6, |message| message.account_signature = vec![1; 63]);
    stage.at(0, "an owner's signature of 63 bytes", by("cal", messages), unread("encryption", 11));
    let messages = registration(stage, 6, |message| message.account_pub_key.truncate(32));
    stage.at(0, "an owner's key of 32 bytes", by("cal", messages), unread("encryption", 11));
    let messages = registration(stage, 6, |message| message.proof = vec![0; 65]);
    stage.at(0, "a proof of 65 bytes", by("cal", messages), unread("encryption", 3));
    let messages = registration(stage, 0, |_| {});
    stage.at(0, "the same key again", by("cal", messages), refused("encryption", 5));
    for algorithm in ["", "x25519-xsalsa20-poly1305", "X25519-XSALSA20-POLY1305 "] {
        let messages = registration(stage, 6, |message| message.algorithm_id = algorithm.to_owned());
        stage.at(0, &format!("a key for '{algorithm}'"), by("cal", messages), unread("encryption", 4));
    }
    let squatted = KeyPair::new(stage.key("ann", 0).public, stage.key("cal", 6).signing);
    let message = sealing::registration(CHAIN_ID, stage.person("cal"), &squatted, "");
    stage.at(
        0,
        "somebody else's public key: a fingerprint is no name",
        by("cal", vec![to_any(&message)]),
        ACCEPTED,
    );
    let message = sealing::registration(CHAIN_ID, stage.person("sue"), &stage.key("sue", 6), "");
    stage.at(0, "a key of a suspended account", by("sue", vec![to_any(&message)]), refused("encryption", 10));
}
