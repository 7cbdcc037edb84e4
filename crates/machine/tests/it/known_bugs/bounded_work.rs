//! Work that stays bounded however much there is.

use super::*;
use sealdesk_protocol::genesis::Member;
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::AGENTS_MAX;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_testkit::desk::genesis_of;
use sealdesk_testkit::many::grown;
use sealdesk_testkit::prefix;

/// A desk whose tickets all fall due at once.
fn many_resolved(count: u64) -> Desk {
    grown(count, &["resolved"]).0
}

#[test]
fn bug_15_and_16_at_most_a_thousand_tickets_close_in_a_block_and_none_is_starved() {
    let mut desk = many_resolved(2_500);
    let leap = desk.time + 4_000 * DAY_SECONDS;
    let closed: Vec<usize> = (0..4).map(|n| desk.pass_to(leap + n).len()).collect();
    assert_eq!(closed, [1_000, 1_000, 500, 0]);
    assert_eq!(desk.machine.next_auto_close(&desk.snapshot()).unwrap(), None);
}

#[test]
fn bug_17_many_grants_on_one_target_load_it_once_and_are_bounded() {
    let Cast { mut desk, admin, agent, customer } = cast();
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    desk.must(&admin, vec![assign(&admin, 1, &agent)]);
    let one = targeted(&desk, &admin, 1, 0, &agent.fingerprint(0));
    for _ in 0..3 {
        desk.must(&admin, vec![granting(&admin, vec![one.clone()])]);
    }
    assert_eq!(status_of(&desk, 1).grants.len(), 1, "the newest replaces");
    desk.refuse(&admin, vec![granting(&admin, vec![one.clone(), one])], "sdk", 18);
}

fn granting(granter: &Person, grants: Vec<wire::TargetedGrant>) -> Any {
    to_any(&wire::MsgGrantAccess {
        sender: granter.address.to_string(),
        ticket_id: ticket_id(1),
        grants,
        agent: String::new(),
    })
}

/// Grants as an attacker makes them: well formed, and their signatures cost a check each.
fn many_grants(first: u32, count: u32) -> Vec<wire::TargetedGrant> {
    let entry = encryption::WrappedKeyEntry {
        recipient_id: "a".repeat(40),
        wrapped_key: vec![1; 48],
        algorithm: "X25519-XSALSA20-POLY1305".to_owned(),
        ephemeral_pub_key: vec![1; 32],
    };
    let grant = |target| wire::TargetedGrant {
        target,
        entry: Some(entry.clone()),
        grant_signature: vec![1; 64],
        granter_key_version: 1,
    };
    (first..first + count).map(grant).collect()
}

/// What a node says of a transaction whose own signature is wrong: code 4 as soon as it looks at that.
fn unsigned_verdict(cast: &Cast, messages: Vec<Any>) -> Refusal {
    let who = &cast.customer;
    let signed = transaction(messages, &[(who, cast.desk.sequence(who))], &Options::default());
    let mut bytes = signed;
    *bytes.last_mut().unwrap() ^= 1;
    cast.desk.machine.verify(&bytes, &super::next(&cast.desk)).unwrap_err()
}

#[test]
fn bug_85_forty_messages_of_224_kb_are_refused_before_any_signature_is_checked() {
    let cast = cast();
    for n in 0..40 {
        let message = granting(&cast.customer, many_grants(n * 1_000, 1_000));
        assert!(message.value.len() > 220_000, "{}", message.value.len());
        let refusal = unsigned_verdict(&cast, vec![message]);
        assert_eq!((refusal.codespace(), refusal.code()), ("sdk", 18), "{refusal}");
    }
    let in_many = (0..16).map(|n| granting(&cast.customer, many_grants(n * 70, 70))).collect();
    let refusal = unsigned_verdict(&cast, in_many);
    assert_eq!((refusal.codespace(), refusal.code()), ("sdk", 11), "{refusal}");
    assert!(refusal.to_string().starts_with("out of gas in location: signature checks; gasWanted: "));
    let a_few = (0..3).map(|n| granting(&cast.customer, many_grants(n * 100, 100))).collect();
    let refusal = unsigned_verdict(&cast, a_few);
    assert_eq!(refusal.code(), 4, "this many are looked at: {refusal}");
}

