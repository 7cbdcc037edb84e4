//! Bugs that systems like this one have had, each as a sentence that would be false with it. The number is the one of
//! docs/known-bugs.md.

mod support;

use prost::Message as _;
use sealdesk_machine::{BlockContext, Executed};
use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::genesis::{Genesis, GenesisError};
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::limits::DAY_SECONDS;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::virtengine::encryption::v1 as encryption;
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_store::{KeyRange, State};
use support::desk::{Desk, GENESIS_TIME};
use support::forge::{self, Options, Place, SignedBy, transaction};
use support::people::Person;
use support::scenario::{
    Cast, CountTickets as _, assign, assign_role, cast, close, create, create_at, grant, note, priority, register, reopen,
    resolve, respond, respond_wire, revoke_key, revoke_role, set_state, status, targeted, ticket_id, update_params,
};

fn code(executed: &Executed) -> (&str, u32) {
    (executed.codespace.as_str(), executed.code)
}

fn by(person: &Person, sequence: u64) -> SignedBy<'_> {
    SignedBy { person, sequence }
}

fn status_of(desk: &Desk, number: u64) -> wire::SupportTicket {
    let request = wire::QueryTicketRequest { ticket_id: ticket_id(number) };
    desk.machine.ticket(&desk.snapshot(), &request).unwrap().ticket.unwrap()
}

mod atomicity {
    use super::*;

    #[test]
    fn bug_3_checking_a_transaction_any_number_of_times_leaves_the_state_alone() {
        let Cast { desk, admin, customer, .. } = cast();
        let tx = desk.tx(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        let before = desk.root();
        for _ in 0..100 {
            assert!(desk.machine.check(&desk.snapshot(), &tx, &|_| None, desk.height + 1).unwrap().is_ok());
            // A proposal that was never decided: executed on a state that is dropped.
            let mut state = State::new(desk.snapshot());
            let block = BlockContext { height: desk.height + 1, time: desk.time + 1 };
            desk.machine.begin(&mut state, &block).unwrap();
            assert_eq!(desk.machine.execute(&mut state, &block, &tx, 0).unwrap().code, 0);
        }
        assert_eq!(desk.root(), before);
    }

    #[test]
    fn bug_1_and_8_the_same_blocks_give_the_same_hash_at_every_height() {
        let run = || {
            let Cast { mut desk, admin, agent, customer } = cast();
            let mut roots = vec![desk.root()];
            desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
            roots.push(desk.root());
            desk.must(&admin, vec![assign(&admin, 1, &agent)]);
            roots.push(desk.root());
            roots
        };
        assert_eq!(run(), run());
    }

    #[test]
    fn bug_5_no_query_changes_the_state() {
        let mut cast = cast();
        cast.ticket();
        let (before, snapshot) = (cast.desk.root(), cast.desk.snapshot());
        let machine = &cast.desk.machine;
        let _ = machine.params(&snapshot).unwrap();
        let _ = machine.open_tickets(&snapshot, &wire::QueryOpenTicketsRequest::default()).unwrap();
        let _ = machine.export(&snapshot, Some(&ChainId::parse("other").unwrap())).unwrap();
        assert_eq!(cast.desk.root(), before);
    }

    #[test]
    fn bug_6_the_text_of_a_refusal_is_in_no_leaf() {
        let Cast { mut desk, admin, .. } = cast();
        desk.refuse(&admin, vec![close(&admin, 77)], "support", 1);
        let state = desk.state();
        for entry in state.scan(&KeyRange::all()).unwrap() {
            let (key, record) = entry.unwrap();
            let shown = String::from_utf8_lossy(&record).into_owned();
            assert!(!shown.contains("not found"), "{}", key.escape_ascii());
        }
    }

    #[test]
    fn bug_7_a_failed_transaction_leaves_nothing_but_its_sequence() {
        let Cast { mut desk, admin, agent, customer } = cast();
        desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        desk.begin(desk.time + 1);
        let before = desk.state().into_changes();
        let messages = vec![assign(&admin, 1, &agent), priority(&admin, 1, "high"), close(&admin, 99)];
        let tx = desk.tx(&admin, messages);
        let executed = desk.execute(&tx);
        assert_eq!(code(&executed), ("support", 1));
        assert!(executed.log.starts_with("message 2: "), "{}", executed.log);
        let mut after = desk.state().into_changes();
        let account = after.records.remove(&tree::account(&admin.address)).unwrap().unwrap();
        assert!(!account.is_empty());
        assert_eq!(after.records, before.records, "no other record");
        let kept: Vec<_> = after.side.keys().filter(|key| !before.side.contains_key(*key)).collect();
        assert!(kept.iter().all(|key| key.starts_with(side::TXS) || **key == side::LAST_CHANGE), "{kept:?}");
    }

    #[test]
    fn bug_11_lists_and_events_come_from_the_same_commit_as_the_state() {
        let mut cast = cast();
        let number = cast.ticket();
        let machine = &cast.desk.machine;
        let snapshot = cast.desk.snapshot();
        let listed = machine.open_tickets(&snapshot, &wire::QueryOpenTicketsRequest::default()).unwrap().tickets;
        assert_eq!(listed.len(), 1);
        let last = machine.last_event(&snapshot).unwrap().unwrap();
        let events = machine.events_after(&snapshot, None, 100).unwrap();
        assert_eq!(events.last().map(|event| (event.height, event.n)), Some(last));
        let id = sealdesk_protocol::ids::TicketId::new(number).unwrap();
        let own = machine.ticket_events_after(&snapshot, id, None, 100).unwrap();
        assert_eq!(own.len(), 1);
        assert_eq!(own[0], *events.last().unwrap());
        let stored = machine.tx(&snapshot, TxHash(own[0].record.tx_hash.clone().try_into().unwrap())).unwrap();
        assert_eq!(stored.unwrap().events.len(), 1);
    }

    #[test]
    fn an_empty_block_changes_no_leaf_and_no_side_value() {
        let Cast { mut desk, .. } = cast();
        let before = desk.root();
        desk.begin(desk.time + 5);
        assert!(desk.state().into_changes().is_empty());
        desk.end();
        assert_eq!(desk.root(), before);
    }

    #[test]
    fn a_refused_replay_does_not_overwrite_the_result_of_the_first() {
        let Cast { mut desk, admin, customer, .. } = cast();
        let tx = desk.tx(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        assert_eq!(desk.block(&tx).code, 0);
        assert_eq!(code(&desk.block(&tx)), ("sdk", 32));
        let stored = desk.machine.tx(&desk.snapshot(), TxHash::of(&tx)).unwrap().unwrap();
        assert_eq!(stored.code, 0);
    }
}

mod export {
    use super::*;

    fn other() -> ChainId {
        ChainId::parse("desk-next").unwrap()
    }

    /// A desk with one of everything: bans, sequences, grants, revoked keys, a due ticket, a note.
    fn full() -> Desk {
        let Cast { mut desk, admin, agent, customer } = cast();
        desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        desk.must(&admin, vec![assign(&admin, 1, &agent)]);
        desk.must(&admin, vec![grant(&desk, &admin, 1, 0, &agent.fingerprint(0))]);
        desk.must(&agent, vec![note(&desk, &agent, 1, &[&admin, &agent])]);
        desk.must(&agent, vec![resolve(&agent, 1)]);
        desk.must(&agent, vec![register(&agent, 1), revoke_key(&agent, agent.fingerprint(0))]);
        let banned = Person::new("banned");
        desk.must(&admin, vec![set_state(&admin, &banned, "terminated")]);
        desk
    }

    #[test]
    fn bug_12_export_import_export_is_the_same_file_and_no_kind_of_record_is_missing() {
        let desk = full();
        let export = desk.machine.export(&desk.snapshot(), Some(&other())).unwrap();
        let state = &export.app_state;
        assert!(state.members.iter().any(|member| member.state == "terminated"), "bans");
        assert!(state.accounts.iter().all(|account| account.sequence > 0) && state.accounts.len() == 3);
        assert!(state.keys.iter().flat_map(|list| &list.keys).any(|key| key.revoked_at != 0), "revoked keys");
        assert!(state.tickets[0].due_at != 0, "what is due");
        assert_eq!(state.tickets[0].payload.grants.len(), 1);
        assert!(state.tickets[0].responses[0].internal);
        let text = export.to_json().unwrap();
        let copy = Desk::from_genesis(&Genesis::from_json(&text).unwrap());
        let again = copy.machine.export(&copy.snapshot(), None).unwrap().to_json().unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), String::from_utf8(again).unwrap());
    }

