//! Fixed bounds, each at its edge and one beyond.

use prost::Message as _;
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::sealdesk::ledger::v1::MsgProposeValidator;
use sealdesk_protocol::wire::virtengine::encryption::v1::WrappedKeyEntry;
use sealdesk_protocol::wire::virtengine::roles::v1::MsgSetAccountState;
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sealdesk_testkit::CHAIN_ID;
use sealdesk_testkit::people::KeyPair;
use sealdesk_testkit::sealing;

use super::stage::{ACCEPTED, Stage, by, refused, ticket_text, unread};

const TX_BYTES_MAX: usize = 262_144;

pub fn cases(stage: &mut Stage) {
    transactions(stage);
    for (letters, name) in [(128, "of 128 bytes"), (129, "of 129 bytes")] {
        let text = "x".repeat(letters);
        public_texts(stage, name, &text, letters == 129);
    }
    // 64 letters of two bytes, and one byte more: bytes are counted, not letters.
    public_texts(stage, "of 64 two-byte letters", &"ä".repeat(64), false);
    public_texts(stage, "of 64 two-byte letters and one byte", &("ä".repeat(64) + "a"), true);
    let hostile = [
        ("with a NUL", "a\0b"),
        ("with a line break", "a\nb"),
        ("that runs from right to left", "a\u{202e}b"),
        ("with an isolate", "a\u{2066}b"),
        ("with a zero-width space", "a\u{200b}b"),
        ("with a zero-width joiner", "a\u{200d}b"),
        ("with a byte order mark", "\u{feff}a"),
        ("with a soft hyphen", "a\u{ad}b"),
        ("with a tag letter", "a\u{e0041}b"),
        ("with DEL", "a\u{7f}b"),
    ];
    for (name, text) in hostile {
        public_texts(stage, name, text, true);
    }
}

/// A response padded to so many bytes of transaction by entries that nobody allows.
fn padded(stage: &Stage, bytes: usize) -> Vec<u8> {
    let place = stage.place(Kind::Response, &ticket_text(1), "cal", 0);
    let mut letter = stage.letter(&place, "cal", &[("ann", 0), ("cal", 0)]);
    letter.payload_ciphertext = vec![7; bytes - 2_000];
    loop {
        let tx = stage.tx("cal", vec![stage.respond_with("cal", 1, letter.clone(), false)]);
        let missing = bytes.checked_sub(tx.len()).unwrap();
        if missing == 0 {
            return tx;
        }
        letter.payload_ciphertext.resize(letter.payload_ciphertext.len() + missing, 7);
    }
}

fn transactions(stage: &mut Stage) {
    let why = "read whole; its envelope is too large for the parameter";
    let tx = padded(stage, TX_BYTES_MAX);
    stage.case("a transaction of 262,144 bytes", why, tx, refused("support", 11));
    let tx = padded(stage, TX_BYTES_MAX + 1);
    stage.case("a transaction of 262,145 bytes", "not read at all", tx, unread("sdk", 21));
    for count in [0, 1, 16, 17, 200] {
        let message = |_| priority(stage, "ann", "high", "");
        let messages = (0..count).map(message).collect();
        let verdict = if (1..=16).contains(&count) { ACCEPTED } else { unread("sdk", 18) };
        // Without a message there is no signer either; the count is judged first.
        stage.at(0, &format!("{count} messages"), by("ann", messages), verdict);
    }
    for bytes in [256, 257] {
        for (name, memo) in
            [("letters", "m".repeat(bytes)), ("bytes of ä", "ä".repeat(128) + &"m".repeat(bytes - 256))]
        {
            let mut draft = stage.draft("cal", vec![stage.close("cal", 1, "")]);
            draft.body.memo = memo;
            let tx = draft.sign(&[stage.person("cal")]);
            let verdict = if bytes == 256 { ACCEPTED } else { unread("sdk", 12) };
            stage.case(&format!("a memo of {bytes} {name}"), "", tx, verdict);
        }
    }
    resource_ids(stage);
    many_entries(stage);
}

fn priority(stage: &Stage, who: &str, priority: &str, reason: &str) -> prost_types::Any {
    to_any(&support::MsgUpdateTicketPriority {
        sender: stage.text(who),
        ticket_id: ticket_text(1),
        priority: priority.to_owned(),
        reason: reason.to_owned(),
    })
}

