//! Texts that a node destroys: nothing else changes, what stays is what was signed, and the state goes on, travels and is exported.

use prost::Message as _;
use sealdesk_machine::{
    EraseError, Erased, RestoreError, Restoring, Row, RowKind, rebuild_indexes, snapshot_rows,
};
use sealdesk_protocol::envelope::{Envelope, EnvelopeLimits, ErasedEnvelope};
use sealdesk_protocol::genesis::Payload;
use sealdesk_protocol::ids::{ChainId, TicketId};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::side;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::virtengine::encryption::v1::MultiRecipientEnvelope;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_store::testing::MemoryDisk;
use sealdesk_store::{Building, Durability, KeyRange, State, Store};
use sealdesk_testkit::desk::{Desk, genesis_of};
use sealdesk_testkit::files::{create_with, file, files, respond_with};
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{Cast, assign, cast, close, create_at, reopen, resolve, respond_wire};
use sealdesk_testkit::walking::Walk;

const AT: i64 = 1_800_000_000;

fn id(number: u64) -> TicketId {
    TicketId::new(number).unwrap()
}

fn erase(desk: &Desk, number: u64, by: &Person) -> Result<Erased, EraseError> {
    let mut state = State::new(desk.store.latest());
    let erased = desk.machine.erase(&mut state, id(number), &by.address, AT)?;
    let changes = state.into_changes();
    assert!(changes.records.is_empty(), "no record changes");
    desk.store.commit(desk.store.prepare_side(changes.side).unwrap(), Durability::Synced).unwrap();
    Ok(erased)
}

fn shown(desk: &Desk, number: u64) -> wire::SupportTicket {
    let request = wire::QueryTicketRequest { ticket_id: id(number).to_string() };
    desk.machine.ticket(&desk.snapshot(), &request).unwrap().ticket.unwrap()
}

fn response(desk: &Desk, number: u64, index: u32) -> wire::TicketResponse {
    let request = wire::QueryTicketResponsesRequest { ticket_id: id(number).to_string(), page: None };
    let all = desk.machine.ticket_responses(&desk.snapshot(), &request).unwrap().responses;
    all.into_iter().find(|response| response.response_index == index).unwrap()
}

/// A closed ticket with files in its first message and in an answer; one of the pieces is named by the next, open ticket too.
fn stage() -> (Cast, Vec<TxHash>) {
    let mut cast = cast();
    let Cast { desk, admin, customer, .. } = &mut cast;
    let mut hashes = Vec::new();
    let mut send = |desk: &mut Desk, who: &Person, message| {
        let tx = desk.tx(who, vec![message]);
        assert_eq!(desk.block(&tx).code, 0);
        hashes.push(TxHash::of(&tx));
    };
    let message = create_at(desk, customer, &[admin, customer], 0);
    send(desk, customer, create_with(message, files(&[9_000, 3 << 20])));
    let message = respond_wire(desk, admin, 1, &[admin, customer], false);
    send(desk, admin, respond_with(message, vec![file(5_000, 7)]));
    send(desk, customer, close(customer, 1));
    desk.pass_to(desk.time + 3_600);
    let message = create_at(desk, customer, &[admin, customer], 0);
    send(desk, customer, create_with(message, vec![file(5_000, 7)]));
    (cast, hashes)
}

#[test]
fn only_an_active_administrator_erases_and_only_what_is_closed() {
    let (Cast { mut desk, admin, agent, customer }, _) = stage();
    desk.must(&admin, vec![assign(&admin, 2, &agent)]);
    desk.must(&agent, vec![resolve(&agent, 2)]);
    let side = desk.side(b"");
    assert!(matches!(erase(&desk, 1, &agent), Err(EraseError::NotAdministrator)));
    assert!(matches!(erase(&desk, 1, &customer), Err(EraseError::NotAdministrator)));
    assert!(matches!(erase(&desk, 2, &admin), Err(EraseError::NotClosed { .. })));
    assert!(matches!(erase(&desk, 9, &admin), Err(EraseError::NotFound(_))));
    assert!(desk.side(b"") == side, "nothing changed");
}