    #[test]
    fn bug_24_a_copy_never_has_the_name_of_the_original() {
        let desk = full();
        assert!(desk.machine.export(&desk.snapshot(), None).is_err());
        assert!(desk.machine.export(&desk.snapshot(), Some(desk.machine.chain_id())).is_err());
        let mut export = desk.machine.export(&desk.snapshot(), Some(&other())).unwrap();
        export.chain_id = desk.machine.chain_id().to_string();
        assert!(export.check().is_err(), "its envelopes name that ledger");
    }

    #[test]
    fn what_an_import_holds_goes_on_living() {
        let desk = full();
        let export = desk.machine.export(&desk.snapshot(), Some(&other())).unwrap();
        let mut copy = Desk::from_genesis(&export);
        let closed = copy.pass_to(copy.time + 7 * DAY_SECONDS + 10);
        assert_eq!(closed.len(), 1, "the resolved ticket closes by itself");
        assert_eq!(copy.machine.account_sequence(&copy.snapshot(), &Person::new("admin").address).unwrap(), 4);
    }

    #[test]
    fn an_unknown_field_a_newer_schema_and_a_wrong_count_are_refused_with_their_place() {
        let desk = full();
        let export = desk.machine.export(&desk.snapshot(), Some(&other())).unwrap();
        let text = String::from_utf8(export.to_json().unwrap()).unwrap();
        let unknown = text.replacen("\"schema\": 1", "\"schema\": 1, \"surprise\": 2", 1);
        assert!(matches!(Genesis::from_json(unknown.as_bytes()), Err(GenesisError::Json(_))));
        let newer = text.replacen("\"schema\": 1", "\"schema\": 2, \"surprise\": 2", 1);
        let refused = Genesis::from_json(newer.as_bytes());
        assert!(matches!(refused, Err(GenesisError::NewerSchema { found: 2, supported: 1 })));
        let wrong = text.replacen("\"open_tickets\": 1", "\"open_tickets\": 2", 1);
        let refused = Genesis::from_json(wrong.as_bytes()).unwrap().check().unwrap_err();
        assert!(refused.to_string().starts_with("app_state.customers[0].open_tickets: "), "{refused}");
        let mut flipped = export;
        flipped.app_state.tickets[0].payload.ciphertext[40] ^= 1;
        let refused = flipped.check().unwrap_err();
        assert!(refused.to_string().starts_with("app_state.tickets[0].payload: "), "{refused}");
    }
}

mod bounded_work {
    use super::*;

