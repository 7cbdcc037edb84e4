//! Hostile fields: each is refused before the state is asked, with the code of its field.

use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::wire::virtengine::encryption::v1 as encryption;
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{create_at, link, priority, propose, rate, revoke_key, snooze, status};

use super::{Builder, attachments};

pub(super) fn build(b: &mut Builder<'_>) {
    ticket_ids(b);
    addresses(b);
    names(b);
    resources(b);
    texts(b);
    parameters(b);
    keys(b);
    validators(b);
    times(b);
    attachments::build(b);
}

fn times(b: &mut Builder<'_>) {
    let who = b.stage.agent.clone();
    for kind in ["", "Related", "duplicated_by", "followed_up_by", "1", "related\0"] {
        let message = link(&who, 2, kind, 3, false);
        b.field(format!("link of kind '{}'", shown(kind)), &who, message, ("support", 56));
    }
    b.field("a link to itself", &who, link(&who, 2, "related", 2, false), ("support", 56));
    let customer = b.stage.customer.clone();
    for score in [0, 6, u32::MAX] {
        b.field(format!("a score of {score}"), &customer, rate(&customer, 3, score), ("support", 55));
    }
    for until in [-1, i64::MIN, i64::MAX, 253_402_300_800] {
        b.field(format!("put aside until {until}"), &who, snooze(&who, 2, until), ("sdk", 18));
    }
}

fn shown(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_default).collect()
}

fn ticket_ids(b: &mut Builder<'_>) {
    let who = b.stage.customer.clone();
    let long = format!("TKT-{}", "9".repeat(1_000));
    for id in [
        "",
        "1",
        "TKT-1",
        "TKT-0000001",
        "TKT-00000000",
        "tkt-00000001",
        "TKT-000000001",
        "TKT-0000000a",
        "TKT--0000001",
        "TKT-00000001 ",
        " TKT-00000001",
        "TKT-00000001\0",
        "TKT-0000000\u{0661}",
        "TKT\u{2010}00000001",
        "TKT-99999999999999999999",
        &long,
    ] {
        let message = wire::MsgCloseTicket {
            sender: who.address.to_string(),
            ticket_id: id.to_owned(),
            reason: String::new(),
        };
        b.field(format!("ticket id '{}'", shown(id)), &who, to_any(&message), ("support", 3));
    }
}

/// Spellings that name nobody, of an address that names somebody.
fn misspelt(address: &str) -> Vec<(&'static str, String)> {
    let other = sealdesk_protocol::ids::Prefix::parse("cosmos").unwrap();
    let cosmos = sealdesk_protocol::ids::Address::of_public_key(&other, &super::Person::new("x").public);
    let last = address.chars().last().unwrap();
    let another = if last == 'q' { 'p' } else { 'q' };
    vec![
        ("empty", String::new()),
        ("upper case", address.to_uppercase()),
        ("mixed case", address.replacen("virtengine1", "Virtengine1", 1)),
        ("another ledger's prefix", cosmos.to_string()),
        ("a wrong checksum", format!("{}{another}", &address[..address.len() - 1])),
        ("one character short", address[..address.len() - 1].to_owned()),
        ("a space before", format!(" {address}")),
        ("a zero-width space behind", format!("{address}\u{200b}")),
        ("a right-to-left override before", format!("\u{202e}{address}")),
        ("a homoglyph", address.replacen('e', "е", 1)),
        ("a NUL behind", format!("{address}\0")),
        ("a thousand characters", "virtengine1".to_owned() + &"q".repeat(1_000)),
    ]
}

