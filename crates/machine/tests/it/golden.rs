//! Known answers of consensus. One that changes says that the change breaks consensus: commit it with
//! `Consensus-breaking:` and a reason. `BLESS=1` writes the files anew.

use std::path::PathBuf;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::Ballot;
use sealdesk_protocol::codes::{EncryptionError, Refusal, RolesError, SdkError, SupportError};
use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::messages::{Message, to_any};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::ticket::{Action, Status, transition};
use sealdesk_protocol::wire::sealdesk::ledger::v1::MsgContinueLedger;
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::documents::{self, Over};
use sealdesk_testkit::files::{files, respond_with};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{
    Cast, Told, assign, assign_role, cast, close, create, grant, import_at, link, note, priority, propose,
    rate, rate_with, register, reopen, resolve, respond, respond_wire, revoke_key, revoke_role, set_state,
    snooze, status, transfer, update_params,
};
use sealdesk_testkit::trust::Ledger;

/// Compares with a file below the crate, or writes it.
fn golden(path: &str, found: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&file, found).unwrap();
        panic!("{path} is written anew: read the difference, then run without BLESS");
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(found == expected, "{path} differs; found:\n{found}");
}

#[test]
fn app_hashes_do_not_change() {
    let mut hashes = String::new();
    let mut add =
        |what: &str, desk: &Desk| hashes.push_str(&format!("{} {what}\n", hex::encode(desk.root())));
    let admin = Person::new("admin");
    let mut desk = Desk::new(&[&admin]);
    add("after genesis", &desk);
    desk.must(&admin, vec![register(&admin, 0)]);
    add("after one block", &desk);
    let (desk, next) = every_message();
    add("after a chain with every message", &desk);
    add("after a ledger that continues it", &next);
    golden("tests/golden/app-hashes.txt", &hashes);
}

/// A chain in which each message succeeds at least once, and the ledger that continues it.
fn every_message() -> (Desk, Desk) {
    let Cast { mut desk, admin, agent, customer } = cast();
    let provider = Person::new("provider");
    let all = [&admin, &agent, &customer];
    let mut seen: Vec<String> = Vec::new();
    let mut send = |desk: &mut Desk, who: &Person, message: prost_types::Any| {
        seen.push(message.type_url.clone());
        desk.must(who, vec![message]);
    };
    let message = create(&desk, &customer, &[&admin, &customer]);
    send(&mut desk, &customer, message);
    send(&mut desk, &admin, assign(&admin, 1, &agent));
    let message = grant(&desk, &admin, 1, 0, &agent.fingerprint(0));
    send(&mut desk, &admin, message);
    let message = respond(&desk, &agent, 1, &all);
    send(&mut desk, &agent, message);
    let message = note(&desk, &agent, 1, &[&admin, &agent]);
    send(&mut desk, &agent, message);
    send(&mut desk, &agent, status(&agent, 1, "pending_customer"));
    let message = respond_with(respond_wire(&desk, &customer, 1, &all, false), files(&[9_000, 3 << 20]));
    send(&mut desk, &customer, message);
    send(&mut desk, &agent, priority(&agent, 1, "urgent"));
    acts(&mut desk, &[&admin, &agent, &customer], &mut send);
    send(&mut desk, &customer, close(&customer, 1));
    desk.pass_to(desk.time + 60);
    send(&mut desk, &customer, reopen(&customer, 1));
    send(&mut desk, &admin, update_params(&admin, &Params { import_open: true, ..Params::default() }));
    let told = Told { customer: &customer, people: &[&admin, &customer], staff: &[&admin], id: "4711" };
    let message = import_at(&desk, &admin, &told);
    send(&mut desk, &admin, to_any(&message));
    let replies = Over { shelf: "staff", name: "replies", version: 0 };
    let message = documents::put(&desk, &agent, replies, &[&admin, &agent]);
    send(&mut desk, &agent, message);
    let message = documents::put(&desk, &customer, Over { shelf: "own", ..replies }, &[&customer]);
    send(&mut desk, &customer, message);
    send(&mut desk, &admin, documents::publish(&admin, "hours", 0, "{}"));
    send(&mut desk, &admin, documents::remove(&admin, Over { shelf: "public", name: "hours", version: 1 }));
    send(&mut desk, &agent, register(&agent, 1));
    send(&mut desk, &agent, revoke_key(&agent, agent.fingerprint(0)));
    let gateway = Person::new("gateway");
    send(&mut desk, &admin, assign_role(&admin, &gateway, "gateway"));
    send(&mut desk, &gateway, assign_role(&gateway, &provider, "customer"));
    send(&mut desk, &admin, set_state(&admin, &provider, "suspended"));
    send(&mut desk, &admin, revoke_role(&admin, &agent, "support_agent"));
    send(&mut desk, &admin, assign_role(&admin, &agent, "administrator"));
    let second = Person::new("second validator").verify_key(0);
    send(&mut desk, &admin, propose(&admin, second.as_bytes(), 1));
    send(&mut desk, &agent, propose(&agent, second.as_bytes(), 1));
    let third = Person::new("third validator").verify_key(0);
    send(&mut desk, &admin, propose(&admin, third.as_bytes(), 2));
    board(&mut desk, [&admin, &agent, &customer]);
    let old = desk.ledger();
    let chain_id = ChainId::parse("desk-next").unwrap();
    let export = desk.machine.export(&desk.snapshot(), Some(&chain_id)).unwrap();
    let mut next = Desk::from_genesis(&export);
    let vote = admin.vote_on(&Ledger { now: next.time, ..old }, &Ballot::Continue(next.machine.identity()));
    let message = to_any(&MsgContinueLedger {
        sender: admin.text.clone(),
        made: vote.made,
        account_pub_key: vote.account_pub_key.to_vec(),
        account_signature: vote.signature.to_vec(),
    });
    send(&mut next, &admin, message);
    for url in Message::type_urls() {
        assert!(seen.contains(&url), "{url} is missing from the chain");
    }
    (desk, next)
}