    /// A genesis with many tickets that all fall due at once, made from one by renumbering its records.
    fn many_resolved(count: u64) -> Desk {
        let Cast { mut desk, admin, agent, customer } = cast();
        let params = Params { max_open_tickets_per_customer: 10_000, ..Params::default() };
        desk.must(&admin, vec![update_params(&admin, &params)]);
        desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        desk.must(&admin, vec![assign(&admin, 1, &agent)]);
        desk.must(&agent, vec![resolve(&agent, 1)]);
        let chain = ChainId::parse("many").unwrap();
        let mut export = desk.machine.export(&desk.snapshot(), Some(&chain)).unwrap();
        let one = export.app_state.tickets[0].clone();
        export.app_state.tickets = (1..=count)
            .map(|number| sealdesk_protocol::genesis::Ticket { ticket_id: ticket_id(number), ..one.clone() })
            .collect();
        export.app_state.ticket_count = count;
        export.app_state.customers[0].open_tickets = u32::try_from(count).unwrap();
        Desk::from_genesis(&export)
    }

    #[test]
    fn bug_15_and_16_at_most_a_thousand_tickets_close_in_a_block_and_none_is_starved() {
        let mut desk = many_resolved(2_500);
        let leap = desk.time + 4_000 * DAY_SECONDS;
        let closed: Vec<usize> = (0..4).map(|n| desk.pass_to(leap + n).len()).collect();
        assert_eq!(closed, [1_000, 1_000, 500, 0]);
        assert_eq!(desk.machine.next_due_time(&desk.snapshot()).unwrap(), None);
    }

    #[test]
    fn bug_17_many_grants_on_one_target_load_it_once_and_are_bounded() {
        let Cast { mut desk, admin, agent, customer } = cast();
        desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        desk.must(&admin, vec![assign(&admin, 1, &agent)]);
        let one = targeted(&desk, &admin, 1, 0, &agent.fingerprint(0));
        let message = wire::MsgGrantAccess {
            sender: admin.address.to_string(),
            ticket_id: ticket_id(1),
            grants: vec![one; 900],
        };
        desk.must(&admin, vec![to_any(&message)]);
        assert_eq!(status_of(&desk, 1).grants.len(), 1, "the newest replaces");
    }

    #[test]
    fn bug_18_a_page_has_a_cap_and_a_cursor_leads_through_all_of_them() {
        let desk = many_resolved(250);
        let snapshot = desk.snapshot();
        let ask = |cursor: Vec<u8>, limit: u32, reverse: bool| {
            let page = Some(wire::PageRequest { cursor, limit, reverse });
            let request = wire::QueryTicketsByStatusRequest { status: "resolved".to_owned(), page };
            desk.machine.tickets_by_status(&snapshot, &request)
        };
        for reverse in [false, true] {
            let (mut seen, mut cursor) = (Vec::new(), Vec::new());
            loop {
                let page = ask(cursor, 100, reverse).unwrap();
                assert!(page.tickets.len() <= 100);
                seen.extend(page.tickets.into_iter().map(|ticket| ticket.ticket_id));
                cursor = page.next_cursor;
                if cursor.is_empty() {
                    break;
                }
            }
            let mut expected: Vec<String> = (1..=250).map(ticket_id).collect();
            if reverse {
                expected.reverse();
            }
            assert_eq!(seen, expected);
        }
        assert!(ask(Vec::new(), 101, false).is_err(), "too many");
        assert!(ask(vec![1, 2, 3], 10, false).is_err(), "no cursor of this list");
        assert_eq!(ask(Vec::new(), 0, false).unwrap().tickets.len(), 50);
        let unknown = wire::QueryTicketsByStatusRequest { status: "lost".to_owned(), page: None };
        assert!(desk.machine.tickets_by_status(&snapshot, &unknown).is_err());
    }

    #[test]
    fn bug_19_the_count_of_responses_stands_in_the_head() {
        let mut cast = cast();
        let number = cast.ticket();
        let (admin, customer) = (cast.admin.clone(), cast.customer.clone());
        for count in 1..=3 {
            let message = respond(&cast.desk, &admin, number, &[&admin, &customer]);
            cast.desk.must(&admin, vec![message]);
            assert_eq!(status_of(&cast.desk, number).response_count, count);
        }
    }

    #[test]
    fn the_last_fifth_of_a_tickets_responses_is_kept_for_staff() {
        let mut cast = cast();
        let (admin, customer) = (cast.admin.clone(), cast.customer.clone());
        let params = Params { max_responses_per_ticket: 5, ..Params::default() };
        cast.desk.must(&admin, vec![update_params(&admin, &params)]);
        let number = cast.ticket();
        let desk = &mut cast.desk;
        for _ in 0..4 {
            let message = respond(desk, &customer, number, &[&admin, &customer]);
            desk.must(&customer, vec![message]);
        }
        let message = respond(desk, &customer, number, &[&admin, &customer]);
        desk.refuse(&customer, vec![message], "support", 13);
        let message = note(desk, &admin, number, &[&admin]);
        desk.must(&admin, vec![message]);
        let message = respond(desk, &admin, number, &[&admin, &customer]);
        desk.refuse(&admin, vec![message], "support", 13);
    }
}

mod time {
    use super::*;

    #[test]
    fn bug_20_block_time_never_runs_backwards_and_stays_between_1970_and_9999() {
        let mut desk = Desk::new(&[&Person::new("admin")]);
        desk.pass_to(GENESIS_TIME + 100);
        desk.must(&Person::new("admin"), vec![register(&Person::new("admin"), 0)]);
        let begin = |height, time| {
            let mut state = State::new(desk.snapshot());
            desk.machine.begin(&mut state, &BlockContext { height, time })
        };
        for time in [desk.time - 1, desk.time - 3_600, 0, -1, i64::MIN, 253_402_300_800, i64::MAX] {
            assert!(begin(desk.height + 1, time).is_err(), "{time}");
        }
        assert!(begin(desk.height, desk.time + 1).is_err(), "the same height again");
        assert!(begin(desk.height + 1, desk.time).is_ok(), "an equal time");
        assert!(begin(desk.height + 1, 253_402_300_799).is_ok(), "the year 9999");
    }

