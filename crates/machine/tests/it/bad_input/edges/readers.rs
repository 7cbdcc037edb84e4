//! Who must and may read, when keys change, and whom a grant may let in.

use sealdesk_protocol::envelope::{Context, Kind};
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::encryption::v1::{MsgRevokeRecipientKey, WrappedKeyEntry};
use sealdesk_protocol::wire::virtengine::support::v1 as support;
use sealdesk_testkit::random::Random;
use sealdesk_testkit::sealing;

use super::stage::{ACCEPTED, Stage, Verdict, by, refused, ticket_text, unread};

const MISSING: Verdict = refused("support", 42);
const STRANGER: Verdict = refused("support", 43);
const BAD: Verdict = refused("support", 11);

/// Ticket 1 is open, ticket 3 is with the agent gus; pia is the provider of both.
pub fn audience(stage: &mut Stage) {
    let (ann, cal, gus, gia, pia, cem, sue) =
        (("ann", 0), ("cal", 0), ("gus", 0), ("gia", 0), ("pia", 0), ("cem", 0), ("sue", 0));
    type Sealing<'a> = (&'a str, &'a str, u64, bool, &'a [(&'a str, usize)], Verdict);
    let cases: [Sealing<'_>; 16] = [
        ("nobody but the customer", "cal", 1, false, &[cal], MISSING),
        ("nobody but the administrator", "cal", 1, false, &[ann], MISSING),
        ("those who must", "cal", 1, false, &[ann, cal], ACCEPTED),
        ("the provider too", "cal", 1, false, &[ann, cal, pia], ACCEPTED),
        ("an agent who has it not", "cal", 1, false, &[ann, cal, gus], STRANGER),
        ("another customer", "cal", 1, false, &[ann, cal, cem], STRANGER),
        ("a suspended stranger", "cal", 1, false, &[ann, cal, sue], STRANGER),
        ("a key that nobody registered", "cal", 1, false, &[ann, cal, ("ann", 8)], STRANGER),
        ("one missing, one too many", "cal", 1, false, &[cal, cem], MISSING),
        ("without the assignee", "gus", 3, false, &[ann, cal], MISSING),
        ("with the assignee", "gus", 3, false, &[ann, cal, gus], ACCEPTED),
        ("with another agent", "gus", 3, false, &[ann, cal, gus, gia], STRANGER),
        ("a note to staff", "gus", 3, true, &[ann, gus], ACCEPTED),
        ("a note to the customer", "gus", 3, true, &[ann, gus, cal], STRANGER),
        ("a note to the provider", "gus", 3, true, &[ann, gus, pia], STRANGER),
        ("a note that its author cannot read", "gus", 3, true, &[ann], MISSING),
    ];
    for (name, from, ticket, internal, to, verdict) in cases {
        let message = if internal { stage.note(from, ticket, to) } else { stage.respond(from, ticket, to) };
        stage.at(0, &format!("sealed to {name}"), by(from, vec![message]), verdict);
    }
    let message = stage.note("cal", 3, &[ann, gus]);
    stage.at(0, "a note by the customer", by("cal", vec![message]), refused("support", 7));
    places(stage);
}

/// A letter that was sealed for another place.
fn places(stage: &mut Stage) {
    let right = stage.place(Kind::Response, &ticket_text(1), "cal", 0);
    let wrong: [(&str, Context); 8] = [
        ("chain", Context { chain_id: "desk-00112233aabbccdf".to_owned(), ..right.clone() }),
        ("ticket", Context { ticket_id: ticket_text(3), ..right.clone() }),
        ("kind, a note", Context { kind: Kind::Note, ..right.clone() }),
        ("kind, a ticket", Context { kind: Kind::Ticket, ticket_id: String::new(), ..right.clone() }),
        ("sender", Context { sender: stage.text("ann"), ..right.clone() }),
        ("earlier sequence", Context { sequence: right.sequence - 1, ..right.clone() }),
        ("later sequence", Context { sequence: right.sequence + 1, ..right.clone() }),
        ("index", Context { index: 1, ..right.clone() }),
    ];
    let to = [("ann", 0), ("cal", 0)];
    for (name, place) in wrong {
        let letter = stage.letter(&place, "cal", &to);
        let message = stage.respond_with("cal", 1, letter, false);
        stage.at(0, &format!("sealed for another {name}"), by("cal", vec![message]), refused("support", 11));
    }
    let by_other = stage.letter(&right, "cem", &to);
    let unsigned = sealing::unsigned(
        &[stage.key("ann", 0).fingerprint, stage.key("cal", 0).fingerprint],
        304,
        &mut Random::new(7),
    );
    let own = sealing::sign(unsigned.clone(), &right, &stage.key("cal", 0), Some(stage.person("cal")));
    let others = sealing::sign(unsigned, &right, &stage.key("cal", 0), Some(stage.person("cem")));
    let mut stripped = own.clone();
    stripped.user_signature.clear();
    stripped.user_pub_key.clear();
    for (name, letter, verdict) in [
        ("signed with somebody else's key", by_other, refused("support", 11)),
        ("signed by the account too", own, ACCEPTED),
        ("signed by another account too", others, refused("support", 11)),
        ("with the account's signature taken off", stripped, refused("support", 11)),
    ] {
        let message = stage.respond_with("cal", 1, letter, false);
        stage.at(0, name, by("cal", vec![message]), verdict);
    }
}

fn revoke(stage: &Stage, who: &str, n: usize) -> prost_types::Any {
    let key_fingerprint = stage.key(who, n).fingerprint;
    to_any(&MsgRevokeRecipientKey { sender: stage.text(who), key_fingerprint, owner: String::new() })
}

/// Key 0 of the administrator is revoked and key 2 registered just now; his key 1 is old.
pub fn rotation() -> Stage {
    let mut stage = Stage::new("rotation", |_| {});
    for (name, n) in [("ann", 0), ("ann", 1), ("cal", 0), ("cal", 1)] {
        stage.register(name, n);
    }
    stage.wait(100);
    let message = revoke(&stage, "ann", 0);
    stage.act("ann", vec![message]);
    let message = super::people::role(&stage, "ann", "abe", "administrator", true);
    stage.act("ann", vec![message]);
    stage.register("abe", 0);
    let old = [("ann", 0), ("cal", 0)];
    for (after, alone, beside) in
        [(0, ACCEPTED, ACCEPTED), (59, ACCEPTED, ACCEPTED), (60, MISSING, ACCEPTED), (61, MISSING, STRANGER)]
    {
        let message = stage.create("cal", &old, 0);
        stage.at(
            after,
            &format!("{after} s after a revocation, to the old key, without the new administrator"),
            by("cal", vec![message]),
            alone,
        );
        let message = stage.create("cal", &[old[0], old[1], ("ann", 1), ("abe", 0)], 0);
        stage.at(
            after,
            &format!("{after} s after a revocation, to the old key as well"),
            by("cal", vec![message]),
            beside,
        );
        let to = [old[0], old[1], ("abe", 0)];
        let message = stage.create("cal", &to, 0);
        let verdict = if after <= 60 { ACCEPTED } else { MISSING };
        stage.at(
            after,
            &format!("{after} s after a revocation, to the old key only"),
            by("cal", vec![message]),
            verdict,
        );
    }
    let message = revoke(&stage, "cal", 0);
    stage.act("cal", vec![message]);
    let message = stage.create("cal", &[("ann", 1), ("abe", 0), ("cal", 1)], 0);
    stage.at(0, "signed with a key revoked this second", by("cal", vec![message]), refused("support", 11));
    stage
}

/// No administrator has a key.
pub fn keyless() -> Stage {
    let mut stage = Stage::new("keyless", |_| {});
    stage.register("cal", 0);
    stage.wait(100);
    let message = stage.create("cal", &[("cal", 0)], 0);
    stage.at(
        0,
        "a ticket that no administrator could read",
        by("cal", vec![message]),
        refused("support", 41),
    );
    stage.register("ann", 0);
    let message = stage.create("cal", &[("cal", 0)], 0);
    stage.at(0, "a ticket without the administrator whose key is new", by("cal", vec![message]), ACCEPTED);
    let message = stage.create("cal", &[("cal", 0)], 0);
    stage.at(
        60,
        "a ticket without the administrator whose key is a minute old",
        by("cal", vec![message]),
        MISSING,
    );
    stage
}

struct Asked<'a> {
    granter: &'a str,
    ticket: u64,
    target: u32,
    to: (&'a str, usize),
    /// Whose key signs.
    signer: &'a str,
    /// The ticket whose content is signed.
    content: u64,
    /// Which of the granter's keys the grant names.
    version: u32,
    change: fn(&mut WrappedKeyEntry),
}

fn ask<'a>(granter: &'a str, ticket: u64, to: (&'a str, usize)) -> Asked<'a> {
    Asked { granter, ticket, target: 0, to, signer: granter, content: ticket, version: 1, change: |_| {} }
}

/// `contents` are the content digests of tickets 1 and 3.
pub fn grants(stage: &mut Stage, contents: [[u8; 32]; 2]) {
    let pia = ("pia", 0);
    let cases: Vec<(&str, Asked<'_>, Verdict)> = vec![
        ("to the provider by the customer", ask("cal", 1, pia), ACCEPTED),
        ("to the assignee by an administrator", ask("ann", 3, ("gus", 0)), ACCEPTED),
        ("to an agent who has it not", ask("ann", 1, ("gus", 0)), STRANGER),
        ("to a stranger by the customer", ask("cal", 1, ("cem", 0)), STRANGER),
        ("to a key that nobody has", ask("ann", 1, ("ann", 8)), STRANGER),
        ("by the assignee", ask("gus", 3, pia), refused("support", 7)),
        ("by the provider", ask("pia", 1, pia), refused("support", 7)),
        ("by another customer", ask("cem", 1, ("cem", 0)), refused("support", 7)),
        (
            "on a ticket that does not exist",
            Asked { content: 1, ..ask("ann", 9, pia) },
            refused("support", 1),
        ),
        (
            "of a response that does not exist",
            Asked { target: 1, ..ask("cal", 1, pia) },
            refused("support", 18),
        ),
        (
            "of the last response there is",
            Asked { target: u32::MAX, ..ask("cal", 1, pia) },
            refused("support", 18),
        ),
        ("signed by another", Asked { signer: "ann", ..ask("cal", 1, pia) }, BAD),
        ("that names no key", Asked { version: 0, ..ask("cal", 1, pia) }, BAD),
        ("that names a key they do not have", Asked { version: 2, ..ask("cal", 1, pia) }, BAD),
        ("that names the last key there is", Asked { version: u32::MAX, ..ask("cal", 1, pia) }, BAD),
        ("signed for another ticket", Asked { content: 3, ..ask("cal", 1, pia) }, BAD),
    ];
    try_grants(stage, contents, cases);
    spoilt_grants(stage, contents);
    let message = support::MsgGrantAccess {
        sender: stage.text("cal"),
        ticket_id: ticket_text(1),
        grants: Vec::new(),
        agent: String::new(),
    };
    stage.at(0, "no grants", by("cal", vec![to_any(&message)]), unread("sdk", 18));
    lists_of_grants(stage);
}

/// Grants whose entries were changed after they were signed.
fn spoilt_grants(stage: &mut Stage, contents: [[u8; 32]; 2]) {
    let pia = ("pia", 0);
    let cases: Vec<(&str, Asked<'_>, Verdict)> = vec![
        (
            "with a wrapped key of 47 bytes",
            Asked { change: |e| e.wrapped_key.truncate(47), ..ask("cal", 1, pia) },
            BAD,
        ),
        (
            "with a wrapped key of 49 bytes",
            Asked { change: |e| e.wrapped_key.push(0), ..ask("cal", 1, pia) },
            BAD,
        ),
        (
            "with an ephemeral key of 31 bytes",
            Asked { change: |e| e.ephemeral_pub_key.truncate(31), ..ask("cal", 1, pia) },
            BAD,
        ),
        (
            "with another wrapped key than signed",
            Asked { change: |e| e.wrapped_key[0] ^= 1, ..ask("cal", 1, pia) },
            BAD,
        ),
        (
            "with another algorithm",
            Asked { change: |e| e.algorithm = "AES".to_owned(), ..ask("cal", 1, pia) },
            BAD,
        ),
        (
            "to a reader in capitals",
            Asked { change: |e| e.recipient_id = e.recipient_id.to_uppercase(), ..ask("cal", 1, pia) },
            BAD,
        ),
        (
            "to a reader without a name",
            Asked { change: |e| e.recipient_id.clear(), ..ask("cal", 1, pia) },
            BAD,
        ),
    ];
    try_grants(stage, contents, cases);
}

/// How many grants a message and a transaction may have, judged before anything is verified.
fn lists_of_grants(stage: &mut Stage) {
    let fingerprint = stage.key("ann", 0).fingerprint;
    let entry = sealing::entry(&fingerprint, &mut Random::new(4));
    let grant = |target| support::TargetedGrant {
        target,
        entry: Some(entry.clone()),
        grant_signature: vec![1; 64],
        granter_key_version: 1,
    };
    let message = |stage: &Stage, targets: std::ops::Range<u32>| {
        let grants = targets.map(grant).collect();
        to_any(&support::MsgGrantAccess {
            sender: stage.text("cal"),
            ticket_id: ticket_text(1),
            grants,
            agent: String::new(),
        })
    };
    let full = message(stage, 0..100);
    stage.at(0, "a hundred grants", by("cal", vec![full]), refused("support", 18));
    let over = message(stage, 0..101);
    stage.at(0, "a hundred and one grants", by("cal", vec![over]), unread("sdk", 18));
    let twice = support::MsgGrantAccess {
        sender: stage.text("cal"),
        ticket_id: ticket_text(1),
        grants: vec![grant(0), grant(1), grant(0)],
        agent: String::new(),
    };
    stage.at(0, "a grant twice in a message", by("cal", vec![to_any(&twice)]), unread("sdk", 18));
    let many = (0..10).map(|n| message(stage, n * 100..n * 100 + 100)).collect();
    stage.at(0, "ten messages of a hundred grants", by("cal", many), unread("sdk", 11));
}

fn try_grants(stage: &mut Stage, contents: [[u8; 32]; 2], cases: Vec<(&str, Asked<'_>, Verdict)>) {
    for (name, asked, verdict) in cases {
        let content = contents[usize::from(asked.content == 3)];
        let entry = sealing::entry(&stage.key(asked.to.0, asked.to.1).fingerprint, &mut Random::new(3));
        let granter = stage.text(asked.granter);
        let mut grant = sealing::grant(&content, &granter, asked.target, entry, &stage.key(asked.signer, 0));
        grant.granter_key_version = asked.version;
        (asked.change)(grant.entry.as_mut().unwrap());
        let ticket_id = ticket_text(asked.ticket);
        let message =
            support::MsgGrantAccess { sender: granter, ticket_id, grants: vec![grant], agent: String::new() };
        stage.at(0, &format!("a grant {name}"), by(asked.granter, vec![to_any(&message)]), verdict);
    }
}
