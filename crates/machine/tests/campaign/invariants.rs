//! What is always true of a state, each as a sentence, checked on the records themselves.

use prost::Message as _;
use sealdesk_protocol::genesis::Genesis;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_store::{KeyRange, State};

use super::Campaign;

fn records<M: prost::Message + Default>(state: &State, below: &[u8]) -> Vec<(Vec<u8>, M)> {
    let entries = state.scan(&KeyRange::prefix(below)).unwrap().map(Result::unwrap);
    entries.map(|(key, value)| (key, M::decode(value.as_slice()).unwrap())).collect()
}

impl Campaign {
    /// After every block.
    pub(super) fn check_invariants(&mut self) {
        let state = State::new(self.desk.snapshot());
        self.the_open_count_of_a_customer_is_the_number_of_his_tickets_not_closed(&state);
        self.the_due_queue_holds_just_the_resolved_tickets(&state);
        the_list_of_administrators_is_made_of_the_members(&state);
        an_address_has_at_most_five_active_keys_and_versions_without_gaps(&state);
    }

    /// After every hundredth block: what reads the whole state.
    pub(super) fn check_costly_invariants(&mut self) {
        let snapshot = self.desk.snapshot();
        let state = State::new(snapshot.clone());
        every_response_that_a_head_counts_exists(&state);
        a_head_says_the_hash_of_the_grants_beside_it(&state);
        self.lists_made_anew_from_the_tree_equal_the_live_ones(&state);
        self.what_is_exported_can_be_imported_and_is_exported_the_same();
        for (i, ticket) in self.model.tickets.iter().enumerate() {
            self.compare_ticket(&snapshot, u64::try_from(i).unwrap() + 1, ticket);
        }
        self.directory_and_roles_are_the_models(&snapshot);
    }

    fn the_open_count_of_a_customer_is_the_number_of_his_tickets_not_closed(&self, state: &State) {
        for (p, person) in self.people.iter().enumerate() {
            let record = state.get(&tree::customer(&person.address)).unwrap();
            let record = record.map(|bytes| ledger::CustomerRecord::decode(bytes.as_slice()).unwrap());
            let open = self.model.tickets.iter().filter(|t| t.customer == p && t.status != "closed").count();
            assert_eq!(usize::try_from(record.map_or(0, |record| record.open_tickets)).unwrap(), open);
        }
    }

    fn the_due_queue_holds_just_the_resolved_tickets(&self, state: &State) {
        let queue: Vec<(i64, String)> = records::<ledger::DueRecord>(state, tree::DUE)
            .into_iter()
            .map(|(_, record)| (record.due_at, record.ticket_id))
            .collect();
        let mut expected: Vec<(i64, String)> = Vec::new();
        for (ticket, number) in self.model.tickets.iter().zip(1..) {
            expected.extend(ticket.due.map(|due| (due, super::id(number))));
        }
        expected.sort();
        assert_eq!(queue, expected);
    }

    fn lists_made_anew_from_the_tree_equal_the_live_ones(&self, state: &State) {
        let all = |state: &State| -> Vec<(Vec<u8>, Vec<u8>)> {
            let lists = [side::TICKET_LISTS, side::ROLES, side::FINGERPRINTS, side::DUE_TIMES];
            lists
                .into_iter()
                .flat_map(|list| {
                    state.scan_side(&KeyRange::prefix(list)).unwrap().map(Result::unwrap).collect::<Vec<_>>()
                })
                .collect()
        };
        let mut again = state.clone();
        sealdesk_machine::rebuild_indexes(&mut again, self.desk.machine.prefix()).unwrap();
        assert_eq!(all(&again), all(state));
    }

