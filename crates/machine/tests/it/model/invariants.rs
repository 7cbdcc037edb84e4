//! What holds after every block, read from the ledger itself wherever it can be.

use prost::Message as _;
use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;

use sealdesk_testkit::prefix;

use super::desk::{DAY, Desk, Key, Status, Ticket};
use super::leaves::Leaves;

pub fn check(desk: &Desk, machine: &sealdesk_testkit::desk::Desk) {
    let leaves = machine.leaves();
    the_open_count_of_a_customer_is_the_number_of_his_tickets_not_closed(&leaves);
    response_count_is_the_number_of_responses(&leaves);
    the_due_queue_holds_exactly_what_is_resolved_or_put_aside(desk, &leaves);
    no_ticket_closes_before_it_is_due(desk);
    at_least_one_active_administrator_remains(desk, &leaves);
    no_more_administrators_are_active_than_an_envelope_can_name(desk);
    an_envelope_names_no_stranger(desk);
    desk.a_document_names_no_stranger();
    an_open_ticket_has_no_assignee(&leaves);
    times_stand_just_where_the_status_says(&leaves);
    key_versions_count_up_from_one(&leaves);
    grants_keep_to_their_room(desk);
    proposals_wait_for_a_majority_and_are_few(desk, &leaves);
}

fn read<M: prost::Message + Default>(leaves: &Leaves, prefix: &[u8]) -> Vec<M> {
    let under = leaves.iter().filter(|(key, _)| key.starts_with(prefix));
    under.map(|(_, record)| M::decode(record.as_slice()).unwrap()).collect()
}

fn tickets(leaves: &Leaves) -> Vec<wire::SupportTicket> {
    read::<wire::TicketHead>(leaves, tree::TICKETS).into_iter().map(|head| head.ticket.unwrap()).collect()
}

fn the_open_count_of_a_customer_is_the_number_of_his_tickets_not_closed(leaves: &Leaves) {
    let tickets = tickets(leaves);
    for (key, record) in leaves.iter().filter(|(key, _)| key.starts_with(tree::CUSTOMERS)) {
        let customer = std::str::from_utf8(&key[tree::CUSTOMERS.len()..]).unwrap();
        let open = |t: &&wire::SupportTicket| {
            t.customer_address == customer && t.status() != wire::TicketStatus::Closed
        };
        let record = ledger::CustomerRecord::decode(record.as_slice()).unwrap();
        assert_eq!(usize::try_from(record.open_tickets).unwrap(), tickets.iter().filter(open).count());
    }
}

fn response_count_is_the_number_of_responses(leaves: &Leaves) {
    let responses = read::<wire::ResponseHead>(leaves, tree::RESPONSES);
    for ticket in tickets(leaves) {
        let own = |head: &&wire::ResponseHead| head.response.as_ref().unwrap().ticket_id == ticket.ticket_id;
        let indexes: Vec<u32> =
            responses.iter().filter(own).map(|head| head.response.as_ref().unwrap().response_index).collect();
        assert_eq!(indexes, (0..ticket.response_count).collect::<Vec<_>>(), "{}", ticket.ticket_id);
    }
}

fn the_due_queue_holds_exactly_what_is_resolved_or_put_aside(desk: &Desk, leaves: &Leaves) {
    let mut queued: Vec<String> =
        read::<ledger::DueRecord>(leaves, tree::AUTO_CLOSE).into_iter().map(|due| due.ticket_id).collect();
    queued.sort();
    let waits =
        |t: &wire::SupportTicket| t.status() == wire::TicketStatus::Resolved || t.snoozed_until > desk.now;
    let waiting = tickets(leaves).into_iter().filter(waits);
    assert_eq!(queued, waiting.map(|t| t.ticket_id).collect::<Vec<_>>());
}

/// Judged when it happens by the comparison of events; here that a resolved ticket has at least a day, and that what is
/// overdue waits only where 1,000 others closed in this block.
fn no_ticket_closes_before_it_is_due(desk: &Desk) {
    let overdue =
        desk.tickets.values().filter(|ticket| ticket.due_at.is_some_and(|due| desk.now > due)).count();
    let closed = desk.tickets.values().filter(|ticket| ticket.closed_at == Some(desk.now)).count();
    assert!(overdue == 0 || closed >= 1_000, "{overdue} are overdue, {closed} closed");
    for ticket in desk.tickets.values() {
        let resolved = ticket.resolved_at.filter(|_| ticket.status == Status::Resolved);
        assert!(resolved.is_none_or(|at| ticket.due_at.is_some_and(|due| due >= at + DAY)));
    }
}

fn at_least_one_active_administrator_remains(desk: &Desk, leaves: &Leaves) {
    let circle = Circle::decode(&prefix(), &leaves[tree::ADMINISTRATORS]).unwrap();
    let members: Vec<String> = circle.members().iter().map(|member| member.address.to_string()).collect();
    assert_eq!(members, desk.administrators(), "the circle and the members' roles differ");
    assert!(members.iter().all(|who| desk.is_active(who)), "a member of the circle cannot act");
    assert!(desk.active_administrators() >= 1);
}