pub(super) fn addresses(b: &mut Builder<'_>) {
    let admin = b.stage.admin.clone();
    for (name, address) in misspelt(b.stage.agent.address.as_str()) {
        let message = wire::MsgAssignTicket {
            sender: admin.address.to_string(),
            ticket_id: "TKT-00000001".to_owned(),
            assign_to: address.clone(),
            ..Default::default()
        };
        b.field(format!("assignee: {name}"), &admin, to_any(&message), ("support", 6));
        let agent = b.stage.agent.address.to_string();
        let message = assigning(&admin, &agent, &[&address]);
        b.field(format!("collaborator: {name}"), &admin, to_any(&message), ("support", 6));
        // Of these an empty one names nobody, which is right.
        if !address.is_empty() {
            naming(b, &admin, name, &address);
        }
        let message = wire::MsgTransferTicket {
            sender: admin.address.to_string(),
            ticket_id: "TKT-00000001".to_owned(),
            new_customer: address.clone(),
            ..Default::default()
        };
        b.field(format!("new customer: {name}"), &admin, to_any(&message), ("support", 6));
        let message = roles::MsgAssignRole {
            sender: admin.address.to_string(),
            address: address.clone(),
            role: "customer".to_owned(),
            ..Default::default()
        };
        b.field(format!("role for: {name}"), &admin, to_any(&message), ("roles", 1));
        let message = wire::MsgCloseTicket {
            sender: address.clone(),
            ticket_id: "TKT-00000001".to_owned(),
            reason: String::new(),
        };
        b.field(format!("sender: {name}"), &admin, to_any(&message), ("support", 6));
        let message = encryption::MsgRegisterRecipientKey { sender: address, ..admin.registration(1) };
        b.field(format!("key of: {name}"), &admin, to_any(&message), ("encryption", 1));
    }
    let who = b.stage.other.clone();
    let mut message = create_at(&b.stage.desk, &who, &[&admin, &who], 0);
    message.provider_address = who.address.as_str().to_uppercase();
    b.field("provider: upper case", &who, to_any(&message), ("support", 6));
}

fn naming(b: &mut Builder<'_>, admin: &Person, name: &str, address: &str) {
    let message = wire::MsgGrantAccess {
        sender: admin.address.to_string(),
        ticket_id: "TKT-00000001".to_owned(),
        grants: vec![wire::TargetedGrant::default()],
        agent: address.to_owned(),
    };
    b.field(format!("agent let in: {name}"), admin, to_any(&message), ("support", 6));
    let message = encryption::MsgRevokeRecipientKey {
        sender: admin.address.to_string(),
        key_fingerprint: admin.fingerprint(0),
        owner: address.to_owned(),
    };
    b.field(format!("key's owner: {name}"), admin, to_any(&message), ("encryption", 1));
}

fn assigning(sender: &Person, to: &str, with: &[&str]) -> wire::MsgAssignTicket {
    wire::MsgAssignTicket {
        sender: sender.address.to_string(),
        ticket_id: "TKT-00000001".to_owned(),
        assign_to: to.to_owned(),
        collaborators: with.iter().map(|one| (*one).to_owned()).collect(),
        ..Default::default()
    }
}

fn importing(sender: &Person) -> wire::MsgImportTicket {
    wire::MsgImportTicket {
        sender: sender.address.to_string(),
        customer: Person::new("somebody").address.to_string(),
        category: "technical".to_owned(),
        status: "closed".to_owned(),
        source: "old-desk".to_owned(),
        source_id: "4711".to_owned(),
        ..Default::default()
    }
}

fn imports(b: &mut Builder<'_>) {
    type Spoil = fn(&mut wire::MsgImportTicket);
    let admin = b.stage.admin.clone();
    let cases: [(&str, Spoil, u32); 10] = [
        ("no status", |it| it.status = String::new(), 70),
        ("a status of work", |it| it.status = "assigned".to_owned(), 70),
        ("no source", |it| it.source = String::new(), 70),
        ("a source in upper case", |it| it.source = "Old".to_owned(), 70),
        ("a source with a slash", |it| it.source = "a/b".to_owned(), 70),
        ("a source of 33 bytes", |it| it.source = "x".repeat(33), 70),
        ("no id", |it| it.source_id = String::new(), 70),
        ("an id of 129 bytes", |it| it.source_id = "x".repeat(129), 70),
        ("an id that turns the text around", |it| it.source_id = "a\u{202e}b".to_owned(), 70),
        ("a priority in capitals", |it| it.priority = "HIGH".to_owned(), 5),
    ];
    for (name, spoil, code) in cases {
        let mut message = importing(&admin);
        spoil(&mut message);
        b.field(format!("import: {name}"), &admin, to_any(&message), ("support", code));
    }
    let mut message = importing(&admin);
    message.responses = vec![wire::ImportedResponse::default(); 101];
    b.field("import: 101 responses", &admin, to_any(&message), ("support", 70));
    message.responses.clear();
    message.customer = message.customer.to_uppercase();
    b.field("import: a customer in capitals", &admin, to_any(&message), ("support", 6));
}