#[test]
fn bug_85_a_grant_is_checked_by_the_one_key_that_it_names() {
    let Cast { mut desk, admin, agent, customer } = cast();
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
    desk.must(&admin, vec![assign(&admin, 1, &agent)]);
    desk.must(&admin, vec![register(&admin, 1)]);
    let first = targeted(&desk, &admin, 1, 0, &agent.fingerprint(0));
    let naming = |version| wire::TargetedGrant { granter_key_version: version, ..first.clone() };
    for version in [0, 2, 3, u32::MAX] {
        desk.refuse(&admin, vec![granting(&admin, vec![naming(version)])], "support", 11);
    }
    desk.must(&admin, vec![granting(&admin, vec![naming(1)])]);
    desk.must(&admin, vec![revoke_key(&admin, admin.fingerprint(0))]);
    desk.refuse(&admin, vec![granting(&admin, vec![naming(1)])], "support", 11);
}

/// Each day one key more, which is revoked again.
fn rotate(desk: &mut Desk, who: &Person, days: usize) {
    for n in 1..=days {
        desk.pass_to(desk.time + DAY_SECONDS);
        desk.must(who, vec![register(who, n)]);
        desk.must(who, vec![revoke_key(who, who.fingerprint(n))]);
    }
}

#[test]
fn an_envelope_costs_the_same_however_many_keys_its_readers_have_had() {
    let Cast { mut desk, admin, customer, .. } = cast();
    rotate(&mut desk, &admin, 30);
    let bytes = desk.snapshot().get_side(&side::keys_in_use(&admin.address)).unwrap().unwrap();
    let versions: Vec<u32> =
        ledger::KeyList::decode(bytes.as_slice()).unwrap().keys.iter().map(|key| key.key_version).collect();
    assert_eq!(versions, [1, 31], "the active one, and the one that was revoked last");
    let ids = desk.snapshot().get_side(&side::key_ids(&admin.address)).unwrap().unwrap();
    assert_eq!(ids.len(), 31 * 20);
    desk.must(&customer, vec![create(&desk, &customer, &[&admin, &customer])]);
}

/// A ledger with so many support agents beside its administrator.
fn with_agents(admin: &Person, count: usize) -> Result<Genesis, GenesisError> {
    let mut genesis = genesis_of(&[admin]);
    let agent = |n: usize| {
        let mut key = [2; 33];
        key[1..9].copy_from_slice(&n.to_be_bytes());
        Member {
            address: Address::of_public_key(&prefix(), &key).to_string(),
            role: "support_agent".to_owned(),
            assigned_at: GENESIS_TIME,
            ..genesis.app_state.members[0].clone()
        }
    };
    let agents: Vec<Member> = (0..count).map(agent).collect();
    genesis.app_state.members.extend(agents);
    genesis.app_state.members.sort_by(|a, b| a.address.cmp(&b.address));
    genesis.check().map(|_| genesis)
}

#[test]
fn a_ledger_has_a_thousand_agents_at_most_and_looking_at_each_is_paid_for() {
    let [admin, agent, other] = ["admin", "agent", "other"].map(Person::new);
    let mut desk = Desk::from_genesis(&with_agents(&admin, AGENTS_MAX - 1).unwrap());
    desk.must(&agent, vec![register(&agent, 0)]);
    desk.must(&admin, vec![assign_role(&admin, &agent, "support_agent")]);
    desk.refuse(&admin, vec![assign_role(&admin, &other, "support_agent")], "roles", 22);
    // What comes in with an import is no more.
    assert!(with_agents(&admin, AGENTS_MAX).is_ok() && with_agents(&admin, AGENTS_MAX + 1).is_err());
    // One of a thousand is found, once, and the place of one who leaves is free.
    desk.must(&admin, vec![revoke_key(&admin, agent.fingerprint(0))]);
    desk.refuse(&admin, vec![revoke_key(&admin, agent.fingerprint(0))], "encryption", 6);
    desk.must(&admin, vec![revoke_role(&admin, &agent, "support_agent")]);
    desk.must(&admin, vec![assign_role(&admin, &other, "support_agent")]);
    // A transaction of sixteen would look at sixteen thousand.
    let many = (0..16).map(|_| revoke_key(&admin, agent.fingerprint(0))).collect();
    desk.refuse(&admin, many, "sdk", 11);
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