    fn what_is_exported_can_be_imported_and_is_exported_the_same(&self) {
        let chain = sealdesk_protocol::ids::ChainId::parse("copy-1").unwrap();
        let export = self.desk.machine.export(&self.desk.snapshot(), Some(&chain)).unwrap().to_json().unwrap();
        let copy = super::support::desk::Desk::from_genesis(&Genesis::from_json(&export).unwrap());
        let again = copy.machine.export(&copy.snapshot(), None).unwrap().to_json().unwrap();
        assert!(export == again, "byte for byte");
    }

    fn directory_and_roles_are_the_models(&self, snapshot: &sealdesk_store::Snapshot) {
        use sealdesk_protocol::wire::virtengine::{encryption::v1 as encryption, roles::v1 as roles};
        for (p, someone) in self.model.people.iter().enumerate() {
            let address = self.model.names[p].clone();
            let request = encryption::QueryRecipientKeysRequest { address: address.clone(), active_only: false };
            let keys = self.desk.machine.recipient_keys(snapshot, &request).unwrap().keys;
            let seen: Vec<_> = keys
                .into_iter()
                .map(|key| (key.key_fingerprint, key.key_version, key.registered_at, key.revoked_at))
                .collect();
            let expected: Vec<_> = someone
                .keys
                .iter()
                .map(|key| {
                    let fingerprint = self.model.fingerprints[&(p, key.n)].clone();
                    (fingerprint, key.version, key.registered, key.revoked.unwrap_or(0))
                })
                .collect();
            assert_eq!(seen, expected);
            let found = self.desk.machine.account(snapshot, &roles::QueryAccountRequest { address }).unwrap();
            let role = found.assignment.map(|assignment| sealdesk_protocol::json::role(assignment.role));
            assert_eq!(role, someone.role);
            let state = sealdesk_protocol::account::AccountState::from_wire(found.state).unwrap().name();
            assert_eq!(state, someone.state.unwrap_or("active"));
        }
    }
}

fn the_list_of_administrators_is_made_of_the_members(state: &State) {
    let list = state.get(tree::ADMINISTRATORS).unwrap().unwrap();
    let list = ledger::AdministratorList::decode(list.as_slice()).unwrap().administrators;
    let members: Vec<ledger::Administrator> = records::<ledger::MemberRecord>(state, tree::MEMBERS)
        .into_iter()
        .filter(|(_, member)| member.role == 2 && member.state != 3)
        .map(|(key, member)| ledger::Administrator {
            address: String::from_utf8(key[tree::MEMBERS.len()..].to_vec()).unwrap(),
            state: member.state,
        })
        .collect();
    assert_eq!(list, members);
    assert!(list.iter().any(|administrator| administrator.state == 1), "an active administrator remains");
}

fn every_response_that_a_head_counts_exists(state: &State) {
    for (key, head) in records::<wire::TicketHead>(state, tree::TICKETS) {
        let below = [tree::RESPONSES, &key[tree::TICKETS.len()..]].concat();
        let count = u32::try_from(records::<wire::ResponseHead>(state, &below).len()).unwrap();
        assert_eq!(head.ticket.unwrap().response_count, count);
    }
}

fn a_head_says_the_hash_of_the_grants_beside_it(state: &State) {
    for (key, head) in records::<wire::TicketHead>(state, tree::TICKETS) {
        let key = [side::GRANTS, &key[tree::TICKETS.len()..], &[0; 4]].concat();
        let grants = state.get_side(&key).unwrap();
        let grants = grants.map(|bytes| ledger::GrantList::decode(bytes.as_slice()).unwrap()).unwrap_or_default();
        assert!(grants.grants.len() <= 64);
        assert_eq!(head.grants_hash, sealdesk_protocol::ticket::grants_hash(&grants.grants));
    }
}

fn an_address_has_at_most_five_active_keys_and_versions_without_gaps(state: &State) {
    for (_, list) in records::<ledger::KeyList>(state, tree::KEYS) {
        assert!(list.keys.iter().filter(|key| key.revoked_at == 0).count() <= 5);
        assert!(list.keys.iter().zip(1..).all(|(key, version)| key.key_version == version));
    }
}