fn collaborators(b: &mut Builder<'_>) {
    let (admin, agent) = (b.stage.admin.clone(), b.stage.agent.address.to_string());
    let others: Vec<String> =
        (0..5).map(|n| Person::new(&format!("extra {n}")).address.to_string()).collect();
    let five: Vec<&str> = others.iter().map(String::as_str).collect();
    for (name, with) in [
        ("five collaborators", &five[..]),
        ("one collaborator twice", &[five[0], five[1], five[0]]),
        ("the assignee as a collaborator", &[agent.as_str()]),
    ] {
        b.field(name, &admin, to_any(&assigning(&admin, &agent, with)), ("support", 75));
    }
}

fn names(b: &mut Builder<'_>) {
    collaborators(b);
    imports(b);
    let (admin, agent) = (b.stage.admin.clone(), b.stage.agent.clone());
    for name in
        ["", "open", "assigned", "resolved", "closed", "IN_PROGRESS", "in progress", "3", "in_progress\0"]
    {
        b.field(format!("status '{}'", shown(name)), &agent, status(&agent, 2, name), ("support", 4));
    }
    for name in ["", "High", "highest", "3", "high ", "ｈigh"] {
        b.field(format!("priority '{}'", shown(name)), &agent, priority(&agent, 2, name), ("support", 5));
    }
    for name in ["", "Administrator", "admin", "validator", "genesis_account", "2"] {
        let message = roles::MsgAssignRole {
            sender: admin.address.to_string(),
            address: agent.address.to_string(),
            role: name.to_owned(),
            ..Default::default()
        };
        b.field(format!("role '{name}'"), &admin, to_any(&message), ("roles", 2));
    }
    for name in ["", "Active", "deleted", "1"] {
        let message = roles::MsgSetAccountState {
            sender: admin.address.to_string(),
            address: agent.address.to_string(),
            state: name.to_owned(),
            reason: String::new(),
        };
        b.field(format!("account state '{name}'"), &admin, to_any(&message), ("roles", 3));
    }
}