    #[test]
    fn bug_21_a_changed_parameter_closes_nothing_that_was_promised_longer() {
        let mut cast = cast();
        let number = cast.ticket();
        let (admin, agent) = (cast.admin.clone(), cast.agent.clone());
        let desk = &mut cast.desk;
        desk.must(&admin, vec![assign(&admin, number, &agent)]);
        let params = Params { auto_close_after_days: 3_650, ..Params::default() };
        desk.must(&admin, vec![update_params(&admin, &params)]);
        desk.must(&agent, vec![resolve(&agent, number)]);
        let resolved = desk.time;
        desk.must(&admin, vec![update_params(&admin, &Params { auto_close_after_days: 1, ..Params::default() })]);
        assert!(desk.pass_to(resolved + 3_650 * DAY_SECONDS).is_empty());
        assert_eq!(desk.pass_to(resolved + 3_650 * DAY_SECONDS + 1).len(), 1);
    }

    #[test]
    fn bug_22_a_ticket_closes_by_itself_one_second_after_its_time_and_not_at_it() {
        let mut cast = cast();
        let number = cast.ticket();
        let (admin, agent) = (cast.admin.clone(), cast.agent.clone());
        cast.desk.must(&admin, vec![assign(&admin, number, &agent)]);
        cast.desk.must(&agent, vec![resolve(&agent, number)]);
        let due = cast.desk.time + 7 * DAY_SECONDS;
        assert_eq!(cast.desk.machine.next_due_time(&cast.desk.snapshot()).unwrap(), Some(due + 1));
        assert!(cast.desk.pass_to(due - 1).is_empty());
        assert!(cast.desk.pass_to(due).is_empty());
        assert_eq!(cast.desk.pass_to(due + 1).len(), 1);
        let ticket = status_of(&cast.desk, number);
        assert_eq!((ticket.status, ticket.closed_at), (6, due + 1));
    }

    #[test]
    fn bug_22_a_closed_ticket_is_reopened_in_the_last_second_of_its_window_and_not_after() {
        for (late, expected) in [(-1, 0), (0, 0), (1, 16)] {
            let mut cast = cast();
            let number = cast.ticket();
            let customer = cast.customer.clone();
            cast.desk.must(&customer, vec![close(&customer, number)]);
            let until = cast.desk.time + 30 * DAY_SECONDS;
            let tx = cast.desk.tx(&customer, vec![reopen(&customer, number)]);
            assert_eq!(cast.desk.block_at(until + late, &tx).code, expected, "{late}");
        }
    }

    #[test]
    fn bug_22_the_cooldown_ends_with_its_last_second() {
        for (early, expected) in [(-1, 12), (0, 0), (1, 0)] {
            let mut cast = cast();
            cast.ticket();
            let created = cast.desk.time;
            let message = create(&cast.desk, &cast.customer, &[&cast.admin, &cast.customer]);
            let tx = cast.desk.tx(&cast.customer, vec![message]);
            assert_eq!(cast.desk.block_at(created + 60 + early, &tx).code, expected, "{early}");
        }
    }

    #[test]
    fn bug_22_a_creation_counts_for_a_day_and_not_a_second_longer() {
        for (late, expected) in [(-1, 12), (0, 0), (1, 0)] {
            let mut cast = cast();
            cast.ticket();
            let first = cast.desk.time;
            for _ in 0..4 {
                cast.ticket();
            }
            let message = create(&cast.desk, &cast.customer, &[&cast.admin, &cast.customer]);
            let tx = cast.desk.tx(&cast.customer, vec![message]);
            assert_eq!(cast.desk.block_at(first + DAY_SECONDS + late, &tx).code, expected, "{late}");
        }
    }

    #[test]
    fn bug_22_a_key_creates_a_requirement_at_sixty_seconds_and_not_before() {
        for (age, expected) in [(59, 0), (60, 42), (61, 42)] {
            let Cast { mut desk, admin, customer, .. } = cast();
            let second = Person::new("second administrator");
            desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
            desk.must(&second, vec![register(&second, 0)]);
            let registered = desk.time;
            let tx = desk.tx(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
            assert_eq!(desk.block_at(registered + age, &tx).code, expected, "{age}");
        }
    }

    #[test]
    fn bug_22_a_revoked_key_is_allowed_for_sixty_seconds_and_not_longer() {
        for (age, expected) in [(59, 0), (60, 0), (61, 43)] {
            let Cast { mut desk, admin, customer, .. } = cast();
            let old = desk.must(&admin, vec![register(&admin, 1)]);
            assert_eq!(old.code, 0);
            desk.pass_to(desk.time + 100);
            desk.must(&admin, vec![revoke_key(&admin, admin.fingerprint(0))]);
            let revoked = desk.time;
            let place = Place { ticket_id: String::new(), kind: Kind::Ticket, sequence: desk.sequence(&customer), index: 0 };
            let readers = [admin.fingerprint(0), admin.fingerprint(1), customer.fingerprint(0)];
            let sealed = forge::signed(forge::unsigned(&readers, 1), &customer, 0, &place);
            let mut message = create_at(&desk, &customer, &[], 0);
            message.encrypted_payload = Some(sealed);
            let tx = desk.tx(&customer, vec![to_any(&message)]);
            assert_eq!(desk.block_at(revoked + age, &tx).code, expected, "{age}");
        }
    }
}

mod authentication {
    use super::*;