#[test]
fn texts_and_files_go_and_proofs_and_everything_else_stay() {
    let (Cast { desk, admin, .. }, hashes) = stage();
    let (root, leaves, before) = (desk.root(), desk.leaves(), shown(&desk, 1));
    let shared = file(5_000, 7).blobs;
    let erased = erase(&desk, 1, &admin).unwrap();
    assert_eq!((erased.texts, desk.root()), (2, root));
    assert!(desk.leaves() == leaves);
    assert!(!erased.blobs.is_empty() && erased.blobs.iter().all(|blob| !shared.contains(&blob.to_vec())));
    assert!(erased.last_block > 0 && erased.last_block < desk.height);
    let after = shown(&desk, 1);
    assert!(before.encrypted_payload.is_some() && before.erased.is_none());
    let erasure = wire::Erasure { erased_at: AT, erased_by: admin.address.to_string() };
    assert_eq!((after.encrypted_payload.clone(), after.erased.clone()), (None, Some(erasure)));
    let as_before =
        wire::SupportTicket { encrypted_payload: before.encrypted_payload.clone(), erased: None, ..after };
    assert_eq!(as_before, before, "the rest of the answer is the same");
    let ciphertext = before.encrypted_payload.unwrap().payload_ciphertext;
    let holds = |value: &[u8]| value.windows(ciphertext.len()).any(|part| part == ciphertext);
    assert!(!desk.side(b"").values().any(|value| holds(value)), "no side value holds the text");
    for hash in &hashes[..3] {
        let record = desk.machine.tx(&desk.snapshot(), *hash).unwrap().unwrap();
        assert!(record.tx.is_empty() && !record.events.is_empty(), "the result stays");
    }
    assert!(!desk.machine.tx(&desk.snapshot(), hashes[3]).unwrap().unwrap().tx.is_empty());
    assert!(shown(&desk, 2).encrypted_payload.is_some());
    let again = erase(&desk, 1, &admin).unwrap();
    assert_eq!((again.texts, again.blobs), (0, erased.blobs), "asked again, it says what files there were");

    let named = desk.side(side::BLOBS);
    let mut state = State::new(desk.store.latest());
    rebuild_indexes(&mut state, desk.machine.prefix()).unwrap();
    desk.store
        .commit(desk.store.prepare_side(state.into_changes().side).unwrap(), Durability::Synced)
        .unwrap();
    assert!(desk.side(side::BLOBS) == named, "lists made anew name no piece that was erased");
}

#[test]
fn what_is_written_after_an_erasure_stays_until_the_next_one() {
    let (Cast { mut desk, admin, customer, .. }, _) = stage();
    let first = erase(&desk, 1, &admin).unwrap();
    // A ticket that is reopened counts as one that is written: the second one stands a cooldown back.
    desk.pass_to(desk.time + 60);
    desk.must(&customer, vec![reopen(&customer, 1)]);
    let message = respond_wire(&desk, &admin, 1, &[&admin, &customer], false);
    desk.must(&admin, vec![respond_with(message, vec![file(700, 9)])]);
    assert!(matches!(erase(&desk, 1, &admin), Err(EraseError::NotClosed { .. })));
    assert!(response(&desk, 1, 0).encrypted_payload.is_none(), "what was erased stays so");
    assert!(response(&desk, 1, 1).encrypted_payload.is_some() && response(&desk, 1, 1).erased.is_none());
    desk.must(&customer, vec![close(&customer, 1)]);
    let (root, again) = (desk.root(), erase(&desk, 1, &admin).unwrap());
    assert_eq!((again.texts, desk.root()), (1, root));
    let added: Vec<Vec<u8>> =
        again.blobs.iter().filter(|blob| !first.blobs.contains(blob)).map(|blob| blob.to_vec()).collect();
    assert_eq!(added, file(700, 9).blobs);
    assert!(again.last_block > first.last_block);
    assert!(response(&desk, 1, 1).encrypted_payload.is_none() && response(&desk, 1, 1).erased.is_some());
    assert!(shown(&desk, 2).encrypted_payload.is_some());
}