fn no_more_administrators_are_active_than_an_envelope_can_name(desk: &Desk) {
    let params = desk.next_params.as_ref().unwrap_or(&desk.params);
    assert!(desk.active_administrators() <= (usize::try_from(params.max_recipients).unwrap() - 2).min(30));
}

/// Every reader's key belongs to someone who is, or once was, staff, or to the ticket's customer or provider.
fn an_envelope_names_no_stranger(desk: &Desk) {
    let holds =
        |who: &String, reader: &String| desk.keys_of(who).iter().any(|key: &Key| key.fingerprint == *reader);
    for ticket in desk.tickets.values() {
        for sealed in std::iter::once(&ticket.first).chain(&ticket.responses) {
            let insiders = desk.keys.keys().filter(|who| {
                let party = ticket.customer == **who
                    || ticket.before.contains(who)
                    || ticket.provider.as_ref() == Some(*who);
                desk.was_staff(who) || (party && !sealed.internal)
            });
            let insiders: Vec<&String> = insiders.collect();
            for reader in &sealed.readers {
                assert!(insiders.iter().any(|who| holds(who, reader)), "{reader} is a stranger's");
            }
            for given in &sealed.grants {
                assert!(insiders.iter().any(|who| holds(who, &given.recipient)), "a stranger was let in");
            }
        }
    }
}

impl Desk {
    /// Whether someone is staff, or a trace of it is left.
    fn was_staff(&self, who: &str) -> bool {
        self.is_staff(who) || self.ever_staff.contains(who)
    }
}

fn an_open_ticket_has_no_assignee(leaves: &Leaves) {
    for ticket in tickets(leaves) {
        let unassigned = ticket.assigned_to.is_empty();
        match ticket.status() {
            wire::TicketStatus::Open => assert!(unassigned, "{}", ticket.ticket_id),
            wire::TicketStatus::Closed => {}
            _ => assert!(!unassigned, "{}", ticket.ticket_id),
        }
    }
}

fn times_stand_just_where_the_status_says(leaves: &Leaves) {
    for ticket in tickets(leaves) {
        let status = ticket.status();
        assert_eq!(ticket.closed_at != 0, status == wire::TicketStatus::Closed, "{}", ticket.ticket_id);
        let over = matches!(status, wire::TicketStatus::Resolved | wire::TicketStatus::Closed);
        assert!(
            over || (ticket.resolved_at == 0 && ticket.resolution_ref.is_empty()),
            "{}",
            ticket.ticket_id
        );
        assert!(ticket.created_at <= ticket.updated_at && ticket.created_at > 0);
    }
}

fn key_versions_count_up_from_one(leaves: &Leaves) {
    for list in read::<ledger::KeyList>(leaves, tree::KEYS) {
        let versions: Vec<u32> = list.keys.iter().map(|key| key.key_version).collect();
        assert_eq!(versions, (1..=u32::try_from(list.keys.len()).unwrap()).collect::<Vec<_>>());
        assert!(list.keys.iter().filter(|key| key.revoked_at == 0).count() <= 5);
    }
}

fn grants_keep_to_their_room(desk: &Desk) {
    let all = |ticket: &'_ Ticket| {
        std::iter::once(ticket.first.grants.len())
            .chain(ticket.responses.iter().map(|sealed| sealed.grants.len()))
            .collect::<Vec<_>>()
    };
    assert!(desk.tickets.values().flat_map(all).all(|grants| grants <= 64));
}

/// Nothing that is proposed holds already, nobody votes twice on a key, and the number of votes is bounded.
fn proposals_wait_for_a_majority_and_are_few(desk: &Desk, leaves: &Leaves) {
    assert!(leaves.get(tree::VALIDATOR_PROPOSALS).is_none_or(|record| !record.is_empty()));
    let list: Vec<ledger::ValidatorProposals> = read(leaves, tree::VALIDATOR_PROPOSALS);
    let mut votes = std::collections::BTreeMap::<(Vec<u8>, String), usize>::new();
    for proposal in list.into_iter().flat_map(|list| list.proposals) {
        let held = desk.validators.now.get(&proposal.pub_key).map_or(0, |(power, _)| *power);
        assert!(held != proposal.power && !proposal.voters.is_empty(), "{proposal:?}");
        for voter in proposal.voters {
            *votes.entry((proposal.pub_key.clone(), voter)).or_default() += 1;
        }
    }
    assert!(votes.values().all(|times| *times == 1), "{votes:?}");
    for who in desk.members.keys() {
        assert!(votes.keys().filter(|(_, voter)| voter == who).count() <= 8);
    }
}