    #[test]
    fn bug_23_a_sequence_is_used_once_in_order_and_never_overflows() {
        let Cast { mut desk, admin, agent, .. } = cast();
        let next = desk.sequence(&agent);
        let register_one = |sequence| transaction(vec![register(&agent, 1)], &[by(&agent, sequence)], &Options::default());
        for sequence in [next + 1, next - 1, 0, u64::MAX] {
            let before = desk.root();
            let executed = desk.block(&register_one(sequence));
            assert_eq!(code(&executed), ("sdk", 32));
            assert_eq!(executed.log, format!("account sequence mismatch, expected {next}, got {sequence}: incorrect account sequence"));
            assert_eq!(desk.root(), before);
        }
        // Two in flight: the mempool's pending sequence lets the second in, and the block takes both.
        let first = register_one(next);
        let second = transaction(vec![register(&agent, 2)], &[by(&agent, next + 1)], &Options::default());
        let check = |tx: &[u8], pending: Option<u64>| {
            desk.machine.check(&desk.snapshot(), tx, &|_| pending, desk.height + 1).unwrap().map(|_| ())
        };
        assert!(check(&first, None).is_ok());
        assert_eq!(check(&second, None).unwrap_err().code(), 32);
        assert!(check(&second, Some(next + 1)).is_ok());
        desk.begin(desk.time + 1);
        assert_eq!(desk.execute(&first).code, 0);
        assert_eq!(desk.execute(&second).code, 0);
        desk.end();
        // The last number there is: exported accounts may have any.
        let chain = ChainId::parse("worn-out").unwrap();
        let mut export = desk.machine.export(&desk.snapshot(), Some(&chain)).unwrap();
        let account = export.app_state.accounts.iter_mut().find(|account| account.address == admin.address.as_str());
        account.unwrap().sequence = u64::MAX;
        let mut worn = Desk::from_genesis(&export);
        let options = Options { chain: Some(chain), ..Options::default() };
        let tx = transaction(vec![close(&admin, 1)], &[by(&admin, u64::MAX)], &options);
        assert_eq!(code(&worn.block(&tx)), ("sdk", 4));
    }

    #[test]
    fn bug_24_a_transaction_of_another_chain_is_no_transaction_here() {
        let Cast { mut desk, admin, .. } = cast();
        let options = Options { chain: Some(ChainId::parse("desk-ffffffffffffffff").unwrap()), ..Options::default() };
        let sequence = desk.sequence(&admin);
        let tx = transaction(vec![close(&admin, 1)], &[by(&admin, sequence)], &options);
        let before = desk.root();
        assert_eq!(code(&desk.block(&tx)), ("sdk", 4));
        assert_eq!(desk.root(), before);
    }

    #[test]
    fn bug_28_a_suspended_account_does_nothing_not_even_unsuspend_itself() {
        let Cast { mut desk, admin, agent, customer } = cast();
        desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        let second = Person::new("second administrator");
        desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
        desk.must(&admin, vec![set_state(&admin, &second, "suspended"), set_state(&admin, &agent, "suspended"), set_state(&admin, &customer, "suspended")]);
        desk.refuse(&second, vec![set_state(&second, &second, "active")], "roles", 4);
        desk.refuse(&second, vec![set_state(&second, &agent, "active")], "roles", 4);
        desk.refuse(&customer, vec![close(&customer, 1)], "support", 7);
        desk.refuse(&agent, vec![register(&agent, 1)], "encryption", 10);
        let tx = desk.tx(&customer, vec![close(&customer, 1)]);
        let checked = desk.machine.check(&desk.snapshot(), &tx, &|_| None, desk.height + 1).unwrap();
        assert_eq!(checked.unwrap_err().code(), 7, "the mempool asks too");
        desk.must(&admin, vec![set_state(&admin, &customer, "active")]);
        desk.must(&customer, vec![close(&customer, 1)]);
    }

    #[test]
    fn bug_28_the_last_active_administrator_stays() {
        let Cast { mut desk, admin, .. } = cast();
        desk.refuse(&admin, vec![revoke_role(&admin, &admin, "administrator")], "roles", 11);
        desk.refuse(&admin, vec![set_state(&admin, &admin, "terminated")], "roles", 10);
        let second = Person::new("second administrator");
        desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
        desk.must(&second, vec![set_state(&second, &admin, "suspended")]);
        desk.refuse(&second, vec![revoke_role(&second, &second, "administrator")], "roles", 11);
        desk.must(&second, vec![set_state(&second, &admin, "terminated")]);
        desk.refuse(&second, vec![set_state(&second, &admin, "active")], "roles", 9);
    }

    #[test]
    fn bug_28_a_role_changes_in_the_block_that_uses_it() {
        let mut cast = cast();
        let number = cast.ticket();
        let Cast { mut desk, admin, agent, .. } = cast;
        desk.must(&admin, vec![assign(&admin, number, &agent)]);
        desk.begin(desk.time + 1);
        let tx = desk.tx(&admin, vec![revoke_role(&admin, &agent, "support_agent")]);
        assert_eq!(desk.execute(&tx).code, 0);
        let tx = desk.tx(&agent, vec![resolve(&agent, number)]);
        assert_eq!(code(&desk.execute(&tx)), ("support", 7), "gone within the same block");
        desk.end();
    }

    #[test]
    fn bug_28_an_agent_removed_in_the_middle_of_a_ticket_blocks_it_for_nobody() {
        let mut cast = cast();
        let number = cast.ticket();
        let Cast { mut desk, admin, agent, customer } = cast;
        desk.must(&admin, vec![assign(&admin, number, &agent)]);
        desk.must(&admin, vec![revoke_role(&admin, &agent, "support_agent")]);
        let message = respond(&desk, &agent, number, &[&admin, &agent, &customer]);
        desk.refuse(&agent, vec![message], "support", 7);
        let message = respond(&desk, &admin, number, &[&admin, &agent, &customer]);
        desk.refuse(&admin, vec![message], "support", 43);
        let message = respond(&desk, &admin, number, &[&admin, &customer]);
        desk.must(&admin, vec![message]);
        desk.must(&admin, vec![resolve(&admin, number)]);
    }