fn walked() -> (Walk, u32) {
    let mut walk = Walk::new(11);
    for _ in 0..300 {
        walk.step();
    }
    let mut texts = 0;
    for number in 1..=walk.desk.ticket_count() {
        match erase(&walk.desk, number, &walk.people[0]) {
            Ok(erased) => texts += erased.texts,
            Err(EraseError::NotClosed { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert!(texts > 3, "{texts}");
    (walk, texts)
}

fn restore(walk: &Walk, rows: Vec<Row>) -> Result<Store, RestoreError> {
    restore_of(&walk.desk, &walk.people[0], rows)
}

fn restore_of(desk: &Desk, admin: &Person, rows: Vec<Row>) -> Result<Store, RestoreError> {
    let mut restoring = Restoring::new(&genesis_of(&[admin])).unwrap();
    let building = Building::begin(MemoryDisk::new())?;
    let mut state = State::new(building.view());
    for row in rows {
        restoring.take(&mut state, row)?;
    }
    building.add(state.into_changes())?;
    let mut state = State::new(building.view());
    restoring.finish(&mut state, desk.height)?;
    Ok(building.finish(desk.height + 1, state.into_changes())?)
}

#[test]
fn a_state_with_erased_texts_travels_and_no_byte_of_what_stays_is_a_strangers() {
    let (walk, texts) = walked();
    let rows: Vec<Row> = snapshot_rows(&walk.desk.snapshot()).unwrap().map(Result::unwrap).collect();
    let erased = |row: &&Row| row.kind == RowKind::Erased;
    assert_eq!(u32::try_from(rows.iter().filter(erased).count()).unwrap(), texts);
    let store = restore(&walk, rows.clone()).unwrap();
    assert_eq!(store.latest().root(), walk.desk.root());
    let side_of = |store: &Store, prefix: &[u8]| -> Vec<(Vec<u8>, Vec<u8>)> {
        store.latest().scan_side(&KeyRange::prefix(prefix)).unwrap().map(Result::unwrap).collect()
    };
    for prefix in [side::ERASED, side::ENVELOPES, side::CONTENTS, side::BLOBS, side::GRANTS] {
        assert!(side_of(&store, prefix) == side_of(&walk.desk.store, prefix), "{}", prefix.escape_ascii());
    }
    let at = rows.iter().position(|row| row.kind == RowKind::Erased).unwrap();
    let without = rows.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, row)| row.clone()).collect();
    assert!(restore(&walk, without).is_err(), "a text that is neither there nor erased");
    let mut restoring = Restoring::new(&genesis_of(&[&walk.people[0]])).unwrap();
    let mut state = State::new(Store::in_memory().latest());
    for row in &rows[..at] {
        restoring.take(&mut state, row.clone()).unwrap();
    }
    for byte in 0..rows[at].value.len() {
        let mut changed = rows[at].clone();
        changed.value[byte] ^= 1 << (byte % 8);
        let taken = restoring.clone().take(&mut state.clone(), changed);
        assert!(matches!(taken, Err(RestoreError::Refused(_))), "byte {byte}");
    }
}

#[test]
fn an_export_says_what_was_erased_and_a_ledger_begins_with_it() {
    let (walk, texts) = walked();
    let chain_id = ChainId::parse("desk-0123456789abcdef").unwrap();
    let export = walk.desk.machine.export(&walk.desk.snapshot(), Some(&chain_id)).unwrap();
    let tickets = &export.app_state.tickets;
    let payloads = || tickets.iter().flat_map(|t| t.responses.iter().map(|r| &r.payload).chain([&t.payload]));
    assert_eq!(
        payloads().filter(|payload| payload.erased.is_some()).count(),
        usize::try_from(texts).unwrap()
    );
    assert!(payloads().all(|payload| payload.erased.is_some() == payload.ciphertext.is_empty()));
    let mut genesis = export.clone();
    genesis.validators.push(sealdesk_testkit::desk::first_validator());
    let next = Desk::from_genesis(&genesis);
    assert_eq!(next.side(side::ERASED).len(), usize::try_from(texts).unwrap());
    assert!(next.side(side::BLOBS) == walk.desk.side(side::BLOBS));
    let changes: [fn(&mut Payload); 5] = [
        |payload| payload.ciphertext = vec![1; 304],
        |payload| payload.erased.as_mut().unwrap().ciphertext_sha256[0] ^= 1,
        |payload| payload.erased.as_mut().unwrap().recipients_root[0] ^= 1,
        |payload| payload.erased.as_mut().unwrap().ciphertext_bytes = 305,
        |payload| payload.erased = None,
    ];
    for change in changes {
        let mut changed = genesis.clone();
        let all = changed.app_state.tickets.iter_mut();
        let ticket = all.into_iter().find(|ticket| ticket.payload.erased.is_some()).unwrap();
        change(&mut ticket.payload);
        assert!(changed.check().is_err());
    }
}

/// The rows of a desk whose peer says that it has erased a text.
fn withholding(desk: &Desk, ticket: u64, target: GrantTarget) -> Vec<Row> {
    let mut rows: Vec<Row> = snapshot_rows(&desk.snapshot()).unwrap().map(Result::unwrap).collect();
    let key = side::envelope(id(ticket), target);
    let at = rows.iter().position(|row| row.kind == RowKind::Envelope && row.key == key).unwrap();
    let wire = MultiRecipientEnvelope::decode(rows.remove(at).value.as_slice()).unwrap();
    let envelope = Envelope::from_wire(&wire, EnvelopeLimits::WIDEST).unwrap();
    let value = ErasedEnvelope::of(&envelope).to_wire().encode_to_vec();
    let key = side::erased(id(ticket), target);
    rows.push(Row { kind: RowKind::Erased, key, value });
    rows.sort_by(|a, b| (a.kind, &a.key).cmp(&(b.kind, &b.key)));
    rows
}

#[test]
fn no_peer_withholds_as_erased_what_was_never_closed_since_it_was_written() {
    let (mut cast, _) = stage();
    let Cast { desk, admin, customer, .. } = &mut cast;
    let restored = |desk: &Desk, rows| restore_of(desk, admin, rows);
    let refused = |desk: &Desk, ticket, target| {
        let taken = restored(desk, withholding(desk, ticket, target)).map(drop).unwrap_err();
        assert!(matches!(taken, RestoreError::Refused(_)), "{ticket}, {target:?}: {taken}");
        assert!(taken.to_string().contains("which was not closed since it was written"), "{taken}");
    };
    refused(desk, 2, GrantTarget::Ticket);
    // What is closed may be erased, and so may what was, once it is open again; not what was written afterwards.
    restored(desk, withholding(desk, 1, GrantTarget::Response(0))).unwrap();
    assert_eq!(erase(desk, 1, admin).unwrap().texts, 2);
    desk.pass_to(desk.time + 3_600);
    desk.must(customer, vec![reopen(customer, 1)]);
    desk.pass_to(desk.time + 60);
    let message = respond_wire(desk, admin, 1, &[admin, customer], false);
    desk.must(admin, vec![respond_with(message, Vec::new())]);
    let rows: Vec<Row> = snapshot_rows(&desk.snapshot()).unwrap().map(Result::unwrap).collect();
    let store = restored(desk, rows).unwrap();
    assert_eq!(store.latest().root(), desk.root());
    refused(desk, 1, GrantTarget::Response(1));
}