/// An account of several keys joins the administrators, votes, and appoints somebody.
fn board(desk: &mut Desk, [admin, agent, customer]: [&Person; 3]) {
    let board = Person::of_several("board", 2, &[admin, agent, customer]);
    desk.must(admin, vec![assign_role(admin, &board, "administrator")]);
    desk.must(agent, vec![assign_role(agent, &board, "administrator")]);
    desk.must(&board, vec![assign_role(&board, &Person::new("appointed"), "support_agent")]);
    desk.must(&board, vec![revoke_role(&board, agent, "administrator")]);
    desk.must(admin, vec![revoke_role(admin, agent, "administrator")]);
    desk.must(&board, vec![assign_role(&board, &Person::new("candidate"), "administrator")]);
}

/// Acts on the first ticket beside its life; it is resolved then.
fn acts(desk: &mut Desk, all: &[&Person; 3], send: &mut impl FnMut(&mut Desk, &Person, prost_types::Any)) {
    let [admin, agent, customer] = *all;
    let message = create(desk, customer, &[admin, customer]);
    desk.pass_to(desk.time + 60);
    desk.must(customer, vec![message]);
    send(desk, admin, link(admin, 1, "duplicate_of", 2, false));
    let heir = Person::new("heir");
    send(desk, &heir, register(&heir, 0));
    send(desk, admin, transfer(admin, 1, &heir));
    send(desk, admin, transfer(admin, 1, customer));
    let until = desk.time + 3_600;
    send(desk, agent, snooze(agent, 1, until));
    send(desk, agent, resolve(agent, 1));
    send(desk, customer, rate(customer, 1, 4));
    desk.pass_to(desk.time + 60);
    desk.must(customer, vec![reopen(customer, 1)]);
    desk.must(admin, vec![assign(admin, 1, agent), resolve(admin, 1)]);
    let message = rate_with(desk, customer, 1, 5, all);
    desk.must(customer, vec![message]);
}