    #[test]
    fn a_transaction_of_two_signers_raises_both_sequences_and_fails_as_one() {
        let mut cast = cast();
        let number = cast.ticket();
        let Cast { mut desk, admin, agent, customer } = cast;
        let sequences = [&admin, &customer].map(|person| desk.sequence(person));
        let messages = vec![assign(&admin, number, &agent), close(&customer, number), close(&admin, number)];
        let signers = [by(&admin, sequences[0]), by(&customer, sequences[1])];
        let executed = desk.block(&transaction(messages, &signers, &Options::default()));
        assert_eq!(code(&executed), ("support", 8));
        assert_eq!(status_of(&desk, number).status, 1, "still open");
        assert_eq!([&admin, &customer].map(|person| desk.sequence(person)), sequences.map(|sequence| sequence + 1));
    }

    #[test]
    fn data_and_events_are_shaped_as_cosmos_shapes_them() {
        let Cast { mut desk, admin, customer, .. } = cast();
        let executed = desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        let data = sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxMsgData::decode(executed.data.as_slice());
        let response = &data.unwrap().msg_responses[0];
        assert_eq!(response.type_url, "/virtengine.support.v1.MsgCreateTicketResponse");
        let response = wire::MsgCreateTicketResponse::decode(response.value.as_slice()).unwrap();
        assert_eq!(response.ticket_id, "TKT-00000001");
        let events = executed.abci_events();
        assert_eq!(events[0].r#type, "message");
        assert_eq!(events[0].attributes[0].value, "/virtengine.support.v1.MsgCreateTicket");
        assert_eq!(events[1].r#type, "virtengine.support.v1.EventTicketCreated");
    }
}

mod envelopes {
    use super::*;

    fn refused_create(desk: &mut Desk, customer: &Person, change: impl Fn(&mut encryption::MultiRecipientEnvelope), expected: u32) {
        let admin = Person::new("admin");
        let mut message = create_at(desk, customer, &[&admin, customer], 0);
        change(message.encrypted_payload.as_mut().unwrap());
        desk.refuse(customer, vec![to_any(&message)], "support", expected);
    }

    #[test]
    fn bug_31_an_envelope_with_any_part_changed_after_signing_is_refused() {
        let Cast { mut desk, customer, .. } = cast();
        refused_create(&mut desk, &customer, |e| e.payload_ciphertext[100] ^= 1, 11);
        refused_create(&mut desk, &customer, |e| e.payload_nonce[0] ^= 1, 11);
        refused_create(&mut desk, &customer, |e| e.wrapped_keys[0].wrapped_key[0] ^= 1, 11);
        refused_create(&mut desk, &customer, |e| e.wrapped_keys[1].ephemeral_pub_key[0] ^= 1, 11);
        refused_create(&mut desk, &customer, |e| e.client_id = "other".to_owned(), 11);
        refused_create(&mut desk, &customer, |e| e.client_signature[0] ^= 1, 11);
    }

    #[test]
    fn bug_32_an_envelope_fits_one_place_of_one_sender_on_one_chain() {
        let mut cast = cast();
        let (first, second) = (cast.ticket(), cast.ticket());
        let Cast { mut desk, admin, customer, .. } = cast;
        let all = [&admin, &customer];
        // Of another ticket.
        let mut copied = respond_wire(&desk, &customer, first, &all, false);
        copied.ticket_id = ticket_id(second);
        desk.refuse(&customer, vec![to_any(&copied)], "support", 11);
        // Of another sender.
        let mut copied = respond_wire(&desk, &customer, first, &all, false);
        copied.responder = admin.address.to_string();
        desk.refuse(&admin, vec![to_any(&copied)], "support", 11);
        // Of another kind.
        let mut copied = respond_wire(&desk, &admin, first, &[&admin], true);
        copied.internal = false;
        desk.refuse(&admin, vec![to_any(&copied)], "support", 42);
        let mut copied = respond_wire(&desk, &admin, first, &all, false);
        copied.internal = true;
        desk.refuse(&admin, vec![to_any(&copied)], "support", 43);
        // Of another place in the transaction, and of the transaction before.
        let message = respond_wire(&desk, &customer, first, &all, false);
        desk.refuse(&customer, vec![close(&customer, second), to_any(&message)], "support", 11);
        desk.refuse(&customer, vec![to_any(&message)], "support", 11);
        // Of another chain.
        let place = Place { ticket_id: ticket_id(first), kind: Kind::Response, sequence: desk.sequence(&customer), index: 0 };
        let mut message = respond_wire(&desk, &customer, first, &all, false);
        let envelope = message.encrypted_payload.as_mut().unwrap();
        let parsed = sealdesk_protocol::envelope::Envelope::from_wire(envelope, sealdesk_protocol::envelope::EnvelopeLimits::WIDEST).unwrap();
        let elsewhere = forge::context(&ChainId::parse("elsewhere").unwrap(), &customer, &place);
        let digest = parsed.digests(&elsewhere).envelope;
        envelope.client_signature = customer.sign(0, &sealdesk_protocol::envelope::client_message(&digest)).to_vec();
        desk.refuse(&customer, vec![to_any(&message)], "support", 11);
    }

    #[test]
    fn bug_33_readers_are_distinct_ascending_at_least_one_and_at_most_thirty_two() {
        let Cast { mut desk, customer, .. } = cast();
        refused_create(&mut desk, &customer, |e| e.wrapped_keys.clear(), 11);
        refused_create(&mut desk, &customer, |e| e.wrapped_keys.push(e.wrapped_keys[1].clone()), 11);
        refused_create(&mut desk, &customer, |e| e.wrapped_keys.reverse(), 11);
        refused_create(&mut desk, &customer, |e| e.wrapped_keys[0].recipient_id.make_ascii_uppercase(), 11);
        refused_create(
            &mut desk,
            &customer,
            |e| e.wrapped_keys = (0..33).map(|n| forge::entry(&format!("{n:040x}"), 1)).collect(),
            11,
        );
    }

    #[test]
    fn bug_34_a_rotated_or_revoked_reader_never_blocks_a_ticket() {
        let mut cast = cast();
        let number = cast.ticket();
        let Cast { mut desk, admin, customer, .. } = cast;
        desk.must(&customer, vec![revoke_key(&customer, customer.fingerprint(0))]);
        desk.pass_to(desk.time + 61);
        let message = respond(&desk, &admin, number, &[&admin]);
        desk.must(&admin, vec![message]);
        desk.must(&customer, vec![register(&customer, 1)]);
        let message = respond(&desk, &admin, number, &[&admin]);
        desk.must(&admin, vec![message]);
        desk.pass_to(desk.time + 60);
        let message = respond(&desk, &admin, number, &[&admin]);
        desk.refuse(&admin, vec![message], "support", 42);
    }

    #[test]
    fn bug_35_nobody_rotates_anybody_elses_key_but_an_administrator_a_colleagues() {
        let Cast { mut desk, admin, agent, customer } = cast();
        let stranger = Person::new("stranger");
        desk.refuse(&stranger, vec![revoke_key(&stranger, customer.fingerprint(0))], "encryption", 6);
        desk.refuse(&agent, vec![revoke_key(&agent, admin.fingerprint(0))], "encryption", 6);
        desk.refuse(&admin, vec![revoke_key(&admin, customer.fingerprint(0))], "encryption", 6);
        desk.must(&admin, vec![revoke_key(&admin, agent.fingerprint(0))]);
        desk.refuse(&agent, vec![register(&agent, 0)], "encryption", 5);
    }

    #[test]
    fn bug_36_a_stranger_who_registers_a_public_key_again_gains_nothing_and_stops_nobody() {
        let Cast { mut desk, admin, agent, customer } = cast();
        let squatter = Person::new("squatter");
        // He can make a proof for the X25519 key of someone else with a signing key of his own.
        let (theirs, own) = (agent.encryption_key(0), squatter.verify_key(0));
        let message = sealdesk_protocol::keys::key_proof_message(
            support::chain_id().as_str(),
            squatter.address.as_str(),
            &theirs,
            &own,
        );
        let registration = encryption::MsgRegisterRecipientKey {
            public_key: theirs.as_bytes().to_vec(),
            proof: squatter.sign(0, &message).to_vec(),
            ..squatter.registration(0)
        };
        desk.must(&squatter, vec![to_any(&registration)]);
        let request = encryption::QueryKeysByFingerprintRequest {
            key_fingerprint: agent.fingerprint(0),
            ..Default::default()
        };
        let owners = desk.machine.keys_by_fingerprint(&desk.snapshot(), &request).unwrap().keys;
        assert_eq!(owners.len(), 2);
        // The agent's key stays the agent's: wanted where he is, revoked by an administrator for him alone.
        desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        desk.must(&admin, vec![assign(&admin, 1, &agent)]);
        let message = respond(&desk, &admin, 1, &[&admin, &agent, &customer]);
        desk.must(&admin, vec![message]);
        desk.must(&admin, vec![revoke_key(&admin, agent.fingerprint(0))]);
        let owners = desk.machine.keys_by_fingerprint(&desk.snapshot(), &request).unwrap().keys;
        let active: Vec<_> = owners.iter().filter(|key| key.revoked_at == 0).map(|key| key.address.as_str()).collect();
        assert_eq!(active, [squatter.address.as_str()]);
        // And a proof of somebody else does not fit his address.
        let mut stolen = agent.registration(2);
        stolen.sender = squatter.address.to_string();
        desk.refuse(&squatter, vec![to_any(&stolen)], "encryption", 3);
    }

    #[test]
    fn bug_37_no_event_carries_a_payload() {
        let Cast { mut desk, admin, customer, .. } = cast();
        let message = create_at(&desk, &customer, &[&admin, &customer], 0);
        let sealed = message.encrypted_payload.clone().unwrap().payload_ciphertext;
        let executed = desk.must(&customer, vec![to_any(&message)]);
        for emitted in &executed.events {
            let value = emitted.event.encode();
            assert!(value.len() < 400 && !value.windows(16).any(|window| *window == sealed[..16]));
        }
    }

    #[test]
    fn a_note_is_kept_from_the_tickets_customer_even_where_he_is_staff_by_now() {
        let mut cast = cast();
        let number = cast.ticket();
        let Cast { mut desk, admin, customer, .. } = cast;
        desk.must(&admin, vec![assign_role(&admin, &customer, "administrator")]);
        let message = note(&desk, &admin, number, &[&admin, &customer]);
        desk.refuse(&admin, vec![message], "support", 43);
        let message = note(&desk, &admin, number, &[&admin]);
        desk.must(&admin, vec![message]);
        let message = note(&desk, &customer, number, &[&admin]);
        desk.refuse(&customer, vec![message], "support", 7);
        let message = grant(&desk, &admin, number, 1, &customer.fingerprint(0));
        desk.refuse(&admin, vec![message], "support", 43);
    }

    #[test]
    fn the_last_grants_of_a_target_are_kept_for_administrators() {
        let mut cast = cast();
        let number = cast.ticket();
        let Cast { mut desk, admin, customer, agent, .. } = cast;
        desk.must(&admin, vec![assign(&admin, number, &agent)]);
        // Thirty-one administrators would be too many readers; one administrator's keys over a week will do.
        let mut granted = 0;
        let mut n = 1;
        while granted < 32 {
            desk.pass_to(desk.time + DAY_SECONDS);
            for _ in 0..4 {
                desk.must(&customer, vec![register(&customer, n)]);
                let message = grant(&desk, &admin, number, 0, &customer.fingerprint(n));
                desk.must(&admin, vec![message]);
                desk.must(&customer, vec![revoke_key(&customer, customer.fingerprint(n))]);
                (granted, n) = (granted + 1, n + 1);
            }
        }
        let message = grant(&desk, &admin, number, 0, &agent.fingerprint(0));
        desk.refuse(&admin, vec![message], "support", 44);
        let message = grant(&desk, &admin, number, 0, &admin.fingerprint(0));
        desk.must(&admin, vec![message]);
        assert_eq!(status_of(&desk, number).grants.len(), 33);
    }
}

mod parameters {
    use super::*;

    #[test]
    fn bug_62_no_change_of_parameters_makes_the_next_one_impossible() {
        let Cast { mut desk, admin, .. } = cast();
        let second = Person::new("second administrator");
        desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
        desk.refuse(&admin, vec![update_params(&admin, &Params { max_recipients: 3, ..Params::default() })], "support", 14);
        desk.must(&admin, vec![update_params(&admin, &Params { max_recipients: 4, ..Params::default() })]);
        let third = Person::new("third administrator");
        desk.refuse(&admin, vec![assign_role(&admin, &third, "administrator")], "roles", 12);
        desk.must(&admin, vec![update_params(&admin, &Params::default())]);
        desk.must(&admin, vec![assign_role(&admin, &third, "administrator")]);
    }

    #[test]
    fn bug_63_a_change_of_parameters_is_valid_from_the_next_block_and_not_before() {
        let Cast { mut desk, admin, customer, .. } = cast();
        let tight = Params { listed_customers: true, max_recipients: 3, ..Params::default() };
        desk.begin(desk.time + 1);
        let tx = desk.tx(&admin, vec![update_params(&admin, &tight)]);
        assert_eq!(desk.execute(&tx).code, 0);
        let tx = desk.tx(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
        assert_eq!(desk.execute(&tx).code, 0, "still under the old parameters");
        // Yet what the next block's parameters forbid is not made possible in the meantime.
        let second = Person::new("second administrator");
        let tx = desk.tx(&admin, vec![assign_role(&admin, &second, "administrator")]);
        assert_eq!(code(&desk.execute(&tx)), ("roles", 12));
        desk.end();
        assert_eq!(desk.machine.params(&desk.snapshot()).unwrap().params.unwrap(), tight.to_wire());
        desk.pass_to(desk.time + 60);
        let message = create(&desk, &customer, &[&admin, &customer]);
        desk.refuse(&customer, vec![message], "support", 7);
        desk.must(&admin, vec![assign_role(&admin, &customer, "customer")]);
        let message = create(&desk, &customer, &[&admin, &customer]);
        desk.must(&customer, vec![message]);
    }
}

#[test]
fn a_customer_registers_a_key_and_writes_in_one_transaction() {
    let Cast { mut desk, admin, .. } = cast();
    let newcomer = Person::new("newcomer");
    let sealed = create_at(&desk, &newcomer, &[&admin, &newcomer], 1);
    desk.must(&newcomer, vec![register(&newcomer, 0), to_any(&sealed)]);
    assert_eq!(desk.machine.ticket_count(&desk.snapshot()), 1);
}

#[test]
fn assigning_and_granting_in_one_transaction_sees_a_response_that_came_between() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    let checked = |count| {
        to_any(&wire::MsgAssignTicket {
            sender: admin.address.to_string(),
            ticket_id: ticket_id(number),
            assign_to: agent.address.to_string(),
            response_count: count,
            check_count: true,
        })
    };
    let granted = grant(&desk, &admin, number, 0, &agent.fingerprint(0));
    let message = respond(&desk, &customer, number, &[&admin, &customer]);
    desk.must(&customer, vec![message]);
    desk.refuse(&admin, vec![checked(0), granted.clone()], "support", 40);
    desk.must(&admin, vec![checked(1), granted]);
}

#[test]
fn a_ticket_can_be_granted_after_it_is_closed() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, customer, .. } = cast;
    desk.must(&customer, vec![close(&customer, number)]);
    let second = Person::new("second administrator");
    desk.must(&admin, vec![assign_role(&admin, &second, "administrator")]);
    desk.must(&second, vec![register(&second, 0)]);
    let message = grant(&desk, &customer, number, 0, &second.fingerprint(0));
    desk.must(&customer, vec![message]);
    let request = roles::QueryRoleMembersRequest { role: "administrator".to_owned(), ..Default::default() };
    assert_eq!(desk.machine.role_members(&desk.snapshot(), &request).unwrap().members.len(), 2);
}

#[test]
fn a_customers_answer_takes_a_resolution_back_with_its_due_closing() {
    let mut cast = cast();
    let number = cast.ticket();
    let Cast { mut desk, admin, agent, customer } = cast;
    desk.must(&admin, vec![assign(&admin, number, &agent)]);
    desk.must(&agent, vec![status(&agent, number, "in_progress"), resolve(&agent, number)]);
    let message = respond(&desk, &customer, number, &[&admin, &agent, &customer]);
    desk.must(&customer, vec![message]);
    let ticket = status_of(&desk, number);
    assert_eq!((ticket.status, ticket.resolved_at, ticket.resolution_ref.as_str()), (3, 0, ""));
    assert_eq!(ticket.assigned_to, agent.address.to_string());
    assert_eq!(desk.machine.next_due_time(&desk.snapshot()).unwrap(), None);
}