fn resource_ids(stage: &mut Stage) {
    let owner = stage.text("pia");
    let longest = format!("{owner}/18446744073709551615/4294967295/4294967295");
    let grammar = [
        ("lease", format!("{owner}/1/2/3"), true),
        ("order", longest, true),
        ("deployment", format!("{owner}/1"), true),
        ("provider", owner.clone(), true),
        ("lease", format!("{owner}/1/2/03"), false),
        ("lease", format!("{owner}/1/2/4294967296"), false),
        ("deployment", format!("{owner}/1/"), false),
        ("deployment", format!("{owner}/-1"), false),
        ("provider", owner.to_uppercase(), false),
        ("provider", format!("{owner}\u{200b}"), false),
        ("order", format!("{owner}/{}", "1".repeat(300)), false),
        ("Lease", format!("{owner}/1/2/3"), false),
    ];
    for (kind, id, good) in grammar {
        let letter = stage.letter(&stage.place(Kind::Ticket, "", "cal", 0), "cal", &[("ann", 0), ("cal", 0)]);
        let name = format!(
            "a {kind} named {}",
            id.replace(&owner, "owner").chars().take(40).collect::<String>().escape_default()
        );
        let message = to_any(&support::MsgCreateTicket {
            customer: stage.text("cal"),
            category: "technical".to_owned(),
            priority: String::new(),
            provider_address: String::new(),
            resource_ref: Some(support::ResourceReference {
                r#type: kind.to_owned(),
                id,
                owner: String::new(),
            }),
            encrypted_payload: Some(letter),
            attachments: Vec::new(),
        });
        stage.at(61, &name, by("cal", vec![message]), if good { ACCEPTED } else { unread("support", 17) });
    }
}

/// Thousands of empty entries cost little to send: they must cost little to refuse.
fn many_entries(stage: &mut Stage) {
    let place = stage.place(Kind::Response, &ticket_text(1), "cal", 0);
    let mut letter = stage.letter(&place, "cal", &[("ann", 0), ("cal", 0)]);
    letter.wrapped_keys = vec![WrappedKeyEntry::default(); 30_000];
    let message = stage.respond_with("cal", 1, letter.clone(), false);
    stage.at(0, "an envelope of 30,000 empty entries", by("cal", vec![message]), unread("sdk", 18));
    letter.wrapped_keys.clear();
    letter.metadata = (0..2).map(|n| (n.to_string(), String::new())).collect();
    letter.wrapped_keys =
        vec![sealing::entry(&stage.key("ann", 0).fingerprint, &mut sealdesk_testkit::random::Random::new(1))];
    let message = stage.respond_with("cal", 1, letter, false);
    stage.at(0, "an envelope with two entries of metadata", by("cal", vec![message]), refused("support", 11));
    let grants = vec![support::TargetedGrant::default(); 40_000];
    let message = support::MsgGrantAccess {
        sender: stage.text("cal"),
        ticket_id: ticket_text(1),
        grants,
        agent: String::new(),
    };
    assert!(message.encoded_len() < TX_BYTES_MAX);
    stage.at(0, "40,000 empty grants", by("cal", vec![to_any(&message)]), unread("sdk", 18));
}

/// One text in every field that everyone can read.
fn public_texts(stage: &mut Stage, name: &str, text: &str, hostile: bool) {
    let verdict = |inside| if hostile { unread("sdk", 18) } else { inside };
    let reason = text.to_owned();
    stage.at(
        0,
        &format!("a reason to close {name}"),
        by("cal", vec![stage.close("cal", 1, text)]),
        verdict(ACCEPTED),
    );
    let (sender, ticket_id) = (stage.text("cal"), ticket_text(2));
    let message = to_any(&support::MsgReopenTicket { sender, ticket_id, reason: reason.clone() });
    stage.at(61, &format!("a reason to reopen {name}"), by("cal", vec![message]), verdict(ACCEPTED));
    let message = priority(stage, "ann", "high", text);
    stage.at(0, &format!("a reason for a priority {name}"), by("ann", vec![message]), verdict(ACCEPTED));
    let (sender, ticket_id) = (stage.text("ann"), ticket_text(3));
    let message = to_any(&support::MsgResolveTicket { sender, ticket_id, resolution_ref: reason.clone() });
    stage.at(0, &format!("a resolution {name}"), by("ann", vec![message]), verdict(ACCEPTED));
    let (sender, address, state) = (stage.text("ann"), stage.text("cem"), "suspended".to_owned());
    let message = to_any(&MsgSetAccountState { sender, address, state, reason });
    stage.at(0, &format!("a reason for a state {name}"), by("ann", vec![message]), verdict(ACCEPTED));
    let message = to_any(&sealing::registration(CHAIN_ID, stage.person("cal"), &stage.key("cal", 7), text));
    stage.at(0, &format!("a label {name}"), by("cal", vec![message]), verdict(ACCEPTED));
    let pub_key = KeyPair::of("validator", 0).signing_public().to_vec();
    let (sender, moniker) = (stage.text("ann"), text.to_owned());
    let message = to_any(&MsgProposeValidator { sender, pub_key, power: 0, moniker });
    stage.at(0, &format!("a moniker {name}"), by("ann", vec![message]), verdict(refused("sdk", 18)));
}