fn resources(b: &mut Builder<'_>) {
    let (who, admin) = (b.stage.other.clone(), b.stage.admin.clone());
    let owner = who.address.to_string();
    for (kind, id, of) in [
        ("", owner.clone(), String::new()),
        ("house", owner.clone(), String::new()),
        ("Lease", format!("{owner}/1/1/1"), String::new()),
        ("lease", String::new(), String::new()),
        ("lease", format!("{owner}/1/1"), String::new()),
        ("lease", format!("{owner}/0/1/1"), String::new()),
        ("lease", format!("{owner}/01/1/1"), String::new()),
        ("lease", format!("{owner}/1/1/4294967296"), String::new()),
        ("lease", format!("{owner}/1/1/1/"), String::new()),
        ("lease", format!("{owner}/1/1/1/nobody"), String::new()),
        ("deployment", format!("{owner}/18446744073709551616"), String::new()),
        ("deployment", format!("{owner}/-1"), String::new()),
        ("deployment", format!("{owner}/../1"), String::new()),
        ("provider", format!("{owner}{}", "/".repeat(250)), String::new()),
        ("deployment", format!("{owner}/1"), admin.address.to_string()),
    ] {
        let name = format!(
            "resource {kind} {} of '{}'",
            id.replace(&owner, "owner"),
            if of.is_empty() { "" } else { "another" }
        );
        let mut message = create_at(&b.stage.desk, &who, &[&admin, &who], 0);
        message.resource_ref = Some(wire::ResourceReference { r#type: kind.to_owned(), id, owner: of });
        b.field(name, &who, to_any(&message), ("support", 17));
    }
}

pub(super) fn texts(b: &mut Builder<'_>) {
    let (agent, admin) = (b.stage.agent.clone(), b.stage.admin.clone());
    for (name, text) in [
        ("129 bytes", "x".repeat(129)),
        ("129 bytes in 65 characters", "é".repeat(64) + "x"),
        ("a NUL", "a\0b".to_owned()),
        ("a line break", "a\nb".to_owned()),
        ("an escape", "\u{1b}[31mred".to_owned()),
        ("a right-to-left override", "a\u{202e}b".to_owned()),
        ("a zero-width space", "a\u{200b}b".to_owned()),
        ("a byte order mark", "\u{feff}a".to_owned()),
        ("a tag character", "a\u{e0041}".to_owned()),
    ] {
        let sender = agent.address.to_string();
        let ticket_id = "TKT-00000002".to_owned();
        let message = wire::MsgResolveTicket {
            sender: sender.clone(),
            ticket_id: ticket_id.clone(),
            resolution_ref: text.clone(),
        };
        b.field(format!("resolution with {name}"), &agent, to_any(&message), ("sdk", 18));
        let message = wire::MsgReopenTicket { sender, ticket_id, reason: text.clone() };
        b.field(format!("reason with {name}"), &agent, to_any(&message), ("sdk", 18));
        let message = encryption::MsgRegisterRecipientKey { label: text.clone(), ..agent.registration(1) };
        b.field(format!("label with {name}"), &agent, to_any(&message), ("sdk", 18));
        let message = roles::MsgSetAccountState {
            sender: admin.address.to_string(),
            address: agent.address.to_string(),
            state: "suspended".to_owned(),
            reason: text,
        };
        b.field(format!("suspension with {name}"), &admin, to_any(&message), ("sdk", 18));
    }
    let message = wire::MsgGrantAccess {
        sender: admin.address.to_string(),
        ticket_id: "TKT-00000001".to_owned(),
        grants: Vec::new(),
        agent: String::new(),
    };
    b.field("no grants", &admin, to_any(&message), ("sdk", 18));
}

fn parameters(b: &mut Builder<'_>) {
    type Set = fn(&mut wire::Params, u32);
    let numbers: [(&str, Set, u32, u32); 8] = [
        ("max_tickets_per_customer_per_day", |p, v| p.max_tickets_per_customer_per_day = v, 1, 10_000),
        ("max_responses_per_ticket", |p, v| p.max_responses_per_ticket = v, 5, 10_000),
        ("ticket_cooldown_seconds", |p, v| p.ticket_cooldown_seconds = v, 0, 86_400),
        ("auto_close_after_days", |p, v| p.auto_close_after_days = v, 1, 3_650),
        ("max_open_tickets_per_customer", |p, v| p.max_open_tickets_per_customer = v, 1, 10_000),
        ("reopen_window_days", |p, v| p.reopen_window_days = v, 0, 3_650),
        ("max_envelope_bytes", |p, v| p.max_envelope_bytes = v, 16_384, 131_072),
        ("max_recipients", |p, v| p.max_recipients = v, 3, 128),
    ];
    for (name, set, least, most) in numbers {
        for value in [least.checked_sub(1), Some(most + 1), Some(u32::MAX)].into_iter().flatten() {
            let mut params = Params::default().to_wire();
            set(&mut params, value);
            parameter(b, format!("{name} = {value}"), Some(params));
        }
    }
    let many: Vec<String> = (0..33).map(|n| format!("c{n}")).collect();
    for (name, categories) in [
        ("no categories", Vec::new()),
        ("33 categories", many),
        ("an empty category", vec![String::new()]),
        ("a category in capitals", vec!["Billing".to_owned()]),
        ("a category of 33 bytes", vec!["x".repeat(33)]),
        ("a category twice", vec!["a".to_owned(), "a".to_owned()]),
        ("a category with a space", vec!["a b".to_owned()]),
    ] {
        let params = wire::Params { allowed_categories: categories, ..Params::default().to_wire() };
        parameter(b, name.to_owned(), Some(params));
    }
    parameter(b, "no parameters".to_owned(), None);
}

fn parameter(b: &mut Builder<'_>, name: String, params: Option<wire::Params>) {
    let admin = b.stage.admin.clone();
    let message = wire::MsgUpdateParams { authority: admin.address.to_string(), params };
    b.field(name, &admin, to_any(&message), ("support", 14));
}

fn keys(b: &mut Builder<'_>) {
    let who = b.stage.other.clone();
    type Change = fn(&mut encryption::MsgRegisterRecipientKey);
    let forms: [(&str, Change, u32); 9] = [
        ("no algorithm", |m| m.algorithm_id.clear(), 4),
        ("another algorithm", |m| m.algorithm_id = "ML-KEM-768".to_owned(), 4),
        ("the algorithm in lower case", |m| m.algorithm_id.make_ascii_lowercase(), 4),
        ("a public key of 31 bytes", |m| m.public_key.truncate(31), 2),
        ("a public key of 33 bytes", |m| m.public_key.push(0), 2),
        ("no signing key", |m| m.signing_key.clear(), 2),
        ("a proof of 63 bytes", |m| m.proof.truncate(63), 3),
        ("no proof", |m| m.proof.clear(), 3),
        ("a signing key of 33 bytes", |m| m.signing_key.push(0), 2),
    ];
    for (name, change, code) in forms {
        let mut message = who.registration(1);
        change(&mut message);
        b.field(name, &who, to_any(&message), ("encryption", code));
    }
    let points: [(&str, Change, u32); 9] = [
        ("a public key of zeros", |m| m.public_key = vec![0; 32], 2),
        ("the public key 1", |m| m.public_key = [&[1][..], &[0; 31]].concat(), 2),
        (
            "a public key of order eight",
            |m| {
                m.public_key =
                    hex::decode("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800").unwrap()
            },
            2,
        ),
        ("a public key above the field", |m| m.public_key = vec![0xff; 32], 2),
        ("a signing key of small order", |m| m.signing_key = [&[1][..], &[0; 31]].concat(), 2),
        ("a signing key that is no point", |m| m.signing_key = [&[2][..], &[0; 31]].concat(), 2),
        (
            "a signing key not canonically encoded",
            |m| m.signing_key = [&[0xee][..], &[0xff; 30], &[0x7f]].concat(),
            2,
        ),
        ("a proof with a bit flipped", |m| m.proof[9] ^= 1, 3),
        ("a proof for another key", |m| m.public_key[3] ^= 1, 3),
    ];
    for (name, change, code) in points {
        let mut message = who.registration(1);
        change(&mut message);
        b.rule(name, &who, to_any(&message), ("encryption", code));
    }
    for fingerprint in [String::new(), "a".repeat(39), "A".repeat(40), "g".repeat(40), "a".repeat(41)] {
        let name =
            format!("fingerprint '{}' of {}", fingerprint.chars().next().unwrap_or(' '), fingerprint.len());
        b.field(name, &who, revoke_key(&who, fingerprint), ("encryption", 2));
    }
}

fn validators(b: &mut Builder<'_>) {
    let admin = b.stage.admin.clone();
    let key = Person::new("another validator").verify_key(0).as_bytes().to_vec();
    let (mut neutral, mut beyond) = (vec![0; 32], vec![0xff; 32]);
    neutral[0] = 1;
    (beyond[0], beyond[31]) = (0xee, 0x7f);
    for (name, pub_key, power) in [
        ("no key", Vec::new(), 1),
        ("key of 31 bytes", key[1..].to_vec(), 1),
        ("key of 33 bytes", [key.as_slice(), &[0]].concat(), 1),
        ("the neutral point as its key", neutral, 1),
        ("a key of order four", vec![0; 32], 1),
        ("a key that is not canonical", beyond, 1),
        ("a key that is no point", vec![2; 32], 1),
        ("power -1", key.clone(), -1),
        ("power above the bound", key.clone(), 1_000_000_001),
        ("power i64::MIN", key.clone(), i64::MIN),
        ("power i64::MAX", key, i64::MAX),
    ] {
        let message = propose(&admin, &pub_key, power);
        b.field(format!("validator with {name}"), &admin, message, ("sdk", 18));
    }
}