#[test]
fn state_and_action_give_their_code() {
    let id = TicketId::new(1).unwrap();
    let mut table = String::from("| action |");
    Status::ALL.iter().for_each(|status| table.push_str(&format!(" {status} |")));
    table.push_str("\n|---|---|---|---|---|---|---|\n");
    for action in Action::ALL {
        table.push_str(&format!("| {} |", action.name()));
        for from in Status::ALL {
            match transition(id, from, action) {
                Ok(to) => table.push_str(&format!(" → {to} |")),
                Err(refusal) => table.push_str(&format!(" {} {} |", refusal.codespace(), refusal.code())),
            }
        }
        table.push('\n');
    }
    golden("tests/golden/state-action-code.md", &table);
}

#[test]
fn permissions_md_is_the_permission_table() {
    let text = format!(
        "# Who may do what\n\nGenerated from `crates/machine/src/access.rs` by its test (`BLESS=1 cargo test -p sealdesk-machine \
         --test it permissions_md`); edit that file, not this one.\nWhat is allowed here can still be refused for the ticket's state, a limit or the envelope.\n\n{}",
        sealdesk_machine::permissions_table()
    );
    golden("../../docs/permissions.md", &text);
}

#[test]
fn every_code_is_what_it_was() {
    let mut list = String::new();
    for (name, refusal) in every_refusal() {
        list.push_str(&format!("{} {} {name}\n", refusal.codespace(), refusal.code()));
    }
    golden("tests/golden/codes.txt", &list);
}

/// One of each refusal. A new variant must be added here: the count is checked against the enums' sources by review.
fn every_refusal() -> Vec<(String, Refusal)> {
    let (text, ticket, address) = (String::new(), TicketId::new(1).unwrap(), Person::new("someone").address);
    let mut all: Vec<Refusal> = Vec::new();
    all.extend(sdk(&text).map(Refusal::from));
    all.extend(support_errors(&text, ticket, &address).map(Refusal::from));
    all.extend(
        [
            RolesError::InvalidAddress(text.clone()),
            RolesError::InvalidRole(text.clone()),
            RolesError::InvalidState(text.clone()),
            RolesError::Unauthorized(text.clone()),
            RolesError::OtherRole(address.clone()),
            RolesError::NoSuchRole { address: address.clone(), role: text.clone() },
            RolesError::SameRole(address.clone()),
            RolesError::SameState(address.clone()),
            RolesError::Terminated(address.clone()),
            RolesError::OwnState,
            RolesError::LastAdministrator,
            RolesError::TooManyAdministrators(1),
            RolesError::NotActive(address.clone()),
            RolesError::CircleMember(address.clone()),
            RolesError::BadVote { voter: address.clone(), what: "", fits: "" },
            RolesError::VoteTime { made: 1, now: 1 },
            RolesError::VotePosition { expected: 1, found: 1 },
            RolesError::TooManyVotes(1),
            RolesError::TooManyChanges { max: 1, next: 1 },
            RolesError::NotSuspendedLong { address: address.clone(), next: 1 },
            RolesError::ContinuesNone,
            RolesError::TooManyAgents(1),
            RolesError::AppointedLater { address: address.clone(), made: 1, last: 1 },
        ]
        .map(Refusal::from),
    );
    all.extend(
        [
            EncryptionError::InvalidAddress(text.clone()),
            EncryptionError::InvalidKey(text.clone()),
            EncryptionError::InvalidProof(address.clone()),
            EncryptionError::UnsupportedAlgorithm(text.clone()),
            EncryptionError::KeyExists { address: address.clone(), fingerprint: text.clone() },
            EncryptionError::KeyNotFound(text.clone()),
            EncryptionError::TooManyActiveKeys(1),
            EncryptionError::TooManyRegistrations { max: 1, next: 1 },
            EncryptionError::TooManyKeys(1),
            EncryptionError::Unauthorized(text),
            EncryptionError::InvalidOwner(address.clone()),
        ]
        .map(Refusal::from),
    );
    let name = |refusal: &Refusal| {
        let shown = format!("{refusal:?}");
        let inner = shown.split_once('(').unwrap().1.to_owned();
        inner.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned()
    };
    all.into_iter().map(|refusal| (name(&refusal), refusal)).collect()
}

