//! The scenarios of vectors/lifecycle, which the contract on Stacks plays too, played by the machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use prost_types::Any;
use sealdesk_protocol::messages::to_any;
use sealdesk_protocol::wire::virtengine::support::v1::{QueryTicketRequest, SupportTicket};
use sealdesk_testkit::desk::Desk;
use sealdesk_testkit::people::Person;
use sealdesk_testkit::scenario::{
    assign, assign_role, close, create_at, note, priority, register, reopen, resolve, respond, revoke_role,
    status, ticket_id,
};
use serde_json::{Value, json};

/// Burn blocks of the contract are so many seconds of this ledger.
const BURN_BLOCK_SECONDS: i64 = 600;

struct Player {
    desk: Desk,
    people: BTreeMap<String, Person>,
    /// The role of each who has one, as the scenario has it by now.
    roles: BTreeMap<String, &'static str>,
    tickets: BTreeMap<String, u64>,
    begin: i64,
}

impl Player {
    fn new(scenario: &Value) -> Self {
        let names = scenario["people"].as_object().unwrap();
        let people: BTreeMap<String, Person> =
            names.keys().map(|name| (name.clone(), Person::new(name))).collect();
        let role = |role: &Value| match role.as_str().unwrap() {
            "administrator" => Some("administrator"),
            "staff" => Some("support_agent"),
            "customer" => None,
            other => panic!("{other} is no role"),
        };
        let roles: BTreeMap<String, &'static str> =
            names.iter().filter_map(|(name, value)| Some((name.clone(), role(value)?))).collect();
        let with = |wanted: &'static str| {
            roles.iter().filter(move |(_, role)| **role == wanted).map(|(name, _)| name)
        };
        let administrators: Vec<&Person> = with("administrator").map(|name| &people[name]).collect();
        let mut desk = Desk::new(&administrators);
        for person in people.values() {
            desk.must(person, vec![register(person, 0)]);
        }
        for name in with("support_agent") {
            desk.must(
                administrators[0],
                vec![assign_role(administrators[0], &people[name], "support_agent")],
            );
        }
        let begin = desk.time + 61;
        desk.pass_to(begin);
        Self { desk, people, roles, tickets: BTreeMap::new(), begin }
    }

    /// The ticket's record; `None` where there is none.
    fn ticket(&self, number: u64) -> Option<SupportTicket> {
        let request = QueryTicketRequest { ticket_id: ticket_id(number) };
        self.desk.machine.ticket(&self.desk.snapshot(), &request).ok()?.ticket
    }

    fn name_of(&self, address: &str) -> Option<&str> {
        self.people
            .iter()
            .find(|(_, person)| person.address.as_str() == address)
            .map(|(name, _)| name.as_str())
    }

    /// Whoever must be able to read what is sent now.
    fn readers(&self, sender: &str, number: u64, internal: bool) -> Vec<Person> {
        let administrators = self.roles.iter().filter(|(_, role)| **role == "administrator");
        let mut names: Vec<&str> = administrators.map(|(name, _)| name.as_str()).collect();
        let ticket = self.ticket(number);
        let customer = ticket.as_ref().and_then(|ticket| self.name_of(&ticket.customer_address));
        let assignee = ticket.as_ref().and_then(|ticket| self.name_of(&ticket.assigned_to));
        names.extend(assignee.filter(|name| self.roles.contains_key(*name)));
        match (ticket.is_some(), internal) {
            (false, _) => names.push(sender),
            (true, true) => names.retain(|name| Some(*name) != customer),
            (true, false) => names.extend(customer),
        }
        names.sort_unstable();
        names.dedup();
        names.into_iter().map(|name| self.people[name].clone()).collect()
    }

    fn message(&self, step: &Value) -> Any {
        let text = |field: &str| step[field].as_str().unwrap_or_default();
        let (by, number) = (&self.people[text("by")], self.number(step));
        let readers = self.readers(text("by"), number, text("do") == "note");
        let readers: Vec<&Person> = readers.iter().collect();
        match text("do") {
            "create" => {
                let mut message = create_at(&self.desk, by, &readers, 0);
                (message.category, message.priority) = (text("category").into(), text("priority").into());
                to_any(&message)
            }
            "comment" => respond(&self.desk, by, number, &readers),
            "note" => note(&self.desk, by, number, &readers),
            "assign" => assign(by, number, &self.people[text("to")]),
            "status" => status(by, number, text("status")),
            "resolve" => resolve(by, number),
            "close" => close(by, number),
            "reopen" => reopen(by, number),
            "priority" => priority(by, number, text("priority")),
            "add-staff" => assign_role(by, &self.people[text("who")], "support_agent"),
            "remove-staff" => revoke_role(by, &self.people[text("who")], "support_agent"),
            "add-administrator" => assign_role(by, &self.people[text("who")], "administrator"),
            "remove-administrator" => revoke_role(by, &self.people[text("who")], "administrator"),
            other => panic!("{other} is no action"),
        }
    }

    /// The ticket of a step; `none` is one that nobody created.
    fn number(&self, step: &Value) -> u64 {
        let name = step["ticket"].as_str().unwrap_or("none");
        self.tickets.get(name).copied().unwrap_or(99_999_999)
    }

    fn play(&mut self, step: &Value, what: &str) {
        let time = self.begin + step["at"].as_i64().unwrap();
        assert_eq!(step["at"].as_i64().unwrap() % BURN_BLOCK_SECONDS, 0, "{what}");
        let refused = step["expect"].get("refused");
        if step["do"] == "expire" {
            let before = self.ticket(self.number(step)).map(|ticket| ticket.status);
            self.desk.pass_to(time);
            if refused.is_some() {
                assert_eq!(self.ticket(self.number(step)).map(|ticket| ticket.status), before, "{what}");
            }
        } else {
            for _ in 0..step["repeat"].as_u64().unwrap_or(1) {
                self.send(step, time, what);
            }
        }
        if refused.is_none() {
            self.remember(step);
            self.compare(step, &step["expect"]["ok"], what);
        }
    }

    fn send(&mut self, step: &Value, time: i64, what: &str) {
        // The block's time decides what the ledger has closed by itself before the message comes.
        self.desk.pass_to(time);
        let by = self.people[step["by"].as_str().unwrap()].clone();
        let tx = self.desk.tx(&by, vec![self.message(step)]);
        let executed = self.desk.block_at(time, &tx);
        let expected = match step["expect"].get("refused") {
            Some(refused) => refused["native"].clone(),
            None => json!({ "codespace": "", "code": 0 }),
        };
        let found = json!({ "codespace": executed.codespace, "code": executed.code });
        assert_eq!(found, expected, "{what}: {}", executed.log);
    }

    fn remember(&mut self, step: &Value) {
        let who = step["who"].as_str().unwrap_or_default().to_owned();
        match step["do"].as_str().unwrap() {
            "create" => {
                let number = self.desk.ticket_count();
                self.tickets.insert(step["ticket"].as_str().unwrap().to_owned(), number);
            }
            "add-staff" => drop(self.roles.insert(who, "support_agent")),
            "add-administrator" => drop(self.roles.insert(who, "administrator")),
            "remove-staff" | "remove-administrator" => drop(self.roles.remove(&who)),
            _ => {}
        }
    }

    /// Compares whatever is written of the ticket.
    fn compare(&self, step: &Value, expected: &Value, what: &str) {
        let Some(ticket) = self.ticket(self.number(step)) else {
            assert!(expected.as_object().is_none_or(serde_json::Map::is_empty), "{what}");
            return;
        };
        let shown = sealdesk_protocol::json::Ticket::from(ticket.clone());
        let since = |time: i64| if time == 0 { Value::Null } else { json!(time - self.begin) };
        for (field, value) in expected.as_object().unwrap() {
            let found = match field.as_str() {
                "status" => json!(shown.status),
                "assignee" => json!(self.name_of(&ticket.assigned_to)),
                "priority" => json!(shown.priority),
                "comments" => json!(ticket.response_count),
                "created_at" => since(ticket.created_at),
                "resolved_at" => since(ticket.resolved_at),
                "closed_at" => since(ticket.closed_at),
                other => panic!("{other} is no field"),
            };
            assert_eq!(found, *value, "{what}: {field}");
        }
    }
}

#[test]
fn the_machine_and_the_contract_agree_on_every_scenario() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/lifecycle");
    let mut played = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let scenario: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap();
        assert_eq!(scenario["name"], name);
        let mut player = Player::new(&scenario);
        for (number, step) in (1..).zip(scenario["steps"].as_array().unwrap()) {
            player.play(step, &format!("{name}, step {number}: {step}"));
        }
        played += 1;
    }
    assert!(played >= 15, "{played} scenarios");
}