fn sdk(text: &str) -> [SdkError; 15] {
    let text = text.to_owned();
    [
        SdkError::TxDecode(text.clone()),
        SdkError::Unauthorized(text.clone()),
        SdkError::UnknownRequest(text.clone()),
        SdkError::InvalidPubKey(text.clone()),
        SdkError::InvalidCoins,
        SdkError::OutOfGas { wanted: 1, used: 2 },
        SdkError::MemoTooLarge { found: 1, max: 1 },
        SdkError::InvalidRequest(text.clone()),
        SdkError::TxInMempool,
        SdkError::TxCommitted { height: 1 },
        SdkError::MempoolFull(text),
        SdkError::TxTooLarge { found: 1, max: 1 },
        SdkError::TxTimeout { timeout_height: 1, height: 1 },
        SdkError::WrongSequence { expected: 1, found: 1 },
        SdkError::TxTimedOut { timeout: 1, now: 1 },
    ]
}

fn support_errors(
    text: &str,
    ticket: TicketId,
    address: &sealdesk_protocol::ids::Address,
) -> [SupportError; 50] {
    let text = text.to_owned();
    [
        SupportError::TicketNotFound(ticket),
        SupportError::TicketExists(ticket),
        SupportError::InvalidTicketId(text.clone()),
        SupportError::InvalidStatus { ticket, status: Status::Open, action: "" },
        SupportError::UnknownStatus(text.clone()),
        SupportError::InvalidPriority(text.clone()),
        SupportError::InvalidAddress(text.clone()),
        SupportError::Unauthorized(text.clone()),
        SupportError::TicketClosed(ticket),
        SupportError::NotAssigned(ticket),
        SupportError::AlreadyAssigned { ticket, assignee: address.clone() },
        SupportError::InvalidEnvelope(text.clone()),
        SupportError::RateLimit { limit: "", value: 1, next: text.clone() },
        SupportError::TooManyResponses { limit: "", value: 1, reserved: 1 },
        SupportError::InvalidParams(text.clone()),
        SupportError::AlreadyResolved(ticket),
        SupportError::CannotReopen { ticket, reason: text.clone() },
        SupportError::InvalidResource(text.clone()),
        SupportError::ResponseNotFound { ticket, index: 0 },
        SupportError::InvalidCategory(text.clone()),
        SupportError::NotResolved(ticket),
        SupportError::SelfAssignment(ticket),
        SupportError::ResponseCountChanged { ticket, expected: 1, found: 1 },
        SupportError::NoAdministratorCanRead,
        SupportError::ReaderMissing(address.clone()),
        SupportError::ReaderNotAllowed(text.clone()),
        SupportError::TooManyGrants { value: 1, reserved: 1 },
        SupportError::DocumentChanged { document: text.clone(), expected: 1, found: 2 },
        SupportError::InvalidDocument(text.clone()),
        SupportError::TooManyDocuments { shelf: text.clone(), max: 1 },
        SupportError::SameCustomer { ticket, customer: address.clone() },
        SupportError::CannotBeCustomer { address: address.clone(), reason: "" },
        SupportError::TooManyTransfers { ticket, max: 1 },
        SupportError::InvalidLink(text.clone()),
        SupportError::LinkExists { ticket, other: ticket },
        SupportError::LinkNotFound { ticket, other: ticket },
        SupportError::TooManyLinks { ticket, max: 1 },
        SupportError::CannotRate { ticket, reason: text.clone() },
        SupportError::InvalidScore(0),
        SupportError::SnoozeTime { ticket, until: 1, most: 1 },
        SupportError::InvalidAttachment(text),
        SupportError::TooManyAttachments { found: 1 },
        SupportError::AttachmentsTooLarge { found: 1 },
        SupportError::AttachmentTooLarge { found: 1, value: 1 },
        SupportError::AttachmentsOff,
        SupportError::ImportKnown { system: String::new(), id: String::new(), ticket },
        SupportError::InvalidImport(String::new()),
        SupportError::ImportsClosed,
        SupportError::InvalidCollaborators(String::new()),
        SupportError::CannotTake { ticket, reason: "" },
    ]
}

#[test]
fn account_states_and_their_numbers_are_what_they_were() {
    let states = AccountState::ALL.map(|state| (state.name(), state.to_wire()));
    assert_eq!(states, [("active", 1), ("suspended", 2), ("terminated", 3)]);
}
